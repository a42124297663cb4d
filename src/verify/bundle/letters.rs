//! The letters of other archives that lie in a bundle or a dossier: what speaks for it that custody of an exhibit passed,
//! besides the word of the archive that says so.

use std::collections::{BTreeMap, HashSet};

use serde::Serialize;

use super::entry::check_listed;
use super::files::{Files, finding};
use super::report::{ExhibitReport, Findings};
use crate::digest::Digest;
use crate::format::ArchiveIdentity;
use crate::format::bundle::{BundlePath, Manifest, Part};
use crate::format::letter::MAX_LETTER_BYTES;
use crate::model::{CustodyPassed, Direction, Disclosure, Event, FieldValue, Fingerprint};
use crate::verify::letter::{self, LetterError, Told};
use crate::verify::{Code, Finding};

/// Fields that say which archive the other one is. They are withheld by default: who works with whom is not for everybody.
pub const PARTNER_ARCHIVE: &str = "partner_archive";
/// What that archive calls itself.
pub const PARTNER_ORIGIN: &str = "partner_origin";

/// What there is of the other side's word that custody passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OtherSide {
    /// Its letter is here, and says so too.
    Letter,
    /// Its letter is here, and does not hold, or is not understood: a finding says which.
    LetterDoesNotHold,
    /// Which archive it is, is withheld, and so is its letter.
    Withheld,
    /// It is named, or nothing is withheld that could name it, and its letter is not here.
    Missing,
}

impl OtherSide {
    /// Where the letter is not here, by the fields of the entry that are disclosed.
    pub(crate) fn without_letter(body: &CustodyPassed, disclosed: &[Disclosure]) -> Self {
        let is_withheld = disclosed.len() < body.fields.len() && text(disclosed, PARTNER_ARCHIVE).is_none();
        if is_withheld { Self::Withheld } else { Self::Missing }
    }
}

/// The letters of a bundle, by the SHA-256 that their names give them.
#[derive(Debug, Default)]
pub(super) struct Letters(BTreeMap<Digest, Letter>);

#[derive(Debug)]
struct Letter {
    path: BundlePath,
    read: Result<Claim, (Code, String)>,
}

/// What a letter says against which nothing speaks in itself.
#[derive(Debug)]
struct Claim {
    /// Who says it; not known where not even that is understood.
    archive: Option<ArchiveIdentity>,
    /// What is said, if that is understood.
    said: Option<Said>,
    /// What of it is not understood.
    not_understood: Option<String>,
}

#[derive(Debug)]
enum Said {
    /// The sender's offer is for `in`, the recipient's acceptance for `out`.
    Passing { direction: Direction, bundle: Digest, partner: Option<String> },
    /// Something by which no custody passes.
    Other,
}

impl Letters {
    /// Reads all letters of a bundle, each once, and compares them with the tag manifest.
    pub fn read(files: &Files<'_>, tag: &Manifest, add: &mut dyn FnMut(Finding)) -> Self {
        let mut letters = BTreeMap::new();
        for file in files.all() {
            let Some(Part::Letter(name)) = file.path.part() else { continue };
            let content = match files.read(file, MAX_LETTER_BYTES) {
                Ok(Some(content)) => content,
                Ok(None) => break,
                Err(error) => {
                    add(finding(Code::BundleFileUnreadable, &file.path, error.to_string()));
                    continue;
                }
            };
            check_listed(tag, &file.path, content.digest, Code::BundleFileChanged, add);
            let read = match content.digest == name {
                true => Claim::read(&content.bytes, content.size_bytes),
                false => Err(wrong(format!("it has the SHA-256 {}", content.digest))),
            };
            letters.insert(name, Letter { path: file.path.clone(), read });
        }
        Self(letters)
    }

    /// What the letter that an entry names, with the fields of it that are disclosed, adds to the word of the archive `own`.
    pub fn judge(
        &self,
        body: &CustodyPassed,
        disclosed: &[Disclosure],
        own: Option<Fingerprint>,
        add: &mut dyn FnMut(Finding),
    ) -> OtherSide {
        let Some(Letter { path, read }) = self.0.get(&body.letter) else {
            return OtherSide::without_letter(body, disclosed);
        };
        let objection = match read {
            Ok(claim) => claim.objection(body, disclosed, own).map(wrong).or_else(|| claim.not_understood()),
            Err(found) => Some(found.clone()),
        };
        match objection {
            None => OtherSide::Letter,
            Some((code, reason)) => {
                add(Finding::new(code, path.as_str(), reason));
                OtherSide::LetterDoesNotHold
            }
        }
    }

    /// Tells of the letters that no entry names. One that is not understood may name others.
    pub fn object_to_others(&self, exhibits: &[ExhibitReport], findings: &mut Findings) {
        if self.0.is_empty() || exhibits.iter().any(|exhibit| exhibit.has_not_understood) {
            return;
        }
        let named: HashSet<_> = exhibits.iter().flat_map(|exhibit| &exhibit.letters).collect();
        for (_, letter) in self.0.iter().filter(|(letter, _)| !named.contains(letter)) {
            let message = "no entry names this letter: nothing in it is believed, and an import does not keep it";
            findings.add(Finding::new(Code::BundleFileForeign, letter.path.as_str(), message));
        }
    }
}

impl Claim {
    fn read(bytes: &[u8], size_bytes: u64) -> Result<Self, (Code, String)> {
        if size_bytes > MAX_LETTER_BYTES as u64 {
            return Err(wrong(format!("it has {size_bytes} bytes; at most {MAX_LETTER_BYTES} are allowed")));
        }
        match letter::check(bytes) {
            Ok(told) => Ok(Self { archive: Some(told.archive()), said: Said::of(&told), not_understood: None }),
            Err(LetterError::NotUnderstood { reason, archive, told }) => {
                Ok(Self { archive, said: told.and_then(|told| Said::of(&told)), not_understood: Some(reason) })
            }
            Err(error) => Err(wrong(error.to_string())),
        }
    }

    fn not_understood(&self) -> Option<(Code, String)> {
        self.not_understood.clone().map(|reason| (Code::BundleLetterNotUnderstood, reason))
    }

    /// What it says otherwise than the entry of the archive `own`, if anything.
    fn objection(&self, body: &CustodyPassed, disclosed: &[Disclosure], own: Option<Fingerprint>) -> Option<String> {
        let archive = self.archive.as_ref()?;
        let (fingerprint, origin) = (archive.fingerprint(), archive.origin().as_str());
        if own == Some(fingerprint) {
            return Some("it is by the same archive, and not by another one".to_owned());
        }
        if text(disclosed, PARTNER_ARCHIVE).is_some_and(|named| named != fingerprint.to_string()) {
            return Some(format!("it is by the archive {fingerprint}, which the entry does not name"));
        }
        if text(disclosed, PARTNER_ORIGIN).is_some_and(|named| named != origin) {
            return Some(format!("it is by {origin}, which the entry does not name"));
        }
        match self.said.as_ref()? {
            Said::Other => Some("it is the letter of no offer and of no acceptance".to_owned()),
            Said::Passing { direction, .. } if *direction != body.direction => Some(match body.direction {
                Direction::In => "it accepts, and custody passes by the letter that offered".to_owned(),
                Direction::Out => "it offers, and custody passes by the letter that accepted".to_owned(),
            }),
            Said::Passing { bundle, .. } if *bundle != body.bundle => Some(format!("it speaks of the bundle {bundle}")),
            // An offer names nobody; an acceptance names the archive that it accepts from.
            Said::Passing { direction: Direction::Out, partner, .. }
                if own.is_some() && *partner != own.map(|own| own.to_string()) =>
            {
                Some("it accepts from another archive than this one".to_owned())
            }
            Said::Passing { .. } => None,
        }
    }
}

impl Said {
    /// What it tells; `None` where that is not understood.
    fn of(told: &Told) -> Option<Self> {
        let (direction, bundle) = match &told.shown.entry.entry.event {
            Event::NotUnderstood(_) => return None,
            Event::TransferOffered(body) => (Direction::In, body.bundle),
            Event::TransferAccepted(body) => (Direction::Out, body.bundle),
            _ => return Some(Self::Other),
        };
        let partner = text(&told.fields, PARTNER_ARCHIVE).map(str::to_owned);
        Some(Self::Passing { direction, bundle, partner })
    }
}

fn wrong(reason: String) -> (Code, String) {
    (Code::BundleLetterWrong, reason)
}

/// The value of a field that is a text.
fn text<'a>(fields: &'a [Disclosure], name: &str) -> Option<&'a str> {
    let field = fields.iter().find(|field| field.name().as_str() == name)?;
    match field.value() {
        FieldValue::Text(text) => Some(text),
        _ => None,
    }
}
