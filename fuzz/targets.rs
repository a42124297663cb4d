//! What is fuzzed: every parser of bytes that somebody else may have written.
//!
//! Each function takes any bytes and panics if a promise is broken: nothing panics, and what is read is
//! written again as the same bytes, so that no second text has the same meaning. The fuzzer calls them
//! (`fuzz_targets/`), and so does an ordinary test, with the seeds and the fixtures.

use std::io;
use std::sync::Arc;

use vouchsafe_archive::{CopyLabel, Description, metadata};
use vouchsafe_core::digest::Digest;
use vouchsafe_core::format::bundle::{BundleDescription, Completeness, Manifest};
use vouchsafe_core::format::parity::ParityTable;
use vouchsafe_core::format::volume::{Found, Member, ReadAt, VolumeNumber, find_member_after, header, look_at};
use vouchsafe_core::format::{Letter, Receipt, Receipts, Sealed, SignedCheckpoint, SignedEntry, fields as field_lines};
use vouchsafe_core::language::Text;
use vouchsafe_core::sign::{ENTRY_NAMESPACE, SshSignature};
use vouchsafe_core::verify::bundle::{BundleFiles, BundleRequest, BundleVerdict, DossierBundle, check};
use vouchsafe_core::verify::{Budget, Evidence, KnownHead, Observer, Request, Selection, Trust, Unwatched, verify};
use vouchsafe_core::verify::{letter, receipts};

/// The `archive.json` of the archive that most fixtures are made from.
const DESCRIPTION: &[u8] = include_bytes!("../fixtures/archives/bad/V102-object-byte/archive.json");

fn description() -> Description {
    Description::parse(DESCRIPTION).expect("the fixture is well-formed")
}

/// A line of the log.
pub fn entry(bytes: &[u8]) {
    let Ok(read) = SignedEntry::parse(bytes) else { return };
    assert_eq!(read.line(), bytes);
    // Of a format that is not known, only the line itself has all that was signed.
    if !read.entry.event.has_newer_format() {
        assert_eq!(read.entry.message(), read.message(), "what was signed is what was read");
    }
    for number in 0..read.signatures.len() {
        let _ = read.verifies(number, &description().administrator);
    }
}

/// A signed checkpoint.
pub fn checkpoint(bytes: &[u8]) {
    let Ok(read) = SignedCheckpoint::parse(bytes) else { return };
    assert_eq!(read.text().as_bytes(), bytes);
    let _ = read.is_signed_by(&description().log_key);
}

/// A receipt.
pub fn receipt(bytes: &[u8]) {
    let Ok(read) = Receipt::parse(bytes) else { return };
    assert_eq!(read.to_string().as_bytes(), bytes);
    let _ = read.check(&description().log_key);
}

/// A line of fields, also beside an entry that is not sealed and beside one that is.
pub fn fields(bytes: &[u8]) {
    let (_, line) = include_str!("../fixtures/vectors/entry-created").split_once("\n\n").expect("a vector has a line");
    let mut entry = SignedEntry::parse(line.as_bytes()).expect("the vector is well-formed").entry;
    let is_of_entry = field_lines::parse_line_of(&entry, bytes).is_ok();
    let read = field_lines::read_line_of(&entry, bytes);
    assert_eq!(is_of_entry, read.is_ok_and(|read| field_lines::are_committed(&entry, bytes, &read)));
    entry.attached.sealed = Some(Sealed { epoch: 1, fields: Digest::of(bytes), key: Digest::ZERO });
    let sealed = field_lines::parse_line_of(&entry, bytes);
    let Ok(read) = field_lines::parse_line(bytes) else { return };
    assert!(sealed.is_err(), "what is sealed cannot be read");
    assert_eq!(field_lines::to_line(&read).expect("what is read can be written"), bytes);
}

/// Receipts as they are given out, and what they prove.
pub fn receipts(bytes: &[u8]) {
    let Ok(read) = Receipts::parse(bytes) else { return };
    assert_eq!(read.to_string().as_bytes(), bytes);
    let _ = receipts::check(&read.0);
}

/// A letter, and what it proves.
pub fn letter(bytes: &[u8]) {
    let Ok(read) = Letter::parse(bytes) else { return };
    assert_eq!(read.to_bytes().expect("what is read can be written"), bytes);
    let _ = letter::check(bytes);
}

/// `bundle.json`.
pub fn bundle_description(bytes: &[u8]) {
    let Ok(read) = BundleDescription::parse(bytes) else { return };
    assert_eq!(read.to_bytes(), bytes);
}

/// A manifest of a bundle.
pub fn manifest(bytes: &[u8]) {
    let Ok(read) = Manifest::parse(bytes) else { return };
    assert_eq!(read.to_text().as_bytes(), bytes);
}

/// A statement of completeness.
pub fn completeness(bytes: &[u8]) {
    let Ok(read) = Completeness::parse(bytes) else { return };
    assert_eq!(read.to_bytes().expect("what is read can be written"), bytes);
}

/// A dossier, with everything in it, as it is read behind an exhibit that came from elsewhere.
pub fn dossier(bytes: &[u8]) {
    let Ok(dossier) = DossierBundle::open(Arc::new(bytes.to_vec()), 0, bytes.len() as u64) else { return };
    check_all(&dossier);
}

/// A zip file, checked as a bundle is that somebody sent.
pub fn zip(bytes: &[u8]) {
    let name = format!("vouchsafe-fuzz-{}-{:?}", std::process::id(), std::thread::current().id());
    let path = std::env::temp_dir().join(name);
    std::fs::write(&path, bytes).expect("there is room for temporary files");
    let opened = vouchsafe_bundle::open(&path);
    std::fs::remove_file(&path).expect("it was written");
    if let Ok(opened) = opened {
        check_all(&*opened);
    }
}

/// A bundle of fuzzed bytes is never sound, since nobody who knows a key signed it for the archive that is trusted.
fn check_all(files: &dyn BundleFiles) {
    let request = BundleRequest { trust: Trust::in_archive(description().fingerprint), threads: 1 };
    if let Ok(report) = check(files, &request, &Unwatched) {
        assert_ne!(report.verdict, BundleVerdict::Sound);
    }
}

/// The table of a parity file.
pub fn parity(bytes: &[u8]) {
    let _ = ParityTable::read(&bytes.to_vec());
}

/// The file of a signature, as ssh-keygen makes it.
pub fn sshsig(bytes: &[u8]) {
    let key = description().administrator;
    let Some(read) = SshSignature::from_sshsig(bytes, ENTRY_NAMESPACE, &key) else { return };
    let written = read.to_sshsig(ENTRY_NAMESPACE, &key).expect("what is read can be written");
    assert_eq!(written.as_bytes(), bytes);
}

/// A file of fingerprints, as somebody gives it with --trust.
pub fn trust(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(read) = Trust::read_lines(text) else { return };
    assert!(!read.is_empty());
    let _ = read.judge(Some(description().fingerprint));
}

/// `archive.json` and `copy.json`.
pub fn labels(bytes: &[u8]) {
    if let Ok(read) = Description::parse(bytes) {
        assert_eq!(read.to_bytes(), bytes);
    }
    if let Ok(read) = CopyLabel::parse(bytes) {
        assert_eq!(read.to_bytes(), bytes);
    }
}

/// A volume, member by member.
pub fn volume(bytes: &[u8]) {
    let volume = bytes.to_vec();
    let mut offset = 0;
    while let Some(next) = check_member(&volume, offset) {
        assert!(next > offset, "reading goes on");
        offset = next;
    }
}

/// A volume as the only one of an archive that is verified: signatures and all, so it is far slower.
pub fn archive(bytes: &[u8]) {
    let volume = bytes.to_vec();
    let description = description();
    let request = Request {
        archive: description.fingerprint,
        origin: description.origin().clone(),
        log_key: description.log_key.clone(),
        administrator: description.administrator.id(),
        trust: Trust::default(),
        told_of_trust: Text::same(""),
        known_heads: Vec::<KnownHead>::new(),
        selection: Selection::All,
        budget: Budget::default(),
        threads: 1,
    };
    let report = verify(&OneVolume(Arc::new(volume)), &request, &mut Nobody, &Unwatched).expect("memory can be read");
    assert!(report.complete);
}

/// Looks at what stands here. Where to go on, if there is anything.
fn check_member(volume: &Vec<u8>, offset: u64) -> Option<u64> {
    match look_at(volume, offset).expect("memory can be read") {
        Found::Member(member) => {
            let (from, end) = (usize::try_from(offset).ok()?, usize::try_from(member.end()).ok()?);
            let extended = member.offset - offset > 512;
            let mut written = header(member.name, member.size_bytes, extended);
            written.extend_from_slice(&volume[from + written.len()..][..usize::try_from(member.size_bytes).ok()?]);
            written.resize(end - from, 0);
            assert_eq!(written, &volume[from..end]);
            Some(member.end())
        }
        Found::Torn | Found::Damaged => find_member_after(volume, offset).expect("memory can be read"),
        Found::EndOfFile | Found::EndOfArchive => None,
    }
}

/// A metadata file.
pub fn metadata(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(fields) = metadata::parse(text) else { return };
    for (name, value) in fields {
        // What was accepted is in the form in which it is kept: nothing changes it any more.
        let again = metadata::check(name.as_str(), value.clone()).expect("what was accepted is accepted");
        assert_eq!(again.into_iter().collect::<Vec<_>>(), [(name, value)]);
    }
}

struct OneVolume(Arc<Vec<u8>>);

impl Evidence for OneVolume {
    fn volumes(&self) -> io::Result<(Vec<VolumeNumber>, Vec<String>)> {
        Ok((vec![VolumeNumber(0)], Vec::new()))
    }

    fn open(&self, _: VolumeNumber) -> io::Result<Arc<dyn ReadAt>> {
        Ok(self.0.clone())
    }
}

struct Nobody;

impl Observer for Nobody {
    fn object(&mut self, _: Digest, _: VolumeNumber, _: &Member) {}
    fn entry(&mut self, _: &SignedEntry, _: VolumeNumber, _: u64, _: Digest) {}
}
