//! The attacks of `tests/core/attacks` and `fixtures/archives/bad`, as a user meets them: the program itself
//! is run on a copy of each broken archive, as on a machine that never saw it before.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::{FileTypeExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use vouchsafe_core::verify::{Code, Severity};

use crate::desk::{Desk, Said, copy_folder, has_tool, is_root, noise, say_not_run};

fn fixtures() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/archives/bad");
    let all = fs::read_dir(folder).unwrap().map(|item| item.unwrap().path());
    let mut folders: Vec<_> = all.filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}

/// What a line of the file `expect` says, if there is such a line.
fn said<'a>(expect: &'a str, name: &str) -> Option<&'a str> {
    expect.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).map(str::trim)
}

/// The arguments that hand over what somebody else has kept.
fn outside(folder: &Path) -> Vec<String> {
    let path = |name| folder.join(name).to_str().unwrap().to_owned();
    for name in ["head.txt", "receipt.tlog-proof"] {
        if folder.join(name).exists() {
            return vec!["--expect-head".to_owned(), path(name)];
        }
    }
    match fs::read_to_string(folder.join("fingerprint.txt")) {
        Ok(key) => vec!["--trust".to_owned(), key],
        Err(_) => Vec::new(),
    }
}

/// Verifies a fixture with these further arguments, and compares codes and exit status.
fn check(folder: &Path, arguments: &[String], expected: &str) {
    let desk = Desk::bare();
    copy_folder(folder, &desk.archive());
    let before = desk.volume_bytes();
    let verify = ["verify", "--json"].map(str::to_owned);
    let said = desk.run(verify.iter().chain(arguments));
    let report = said.json();
    let codes = report["findings"].as_array().unwrap().iter().map(|finding| finding["code"].as_str().unwrap());
    // These archives have no index, which is no finding against them.
    let codes: BTreeSet<_> = codes.filter(|&code| code != "V702").collect();
    let expected: BTreeSet<_> = expected.split_whitespace().collect();
    assert_eq!(codes, expected, "{}: {said:#?}", folder.display());
    let found = Code::ALL.iter().filter(|code| expected.contains(code.code()));
    said.code(match found.map(|code| code.severity()).max() {
        Some(Severity::Failed | Severity::Degraded) => 1,
        Some(Severity::NotUnderstood) => 3,
        Some(Severity::Notice) | None => 0,
    });
    assert_eq!(desk.volume_bytes(), before, "verify changes nothing");
}

#[test]
fn every_broken_archive_is_found_out_by_the_program() {
    for folder in fixtures() {
        let expect = fs::read_to_string(folder.join("expect")).unwrap();
        check(&folder, &outside(&folder), said(&expect, "finds").unwrap());
        if let Some(alone) = said(&expect, "alone") {
            check(&folder, &[], alone);
        }
    }
    assert!(fixtures().len() > 80);
}

/// Opening is not verifying, but it must neither panic, nor change what is there, nor hang.
#[test]
fn no_broken_archive_makes_a_command_panic_or_loses_bytes() {
    for folder in fixtures() {
        let desk = Desk::bare();
        copy_folder(&folder, &desk.archive());
        let before = desk.volume_bytes();
        for arguments in [["list"].as_slice(), &["log"], &["rebuild"], &["head"]] {
            let said = desk.run(arguments);
            assert!([0, 1, 3].contains(&said.code), "{}: {said:#?}", folder.display());
        }
        let kept = fs::read_dir(desk.archive().join("quarantine")).into_iter().flatten();
        let kept: usize = kept.map(|item| item.unwrap().metadata().unwrap().len() as usize).sum();
        assert_eq!(desk.volume_bytes().len() + kept, before.len(), "{}: bytes are gone", folder.display());
    }
}

fn archive() -> Desk {
    let desk = Desk::new();
    desk.ingest("a.txt", "a testimony of four towers");
    desk
}

#[test]
fn a_receipt_held_outside_shows_a_log_that_was_written_anew() {
    let desk = Desk::new();
    let old = desk.copy_archive("old copy");
    let exhibit = desk.ingest("a.txt", "the first history");
    desk.run(["prove", &exhibit, "--to", "receipt.tlog-proof"]).well();
    let said = desk.run(["verify", "--expect-head", "receipt.tlog-proof"]).well();
    said.says("the archive of the head of 2 entries in receipt.tlog-proof");
    // Somebody with all keys goes back to the old copy and lets something else have happened.
    fs::remove_dir_all(desk.archive()).unwrap();
    fs::rename(old, desk.archive()).unwrap();
    fs::rename(desk.path("home/known"), desk.path("forgotten")).unwrap();
    let said = desk.run(["verify", "--expect-head", "receipt.tlog-proof"]).code(1);
    said.says("V801").says("receipt.tlog-proof holds a head of 2 entries");
    desk.ingest("a.txt", "the second history");
    desk.run(["verify"]).well();
    let said = desk.run(["verify", "--expect-head", "receipt.tlog-proof"]).code(1);
    said.says("V802").says("the first 2 entries are not those that receipt.tlog-proof holds the root of");
}

#[test]
fn a_receipt_that_does_not_hold_is_no_anchor() {
    let desk = archive();
    desk.ingest("b.txt", "b");
    let exhibit = desk.exhibits()[0]["exhibit"].as_str().unwrap().to_owned();
    let receipt = desk.run(["prove", &exhibit]).well().out;
    let mut lines: Vec<_> = receipt.lines().collect();
    let at = lines.iter().position(|line| line.is_empty()).unwrap() - 1;
    lines[at] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    desk.write("forged", lines.join("\n") + "\n");
    desk.run(["verify", "--expect-head", "forged"])
        .failed("forged: the receipt is not consistent")
        .hints("ask its keeper");
    desk.write("cut", &receipt[..receipt.len() / 2]);
    desk.run(["verify", "--expect-head", "cut"]).failed("cut: the receipt: ");
}

/// Whatever lies in the place of a volume or beside the volumes and is no file is named, and never read.
#[test]
fn links_pipes_and_devices_among_the_volumes_are_found_and_not_read() {
    const NAME: &str = "links_pipes_and_devices_among_the_volumes_are_found_and_not_read";
    if !has_tool(NAME, "mkfifo") {
        return;
    }
    let make = |program: &str, arguments: &[&str], path: &Path| {
        let mut command = Command::new(program);
        command.arg(path).args(arguments).status().is_ok_and(|status| status.success())
    };
    for place in ["000001.tar", "extra"] {
        for kind in ["link", "link to nothing", "link to the volume", "folder", "pipe", "device"] {
            let desk = archive();
            let path = desk.archive().join("volumes").join(place);
            match kind {
                "link" => symlink("/etc/passwd", &path).unwrap(),
                "link to nothing" => symlink("nothing", &path).unwrap(),
                "link to the volume" => symlink("000000.tar", &path).unwrap(),
                "folder" => fs::create_dir(&path).unwrap(),
                "pipe" => assert!(make("mkfifo", &[], &path)),
                _ if is_root() && make("mknod", &["c", "1", "5"], &path) => {
                    assert!(path.metadata().unwrap().file_type().is_char_device());
                }
                _ => {
                    say_not_run(NAME, "a device can be made only by root, where that is permitted");
                    continue;
                }
            }
            let (code, codes) = desk.findings();
            assert_eq!((code, codes), (1, vec!["V605".to_owned()]), "{kind} as {place}");
            desk.run(["list"]).well().says("1 exhibit");
            desk.run(["rebuild"]).well();
            assert!(path.symlink_metadata().is_ok(), "{kind}: nothing is deleted");
        }
    }
}

/// The same for the other names in the folder of an archive: nothing is followed out of it.
#[test]
fn links_in_the_place_of_the_archives_own_files_are_not_followed() {
    for name in ["archive.json", "lock", "index", "volumes/000000.tar"] {
        let desk = archive();
        let (path, moved) = (desk.archive().join(name), desk.path("moved"));
        fs::rename(&path, &moved).unwrap();
        symlink(&moved, &path).unwrap();
        let before = read_all(&moved);
        let said: Said = desk.run(["list"]);
        assert!([0, 3].contains(&said.code), "{name}: {said:#?}");
        let _ = desk.run(["rebuild"]);
        let _ = desk.run(["verify"]);
        assert_eq!(read_all(&moved), before, "{name}: what the link leads to is not written");
    }
}

/// The bytes of a file, or of all files in a folder.
fn read_all(path: &Path) -> Vec<u8> {
    if path.is_file() {
        return fs::read(path).unwrap();
    }
    let mut paths: Vec<_> = fs::read_dir(path).unwrap().map(|item| item.unwrap().path()).collect();
    paths.sort();
    paths.iter().flat_map(|path| [path.to_str().unwrap().as_bytes(), &read_all(path)].concat()).collect()
}

/// Nothing is unpacked, whatever it promises to become.
#[test]
fn a_zip_bomb_is_an_object_like_any_other() {
    const NAME: &str = "a_zip_bomb_is_an_object_like_any_other";
    if !has_tool(NAME, "python3") {
        return;
    }
    let desk = Desk::new();
    fs::create_dir(desk.path("deposit")).unwrap();
    // Much in little: in zip, in zip within what looks like a text document, in gzip.
    let script = "
import zipfile, gzip, zlib
with zipfile.ZipFile('deposit/bomb.zip', 'w', zipfile.ZIP_DEFLATED) as bomb:
    for name in range(4):
        with bomb.open(f'{name}.txt', 'w') as member:
            for _ in range(64): member.write(bytes(1 << 20))
with zipfile.ZipFile('deposit/nested.docx', 'w', zipfile.ZIP_DEFLATED) as outer:
    for name in range(40): outer.write('deposit/bomb.zip', f'word/{name}.zip')
with gzip.open('deposit/bomb.gz', 'wb') as bomb:
    for _ in range(64): bomb.write(bytes(1 << 20))
# A directory that says it holds four thousand million members.
open('deposit/liar.zip', 'wb').write(b'PK\\x06\\x06' + (44).to_bytes(8, 'little') + b'\\xff' * 44
    + b'PK\\x06\\x07' + bytes(16) + b'PK\\x05\\x06' + b'\\xff' * 16 + bytes(2))
";
    let mut command = Command::new("python3");
    command.args(["-c", script]).current_dir(desk.path(""));
    Said::by(command).well();
    let size = |name: &str| desk.path(format!("deposit/{name}")).metadata().unwrap().len();
    let all: u64 = ["bomb.zip", "nested.docx", "bomb.gz", "liar.zip"].map(size).iter().sum();
    let before = desk.volume_bytes().len() as u64;
    assert_eq!(desk.run(["ingest", "--json", "deposit"]).well().summary(), [4, 4, 0, 0]);
    let grown = desk.volume_bytes().len() as u64 - before;
    assert!(grown < all + 40_000, "{grown} bytes for {all}");
    let exhibit = desk.run(["find", "--json", "bomb.zip"]).well().json()["exhibit"].as_str().unwrap().to_owned();
    desk.run(["get", &exhibit, "--to", "copy", "--purpose", "x"]).well();
    assert!(fs::read(desk.path("copy")).unwrap() == fs::read(desk.path("deposit/bomb.zip")).unwrap());
    desk.check_sound();
}

/// `archive.json` is read strictly: what is wrong with it is said, and nothing goes on.
#[test]
fn a_description_in_hostile_json_is_refused() {
    let desk = archive();
    let path = desk.archive().join("archive.json");
    let good = fs::read_to_string(&path).unwrap();
    let deep = format!("{}{}", "[".repeat(20_000), "]".repeat(20_000));
    let format = "\"format\":\"vouchsafe-archive/1\"";
    for (what, wrong) in [
        ("a repeated member", format!("{format},{format}")),
        ("an unknown member", format!("{format},\"hint\":1")),
        ("half of a character", format!("{format},\"hint\":\"\\ud800\"")),
        ("1e400", format!("{format},\"hint\":1e400")),
        ("deep nesting", format!("{format},\"hint\":{deep}")),
        ("a number for the format", "\"format\":1e400".to_owned()),
    ] {
        fs::write(&path, good.replace(format, &wrong)).unwrap();
        for command in ["list", "verify", "rebuild"] {
            let said = desk.run([command]).failed("archive.json: ");
            assert!(said.err.len() < 1000, "{what}: the message repeats the input: {}", said.err.len());
        }
    }
    fs::write(&path, good).unwrap();
    desk.check_sound();
}

/// What begins as one of our volumes is evidence like any other file when it is ingested.
#[test]
fn a_volume_that_is_ingested_is_no_volume() {
    let (desk, other) = (archive(), archive());
    other.ingest("b.bin", noise(1, 5000));
    fs::copy(other.volume(0), desk.path("000001.tar")).unwrap();
    desk.run(["ingest", "000001.tar"]).well();
    fs::remove_dir_all(desk.archive().join("index")).unwrap();
    assert_eq!(desk.exhibits().len(), 2);
    desk.check_sound();
}
