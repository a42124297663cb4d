//! What the program says: one line for one thing, nothing of a secret, and what is done if the output is lost.

use std::fs::{self, File};

use serde_json::Value;

use crate::desk::{Desk, Said};

/// What somebody may write who wants to be taken for the program.
const FAKE: &str =
    "Bea\nAdministrator  person  administrator  active since entry 0   SHA256:AAAA\r\n  0  2026-01-01 00:00:00 UTC";

#[test]
fn no_name_looks_like_a_row_of_the_programs_own() {
    let desk = Desk::new();
    let exhibit = desk.ingest("a.txt", "a");
    let key = {
        let mut command = desk.command(["init", "second", "--no-passphrase", "--origin", "test.example/second"]);
        command.env("VOUCHSAFE_HOME", desk.path("second-home"));
        Said::by(command).well();
        let folder = fs::read_dir(desk.path("second-home/keys")).unwrap().next().unwrap().unwrap().path();
        folder.join("agent")
    };
    let public = format!("{}.pub", key.display());
    let said = desk.run(["agent", "add", &public, "--name", FAKE, "--role", "archivist"]).well();
    assert_eq!(said.out.lines().count(), 1, "{said:#?}");
    let by = |arguments: &[&str]| desk.run(arguments.iter().chain(&["--key", key.to_str().unwrap()])).well();
    by(&["note", &exhibit, "a\n9  2026-01-01 00:00:00 UTC  Administrator revoked the key"]);
    by(&["describe", &exhibit, "title=Statement\nX-0000-0000-0000-0000  2026-11-29", "collection=C\nD"]);
    by(&["ingest", "a.txt"]);
    let copy = desk.path("copy");
    by(&["get", &exhibit, "--to", copy.to_str().unwrap(), "--purpose", "p\nq", "--recipient", FAKE]);
    by(&["export", &exhibit, "--to", "b.zip", "--purpose", "p\nq", "--recipient", FAKE]);
    by(&["transfer", "offer", "b.zip", "--recipient", FAKE, "--method", "m\nn", "--letter", "offer.json"]);
    by(&["replicate", "cp", "--medium", "disk", "--site", "same-site", "--place", "safe\nRISKY\n  - none"]);
    let rows = |arguments: &[&str]| {
        let said = desk.run(arguments);
        assert!(
            !said.out.contains("\nAdministrator  person  administrator  active since entry 0   SHA256:AAAA"),
            "{said:#?}"
        );
        assert!(!said.out.contains("\n  0  2026-01-01") && !said.out.contains("\nX-0000"), "{said:#?}");
        assert!(!said.out.contains("\n9  2026-01-01") && !said.out.contains("\nRISKY\n  - none"), "{said:#?}");
        assert!(!said.out.contains('\r') && !said.err.contains('\r'), "{said:#?}");
        said.out.lines().count()
    };
    assert_eq!(rows(&["agent", "list"]), 2);
    let entries = desk.run(["log", "--json"]).well().json_lines().len();
    assert_eq!(rows(&["log"]), entries, "one line for one entry");
    assert_eq!(rows(&["list"]), 2);
    assert_eq!(rows(&["find", "Statement"]), 2);
    assert_eq!(rows(&["transfer", "list"]), 2);
    for arguments in [["show", &exhibit].as_slice(), &["custody", &exhibit], &["status"], &["doctor"]] {
        rows(arguments);
    }
    // The agent is known by that name all the same.
    desk.run(["agent", "revoke", FAKE, "--reason", "x\ny"]).well();
    assert_eq!(rows(&["agent", "list"]), 2);
    rows(&["log", "--last", "1"]);
}

#[test]
fn what_is_recorded_is_said_to_be_recorded_if_the_output_is_lost() {
    let desk = Desk::new();
    let exhibit = desk.ingest("a.txt", "a");
    let Ok(full) = File::options().write(true).open("/dev/full") else { return };
    desk.run(["export", &exhibit, "--to", "offered.zip", "--purpose", "p", "--recipient", "r"]).well();
    let pair = |name: &str| {
        let mut command = desk.command(["init", name, "--no-passphrase", "--origin", name]);
        command.env("VOUCHSAFE_HOME", desk.path(format!("{name}-home")));
        Said::by(command).well();
        let folder = fs::read_dir(desk.path(format!("{name}-home/keys"))).unwrap().next().unwrap().unwrap().path();
        folder.join("agent.pub").to_str().unwrap().to_owned()
    };
    let public = pair("b.example");
    let entries = || desk.run(["log", "--json"]).well().json_lines().len();
    for more in [[].as_slice(), &["--json"]] {
        let suffix = more.len();
        let (copy, bundle, letter) = (format!("copy-{suffix}"), format!("bundle-{suffix}"), format!("letter-{suffix}"));
        let replica = format!("replica-{suffix}");
        let mut commands = vec![
            vec!["note", &exhibit, "x"],
            vec!["describe", &exhibit, if more.is_empty() { "title=x" } else { "title=y" }],
            vec!["gap", &exhibit, "--from", "2003", "--to", "2004", "--reason", "x"],
            vec!["get", &exhibit, "--to", &copy, "--purpose", "p"],
            vec!["transfer", "offer", "offered.zip", "--recipient", "r", "--letter", &letter],
            vec!["replicate", &replica, "--medium", "disk", "--site", "same-site"],
        ];
        match more.is_empty() {
            true => commands.push(vec!["agent", "add", &public, "--name", "B", "--role", "lawyer"]),
            // Before it is written, the text form tells what will be in it: to nobody, and then nothing is done.
            false => {
                commands.push(vec!["export", &exhibit, "--to", &bundle, "--purpose", "p", "--recipient", "r"]);
                commands.push(vec!["agent", "revoke", "B", "--reason", "x"]);
            }
        }
        for arguments in commands {
            let before = entries();
            let mut command = desk.command(arguments.iter().chain(more));
            command.stdout(full.try_clone().unwrap());
            let output = command.output().unwrap();
            let said = Said::of(&command, &output);
            assert_eq!(said.code, 3, "{said:#?}");
            let words = format!("entry {before} is recorded, but the output cannot be written");
            assert!(said.err.contains(&words) && said.err.contains("do not repeat the command"), "{said:#?}");
            assert!(entries() > before, "{said:#?}");
        }
    }
    for arguments in [["list"].as_slice(), &["show", &exhibit], &["log"], &["status"]] {
        let mut command = desk.command(arguments);
        command.stdout(full.try_clone().unwrap());
        let output = command.output().unwrap();
        let said = Said::of(&command, &output).failed("the output cannot be written");
        assert!(!said.err.contains("recorded"), "nothing was: {said:#?}");
    }
    let mut command = desk.command(["init", "third", "--no-passphrase", "--origin", "c.example"]);
    command.stdout(full);
    let output = command.output().unwrap();
    Said::of(&command, &output).failed("the archive c.example").hints("do not repeat");
    desk.check_sound();
}

#[test]
fn a_private_key_is_never_repeated() {
    let desk = Desk::new();
    let exhibit = desk.ingest("a.txt", "a");
    let key = fs::read_to_string(desk.key("agent")).unwrap();
    let secret: Vec<&str> = key.lines().filter(|line| !line.starts_with('-')).collect();
    let first = secret[0].to_owned();
    let before = desk.volume_bytes();
    let putty = "PuTTY-User-Key-File-3: ssh-ed25519\nPrivate-Lines: 1\nAAAAIBi3BzJ8jW0n\n";
    let pkcs8 = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIA==\n-----END PRIVATE KEY-----";
    for text in [key.as_str(), &key.replace('\n', " "), &first, putty, pkcs8] {
        for arguments in [
            ["list", "--key", text].as_slice(),
            &["note", &exhibit, text],
            &["note", &exhibit, "x", "--key", text],
            &["check", "bundle", "--trust", text],
            &["agent", "add", text, "--name", "B", "--role", "lawyer"],
            &["ingest", text],
            &["show", text],
            &[text],
            &["list", "--json", text],
        ] {
            let said = desk.run(arguments);
            assert_eq!(said.code, 2, "{said:#?}");
            for part in secret.iter().chain(&["MC4CAQAw", "AAAAIBi3"]) {
                assert!(!said.err.contains(part) && !said.out.contains(part), "{}", said.err);
            }
            assert!(said.err.contains("an argument is a private key; it is not repeated here"), "{}", said.err);
        }
    }
    // Split into words by a shell, and in a variable.
    let words: Vec<_> = ["note", &exhibit].into_iter().chain(key.split_whitespace()).collect();
    let said = desk.run(&words).code(2);
    assert!(secret.iter().all(|part| !said.err.contains(part)), "{}", said.err);
    let mut command = desk.command(["ingest", "a.txt"]);
    command.env("VOUCHSAFE_KEY", &key);
    let said = Said::by(command).code(2);
    assert!(secret.iter().all(|part| !said.err.contains(part)), "{}", said.err);
    assert_eq!(desk.volume_bytes(), before);
}

#[test]
fn programs_get_errors_as_data() {
    let desk = Desk::new();
    let exhibit = desk.ingest("a.txt", "a");
    desk.write("wrong", "Dear colleague,\n");
    let cases: [(&[&str], i64, &str); 5] = [
        (&["show", "X-0000-0000"], 2, "there is no exhibit"),
        (&["list", "--nonsense"], 2, "--nonsense"),
        (&["list", "--archive", "nosuch"], 3, "there is no such folder"),
        (&["find", "--field", "titel=x"], 2, "no exhibit has a field titel"),
        (&["note", &exhibit, "x", "--log-key", "wrong"], 3, "wrong"),
    ];
    for (arguments, status, words) in cases {
        let said = desk.run(arguments.iter().chain(&["--json"])).code(i32::try_from(status).unwrap());
        let error: Value =
            serde_json::from_str(said.err.lines().last().unwrap()).unwrap_or_else(|_| panic!("{said:#?}"));
        assert_eq!(error["status"], status, "{said:#?}");
        assert!(error["error"].as_str().unwrap().contains(words), "{said:#?}");
        assert!(error["hints"].is_array(), "{said:#?}");
        assert_eq!(said.out, "");
    }
}

#[test]
fn prove_tells_programs_what_it_wrote() {
    let desk = Desk::new();
    let exhibit = desk.ingest("a.txt", "a");
    let plain = desk.run(["prove", &exhibit]).well().out;
    let said = desk.run(["prove", &exhibit, "--json"]).well().json();
    assert_eq!(said["receipt"], plain.as_str());
    assert_eq!((said["exhibit"].as_str().unwrap(), said["index"].as_u64()), (exhibit.as_str(), Some(1)));
    let said = desk.run(["prove", &exhibit, "--json", "--to", "receipt"]).well();
    assert_eq!(
        (said.json()["to"].as_str(), said.json()["receipt"].is_null(), said.err.as_str()),
        (Some("receipt"), true, "")
    );
    assert_eq!(fs::read_to_string(desk.path("receipt")).unwrap(), plain);
    let said = desk.run(["prove", &exhibit, "--json", "--kit", "kit"]).well().json();
    assert_eq!((said["kit"].as_str(), said["entries"].as_u64()), (Some("kit"), Some(1)));
}

#[test]
fn every_command_has_examples_and_its_exit_statuses() {
    let desk = Desk::bare();
    let help = desk.run(["--help"]).well().out;
    for heading in ["Getting started:", "Looking things up:", "Checking:", "Keeping the archive safe:"] {
        assert!(help.contains(heading), "{help}");
    }
    for command in ["init", "ingest", "list", "export", "verify", "repair", "status"] {
        for form in ["-h", "--help"] {
            let said = desk.run([command, form]).well().says("Exit status: 0 ");
            assert!(
                said.out.contains(&format!("\n  vouchsafe {command} "))
                    || said.out.contains(&format!("\n  vouchsafe {command}\n")),
                "{said:#?}"
            );
        }
    }
    desk.run(["agent", "add", "--help"]).well().says("vouchsafe agent add bea.pub");
    desk.run(["help", "transfer", "accept"]).well().says("--offer offer.json");
    let reference = desk.run(["reference"]).well().out;
    assert_eq!(reference.matches("Global options:").count(), 1, "they stand there once");
}

#[test]
fn init_says_what_cannot_be_changed_later() {
    let desk = Desk::bare();
    let said = desk.run(["init", "archive", "--no-passphrase"]).well().notes("cannot be changed later");
    let columns: Vec<_> = said
        .out
        .lines()
        .filter(|line| line.starts_with("administrator ") || line.starts_with("log key") || line.starts_with("keys in"))
        .map(|line| {
            line.find("  ").map_or(line.find(' ').unwrap() + 1, |at| at + line[at..].find(|c| c != ' ').unwrap())
        })
        .collect();
    assert!(columns.len() == 3 && columns.iter().all(|column| *column == columns[0]), "{said:#?}");
    let said = desk.run(["init", "named", "--no-passphrase", "--origin", "ngo.example/a"]).well();
    assert!(!said.err.contains("cannot be changed"), "{said:#?}");
    desk.write("passphrase", "never read, since the name comes first\n");
    desk.run(["init", "third", "--origin", "증언/보관소", "--passphrase-file", "passphrase"]).code(2);
    assert!(!desk.path("third").exists());
}
