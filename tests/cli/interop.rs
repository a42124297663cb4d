//! Other people's tools judge what this program writes: ssh-keygen, openssl, tar, sha256sum, sh.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::desk::{Desk, Said, has_tool, noise};
use crate::volume::{flip, log_lines, member};

/// Whether all of these programs are here.
fn have(test: &str, tools: &[&str]) -> bool {
    tools.iter().all(|tool| has_tool(test, tool))
}

/// A program in a folder on the desk.
fn run_in(desk: &Desk, folder: impl AsRef<Path>, program: &str, arguments: &[&str]) -> Said {
    let mut command = desk.prepare(Command::new(program), arguments);
    command.current_dir(desk.path(folder)).env("LC_ALL", "C");
    Said::by(command)
}

/// Lines of shell, stopping at the first that fails.
fn sh(desk: &Desk, folder: impl AsRef<Path>, script: &str) -> Said {
    run_in(desk, folder, "sh", &["-e", "-c", script])
}

/// An archive in which two agents have done everything that can be done to an exhibit.
fn archive() -> Desk {
    let desk = Desk::new();
    let first = desk.ingest("a.txt", "the first document");
    let second = desk.ingest("b.bin", noise(2, 1_100_000));
    let mut command = desk.command(["init", "other", "--no-passphrase", "--origin", "test.example/other"]);
    command.env("VOUCHSAFE_HOME", desk.path("other home"));
    Said::by(command).well();
    let keys = fs::read_dir(desk.path("other home/keys")).unwrap().next().unwrap().unwrap().path();
    fs::copy(keys.join("agent"), desk.path("b")).unwrap();
    fs::copy(keys.join("agent.pub"), desk.path("b.pub")).unwrap();
    desk.run(["agent", "add", "b.pub", "--name", "기록자 B", "--role", "archivist", "--kind", "organisation"]).well();
    desk.run(["note", &first, "a remark by 기록자 B", "--key", "b"]).well();
    desk.run(["describe", &first, "title=\"quoted\" \\ and so on", "languages=ko,en"]).well();
    desk.run(["get", &second, "--to", "copy", "--purpose", "to compare"]).well();
    desk.run(["note", &second, "the last remark", "--key", "b"]).well();
    desk.run(["verify", "--record"]).well();
    desk
}

fn exhibits(desk: &Desk) -> Vec<String> {
    desk.exhibits().iter().map(|row| row["exhibit"].as_str().unwrap().to_owned()).collect()
}

/// The commands that a text shows under a number: the lines that are indented.
fn commands(text: &str, number: u32) -> String {
    let from = text.find(&format!("\n{number}. ")).unwrap() + 1;
    let section = text[from..].split("\n\n").next().unwrap();
    let commands: Vec<_> = section.lines().skip(1).map(|line| line.strip_prefix("     ").unwrap()).collect();
    assert!(!commands.is_empty());
    commands.join("\n")
}

/// The indexes of the entries in a kit.
fn entries(kit: &Path) -> Vec<String> {
    let names = fs::read_dir(kit).unwrap().map(|item| item.unwrap().file_name().into_string().unwrap());
    let mut indexes: Vec<_> =
        names.filter_map(|name| Some(name.strip_prefix("entry-")?.strip_suffix(".line")?.to_owned())).collect();
    indexes.sort();
    indexes
}

#[test]
fn ssh_keygen_verifies_every_entry_of_a_kit() {
    if !have("ssh_keygen_verifies_every_entry_of_a_kit", &["ssh-keygen", "sh"]) {
        return;
    }
    let desk = archive();
    let mut checked = 0;
    for (number, exhibit) in exhibits(&desk).into_iter().enumerate() {
        let kit = format!("kit {number}");
        let said = desk.run(["prove", &exhibit, "--kit", &kit]).well();
        said.says("with signatures and receipts into");
        let command = commands(&fs::read_to_string(desk.path(&kit).join("README.txt")).unwrap(), 1);
        for index in entries(&desk.path(&kit)) {
            let file = desk.path(&kit).join(format!("entry-{index}.json"));
            let message = fs::read(&file).unwrap();
            let entry: serde_json::Value = serde_json::from_slice(&message).unwrap();
            let actor = entry["actor"].as_str().unwrap();
            let command = command.replace("entry-N", &format!("entry-{index}")).replace("SHA256:...", actor);
            sh(&desk, &kit, &command).well().says("Good \"vouchsafe-entry@1\" signature for SHA256:");
            for at in [0, message.len() / 2, message.len() - 1] {
                let mut changed = message.clone();
                changed[at] ^= 1;
                fs::write(&file, changed).unwrap();
                assert_ne!(sh(&desk, &kit, &command).code, 0, "byte {at} of entry {index}");
            }
            fs::write(&file, &message).unwrap();
            let other = command.replace("vouchsafe-entry@1", "vouchsafe-entry@2");
            assert_ne!(sh(&desk, &kit, &other).code, 0, "another namespace");
            checked += 1;
        }
    }
    assert_eq!(checked, 6);
}

#[test]
fn a_kit_holds_the_lines_of_the_log_as_they_are() {
    let desk = archive();
    let log = log_lines(&desk.volume(0));
    let exhibit = exhibits(&desk).remove(0);
    desk.run(["prove", &exhibit, "--kit", "kit"]).well();
    for index in entries(&desk.path("kit")) {
        let line = fs::read_to_string(desk.path(format!("kit/entry-{index}.line"))).unwrap();
        assert_eq!(log.lines().nth(index.parse().unwrap()).unwrap(), line);
        let message = fs::read_to_string(desk.path(format!("kit/entry-{index}.json"))).unwrap();
        assert!(
            line.starts_with(message.strip_suffix('}').unwrap()),
            "the line is what was signed, and its signatures"
        );
    }
    let names: Vec<_> = fs::read_dir(desk.path("kit")).unwrap().map(|item| item.unwrap().file_name()).collect();
    assert!(!names.iter().any(|name| name.to_string_lossy().contains("tmp")), "{names:?}");
    let fields = desk.run(["show", &exhibit, "--json"]).well().json()["fields"]["original_name"].clone();
    for name in names {
        let text = fs::read_to_string(desk.path("kit").join(&name)).unwrap();
        assert!(!text.contains(fields.as_str().unwrap()), "{name:?} discloses a field");
    }
}

#[test]
fn openssl_verifies_the_checkpoint_of_a_kit() {
    if !have("openssl_verifies_the_checkpoint_of_a_kit", &["openssl", "sh", "sed"]) {
        return;
    }
    let desk = archive();
    let exhibit = exhibits(&desk).remove(0);
    desk.run(["prove", &exhibit, "--kit", "kit"]).well();
    assert_eq!(fs::read_to_string(desk.path("kit/checkpoint")).unwrap(), desk.run(["head", "--note"]).well().out);
    let commands = commands(&fs::read_to_string(desk.path("kit/README.txt")).unwrap(), 2);
    sh(&desk, "kit", &commands).well().says("Signature Verified Successfully");
    let checkpoint = fs::read(desk.path("kit/checkpoint")).unwrap();
    for at in [3, 22, 30] {
        let mut changed = checkpoint.clone();
        changed[at] ^= 1;
        fs::write(desk.path("kit/checkpoint"), changed).unwrap();
        assert_ne!(sh(&desk, "kit", &commands).code, 0, "byte {at}");
    }
    fs::write(desk.path("kit/checkpoint"), checkpoint).unwrap();
    let key = run_in(&desk, "kit", "openssl", &["pkey", "-pubin", "-in", "log.pub.pem", "-noout", "-text"]);
    key.well().says("ED25519 Public-Key");
}

#[test]
fn a_few_lines_of_shell_check_a_receipt() {
    if !have("a_few_lines_of_shell_check_a_receipt", &["openssl", "sh", "sed", "awk"]) {
        return;
    }
    // Logs of all sizes up to nine, so that every shape of path occurs.
    let desk = Desk::new();
    let mut made = Vec::new();
    for number in 0..8 {
        made.push(desk.ingest(&format!("{number}.txt"), format!("document {number}")));
        let exhibit = &made[number / 2];
        desk.run(["prove", exhibit, "--to", &format!("receipt-{number}")]).well();
    }
    desk.run(["prove", &made[0], "--kit", "kit"]).well();
    let check = |receipt: &str| run_in(&desk, "kit", "sh", &["check-receipt.sh", receipt, "log.pub.pem"]);
    for number in 0..8 {
        let text = format!("proved: this is entry {} of the {} entries", number / 2 + 1, number + 2);
        let receipt = format!("../receipt-{number}");
        check(&receipt).well().says(&text);
        // The fingerprint alone is enough, for the script and for the program.
        let fingerprint = desk.fingerprint();
        run_in(&desk, "kit", "sh", &["check-receipt.sh", &receipt, &fingerprint]).well().says(&text);
        let receipt = format!("receipt-{number}");
        desk.run(["check", &receipt, "--trust", &fingerprint]).well().says("SOUND").says("exhibit.ingested");
    }
    let commands = commands(&fs::read_to_string(desk.path("kit/README.txt")).unwrap(), 3);
    sh(&desk, "kit", &commands.replace("entry-N", "entry-1")).well().says("proved: this is entry 1 of the 9 entries");

    let receipt = fs::read_to_string(desk.path("receipt-7")).unwrap();
    let lines: Vec<_> = receipt.lines().collect();
    // The last part is the receipt of the entry itself.
    let last = lines.iter().rposition(|line| *line == "c2sp.org/tlog-proof@v1").unwrap();
    let changed = |at: usize, line: &str| {
        let mut lines = lines.clone();
        lines[last + at] = line;
        lines.join("\n") + "\n"
    };
    let swapped = {
        let mut lines = lines.clone();
        lines.swap(last + 3, last + 4);
        lines.join("\n") + "\n"
    };
    let entry_of = |receipt: &str| {
        let text = fs::read_to_string(desk.path(receipt)).unwrap();
        text.lines().rfind(|line| line.starts_with("extra ")).unwrap().to_owned()
    };
    let node = format!("{}\n", lines[last + 3]);
    for (what, text) in [
        ("another index", changed(2, "index 5")),
        ("another entry", changed(1, &entry_of("receipt-0"))),
        ("another node", changed(3, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")),
        ("swapped nodes", swapped),
        ("a node too few", receipt.replace(&node, "")),
        ("a node too many", receipt.replace(&node, &node.repeat(2))),
        ("another size", receipt.replace("\n9\n", "\n8\n")),
        ("another kind of file", receipt.replace("tlog-proof@v1", "tlog-proof@v2")),
        ("nothing", String::new()),
    ] {
        assert_ne!(text, receipt);
        desk.write("changed", text);
        let said = check("../changed");
        assert!(said.code != 0 && !said.out.contains("proved"), "{what}: {said:#?}");
    }
    let mut other = desk.command(["init", "other", "--no-passphrase", "--origin", "test.example/archive"]);
    other.env("VOUCHSAFE_HOME", desk.path("other home"));
    Said::by(other).well();
    let mut command = desk.command(["ingest", "0.txt", "--archive", "other", "--json"]);
    command.env("VOUCHSAFE_HOME", desk.path("other home"));
    let exhibit = Said::by(command).well().files()[0]["exhibit"].as_str().unwrap().to_owned();
    let mut command = desk.command(["prove", &exhibit, "--archive", "other", "--to", "foreign"]);
    command.env("VOUCHSAFE_HOME", desk.path("other home"));
    Said::by(command).well();
    check("../foreign").code(1).notes("NOT PROVED: the checkpoint is not signed by this key");
}

#[test]
fn tar_and_sha256sum_check_the_objects_as_the_readme_says() {
    if !have("tar_and_sha256sum_check_the_objects_as_the_readme_says", &["tar", "sha256sum", "sh"]) {
        return;
    }
    let desk = archive();
    let readme = fs::read_to_string(desk.archive().join("README.txt")).unwrap();
    let lines = readme.lines().filter(|line| line.starts_with("    ") && !line.trim_start().starts_with('('));
    let lines: Vec<_> = lines.map(str::trim_start).collect();
    assert!(lines.iter().any(|line| line.contains("tar -xf")) && lines.iter().any(|line| line.contains("sha256sum")));
    let script = |check: &str| {
        let folder = desk.path(check);
        lines.join("\n").replace("/tmp/check", folder.to_str().unwrap())
    };
    sh(&desk, "archive", &script("check")).well().says("all objects are unchanged");
    let object = member(&desk.volume(0), "objects/", 1);
    flip(&desk.volume(0), object.content + 5, 0);
    let said = sh(&desk, "archive", &script("check again"));
    assert!(said.code != 0 && !said.out.contains("unchanged"), "{said:#?}");
}

#[test]
fn the_format_specification_in_the_archive_checks_it() {
    let tools = ["bash", "tar", "sha256sum", "ssh-keygen", "openssl", "sed", "find", "base64"];
    if !have("the_format_specification_in_the_archive_checks_it", &tools) {
        return;
    }
    let desk = archive();
    let text = fs::read_to_string(desk.archive().join("FORMAT.md")).unwrap();
    let mut script = String::new();
    for block in text.split("\n```sh check\n").skip(1) {
        script += block.split("\n```").next().unwrap();
        script.push('\n');
    }
    assert!(script.lines().count() > 30);
    desk.write("check.sh", script);
    let check = || run_in(&desk, "archive", "bash", &["../check.sh"]);
    let said = check().well();
    assert!(!said.err.contains("NOT SOUND"), "{said:#?}");
    let whole = fs::read(desk.volume(0)).unwrap();
    for (name, nth) in [("objects/", 0), ("fields/", 2), ("log/", 2), ("checkpoints/", 8)] {
        let damaged = member(&desk.volume(0), name, nth);
        flip(&desk.volume(0), damaged.content + damaged.size - 4, 1);
        let said = check();
        assert_ne!(said.code, 0, "{name}: {said:#?}");
        fs::write(desk.volume(0), &whole).unwrap();
    }
    check().well();
}

/// Makes a key with ssh-keygen.
fn ssh_key(desk: &Desk, name: &str, passphrase: &str, more: &[&str]) -> Said {
    let arguments = ["-q", "-t", "ed25519", "-C", "a person's key", "-N", passphrase, "-f", name];
    run_in(desk, "", "ssh-keygen", &[&arguments, more].concat())
}

fn fingerprint(desk: &Desk, file: &str) -> String {
    let said = run_in(desk, "", "ssh-keygen", &["-l", "-f", file]).well();
    said.out.split(' ').nth(1).unwrap().to_owned()
}

#[test]
fn keys_of_ssh_keygen_work_here() {
    if !have("keys_of_ssh_keygen_work_here", &["ssh-keygen"]) {
        return;
    }
    let ciphers = ["aes256-ctr", "aes128-ctr", "aes256-cbc", "aes256-gcm@openssh.com", "chacha20-poly1305@openssh.com"];
    let desk = Desk::bare();
    desk.write("passphrase", "a passphrase\n");
    desk.write("wrong", "another one\n");
    desk.write("document.txt", "x");
    ssh_key(&desk, "plain", "", &[]).well();
    for (number, cipher) in ciphers.into_iter().enumerate() {
        ssh_key(&desk, &format!("protected-{number}"), "a passphrase", &["-Z", cipher]).well();
    }
    let protected = (0..ciphers.len()).map(|number| (format!("protected-{number}"), true));
    for (key, is_protected) in protected.chain([("plain".to_owned(), false)]) {
        let archive = format!("archive-{key}");
        let mut init = vec!["init", &archive, "--key", &key, "--origin", &key];
        init.extend(if is_protected { ["--passphrase-file", "passphrase"].as_slice() } else { &["--no-passphrase"] });
        let said = desk.run(&init).well().says(&fingerprint(&desk, &format!("{key}.pub")));
        assert!(!said.err.contains("has no passphrase"), "asked for on purpose: {said:#?}");
        let mut ingest = vec!["ingest", "document.txt", "--archive", &archive, "--key", &key];
        if is_protected {
            let wrong = [ingest.as_slice(), &["--passphrase-file", "wrong"]].concat();
            desk.run(wrong).failed("the passphrase is wrong");
            ingest.extend(["--passphrase-file", "passphrase"]);
        }
        desk.run(&ingest).well();
        desk.run(["verify", "--archive", &archive]).well().says("SOUND");
    }
}

#[test]
fn a_cipher_that_is_not_known_is_not_called_a_wrong_passphrase() {
    const NAME: &str = "a_cipher_that_is_not_known_is_not_called_a_wrong_passphrase";
    if !have(NAME, &["ssh-keygen"]) {
        return;
    }
    let desk = Desk::bare();
    desk.write("passphrase", "a passphrase\n");
    if ssh_key(&desk, "old", "a passphrase", &["-Z", "3des-cbc"]).code != 0 {
        return crate::desk::say_not_run(NAME, "this ssh-keygen does not know 3des-cbc any more");
    }
    let said = desk.run(["init", "archive", "--key", "old", "--passphrase-file", "passphrase"]);
    said.failed("old: the key is encrypted with 3des-cbc").hints("ssh-keygen -p -Z aes256-ctr -f 'old'");
    assert!(!desk.archive().exists());
}

#[test]
fn ssh_keygen_reads_our_keys() {
    if !have("ssh_keygen_reads_our_keys", &["ssh-keygen"]) {
        return;
    }
    let public = |desk: &Desk, name: &str| {
        let text = fs::read_to_string(desk.key(name).with_extension("pub")).unwrap();
        text.split(' ').take(2).collect::<Vec<_>>().join(" ")
    };
    let read = |desk: &Desk, name: &str, more: &[&str]| {
        let key = desk.key(name);
        run_in(desk, "", "ssh-keygen", &[&["-y", "-f", key.to_str().unwrap()], more].concat())
    };
    let plain = Desk::new();
    for name in ["agent", "log"] {
        read(&plain, name, &[]).well().says(&public(&plain, name));
    }
    let administrator = plain.run(["agent", "list", "--json"]).well().json()["key"].as_str().unwrap().to_owned();
    assert_eq!(fingerprint(&plain, plain.key("agent").to_str().unwrap()), administrator);

    let protected = Desk::bare();
    protected.write("passphrase", "우리 암호 문장\n");
    protected.run(["init", "archive", "--passphrase-file", "passphrase"]).well();
    for name in ["agent", "log"] {
        read(&protected, name, &["-P", "우리 암호 문장"]).well().says(&public(&protected, name));
        let said = read(&protected, name, &["-P", "another"]);
        assert!(said.code != 0 && !said.out.contains("ssh-ed25519"), "{said:#?}");
    }
    // Its owner changes the passphrase with ssh-keygen, and it still is the same key here.
    for name in ["agent", "log"] {
        let key = protected.key(name);
        let arguments = ["-q", "-p", "-P", "우리 암호 문장", "-N", "a new one", "-f", key.to_str().unwrap()];
        run_in(&protected, "", "ssh-keygen", &arguments).well();
    }
    protected.write("new", "a new one\n");
    protected.write("document.txt", "x");
    protected.run(["ingest", "document.txt", "--passphrase-file", "passphrase"]).failed("the passphrase is wrong");
    protected.run(["ingest", "document.txt", "--passphrase-file", "new"]).well();
    protected.check_sound();
}

#[test]
fn a_copy_has_the_sha256_that_sha256sum_finds() {
    if !have("a_copy_has_the_sha256_that_sha256sum_finds", &["sha256sum"]) {
        return;
    }
    let desk = archive();
    let said = run_in(&desk, "", "sha256sum", &["copy", "b.bin"]).well();
    let digests: Vec<_> = said.out.lines().map(|line| &line[..64]).collect();
    let object = desk.exhibits()[1]["object"].as_str().unwrap().to_owned();
    assert_eq!(digests, [object.as_str(), object.as_str()]);
    desk.run(["find", &object]).well().says("b.bin");
}
