//! The documents name what is there: files, functions, sizes, roles, and each other.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use vouchsafe_core::model::{EventKind, Role};

use super::{files, root};

/// Every page that people read.
fn pages() -> Vec<(PathBuf, String)> {
    let mut pages = files("docs", &["md"]);
    for name in ["README.md", "README.ko.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"] {
        pages.push((PathBuf::from(name), page(name)));
    }
    pages
}

pub fn page(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The text without its blocks of code.
fn running_text(text: &str) -> String {
    text.split("```").step_by(2).collect()
}

#[test]
fn every_link_in_the_documents_leads_somewhere() {
    let mut links = 0;
    for (from, text) in pages() {
        for link in running_text(&text).split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            if link.starts_with("http") {
                continue;
            }
            let (file, heading) = link.split_once('#').unwrap_or((link, ""));
            let to = if file.is_empty() { from.clone() } else { from.parent().unwrap().join(file) };
            assert!(root().join(&to).exists(), "{}: ({link}): there is no {}", from.display(), to.display());
            if !heading.is_empty() {
                let there = fs::read_to_string(root().join(&to)).unwrap();
                assert!(anchors(&there).contains(heading), "{}: ({link}): no such heading", from.display());
            }
            links += 1;
        }
    }
    assert!(links > 200, "only {links} links were found");
}

/// What headings are called in links.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut anchors = BTreeSet::new();
    for heading in running_text(text).lines().filter(|line| line.starts_with('#')) {
        let words = heading.trim_start_matches('#').trim().to_lowercase();
        let kept = words.chars().filter(|&c| c.is_alphanumeric() || "-_ ".contains(c));
        let anchor: String = kept.map(|c| if c == ' ' { '-' } else { c }).collect();
        // The second one of a name gets a number.
        let again = (1..).map(|number| format!("{anchor}-{number}"));
        let free = std::iter::once(anchor.clone()).chain(again).find(|name| !anchors.contains(name));
        anchors.extend(free);
    }
    anchors
}

#[test]
fn the_index_leads_to_every_page() {
    let index = page("docs/README.md");
    for (path, _) in files("docs", &["md"]) {
        let name = path.strip_prefix("docs").unwrap().display().to_string();
        assert!(name == "README.md" || index.contains(&format!("({name})")), "docs/README.md does not name {name}");
    }
}

/// The source, wherever its crates lie.
struct Source {
    files: Vec<(PathBuf, String)>,
}

impl Source {
    fn read() -> Self {
        let mut all = files("src", &["rs"]);
        all.extend(files("crates", &["rs"]));
        Self { files: all }
    }

    /// Whether there is a file of this name, or of this end of a path; for a folder, one in it.
    fn has_file(&self, name: &str) -> bool {
        let in_source = |path: &Path| format!("/{}", path.display());
        match name.strip_suffix('/') {
            Some(folder) => self.files.iter().any(|(path, _)| {
                let (path, folder) = (in_source(path), format!("/{folder}/"));
                path.contains(&folder) || path.replace("/src/", "/").contains(&folder)
            }),
            None => self.files.iter().any(|(path, _)| {
                // `archive/known.rs` stands for `crates/archive/src/known.rs`.
                let path = in_source(path);
                path.ends_with(&format!("/{name}")) || path.replace("/src/", "/").ends_with(&format!("/{name}"))
            }),
        }
    }

    /// Whether something of this name is declared.
    fn declares(&self, name: &str) -> bool {
        self.files.iter().any(|(_, text)| declares(text, name))
    }

    /// Whether what is called `last` belongs to what is called `of`: a type, or a module.
    fn has_member(&self, of: &str, last: &str) -> bool {
        let is_module = |path: &Path| path.with_extension("").iter().any(|part| part == of);
        self.files
            .iter()
            .any(|(path, text)| declares(text, last) && (is_module(path) || declares(text, of) || has_block(text, of)))
            || self.has_file(&format!("{of}/{last}.rs"))
            || self.has_file(&format!("{of}/{last}/"))
    }
}

const DECLARING: [&str; 8] = ["fn ", "struct ", "enum ", "trait ", "const ", "type ", "mod ", "macro_rules! "];

fn declares(text: &str, name: &str) -> bool {
    let is_whole = |rest: &str| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_');
    let declared = DECLARING.iter().any(|word| text.split(&format!("{word}{name}")).skip(1).any(is_whole));
    // A variant of an enum, or a member of a struct: at the beginning of a line.
    declared
        || text
            .lines()
            .any(|line| line.trim_start().strip_prefix(name).is_some_and(|rest| rest.starts_with([',', ' ', '(', ':'])))
}

fn has_block(text: &str, of: &str) -> bool {
    text.lines()
        .filter(|line| line.starts_with("impl"))
        .any(|line| line.split(|c: char| !(c.is_alphanumeric() || c == '_')).any(|word| word == of))
}

/// What stands between backticks outside of blocks.
fn names_in(text: &str) -> Vec<String> {
    let running = running_text(text);
    let spans = running.split('`').skip(1).step_by(2);
    spans.flat_map(|span| span.split(", ")).map(|name| name.trim_end_matches("()").to_owned()).collect()
}

fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text.chars().all(|c| c.is_alphanumeric() || c == '_')
        && text.starts_with(|c: char| c.is_alphabetic())
}

/// A page that names what is no longer there sends people astray.
#[test]
fn what_the_architecture_names_is_in_the_source() {
    let source = Source::read();
    let (mut count, mut missing) = (0, Vec::new());
    for name in names_in(&page("docs/ARCHITECTURE.md")) {
        let is_path = (name.ends_with(".rs") || name.ends_with('/')) && !name.contains(' ');
        let parts: Vec<&str> = name.split("::").collect();
        let is_type = name.starts_with(char::is_uppercase) && name.contains(char::is_lowercase);
        let is_there = if is_path {
            let is_other = ["", "src"].iter().any(|above| root().join(above).join(&name).exists())
                || OF_AN_ARCHIVE.contains(&name.as_str());
            is_other || source.has_file(name.trim_start_matches("src/"))
        } else if parts.len() > 1 && parts.iter().all(|part| is_name(part)) {
            source.has_member(parts[parts.len() - 2], parts[parts.len() - 1])
        } else if is_type && is_name(&name) {
            source.declares(&name)
        } else {
            continue;
        };
        if !is_there {
            missing.push(name);
        }
        count += 1;
    }
    assert!(missing.is_empty(), "docs/ARCHITECTURE.md names what no file below src/ or crates/ declares: {missing:#?}");
    assert!(count > 100, "only {count} names were found");
}

/// Folders of an archive and of a bundle, not of the source.
const OF_AN_ARCHIVE: &[&str] =
    &["index/", "parity/", "known/", "quarantine/", "repair/", "fields/", "log/", "foreign/", "letters/"];

/// Where each thing is changed.
#[test]
fn the_files_that_contributing_names_are_there() {
    let names = names_in(&page("CONTRIBUTING.md"));
    let files = names.iter().filter(|name| name.contains('/') && !name.contains([' ', '<']) && !name.contains("NAME"));
    let files: Vec<_> = files.map(|name| name.trim_start_matches("./")).collect();
    assert!(files.len() > 20, "{files:?}");
    for file in files {
        assert!(root().join(file).exists(), "CONTRIBUTING.md names `{file}`, which is not there");
    }
    let source = Source::read();
    for name in
        names.iter().filter(|name| is_name(name) && name.contains('_') && name.chars().all(|c| !c.is_lowercase()))
    {
        let is_of_the_environment = ["UPDATE_DOCS", "VOUCHSAFE_BLESS"].contains(&name.as_str());
        assert!(
            is_of_the_environment || source.declares(name),
            "CONTRIBUTING.md names `{name}`, which nothing declares"
        );
    }
}

/// What the architecture states in numbers, and where the source has the number.
const SIZES: &[(&str, &str)] = &[
    ("(up to 8 MiB)", "DEFAULT_WHOLE_BYTES: u64 = 8 * 1024 * 1024"),
    ("pieces of 256 KiB", "PIECE_BYTES: usize = 256 * 1024"),
    ("128 exist", "PIECES: usize = 128"),
    ("steps of 32 MiB", "SYNC_AHEAD_BYTES: u64 = 32 * 1024 * 1024"),
    ("At most 64 of them", "READ_AHEAD: usize = 64"),
    ("after 1,024 entries", "COMMIT_ENTRIES: usize = 1024"),
    ("entries, 64 MiB", "COMMIT_BYTES: u64 = 64 * 1024 * 1024"),
    ("or one second", "COMMIT_TIME: Duration = Duration::from_secs(1)"),
    ("200,000 entries", "FLUSH_AFTER_ENTRIES: u64 = 200_000"),
    ("past 4 GiB", "DEFAULT_VOLUME_BYTES: u64 = 4 << 30"),
    ("in its first MiB", "START_BYTES: u64 = 1024 * 1024"),
    ("in sixteen blocks", "COMPARED_BLOCKS: usize = 16"),
    ("at most 16 MiB of a file in 2,000 steps", "MAX_READS: u32 = 2000"),
];

#[test]
fn sizes_in_the_architecture_are_those_of_the_source() {
    let (text, source) = (page("docs/ARCHITECTURE.md"), Source::read());
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for (stated, declared) in SIZES {
        assert!(text.contains(stated), "docs/ARCHITECTURE.md does not say {stated:?} (see SIZES)");
        assert!(
            source.files.iter().any(|(_, text)| text.contains(declared)),
            "docs/ARCHITECTURE.md says {stated:?}, but nothing declares {declared:?} any more"
        );
    }
}

#[test]
fn the_table_of_roles_in_the_guide_is_the_rule() {
    let text = page("docs/guide/archivist.md");
    let (_, table) = text.split_once("| what | recorded as |").expect("docs/guide/archivist.md has a table of roles");
    let table = table.split("\n\n").next().unwrap();
    let cells = |row: &str| row.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>();
    let heading = cells(table.lines().next().unwrap());
    let roles: Vec<Role> = heading.iter().map(|name| name.parse().unwrap()).collect();
    assert_eq!(roles.len(), Role::ALL.len(), "{heading:?}");
    let mut listed = BTreeSet::new();
    for row in table.lines().skip(2) {
        let row = cells(row);
        for name in row[1].split('`').skip(1).step_by(2) {
            let kind: EventKind = name.parse().unwrap();
            for (role, cell) in roles.iter().zip(&row[2..]) {
                let is_allowed = if kind.is_allowed_to(*role) { "yes" } else { "no" };
                assert_eq!(cell, is_allowed, "docs/guide/archivist.md: {name} by {role}");
            }
            listed.insert(name.to_owned());
        }
    }
    // No command makes these yet, or only `init` does.
    let others =
        ["archive.created", "agent.changed", "agent.rotated", "agent.recovered", "recovery.set", "log.key_changed"];
    for kind in EventKind::ALL {
        let name = kind.as_str();
        assert!(listed.contains(name) || others.contains(&name), "docs/guide/archivist.md does not list {name}");
    }
}

/// Messages of the system, not of the program.
const OF_THE_SYSTEM: &[&str] = &["Too many open files"];

/// Whoever looks for a message that the program has printed must find it.
#[test]
fn the_messages_under_trouble_are_those_of_the_program() {
    let source = Source::read();
    // A message may go over several lines, and has values in it.
    let text: String = source.files.iter().map(|(_, text)| text.replace("\\\n", "").replace('"', " ")).collect();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let page = page("docs/guide/trouble.md");
    let cells = page.lines().filter(|line| line.starts_with("| ")).filter_map(|line| line.split('|').nth(1));
    let mut count = 0;
    for message in cells.flat_map(|cell| cell.split('`').skip(1).step_by(2)) {
        let words: Vec<&str> = message.split_whitespace().filter(|word| !word.starts_with("vouchsafe")).collect();
        let is_shown = |words: &[&str]| text.contains(&words.join(" "));
        let is_of_the_program = words.len() < 3 || words.windows(3).any(is_shown);
        assert!(
            is_of_the_program || OF_THE_SYSTEM.contains(&message),
            "docs/guide/trouble.md explains `{message}`, which the program does not print any more"
        );
        count += 1;
    }
    assert!(count > 30, "only {count} messages were found");
}

/// Words that a reader takes for something else, or has to read twice, each with what to write instead.
const UNPLAIN: &[(&str, &str)] = &[
    ("in front of", "before"),
    ("behind the last", "after the last"),
    (" behind it", "after it"),
    (" told ", "reported, shown, informed"),
    ("by halves", "only partly"),
    ("slip of the pen", "a typing error"),
    ("written over", "overwritten"),
    ("passed over", "skipped"),
    ("goes on where", "resumes where"),
    ("by another road", "through a separate channel"),
];

/// The same for the source: its messages, its help and its comments.
const UNPLAIN_IN_SOURCE: &[(&str, &str)] = &[
    ("in front of", "before"),
    ("behind the last", "after the last"),
    ("behind its end", "after its end"),
    ("by halves", "only partly"),
    ("slip of the pen", "a typing error"),
    ("written over", "overwritten"),
    ("passed over", "skipped"),
    ("by another road", "through a separate channel"),
    ("goes on where", "resumes where"),
    ("gone on with", "resumed"),
    (" anew", "again, rebuilt"),
    ("cannot be told", "is not known"),
    ("in other words than", "not in"),
];

/// The same for what the program prints, and for its help.
const UNPLAIN_IN_MESSAGES: &[(&str, &str)] = &[
    (" told ", "reported, shown, informed"),
    (" tells ", "shows, reports"),
    (" behind it", "after it"),
    ("taken in", "ingested, imported, recorded"),
    ("take in", "ingest, import, record"),
    (" goes on", "continues, resumes"),
    ("all the same", "nevertheless"),
    ("calls itself", "is named"),
    ("says so", "records that"),
    ("whoever", "anybody who, or name the role"),
    ("where there is", "if there is"),
    ("is to be ", "must be, will be"),
];

/// A source text in one line each: its comments, and its strings.
fn comments_and_strings(text: &str) -> (String, String) {
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    let (mut comments, mut code_alone) = (Vec::new(), Vec::new());
    for line in code.lines() {
        match line.trim_start().strip_prefix("//") {
            Some(comment) => comments.push(comment.trim_start_matches(['/', '!']).trim()),
            None => code_alone.push(line.trim().trim_end_matches('\\')),
        }
    }
    // A quotation mark that is a character begins no string.
    let code_alone = code_alone.join(" ").replace("\\\"", "'").replace("'\"'", "''");
    let strings: Vec<_> = code_alone.split('"').skip(1).step_by(2).collect();
    let in_one_line = |text: String| text.split_whitespace().collect::<Vec<_>>().join(" ");
    (in_one_line(comments.join(" ")), in_one_line(strings.join("|")))
}

fn check_plain(path: &Path, text: &str, unplain: &[(&str, &str)]) {
    for (word, instead) in unplain {
        let at = text.find(word);
        let near = at.map(|at| text[at..].chars().take(80).collect::<String>());
        assert!(at.is_none(), "{}: {near:?}: write {instead:?}", path.display());
    }
}

#[test]
fn the_source_uses_plain_words() {
    let (comments, strings) = comments_and_strings("/// In front\n/// of it.\nf(\"a \\\n  b\"); // not alone");
    assert_eq!((comments.as_str(), strings.as_str()), ("In front of it.", "a b"));
    for folder in ["src", "crates/archive/src", "crates/check/src", "crates/bundle/src"] {
        for (path, text) in files(folder, &["rs"]) {
            let (comments, strings) = comments_and_strings(&text);
            check_plain(&path, &comments, UNPLAIN_IN_SOURCE);
            check_plain(&path, &strings, UNPLAIN_IN_SOURCE);
            check_plain(&path, &strings, UNPLAIN_IN_MESSAGES);
        }
    }
    // Its doc comments are the help.
    let help = page("docs/cli.md");
    let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
    check_plain(Path::new("docs/cli.md"), &help, UNPLAIN_IN_SOURCE);
    check_plain(Path::new("docs/cli.md"), &help, UNPLAIN_IN_MESSAGES);
}

#[test]
fn the_documents_use_plain_words() {
    // The formats are normative, the reference is the program's, and one page names these words.
    let others = ["docs/format.md", "docs/bundle.md", "docs/cli.md", "CONTRIBUTING.md", "CHANGELOG.md"];
    for (path, text) in pages() {
        if others.iter().any(|other| path == Path::new(other)) {
            continue;
        }
        // The table of attacks is made from the tests.
        let own = text.split("<!-- the fixtures").step_by(2).collect::<String>();
        let running: String = running_text(&own).split('`').step_by(2).collect();
        let running = running.split_whitespace().collect::<Vec<_>>().join(" ");
        check_plain(&path, &running, UNPLAIN);
    }
}
