//! What must never happen to an archive, whatever is put in front of the program.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Output};

/// An archive with two exhibits, and a machine that has seen it.
struct Desk(tempfile::TempDir);

impl Desk {
    fn new() -> Self {
        let desk = Self(tempfile::tempdir().unwrap());
        fs::create_dir(desk.path("deposit")).unwrap();
        fs::write(desk.path("deposit/a.txt"), "an invented statement").unwrap();
        fs::write(desk.path("deposit/b.txt"), "another invented statement").unwrap();
        desk.run_well(&["init", "archive", "--origin", "guards.example/a", "--no-passphrase"]);
        desk.run_well(&["ingest", "deposit"]);
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn volume(&self) -> PathBuf {
        self.path("archive/volumes/000000.tar")
    }

    fn run(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_vouchsafe"))
            .args(arguments)
            .current_dir(self.0.path())
            .env("VOUCHSAFE_HOME", self.path("home"))
            .env("VOUCHSAFE_ARCHIVE", self.path("archive"))
            .output()
            .unwrap()
    }

    fn run_well(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn first_exhibit(&self) -> String {
        let list = self.run_well(&["list"]);
        list[..21].to_owned()
    }

    /// Runs a command that must fail without changing a byte of the volumes; what it says.
    fn refuses(&self, arguments: &[&str]) -> String {
        let before = fs::read(self.volume()).ok();
        let output = self.run(arguments);
        assert_eq!(output.status.code(), Some(3), "{arguments:?}: {}", String::from_utf8_lossy(&output.stdout));
        assert_eq!(fs::read(self.volume()).ok(), before, "{arguments:?} changed the volume");
        String::from_utf8(output.stderr).unwrap()
    }
}

fn another_archive(desk: &Desk) -> serde_json::Value {
    let made = Command::new(env!("CARGO_BIN_EXE_vouchsafe"))
        .args(["init", "other", "--origin", "guards.example/a", "--no-passphrase", "--json"])
        .current_dir(desk.0.path())
        .env("VOUCHSAFE_HOME", desk.path("other-home"))
        .output()
        .unwrap();
    serde_json::from_slice(&made.stdout).unwrap()
}

#[test]
fn a_foreign_archive_json_makes_no_command_cut_a_volume() {
    for (has_memory, has_index) in [(true, true), (true, false), (false, true), (false, false)] {
        let desk = Desk::new();
        another_archive(&desk);
        fs::copy(desk.path("other/archive.json"), desk.path("archive/archive.json")).unwrap();
        if !has_memory {
            fs::remove_dir_all(desk.path("home/known")).unwrap();
        }
        if !has_index {
            fs::remove_dir_all(desk.path("archive/index")).unwrap();
        }
        for arguments in [&["list"][..], &["rebuild"], &["head", "--accept"], &["ingest", "deposit"]] {
            desk.refuses(arguments);
        }
        assert!(!desk.path("archive/quarantine").exists());
        assert_eq!(desk.run(&["verify"]).status.code(), Some(1));
    }
}

#[test]
fn a_volume_that_is_gone_is_missed_by_every_command() {
    let desk = Desk::new();
    fs::rename(desk.volume(), desk.path("elsewhere.tar")).unwrap();
    for arguments in [&["list"][..], &["head"], &["ingest", "deposit"], &["rebuild"]] {
        let said = desk.refuses(arguments);
        assert!(said.contains("000000.tar") && said.contains("hint:"), "{said}");
        assert!(!desk.volume().exists(), "{arguments:?} made a new volume");
    }
    // Nothing was lost by asking: with the volume back, everything is as it was.
    fs::rename(desk.path("elsewhere.tar"), desk.volume()).unwrap();
    desk.run_well(&["verify"]);
}

#[test]
fn a_commit_that_was_seen_before_is_not_taken_for_an_interrupted_one() {
    let desk = Desk::new();
    let bytes = fs::read(desk.volume()).unwrap();
    fs::write(desk.volume(), &bytes[..bytes.len() - 700]).unwrap();
    fs::remove_dir_all(desk.path("archive/index")).unwrap();
    let said = desk.refuses(&["ingest", "deposit"]);
    assert!(said.contains("damaged"), "{said}");
    let before = fs::read(desk.volume()).unwrap();
    let output = desk.run(&["list"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        String::from_utf8_lossy(&output.stderr).contains("WARNING: the log has 1 entry, but this machine has seen 3")
    );
    assert_eq!(fs::read(desk.volume()).unwrap(), before);
    assert!(!desk.path("archive/quarantine").exists());
}

#[test]
fn a_log_that_does_not_continue_what_was_seen_never_ends_well() {
    let desk = Desk::new();
    let before = fs::read(desk.volume()).unwrap();
    let exhibit = desk.first_exhibit();
    desk.run_well(&["note", &exhibit, "a remark"]);
    fs::write(desk.volume(), before).unwrap();
    fs::remove_dir_all(desk.path("archive/index")).unwrap();
    for arguments in [&["list"][..], &["head"], &["verify"]] {
        assert_eq!(desk.run(arguments).status.code(), Some(1), "{arguments:?}");
    }
    desk.refuses(&["note", &exhibit, "another"]);
    // Whoever knows why accepts it, and only then it goes on.
    desk.run_well(&["head", "--accept"]);
    desk.run_well(&["note", &exhibit, "another"]);
    desk.run_well(&["verify"]);
}

#[test]
fn a_metadata_file_that_is_a_pipe_or_a_link_does_not_hold_up_the_rest() {
    let desk = Desk::new();
    fs::create_dir(desk.path("more")).unwrap();
    for name in ["piped.txt", "linked.txt", "plain.txt"] {
        fs::write(desk.path(&format!("more/{name}")), name).unwrap();
    }
    let pipe = desk.path("more/piped.txt.meta.yaml");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    fs::write(desk.path("secret.yaml"), "title: not beside the file\n").unwrap();
    std::os::unix::fs::symlink(desk.path("secret.yaml"), desk.path("more/linked.txt.meta.yaml")).unwrap();
    let output = desk.run(&["ingest", "more", "--json"]);
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(text.lines().filter(|line| line.contains("\"status\":\"ingested\"")).count(), 1, "{text}");
    assert!(!desk.run_well(&["list", "--json"]).contains("not beside the file"));
}

#[test]
fn many_consequences_do_not_hide_their_cause() {
    let desk = Desk::new();
    let exhibit = desk.first_exhibit();
    for number in 0..110 {
        desk.run_well(&["note", &exhibit, &number.to_string()]);
    }
    let mut bytes = fs::read(desk.volume()).unwrap();
    let at = bytes.windows(9).position(|window| window == b"statement").unwrap();
    bytes[at] ^= 1;
    // The first entry's salt: its line, every later `previous` and every root are other ones.
    let salt = bytes.windows(8).position(|window| window == b"\"salt\":\"").unwrap() + 8;
    bytes[salt] = if bytes[salt] == b'0' { b'1' } else { b'0' };
    fs::write(desk.volume(), bytes).unwrap();
    let output = desk.run(&["verify", "--json"]);
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let codes: Vec<_> = report["findings"].as_array().unwrap().iter().map(|finding| &finding["code"]).collect();
    for code in ["V102", "V301", "V403"] {
        assert!(codes.iter().any(|found| *found == code), "{code} is not among {codes:?}");
    }
    assert!(report["more_findings"].as_u64().unwrap() > 0);
}

#[test]
fn nobody_else_can_enter_a_new_archive_or_read_its_keys() {
    let desk = Desk::new();
    let mode = |name: &str| fs::metadata(desk.path(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode("archive"), 0o700);
    for file in fs::read_dir(desk.path("home/keys")).unwrap() {
        for key in fs::read_dir(file.unwrap().path()).unwrap() {
            let path = key.unwrap().path();
            let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode, if path.extension().is_some() { 0o644 } else { 0o600 }, "{}", path.display());
        }
    }
}

#[test]
fn a_clock_that_was_wrong_once_does_not_lock_the_archive() {
    use vouchsafe_archive::{Draft, Environment, Keys, Session, SystemEnvironment, keys::KeyFile};
    use vouchsafe_core::model::{ExhibitNoted, FieldValue, Timestamp};

    /// A computer whose clock is thirty years ahead.
    struct Ahead;
    impl Environment for Ahead {
        fn now(&self) -> Timestamp {
            Timestamp::from_unix_ms(SystemEnvironment.now().unix_ms() + 30 * 365 * 86_400_000).unwrap()
        }
        fn fill_random(&self, buffer: &mut [u8]) -> std::io::Result<()> {
            SystemEnvironment.fill_random(buffer)
        }
    }

    let desk = Desk::new();
    let exhibit = desk.first_exhibit();
    let folder = fs::read_dir(desk.path("home/keys")).unwrap().next().unwrap().unwrap().path();
    let key = |name: &str| KeyFile::read(&folder.join(name)).unwrap().open(None).unwrap();
    let keys = Keys { agent: key("agent"), log: key("log") };
    let (mut session, _) = Session::open(&desk.path("archive"), None, &Ahead).unwrap();
    let draft = Draft {
        event: ExhibitNoted { fields: Vec::new() }.into(),
        exhibit: Some(exhibit.parse().unwrap()),
        occurred_at: None,
        fields: vec![("note".parse().unwrap(), FieldValue::Text("from the future".to_owned()))],
    };
    session.record(&keys, vec![draft]).unwrap();
    drop(session);
    let said = desk.refuses(&["note", &exhibit, "now"]);
    assert!(said.contains("clock") && said.contains("--accept-clock"), "{said}");
    desk.run_well(&["note", &exhibit, "now", "--accept-clock"]);
    assert!(desk.run_well(&["custody", &exhibit]).contains("recorded later, at"));
    desk.run_well(&["verify"]);
}

#[test]
fn receipts_that_an_interrupted_run_left_out_are_written_by_the_next() {
    let desk = Desk::new();
    desk.run_well(&["ingest", "deposit", "--receipts", "receipts"]);
    let names =
        || fs::read_dir(desk.path("receipts")).unwrap().map(|item| item.unwrap().file_name()).collect::<Vec<_>>();
    assert_eq!(names().len(), 2, "both files were held already, without receipts");
    fs::remove_file(desk.path("receipts").join(&names()[0])).unwrap();
    desk.run_well(&["ingest", "deposit", "--receipts", "receipts"]);
    assert_eq!(names().len(), 2);
    desk.run_well(&["ingest", "deposit", "--dry-run", "--receipts", "dry"]);
    assert!(!desk.path("dry").exists(), "a dry run writes nothing");
}

/// Forgets the index and what the machine remembers, as on the computer of somebody who gets a copy.
fn as_a_stranger(desk: &Desk) {
    fs::remove_dir_all(desk.path("archive/index")).unwrap();
    fs::remove_dir_all(desk.path("home/known")).unwrap();
}

#[test]
fn commits_behind_a_forged_header_are_not_taken_for_leftovers() {
    use vouchsafe_core::format::volume::{Found, MemberName, header, look_at};
    let desk = Desk::new();
    let mut bytes = fs::read(desk.volume()).unwrap();
    let mut offset = 0;
    let member = loop {
        let Found::Member(member) = look_at(&bytes, offset).unwrap() else { panic!("there is no object") };
        if matches!(member.name, MemberName::Object(_)) {
            break member;
        }
        offset = member.end();
    };
    let forged = header(member.name, 1_000_000, false);
    let at = usize::try_from(member.header_offset).unwrap();
    bytes[at..at + forged.len()].copy_from_slice(&forged);
    fs::write(desk.volume(), bytes).unwrap();
    as_a_stranger(&desk);
    let output = desk.run(&["verify"]);
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("V602") && !said.contains("SOUND"), "{said}");
}

#[test]
fn an_object_planted_behind_the_last_commit_of_a_closed_volume_is_found() {
    use vouchsafe_core::format::volume::{END_BYTES, MemberName, header, padding_bytes};
    let desk = Desk::new();
    let mut bytes = fs::read(desk.volume()).unwrap();
    let planted = b"planted";
    bytes.extend(header(MemberName::Object(vouchsafe_core::digest::Digest::of(planted)), planted.len() as u64, false));
    bytes.extend(planted);
    let zeros = padding_bytes(planted.len() as u64) + END_BYTES;
    bytes.resize(bytes.len() + usize::try_from(zeros).unwrap(), 0);
    fs::write(desk.volume(), bytes).unwrap();
    fs::write(desk.path("archive/volumes/000001.tar"), "").unwrap();
    as_a_stranger(&desk);
    let output = desk.run(&["verify"]);
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stdout));
    desk.refuses(&["ingest", "deposit"]);
    let output = desk.run(&["list"]);
    assert_eq!(output.status.code(), Some(1), "what is in front of the damage can be read");
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("WARNING: ") && said.contains("the volume is damaged at byte"), "{said}");
}

#[test]
fn a_planted_link_does_not_lead_the_writing_elsewhere() {
    let desk = Desk::new();
    fs::write(desk.path("precious"), "do not touch").unwrap();
    fs::remove_file(desk.path("archive/lock")).unwrap();
    std::os::unix::fs::symlink(desk.path("precious"), desk.path("archive/lock")).unwrap();
    for arguments in [&["verify"][..], &["list"]] {
        assert_eq!(desk.run(arguments).status.code(), Some(3), "{arguments:?}");
    }
    assert_eq!(fs::read_to_string(desk.path("precious")).unwrap(), "do not touch");
}

#[test]
fn the_keys_that_act_are_never_taken_in() {
    let desk = Desk::new();
    let folder = fs::read_dir(desk.path("home/keys")).unwrap().next().unwrap().unwrap().path();
    for name in ["agent", "log"] {
        fs::copy(folder.join(name), desk.path("deposit").join(name)).unwrap();
    }
    let output = desk.run(&["ingest", "deposit", "--key", "deposit/agent", "--log-key", "deposit/log"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(!desk.run_well(&["list"]).contains("agent"));
    // Nor is the log key anything but the log key.
    let said =
        desk.refuses(&["agent", "add", folder.join("log.pub").to_str().unwrap(), "--name", "L", "--role", "archivist"]);
    assert!(said.contains("log key"), "{said}");
}

/// The index keeps entries in groups and only the upper hashes of the tree; commits of one, of a few and of many
/// entries, one after the other, leave groups of every length.
#[test]
fn every_entry_can_be_proven_whatever_commits_it_came_in() {
    use vouchsafe_archive::{Session, SystemEnvironment, receipt};
    use vouchsafe_core::model::EntryIndex;
    let desk = Desk::new();
    let exhibit = desk.first_exhibit();
    for (number, count) in [31, 1, 70, 33].into_iter().enumerate() {
        let folder = format!("part {number}");
        fs::create_dir(desk.path(&folder)).unwrap();
        for file in 0..count {
            fs::write(desk.path(&folder).join(format!("{file}.txt")), format!("invented, {number}, {file}")).unwrap();
        }
        desk.run_well(&["ingest", &folder]);
        desk.run_well(&["note", &exhibit, "an entry of its own"]);
    }
    let check = |entries: u64| {
        let (session, _) = Session::open(&desk.path("archive"), None, &SystemEnvironment).unwrap();
        let archive = session.reader();
        let head = archive.head().unwrap().checkpoint.clone();
        assert_eq!(head.size, entries);
        for index in (0..entries).map(EntryIndex) {
            let proved = receipt(archive, index).unwrap();
            assert_eq!(proved.entry.entry.index, index);
            proved.check(&archive.description().log_key).unwrap();
        }
        assert!(receipt(archive, EntryIndex(entries)).is_err());
        assert_eq!(archive.root_at(entries).unwrap(), head.root);
        let listed: Vec<_> = archive.exhibits().map(|item| item.unwrap().1.ingested_at).collect();
        assert_eq!(listed.len() as u64, archive.totals().exhibits);
        assert!(listed.is_sorted());
    };
    let entries = 3 + 135 + 4;
    check(entries);
    desk.run_well(&["rebuild"]);
    check(entries);
    desk.run_well(&["verify"]);
}

/// No command adds such an agent yet; a later version does, and its archives are read.
#[test]
fn an_archive_with_a_fido_key_is_read_and_written() {
    use vouchsafe_archive::{Draft, Keys, Session, SystemEnvironment, keys::KeyFile};
    use vouchsafe_core::model::{AgentAdded, AgentKind, AgentRecord, FieldValue, Role};
    use vouchsafe_core::sign::{KeyKind, PublicKey, SigningKey};

    let desk = Desk::new();
    let folder = fs::read_dir(desk.path("home/keys")).unwrap().next().unwrap().unwrap().path();
    let key = |name: &str| KeyFile::read(&folder.join(name)).unwrap().open(None).unwrap();
    let keys = Keys { agent: key("agent"), log: key("log") };
    let point = SigningKey::from_secret(&[5; 32]).unwrap();
    let token = PublicKey::of_kind(KeyKind::Fido, point.public().as_bytes()).unwrap();
    let agent = AgentRecord::new(AgentKind::Person, token.clone(), vec![Role::Administrator]);
    let draft = Draft {
        event: AgentAdded { agent, fields: Vec::new() }.into(),
        exhibit: None,
        occurred_at: None,
        fields: vec![("name".parse().unwrap(), FieldValue::Text("Token".to_owned()))],
    };
    let (mut session, _) = Session::open(&desk.path("archive"), None, &SystemEnvironment).unwrap();
    session.record(&keys, vec![draft]).unwrap();
    drop(session);

    let public_key = format!("\"public_key\":\"{token}\"");
    let is_listed = || desk.run_well(&["agent", "list", "--json"]).replace("\": \"", "\":\"").contains(&public_key);
    assert!(is_listed(), "by an index that was written before");
    desk.run_well(&["rebuild"]);
    assert!(is_listed());
    desk.run_well(&["verify"]);
    desk.run_well(&["agent", "revoke", "Token", "--reason", "lost"]);
    desk.run_well(&["verify"]);
}
