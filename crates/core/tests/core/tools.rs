//! Other programs judge what we write: tar, bsdtar, Python, ssh-keygen and openssl.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempDir;
use vouchsafe_core::digest::Digest;
use vouchsafe_core::format::volume::{END_BYTES, Found, Member, MemberName, look_at};
use vouchsafe_core::format::{ArchiveRef, Attached, Checkpoint, Entry, SignedEntry};
use vouchsafe_core::model::{EntryIndex, ExhibitId, ExhibitNoted, Fingerprint, Salt};
use vouchsafe_core::sign::ENTRY_NAMESPACE;

use crate::data;
use crate::samples::{key, origin};
use crate::volumes::member;

/// The members of a test volume: objects of the sizes around a block, then a commit's other members.
fn members() -> Vec<(MemberName, Vec<u8>)> {
    let mut members: Vec<_> = [0, 1, 511, 512, 513]
        .into_iter()
        .map(|size| {
            let content = vec![0xa5; size];
            (MemberName::Object(Digest::of(&content)), content)
        })
        .collect();
    members.push((MemberName::Fields { first: 0, count: 2 }, b"[]\n[]\n".to_vec()));
    members.push((MemberName::Log { first: 0, count: 2 }, b"{}\n{}\n".to_vec()));
    members.push((MemberName::Checkpoint { size: 2 }, "— text\n".into()));
    members
}

/// The ways a volume may lie there: growing or closed, with and without pax headers.
fn volumes() -> [(&'static str, Vec<u8>); 4] {
    let all = |extended: fn(usize) -> bool| -> Vec<u8> {
        let members = members().into_iter().enumerate();
        members.flat_map(|(at, (name, content))| member(name, &content, extended(at))).collect()
    };
    let closed = |mut bytes: Vec<u8>| {
        bytes.resize(bytes.len() + usize::try_from(END_BYTES).unwrap(), 0);
        bytes
    };
    [
        ("growing.tar", all(|_| false)),
        ("growing-pax.tar", all(|at| at % 2 == 0)),
        ("closed.tar", closed(all(|_| false))),
        ("closed-pax.tar", closed(all(|_| true))),
    ]
}

fn names() -> Vec<String> {
    members().into_iter().map(|(name, _)| name.to_string()).collect()
}

/// A folder with the volumes in it.
fn folder_of_volumes() -> TempDir {
    let folder = TempDir::new().unwrap();
    for (name, bytes) in volumes() {
        fs::write(folder.path().join(name), bytes).unwrap();
    }
    folder
}

fn check_extracted(folder: &Path) {
    for (name, content) in members() {
        assert_eq!(fs::read(folder.join(name.to_string())).unwrap(), content, "{name}");
    }
}

/// Lists and extracts the volumes with a program that takes the arguments of tar.
fn check_with_tar(tar: &str) {
    let folder = folder_of_volumes();
    for (volume, _) in volumes() {
        let run = |arguments: &[&str]| data::run(Command::new(tar).args(arguments).current_dir(folder.path()));
        assert_eq!(run(&["-tf", volume]).lines().collect::<Vec<_>>(), names(), "{volume}");
        let long = run(&["-tvf", volume]);
        for (line, (name, content)) in long.lines().zip(members()) {
            assert!(line.starts_with("-r--r--r--"), "{line}");
            assert!(line.contains(&format!(" {} ", content.len())), "{line}");
            assert!(line.ends_with(&name.to_string()), "{line}");
        }
        let target = TempDir::new().unwrap();
        run(&["-xf", volume, "-C", target.path().to_str().unwrap()]);
        check_extracted(target.path());
    }
}

#[test]
fn tar_lists_and_extracts_a_volume() {
    if crate::programs::has_tool("tar_lists_and_extracts_a_volume", "tar") {
        check_with_tar("tar");
    }
}

/// bsdtar is what macOS and Windows call tar. Not every build server has it.
#[test]
fn bsdtar_lists_and_extracts_a_volume() {
    if crate::programs::has_tool("bsdtar_lists_and_extracts_a_volume", "bsdtar") {
        check_with_tar("bsdtar");
    }
}

#[test]
fn python_lists_and_extracts_a_volume() {
    const PROGRAM: &str = "
import sys, tarfile
with tarfile.open(sys.argv[1], errorlevel=2) as volume:
    for member in volume:
        assert member.isreg() and member.mode == 0o444 and member.mtime == 0, member
        assert member.uid == member.gid == 0 and member.uname == member.gname == '', member
        print(member.size, member.name)
    volume.extractall(sys.argv[2])
";
    let name = "python_lists_and_extracts_a_volume";
    if !crate::programs::has_tool(name, "python3") {
        return;
    }
    let folder = folder_of_volumes();
    for (volume, _) in volumes() {
        let target = TempDir::new().unwrap();
        let mut python = Command::new("python3");
        python.args(["-W", "ignore", "-c", PROGRAM]).arg(folder.path().join(volume)).arg(target.path());
        let listed = data::run(&mut python);
        let expected: Vec<_> =
            members().into_iter().map(|(name, content)| format!("{} {name}", content.len())).collect();
        assert_eq!(listed.lines().collect::<Vec<_>>(), expected, "{volume}");
        check_extracted(target.path());
    }
}

/// A header for 9 GiB, which only a pax header can tell, in front of a file with a hole in it.
#[test]
fn tar_reads_a_size_over_8_gib() {
    const SIZE_BYTES: u64 = 9 << 30;
    let name = "tar_reads_a_size_over_8_gib";
    if !crate::programs::has_tool(name, "tar") {
        return;
    }
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("large.tar");
    let object = MemberName::Object(Digest::ZERO);
    let header = vouchsafe_core::format::volume::header(object, SIZE_BYTES, false);
    fs::write(&path, &header).unwrap();
    let file = fs::OpenOptions::new().append(true).open(&path).unwrap();
    if let Err(error) = file.set_len(header.len() as u64 + SIZE_BYTES) {
        return crate::programs::not_run(name, &format!("this file system takes no file of 9 GiB: {error}"));
    }
    let listed = data::run(Command::new("tar").arg("-tvf").arg(&path));
    assert!(listed.contains(&format!(" {SIZE_BYTES} ")), "{listed}");
    assert!(listed.trim_end().ends_with(&object.to_string()), "{listed}");
}

/// The other way round: what GNU tar writes is no volume, and is not taken for one.
#[test]
fn a_tar_file_by_another_program_is_not_a_volume() {
    if !crate::programs::has_tool("a_tar_file_by_another_program_is_not_a_volume", "tar") {
        return;
    }
    let folder = TempDir::new().unwrap();
    fs::create_dir(folder.path().join("checkpoints")).unwrap();
    fs::write(folder.path().join("checkpoints/1"), "x").unwrap();
    data::run(
        Command::new("tar")
            .args(["--format=ustar", "--owner=0", "--group=0", "--numeric-owner", "--mode=0444", "--mtime=@0"])
            .args(["-cf", "volume.tar", "checkpoints/1"])
            .current_dir(folder.path()),
    );
    let bytes = fs::read(folder.path().join("volume.tar")).unwrap();
    // Even with all of these options the device numbers or the padding of the file may differ; a reader
    // must either find our one form or none.
    match look_at(&bytes, 0).unwrap() {
        Found::Member(found) => {
            let expected =
                Member { name: MemberName::Checkpoint { size: 1 }, header_offset: 0, offset: 512, size_bytes: 1 };
            assert_eq!(found, expected);
            assert_eq!(look_at(&bytes, found.end()).unwrap(), Found::Damaged);
        }
        found => assert_eq!(found, Found::Damaged),
    }
}

fn signed_entry() -> SignedEntry {
    let time = "2026-11-23T09:12:44.120Z".parse().unwrap();
    let entry = Entry {
        actor: key(1).public().id(),
        archive: ArchiveRef::Of(Fingerprint(Digest::of(b"first"))),
        attached: Attached::default(),
        event: ExhibitNoted { fields: Vec::new() }.into(),
        exhibit: Some(ExhibitId::from_bytes([3; 10])),
        exhibit_sequence: Some(5),
        index: EntryIndex(9),
        occurred_at: time,
        previous: Digest::of(b""),
        record: None,
        record_sequence: None,
        recorded_at: time,
        salt: Salt::from_bytes([4; 16]),
    };
    entry.sign(&key(1)).unwrap()
}

#[test]
fn ssh_keygen_verifies_an_entry_and_no_other() {
    if !crate::programs::has_tool("ssh_keygen_verifies_an_entry_and_no_other", "ssh-keygen") {
        return;
    }
    let signed = signed_entry();
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name);
    let public = key(1).public().to_openssh();
    fs::write(path("allowed_signers"), format!("archivist namespaces=\"{ENTRY_NAMESPACE}\" {public}\n")).unwrap();
    fs::write(path("key.pub"), format!("{public}\n")).unwrap();
    fs::write(path("message"), signed.message()).unwrap();
    let mut other = signed.message();
    other[20] ^= 1;
    fs::write(path("other"), other).unwrap();
    let signature = signed.signatures[0].signature.to_sshsig(ENTRY_NAMESPACE, key(1).public()).unwrap();
    fs::write(path("entry.sig"), signature).unwrap();

    let verify = |message: &str, namespace: &str| {
        Command::new("ssh-keygen")
            .args(["-Y", "verify", "-f", "allowed_signers", "-I", "archivist", "-n", namespace, "-s", "entry.sig"])
            .current_dir(folder.path())
            .stdin(Stdio::from(fs::File::open(path(message)).unwrap()))
            .output()
            .unwrap()
    };
    let good = verify("message", ENTRY_NAMESPACE);
    assert!(good.status.success(), "{good:?}");
    assert!(String::from_utf8_lossy(&good.stdout).contains(&key(1).public().id().to_string()));
    assert!(!verify("other", ENTRY_NAMESPACE).status.success());
    assert!(!verify("message", "file").status.success());

    let listed = data::run(Command::new("ssh-keygen").args(["-l", "-f"]).arg(path("key.pub")));
    assert!(listed.contains(&signed.entry.actor.to_string()), "{listed}");
}

/// What `ssh-keygen -Y sign` makes with the same key is the signature that we make.
#[test]
fn ssh_keygen_makes_the_same_signature() {
    if !crate::programs::has_tool("ssh_keygen_makes_the_same_signature", "ssh-keygen") {
        return;
    }
    let folder = TempDir::new().unwrap();
    let halves: [u8; 64] = [[1; 32].as_slice(), key(1).public().as_bytes()].concat().try_into().unwrap();
    let secret = ssh_key::PrivateKey::new(
        ssh_key::private::KeypairData::Ed25519(ssh_key::private::Ed25519Keypair::from_bytes(&halves).unwrap()),
        "test",
    )
    .unwrap();
    let key_path = folder.path().join("key");
    fs::write(&key_path, secret.to_openssh(ssh_key::LineEnding::LF).unwrap().as_bytes()).unwrap();
    restrict(&key_path);
    let signed = signed_entry();
    let message_path = folder.path().join("message");
    fs::write(&message_path, signed.message()).unwrap();
    let output = Command::new("ssh-keygen")
        .args(["-Y", "sign", "-n", ENTRY_NAMESPACE, "-f"])
        .args([&key_path, &message_path])
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let theirs: ssh_key::SshSig = fs::read_to_string(folder.path().join("message.sig")).unwrap().parse().unwrap();
    assert_eq!(theirs.signature_bytes(), signed.signatures[0].signature.to_bytes());
}

/// ssh-keygen refuses a private key that others can read.
fn restrict(path: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
    }
    #[cfg(not(unix))]
    let _ = path;
}

#[test]
fn openssl_verifies_a_checkpoint_and_no_other() {
    if !crate::programs::has_tool("openssl_verifies_a_checkpoint_and_no_other", "openssl") {
        return;
    }
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name);
    let checkpoint = Checkpoint { origin: origin(), size: 17, root: Digest::of(b"root") };
    let signed = checkpoint.clone().sign(&key(2));
    // The signature line ends in the base64 of four bytes of key id and the signature.
    let (_, base64) = signed.text().trim_end().rsplit_once(' ').unwrap();
    let bytes = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, base64).unwrap();
    fs::write(path("log.pem"), key(2).public().to_pem().unwrap()).unwrap();
    fs::write(path("signature"), &bytes[4..]).unwrap();
    fs::write(path("text"), checkpoint.text()).unwrap();
    fs::write(path("other"), Checkpoint { size: 18, ..checkpoint }.text()).unwrap();

    let verify = |text: &str| {
        Command::new("openssl")
            .args(["pkeyutl", "-verify", "-pubin", "-inkey", "log.pem", "-rawin", "-sigfile", "signature", "-in", text])
            .current_dir(folder.path())
            .output()
            .unwrap()
    };
    let good = verify("text");
    assert!(good.status.success(), "{good:?}");
    assert!(!verify("other").status.success());
}
