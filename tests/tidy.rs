//! The rules of the house that no compiler checks: who may import whom, how long a file may be, and
//! which words the public texts do not use.

mod imports;
mod modules;
mod pages;

use std::fs;
use std::path::{Path, PathBuf};

use imports::Imports;

use crate::desk::files_below;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The files below a folder of the project whose names end so, each with its path below the project's root.
fn files(folder: &str, endings: &[&str]) -> Vec<(PathBuf, String)> {
    let has_ending = |path: &PathBuf| path.extension().is_some_and(|ending| endings.iter().any(|e| *e == ending));
    let paths = files_below(&root().join(folder)).into_iter().filter(has_ending);
    paths.map(|path| (path.strip_prefix(root()).unwrap().to_owned(), fs::read_to_string(&path).unwrap())).collect()
}

/// The crates, by their folders.
const CRATES: [&str; 6] = ["crates/core", "crates/bundle", "crates/check", "crates/archive", "crates/story", "."];

/// The source files of all crates.
fn sources(endings: &[&str]) -> Vec<(PathBuf, String)> {
    CRATES.iter().flat_map(|of| files(&format!("{of}/src"), endings)).collect()
}

/// What the files of one crate use of each other.
fn imports_of(krate: &str) -> Imports {
    let mut files = files(&format!("{krate}/src"), &["rs"]);
    // Tests, which use the disk of the other tests.
    files.retain(|(path, _)| !path.starts_with("crates/archive/src/store/conformance"));
    let within = |path: &PathBuf| path.strip_prefix(krate).unwrap_or(path).to_owned();
    let files: Vec<_> = files.iter().map(|(path, text)| (within(path), text.as_str())).collect();
    Imports::read(files.iter().map(|(path, text)| (path.as_path(), *text)))
}

/// The layers within a crate from the bottom up; each may use itself and those before it. What may use which crate stands in
/// their manifests.
const LAYERS: &[(&str, &[&[&str]])] = &[
    ("crates/core", &[&["digest", "sign", "merkle", "language", "model", "shape", "threads", "format"], &["verify"]]),
    ("crates/archive", &[&["store"], &["", "archive"]]),
];

#[test]
fn imports_point_to_lower_layers_only() {
    let mut pairs = 0;
    for (krate, layers) in LAYERS {
        let imports = imports_of(krate);
        let named = |module: &str| layers.iter().position(|layer| layer.contains(&module));
        // What is in no layer is in the last one.
        let layer = |module: &str| named(module.split("::").next().unwrap_or_default()).unwrap_or(layers.len() - 1);
        for (file, used) in imports.pairs() {
            assert!(layer(used) <= layer(file), "{krate}: {file} uses {used}, which is above it");
            pairs += 1;
        }
    }
    assert!(pairs > 500, "{pairs}");
}

/// Of two files, at most one uses the other, also by way of further ones: so each can be read, and moved, with what is below it.
#[test]
fn no_files_use_each_other_in_a_circle() {
    for krate in CRATES {
        let imports = imports_of(krate);
        let circles = imports.circles();
        assert!(circles.is_empty(), "{krate}: {} files stand in circles: {circles:#?}", circles.len());
    }
}

#[test]
fn circles_are_seen_however_an_import_is_written() {
    let of = |files: &[(&str, &str)]| {
        let imports = Imports::read(files.iter().map(|(path, text)| (Path::new(*path), *text)));
        imports.circles().keys().map(|file| (*file).to_owned()).collect::<Vec<_>>()
    };
    let b = ("src/b/mod.rs", "mod c;\npub use c::Name;");
    for back in [
        "use crate::{\n    x::Y,\n    a::Z,\n};",
        "use super::super::a::Z;",
        "fn f() { crate::a::z(); }",
        "pub(crate) fn f(z: &super::super::a::Z) {}",
    ] {
        let there = ("src/a.rs", "use crate::b::Name;");
        assert_eq!(of(&[there, b, ("src/b/c.rs", back)]), ["a", "b::c"], "{back}");
        // What is handed on by a module is no import of it, and tests at the end of a file are none of its code.
        assert!(of(&[there, b, ("src/b/c.rs", &format!("#[cfg(test)]\nmod tests {{ {back} }}"))]).is_empty());
        assert!(of(&[("src/a.rs", "// crate::b::Name"), b, ("src/b/c.rs", back)]).is_empty());
        // A name that is handed on with all others counts for the file that defines it, and for no other.
        let whole = ("src/b/mod.rs", "mod c;\nmod d;\npub use c::*;\npub use d::*;");
        let of_both = |c: &str, d| of(&[there, whole, ("src/b/c.rs", &format!("{back}\n{c}")), ("src/b/d.rs", d)]);
        assert_eq!(of_both("pub struct Name;", ""), ["a", "b::c"], "{back}");
        assert!(of_both("use super::d::Name;\nfn f(_: Name) {}", "pub struct Name;").is_empty(), "{back}");
    }
}

/// The order of the steps that make a commit durable stands in `commit.rs`. Only recovery, which reads commits back, applies
/// some of them as well.
#[test]
fn commits_are_made_in_one_place() {
    let steps = [
        ("Appender::", false),
        (".append_commit(", false),
        (".sign_commit(", false),
        (".roll_back_to(", false),
        (".roll_over_if_full(", false),
        (".apply(", true),
        ("index.flush()", true),
        (".move_to(", true),
    ];
    for (path, text) in files("crates/archive/src", &["rs"]) {
        let is_recovery = path.ends_with("catch_up.rs");
        if path == Path::new("crates/archive/src/commit.rs")
            || path.starts_with("crates/archive/src/index")
            || path.starts_with("crates/archive/src/store")
        {
            continue;
        }
        for (step, is_of_recovery) in steps {
            assert!(!text.contains(step) || (is_recovery && is_of_recovery), "{}: {step}", path.display());
        }
    }
    let commit = fs::read_to_string(root().join("crates/archive/src/commit.rs")).unwrap();
    for (step, _) in &steps[1..] {
        assert_eq!(commit.matches(step).count(), 1, "{step}");
    }
}

/// Volumes are reached through the trait `Volumes`, so that they may lie elsewhere than in a folder. Whoever knows that they are
/// files stands here, with the reason.
#[test]
fn only_these_know_that_volumes_are_files() {
    let known = [
        ("layout.rs", "names the folder"),
        ("create.rs", "makes the folder of a new archive"),
        ("open.rs", "opens the archive in a folder"),
        ("verification.rs", "verifies the archive in a folder"),
        ("parity.rs", "lists the parity in a folder beside them"),
        ("compare.rs", "asks whether two of them are one file"),
        ("replicate/mod.rs", "opens the copy, which is a folder"),
        ("replicate/target.rs", "makes the folder of the copy"),
        ("replicate/transfer.rs", "asks that the copy's file is not the archive's own"),
        ("replicate/writer.rs", "appends to the copy, and has its disk forget what it holds in memory"),
        ("repair/mod.rs", "opens two folders"),
        ("repair/apply.rs", "renames a healed file into its place"),
        ("health/examine.rs", "asks whether a folder without a description holds volumes"),
        ("health/environment_checks.rs", "looks at the modes and times of files"),
        ("health/volumes.rs", "opens a folder that may be no archive, and names it"),
    ];
    let root = Path::new("crates/archive/src");
    let is_of_a_word = |c: char| c.is_alphanumeric() || c == '_';
    let marks = ["LocalVolumes", "volumes_of", "volume_file", "VOLUMES"];
    let calls = ["store.path(", "target.path(", "store.folder("];
    let knows = |text: &str| {
        let code = imports::code_of(text);
        code.split(|c| !is_of_a_word(c)).any(|word| marks.contains(&word))
            || calls.iter().any(|call| code.contains(call))
    };
    let files = files("crates/archive/src", &["rs"]);
    let found = files.iter().filter(|(path, text)| !path.starts_with(root.join("store")) && knows(text));
    let mut found: Vec<_> = found.map(|(path, _)| path.strip_prefix(root).unwrap().to_str().unwrap()).collect();
    let mut known = known.map(|(path, _)| path);
    found.sort_unstable();
    known.sort_unstable();
    assert_eq!(found, known);
}

/// What becomes an object goes through `store/object.rs`, and is read back there: nobody else who takes something in computes a
/// name, and nobody else looks for an object's place.
#[test]
fn the_bytes_of_objects_go_through_one_file() {
    for (path, text) in files("crates/archive/src", &["rs"]) {
        let within = path.strip_prefix("crates/archive/src").unwrap();
        let takes_in = ["ingest", "import", "session.rs"].iter().any(|of| within.starts_with(of));
        let code = imports::code_of(&text);
        for word in ["Hasher", "Digest::of("] {
            assert!(!takes_in || !code.contains(word), "{}: {word}", path.display());
        }
        for (word, of) in [("ObjectReader", "exhibits.rs"), ("custom_flags", "")] {
            let is_allowed = within.starts_with("store") || within == Path::new(of);
            assert!(is_allowed || !code.contains(word), "{}: {word}", path.display());
        }
    }
}

/// A reader has the queries that every other one is made of, and a session what every act is made of. The others are
/// functions that are handed one.
#[test]
fn readers_and_sessions_are_no_place_for_everything() {
    for of in ["Reader", "Session<"] {
        let is_of = |line: &str| {
            let header = line.strip_prefix("impl").filter(|rest| rest.starts_with([' ', '<']));
            let of_type = header.map(|rest| rest.rsplit(" for ").next().unwrap_or(rest));
            of_type.is_some_and(|rest| rest.split_whitespace().any(|word| word.starts_with(of)))
        };
        let files = files("crates/archive/src", &["rs"]).into_iter().filter(|(_, text)| text.lines().any(is_of));
        let files: Vec<_> = files.map(|(path, _)| path).collect();
        assert!((1..=3).contains(&files.len()), "{of} has methods in {files:?}");
    }
}

#[test]
fn the_library_does_not_print_exit_or_look_around() {
    for (path, text) in sources(&["rs"]) {
        // What may: the programs, and what they share.
        if path.starts_with("src") || path.starts_with("crates/check") {
            continue;
        }
        for word in ["println!", "eprintln!", "process::exit", "env::var", "stdin()", "SystemTime::now", "getrandom::"]
        {
            let is_the_environment = path.ends_with("archive/src/environment.rs");
            assert!(!text.contains(word) || is_the_environment, "{}: {word}", path.display());
        }
    }
}

/// The names of the program's commands, as they are typed.
fn commands() -> Vec<String> {
    let source = fs::read_to_string(root().join("src/cli/command_line.rs")).unwrap();
    let (_, variants) = source.split_once("pub enum Command {").unwrap();
    let names = variants.lines().filter_map(|line| line.trim().split_once('(')).map(|(name, _)| name);
    let names = names.filter(|name| name.starts_with(char::is_uppercase));
    let dashed = |name: &str| {
        let letters = name.chars().enumerate();
        let letters = letters.map(|(at, c)| if at > 0 && c.is_uppercase() { format!("-{c}") } else { c.to_string() });
        letters.collect::<String>().to_lowercase()
    };
    names.map(dashed).collect()
}

/// In what PREMIS calls an identifier of an event, this is the kind of the identifier.
const NO_COMMANDS: [&str; 1] = ["vouchsafe log index"];

/// The library advises; only the program knows what its commands are called.
#[test]
fn the_library_names_no_commands() {
    let commands: Vec<_> = commands().iter().map(|name| format!("vouchsafe {name}")).collect();
    assert!(commands.len() > 25 && commands.contains(&"vouchsafe forget-index".to_owned()), "{commands:?}");
    for of in ["crates/core", "crates/bundle", "crates/archive", "crates/story"] {
        for (path, text) in files(&format!("{of}/src"), &["rs"]) {
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            for line in code.lines().filter(|line| !line.trim_start().starts_with("//")) {
                let line = NO_COMMANDS.iter().fold(line.to_owned(), |line, other| line.replace(other, ""));
                let named = commands.iter().find(|command| line.contains(command.as_str()));
                assert!(named.is_none() && !line.contains("`vouchsafe "), "{}: {line}", path.display());
            }
        }
    }
}

#[test]
fn a_file_is_one_sitting() {
    for (path, text) in sources(&["rs"]) {
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        let lines = code.lines().count();
        assert!(lines <= 700, "{} has {lines} lines", path.display());
    }
}

#[test]
fn nothing_is_left_to_do_and_no_test_sleeps() {
    let words = [
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("todo", "!("),
        concat!("unimplemented", "!("),
        concat!("#[ig", "nore"),
    ];
    for folder in ["src", "crates", "tests", "docs"] {
        for (path, text) in files(folder, &["rs", "md"]) {
            for word in words {
                assert!(!text.contains(word), "{}: {word}", path.display());
            }
        }
    }
}

/// Words that promise more than the program can keep, or that the glossary replaces.
#[test]
fn the_public_texts_promise_nothing_that_cannot_be_kept() {
    let words = [
        concat!("tamper", "-proof"),
        concat!("court", "-proof"),
        concat!("block", "chain"),
        concat!("unhack", "able"),
        concat!("military", "-grade"),
    ];
    let mut texts = files("docs", &["md"]);
    texts.extend(sources(&["rs", "txt"]));
    texts.extend(
        ["README.md", "README.ko.md", "CONTRIBUTING.md", "SECURITY.md"].map(|name| (name.into(), pages::page(name))),
    );
    for (path, text) in texts {
        for word in words {
            assert!(!text.to_lowercase().contains(word), "{}: {word}", path.display());
        }
    }
}

#[test]
fn every_dependency_says_why_it_is_there() {
    for krate in CRATES {
        let manifest = fs::read_to_string(root().join(krate).join("Cargo.toml")).unwrap();
        let mut in_dependencies = false;
        let mut before = "";
        for line in manifest.lines() {
            if line.starts_with('[') {
                in_dependencies = line.contains("dependencies");
            } else if in_dependencies && line.contains('=') && !line.starts_with('#') {
                assert!(before.starts_with("# ") && before.ends_with('.'), "{krate}: no reason above: {line}");
            }
            before = line;
        }
    }
}

#[test]
fn all_finding_codes_are_in_the_format_specification() {
    let text = fs::read_to_string(root().join("docs/format.md")).unwrap();
    for code in vouchsafe_core::verify::Code::ALL {
        let row = format!("| {} | {} | {} |", code.code(), code.name(), code.meaning());
        assert!(text.contains(&row), "docs/format.md lacks the row {row}");
    }
}

#[test]
fn this_file_sees_the_code() {
    assert!(sources(&["rs"]).len() > 200);
    assert!(Path::new(&root().join("docs/format.md")).is_file());
}

/// An empty script ends well, too: then nothing would be tested and nobody would notice.
#[test]
fn the_scripts_run_the_tests() {
    let script = |name: &str| fs::read_to_string(root().join(name)).unwrap();
    assert!(script("test").contains("exec cargo test --locked --workspace\n"), "./test runs the tests");
    for line in ["cargo fmt --check", "cargo clippy", "./test\n", "-p vouchsafe-core --lib", "cargo deny"] {
        assert!(script(".ci/run").contains(line), ".ci/run lacks {line:?}");
    }
}

/// Whatever strangers may have written is fuzzed: each parser of bytes has a target (`fuzz/targets.rs`), which is run on the
/// seeds by an ordinary test as well.
#[test]
fn every_parser_of_what_strangers_send_has_a_fuzz_target() {
    let targets = fs::read_to_string(root().join("fuzz/targets.rs")).unwrap();
    let corpora = fs::read_to_string(root().join("tests/fuzz_corpora.rs")).unwrap();
    let mut parsers = 0;
    for folder in ["crates/core/src/format", "crates/core/src/verify"] {
        for (path, text) in files(folder, &["rs"]) {
            let mut of = String::new();
            for line in text.lines() {
                if let Some(rest) = line.strip_prefix("impl ") {
                    of = rest.chars().take_while(|c| c.is_alphanumeric()).collect();
                }
                let Some(at) = line.find("pub fn parse").or_else(|| line.find("pub fn read")) else { continue };
                let takes_bytes = ["&[u8]", "&dyn ReadAt", "text: &str"].iter().any(|taken| line[at..].contains(taken));
                if !takes_bytes || line.contains("read_exact_at") || line.contains("read_member") {
                    continue;
                }
                let name: String = line[at + 7..].chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                let call = if line.starts_with(' ') { format!("{of}::{name}") } else { format!("::{name}(") };
                assert!(targets.contains(&call), "{}: {of} {name} has no fuzz target", path.display());
                parsers += 1;
            }
        }
    }
    assert!(parsers >= 10, "{parsers} parsers were found");
    for line in targets.lines().filter_map(|line| line.strip_prefix("pub fn ")) {
        let name = line.split('(').next().unwrap();
        assert!(corpora.contains(&format!("targets::{name})")), "no test runs the target {name} on seeds");
        let bin = root().join(format!("fuzz/fuzz_targets/{name}.rs"));
        assert!(bin.exists(), "the fuzzer does not know the target {name}");
    }
}
