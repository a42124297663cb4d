//! What is written into a bundle.

use std::io::{self, Write};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use super::plan::{ExportPlan, PlannedExhibit};
use super::reports::{Handover, ReportError, ReportSource, Reports};
use super::target::Target;
use crate::reader::Reader;
use crate::{ArchiveError, index};
use vouchsafe_core::SOFTWARE;
use vouchsafe_core::digest::{Digest, Hasher};
use vouchsafe_core::format::bundle::{
    self, ALLOWED_SIGNERS, BAG_INFO, BAGIT, BAGIT_TEXT, BUNDLE_NAMESPACE, BundleDescription, BundlePath, CHECKPOINT,
    COMPLETENESS, Completeness, DESCRIPTION, EntryFile, LOG_PEM, LOG_VKEY, MANIFEST, Manifest, SIGNER_PEM, Subject,
    TAG_MANIFEST, TAG_SIGNATURE, TAG_SIGNATURE_PLAIN, entry_signature,
};
use vouchsafe_core::format::{Receipt, SignedCheckpoint, fields};
use vouchsafe_core::merkle;
use vouchsafe_core::model::{EntryIndex, Timestamp};
use vouchsafe_core::sign::{KeyId, PublicKey, SigningKey};
use vouchsafe_core::threads;
use vouchsafe_core::verify::Watch;

/// The texts and programs that are in every bundle.
const AIDS: &[(&str, &str)] = &[
    ("BUNDLE.md", include_str!("../../../../docs/bundle.md")),
    ("FORMAT.md", include_str!("../../../../docs/format.md")),
    ("README-VERIFY.txt", include_str!("../../kit/README-VERIFY.txt")),
    ("verify.html", include_str!("../../kit/verify.html")),
    ("verify.ps1", include_str!("../../kit/verify.ps1")),
    ("verify.sh", include_str!("../../kit/verify.sh")),
];

/// Reports are collected up to this many bytes before they are written.
const REPORT_BUFFER_BYTES: u64 = 256 * 1024;

/// A bundle that is being written.
pub(super) struct Writing<'a> {
    archive: &'a Reader,
    plan: &'a ExportPlan,
    handover: Handover<'a>,
    reports: &'a dyn Reports,
    target: &'a dyn Target,
    watch: &'a dyn Watch,
    written: Mutex<Vec<(BundlePath, Digest)>>,
}

impl<'a> Writing<'a> {
    pub fn new(
        archive: &'a Reader,
        plan: &'a ExportPlan,
        handover: Handover<'a>,
        reports: &'a dyn Reports,
        target: &'a dyn Target,
        watch: &'a dyn Watch,
    ) -> Self {
        Self { archive, plan, handover, reports, target, watch, written: Mutex::new(Vec::new()) }
    }

    /// Writes everything. Returns the SHA-256 of the tag manifest.
    pub fn run(
        &self,
        signer: &SigningKey,
        now: Timestamp,
        threads: usize,
        statement: Option<&Completeness>,
    ) -> Result<Digest, ArchiveError> {
        self.add_exhibits(threads)?;
        let head = self.archive.head()?;
        for index in &self.plan.agent_entries {
            self.add_entry(Subject::Agents, index.0, *index, head)?;
        }
        for dossier in &self.plan.foreign {
            let path = BundlePath::foreign(dossier.bundle);
            let mut hasher = Hasher::default();
            self.target.add(&path, dossier.size_bytes(), &mut |out| {
                hasher = Hasher::default();
                dossier
                    .write(&mut |bytes| {
                        hasher.update(bytes);
                        out.write_all(bytes)
                    })
                    .map_err(ArchiveError::io("write the dossier", Path::new(path.as_str())))
            })?;
            self.note(path, hasher.finish());
        }
        for (letter, planned) in &self.plan.letters {
            self.add_at(BundlePath::letter(*letter), &planned.bytes)?;
        }
        self.add_keys(signer.public())?;
        self.add(CHECKPOINT, head.text().as_bytes())?;
        let description = self.archive.description();
        let said = BundleDescription {
            fingerprint: self.archive.description().fingerprint,
            administrator: description.administrator.clone(),
            created_at: now,
            entries: self.plan.entries,
            exhibits: self.plan.exhibits.len() as u64,
            log_key: self.archive.log_key(),
            checkpoint: head.checkpoint.clone(),
            signer: signer.public().id(),
            software: SOFTWARE.to_owned(),
            withheld_fields: self.plan.withheld_fields,
        };
        self.add(DESCRIPTION, &said.to_bytes())?;
        if let Some(statement) = statement {
            self.add(COMPLETENESS, &statement.to_bytes()?)?;
        }
        let info = bundle::bag_info(now, SOFTWARE, self.plan.size_bytes, self.plan.exhibits.len() as u64);
        self.add(BAGIT, BAGIT_TEXT.as_bytes())?;
        self.add(BAG_INFO, info.as_bytes())?;
        for (name, text) in AIDS {
            self.add(name, text.as_bytes())?;
        }
        self.add_reports(signer.public().id(), now)?;
        self.add_manifests(signer)
    }

    /// The exhibits, on several threads.
    fn add_exhibits(&self, threads: usize) -> Result<(), ArchiveError> {
        let head = self.archive.head()?;
        let next = AtomicUsize::new(0);
        let failure = Mutex::new(None);
        threads::share(threads.min(self.plan.exhibits.len()), || {
            while let Some(exhibit) = self.plan.exhibits.get(next.fetch_add(1, Relaxed)) {
                if let Err(error) = self.add_exhibit(exhibit, head) {
                    // The others stop at their next exhibit; the first failure is reported.
                    next.store(self.plan.exhibits.len(), Relaxed);
                    if let Ok(mut failure) = failure.lock() {
                        failure.get_or_insert(error);
                    }
                }
            }
        });
        failure.into_inner().unwrap_or_default().map_or(Ok(()), Err)
    }

    fn add_exhibit(&self, exhibit: &PlannedExhibit, head: &SignedCheckpoint) -> Result<(), ArchiveError> {
        let path = BundlePath::object(exhibit.exhibit, &exhibit.media_type);
        self.target.add(&path, exhibit.size_bytes, &mut |out| {
            let mut watched = Watched { out, watch: self.watch };
            let copied = self.archive.copy_object(exhibit.object, &mut watched, Path::new(path.as_str()));
            match copied {
                Err(_) if self.watch.is_stopped() => Err(ArchiveError::Stopped),
                other => other.map(|_| ()),
            }
        })?;
        self.note(path, exhibit.object);
        for (number, index) in (0..).zip(&exhibit.entries) {
            self.add_entry(Subject::Exhibit(exhibit.exhibit), number, *index, head)?;
        }
        Ok(())
    }

    /// The files of one entry.
    fn add_entry(
        &self,
        subject: Subject,
        number: u64,
        index: EntryIndex,
        head: &SignedCheckpoint,
    ) -> Result<(), ArchiveError> {
        let logged = self.archive.entry(index)?;
        let signed = &logged.entry;
        let path = |file| BundlePath::entry(subject, number, file);
        self.add_at(path(EntryFile::Message), &signed.message())?;
        for (number, signature) in signed.signatures.iter().enumerate() {
            let key = self.key(signature.key)?;
            let armored =
                entry_signature(&signature.signature, key).map_err(|error| self.damaged(index, error.to_string()))?;
            self.add_at(path(EntryFile::Signature(number)), armored.as_bytes())?;
        }
        let disclosed = self.plan.disclosed_fields(&logged);
        self.add_at(path(EntryFile::Fields), &fields::to_line(&disclosed)?)?;
        let hashes = merkle::prove_inclusion(index.0, head.checkpoint.size, &self.archive.index)
            .map_err(index::IndexError::from)?;
        let receipt = Receipt { entry: logged.entry, path: hashes, checkpoint: head.clone() };
        self.add_at(path(EntryFile::Receipt), receipt.to_string().as_bytes())
    }

    fn key(&self, key: KeyId) -> Result<&PublicKey, ArchiveError> {
        let public = self.archive.index.roster().key(key);
        public.ok_or(ArchiveError::Agent { key, source: vouchsafe_core::verify::AgentError::Unknown })
    }

    fn damaged(&self, index: EntryIndex, reason: String) -> ArchiveError {
        ArchiveError::Damaged { place: format!("entry {index}"), reason }
    }

    fn add_keys(&self, signer: &PublicKey) -> Result<(), ArchiveError> {
        let mut keys = Vec::new();
        for index in &self.plan.agent_entries {
            let entry = self.archive.entry(*index)?.entry.entry;
            keys.extend(entry.event.introduces().map(|agent| agent.public_key.clone()));
        }
        let log_key = self.archive.log_key();
        self.add(ALLOWED_SIGNERS, bundle::allowed_signers(&keys).as_bytes())?;
        self.add(SIGNER_PEM, signer.to_pem().unwrap_or_default().as_bytes())?;
        self.add(LOG_PEM, log_key.to_pem().as_bytes())?;
        self.add(LOG_VKEY, format!("{log_key}\n").as_bytes())
    }

    /// The files for people, which are made from all the others.
    fn add_reports(&self, signer: KeyId, created_at: Timestamp) -> Result<(), ArchiveError> {
        let source = ReportSource {
            archive: self.archive,
            plan: self.plan,
            signer,
            created_at,
            handover: self.handover,
            watch: self.watch,
        };
        self.reports.write(&source, &mut |path, write| {
            let mut digest = None;
            // How long it will be is not known; it is written through a buffer of this size.
            self.target.add(&path, REPORT_BUFFER_BYTES, &mut |out| {
                let mut hashed = Hashed { out, hasher: Hasher::default(), watch: self.watch };
                write(&mut hashed).map_err(|error| match error {
                    _ if self.watch.is_stopped() => ArchiveError::Stopped,
                    ReportError::Read(error) => error,
                    ReportError::Write(error) => ArchiveError::io("write the file", Path::new(path.as_str()))(error),
                })?;
                digest = Some(hashed.hasher.finish());
                Ok(())
            })?;
            self.note(path, digest.ok_or(ArchiveError::Stopped)?);
            Ok(())
        })
    }

    /// The manifests last, since they cover everything, and their signatures after them.
    fn add_manifests(&self, signer: &SigningKey) -> Result<Digest, ArchiveError> {
        let payload = self.written_so_far(true);
        self.add(MANIFEST, Manifest::new(payload)?.to_text().as_bytes())?;
        let others = self.written_so_far(false);
        let text = Manifest::new(others)?.to_text();
        self.add(TAG_MANIFEST, text.as_bytes())?;
        let armored = signer
            .sign_sshsig(BUNDLE_NAMESPACE, text.as_bytes())
            .to_sshsig(BUNDLE_NAMESPACE, signer.public())
            .map_err(|error| self.damaged(EntryIndex(0), error.to_string()))?;
        self.add(TAG_SIGNATURE, armored.as_bytes())?;
        self.add(TAG_SIGNATURE_PLAIN, signer.sign(text.as_bytes()).as_bytes())?;
        Ok(Digest::of(text.as_bytes()))
    }

    /// The files of the payload, or the others.
    fn written_so_far(&self, is_payload: bool) -> Vec<(BundlePath, Digest)> {
        let written = self.written.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        written.iter().filter(|(path, _)| path.is_payload() == is_payload).cloned().collect()
    }

    fn note(&self, path: BundlePath, digest: Digest) {
        let mut written = self.written.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        written.push((path, digest));
    }

    fn add(&self, name: &str, content: &[u8]) -> Result<(), ArchiveError> {
        self.add_at(name.parse()?, content)
    }

    fn add_at(&self, path: BundlePath, content: &[u8]) -> Result<(), ArchiveError> {
        self.target.add(&path, content.len() as u64, &mut |out| {
            out.write_all(content).map_err(ArchiveError::io("write the file", Path::new(path.as_str())))
        })?;
        self.note(path, Digest::of(content));
        Ok(())
    }
}

/// Tells how much was written, and ends when the user wishes so.
struct Watched<'a> {
    out: &'a mut dyn Write,
    watch: &'a dyn Watch,
}

impl Write for Watched<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.watch.is_stopped() {
            return Err(io::Error::other("stopped"));
        }
        let length = self.out.write(bytes)?;
        self.watch.advance(length as u64);
        Ok(length)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Hashes what is written, and ends when the user wishes so.
struct Hashed<'a> {
    out: &'a mut dyn Write,
    hasher: Hasher,
    watch: &'a dyn Watch,
}

impl Write for Hashed<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.watch.is_stopped() {
            return Err(io::Error::other("stopped"));
        }
        let length = self.out.write(bytes)?;
        self.hasher.update(&bytes[..length]);
        Ok(length)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
