//! What cannot be ingested: links, sockets, pipes, devices, files that change, paths of the wrong kind.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use super::limits::between;
use crate::desk::{Desk, Said, noise};

fn make_pipe(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

/// Which files were refused, and why.
fn refused(said: &Said) -> BTreeMap<String, String> {
    let refused = said.files().into_iter().filter(|file| file["status"] == "refused");
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    refused.map(|file| (text(&file["path"]), text(&file["reason"]))).collect()
}

#[test]
fn links_sockets_pipes_and_devices_are_refused_by_name_and_the_rest_goes_on() {
    let desk = Desk::new();
    desk.write("deposit/a.txt", "a");
    desk.write("deposit/z.txt", "z");
    desk.write("elsewhere/secret.txt", "not to be taken in");
    symlink("a.txt", desk.path("deposit/link")).unwrap();
    symlink("nothing", desk.path("deposit/dangling")).unwrap();
    symlink("../elsewhere", desk.path("deposit/folder")).unwrap();
    symlink("..", desk.path("deposit/circle")).unwrap();
    make_pipe(&desk.path("deposit/pipe"));
    let _socket = UnixListener::bind(desk.path("deposit/socket")).unwrap();
    let said = desk.run(["ingest", "--json", "deposit", "/dev/null"]).code(1);
    assert_eq!(said.summary(), [9, 2, 0, 7]);
    let link = "it is a symbolic link; name what it points to instead";
    let expected = [
        ("/dev/null", "it is a device, not a file"),
        ("deposit/circle", link),
        ("deposit/dangling", link),
        ("deposit/folder", link),
        ("deposit/link", link),
        ("deposit/pipe", "it is a pipe, not a file"),
        ("deposit/socket", "it is a socket, not a file"),
    ];
    assert_eq!(refused(&said), expected.map(|(name, reason)| (name.into(), reason.into())).into());
    let said = desk.run(["ingest", "deposit"]).code(1).says("8 seen = 0 ingested + 2 already held + 6 refused");
    for (name, reason) in &expected[1..] {
        assert!(said.err.contains(&format!("refused: {name}: {reason}\n")), "{said:#?}");
    }
    for (name, reason) in expected {
        let said = desk.run(["ingest", "--json", name]).code(1);
        assert_eq!(refused(&said), BTreeMap::from([(name.into(), reason.into())]));
    }
    desk.check_sound();
}

#[test]
fn a_metadata_file_that_is_a_link_or_a_pipe_is_not_read() {
    let desk = Desk::new();
    desk.write("elsewhere.yaml", "title: read through a link\n");
    for name in ["linked.txt", "piped.txt"] {
        desk.write(format!("deposit/{name}"), name);
    }
    symlink("../elsewhere.yaml", desk.path("deposit/linked.txt.meta.yaml")).unwrap();
    make_pipe(&desk.path("deposit/piped.txt.meta.yaml"));
    let said = desk.run(["ingest", "--json", "deposit"]).code(1);
    let [seen, ingested, _, refused] = said.summary();
    assert_eq!((ingested, refused), (0, seen), "{said:#?}");
    desk.check_sound();
}

#[test]
fn a_name_with_line_breaks_does_not_fake_the_list_of_what_was_refused() {
    let desk = Desk::new();
    symlink("nothing", desk.path("a\nrefused: innocent.txt: it is a pipe")).unwrap();
    let said = desk.run(["ingest", "a\nrefused: innocent.txt: it is a pipe"]).code(1);
    assert_eq!(said.err.lines().count(), 1, "{said:#?}");
}

#[test]
fn folders_without_end_are_refused() {
    let desk = Desk::new();
    let deep: String = (0..300).map(|_| "d/").collect();
    desk.write(format!("deposit/{deep}bottom.txt"), "never reached");
    desk.write("deposit/top.txt", "top");
    let said = desk.run(["ingest", "--json", "deposit"]).code(1);
    assert_eq!(said.summary(), [2, 1, 0, 1]);
    let reasons: Vec<_> = refused(&said).into_values().collect();
    assert_eq!(reasons, ["the folders are nested too deeply"]);
}

/// Runs an ingest while a thread goes on changing a file.
fn ingest_while(desk: &Desk, path: &str, mut change: impl FnMut() + Send) -> Said {
    let is_done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !is_done.load(Relaxed) {
                change();
            }
        });
        let said = desk.run(["ingest", "--json", path]);
        is_done.store(true, Relaxed);
        said
    })
}

#[test]
fn a_file_that_grows_while_it_is_read_is_refused() {
    let desk = Desk::new();
    desk.write("deposit/before.txt", "before");
    desk.write("deposit/growing.log", noise(1, 24_000_000));
    desk.write("deposit/last.txt", "last");
    let before = desk.volume(0).metadata().unwrap().len();
    let mut file = fs::File::options().append(true).open(desk.path("deposit/growing.log")).unwrap();
    let said = ingest_while(&desk, "deposit", move || {
        file.write_all(b"one more line\n").unwrap();
        std::thread::sleep(Duration::from_micros(200));
    });
    assert_eq!(said.clone().code(1).summary(), [3, 2, 0, 1]);
    assert_eq!(refused(&said)["deposit/growing.log"], "it changed while it was read");
    assert!(desk.volume(0).metadata().unwrap().len() < before + 100_000, "nothing of it stays in the volume");
    desk.check_sound();
    // Quiet again, it is ingested.
    assert_eq!(desk.run(["ingest", "--json", "deposit"]).well().summary(), [3, 1, 2, 0]);
    desk.check_sound();
}

#[test]
fn a_file_that_is_rewritten_in_place_while_it_is_read_is_refused() {
    let desk = Desk::new();
    desk.write("deposit/changing.bin", noise(1, 24_000_000));
    let file = fs::File::options().write(true).open(desk.path("deposit/changing.bin")).unwrap();
    let mut round = 0_u64;
    let said = ingest_while(&desk, "deposit", move || {
        use std::os::unix::fs::FileExt;
        round += 1;
        file.write_all_at(&round.to_le_bytes(), 1000).unwrap();
        std::thread::sleep(Duration::from_micros(200));
    });
    assert_eq!(said.clone().code(1).summary(), [1, 0, 0, 1]);
    assert_eq!(refused(&said)["deposit/changing.bin"], "it changed while it was read");
    desk.check_sound();
}

#[test]
fn a_file_that_is_cut_while_it_is_read_is_refused() {
    let desk = Desk::new();
    desk.write("deposit/cut.bin", noise(1, 24_000_000));
    let file = fs::File::options().write(true).open(desk.path("deposit/cut.bin")).unwrap();
    let mut size = 24_000_000;
    let said = ingest_while(&desk, "deposit", move || {
        size -= 512;
        file.set_len(size).unwrap();
        std::thread::sleep(Duration::from_micros(200));
    });
    assert_eq!(said.clone().code(1).summary(), [1, 0, 0, 1]);
    assert_eq!(refused(&said)["deposit/cut.bin"], "it changed while it was read");
    desk.check_sound();
}

#[test]
fn a_file_where_a_folder_is_expected_is_named() {
    let desk = Desk::new();
    desk.write("file", "not a folder");
    desk.write("document.txt", "x");
    let before = desk.volume_bytes();
    desk.run(["init", "file", "--no-passphrase"]).failed("file: a file stands where a folder is expected");
    desk.run(["init", "file/archive", "--no-passphrase"]).failed("file");
    for command in ["list", "verify", "rebuild", "head"] {
        desk.run([command, "--archive", "file"]).failed("file: a file stands where a folder is expected");
        desk.run([command, "--archive", "file/archive"]).failed("file/archive: ");
        let said = desk.run([command, "--archive", "nowhere"]).failed("nowhere: there is no such folder");
        said.hints("vouchsafe init");
    }
    for folder in ["file", "file/receipts"] {
        let said = desk.run(["ingest", "document.txt", "--receipts", folder]).failed(&format!("{folder}: "));
        assert_eq!(said.out, "");
    }
    desk.run(["prove", "X-0000", "--kit", "file"]).code(2);
    let mut command = desk.command(["init", "second", "--no-passphrase"]);
    command.env("VOUCHSAFE_HOME", desk.path("file"));
    Said::by(command).code(3);
    assert_eq!(fs::read(desk.path("file")).unwrap(), b"not a folder");
    assert_eq!(desk.volume_bytes(), before);
}

#[test]
fn a_copy_into_a_folder_that_is_not_there_is_told_and_not_recorded() {
    let desk = Desk::new();
    let exhibit = desk.ingest("a.txt", "a");
    let before = desk.volume_bytes();
    for to in ["nowhere/copy.txt", "a.txt/copy.txt"] {
        let said = desk.run(["get", &exhibit, "--to", to, "--purpose", "x"]);
        said.failed(&format!("{to}: cannot create the copy"));
        desk.run(["prove", &exhibit, "--to", to]).failed(to);
        desk.run(["prove", &exhibit, "--kit", to]).failed(to);
    }
    assert_eq!(desk.volume_bytes(), before);
}

#[test]
fn an_exhibit_that_is_not_there_is_told() {
    let desk = Desk::new();
    desk.ingest("a.txt", "a");
    desk.ingest("b.txt", "b");
    for command in ["show", "custody", "prove", "verify"] {
        let said = desk.run([command, "X-0000-0000-0000-0000"]);
        said.misunderstood("there is no exhibit X-0000-0000-0000-0000").hints("vouchsafe list");
        desk.run([command, "X-7K3M-9QRT-2WXY-4ABC-77"]).misunderstood("is not the name of an exhibit");
        desk.run([command, "면담"]).misunderstood("is not the name of an exhibit").hints("X-7K3M-9QRT-2WXY-4ABC");
        desk.run([command, ""]).code(2);
    }
    let exhibit = desk.exhibits()[0]["exhibit"].as_str().unwrap().to_owned();
    desk.run(["prove", &exhibit, "--entry", "0"]).misunderstood("entry 0 is not about");
    desk.run(["prove", &exhibit, "--entry", "999"]).misunderstood("entry 999 is not about");
}

#[test]
fn a_command_that_is_not_understood_ends_with_status_2() {
    let desk = Desk::new();
    for arguments in [
        ["frobnicate"].as_slice(),
        &["ingest"],
        &["list", "extra"],
        &["verify", "--no-such-option"],
        &["log", "--last", "many"],
        &["log", "--last", "1", "--from", "1"],
        &["agent", "promote"],
        &["list", "--passphrase-file", "x", "--passphrase-fd", "3"],
    ] {
        let said = desk.run(arguments).code(2);
        assert!(said.err.starts_with("error: ") && said.out.is_empty(), "{said:#?}");
    }
    for arguments in [[].as_slice(), &["agent"]] {
        let said = desk.run(arguments).code(2);
        assert!([&said.out, &said.err].iter().any(|text| text.contains("Usage: vouchsafe")), "{said:#?}");
    }
    desk.run(["verify", "--trust", "nonsense"])
        .misunderstood("\"nonsense\" is neither a fingerprint of an archive")
        .hints("56 digits");
    desk.write("no-head", "nonsense");
    desk.run(["verify", "--expect-head", "no-head"]).failed("no-head: ");
    desk.run(["verify", "--expect-head", "nothing"]).failed("nothing: cannot read the checkpoint");
}

#[test]
fn each_name_that_cannot_be_looked_at_is_refused_by_itself() {
    let desk = Desk::new();
    let Some(library) = between(&desk, "each_name_that_cannot_be_looked_at_is_refused_by_itself") else { return };
    for name in ["aa-ok.txt", "ghost1", "ghost2", "ghost3", "zz-ok.txt"] {
        desk.write(format!("drive/{name}"), name);
    }
    let mut command = desk.command(["ingest", "--json", "drive"]);
    command.env("LD_PRELOAD", &library).env("GHOSTS", "1");
    let said = Said::by(command).code(1);
    assert_eq!(said.summary(), [5, 2, 0, 3], "{said:#?}");
    let refused: Vec<_> = said.files().into_iter().filter(|file| file["status"] == "refused").collect();
    for (file, name) in refused.iter().zip(["drive/ghost1", "drive/ghost2", "drive/ghost3"]) {
        assert_eq!(file["path"], name);
        assert!(file["reason"].as_str().unwrap().starts_with("it cannot be read: "), "{file}");
    }
}
