//! The letters of other archives that lie in a bundle or a dossier: what speaks for it that custody of an exhibit passed,
//! besides the word of the archive that says so.

use std::collections::{BTreeMap, HashSet};

use super::exhibit_report::ExhibitReport;
use super::files::{Files, check_listed, finding, too_large, unreadable};
use super::findings::Findings;
use super::passing::{OtherSide, PARTNER_ARCHIVE, PARTNER_ORIGIN, Passing};
use crate::digest::Digest;
use crate::format::ArchiveIdentity;
use crate::format::bundle::{BundlePath, Manifest, Part};
use crate::format::letter::MAX_LETTER_BYTES;
use crate::language::{Text, text};
use crate::model::{CustodyPassed, Direction, Disclosure, Event, FieldValue, Fingerprint};
use crate::verify::letter::{self, LetterError, Told};
use crate::verify::{Code, Finding};

/// The report shows so much of what is not understood in a letter.
const MAX_REASON_CHARS: usize = 500;

/// The letters of a bundle, by the SHA-256 that their names give them.
#[derive(Debug, Default)]
pub(super) struct Letters(BTreeMap<Digest, Letter>);

#[derive(Debug)]
struct Letter {
    path: BundlePath,
    read: Result<Claim, (Code, Text)>,
}

/// What a letter says against which nothing speaks in itself.
#[derive(Debug)]
struct Claim {
    /// Who says it; not known where not even that is understood.
    archive: Option<ArchiveIdentity>,
    /// What is said, if that is understood.
    said: Option<Said>,
    /// What of it is not understood.
    not_understood: Option<Text>,
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
                    add(finding(Code::BundleFileUnreadable, &file.path, unreadable(&error)));
                    continue;
                }
            };
            check_listed(tag, &file.path, content.digest, Code::BundleFileChanged, add);
            let read = match content.digest == name {
                true => Claim::read(&content.bytes, content.size_bytes),
                false => Err(wrong(text!(
                    "it has the SHA-256 {digest}", "SHA-256이 이름과 다릅니다: {digest}"; digest = content.digest
                ))),
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
    ) -> Passing {
        let CustodyPassed { direction, bundle, letter, .. } = *body;
        let passing = |other_side, by| Passing { other_side, direction, bundle, letter, by };
        let Some(Letter { path, read }) = self.0.get(&letter) else {
            return passing(OtherSide::without_letter(body, disclosed), None);
        };
        let objection = match read {
            Ok(claim) => claim.objection(body, disclosed, own).map(wrong).or_else(|| claim.not_understood()),
            Err(found) => Some(found.clone()),
        };
        if let Some((code, reason)) = objection {
            add(Finding::new(code, path.as_str(), reason));
            return passing(OtherSide::LetterDoesNotHold, None);
        }
        let other_side = match direction {
            Direction::In => OtherSide::Offered,
            Direction::Out => OtherSide::Accepted,
        };
        passing(other_side, read.as_ref().ok().and_then(|claim| claim.archive.clone()))
    }

    /// Reports the letters that no entry names. One that is not understood may name others.
    pub fn object_to_others(&self, exhibits: &[ExhibitReport], findings: &mut Findings) {
        if self.0.is_empty() || exhibits.iter().any(|exhibit| exhibit.has_not_understood) {
            return;
        }
        let named: HashSet<_> = exhibits.iter().flat_map(|exhibit| &exhibit.letters).collect();
        for (_, letter) in self.0.iter().filter(|(letter, _)| !named.contains(letter)) {
            let message = (
                "no entry names this letter: nothing in it is believed, and an import does not keep it",
                "어느 기록 항목도 이 서신을 가리키지 않습니다. 그 내용을 믿지 않으며, 인수할 때 보존하지 않습니다",
            );
            findings.add(Finding::new(Code::BundleFileForeign, letter.path.as_str(), message));
        }
    }
}

impl Claim {
    fn read(bytes: &[u8], size_bytes: u64) -> Result<Self, (Code, Text)> {
        if size_bytes > MAX_LETTER_BYTES as u64 {
            return Err(wrong(too_large(size_bytes, MAX_LETTER_BYTES as u64)));
        }
        match letter::check(bytes) {
            Ok(told) => Ok(Self { archive: Some(told.archive()), said: Said::of(&told), not_understood: None }),
            Err(LetterError::NotUnderstood { reason, archive, told }) => {
                let reason = reason.beginning(MAX_REASON_CHARS);
                Ok(Self { archive, said: told.and_then(|told| Said::of(&told)), not_understood: Some(reason) })
            }
            Err(error) => Err(wrong(error.text())),
        }
    }

    fn not_understood(&self) -> Option<(Code, Text)> {
        self.not_understood.clone().map(|reason| (Code::BundleLetterNotUnderstood, reason))
    }

    /// What it says otherwise than the entry of the archive `own`, if anything.
    fn objection(&self, body: &CustodyPassed, disclosed: &[Disclosure], own: Option<Fingerprint>) -> Option<Text> {
        let archive = self.archive.as_ref()?;
        let (fingerprint, origin) = (archive.fingerprint(), archive.origin().as_str());
        if own == Some(fingerprint) {
            return Some(text!(
                "it is by the same archive, and not by another one",
                "다른 보존소가 아니라 같은 보존소의 서신입니다"
            ));
        }
        // What is disclosed and is no text names nobody.
        let is_other = |name: &str, value: &str| {
            let field = disclosed.iter().find(|field| field.name().as_str() == name);
            field.is_some_and(|field| !matches!(field.value(), FieldValue::Text(text) if text == value))
        };
        if is_other(PARTNER_ARCHIVE, &fingerprint.to_string()) {
            return Some(text!(
                "it is by the archive {fingerprint}, which the entry does not name",
                "기록 항목이 가리키지 않는 보존소({fingerprint})의 서신입니다"
            ));
        }
        if is_other(PARTNER_ORIGIN, origin) {
            return Some(text!(
                "it is by {origin}, which the entry does not name",
                "기록 항목이 가리키지 않는 보존소({origin})의 서신입니다"
            ));
        }
        match self.said.as_ref()? {
            Said::Other => Some(text!(
                "it is the letter of no offer and of no acceptance",
                "인계를 제안하거나 수락한 서신이 아닙니다"
            )),
            Said::Passing { direction, .. } if *direction != body.direction => Some(match body.direction {
                Direction::In => text!(
                    "it accepts, and custody passes by the letter that offered",
                    "인계를 제안한 서신이어야 하는데 수락한 서신입니다"
                ),
                Direction::Out => text!(
                    "it offers, and custody passes by the letter that accepted",
                    "인계를 수락한 서신이어야 하는데 제안한 서신입니다"
                ),
            }),
            Said::Passing { bundle, .. } if *bundle != body.bundle => {
                Some(text!("it speaks of the bundle {bundle}", "다른 제출 묶음에 관한 서신입니다: {bundle}"))
            }
            // An offer names nobody; an acceptance names the archive that it accepts from.
            Said::Passing { direction: Direction::Out, partner, .. }
                if own.is_some() && *partner != own.map(|own| own.to_string()) =>
            {
                Some(text!(
                    "it accepts from another archive than this one",
                    "이 보존소가 아닌 다른 보존소로부터 수락하는 서신입니다"
                ))
            }
            Said::Passing { .. } => None,
        }
    }
}

impl Said {
    /// What it says; `None` where that is not understood.
    fn of(told: &Told) -> Option<Self> {
        let (direction, bundle) = match &told.shown.entry.entry.event {
            Event::NotUnderstood(_) => return None,
            Event::TransferOffered(body) => (Direction::In, body.bundle),
            Event::TransferAccepted(body) => (Direction::Out, body.bundle),
            _ => return Some(Self::Other),
        };
        let partner = text_of(&told.fields, PARTNER_ARCHIVE).map(str::to_owned);
        Some(Self::Passing { direction, bundle, partner })
    }
}

fn wrong(reason: Text) -> (Code, Text) {
    (Code::BundleLetterWrong, reason)
}

/// The value of a field that is a text.
pub fn text_of<'a>(fields: &'a [Disclosure], name: &str) -> Option<&'a str> {
    let field = fields.iter().find(|field| field.name().as_str() == name)?;
    match field.value() {
        FieldValue::Text(text) => Some(text),
        _ => None,
    }
}
