//! Whether what arrives contradicts what this archive holds from the same log: letters as objects, and the dossiers of
//! bundles.
//!
//! Each of them proves only itself. Two that cannot both be of one log prove that it was rewritten, or that it is shown
//! differently to different people.

use std::io;
use std::path::Path;

use crate::archive::{Archive, ArchiveError};
use crate::digest::Digest;
use crate::format::bundle::DESCRIPTION;
use crate::format::{FormatError, Letter, LogKey};
use crate::model::{Event, Origin};
use crate::verify::bundle::{BundleReport, ShownLog};
use crate::verify::letter::Told;
use crate::verify::{Code, Finding};

/// What this archive holds from another log.
struct Held {
    /// What it is called in messages.
    named: String,
    log_key: String,
    /// Whether that key was compared with keys from outside.
    anchored: bool,
    shown: ShownLog,
}

impl Archive {
    /// Refuses a letter that contradicts what is held from the same log, or uses the name of another log.
    pub(super) fn check_against_held(&self, path: &Path, told: &Told, anchored: bool) -> Result<(), ArchiveError> {
        let contradicts = |reason| Err(ArchiveError::LetterContradicts { path: path.to_owned(), reason });
        let origin = told.log_key.name();
        if origin == self.description.origin() {
            return contradicts(format!("it is by another log that calls itself {origin}, as this archive's does"));
        }
        let mut held = self.letters_from(origin)?;
        held.extend(self.bundles_from(origin)?);
        for Held { named, log_key, anchored: was_anchored, shown } in &held {
            if *log_key != told.log_key.to_string() {
                // Anybody can make a log of this name and write first; that must not keep the genuine one out.
                if *was_anchored || !anchored {
                    return contradicts(format!("it is by the log key {}, and {named} by {log_key}", told.log_key));
                }
            } else if let Some(message) = told.shown.contradiction(shown, named) {
                return contradicts(format!("{message}: its log was rewritten, or shown differently"));
            }
        }
        Ok(())
    }

    /// What the letters that are held say against a bundle, which was checked and holds by itself.
    pub(in crate::archive) fn letters_against(&self, report: &BundleReport) -> Result<Vec<Finding>, ArchiveError> {
        let (Some(origin), Some(shown)) = (&report.origin, report.shown_log()) else { return Ok(Vec::new()) };
        let mut findings = Vec::new();
        for held in self.letters_from(origin)? {
            let message = match report.log_key.as_ref() == Some(&held.log_key) {
                true => shown.shown.contradiction(&held.shown, &held.named),
                false => None,
            };
            findings.extend(message.map(|message| Finding::new(Code::BundleForked, DESCRIPTION, message)));
        }
        Ok(findings)
    }

    /// The letters of logs of this name.
    fn letters_from(&self, origin: &Origin) -> Result<Vec<Held>, ArchiveError> {
        let mut held = Vec::new();
        for logged in self.all_transfer_entries()? {
            let (letter, log_key, anchored) = match &logged.entry.entry.event {
                Event::TransferAccepted(body) => (body.letter, &body.log_key, body.anchored),
                Event::TransferRefused(body) => (body.letter, &body.log_key, body.anchored),
                Event::TransferSettled(body) => (body.letter, &body.log_key, body.anchored),
                _ => continue,
            };
            if !is_of(log_key, origin) {
                continue;
            }
            held.push(Held {
                named: format!("the letter that was taken in as entry {}", logged.entry.entry.index),
                log_key: log_key.clone(),
                anchored,
                shown: ShownLog::of_letter(&self.held_letter(letter)?.receipts),
            });
        }
        Ok(held)
    }

    fn held_letter(&self, letter: Digest) -> Result<Letter, ArchiveError> {
        let damaged = |error: FormatError| ArchiveError::Damaged {
            place: format!("objects/{letter}"),
            reason: error.to_string(),
        };
        Letter::parse(&self.held_bytes(letter)?).map_err(damaged)
    }

    /// A letter that is held as an object.
    pub(super) fn held_bytes(&self, letter: Digest) -> Result<Vec<u8>, ArchiveError> {
        let mut bytes = Vec::new();
        self.copy_object(letter, &mut bytes, Path::new("the letter"))?;
        Ok(bytes)
    }

    /// The bundles of logs of this name.
    fn bundles_from(&self, origin: &Origin) -> Result<Vec<Held>, ArchiveError> {
        let mut held = Vec::new();
        for index in self.index.all_received()? {
            let Event::BundleReceived(body) = self.entry(index)?.entry.entry.event else { continue };
            if !is_of(&body.log_key, origin) {
                continue;
            }
            let damaged = |error: io::Error| ArchiveError::Damaged {
                place: format!("objects/{}", body.dossier),
                reason: error.to_string(),
            };
            held.push(Held {
                named: format!("the bundle {} that was received as entry {index}", body.bundle.short()),
                shown: ShownLog::of_receipts(&self.dossier(body.dossier)?).map_err(damaged)?,
                log_key: body.log_key,
                anchored: body.anchored,
            });
        }
        Ok(held)
    }
}

fn is_of(log_key: &str, origin: &Origin) -> bool {
    log_key.parse::<LogKey>().is_ok_and(|key| key.name() == origin)
}
