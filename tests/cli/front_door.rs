//! What somebody meets who types commands: help, completions, manual pages, quiet, colour, narrow terminals, local times,
//! and names that fit more than one thing.

use std::fs;
use std::process::Command;

use crate::desk::{Desk, PROGRAM, Said, has_tool};

/// Runs the program on a terminal of so many columns; what the terminal gets is in `out`. None where no terminal can be made.
fn on_terminal(desk: &Desk, columns: usize, arguments: &[&str], variables: &[(&str, &str)]) -> Option<Said> {
    const NAME: &str = "what is said on a terminal";
    if !has_tool(NAME, "script") || !has_tool(NAME, "stty") {
        return None;
    }
    let quoted: Vec<_> = arguments.iter().map(|word| format!("'{word}'")).collect();
    let line = format!("stty rows 50 cols {columns}; exec '{PROGRAM}' {}", quoted.join(" "));
    let mut command = desk.prepare(Command::new("script"), ["-qec", &line, "/dev/null"]);
    command.env("TERM", "xterm").env_remove("NO_COLOR").envs(variables.iter().copied());
    let mut said = Said::by(command);
    said.out = said.out.replace('\r', "");
    Some(said)
}

/// Whether a text has colours or bold letters; progress that is wiped away has neither.
fn is_coloured(text: &str) -> bool {
    ["\u{1b}[1m", "\u{1b}[3", "\u{1b}[4m"].iter().any(|style| text.contains(style))
}

/// Runs the program where it is nine hours later than UTC.
fn in_seoul(desk: &Desk, arguments: &[&str]) -> Said {
    let mut command = desk.command(arguments);
    command.env("TZ", "KST-9");
    Said::by(command)
}

/// What a command records as the time of the newest entry, in UTC.
fn recorded_at(desk: &Desk) -> String {
    let line = desk.run(["log", "--json", "--last", "1"]).well().json();
    line["recorded_at"].as_str().unwrap().to_owned()
}

#[test]
fn the_global_options_stand_in_one_place() {
    let desk = Desk::bare();
    for command in [&["note"][..], &["verify"], &["transfer", "offer"], &["check"]] {
        for help in ["-h", "--help"] {
            let said = desk.run(command.iter().chain([&help])).well();
            assert!(!said.out.contains("--passphrase-file") && !said.out.contains("--log-key"), "{said:?}");
            said.says("vouchsafe help options").says("Example").says("Exit status: 0 ");
        }
    }
    let page = desk.run(["help", "options"]).well();
    for option in ["--archive <DIR>", "--key <FILE>", "--passphrase-file <FILE>", "-q, --quiet", "--json"] {
        assert!(page.out.contains(option), "{option}: {page:?}");
    }
    assert_eq!(desk.run(["options"]).well().out, page.out);
    // They are understood after a command all the same.
    Desk::new().run(["list", "--json", "--quiet", "--archive", "archive"]).well();
}

#[test]
fn every_shell_gets_its_script_and_no_hidden_command_is_in_it() {
    let desk = Desk::bare();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = desk.run(["completions", shell]).well().out;
        for word in ["ingest", "transfer", "passphrase-file"] {
            assert!(script.contains(word), "{shell}: {word}");
        }
        assert!(!script.contains("Markdown") && !script.contains("vouchsafe__reference"), "{shell}");
    }
    desk.run(["completions", "cmd"]).misunderstood("invalid value");
}

#[test]
fn every_command_has_a_manual_page() {
    let desk = Desk::bare();
    desk.run(["man", "--to", "pages"]).well().says("pages into pages");
    let reference = desk.run(["reference"]).well().out;
    let mut expected: Vec<_> = reference
        .lines()
        .filter_map(|line| line.strip_prefix("## "))
        .map(|words| format!("{}.1", words.replace(' ', "-")))
        .collect();
    let mut pages: Vec<_> = fs::read_dir(desk.path("pages"))
        .unwrap()
        .map(|item| item.unwrap().file_name().into_string().unwrap())
        .collect();
    expected.sort();
    pages.sort();
    assert_eq!(pages, expected);
    let page = |name: &str| fs::read_to_string(desk.path("pages").join(name)).unwrap();
    assert!(page("vouchsafe.1").contains("passphrase\\-file"));
    assert!(!page("vouchsafe-note.1").contains("passphrase\\-file"));
    for part in ["EXAMPLES", "EXIT STATUS", "SEE ALSO"] {
        assert!(page("vouchsafe-transfer-offer.1").contains(part), "{part}");
    }
    // Again, as a package does for the next version; but not among what belongs to an archive.
    desk.run(["man", "--to", "pages", "--json"]).well().json();
    Desk::new().run(["man", "--to", "archive/volumes"]).misunderstood("in the folder of an archive");
}

#[test]
fn quiet_leaves_out_sums_notes_and_hints_and_nothing_else() {
    let desk = Desk::new();
    desk.write("in/a.txt", "an invented statement");
    let said = desk.run(["ingest", "in", "--quiet"]).well();
    assert_eq!((said.out.as_str(), said.err.as_str()), ("", ""));
    std::os::unix::fs::symlink("a.txt", desk.path("in/link")).unwrap();
    let said = desk.run(["-q", "ingest", "in"]).code(1).notes("refused: in/link");
    assert_eq!(said.out, "");
    let page = |name| ["ingest", "in/a.txt", "--receipt-page", name];
    desk.run(page("page.html")).well().notes("Wrote page.html");
    let said = desk.run(page("other.html").iter().chain(&["-q"])).well();
    assert_eq!((said.out.as_str(), said.err.as_str()), ("", ""));
    assert!(desk.path("other.html").exists());
    desk.run(["ingest", "in", "--dry-run", "-q"]).code(1).says("= 0 to be ingested + 1 already held + 1 refused");
    desk.run(["verify", "-q"]).well().says("SOUND").says("Checked against");
    desk.run(["list", "-q"]).well().says("1 exhibit");

    let found = desk.run(["find", "nothing of this kind"]).well().notes("note: ");
    let quiet = desk.run(["find", "nothing of this kind", "-q"]).well();
    assert_eq!((quiet.out, quiet.err.as_str()), (found.out, ""));
    desk.run(["show", "X-0000"]).misunderstood("there is no exhibit").hints("vouchsafe list");
    let error = desk.run(["show", "X-0000", "-q"]).misunderstood("there is no exhibit");
    assert_eq!(error.err.lines().count(), 1, "{error:?}");
    // Programs get the same, whatever people want to see.
    desk.run(["show", "X-0000", "-q", "--json"]).misunderstood("there is no exhibit").hints("vouchsafe list");

    // A warning is no chatter, nor is a fingerprint that is seen for the first time.
    let elsewhere = Desk::bare();
    let archive = desk.archive();
    let said = elsewhere.run(["status", "-q", "--archive", archive.to_str().unwrap()]);
    said.notes("for the first time").notes("fingerprint");
}

#[test]
fn colour_is_for_terminals_that_have_not_refused_it() {
    let desk = Desk::new();
    desk.ingest("a.txt", "an invented statement");
    for arguments in [&["verify"][..], &["--help"], &["show", "X-0000"], &["status"]] {
        let mut command = desk.command(arguments);
        command.env("CLICOLOR_FORCE", "1").env("TERM", "xterm");
        let said = Said::by(command);
        assert!(!is_coloured(&said.out) && !is_coloured(&said.err), "{said:?}");
    }
    let Some(said) = on_terminal(&desk, 80, &["verify"], &[]) else { return };
    said.well().says("\u{1b}[1m\u{1b}[32mSOUND\u{1b}[0m: everything");
    let said = on_terminal(&desk, 80, &["show", "X-0000"], &[]).unwrap();
    said.code(2).says("\u{1b}[31merror:\u{1b}[0m there is no exhibit");
    for variables in [[("NO_COLOR", "1")], [("TERM", "dumb")]] {
        for arguments in [&["verify"][..], &["--help"], &["help", "options"], &["show", "X-0000"], &["status"]] {
            let said = on_terminal(&desk, 80, arguments, &variables).unwrap();
            assert!(!is_coloured(&said.out), "{variables:?} {said:?}");
        }
    }
    for arguments in [&["verify", "--json"][..], &["show", "X-0000", "--json"]] {
        let said = on_terminal(&desk, 80, arguments, &[]).unwrap();
        assert!(!is_coloured(&said.out), "{said:?}");
    }
}

#[test]
fn a_narrow_terminal_gets_all_of_a_table() {
    use unicode_width::UnicodeWidthStr as _;
    let desk = Desk::new();
    let title = "지어낸 진술의 녹취록, 두 번째 면담의 첫째 부분과 둘째 부분";
    desk.write("a.txt", "지어낸 진술");
    desk.run(["ingest", "a.txt", "--title", title]).well();
    let exhibit = desk.exhibits()[0]["exhibit"].as_str().unwrap().to_owned();
    let fingerprint = desk.run(["agent", "list", "--json"]).well().json()["key"].as_str().unwrap().to_owned();
    let squeezed = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    for columns in [60, 80, 120] {
        for arguments in [&["agent", "list"][..], &["show", &exhibit], &["custody", &exhibit], &["log"], &["status"]] {
            let Some(said) = on_terminal(&desk, columns, arguments, &[("NO_COLOR", "1")]) else { return };
            let (whole, wide) = (desk.run(arguments), |line: &&str| line.width() > columns);
            assert_eq!(squeezed(&said.out), squeezed(&whole.out), "{columns} {arguments:?}");
            for line in said.out.lines().filter(wide) {
                // Digests, fingerprints and commands are never broken.
                let is_whole = line.split_whitespace().any(|word| word.len() > 43) || line.contains("vouchsafe ");
                assert!(is_whole, "{columns} {arguments:?}: {line}");
            }
        }
    }
    on_terminal(&desk, 60, &["agent", "list"], &[]).unwrap().says(&format!("\n    {fingerprint}\n"));
}

#[test]
fn people_read_local_times_and_programs_read_utc() {
    let desk = Desk::new();
    let exhibit = desk.ingest("a.txt", "an invented statement");
    let recorded = recorded_at(&desk);
    let utc: jiff::Timestamp = recorded.parse().unwrap();
    let local = (utc + jiff::SignedDuration::from_hours(9)).to_string().replace('T', " ");
    let (day, second) = (&local[..10], &local[..19]);

    let both = format!("{second} (+09:00), recorded as {recorded}");
    in_seoul(&desk, &["show", &exhibit]).well().says(&both).says("Times are local");
    let custody = in_seoul(&desk, &["custody", &exhibit]).well();
    custody
        .says(&format!("{second} +09:00  Administrator ingested"))
        .says(&format!(", recorded as {recorded}, signed"));
    in_seoul(&desk, &["status"]).says(&format!("the last of {second} +09:00")).says("the log records UTC");
    in_seoul(&desk, &["list"]).well().says(&format!("{exhibit}  {day}")).says("--since and --until take days in UTC");
    in_seoul(&desk, &["log"]).well().says(&format!("{} {} UTC", &recorded[..10], &recorded[11..19]));
    for command in ["list", "log", "status"] {
        let arguments = [command, "--json"];
        let (there, here) = (in_seoul(&desk, &arguments), desk.run(arguments));
        assert_eq!(there.out, here.out, "{command}");
    }
    // In UTC it is said once.
    let here = desk.run(["show", &exhibit]).well();
    assert!(!here.out.contains("recorded as") && !here.out.contains("Times are local"), "{here:?}");
}

#[test]
fn a_name_that_fits_several_lists_them() {
    let desk = Desk::new();
    for (index, role) in ["investigator", "lawyer"].iter().enumerate() {
        let key = desk.path(format!("key{index}"));
        let key = key.to_str().unwrap();
        vouchsafe_key(&desk, key);
        desk.run(["agent", "add", &format!("{key}.pub"), "--name", "Bea B.", "--role", role]).well();
    }
    let revoke = |agent: &str| desk.run(["agent", "revoke", agent, "--reason", "x"]);
    let said = revoke("Bea B.").misunderstood("matches several agents");
    said.hints("Bea B., investigator, active since entry 1").hints("Bea B., lawyer, active since entry 2");
    revoke("bea").misunderstood("there is no agent").hints("Bea B., lawyer");
    let said = revoke("Zoe").misunderstood("there is no agent");
    assert_eq!(said.err.matches("hint: ").count(), 1, "{said:?}");

    for (copy, place) in [("one", "지하실"), ("two", "Attic")] {
        let place = ["--place", place, "--medium", "disk", "--site", "same-site"];
        desk.run(["replicate", copy].into_iter().chain(place)).well();
    }
    let lose = |copy: &str| desk.run(["replicate", "--lost", copy, "--reason", "x"]);
    lose("nowhere").misunderstood("no copy is named").hints("disk, same-site  지하실").hints("Attic");
    let copies = desk.run(["status", "--json"]).json()["copies"].clone();
    let copy = copies[0]["copy"].as_str().unwrap();
    lose(&copy[..12].to_lowercase()).well().says(&format!("the copy {copy} is no longer counted"));

    desk.write("b.txt", "invented");
    desk.run(["ingest", "b.txt", "--collection", "Interviews 2026"]).well();
    let export = desk.run(["export", "--dry-run", "--collection", "interviews"]);
    export.misunderstood("no exhibit matches").hints("Interviews 2026  1 exhibit");
}

/// Makes a key pair that nothing protects, in two files.
fn vouchsafe_key(desk: &Desk, path: &str) {
    use vouchsafe_archive::{SystemEnvironment, keys};
    let key = keys::generate(&SystemEnvironment).unwrap();
    keys::write(&desk.path(path), &key, "a key of this test", None, &SystemEnvironment).unwrap();
}

#[test]
fn the_beginning_of_a_name_finds_all_exhibits_that_have_it() {
    let desk = Desk::new();
    // Of 40 names, some begin with the same digit.
    for number in 0..40 {
        desk.write(format!("in/{number}.txt"), format!("invented, {number}"));
    }
    desk.run(["ingest", "in", "-q"]).well();
    let names: Vec<_> = desk.exhibits().iter().map(|row| row["exhibit"].as_str().unwrap().to_owned()).collect();
    let of = |name: &str| names.iter().filter(|other| other[..3] == name[..3]).count();
    let name = names.iter().max_by_key(|name| of(name)).unwrap();
    assert!(of(name) > 1);
    let found = desk.run(["find", &name[..3].to_lowercase()]).well();
    assert_eq!(found.out.lines().filter(|line| line.starts_with(&name[..3])).count(), of(name), "{found:?}");
    let found = desk.run(["find", &name[..3], "--json", "--limit", "1"]).well();
    assert_eq!(found.json_lines().len(), 1);
    // To act on one of them, it must be the one.
    desk.run(["show", &name[..3]]).misunderstood("several exhibits begin with").hints(name);
}
