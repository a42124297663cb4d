//! What this archive holds that proves anything of other archives' logs: the dossiers of bundles that it received, the
//! dossiers behind these, and letters.
//!
//! All of it came from strangers once, and is proved again before anything is compared with it: nobody is accused by
//! what somebody else wrote about him. What cannot be read, or proves nothing, is skipped and reported. It can hinder
//! neither what comes from anybody else, nor what comes later.

use std::collections::HashSet;
use std::io;

use super::error::ArchiveError;
use super::exhibits::{LoggedEntry, metadata_field};
use super::reader::Reader;
use super::transfer::{all_transfer_entries, transfer_entries};
use vouchsafe_core::digest::Digest;
use vouchsafe_core::format::ArchiveIdentity;
use vouchsafe_core::format::bundle::{BundlePath, Part};
use vouchsafe_core::language::Text;
use vouchsafe_core::model::{Disclosure, EntryIndex, Event, FieldName, FieldValue, Fingerprint, Origin};
use vouchsafe_core::verify::bundle::{DossierBundle, KnownLogs, LogView, PARTNER_ARCHIVE, PARTNER_ORIGIN, text_of};
use vouchsafe_core::verify::letter::{self, Told};

/// The archive on the other side, as an entry of this log names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Partner {
    /// Which one.
    pub archive: ArchiveIdentity,
    /// Whether that was compared with what came from outside.
    pub is_anchored: bool,
}

impl LoggedEntry {
    /// The archive from which a bundle or a letter came, if the entry is about one.
    #[must_use]
    pub fn partner(&self) -> Option<Partner> {
        let is_anchored = match &self.entry.entry.event {
            Event::BundleReceived(body) => body.anchored,
            Event::TransferAccepted(body) => body.anchored,
            Event::TransferRefused(body) => body.anchored,
            Event::TransferSettled(body) => body.anchored,
            _ => return None,
        };
        partner_in(&self.fields).map(|archive| Partner { archive, is_anchored })
    }
}

/// The fields that name an archive as the other one.
pub(super) fn partner_fields(archive: &ArchiveIdentity) -> Vec<(FieldName, FieldValue)> {
    vec![
        metadata_field(PARTNER_ARCHIVE, &archive.fingerprint().to_string()),
        metadata_field(PARTNER_ORIGIN, archive.origin().as_str()),
    ]
}

/// The archive that fields name as the other one; none if they do not, or that is withheld.
#[must_use]
pub fn partner_in(fields: &[Disclosure]) -> Option<ArchiveIdentity> {
    let origin = text_of(fields, PARTNER_ORIGIN)?.parse().ok()?;
    let digest = text_of(fields, PARTNER_ARCHIVE)?.parse().ok()?;
    Some(ArchiveIdentity::new(origin, Fingerprint(digest)))
}

vouchsafe_core::described! {
    /// Something that is held from another archive and that nothing could be compared with.
    #[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
    pub struct NotCompared {
        /// The entry that says that it came.
        pub index: EntryIndex,
        /// What it is.
        pub what: String,
        /// Why.
        pub reason: String,
        /// Whether its bytes are no longer those that came: then this archive's disk is at fault, and not who sent it.
        pub is_damaged: bool,
    }
}

/// What is known of the logs of other archives.
#[derive(Debug, Default)]
pub(super) struct Heard {
    pub logs: KnownLogs,
    pub not_compared: Vec<NotCompared>,
}

/// The archives that were ever compared with something from outside, when a bundle or a letter of theirs was imported.
/// That is known of the archive, and not of the bundle alone: a later bundle that was not compared does not take it
/// back. Entries that are damaged in their volumes are skipped.
///
/// # Errors
/// The index or a volume cannot be read.
pub fn compared_archives(reader: &Reader) -> Result<HashSet<ArchiveIdentity>, ArchiveError> {
    let (mut entries, mut unread) = transfer_entries(reader)?;
    for index in reader.index.all_received()? {
        entries.extend(reader.entry_or_note(index, &mut unread)?);
    }
    let partners = entries.iter().filter_map(LoggedEntry::partner).filter(|partner| partner.is_anchored);
    Ok(partners.map(|partner| partner.archive).collect())
}

/// Everything that is held from archives of these origins, but for one bundle.
///
/// # Errors
/// This archive's own entries cannot be read.
pub(super) fn heard(
    reader: &Reader,
    is_wanted: &dyn Fn(&Origin) -> bool,
    but: Option<Digest>,
) -> Result<Heard, ArchiveError> {
    let mut heard = Heard::default();
    for index in reader.index.all_received()? {
        let logged = reader.entry(index)?;
        let (Event::BundleReceived(body), Some(partner)) = (&logged.entry.entry.event, logged.partner()) else {
            continue;
        };
        if Some(body.bundle) != but {
            hear_bundle(reader, index, body.bundle, body.dossier, &partner, is_wanted, &mut heard);
        }
    }
    for logged in all_transfer_entries(reader)? {
        let Some(partner) = logged.partner().filter(|partner| is_wanted(partner.archive.origin())) else {
            continue;
        };
        hear_letter(reader, &logged, &partner, &mut heard)?;
    }
    Ok(heard)
}

/// What a bundle proves that was received, and what the dossiers in it prove.
fn hear_bundle(
    reader: &Reader,
    index: EntryIndex,
    bundle: Digest,
    object: Digest,
    partner: &Partner,
    is_wanted: &dyn Fn(&Origin) -> bool,
    heard: &mut Heard,
) {
    let what = format!("the bundle {} that was received as entry {index}", bundle.short());
    let not_compared = |what: &str, reason: String| NotCompared {
        index,
        what: what.to_owned(),
        reason,
        is_damaged: reader.is_damaged(object),
    };
    let dossier = match reader.dossier(object) {
        Ok(dossier) => dossier,
        Err(error) => {
            heard.not_compared.push(not_compared(&what, error.to_string()));
            return;
        }
    };
    if is_wanted(partner.archive.origin()) {
        match LogView::prove(&dossier, Text::same(&what)) {
            Ok(view) if view.archive == partner.archive => heard.logs.add(&view, partner.is_anchored),
            Ok(_) => heard.not_compared.push(not_compared(&what, "it is of another archive".to_owned())),
            Err(error) => heard.not_compared.push(not_compared(&what, error.to_string())),
        }
    }
    for path in dossier.files().iter().map(|file| &file.path).filter(|path| is_foreign(path)) {
        let what = format!("{path} in {what}");
        match prove_behind(&dossier, path, &what, is_wanted) {
            Ok(None) => {}
            // The archive that hands a history on has compared it with nothing that this archive knows.
            Ok(Some(view)) => heard.logs.add(&view, false),
            Err(error) => heard.not_compared.push(not_compared(&what, error.to_string())),
        }
    }
}

fn hear_letter(
    reader: &Reader,
    logged: &LoggedEntry,
    partner: &Partner,
    heard: &mut Heard,
) -> Result<(), ArchiveError> {
    let index = logged.entry.entry.index;
    let Some(object) = letter_of(&logged.entry.entry.event) else { return Ok(()) };
    let what = format!("the letter that was recorded as entry {index}");
    let told = match reader.object_bytes(object) {
        Ok(bytes) => letter::check(&bytes).map_err(|error| error.to_string()),
        Err(error @ ArchiveError::Index(_)) => return Err(error),
        Err(error) => Err(error.to_string()),
    };
    match told.map(|told| view_of(&told, &what)) {
        Ok(view) if view.archive == partner.archive => heard.logs.add(&view, partner.is_anchored),
        Ok(_) => heard.not_compared.push(NotCompared {
            index,
            what,
            reason: "it is of another archive".to_owned(),
            is_damaged: false,
        }),
        Err(reason) => {
            heard.not_compared.push(NotCompared { index, what, reason, is_damaged: reader.is_damaged(object) });
        }
    }
    Ok(())
}

/// What a letter proves of the log of who wrote it.
pub(super) fn view_of(told: &Told, named: &str) -> LogView {
    LogView {
        place: String::new(),
        named: Text::same(named),
        archive: told.archive(),
        log_key: told.shown.log_key.clone(),
        size: told.shown.checkpoint.size,
        root: told.shown.checkpoint.root,
        shown: told.shown.log.clone(),
    }
}

/// The object with the letter of the other side, if an entry took one in.
pub(super) const fn letter_of(event: &Event) -> Option<Digest> {
    match event {
        Event::TransferAccepted(body) => Some(body.letter),
        Event::TransferRefused(body) => Some(body.letter),
        Event::TransferSettled(body) => Some(body.letter),
        _ => None,
    }
}

fn is_foreign(path: &BundlePath) -> bool {
    matches!(path.part(), Some(Part::Foreign(_)))
}

/// What a dossier in another one proves, if it is of a log that is wanted.
fn prove_behind(
    dossier: &DossierBundle,
    path: &BundlePath,
    what: &str,
    is_wanted: &dyn Fn(&Origin) -> bool,
) -> io::Result<Option<LogView>> {
    let Some(behind) = dossier.nested(path)? else { return Ok(None) };
    if !is_wanted(behind.description()?.archive().origin()) {
        return Ok(None);
    }
    LogView::prove(&behind, Text::same(what)).map(Some)
}
