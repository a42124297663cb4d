//! What commands print with `--json` is what `docs/json.md` describes.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::bundle::all_files;
use crate::desk::Desk;
use crate::transfer::{Two, export};
use crate::volume::flip;

/// The page, as a program would read it.
struct Page {
    /// The shapes of what each command prints.
    commands: BTreeMap<String, Vec<String>>,
    /// The members of each shape: what its value is, and whether it may be absent.
    shapes: BTreeMap<String, BTreeMap<String, (String, bool)>>,
}

/// The cells of a row of a table.
fn cells(row: &str) -> Vec<&str> {
    row.trim_matches('|').split(" | ").map(str::trim).collect()
}

/// The names of the shapes that a text links to.
fn links(text: &str) -> Vec<String> {
    text.split("[`").skip(1).map(|link| link.split('`').next().unwrap().to_owned()).collect()
}

impl Page {
    fn read() -> Self {
        let mut page = Self { commands: BTreeMap::new(), shapes: BTreeMap::new() };
        let mut shape = None;
        for line in Desk::bare().run(["reference", "json"]).well().out.lines() {
            if let Some(name) = line.strip_prefix("### ") {
                shape = Some(name.to_owned());
                page.shapes.insert(name.to_owned(), BTreeMap::new());
            }
            if !line.starts_with("| `") {
                continue;
            }
            let cells = cells(line);
            let name = cells[0].trim_matches('`').to_owned();
            match &shape {
                None => drop(page.commands.insert(name, links(cells[2]))),
                Some(shape) => {
                    let may_be_absent = cells[1].ends_with("; may be absent");
                    let kind = cells[1].trim_end_matches("; may be absent").to_owned();
                    page.shapes.get_mut(shape).unwrap().insert(name, (kind, may_be_absent));
                }
            }
        }
        page
    }

    /// Whether a value is what the page calls this.
    fn check(&self, value: &Value, kind: &str, place: &str) -> Result<(), String> {
        let fits = |fits: bool| if fits { Ok(()) } else { Err(format!("{place}: {value} is not: {kind}")) };
        if let Some(kind) = kind.strip_suffix(", or null") {
            return if value.is_null() { Ok(()) } else { self.check(value, kind, place) };
        }
        if let Some(of) = kind.strip_prefix("list of ") {
            let items = value.as_array().ok_or_else(|| format!("{place}: no list"))?;
            return items.iter().try_for_each(|item| self.check(item, of, place));
        }
        if let Some(of) = kind.strip_prefix("members with ") {
            let members = value.as_object().ok_or_else(|| format!("{place}: no object"))?;
            return members.iter().try_for_each(|(name, value)| self.check(value, of, &format!("{place}.{name}")));
        }
        match kind {
            "number" => fits(value.is_u64()),
            "true or false" => fits(value.is_boolean()),
            "text: 64 hexadecimal digits" => {
                let is_digit = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
                fits(value.as_str().is_some_and(|text| text.len() == 64 && text.chars().all(is_digit)))
            }
            _ if kind.starts_with("any: ") => Ok(()),
            _ if kind.starts_with("text") => fits(value.is_string()),
            _ if kind.starts_with('`') => {
                fits(value.as_str().is_some_and(|text| kind.split('`').skip(1).step_by(2).any(|word| word == text)))
            }
            _ => match links(kind).as_slice() {
                [name] => self.check_shape(value, name, place),
                _ => Err(format!("{place}: the page says {kind:?}")),
            },
        }
    }

    fn check_shape(&self, value: &Value, name: &str, place: &str) -> Result<(), String> {
        let place = format!("{place}: {name}");
        let shape = self.shapes.get(name).ok_or_else(|| format!("{place} is not described"))?;
        let members = value.as_object().ok_or_else(|| format!("{place}: no object"))?;
        for (member, value) in members {
            let (kind, _) = shape.get(member).ok_or_else(|| format!("{place}.{member} is not described"))?;
            self.check(value, kind, &format!("{place}.{member}"))?;
        }
        match shape.iter().find(|(member, (_, may_be_absent))| !may_be_absent && !members.contains_key(*member)) {
            None => Ok(()),
            Some((member, _)) => Err(format!("{place}.{member} is described and not there")),
        }
    }
}

/// Runs commands and keeps which shapes they printed.
struct Runs {
    page: Page,
    seen: BTreeMap<String, BTreeSet<String>>,
}

impl Runs {
    /// Runs a command, whose lines all are of one of the shapes that the page has for it. What it printed.
    #[track_caller]
    fn run(&mut self, desk: &Desk, command: &str, arguments: &[&str]) -> Vec<Value> {
        let words: Vec<_> = command.split(' ').chain(arguments.iter().copied()).chain(["--json"]).collect();
        let said = desk.run(&words);
        assert!(!said.out.is_empty(), "{said:#?}");
        let shapes = self.page.commands.get(command).unwrap_or_else(|| panic!("{command} is not described"));
        for line in said.json_lines() {
            let checked: Vec<_> = shapes.iter().map(|shape| self.page.check_shape(&line, shape, command)).collect();
            let fitting = checked.iter().position(Result::is_ok);
            let fitting = fitting.unwrap_or_else(|| panic!("{line}\nis none of its shapes: {checked:#?}"));
            self.seen.entry(command.to_owned()).or_default().insert(shapes[fitting].clone());
        }
        said.json_lines()
    }
}

#[test]
fn the_page_about_json_is_what_the_types_say() {
    let desk = Desk::bare();
    let made = desk.run(["reference", "json"]).well().out;
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/json.md");
    if std::env::var_os("UPDATE_DOCS").is_some_and(|update| update == "1") {
        fs::write(&path, &made).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    let difference = written.lines().zip(made.lines()).find(|(written, made)| written != made);
    assert!(
        written == made,
        "docs/json.md is not what the program prints; `UPDATE_DOCS=1 cargo test --test main -- json::` writes it anew; first difference: {difference:?}"
    );
}

#[test]
fn what_every_command_prints_is_described() {
    let mut runs = Runs { page: Page::read(), seen: BTreeMap::new() };
    let Two { sender, receiver, exhibit, bundle } = Two::new();
    let text = |path: &Path| path.to_str().unwrap().to_owned();
    let (trust, their_trust) = (sender.fingerprint(), receiver.fingerprint());

    let bare = Desk::bare();
    runs.run(&bare, "init", &["new", "--no-passphrase"]);
    runs.run(&bare, "man", &["--to", "pages"]);

    sender.write("in/a.txt", "a");
    sender.write("in/a.txt.meta.yaml", "title: A\ncreated_date: 3 May 2003\n");
    sender.write("in/b.txt", "a");
    fs::create_dir(sender.path("in/empty")).unwrap();
    std::os::unix::fs::symlink("a.txt", sender.path("in/link")).unwrap();
    let files = runs.run(&sender, "ingest", &["in", "in", "--dry-run"]);
    assert!(files.iter().any(|line| line["status"] == "already_held" && line["exhibit"].is_null()), "{files:#?}");
    runs.run(&bare, "template", &["template.xlsx"]);
    sender.write("in.csv", "source_path,place,created_date\nin/a.txt,Tumen,5 June 2003\n");
    runs.run(&sender, "ingest", &["in", "--table", "in.csv", "--dry-run"]);
    let files = runs.run(&sender, "ingest", &["in"]);
    assert!(files.iter().any(|line| !line["dates_as_written"].is_null()), "{files:#?}");
    runs.run(&sender, "ingest", &["in", "--title", "Another"]);
    runs.run(&sender, "list", &[]);
    runs.run(&sender, "find", &["a.txt"]);
    runs.run(&sender, "fields", &[]);
    runs.run(&sender, "collections", &[]);
    runs.run(&sender, "note", &[&exhibit, "A remark."]);
    let path = "source_path,place,created_date\n/deposit/in/b.txt,Tumen,5 June 2003\n/deposit/none,x,\n/deposit/in/a.txt,,38473\n";
    sender.write("described.csv", path);
    let table = runs.run(&sender, "describe", &["--from", "described.csv", "--dry-run"]);
    assert!(table[0]["problems"].as_array().is_some_and(|problems| problems.len() == 2), "{table:#?}");
    runs.run(&sender, "describe", &[&exhibit, "title=T", "collection=C"]);
    runs.run(&sender, "describe", &[&exhibit, "title=T"]);
    runs.run(&sender, "gap", &[&exhibit, "--from", "2003", "--to", "2004", "--reason", "It was not kept."]);
    runs.run(&sender, "get", &[&exhibit, "--to", "copy.txt", "--purpose", "p"]);
    runs.run(&sender, "head", &[]);
    runs.run(&sender, "prove", &[&exhibit]);
    runs.run(&sender, "prove", &[&exhibit, "--to", "receipt"]);
    runs.run(&sender, "prove", &[&exhibit, "--kit", "kit"]);
    runs.run(&sender, "verify", &["--record"]);
    runs.run(&sender, "verify", &["--sample", "50%"]);
    runs.run(&sender, "verify", &["--max-bytes", "1B"]);
    runs.run(&sender, "show", &[&exhibit]);
    runs.run(&sender, "export", &["--collection", "C", "--dry-run"]);
    runs.run(&sender, "export", &["--collection", "C", "--to", "c.zip", "--purpose", "p", "--recipient", "r"]);

    let bundle = text(&bundle);
    runs.run(&sender, "check", &[&bundle]);
    runs.run(&sender, "check", &["c.zip", "--earlier", &bundle, "--trust", &trust]);
    runs.run(&sender, "check", &["receipt", "--trust", &trust]);
    let whole = fs::read(&bundle).unwrap();
    sender.write("cut.zip", &whole[..whole.len() - 9]);
    runs.run(&sender, "check", &["cut.zip"]);

    let offer = ["--recipient", "Desk B", "--letter", "offer.letter"];
    runs.run(&sender, "transfer offer", &[[bundle.as_str()].as_slice(), &offer].concat());
    let offer = text(&sender.path("offer.letter"));
    runs.run(&receiver, "transfer read", &[&offer]);
    runs.run(&receiver, "import", &[&bundle]);
    runs.run(&receiver, "import", &[&bundle, "--trust", &trust]);
    let accept = |runs: &mut Runs, bundle: &str, offer: &str| {
        let arguments = [bundle, "--offer", offer, "--letter", "answer.letter", "--trust", &trust];
        runs.run(&receiver, "transfer accept", &arguments);
    };
    let changed = text(&export(&sender, &exhibit, "changed"));
    let second = ["--recipient", "Desk B", "--letter", "second.letter"];
    runs.run(&sender, "transfer offer", &[[changed.as_str()].as_slice(), &second].concat());
    let object = all_files(Path::new(&changed)).into_keys().find(|name| name.starts_with("data/")).unwrap();
    flip(&Path::new(&changed).join(object), 0, 1);
    accept(&mut runs, &changed, &text(&sender.path("second.letter")));
    accept(&mut runs, &bundle, &offer);
    let letter = text(&receiver.path("answer.letter"));
    runs.run(&sender, "transfer settle", &[&letter, "--trust", &their_trust]);
    let settled = runs.run(&sender, "transfer list", &[]);
    let index = settled[0]["index"].to_string();
    runs.run(&sender, "transfer letter", &[&index, "--to", "again.letter"]);
    runs.run(&receiver, "transfer list", &[]);
    let held = receiver.exhibits()[0]["exhibit"].as_str().unwrap().to_owned();
    for (desk, exhibit) in [(&sender, &exhibit), (&receiver, &held)] {
        runs.run(desk, "show", &[exhibit]);
        runs.run(desk, "custody", &[exhibit]);
        runs.run(desk, "status", &[]);
    }
    runs.run(&receiver, "export", &[&held, "--to", "on.zip", "--purpose", "p", "--recipient", "r"]);
    runs.run(&receiver, "check", &["on.zip", "--trust", &their_trust]);
    let other = Two::new();
    let offer = text(&other.offer());
    let trust = other.sender.fingerprint();
    let refuse = ["--reason", "No.", "--offer", &offer, "--letter", "refusal.letter", "--trust", &trust];
    runs.run(&other.receiver, "transfer refuse", &refuse);

    bare.run(["init", "other", "--no-passphrase"]).well();
    let public = format!("{}.pub", receiver.key("agent").display());
    runs.run(&sender, "agent add", &[&public, "--name", "Bea", "--role", "lawyer"]);
    runs.run(&sender, "agent revoke", &["Bea", "--reason", "She left."]);
    runs.run(&sender, "agent list", &[]);
    let copy = runs.run(&sender, "replicate", &["copy", "--medium", "disk", "--site", "same-site"]);
    runs.run(&sender, "status", &[]);
    runs.run(&sender, "verify", &["--against", "copy"]);
    runs.run(&sender, "doctor", &[]);
    runs.run(&sender, "rebuild", &[]);
    runs.run(&sender, "forget-index", &[]);
    runs.run(&sender, "repair", &[]);
    flip(&sender.volume(0), 3000, 1);
    runs.run(&sender, "verify", &[]);
    runs.run(&sender, "repair", &["--from", "copy"]);
    runs.run(&sender, "repair", &["--from", "copy", "--apply"]);
    let copy = copy[0]["copy"].as_str().unwrap().to_owned();
    runs.run(&sender, "replicate", &["--lost", &copy, "--reason", "It fell into the water."]);
    let volumes = Desk::with_volumes();
    fs::remove_dir_all(volumes.archive().join("parity")).ok();
    let parity = runs.run(&volumes, "parity", &[]);
    assert!(!parity[0]["made"].as_array().unwrap().is_empty(), "{parity:#?}");

    let failed = sender.run(["show", "X-0000", "--json"]).code(2);
    let failure = serde_json::from_str(failed.err.lines().last().unwrap()).unwrap();
    runs.page.check_shape(&failure, "Failure", "show").unwrap();

    for (command, shapes) in &runs.page.commands {
        let seen = runs.seen.get(command).cloned().unwrap_or_default();
        let missing: Vec<_> = shapes.iter().filter(|shape| !seen.contains(*shape)).collect();
        assert!(missing.is_empty(), "{command} printed no {missing:?}");
    }
    assert!(runs.page.commands.len() > 30, "{:?}", runs.page.commands.keys());
}

/// Every command that takes `--json` and prints results has a row on the page.
#[test]
fn no_command_is_left_out_of_the_page() {
    let page = Page::read();
    let reference = Desk::bare().run(["reference"]).well().out;
    let commands: Vec<_> = reference.lines().filter_map(|line| line.strip_prefix("## vouchsafe ")).collect();
    // What only prints text for people or shells, what has commands below it, and the lines of the log themselves.
    let others = ["log", "demo", "completions", "transfer", "agent", "options", "reference"];
    for command in commands.iter().filter(|command| !others.contains(command)) {
        assert!(page.commands.contains_key(*command), "docs/json.md has no row for {command}");
    }
    assert!(page.commands.keys().all(|command| commands.contains(&command.as_str())), "{commands:?}");
}
