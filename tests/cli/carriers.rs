//! Genuine bundles, heads, receipts and letters that ordinary people carried about. All testimony here is invented.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Write as _};
use std::path::Path;
use std::process::Command;

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::desk::{Desk, Said, copy_folder, files_below, has_tool};
use crate::transfer::Two;

/// A desk with a bundle in the folder `bundle`, and the fingerprint of its archive.
fn desk() -> (Desk, String) {
    let desk = Desk::new();
    let exhibit = desk.ingest("interview.txt", "An invented testimony.\n");
    desk.run(["export", &exhibit, "--to", "bundle", "--purpose", "hearing", "--recipient", "Court Five"]).well();
    let fingerprint = desk.fingerprint();
    (desk, fingerprint)
}

/// The files of the bundle, by their names in its folder.
fn files(desk: &Desk) -> BTreeMap<String, Vec<u8>> {
    let top = desk.path("bundle");
    let name = |path: &Path| path.strip_prefix(&top).unwrap().to_str().unwrap().to_owned();
    files_below(&top).iter().map(|path| (name(path), fs::read(path).unwrap())).collect()
}

/// A zip file of the bundle in this folder, which has its slash, and of more.
fn zip_with(files: &BTreeMap<String, Vec<u8>>, top: &str, more: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let own = files.iter().map(|(name, content)| (format!("{top}{name}"), content.as_slice()));
    for (name, content) in own.chain(more.iter().map(|(name, content)| ((*name).to_owned(), *content))) {
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        match name.strip_suffix('/') {
            Some(folder) => writer.add_directory(folder, options).unwrap(),
            None => {
                writer.start_file(name, options).unwrap();
                writer.write_all(content).unwrap();
            }
        }
    }
    writer.finish().unwrap().into_inner()
}

fn u16_at(bytes: &[u8], at: usize) -> usize {
    u16::from_le_bytes([bytes[at], bytes[at + 1]]).into()
}

fn u32_at(bytes: &[u8], at: usize) -> usize {
    u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize
}

/// Where the headers of the members are: in the directory, and in front of the data.
fn headers(zip: &[u8]) -> Vec<(usize, usize)> {
    let end = zip.len() - 22;
    let mut at = u32_at(zip, end + 16);
    let mut found = Vec::new();
    while at < end {
        found.push((at, u32_at(zip, at + 42)));
        at += 46 + u16_at(zip, at + 28) + u16_at(zip, at + 30) + u16_at(zip, at + 32);
    }
    found
}

/// Sets a number of two bytes in a header of every member, in the directory and in front of the data.
fn set(mut zip: Vec<u8>, central: Option<usize>, local: Option<usize>, number: u16) -> Vec<u8> {
    for (central_at, local_at) in headers(&zip) {
        for at in [central.map(|place| central_at + place), local.map(|place| local_at + place)].into_iter().flatten() {
            zip[at..at + 2].copy_from_slice(&number.to_le_bytes());
        }
    }
    zip
}

fn check(desk: &Desk, name: &str, fingerprint: &str) -> Said {
    desk.run(["check", name, "--trust", fingerprint])
}

/// The codes of what is found.
fn codes(desk: &Desk, name: &str, fingerprint: &str) -> Vec<String> {
    let report = desk.run(["check", name, "--trust", fingerprint, "--json"]).json();
    report["findings"].as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn what_file_managers_leave_in_a_bundle_says_nothing_against_it() {
    let (desk, fingerprint) = desk();
    for name in [".DS_Store", "data/Thumbs.db", "report/._report.pdf", "data/desktop.ini", "exhibits/.directory"] {
        desk.write(format!("bundle/{name}"), "what a file manager keeps");
    }
    desk.write("bundle/.Spotlight-V100/Store-V2/x", "x");
    check(&desk, "bundle", &fingerprint)
        .well()
        .says("SOUND")
        .says("B210 bundle-litter (notice)")
        .says("data/Thumbs.db");
    assert_eq!(codes(&desk, "bundle", &fingerprint), vec!["B210"; 6]);
    let other = Desk::named("other.example/cases");
    let bundle = desk.path("bundle");
    other.run(["import", bundle.to_str().unwrap(), "--trust", &fingerprint]).well();
    assert_eq!(other.exhibits().len(), 1);
    other.check_sound();
    // Beside it, or with another name, a file is what it was.
    desk.write("bundle/data/letter.pdf", "x");
    check(&desk, "bundle", &fingerprint).code(1).says("B504");
}

#[test]
fn the_folder_around_a_bundle_may_have_any_name() {
    let (desk, fingerprint) = desk();
    let files = files(&desk);
    for top in ["", "증거자료/", "for the court (1)/", ".hidden/", "사건 3/증거/", "a/bundle/"] {
        fs::write(desk.path("again.zip"), zip_with(&files, top, &[])).unwrap();
        check(&desk, "again.zip", &fingerprint).well().says("SOUND");
    }
    let apple: [(&str, &[u8]); 4] =
        [("증거/", b""), ("증거/.DS_Store", b"Bud1"), ("__MACOSX/증거/._bundle.json", b"x"), (".DS_Store", b"x")];
    fs::write(desk.path("finder.zip"), zip_with(&files, "증거/", &apple)).unwrap();
    check(&desk, "finder.zip", &fingerprint).well().says("SOUND").says("B210");
    // As a folder, the same; and what lies beside it is none of it.
    copy_folder(&desk.path("bundle"), &desk.path("받은 것/bundle (2)"));
    desk.write("받은 것/Thumbs.db", "x");
    check(&desk, "받은 것", &fingerprint).well().says("SOUND").says("B210");
    desk.write("받은 것/letter.pdf", "x");
    check(&desk, "받은 것", &fingerprint).failed("this is not a bundle of vouchsafe").hints("bundle.json");
    let beside = [("letter.pdf", b"x".as_slice())];
    fs::write(desk.path("beside.zip"), zip_with(&files, "bundle/", &beside)).unwrap();
    check(&desk, "beside.zip", &fingerprint).failed("this is not a bundle of vouchsafe");
}

/// What lies beside the folder of the bundle does not stand in for a file of it.
#[test]
fn litter_beside_a_bundle_is_not_taken_for_a_file_of_it() {
    let (desk, fingerprint) = desk();
    let mut files = files(&desk);
    let object = files.keys().find(|name| name.starts_with("data/")).unwrap().clone();
    let content = files.remove(&object).unwrap();
    for outside in [format!("__MACOSX/{object}"), "Thumbs.db".to_owned()] {
        fs::write(desk.path("beside.zip"), zip_with(&files, "bundle/", &[(&outside, &content)])).unwrap();
        let said = check(&desk, "beside.zip", &fingerprint).code(1).says("FAILED").says("B501").says("B210");
        assert!(!said.out.contains("B504"), "{said:#?}");
    }
}

/// Carriers of the bundle with what is in the way, what is said of it, and what to do.
fn hindered(good: &[u8]) -> Vec<(&'static str, Vec<u8>, &'static str, &'static str)> {
    let (unpack, again) = ("unpack it and check the folder", "copy or download it again");
    let method = |number| set(good.to_vec(), Some(10), Some(8), number);
    let encrypted = |flags| set(good.to_vec(), Some(8), Some(6), flags);
    let mut comment = good.to_vec();
    let end = comment.len() - 2;
    comment[end..].copy_from_slice(&[6, 0]);
    comment.extend(b"from A");
    let mut last_part = good.to_vec();
    let end = last_part.len() - 22;
    last_part[end + 4] = 3;
    let adjusted = {
        let mut bytes = [b"#!/bin/sh\n".as_slice(), good].concat();
        let end = bytes.len() - 22;
        let directory = u32_at(&bytes, end + 16) + 10;
        bytes[end + 16..end + 20].copy_from_slice(&u32::try_from(directory).unwrap().to_le_bytes());
        for (central, local) in headers(&bytes) {
            bytes[central + 42..central + 46].copy_from_slice(&u32::try_from(local + 10).unwrap().to_le_bytes());
        }
        bytes
    };
    let as_text: Vec<u8> =
        good.iter().flat_map(|&byte| if byte == b'\n' { b"\r\n".to_vec() } else { vec![byte] }).collect();
    vec![
        ("text mode", as_text.clone(), "as if it were a text", again),
        ("text mode, and cut off", as_text[..as_text.len() / 2].to_vec(), "as if it were a text", again),
        ("Deflate64", method(9), "compressed with Deflate64", unpack),
        ("BZip2", method(12), "compressed with BZip2", unpack),
        ("LZMA", method(14), "compressed with LZMA", unpack),
        ("Zstandard", method(93), "compressed with Zstandard", unpack),
        ("PPMd", method(98), "compressed with PPMd", unpack),
        ("a method without a name", method(77), "compressed with method 77", unpack),
        ("the old encryption", encrypted(1), "is encrypted", "with its password"),
        ("strong encryption", encrypted(0x41), "is encrypted", "with its password"),
        ("AES", method(99), "is encrypted", "with its password"),
        ("two thirds of a download", good[..good.len() * 2 / 3].to_vec(), "cut off", again),
        ("all but one byte", good[..good.len() - 1].to_vec(), "cut off", again),
        ("blanks at the end", [good, &[0; 512]].concat(), "follows the end", again),
        ("a page at the end", [good, b"<html>Please log in</html>"].concat(), "follows the end", again),
        ("a program in front", [b"MZ".as_slice(), &[7; 510], good].concat(), "before the zip file", unpack),
        ("a script in front, that is counted", adjusted, "before the zip file", unpack),
        ("a comment", comment, "has a comment", unpack),
        ("the first part", [b"PK\x07\x08", &good[..900]].concat(), "a part of a split zip file", unpack),
        ("the last part", last_part, "a part of a split zip file", unpack),
        (
            "a zip file in one",
            zip_with(&BTreeMap::new(), "", &[("b.zip", good)]),
            "another zip file",
            "check the zip file inside",
        ),
        (
            "a zip file in a folder in one",
            zip_with(&BTreeMap::new(), "", &[("받음/", b""), ("받음/증거.ZIP", good), ("받음/.DS_Store", b"x")]),
            "another zip file",
            "check the zip file inside",
        ),
    ]
}

#[test]
fn a_carrier_that_is_in_the_way_is_no_verdict_on_the_evidence() {
    let (desk, fingerprint) = desk();
    let good = zip_with(&files(&desk), "bundle/", &[]);
    let other = Desk::named("other.example/cases");
    for (name, bytes, reason, hint) in hindered(&good) {
        let path = desk.write("carried.zip", bytes);
        let said =
            check(&desk, "carried.zip", &fingerprint).code(3).says("COULD NOT BE CHECKED: ").says(reason).says(hint);
        assert!(!said.out.contains("FAILED") && !said.out.contains("SOUND"), "{name}: {said:#?}");
        let json = desk.run(["check", "carried.zip", "--json"]).code(3).json();
        assert_eq!(json["verdict"], "not-checked", "{name}");
        let (said_reason, said_hint) = (json["reason"].as_str().unwrap(), json["hint"].as_str().unwrap());
        assert!(said_reason.contains(reason) && said_hint.contains(hint), "{name}: {json}");
        let imported = other.run(["import", path.to_str().unwrap(), "--trust", &fingerprint]);
        imported.failed("could not be checked").hints(hint);
    }
    assert_eq!(other.exhibits().len(), 0);
    // An earlier bundle that cannot be read is not a bad one either.
    desk.write("earlier.zip", &good[..good.len() - 9]);
    let said = desk.run(["check", "bundle", "--trust", &fingerprint, "--earlier", "earlier.zip"]).code(3);
    said.says("COULD NOT BE CHECKED: the earlier bundle: ");
}

/// Some programs write `\\` where the specification asks for `/`. One such name among others is an attack.
#[test]
fn names_with_backslashes_are_told_as_that() {
    let (desk, fingerprint) = desk();
    let with_backslashes = |top: &str| -> BTreeMap<String, Vec<u8>> {
        let name = |name: String| format!("{top}{name}").replace('/', "\\");
        files(&desk).into_iter().map(|(path, content)| (name(path), content)).collect()
    };
    for top in ["", "bundle/", "증거/묶음/"] {
        desk.write("carried.zip", zip_with(&with_backslashes(top), "", &[]));
        let said = check(&desk, "carried.zip", &fingerprint).code(3);
        said.says("COULD NOT BE CHECKED: the names in the zip file have backslashes")
            .says("unpack it and check the folder");
    }
    desk.write("carried.zip", zip_with(&files(&desk), "bundle/", &[("bundle/data\\x.txt", b"x")]));
    check(&desk, "carried.zip", &fingerprint).code(1).says("FAILED");
}

#[test]
fn what_other_programs_pack_is_read_or_told() {
    let name = "what_other_programs_pack_is_read_or_told";
    let (desk, fingerprint) = desk();
    let run = |program: &str, arguments: &[&str]| {
        let said = Command::new(program).args(arguments).current_dir(desk.path("")).output().unwrap();
        assert!(said.status.success(), "{program} {arguments:?}: {said:?}");
    };
    copy_folder(&desk.path("bundle"), &desk.path("증거 (1)"));
    if has_tool(name, "zip") {
        for options in [["-qr"].as_slice(), &["-qr0"], &["-qrX"], &["-qrD"]] {
            let _ = fs::remove_file(desk.path("zip.zip"));
            run("zip", &[options, &["zip.zip", "증거 (1)"]].concat());
            check(&desk, "zip.zip", &fingerprint).well().says("SOUND");
        }
        run("zip", &["-qr", "-P", "secret", "locked.zip", "bundle"]);
        check(&desk, "locked.zip", &fingerprint).code(3).says("is encrypted");
    }
    if has_tool(name, "7zz") {
        run("7zz", &["a", "-bd", "-tzip", "7z.zip", "증거 (1)"]);
        check(&desk, "7z.zip", &fingerprint).well().says("SOUND");
        for (method, told) in [("Deflate64", "Deflate64"), ("LZMA", "LZMA"), ("BZip2", "BZip2")] {
            let (file, method) = (format!("{method}.zip"), format!("-mm={method}"));
            run("7zz", &["a", "-bd", "-tzip", &method, &file, "bundle"]);
            check(&desk, &file, &fingerprint).code(3).says(told);
        }
        run("7zz", &["a", "-bd", "-tzip", "-psecret", "-mem=AES256", "aes.zip", "bundle"]);
        check(&desk, "aes.zip", &fingerprint).code(3).says("is encrypted");
    }
}

#[test]
fn what_a_zip_file_says_beside_its_content_is_not_compared() {
    let (desk, fingerprint) = desk();
    let good = zip_with(&files(&desk), "bundle/", &[]);
    let unlike = [
        ("another time", set(good.clone(), None, Some(10), 0x5821)),
        ("another day", set(good.clone(), Some(14), None, 0x5cff)),
        ("made by another system", set(good.clone(), Some(4), None, 0x0014)),
        ("needs another version", set(good.clone(), None, Some(4), 45)),
        ("is a text", set(good.clone(), Some(36), None, 1)),
        ("read-only", set(good.clone(), Some(38), None, 0x21)),
    ];
    for (name, bytes) in unlike {
        fs::write(desk.path("unlike.zip"), bytes).unwrap();
        let said = check(&desk, "unlike.zip", &fingerprint);
        assert!(said.code == 0 && said.out.contains("SOUND"), "{name}: {said:#?}");
    }
    let contradicting = [
        ("another method", set(good.clone(), None, Some(8), 0)),
        ("another checksum", set(good.clone(), None, Some(14), 0x1234)),
        ("another compressed size", set(good.clone(), None, Some(18), 3)),
        ("another size", set(good.clone(), None, Some(22), 3)),
        ("encrypted in front of the data alone", set(good.clone(), None, Some(6), 1)),
        ("a link", set(good.clone(), Some(40), None, 0o120_777)),
        ("another name", {
            let mut bytes = good;
            let (_, local) = headers(&bytes)[2];
            bytes[local + 30 + 8] ^= 1;
            bytes
        }),
    ];
    for (name, bytes) in contradicting {
        fs::write(desk.path("bad.zip"), bytes).unwrap();
        let said = check(&desk, "bad.zip", &fingerprint);
        assert!(said.code == 1 && said.out.contains("B105"), "{name}: {said:#?}");
    }
}

/// Programs write the name of a member twice where it is not ASCII; where the two differ, programs read two names.
#[test]
fn a_second_name_must_be_the_first_one() {
    let (desk, fingerprint) = desk();
    let files = files(&desk);
    let zip = |second: &dyn Fn(&str) -> String| {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in &files {
            let name = format!("증거/{name}");
            let mut crc = flate2::Crc::new();
            crc.update(name.as_bytes());
            let field = [[1].as_slice(), &crc.sum().to_le_bytes(), second(&name).as_bytes()].concat();
            let mut options = zip::write::FullFileOptions::default();
            for is_central in [false, true] {
                options.add_extra_field(0x7075, field.clone().into_boxed_slice(), is_central).unwrap();
            }
            writer.start_file(name, options).unwrap();
            writer.write_all(content).unwrap();
        }
        fs::write(desk.path("named.zip"), writer.finish().unwrap().into_inner()).unwrap();
        check(&desk, "named.zip", &fingerprint)
    };
    zip(&str::to_owned).well().says("SOUND");
    zip(&|name| name.replace("data/", "date/")).code(1).says("B105");
}

#[test]
fn line_ends_that_were_changed_are_told_as_that() {
    let (desk, fingerprint) = desk();
    let changed = |name: &str, changes: &dyn Fn(&str) -> bool| {
        for (file, content) in files(&desk) {
            let is_text = std::str::from_utf8(&content).is_ok() && changes(&file);
            let text = String::from_utf8_lossy(&content).replace('\n', "\r\n");
            desk.write(format!("{name}/{file}"), if is_text { text.into_bytes() } else { content });
        }
        let said = check(&desk, name, &fingerprint).code(3).says("COULD NOT BE CHECKED: its line ends were changed");
        assert!(said.out.contains("get it again as a zip file") && !said.out.contains("FAILED"), "{said:#?}");
    };
    changed("all", &|_| true);
    changed("manifests", &|file| file.contains("manifest-sha256.txt") && !file.contains(".sig"));
    changed("one", &|file| file == "manifest-sha256.txt");
    // What is not in a manifest was changed, and nobody can tell by whom.
    let text = fs::read_to_string(desk.path("bundle/bundle.json")).unwrap().replace('\n', "\r\n");
    desk.write("bundle/bundle.json", text);
    check(&desk, "bundle", &fingerprint).code(1).says("FAILED");
}

#[test]
fn a_bag_of_another_program_is_not_a_bundle() {
    let (desk, fingerprint) = desk();
    let bag: [(&str, &[u8]); 4] = [
        ("bagit.txt", b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"),
        ("manifest-sha256.txt", b"nobody reads this\n"),
        ("tagmanifest-sha256.txt", b"nor this\n"),
        ("data/letter.txt", b"An invented letter.\n"),
    ];
    bag.iter().for_each(|(name, content)| drop(desk.write(format!("bag/{name}"), content)));
    desk.write("bag.zip", zip_with(&BTreeMap::new(), "", &bag));
    desk.write("other.zip", zip_with(&BTreeMap::new(), "", &bag[3..]));
    for name in ["bag", "bag.zip"] {
        let said = check(&desk, name, &fingerprint).failed("this is not a bundle of vouchsafe");
        assert!(said.err.contains("BagIt bag of another program: `bagit.py --validate FOLDER` checks it"), "{said:#?}");
        assert_eq!(said.out, "");
        desk.run(["import", name]).failed("BagIt bag of another program");
    }
    check(&desk, "other.zip", &fingerprint).failed("this is not a bundle of vouchsafe").hints("bundle.json");
    // What lost its description, or its signature, is a bundle that was changed.
    for lost in ["bundle.json", "tagmanifest-sha256.txt.sig"] {
        copy_folder(&desk.path("bundle"), &desk.path(lost));
        fs::remove_file(desk.path(lost).join(lost)).unwrap();
        check(&desk, lost, &fingerprint).code(1).says("FAILED").says("B202");
    }
}

#[test]
fn the_report_does_not_say_what_nothing_showed() {
    let (desk, fingerprint) = desk();
    let (heading, outside) = ("The bundle says that it is", "Only a fingerprint from outside (--trust) can show");
    desk.run(["check", "bundle"]).code(3).says(heading).says(outside);
    let stranger = Desk::named("stranger.example/x").fingerprint();
    let said = check(&desk, "bundle", &stranger).code(1).says("B305").says(heading);
    assert!(!said.out.contains(outside), "{said:#?}");
    fs::write(desk.path("bundle/tagmanifest-sha256.txt"), "nothing\n").unwrap();
    let said = check(&desk, "bundle", &fingerprint).code(1).says("B201");
    assert!(!said.out.contains(heading) && !said.out.contains(outside), "{said:#?}");
}

/// What mail programs make of a text.
fn mailed(text: &str) -> Vec<(&'static str, Vec<u8>)> {
    let quoted: String = text.lines().map(|line| format!("> {line}\r\n")).collect();
    let wide = "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    vec![
        ("CR LF", text.replace('\n', "\r\n").into()),
        ("CR", text.replace('\n', "\r").into()),
        ("no last line end", text.trim_end().into()),
        ("lines more", format!("\n{text}\n\n").into()),
        ("an empty line in front", format!("\r\n{text}").into()),
        ("a blank in front", format!(" {text}").into()),
        ("a blank in front of each line", text.replace('\n', "\n ").into()),
        ("a no-break space and an empty line in front", format!("\n\u{a0}{text}").into()),
        ("a quotation", quoted.into()),
        ("UTF-16", wide),
        ("a byte order mark", format!("\u{feff}{text}").into()),
        ("two hyphens", text.replace('—', "--").into()),
        ("a shorter dash", text.replace('—', "–").into()),
        ("blanks", text.replace('\n', " \n").into()),
        ("empty lines doubled", text.replace("\n\n", "\n\n\n").into()),
    ]
}

const UNDONE: &str = "its line ends were changed in transit; this was undone";

#[test]
fn heads_and_receipts_that_went_by_mail_are_read() {
    let desk = Desk::new();
    let exhibit = desk.ingest("interview.txt", "An invented testimony.\n");
    let fingerprint = desk.fingerprint();
    let (head, note) = (desk.run(["head"]).well().out, desk.run(["head", "--note"]).well().out);
    desk.run(["prove", &exhibit, "--to", "receipt"]).well();
    let receipt = fs::read_to_string(desk.path("receipt")).unwrap();
    for text in [&head, &note, &receipt] {
        for (how, bytes) in mailed(text) {
            desk.write("mailed", bytes);
            let said = desk.run(["verify", "--expect-head", "mailed"]).well();
            assert!(how == "empty lines doubled" || said.err.contains(UNDONE), "{how}: {said:#?}");
            if *text != note {
                let said = desk.run(["check", "mailed", "--trust", &fingerprint]).well().says("SOUND");
                assert!(said.err.contains(UNDONE), "{how}: {said:#?}");
            }
        }
        desk.write("mailed", text.replace("index 0\n", "index 0\nDear colleague,\n").replace("\n\n", "\n"));
        desk.run(["verify", "--expect-head", "mailed"]).failed("mailed").hints("ask for the file in a zip file");
    }
    desk.write("mailed", head.replace("\n\n", "\n"));
    desk.run(["check", "mailed"]).failed("the receipt").hints("ask for the file in a zip file");
    desk.write("mailed", &head);
    let said = desk.run(["check", "mailed", "--trust", &fingerprint]).well();
    assert!(!said.err.contains("note:"), "{said:#?}");
}

#[test]
fn letters_that_went_by_mail_are_read_and_kept_as_they_were_signed() {
    let two = Two::new();
    let letter = fs::read_to_string(two.offer()).unwrap();
    let fingerprint = two.sender.fingerprint();
    for (how, bytes) in mailed(&letter) {
        if bytes == letter.as_bytes() {
            continue;
        }
        let path = two.receiver.write("mailed.letter", bytes);
        let path = path.to_str().unwrap();
        let said = two.receiver.run(["transfer", "read", path]).well();
        assert!(said.err.contains(UNDONE), "{how}: {said:#?}");
        two.receiver.run(["check", path, "--trust", &fingerprint]).well().says("SOUND").notes(UNDONE);
    }
    let broken = two.receiver.write("broken.letter", letter.replacen(',', ",\n", 1));
    let said = two.receiver.run(["transfer", "read", broken.to_str().unwrap()]);
    said.failed("broken.letter").hints("ask for the file in a zip file");
    // It is answered by mail, too; what is kept are the bytes that were signed.
    let mailed = two.receiver.write("mailed.letter", letter.replace('\n', "\r\n").replace('—', "–"));
    two.accept(&mailed, &[]).well().notes(UNDONE);
    let answer = fs::read_to_string(two.receiver.path("answer.letter")).unwrap();
    let mailed = two.sender.write("mailed.letter", format!("\r\n> {answer}\r\n"));
    two.settle(&mailed).well().notes(UNDONE);
    for (desk, kind, signed) in
        [(&two.receiver, "transfer.accepted", &letter), (&two.sender, "transfer.settled", &answer)]
    {
        let index = crate::transfer::entries(desk, kind)[0]["index"].to_string();
        let option = if kind == "transfer.accepted" { "--theirs" } else { "--to" };
        let mut arguments = vec!["transfer", "letter", &index, option, "kept.letter"];
        if option == "--theirs" {
            arguments.extend(["--to", "own.letter"]);
        }
        desk.run(arguments).well();
        assert_eq!(&fs::read_to_string(desk.path("kept.letter")).unwrap(), signed);
    }
    two.check_sound();
}

#[test]
fn a_file_that_is_far_too_large_for_a_letter_is_told_as_that() {
    let two = Two::new();
    let large = two.receiver.write("large", vec![b'a'; 9_000_000]);
    let large = large.to_str().unwrap();
    let why = "this is not a letter: it has 9,000,000 bytes, and a letter has at most 4,194,304";
    two.receiver.run(["transfer", "read", large]).failed(why).hints("give the text file that the other side wrote");
    two.receiver.run(["transfer", "settle", large]).failed(why);
    two.receiver.run(["check", large]).failed("this is not a bundle of vouchsafe");
    let why = "this is not a head: it has 9,000,000 bytes";
    two.receiver.run(["verify", "--expect-head", large]).failed(why).hints("vouchsafe head");
    let letter = fs::read_to_string(two.offer()).unwrap();
    let long = two.receiver.write("long", letter.trim_end().to_owned() + &" ".repeat(9_000_000));
    two.receiver.run(["check", long.to_str().unwrap()]).failed("it begins like a receipt or a letter, but has 9,");
}

#[test]
fn what_file_managers_leave_among_the_volumes_is_a_notice() {
    for name in ["Thumbs.db", ".ds_store", "._000000.tar", "desktop.ini"] {
        let desk = Desk::new();
        desk.ingest("interview.txt", "An invented testimony.\n");
        desk.write(Path::new("archive/volumes").join(name), "what a file manager keeps");
        desk.run(["verify"]).well().says("V609 volume-litter (notice)").says(name);
        desk.ingest("letter.txt", "An invented letter.\n");
        let said = desk.run(["doctor"]);
        assert!(said.out.contains("an operating system left volumes/") && !said.out.contains("WRONG"), "{said:#?}");
        desk.write("archive/volumes/000000 (conflicted copy).tar", "x");
        assert_eq!(desk.findings(), (1, vec!["V605".to_owned(), "V609".to_owned()]));
    }
}
