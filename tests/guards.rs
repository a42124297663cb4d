//! What must never happen to an archive, whatever is put in front of the program.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use crate::desk::{Desk, Said};

/// A desk with an archive of two exhibits.
fn with_two_exhibits() -> Desk {
    let desk = Desk::new();
    desk.write("deposit/a.txt", "an invented statement");
    desk.write("deposit/b.txt", "another invented statement");
    desk.run(["ingest", "deposit"]).well();
    desk
}

fn first_exhibit(desk: &Desk) -> String {
    desk.run(["list"]).well().out[..21].to_owned()
}

/// Runs a command that must fail without changing a byte of the volumes; what it says.
fn refused(desk: &Desk, arguments: &[&str]) -> String {
    let before = fs::read(desk.volume(0)).ok();
    let said = desk.run(arguments).code(3);
    assert_eq!(fs::read(desk.volume(0)).ok(), before, "{arguments:?} changed the volume");
    said.err
}

#[test]
fn a_foreign_archive_json_makes_no_command_cut_a_volume() {
    for (has_memory, has_index) in [(true, true), (true, false), (false, true), (false, false)] {
        let desk = with_two_exhibits();
        let mut another = desk.command(["init", "other", "--no-passphrase", "--origin", "test.example/archive"]);
        another.env("VOUCHSAFE_HOME", desk.path("other-home"));
        Said::by(another).well();
        fs::copy(desk.path("other/archive.json"), desk.path("archive/archive.json")).unwrap();
        if !has_memory {
            fs::remove_dir_all(desk.path("home/known")).unwrap();
        }
        if !has_index {
            fs::remove_dir_all(desk.path("archive/index")).unwrap();
        }
        for arguments in [&["list"][..], &["rebuild"], &["head", "--accept"], &["ingest", "deposit"]] {
            refused(&desk, arguments);
        }
        assert!(!desk.path("archive/quarantine").exists());
        desk.run(["verify"]).code(1);
    }
}

#[test]
fn a_volume_that_is_gone_is_missed_by_every_command() {
    let desk = with_two_exhibits();
    fs::rename(desk.volume(0), desk.path("elsewhere.tar")).unwrap();
    for arguments in [&["list"][..], &["head"], &["ingest", "deposit"], &["rebuild"]] {
        let said = refused(&desk, arguments);
        assert!(said.contains("000000.tar") && said.contains("hint:"), "{said}");
        assert!(!desk.volume(0).exists(), "{arguments:?} made a new volume");
    }
    // Nothing was lost by asking: with the volume back, everything is as it was.
    fs::rename(desk.path("elsewhere.tar"), desk.volume(0)).unwrap();
    desk.run(["verify"]).well();
}

#[test]
fn a_commit_that_was_seen_before_is_not_taken_for_an_interrupted_one() {
    let desk = with_two_exhibits();
    let bytes = fs::read(desk.volume(0)).unwrap();
    fs::write(desk.volume(0), &bytes[..bytes.len() - 700]).unwrap();
    fs::remove_dir_all(desk.path("archive/index")).unwrap();
    let said = refused(&desk, &["ingest", "deposit"]);
    assert!(said.contains("damaged"), "{said}");
    let before = fs::read(desk.volume(0)).unwrap();
    desk.run(["list"]).code(1).notes("WARNING: the log has 1 entry, but this machine has seen 3");
    assert_eq!(fs::read(desk.volume(0)).unwrap(), before);
    assert!(!desk.path("archive/quarantine").exists());
}

#[test]
fn a_log_that_does_not_continue_what_was_seen_never_ends_well() {
    let desk = with_two_exhibits();
    let before = fs::read(desk.volume(0)).unwrap();
    let exhibit = first_exhibit(&desk);
    desk.run(["note", &exhibit, "a remark"]).well();
    fs::write(desk.volume(0), before).unwrap();
    fs::remove_dir_all(desk.path("archive/index")).unwrap();
    for arguments in [&["list"][..], &["head"], &["verify"]] {
        desk.run(arguments).code(1);
    }
    refused(&desk, &["note", &exhibit, "another"]);
    // Whoever knows why accepts it, and only then it goes on.
    desk.run(["head", "--accept"]).well();
    desk.run(["note", &exhibit, "another"]).well();
    desk.run(["verify"]).well();
}

#[test]
fn a_metadata_file_that_is_a_pipe_or_a_link_does_not_hold_up_the_rest() {
    let desk = with_two_exhibits();
    fs::create_dir(desk.path("more")).unwrap();
    for name in ["piped.txt", "linked.txt", "plain.txt"] {
        fs::write(desk.path(format!("more/{name}")), name).unwrap();
    }
    let pipe = desk.path("more/piped.txt.meta.yaml");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    fs::write(desk.path("secret.yaml"), "title: not beside the file\n").unwrap();
    std::os::unix::fs::symlink(desk.path("secret.yaml"), desk.path("more/linked.txt.meta.yaml")).unwrap();
    let text = desk.run(["ingest", "more", "--json"]).code(1).out;
    assert_eq!(text.lines().filter(|line| line.contains("\"status\":\"ingested\"")).count(), 1, "{text}");
    assert!(!desk.run(["list", "--json"]).well().out.contains("not beside the file"));
}

#[test]
fn many_consequences_do_not_hide_their_cause() {
    let desk = with_two_exhibits();
    let exhibit = first_exhibit(&desk);
    for number in 0..110 {
        desk.run(["note", &exhibit, &number.to_string()]).well();
    }
    let mut bytes = fs::read(desk.volume(0)).unwrap();
    let at = bytes.windows(9).position(|window| window == b"statement").unwrap();
    bytes[at] ^= 1;
    // The first entry's salt: its line, every later `previous` and every root are other ones.
    let salt = bytes.windows(8).position(|window| window == b"\"salt\":\"").unwrap() + 8;
    bytes[salt] = if bytes[salt] == b'0' { b'1' } else { b'0' };
    fs::write(desk.volume(0), bytes).unwrap();
    let report = desk.run(["verify", "--json"]).json();
    let codes: Vec<_> = report["findings"].as_array().unwrap().iter().map(|finding| &finding["code"]).collect();
    for code in ["V102", "V301", "V403"] {
        assert!(codes.iter().any(|found| *found == code), "{code} is not among {codes:?}");
    }
    assert!(report["more_findings"].as_u64().unwrap() > 0);
}

#[test]
fn nobody_else_can_enter_a_new_archive_or_read_its_keys() {
    let desk = with_two_exhibits();
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
    use vouchsafe_archive::{Draft, Environment, Session, SystemEnvironment};
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

    let desk = with_two_exhibits();
    let exhibit = first_exhibit(&desk);
    let (mut session, _) = Session::open(&desk.path("archive"), None, &Ahead).unwrap();
    let draft = Draft {
        event: ExhibitNoted { fields: Vec::new() }.into(),
        exhibit: Some(exhibit.parse().unwrap()),
        occurred_at: None,
        fields: vec![("note".parse().unwrap(), FieldValue::Text("from the future".to_owned()))],
    };
    session.record(&desk.keys(), vec![draft]).unwrap();
    drop(session);
    desk.wait_until_free();
    let said = refused(&desk, &["note", &exhibit, "now"]);
    assert!(said.contains("clock") && said.contains("--accept-clock"), "{said}");
    desk.run(["note", &exhibit, "now", "--accept-clock"]).well();
    assert!(desk.run(["custody", &exhibit]).well().out.contains("recorded later, at"));
    desk.run(["verify"]).well();
}

#[test]
fn receipts_that_an_interrupted_run_left_out_are_written_by_the_next() {
    let desk = with_two_exhibits();
    desk.run(["ingest", "deposit", "--receipts", "receipts"]).well();
    let names =
        || fs::read_dir(desk.path("receipts")).unwrap().map(|item| item.unwrap().file_name()).collect::<Vec<_>>();
    assert_eq!(names().len(), 2, "both files were held already, without receipts");
    fs::remove_file(desk.path("receipts").join(&names()[0])).unwrap();
    desk.run(["ingest", "deposit", "--receipts", "receipts"]).well();
    assert_eq!(names().len(), 2);
    desk.run(["ingest", "deposit", "--dry-run", "--receipts", "dry"]).well();
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
    let desk = with_two_exhibits();
    let mut bytes = fs::read(desk.volume(0)).unwrap();
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
    fs::write(desk.volume(0), bytes).unwrap();
    as_a_stranger(&desk);
    let said = desk.run(["verify"]).code(1).says("V602");
    assert!(!said.out.contains("SOUND"), "{said:?}");
}

#[test]
fn an_object_planted_behind_the_last_commit_of_a_closed_volume_is_found() {
    use vouchsafe_core::format::volume::{END_BYTES, MemberName, header, padding_bytes};
    let desk = with_two_exhibits();
    let mut bytes = fs::read(desk.volume(0)).unwrap();
    let planted = b"planted";
    bytes.extend(header(MemberName::Object(vouchsafe_core::digest::Digest::of(planted)), planted.len() as u64, false));
    bytes.extend(planted);
    let zeros = padding_bytes(planted.len() as u64) + END_BYTES;
    bytes.resize(bytes.len() + usize::try_from(zeros).unwrap(), 0);
    fs::write(desk.volume(0), bytes).unwrap();
    fs::write(desk.path("archive/volumes/000001.tar"), "").unwrap();
    as_a_stranger(&desk);
    desk.run(["verify"]).code(1);
    refused(&desk, &["ingest", "deposit"]);
    // What is before the damage can be read.
    desk.run(["list"]).code(1).notes("WARNING: ").notes("the volume is damaged at byte");
}

#[test]
fn a_planted_link_does_not_lead_the_writing_elsewhere() {
    let desk = with_two_exhibits();
    fs::write(desk.path("precious"), "do not touch").unwrap();
    fs::remove_file(desk.path("archive/lock")).unwrap();
    std::os::unix::fs::symlink(desk.path("precious"), desk.path("archive/lock")).unwrap();
    for arguments in [&["verify"][..], &["list"]] {
        desk.run(arguments).code(3);
    }
    assert_eq!(fs::read_to_string(desk.path("precious")).unwrap(), "do not touch");
}

#[test]
fn the_keys_that_act_are_never_taken_in() {
    let desk = with_two_exhibits();
    for name in ["agent", "log"] {
        fs::copy(desk.key(name), desk.path("deposit").join(name)).unwrap();
    }
    desk.run(["ingest", "deposit", "--key", "deposit/agent", "--log-key", "deposit/log"]).code(1);
    assert!(!desk.run(["list"]).well().out.contains("agent"));
    // Nor is the log key anything but the log key.
    let log_key = desk.key("log.pub");
    let said = refused(&desk, &["agent", "add", log_key.to_str().unwrap(), "--name", "L", "--role", "archivist"]);
    assert!(said.contains("log key"), "{said}");
}

/// The index keeps entries in groups and only the upper hashes of the tree; commits of one, of a few and of many
/// entries, one after the other, leave groups of every length.
#[test]
fn every_entry_can_be_proven_whatever_commits_it_came_in() {
    use vouchsafe_archive::{Session, SystemEnvironment, receipt};
    use vouchsafe_core::model::EntryIndex;
    let desk = with_two_exhibits();
    let exhibit = first_exhibit(&desk);
    for (number, count) in [31, 1, 70, 33].into_iter().enumerate() {
        let folder = format!("part {number}");
        fs::create_dir(desk.path(&folder)).unwrap();
        for file in 0..count {
            fs::write(desk.path(&folder).join(format!("{file}.txt")), format!("invented, {number}, {file}")).unwrap();
        }
        desk.run(["ingest", &folder]).well();
        desk.run(["note", &exhibit, "an entry of its own"]).well();
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
        drop(session);
        desk.wait_until_free();
    };
    let entries = 3 + 135 + 4;
    check(entries);
    desk.run(["rebuild"]).well();
    check(entries);
    desk.run(["verify"]).well();
}

/// No command adds such an agent yet; a later version does, and its archives are read.
#[test]
fn an_archive_with_a_fido_key_is_read_and_written() {
    use vouchsafe_archive::{Draft, Session, SystemEnvironment};
    use vouchsafe_core::model::{AgentAdded, AgentKind, AgentRecord, FieldValue, Role};
    use vouchsafe_core::sign::{KeyKind, PublicKey, SigningKey};

    let desk = with_two_exhibits();
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
    session.record(&desk.keys(), vec![draft]).unwrap();
    drop(session);
    desk.wait_until_free();

    let public_key = format!("\"public_key\":\"{token}\"");
    let is_listed =
        || desk.run(["agent", "list", "--json"]).well().out.replace("\": \"", "\":\"").contains(&public_key);
    assert!(is_listed(), "by an index that was written before");
    desk.run(["rebuild"]).well();
    assert!(is_listed());
    desk.run(["verify"]).well();
    desk.run(["agent", "revoke", "Token", "--reason", "lost"]).well();
    desk.run(["verify"]).well();
}
