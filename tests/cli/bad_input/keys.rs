//! Keys and passphrases that do not fit, and agents that may not.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

use vouchsafe_archive::keys::KeyFile;
use vouchsafe_core::sign::SigningKey;

use crate::desk::{Desk, Said, has_tool};

/// A desk whose keys have the passphrase in the file `passphrase`.
fn protected() -> Desk {
    let desk = Desk::bare();
    desk.write("passphrase", "the right one\n");
    desk.write("document.txt", "a document");
    desk.run(["init", "archive", "--passphrase-file", "passphrase"]).well();
    desk
}

/// A desk with unprotected keys and a document.
fn open() -> Desk {
    let desk = Desk::new();
    desk.write("document.txt", "a document");
    desk
}

/// A key pair of another archive, as `NAME` and `NAME.pub`.
fn other_key(desk: &Desk, name: &str) {
    let mut command = desk.command(["init", &format!("{name}-archive"), "--no-passphrase", "--origin", name]);
    command.env("VOUCHSAFE_HOME", desk.path(format!("{name}-home")));
    Said::by(command).well();
    let folder = fs::read_dir(desk.path(format!("{name}-home/keys"))).unwrap().next().unwrap().unwrap().path();
    fs::copy(folder.join("agent"), desk.path(name)).unwrap();
    fs::copy(folder.join("agent.pub"), desk.path(format!("{name}.pub"))).unwrap();
}

#[test]
fn a_wrong_passphrase_is_told() {
    let desk = protected();
    desk.write("wrong", "the wrong one\n");
    let before = desk.volume_bytes();
    let said = desk.run(["ingest", "document.txt", "--passphrase-file", "wrong"]);
    said.failed("agent: the passphrase is wrong").hints("cannot be recovered");
    assert_eq!(desk.volume_bytes(), before);
    desk.run(["ingest", "document.txt", "--passphrase-file", "passphrase"]).well();
}

#[test]
fn without_a_terminal_nobody_waits_for_a_passphrase() {
    if !has_tool("without_a_terminal_nobody_waits_for_a_passphrase", "setsid") {
        return;
    }
    let desk = protected();
    let without_terminal = |arguments: &[&str]| {
        let program = [crate::desk::PROGRAM];
        Said::by(desk.prepare(Command::new("setsid"), ["--wait"].iter().chain(&program).chain(arguments)))
    };
    without_terminal(&["ingest", "document.txt"]).failed("none was given").hints("--passphrase-file");
    without_terminal(&["init", "second"]).misunderstood("no terminal to ask for it").hints("--no-passphrase");
    assert!(!desk.path("second").exists());
}

/// Runs the program on a terminal, and types each answer when the question before it stands there.
fn on_a_terminal(desk: &Desk, arguments: &[&str], answers: &[(&str, &str)]) -> String {
    use std::io::{Read as _, Write as _};
    let line = [crate::desk::PROGRAM].iter().chain(arguments).map(|word| format!("'{word}'")).collect::<Vec<_>>();
    let mut command = desk.prepare(Command::new("script"), ["-qec", &line.join(" "), "/dev/null"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let (mut input, mut output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    let (mut seen, mut from) = (String::new(), 0);
    let mut answers = answers.iter();
    let mut next = answers.next();
    let mut piece = [0; 256];
    loop {
        let count = output.read(&mut piece).unwrap();
        seen.push_str(&String::from_utf8_lossy(&piece[..count]));
        if let Some((question, answer)) = next
            && seen[from..].contains(question)
        {
            from = seen.len();
            writeln!(input, "{answer}").unwrap();
            next = answers.next();
        }
        if count == 0 {
            break;
        }
    }
    assert!(child.wait().unwrap().success(), "{seen}");
    assert!(next.is_none(), "not asked for {next:?}: {seen}");
    seen
}

#[test]
fn a_new_log_key_does_not_take_over_the_passphrase_of_the_given_key() {
    const NAME: &str = "a_new_log_key_does_not_take_over_the_passphrase_of_the_given_key";
    if !has_tool(NAME, "script") || !has_tool(NAME, "ssh-keygen") {
        return;
    }
    let desk = Desk::bare();
    let made = Command::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "of my own key", "-f"])
        .arg(desk.path("mine"))
        .status();
    assert!(made.unwrap().success());
    let init = ["init", "archive", "--key", "mine", "--origin", "test.example/archive"];
    let answers = [
        ("Passphrase for mine: ", "of my own key"),
        ("New passphrase for the log key: ", "of the log key"),
        ("Repeat the passphrase: ", "of the log key"),
    ];
    let said = on_a_terminal(&desk, &init, &answers);
    assert!(said.contains("Created the archive"), "{said}");
    let opens = |name: &str, passphrase: &str| {
        KeyFile::read(&if name == "mine" { desk.path(name) } else { desk.key(name) })
            .unwrap()
            .open(Some(passphrase))
            .is_ok()
    };
    assert!(opens("mine", "of my own key") && opens("log", "of the log key") && !opens("log", "of my own key"));
    // Both are asked for when they are needed.
    desk.write("document.txt", "x");
    let answers = [("Passphrase for mine: ", "of my own key"), ("log: ", "of the log key")];
    on_a_terminal(&desk, &["ingest", "document.txt", "--key", "mine"], &answers);
    // From a file it is one for both, as the help says.
    desk.write("passphrase", "of my own key\n");
    let second =
        ["init", "second", "--key", "mine", "--origin", "test.example/second", "--passphrase-file", "passphrase"];
    desk.run(second).well();
}

#[test]
fn a_passphrase_file_that_is_missing_or_empty_is_told() {
    let desk = protected();
    let run = |file| desk.run(["ingest", "document.txt", "--passphrase-file", file]);
    run("nothing").failed("nothing: cannot read the passphrase");
    desk.write("empty", "\nsecond line\n");
    run("empty").misunderstood("empty: the passphrase is empty");
    let said = desk.run(["init", "second", "--passphrase-file", "empty"]).misunderstood("the passphrase is empty");
    assert!(!desk.path("second").exists(), "{said:#?}");
}

#[test]
fn a_corrupt_key_is_told() {
    let desk = open();
    let whole = fs::read(desk.key("agent")).unwrap();
    let mut changed = whole.clone();
    changed[150] ^= 4;
    for content in [&whole[..whole.len() / 2], &changed, b"-----BEGIN OPENSSH PRIVATE KEY-----\n"] {
        private(&desk, "corrupt", content);
        let said = desk.run(["ingest", "document.txt", "--key", "corrupt"]);
        said.failed("corrupt: this is an OpenSSH private key that was cut off or changed").hints("from its backup");
    }
    for content in [b"".as_slice(), b"\xff\0", b"Dear colleague,\n"] {
        private(&desk, "corrupt", content);
        let said = desk.run(["ingest", "document.txt", "--key", "corrupt"]);
        said.failed("corrupt: this is not an OpenSSH private key").hints("ssh-keygen -t ed25519");
    }
}

/// Writes a file that only its owner can read.
fn private(desk: &Desk, name: &str, content: impl AsRef<[u8]>) {
    let path = desk.write(name, content);
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

/// The base64 of a key's file, without line ends.
fn body(armored: &str) -> String {
    armored.lines().filter(|line| !line.starts_with('-')).collect()
}

#[test]
fn a_key_is_read_however_its_lines_are_broken() {
    let desk = open();
    let exhibit = desk.ingest("first.txt", "first");
    let key = fs::read_to_string(desk.key("agent")).unwrap();
    let body = body(&key);
    let broken = |width: usize, end: &str| {
        let lines: Vec<_> = body.as_bytes().chunks(width).map(|line| str::from_utf8(line).unwrap()).collect();
        let lines = lines.join(end);
        format!("-----BEGIN OPENSSH PRIVATE KEY-----{end}{lines}{end}-----END OPENSSH PRIVATE KEY-----{end}")
    };
    let texts = [
        broken(64, "\n"),
        broken(76, "\n"),
        broken(1, "\n"),
        broken(7, "\r\n"),
        broken(body.len(), "\n"),
        broken(70, " \n"),
        broken(70, "\n").replacen("\n", "\n\n", 1),
        format!("{key}\n\n"),
        format!("{key}key of Kim, made 2026-11-29\n"),
        format!("\u{feff}{key}"),
        format!("# 열쇠\n{key}"),
        key.trim_end().to_owned(),
        key.replace('\n', "\r\n"),
        key.replace('\n', " "),
    ];
    for text in texts {
        private(&desk, "rewrapped", &text);
        let said = desk.run(["note", &exhibit, "by the same key", "--key", "rewrapped"]);
        assert_eq!(said.code, 0, "{text:?}: {said:#?}");
    }
    let wide: Vec<u8> = "\u{feff}".encode_utf16().chain(key.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    private(&desk, "rewrapped", wide);
    desk.run(["note", &exhibit, "saved by a shell of Windows", "--key", "rewrapped"]).well();
}

#[test]
fn a_key_of_another_program_is_called_what_it_is() {
    let desk = open();
    let public = fs::read_to_string(desk.key("agent.pub")).unwrap();
    let pem = |label: &str| format!("-----BEGIN {label}-----\nMC4CAQAwBQYDK2VwBCIEIA==\n-----END {label}-----\n");
    let cases = [
        (pem("PRIVATE KEY"), "PKCS#8", "ssh-keygen -p -f"),
        (pem("ENCRYPTED PRIVATE KEY"), "PKCS#8", "ssh-keygen -p -f"),
        (pem("RSA PRIVATE KEY"), "in PEM form", "ssh-keygen -t ed25519"),
        (pem("EC PRIVATE KEY"), "in PEM form", "ssh-keygen -t ed25519"),
        (pem("CERTIFICATE"), "a certificate", "ssh-keygen -t ed25519"),
        ("PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\n".to_owned(), "PuTTY", "puttygen 'other'"),
        ("-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nlQOY\n".to_owned(), "PGP", "ssh-keygen -t ed25519"),
        ("---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\n".to_owned(), "SSH2", "ssh-keygen -i -f"),
        (public, "a public key", "without .pub"),
    ];
    for (text, what, way_out) in cases {
        private(&desk, "other", &text);
        let said = desk.run(["ingest", "document.txt", "--key", "other"]);
        let said = said.failed("other: this is ").hints(way_out);
        assert!(said.err.contains(what) && !said.err.contains("damaged"), "{said:#?}");
        assert!(!said.err.contains("MC4CAQ"), "nothing of a key is shown: {said:#?}");
    }
}

#[test]
fn a_comment_that_is_not_utf_8_is_told() {
    const NAME: &str = "a_comment_that_is_not_utf_8_is_told";
    if !has_tool(NAME, "ssh-keygen") {
        return;
    }
    let desk = open();
    for passphrase in ["", "a long enough passphrase"] {
        let mut make = Command::new("ssh-keygen");
        let comment = <OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(b"kim@\xc4\xc4\xc7\xbb\xc5\xcd");
        make.args(["-q", "-t", "ed25519", "-N", passphrase, "-C"]).arg(comment).arg("-f").arg(desk.path("key"));
        assert!(make.status().unwrap().success());
        desk.write("passphrase", passphrase);
        let given: &[&str] = if passphrase.is_empty() { &[] } else { &["--passphrase-file", "passphrase"] };
        let said = desk.run(["ingest", "document.txt", "--key", "key"].iter().chain(given));
        said.failed("the comment in the key is not in UTF-8").hints("ssh-keygen -c");
        fs::remove_file(desk.path("key")).unwrap();
    }
}

#[test]
fn a_passphrase_is_the_same_in_every_unicode_form_and_file() {
    let desk = Desk::bare();
    let (composed, decomposed) = (
        "두만강을 건넌 사람",
        "\u{1103}\u{116e}\u{1106}\u{1161}\u{11ab}\u{1100}\u{1161}\u{11bc}\u{110b}\u{1173}\u{11af} \u{1100}\u{1165}\u{11ab}\u{1102}\u{1165}\u{11ab} \u{1109}\u{1161}\u{1105}\u{1161}\u{11b7}",
    );
    assert_ne!(composed, decomposed);
    for (number, made) in [composed, decomposed].into_iter().enumerate() {
        let archive = format!("archive-{number}");
        desk.write("made", made);
        desk.run(["init", &archive, "--origin", &archive, "--passphrase-file", "made"]).well();
        let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
        let files = [
            composed.as_bytes().to_vec(),
            decomposed.as_bytes().to_vec(),
            format!("\u{feff}{composed}\r\n").into_bytes(),
            format!("{decomposed}\r").into_bytes(),
            wide(&format!("\u{feff}{composed}\r\n")),
        ];
        for (number, content) in files.into_iter().enumerate() {
            desk.write("given", content);
            let name = desk.write(format!("{archive}-{number}.txt"), archive.as_bytes());
            let ingest = ["ingest", "--archive", &archive, "--passphrase-file", "given", name.to_str().unwrap()];
            desk.run(ingest).well();
        }
        desk.write("given", b"\xb5\xce\xb8\xb8\xb0\xad");
        let ingest = ["ingest", "--archive", &archive, "--passphrase-file", "given", "made"];
        desk.run(ingest).failed("given: the passphrase is not UTF-8 text").hints("UTF-8");
    }
}

#[test]
fn a_short_passphrase_is_warned_of() {
    let desk = Desk::bare();
    for (passphrase, is_short) in [("a", true), ("강", true), ("eleven char", true), ("horse battery staple", false)] {
        desk.write("passphrase", passphrase);
        let said =
            desk.run(["init", passphrase, "--origin", "test.example/a", "--passphrase-file", "passphrase"]).well();
        assert_eq!(said.err.contains("WARNING: the passphrase has "), is_short, "{said:#?}");
        fs::remove_dir_all(desk.path("home")).unwrap();
    }
}

#[test]
fn only_ed25519_keys_are_accepted() {
    if !has_tool("only_ed25519_keys_are_accepted", "ssh-keygen") {
        return;
    }
    let desk = open();
    for (kind, bits, name) in [("rsa", "2048", "ssh-rsa"), ("ecdsa", "256", "ecdsa-sha2-nistp256")] {
        let mut make = Command::new("ssh-keygen");
        make.args(["-q", "-t", kind, "-b", bits, "-N", "", "-f"]).arg(desk.path(kind));
        assert!(make.status().unwrap().success());
        let said = desk.run(["ingest", "document.txt", "--key", kind]);
        said.failed(&format!("{kind}: the key is of type {name}; only ssh-ed25519")).hints("ssh-keygen -t ed25519");
        let public = format!("{kind}.pub");
        let said = desk.run(["agent", "add", &public, "--name", "B", "--role", "archivist"]);
        said.misunderstood("only ssh-ed25519 keys are accepted").hints("ssh-keygen -t ed25519");
        desk.run(["init", "second", "--key", kind, "--no-passphrase"]).failed("only ssh-ed25519 keys");
        assert!(!desk.path("second").exists());
    }
}

#[test]
fn a_key_that_the_log_does_not_know_cannot_act() {
    let desk = open();
    let exhibit = desk.ingest("first.txt", "first");
    other_key(&desk, "stranger");
    let before = desk.volume_bytes();
    for arguments in [
        ["ingest", "document.txt"].as_slice(),
        &["note", &exhibit, "hello"],
        &["describe", &exhibit, "title=x"],
        &["get", &exhibit, "--to", "copy", "--purpose", "x"],
        &["verify", "--record"],
        &["agent", "add", "stranger.pub", "--name", "S", "--role", "administrator"],
    ] {
        let said = desk.run(arguments.iter().chain(&["--key", "stranger"]));
        let said = said.failed("the log does not know this key").hints("vouchsafe agent add");
        assert_eq!(said.out, "", "nothing was done, so there is nothing to sum up");
    }
    assert!(!desk.path("copy").exists());
    assert_eq!(desk.volume_bytes(), before);
}

#[test]
fn a_key_that_others_can_read_is_not_used() {
    let desk = open();
    for mode in [0o644, 0o640, 0o604, 0o660] {
        fs::set_permissions(desk.key("agent"), fs::Permissions::from_mode(mode)).unwrap();
        let said = desk.run(["ingest", "document.txt"]);
        said.failed(&format!("can read the key (mode {mode:04o})")).hints("chmod 600");
    }
    fs::set_permissions(desk.key("agent"), fs::Permissions::from_mode(0o400)).unwrap();
    desk.run(["ingest", "document.txt"]).well();
}

#[test]
fn the_log_key_of_another_archive_is_refused() {
    let desk = open();
    other_key(&desk, "other");
    let said = desk.run(["ingest", "document.txt", "--log-key", "other"]);
    said.failed("other: this is not the log key of this archive").hints("--log-key");
}

#[test]
fn missing_keys_are_named() {
    let desk = open();
    let path = desk.key("agent");
    fs::rename(&path, desk.path("moved")).unwrap();
    let said = desk.run(["ingest", "document.txt"]);
    said.failed(&format!("{}: cannot read the key", path.display())).hints("--key FILE");
    desk.run(["ingest", "document.txt", "--key", "moved"]).well();
    desk.run(["list"]).well().says("1 exhibit");
}

#[test]
fn init_never_writes_over_keys_or_into_a_folder_that_holds_something() {
    let desk = open();
    let keys = || -> Vec<_> {
        let folders = fs::read_dir(desk.path("home/keys")).unwrap().map(|item| item.unwrap().path());
        folders.map(|folder| fs::read(folder.join("log")).unwrap()).collect()
    };
    let before = keys();
    // A second archive of the same name has another end to it, and keys of its own.
    desk.run(["init", "second", "--no-passphrase", "--origin", "test.example/archive"]).well();
    let after = keys();
    assert_eq!((before.len(), after.len()), (1, 2));
    assert!(after.contains(&before[0]) && after[0] != after[1]);
    desk.write("full/something", "");
    for folder in ["archive", "full"] {
        desk.run(["init", folder, "--no-passphrase"]).failed(&format!("{folder}: the folder is not empty"));
    }
    fs::create_dir(desk.path("empty")).unwrap();
    desk.run(["init", "empty", "--no-passphrase"]).well();
}

#[test]
fn keys_never_lie_in_the_archive() {
    let desk = Desk::bare();
    let mut command = desk.command(["init", "second", "--no-passphrase"]);
    command.env("VOUCHSAFE_HOME", desk.path("second/home"));
    Said::by(command).misunderstood("the keys would be stored inside the archive").hints("VOUCHSAFE_HOME");
    assert!(!desk.path("second").exists());
}

#[test]
fn only_an_administrator_adds_and_revokes_agents() {
    let desk = open();
    for (name, role) in [("b", "archivist"), ("c", "investigator"), ("d", "lawyer")] {
        other_key(&desk, name);
        desk.run(["agent", "add", &format!("{name}.pub"), "--name", name, "--role", role]).well();
    }
    other_key(&desk, "e");
    let before = desk.volume_bytes();
    for key in ["b", "c", "d"] {
        let said = desk.run(["agent", "add", "e.pub", "--name", "E", "--role", "archivist", "--key", key]);
        let said = said.failed("none of the agent's roles (").hints("vouchsafe agent list");
        assert!(said.err.contains("allows agent.added; these roles do: administrator"), "{said:#?}");
        desk.run(["agent", "revoke", "b", "--reason", "x", "--key", key]).failed("none of the agent's roles");
    }
    for key in ["c", "d"] {
        let said = desk.run(["ingest", "document.txt", "--key", key]).failed("none of the agent's roles (");
        assert!(said.err.contains("allows exhibit.ingested; these roles do: administrator, archivist"), "{said:#?}");
    }
    assert_eq!(desk.volume_bytes(), before);
    desk.run(["ingest", "document.txt", "--key", "b"]).well();
    let exhibit = desk.exhibits()[0]["exhibit"].as_str().unwrap().to_owned();
    desk.run(["note", &exhibit, "seen", "--key", "c"]).well();
    desk.check_sound();
}

#[test]
fn a_revoked_key_cannot_act_any_more() {
    let desk = open();
    other_key(&desk, "b");
    desk.run(["agent", "add", "b.pub", "--name", "B", "--role", "archivist", "--role", "administrator"]).well();
    desk.run(["agent", "revoke", "B", "--reason", "left"]).well();
    let said = desk.run(["ingest", "document.txt", "--key", "b"]);
    said.failed("this key was revoked at entry 2").hints("vouchsafe agent add");
    desk.run(["agent", "revoke", "Administrator", "--reason", "mine now", "--key", "b"]).failed("revoked at entry 2");
    desk.run(["agent", "revoke", "B", "--reason", "twice"]).failed("revoked at entry 2");
    let said = desk.run(["agent", "add", "b.pub", "--name", "B again", "--role", "archivist"]);
    said.failed("already introduced at entry 1");
    desk.check_sound();
}

#[test]
fn the_last_administrator_cannot_be_revoked() {
    let desk = open();
    let said = desk.run(["agent", "revoke", "Administrator", "--reason", "x"]);
    said.failed("this is the last administrator").hints("add another administrator first");
    other_key(&desk, "b");
    desk.run(["agent", "add", "b.pub", "--name", "B", "--role", "administrator"]).well();
    desk.run(["agent", "revoke", "Administrator", "--reason", "retired"]).well();
    desk.run(["agent", "revoke", "B", "--reason", "x", "--key", "b"]).failed("this is the last administrator");
    desk.run(["agent", "revoke", "nobody", "--reason", "x", "--key", "b"]).misunderstood("no agent \"nobody\"");
    desk.check_sound();
}

#[test]
fn a_weak_public_key_is_refused() {
    let desk = open();
    // Points of small order (RFC 7748 §7, "Taming the many EdDSAs"), and an encoding that is not canonical.
    let weak = [
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        "7P///////////////////////////////////////38=",
        "x3oDeVE4vsf/fqk8/SDnPgSkR/bLfUdIRe55ZJNRTxc=",
        "JuiFhq7HQcAAgVVD/98YwcEFuAUgS7Ki8WZH2UYTl04=",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAIA=",
        "7v///////////////////////////////////////38=",
    ];
    let before = desk.volume_bytes();
    for point in weak {
        use base64::Engine as _;
        use base64::engine::general_purpose::STANDARD;
        let blob = [b"\0\0\0\x0bssh-ed25519\0\0\0\x20".as_slice(), &STANDARD.decode(point).unwrap()].concat();
        let line = format!("ssh-ed25519 {} weak", STANDARD.encode(blob));
        let said = desk.run(["agent", "add", &line, "--name", "W", "--role", "archivist"]).code(2);
        let is_told = said.err.contains("the key is weak") || said.err.contains("not a canonical Ed25519 public key");
        assert!(is_told, "{point}: {said:#?}");
        desk.write("weak.pub", format!("{line}\n"));
        desk.run(["agent", "add", "weak.pub", "--name", "W", "--role", "archivist"]).misunderstood("weak.pub: ");
    }
    assert_eq!(desk.volume_bytes(), before);
}

/// Signatures by it would hold; but nothing here makes them yet.
#[test]
fn a_fido_key_cannot_sign_yet() {
    let desk = open();
    let (before, cannot) = (desk.volume_bytes(), "it is a FIDO key: this version checks signatures by such keys");
    let point = ssh_key::public::Ed25519PublicKey(*SigningKey::from_secret(&[5; 32]).unwrap().public().as_bytes());
    let make = |application: &str| {
        let public = ssh_key::public::SkEd25519::new(point, application);
        let pair = ssh_key::private::SkEd25519::new(public, 1, b"handle").unwrap();
        ssh_key::PrivateKey::new(pair.into(), "token").unwrap()
    };
    let key = make("ssh:");
    let line = key.public_key().to_openssh().unwrap();
    desk.write("token.pub", format!("{line}\n"));
    for given in [line.as_str(), "token.pub"] {
        let said = desk.run(["agent", "add", given, "--name", "T", "--role", "archivist"]);
        said.misunderstood(cannot).hints("ssh-keygen -t ed25519");
    }
    let other = make("ssh:other").public_key().to_openssh().unwrap();
    let said = desk.run(["agent", "add", &other, "--name", "T", "--role", "archivist"]);
    said.misunderstood("it is a FIDO key for the application \"ssh:other\"; only \"ssh:\" is accepted");

    let path = desk.write("token", key.to_openssh(ssh_key::LineEnding::LF).unwrap().as_bytes());
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
    desk.run(["ingest", "document.txt", "--key", "token"]).failed(cannot).hints("ssh-keygen -t ed25519");
    desk.run(["init", "second", "--key", "token", "--no-passphrase"]).failed(cannot);
    assert!(!desk.path("second").exists());
    assert_eq!(desk.volume_bytes(), before);
}

#[test]
fn an_agent_needs_a_key_a_name_and_a_role() {
    let desk = open();
    other_key(&desk, "b");
    let add = |key, name, role| desk.run(["agent", "add", key, "--name", name, "--role", role]);
    add("b.pub", "B", "chief").code(2).notes("administrator, archivist, investigator, lawyer");
    add("b.pub", " ", "lawyer").misunderstood("the name is empty");
    add("nothing.pub", "B", "lawyer").misunderstood("nothing.pub: cannot read the public key");
    add("document.txt", "B", "lawyer").misunderstood("document.txt: not an OpenSSH public key");
    add("ssh-ed25519 AAAA", "B", "lawyer").misunderstood("not an OpenSSH public key");
    // The private half by mistake: it must not get into the log, nor onto the screen.
    let said = add("b", "B", "lawyer").misunderstood("b: not an OpenSSH public key");
    assert!(!said.err.contains("OPENSSH"), "{said:#?}");
    desk.run(["agent", "add", "b.pub", "--name", "B"]).code(2);
    desk.run(["agent", "revoke", "Administrator"]).code(2).notes("--reason");
}
