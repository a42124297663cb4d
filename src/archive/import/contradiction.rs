//! Bundles that contradict each other: a log that was rewritten, or shown differently to two recipients.
//!
//! A bundle holds no consistency proof: nothing in it says that its checkpoint continues an earlier one. But each
//! receipt shows complete subtrees of the sender's log, and a log that only grows keeps these for ever. Where two
//! bundles show one of them differently, the log was forked; where they show none in common, nothing is found, and
//! nothing is proved.

use std::collections::HashMap;
use std::io;
use std::ops::ControlFlow;
use std::path::Path;

use crate::archive::{Archive, ArchiveError};
use crate::bundle::NotedBundle;
use crate::digest::Digest;
use crate::format::bundle::{BundlePath, DESCRIPTION, EntryFile, Part};
use crate::format::receipt::MAX_RECEIPT_BYTES;
use crate::format::{LogKey, Receipt};
use crate::merkle::{Subtree, shown_subtrees};
use crate::model::{BundleReceived, Event};
use crate::verify::bundle::{BundleFiles, BundleReport};
use crate::verify::{Code, Finding};

/// Why bundles could not be compared.
pub(super) enum CompareError {
    /// The new one cannot be read.
    Bundle(io::Error),
    /// What is held cannot be read.
    Archive(ArchiveError),
}

impl CompareError {
    pub fn told_of(self, bundle: &Path) -> ArchiveError {
        match self {
            Self::Bundle(source) => ArchiveError::BundleUnreadable { path: bundle.to_owned(), source },
            Self::Archive(error) => error,
        }
    }
}

impl From<ArchiveError> for CompareError {
    fn from(error: ArchiveError) -> Self {
        Self::Archive(error)
    }
}

impl Archive {
    /// What bundles that were received before say against this one, which was checked and holds by itself.
    pub(super) fn contradictions(
        &self,
        bundle: &NotedBundle<'_>,
        report: &BundleReport,
    ) -> Result<Vec<Finding>, CompareError> {
        let (Some(log_key), Some(size), Some(root)) = (&report.log_key, report.size, report.root) else {
            return Ok(Vec::new());
        };
        let mut findings = Vec::new();
        let mut shown = None;
        for earlier in self.received_from(report)? {
            let named = format!("the bundle {} that was received before", earlier.bundle.short());
            if earlier.log_key != *log_key {
                let message = format!("{named} names the log key {}, this one {log_key}", earlier.log_key);
                findings.push(Finding::new(Code::BundleOtherKeys, DESCRIPTION, message));
                continue;
            }
            if earlier.size == size.0 && earlier.root != root {
                let message = format!("at {size} entries its log has the root {root}; {named} says {}", earlier.root);
                findings.push(Finding::new(Code::BundleForked, DESCRIPTION, message));
                continue;
            }
            let new = match &mut shown {
                Some(new) => new,
                none => none.insert(Self::subtrees_of(bundle).map_err(CompareError::Bundle)?),
            };
            let dossier = self.dossier(earlier.dossier)?;
            let damaged = |error: io::Error| ArchiveError::Damaged {
                place: format!("objects/{}", earlier.dossier),
                reason: error.to_string(),
            };
            let old = subtrees(&dossier).map_err(damaged)?;
            if let Some((level, place)) =
                old.iter().find(|(key, hash)| new.get(key).is_some_and(|new| new != *hash)).map(|(key, _)| *key)
            {
                let first = place << level;
                let message = format!(
                    "its log has other entries among those from {first} to {} than {named}",
                    first + (1_u64 << level) - 1
                );
                findings.push(Finding::new(Code::BundleForked, DESCRIPTION, message));
            }
        }
        Ok(findings)
    }

    /// The bundles of the same origin that were received before, this one apart.
    fn received_from(&self, report: &BundleReport) -> Result<Vec<BundleReceived>, ArchiveError> {
        let mut found = Vec::new();
        for index in self.index.all_received()? {
            let Event::BundleReceived(body) = self.entry(index)?.entry.entry.event else { continue };
            let origin = body.log_key.parse::<LogKey>().ok().map(|key| key.name().clone());
            if origin == report.origin && Some(body.bundle) != report.bundle {
                found.push(body);
            }
        }
        Ok(found)
    }

    fn subtrees_of(bundle: &NotedBundle<'_>) -> io::Result<HashMap<Subtree, Digest>> {
        let mut shown = HashMap::new();
        for (path, size_bytes) in bundle.files().filter(|(path, _)| is_receipt(path)) {
            let mut bytes = Vec::new();
            if size_bytes <= MAX_RECEIPT_BYTES as u64 {
                bundle.read_again(path, &mut |piece| keep(&mut bytes, piece))?;
            }
            take(&mut shown, &bytes);
        }
        Ok(shown)
    }
}

/// The subtrees that the receipts of a dossier show. They were checked before it was taken in.
fn subtrees(bundle: &dyn BundleFiles) -> io::Result<HashMap<Subtree, Digest>> {
    let mut shown = HashMap::new();
    for (number, item) in bundle.list()?.items.into_iter().enumerate() {
        let path = std::str::from_utf8(&item.name).ok().and_then(|name| name.parse::<BundlePath>().ok());
        if path.is_some_and(|path| is_receipt(&path)) && item.size_bytes <= MAX_RECEIPT_BYTES as u64 {
            let mut bytes = Vec::new();
            bundle.read(number, &mut |piece| keep(&mut bytes, piece))?;
            take(&mut shown, &bytes);
        }
    }
    Ok(shown)
}

fn is_receipt(path: &BundlePath) -> bool {
    matches!(path.part(), Some(Part::Entry(_, _, EntryFile::Receipt)))
}

fn keep(bytes: &mut Vec<u8>, piece: &[u8]) -> ControlFlow<()> {
    bytes.extend_from_slice(piece);
    ControlFlow::Continue(())
}

fn take(shown: &mut HashMap<Subtree, Digest>, receipt: &[u8]) {
    if let Ok(receipt) = Receipt::parse(receipt) {
        let (index, size) = (receipt.entry.entry.index.0, receipt.checkpoint.checkpoint.size);
        shown.extend(shown_subtrees(index, size, receipt.entry.leaf(), &receipt.path));
    }
}
