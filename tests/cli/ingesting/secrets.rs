//! Private keys are recognised by what they are, wherever they lie.

use std::fs;

use crate::desk::Desk;

const OWN: &str = "it belongs to the archive itself or holds its keys";

/// A key of nobody, in the form that OpenSSL writes for RSA. Invented: the body is no key.
fn key_of_nobody() -> String {
    let body = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2\n".repeat(8);
    format!("-----BEGIN RSA PRIVATE KEY-----\n{body}-----END RSA PRIVATE KEY-----\n")
}

fn wide(text: &str) -> Vec<u8> {
    [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect()
}

#[test]
fn keys_of_this_archive_are_refused_wherever_they_lie_and_whatever_they_are_called() {
    let desk = Desk::new();
    let [agent, log] = ["agent", "log"].map(|name| fs::read_to_string(desk.key(name)).unwrap());
    desk.write("stick/vouchsafe-keys/agent", &agent);
    desk.write("stick/vouchsafe-keys/log", &log);
    desk.write("stick/holiday.jpg", &agent);
    desk.write("stick/note.txt", format!("The key of the archive is below.\r\n\r\n{}", agent.replace('\n', "\r\n")));
    desk.write("stick/from-notepad.txt", wide(&log));
    desk.write("stick/cut-off", &agent[..agent.len() / 2]);
    desk.write("stick/packed.tar", [vec![0; 512], log.clone().into_bytes(), vec![0; 1536]].concat());
    desk.write("stick/large.bin", [agent.clone().into_bytes(), vec![0; 9 << 20]].concat());
    let joined: String = agent.lines().filter(|line| !line.starts_with('-')).collect();
    desk.write("stick/config.json", format!("{{\"key\": \"{joined}\"}}\n"));
    desk.write("stick/testimony.txt", "a testimony");
    desk.write("stick/agent.pub", fs::read(desk.key("agent").with_extension("pub")).unwrap());
    for option in [&[][..], &["--accept-private-keys"], &["--dry-run"]] {
        let said = desk.run(["ingest", "--json", "stick"].iter().chain(option).copied()).code(1);
        let files = said.files();
        let refused: Vec<_> = files.iter().filter(|file| file["status"] == "refused").collect();
        assert_eq!(refused.len(), 9, "{files:#?}");
        assert!(refused.iter().all(|file| file["reason"] == OWN), "{refused:#?}");
    }
    desk.run_with_input(["ingest", "-", "--accept-private-keys"], agent.as_bytes()).code(1).notes(OWN);
    assert!(!String::from_utf8_lossy(&desk.volume_bytes()).contains(&agent[40..80]));
    desk.check_sound();
}

#[test]
fn the_key_of_a_colleague_is_one_of_this_archive_also_when_it_is_revoked() {
    let desk = Desk::new();
    let made = std::process::Command::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "a passphrase", "-C", "", "-f"])
        .arg(desk.path("colleague"))
        .status();
    assert!(made.unwrap().success());
    desk.run(["agent", "add", "colleague.pub", "--name", "Archivist B", "--role", "archivist"]).well();
    desk.write("deposit/colleague", fs::read(desk.path("colleague")).unwrap());
    desk.run(["ingest", "deposit", "--accept-private-keys"]).code(1).notes(OWN);
    desk.run(["agent", "revoke", "Archivist B", "--reason", "it was stolen"]).well();
    desk.run(["ingest", "deposit", "--accept-private-keys"]).code(1).notes(OWN);
}

#[test]
fn a_private_key_of_others_is_taken_in_only_where_that_is_asked_for() {
    let desk = Desk::new();
    let key = key_of_nobody();
    desk.write("seized/id_rsa", &key);
    desk.write("seized/mail.eml", format!("From: a@example.org\nSubject: access\n\nHere it is:\n\n{key}"));
    desk.write("seized/large.log", [key.clone().into_bytes(), vec![b'\n'; 9 << 20]].concat());
    desk.write("seized/manual.txt", "A key begins with -----BEGIN RSA PRIVATE KEY----- and is secret.\n");
    let said = desk.run(["ingest", "--json", "seized"]).code(1);
    assert_eq!(said.summary(), [4, 1, 0, 3]);
    let reason = said.files()[0]["reason"].as_str().unwrap().to_owned();
    assert!(reason.starts_with("it holds a private key in PEM form") && reason.contains("--accept-private-keys"));
    desk.write(
        "about.yaml",
        format!("description: |\n{}", key.lines().map(|line| format!("  {line}\n")).collect::<String>()),
    );
    desk.run(["ingest", "seized/manual.txt", "--meta", "about.yaml"])
        .misunderstood("it holds a private key in PEM form");
    desk.run_with_input(["ingest", "-", "--stdin-name", "key"], key.as_bytes())
        .code(1)
        .notes("a private key in PEM form");

    let said = desk.run(["ingest", "seized", "--accept-private-keys"]).well();
    said.says("3 files with a private key: anybody who gets a copy or a bundle of it gets the key")
        .says("  seized/id_rsa");
    desk.check_sound();
    let desk = Desk::new();
    desk.write("id_rsa", &key);
    let said = desk.run(["ingest", "--json", "id_rsa", "--accept-private-keys"]).well();
    let lines = said.json_lines();
    let remark = lines.iter().find(|line| line["remark"].is_string()).unwrap();
    assert_eq!((&remark["remark"], &remark["path"]), (&"private_key".into(), &"id_rsa".into()));
    assert_eq!(lines.last().unwrap()["remarks"], 1);
}

#[test]
fn doctor_finds_keys_in_the_archives_folder_by_what_they_are() {
    let desk = Desk::new();
    desk.run(["doctor", "--json"]);
    desk.write("archive/notes/how-to.txt", format!("Do not lose this:\n\n{}", key_of_nobody()));
    let agent = fs::read(desk.key("agent")).unwrap();
    desk.write("archive/backup.tar", [vec![0; 512], agent.clone(), vec![0; 1024]].concat());
    desk.write("archive/volumes/agent", agent);
    let said = desk.run(["doctor"]);
    said.says("how-to.txt holds a private key").says("backup.tar holds a private key").says("agent is a private key");
}

#[test]
fn an_exhibit_that_is_a_key_does_not_alarm_the_doctor() {
    let desk = Desk::new();
    desk.write("id_rsa", key_of_nobody());
    desk.run(["ingest", "id_rsa", "--accept-private-keys"]).well();
    let said = desk.run(["doctor"]);
    assert!(!said.out.contains("private key:"), "{said:#?}");
}

/// What comes in a bundle leaves with the bundles of this archive, too.
#[test]
fn a_bundle_that_holds_a_key_of_this_archive_is_not_taken_in() {
    let (desk, sender) = (Desk::new(), Desk::named("sender.example/finds"));
    let agent = fs::read_to_string(desk.key("agent")).unwrap();
    let stolen = sender.write("found/holiday.jpg", format!("A stick that was found. Invented.\n{agent}"));
    sender.run(["ingest", stolen.to_str().unwrap(), "--accept-private-keys"]).well();
    let other = sender.ingest("found/other.txt", "Another file.\n");
    let exhibits: Vec<_> = sender.exhibits().iter().map(|one| one["exhibit"].as_str().unwrap().to_owned()).collect();
    let export = |exhibits: &[String], to: &str| {
        let to = ["--to", to, "--purpose", "handing over", "--recipient", "Desk B"];
        let arguments = exhibits.iter().map(String::as_str).chain(to);
        sender.run(["export"].into_iter().chain(arguments)).well();
    };
    export(&exhibits, "all");
    export(&[other], "rest");
    let fingerprint = sender.fingerprint();
    let import = |name: &str| desk.run(["import", sender.path(name).to_str().unwrap(), "--trust", &fingerprint]);
    let before = desk.volume_bytes();
    import("all").failed("holds a private key of this archive").hints("vouchsafe agent revoke");
    assert_eq!(desk.volume_bytes(), before);
    // It keeps nothing else of the same sender out.
    import("rest").well();
    desk.check_sound();
}
