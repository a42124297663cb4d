//! Places that do not serve: an archive's own folder for output, disks that are not quite empty, folders that are not there.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use super::limits::between;
use crate::desk::{Desk, Said, copy_folder};

#[test]
fn nothing_is_written_into_the_folder_of_an_archive() {
    let desk = Desk::new();
    let exhibit = desk.ingest("a.txt", "a");
    desk.run(["export", &exhibit, "--to", "bundle.zip", "--purpose", "p", "--recipient", "r"]).well();
    desk.run(["transfer", "offer", "bundle.zip", "--recipient", "r", "--letter", "offer.json"]).well();
    desk.run(["replicate", "copy", "--medium", "disk", "--site", "same-site"]).well();
    copy_folder(&desk.archive(), &desk.path("other"));
    std::os::unix::fs::symlink("archive/volumes", desk.path("link")).unwrap();
    let list = |folder: &str| {
        let names = fs::read_dir(desk.path(folder)).unwrap().map(|item| item.unwrap().file_name());
        let mut names: Vec<_> = names.collect();
        names.sort();
        names
    };
    let before = ["archive", "archive/volumes", "other/volumes", "copy/volumes"].map(list);
    let places = [
        "archive/volumes/000001.tar",
        "archive/new",
        "archive/index/x",
        "archive/nothing/deeper/x",
        "archive/../archive/archive.json.new",
        "other/volumes/000001.tar",
        "copy/volumes/000001.tar",
        "copy/x",
        "link/000001.tar",
    ];
    for place in places {
        let entry = "0";
        for arguments in [
            ["get", &exhibit, "--to", place, "--purpose", "p"].as_slice(),
            &["prove", &exhibit, "--to", place],
            &["prove", &exhibit, "--kit", place],
            &["ingest", "a.txt", "--receipts", place],
            &["export", &exhibit, "--to", place, "--purpose", "p", "--recipient", "r"],
            &["transfer", "offer", "bundle.zip", "--recipient", "r", "--letter", place],
            &["transfer", "letter", entry, "--to", place],
            &["transfer", "refuse", "--offer", "offer.json", "--reason", "x", "--letter", place],
            &["init", place, "--no-passphrase", "--origin", "test.example/inside"],
        ] {
            let said = desk.run(arguments);
            assert!(said.code == 2, "{said:#?}");
            let is_refused = said.err.contains("this is in the folder of an archive")
                || said.err.contains("there is no such folder");
            assert!(is_refused, "{said:#?}");
        }
    }
    desk.run(["replicate", "other/copy", "--medium", "disk", "--site", "same-site"]).failed("inside another archive");
    assert_eq!(["archive", "archive/volumes", "other/volumes", "copy/volumes"].map(list), before);
    desk.run(["get", &exhibit, "--to", "beside", "--purpose", "p"]).well();
    // A folder with the name of one, or a file of the name of an archive's, is none.
    fs::create_dir_all(desk.path("project/volumes")).unwrap();
    desk.run(["prove", &exhibit, "--to", "project/volumes/receipt"]).well();
    desk.check_sound();
}

#[test]
fn a_fresh_disk_is_as_good_as_an_empty_folder() {
    let desk = Desk::new();
    desk.ingest("a.txt", "a");
    let fresh = |name: &str, folders: &[&str], files: &[&str]| {
        folders.iter().for_each(|folder| fs::create_dir_all(desk.path(name).join(folder)).unwrap());
        files.iter().for_each(|file| fs::write(desk.path(name).join(file), "x").unwrap());
    };
    let disks: [(&str, &[&str], &[&str]); 4] = [
        ("linux", &["lost+found"], &[]),
        ("windows", &["System Volume Information", "$RECYCLE.BIN"], &["desktop.ini"]),
        ("mac", &[".Trashes", ".fseventsd", ".Spotlight-V100", ".TemporaryItems"], &["._.Trashes", ".DS_Store"]),
        ("used", &[".Trash-1000", "SYSTEM VOLUME INFORMATION"], &["Thumbs.db"]),
    ];
    for (name, folders, files) in disks {
        let copy = format!("{name}-copy");
        fresh(name, folders, files);
        fresh(&copy, folders, files);
        desk.run(["init", name, "--no-passphrase", "--origin", name]).well();
        desk.run(["verify", "--archive", name]).well();
        desk.run(["replicate", &copy, "--medium", "disk", "--site", "same-site"]).well();
        desk.run(["replicate", &copy]).well();
        desk.run(["verify", "--archive", &copy]).well();
    }
    for file in ["letter.pdf", "lost+found.txt", ".hidden", ".Trash-a", "archive.json"] {
        fresh("taken", &[], &[]);
        fs::create_dir_all(desk.path("taken")).unwrap();
        desk.write(format!("taken/{file}"), "x");
        let said = desk.run(["init", "taken", "--no-passphrase", "--origin", "test.example/taken"]);
        said.failed("taken: the folder is not empty").hints("such as 'taken/archive'");
        let said = desk.run(["replicate", "taken", "--medium", "disk", "--site", "same-site"]).code(3);
        assert!(said.err.contains("'taken/archive'") || file == "archive.json", "{said:#?}");
        fs::remove_dir_all(desk.path("taken")).unwrap();
    }
}

#[test]
fn what_is_not_there_is_said_to_be_not_there() {
    let desk = Desk::new();
    let exhibit = desk.ingest("a.txt", "a");
    let before = desk.volume_bytes();
    for arguments in [["ingest", "nosuch"].as_slice(), &["ingest", "a.txt", "nosuch/deeper"], &["ingest", "a.txt/x"]] {
        let said = desk.run(arguments).misunderstood("there is no such file or folder").hints("nothing was ingested");
        assert_eq!(said.out, "", "nothing was looked at");
    }
    assert_eq!(desk.volume_bytes(), before);
    desk.run(["list", "--archive", "nosuch"]).failed("nosuch: there is no such folder").hints("--archive DIR");
    desk.run(["list", "--archive", "home"]).failed("home: not an archive");
    let export = |more: &[&str]| {
        let all = ["export", "--to", "b", "--purpose", "p", "--recipient", "r"];
        desk.run(all.iter().chain(more))
    };
    export(&["--collection", "nosuch"]).misunderstood("no exhibit matches").hints("the whole name");
    export(&["--query", "nosuch"]).misunderstood("no exhibit matches");
    export(&["X-0000"]).misunderstood("there is no exhibit");
    desk.run(["transfer", "letter", "999", "--to", "l"]).misunderstood("the log has no entry 999");
    desk.run(["transfer", "letter", "0", "--to", "l"]).misunderstood("entry 0 is neither an offer of custody");
    desk.run(["prove", &exhibit, "--entry", "999"]).misunderstood("entry 999 is not about");
    let lost = ["replicate", "--lost", "C-0000-0000-0000-0000", "--reason", "x"];
    desk.run(lost).misunderstood("the log records no copy");
    desk.run(["agent", "add", "nosuch.pub", "--name", "B", "--role", "lawyer"]).misunderstood("nosuch.pub");
    desk.write("bundle.zip", "PK");
    let said = desk.run(["verify", "bundle.zip"]).misunderstood("bundle.zip: this is a file or folder");
    said.hints("vouchsafe check 'bundle.zip'").hints("verify --archive");
    assert_eq!(desk.volume_bytes(), before);
}

#[test]
fn a_clock_before_1970_is_called_what_it_is() {
    let desk = Desk::new();
    let Some(library) = between(&desk, "a_clock_before_1970_is_called_what_it_is") else { return };
    let exhibit = desk.ingest("a.txt", "a");
    let run = |arguments: &[&str]| {
        let mut command = desk.command(arguments);
        command.env("LD_PRELOAD", &library).env("SECONDS_OF_1970", "-86400");
        Said::by(command)
    };
    let words = "the computer's clock is before the year 1970";
    for arguments in [["list"].as_slice(), &["note", &exhibit, "x"], &["ingest", "a.txt"], &["rebuild"]] {
        let said = run(arguments).failed(words).hints("set the computer's clock");
        assert!(!said.err.contains("damaged"), "{said:#?}");
    }
    run(&["init", "second", "--no-passphrase", "--origin", "test.example/second"]).failed(words);
    assert!(!desk.path("second").exists());
    // Nothing is in the way of the next attempt.
    desk.run(["init", "second", "--no-passphrase", "--origin", "test.example/second"]).well();
    let said = desk.run(["list"]).well();
    assert_eq!(said.err, "", "the index was not thrown away: {said:#?}");
    desk.check_sound();
}

/// Working copies are evidence in clear, and letters name who received it.
#[test]
fn what_leaves_the_archive_is_for_its_owner_alone_whatever_the_umask_is() {
    for umask in ["000", "022", "077"] {
        let desk = Desk::new();
        let run = |arguments: &[&str]| {
            let program = [&["-c", "umask \"$0\"; exec \"$@\"", umask, crate::desk::PROGRAM], arguments].concat();
            Said::by(desk.prepare(Command::new("sh"), program)).well()
        };
        let exhibit = desk.ingest("a.txt", "a");
        desk.write("in/b.txt", "b");
        fs::create_dir(desk.path("out")).unwrap();
        run(&["get", &exhibit, "--to", "out/copy", "--purpose", "p"]);
        run(&["prove", &exhibit, "--to", "out/receipt"]);
        run(&["prove", &exhibit, "--kit", "out/kit"]);
        run(&["ingest", "in", "--receipts", "out/receipts"]);
        run(&["export", &exhibit, "--to", "out/bundle.zip", "--purpose", "p", "--recipient", "r"]);
        run(&["export", &exhibit, "--to", "out/bundle", "--purpose", "p", "--recipient", "r"]);
        run(&["transfer", "offer", "out/bundle.zip", "--recipient", "r", "--letter", "out/offer"]);
        let offer = desk.run(["log", "--json"]).well().json_lines().len() - 1;
        run(&["transfer", "letter", &offer.to_string(), "--to", "out/again"]);
        let (mut open, mut files) = (vec![desk.path("out")], 0);
        while let Some(folder) = open.pop() {
            for item in fs::read_dir(folder).unwrap().map(Result::unwrap) {
                let mode = item.metadata().unwrap().permissions().mode() & 0o777;
                if item.file_type().unwrap().is_dir() {
                    open.push(item.path());
                    // Names of receipts are names of exhibits, which tell nothing.
                    assert!(mode == 0o700 || item.file_name() == "receipts", "{umask}: {}", item.path().display());
                } else {
                    files += 1;
                    assert_eq!(mode, 0o600, "{umask}: {}", item.path().display());
                }
            }
        }
        assert!(files > 30, "{files}");
    }
}
