//! What the system does not permit: files that cannot be read, archives that cannot be written.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use crate::desk::{Desk, PROGRAM, Said, has_tool, is_root, not_run, say_not_run};

/// The user that owns nothing. Permissions do not stop root, so the program runs as this one.
const NOBODY: &str = "65534";

/// A desk for a user whom permissions stop.
pub(super) struct Bound {
    pub desk: Desk,
}

impl Bound {
    /// Whether there is such a user: the one who runs the tests, or another whom root can become.
    pub fn is_possible(test: &str) -> bool {
        !is_root() || (has_tool(test, "setpriv") && has_tool(test, "chown"))
    }

    pub fn new() -> Self {
        let desk = Desk::new();
        fs::copy(PROGRAM, desk.path("vouchsafe")).unwrap();
        let bound = Self { desk };
        bound.hand_over();
        bound
    }

    /// Everything on the desk belongs to that user.
    pub fn hand_over(&self) {
        if is_root() {
            let status = Command::new("chown").args(["-R", NOBODY]).arg(self.desk.path("")).status().unwrap();
            assert!(status.success());
        }
    }

    pub fn run(&self, arguments: &[&str]) -> Said {
        self.run_as(&[], arguments)
    }

    /// The same under a limit of `prlimit`, and not for longer than a minute.
    pub fn run_limited(&self, limit: &str, arguments: &[&str]) -> Said {
        self.run_as(&["timeout", "-k", "2", "60", "prlimit", limit], arguments)
    }

    fn run_as(&self, before: &[&str], arguments: &[&str]) -> Said {
        let who = ["setpriv", "--reuid", NOBODY, "--regid", NOBODY, "--clear-groups", "--"];
        let who = if is_root() { who.as_slice() } else { &[] };
        let program = self.desk.path("vouchsafe");
        let mut words = who.iter().chain(before).map(OsStr::new).chain([program.as_os_str()]);
        let mut command = Command::new(words.next().unwrap());
        command.args(words);
        Said::by(self.desk.prepare(command, arguments))
    }

    fn set_mode(&self, name: impl AsRef<Path>, mode: u32) {
        fs::set_permissions(self.desk.path(name), fs::Permissions::from_mode(mode)).unwrap();
    }
}

#[test]
fn files_and_folders_that_cannot_be_read_are_refused_and_the_rest_goes_on() {
    if !Bound::is_possible("files_and_folders_that_cannot_be_read_are_refused_and_the_rest_goes_on") {
        return;
    }
    let bound = Bound::new();
    bound.desk.write("deposit/closed/inside.txt", "x");
    for name in ["a.txt", "closed.txt", "described.txt", "described.txt.meta.yaml", "z.txt"] {
        bound.desk.write(format!("deposit/{name}"), "title: x");
    }
    bound.desk.write("deposit/closed.bin", vec![7; 2_000_000]);
    bound.hand_over();
    for name in ["closed", "closed.txt", "closed.bin", "described.txt.meta.yaml"] {
        bound.set_mode(format!("deposit/{name}"), 0);
    }
    let said = bound.run(&["ingest", "--json", "deposit"]).code(1);
    let mut refused: Vec<_> = said
        .files()
        .into_iter()
        .filter(|file| file["status"] == "refused")
        .map(|file| (file["path"].as_str().unwrap().to_owned(), file["reason"].as_str().unwrap().to_owned()))
        .collect();
    refused.sort();
    let names: Vec<_> = refused.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["deposit/closed", "deposit/closed.bin", "deposit/closed.txt", "deposit/described.txt"]);
    assert!(refused.iter().all(|(_, reason)| reason.contains("Permission denied")), "{refused:?}");
    assert_eq!(said.summary(), [6, 2, 0, 4]);
    // With the permissions put right, the same command does the rest.
    for (name, mode) in
        [("closed", 0o700), ("closed.txt", 0o600), ("closed.bin", 0o600), ("described.txt.meta.yaml", 0o600)]
    {
        bound.set_mode(format!("deposit/{name}"), mode);
    }
    assert_eq!(bound.run(&["ingest", "--json", "deposit"]).well().summary(), [6, 4, 2, 0]);
    bound.run(&["verify"]).well().says("SOUND");
}

/// What can be done with an archive that cannot be written.
fn check_read_only(desk: &Desk, run: impl Fn(&[&str]) -> Said) {
    let said = run(&["list", "--json", "--no-cache"])
        .well()
        .notes("for this command. It holds fields, and is removed at the end");
    let said = said.notes("(the archive is read-only here)");
    // The index holds names: nothing of it stays.
    assert_eq!(fs::read_dir(desk.path("home/scratch")).unwrap().count(), 0);
    assert!(!desk.path("home/cache").exists());
    run(&["list"]).well().notes("is kept for the next time");
    let exhibit = said.json()["exhibit"].as_str().unwrap().to_owned();
    assert!(said.out.contains("a.txt"), "{said:#?}");
    for arguments in [
        ["show", &exhibit].as_slice(),
        &["custody", &exhibit],
        &["prove", &exhibit],
        &["find", "a.txt"],
        &["head"],
        &["log"],
        &["agent", "list"],
    ] {
        let said = run(arguments).well();
        assert!(!said.out.is_empty() && !said.err.contains("own index"), "{said:#?}");
    }
    assert_eq!(fs::read_dir(desk.path("home/scratch")).unwrap().count(), 0);
    run(&["forget-index"]).well().says("Removed");
    for arguments in [["ingest", "a.txt"].as_slice(), &["rebuild"], &["note", &exhibit, "x"]] {
        let said = run(arguments).failed("the archive cannot be written to");
        said.hints("commands that only read work").hints("copy it to a writable disk");
    }
    let said = run(&["verify"]).well().says("SOUND").says("1 of 1");
    let said = said.says("the index: the archive is read-only here");
    assert!(!said.out.contains("V702"), "{said:#?}");
    // What only tells what would be done needs no writing; what could not be recorded is said before the work.
    run(&["repair"]).well().says("No volume is damaged or missing");
    run(&["ingest", "--dry-run", "a.txt"]).well().says("1 already held");
    for arguments in [["verify", "--record"].as_slice(), &["repair", "--apply"]] {
        let said = run(arguments).failed("the archive cannot be written to");
        assert_eq!(said.out, "", "nothing was read before");
    }
}

#[test]
fn an_archive_that_cannot_be_written_can_be_read_and_verified() {
    if !Bound::is_possible("an_archive_that_cannot_be_written_can_be_read_and_verified") {
        return;
    }
    let bound = Bound::new();
    bound.desk.write("a.txt", "a");
    bound.hand_over();
    bound.run(&["ingest", "a.txt"]).well();
    let chmod = |mode| {
        let status = Command::new("chmod").args(["-R", mode]).arg(bound.desk.archive()).status().unwrap();
        assert!(status.success());
    };
    chmod("a-w");
    let before = bound.desk.volume_bytes();
    check_read_only(&bound.desk, |arguments| bound.run(arguments));
    assert_eq!(bound.desk.volume_bytes(), before);
    chmod("u+w");
    bound.run(&["list"]).well();
}

#[test]
fn an_archive_of_somebody_else_is_not_written() {
    const NAME: &str = "an_archive_of_somebody_else_is_not_written";
    if !is_root() || !Bound::is_possible(NAME) {
        return say_not_run(NAME, "only root can be another user");
    }
    let bound = Bound::new();
    bound.desk.write("a.txt", "a");
    bound.hand_over();
    bound.run(&["ingest", "a.txt"]).well();
    let chown = Command::new("chown").args(["-R", "root"]).arg(bound.desk.archive()).status().unwrap();
    assert!(chown.success());
    bound.run(&["list"]).code(3);
    bound.run(&["verify"]).code(3);
    // Opened for others to read, as on a shared disk: reading and verifying are possible.
    let chmod = Command::new("chmod").args(["-R", "a+rX"]).arg(bound.desk.archive()).status().unwrap();
    assert!(chmod.success());
    check_read_only(&bound.desk, |arguments| bound.run(arguments));
}

#[test]
fn an_archive_on_a_read_only_disk_can_be_read_and_verified() {
    const NAME: &str = "an_archive_on_a_read_only_disk_can_be_read_and_verified";
    let desk = Desk::new();
    desk.ingest("a.txt", "a");
    let archive = desk.archive();
    let Some(_mount) = ReadOnly::mount(&archive) else {
        return say_not_run(NAME, "it takes root and the right to mount");
    };
    check_read_only(&desk, |arguments| desk.run(arguments));
}

#[test]
fn what_a_killed_command_left_of_a_temporary_index_is_removed() {
    const NAME: &str = "what_a_killed_command_left_of_a_temporary_index_is_removed";
    if !Bound::is_possible(NAME) {
        return not_run(NAME, "no user whom permissions stop");
    }
    let bound = Bound::new();
    bound.desk.write("home/scratch/reading-0123456789abcdef/db", "names");
    bound.desk.write("home/scratch/reading-0123456789abcdef.lock", "");
    bound.desk.write("home/scratch/of somebody else/db", "not ours");
    // One that is in use is left alone.
    bound.desk.write("home/scratch/reading-00000000000000aa/db", "names");
    let lock = bound.desk.write("home/scratch/reading-00000000000000aa.lock", "");
    let lock = fs::File::open(lock).unwrap();
    lock.lock().unwrap();
    bound.hand_over();
    bound.set_mode("archive/lock", 0o400);
    bound.run(&["list", "--no-cache"]).well().notes("for this command. It holds fields, and is removed at the end");
    let mut left: Vec<_> =
        fs::read_dir(bound.desk.path("home/scratch")).unwrap().map(|item| item.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["of somebody else", "reading-00000000000000aa", "reading-00000000000000aa.lock"]);
}

/// A folder mounted on itself, read-only, until this is dropped.
struct ReadOnly<'a>(&'a Path);

impl<'a> ReadOnly<'a> {
    fn mount(folder: &'a Path) -> Option<Self> {
        let run = |arguments: &[&str]| {
            let output = Command::new("mount").args(arguments).arg(folder).output();
            output.is_ok_and(|output| output.status.success())
        };
        if !is_root() || !run(&["--bind", folder.to_str().unwrap()]) {
            return None;
        }
        let mount = Self(folder);
        run(&["-o", "remount,bind,ro"]).then_some(mount)
    }
}

impl Drop for ReadOnly<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0).status();
    }
}

#[test]
fn keys_and_folders_that_are_not_permitted_are_named() {
    const NAME: &str = "keys_and_folders_that_are_not_permitted_are_named";
    if !Bound::is_possible(NAME) {
        return not_run(NAME, "no user whom permissions stop");
    }
    let bound = Bound::new();
    bound.desk.write("a.txt", "a");
    bound.desk.write("closed/file", "");
    bound.hand_over();
    bound.run(&["ingest", "a.txt"]).well();
    let exhibit = bound.desk.exhibits()[0]["exhibit"].as_str().unwrap().to_owned();
    bound.hand_over();
    bound.set_mode("closed", 0o500);
    let before = bound.desk.volume_bytes();
    for _ in 0..2 {
        // The second attempt is not kept from it by keys that the first one left.
        let said = bound.run(&["init", "closed/archive", "--no-passphrase", "--origin", "test.example/second"]);
        said.failed("closed/archive: cannot create the folder: Permission denied").hints("no permission");
        assert_eq!(fs::read_dir(bound.desk.path("home/keys")).unwrap().count(), 1);
    }
    let said = bound.run(&["get", &exhibit, "--to", "closed/copy", "--purpose", "x"]);
    said.failed("closed/copy: cannot create the copy: Permission denied").hints("no permission");
    bound.run(&["prove", &exhibit, "--to", "closed/receipt"]).failed("closed/receipt: ");
    bound.run(&["prove", &exhibit, "--kit", "closed/kit"]).failed("closed/kit: ");
    let said = bound.run(&["ingest", "a.txt", "--receipts", "closed/receipts"]);
    said.failed("closed/receipts: cannot create the folder: Permission denied").hints("no permission");
    assert_eq!(bound.desk.volume_bytes(), before, "no copy was issued, so none is recorded");
    // A folder for receipts that is there but cannot be written: the exhibits are safe, the receipts are missing.
    bound.desk.write("b.txt", "b");
    bound.hand_over();
    bound.set_mode("closed", 0o500);
    let said = bound.run(&["ingest", "--json", "b.txt", "--receipts", "closed"]);
    let said = said.failed("cannot write the receipt: Permission denied").hints("vouchsafe prove");
    assert_eq!(said.summary(), [1, 1, 0, 0], "what is durable is acknowledged");
    bound.run(&["list"]).well().says("2 exhibits");
    bound.run(&["verify"]).well().says("SOUND");

    let key = bound.desk.key("agent");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o000)).unwrap();
    let said = bound.run(&["ingest", "a.txt"]);
    said.failed(&format!("{}: cannot read the key: Permission denied", key.display()));
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    bound.set_mode("home/known", 0o500);
    let exhibit = exhibit.as_str();
    let said = bound.run(&["note", exhibit, "x"]).failed("is recorded, but this machine could not remember");
    said.notes("home/known/").notes("Permission denied").hints("do not repeat the command: the entry is safe");
    let entries = bound.run(&["show", exhibit]).code(3);
    entries.failed("home/known/").hints("what was recorded is safe");
    bound.set_mode("home/known", 0o700);
    bound.run(&["custody", exhibit]).well().says("noted");
    // A copy that is recorded as issued is there.
    bound.set_mode("home/known", 0o500);
    let said = bound.run(&["get", exhibit, "--to", "copy", "--purpose", "x"]);
    let said = said.failed("the copy is in copy and is recorded, but entry ");
    said.notes("Permission denied").hints("do not repeat the command: the entry is safe");
    assert_eq!(fs::read(bound.desk.path("copy")).unwrap(), b"a");
    bound.set_mode("home/known", 0o700);
    bound.run(&["custody", exhibit]).well().says("issued a working copy");
    bound.run(&["verify"]).well().says("SOUND");
}
