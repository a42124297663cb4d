//! The letters of other archives that go along with the exhibits of which custody passed by them.
//!
//! A letter goes along whole or not at all, since its bytes are what proves it. So it does only where every field in it is
//! disclosed, and which archive it is from.

use std::collections::{BTreeMap, BTreeSet};

use super::plan::ExportPlan;
use crate::archive::Archive;
use crate::digest::Digest;
use crate::model::{Disclosure, ExhibitId, Origin};
use crate::verify::bundle::{PARTNER_ARCHIVE, PARTNER_ORIGIN};
use crate::verify::letter;

/// A letter of which it is decided whether it goes along.
#[derive(Debug, Clone)]
pub(super) struct PlannedLetter {
    pub bytes: Vec<u8>,
    /// What it tells.
    pub fields: Vec<Disclosure>,
    /// The archive that wrote it.
    pub origin: Origin,
    /// The exhibits of which custody passed by it.
    pub exhibits: BTreeSet<ExhibitId>,
}

/// A letter that stays behind, although it is disclosed which archive wrote it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct LetterNotHandedOn {
    /// Its SHA-256.
    pub letter: Digest,
    /// Why.
    #[serde(flatten)]
    pub reason: WhyLetterStays,
}

/// Why a letter stays behind.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum WhyLetterStays {
    /// It tells fields that are withheld.
    TellsMore {
        /// Their names.
        fields: BTreeSet<String>,
    },
    /// It cannot be read, or does not hold.
    Unreadable {
        /// Why not.
        found: String,
    },
}

/// The names of fields that a letter tells and that are withheld, those that say which archive wrote it among them.
pub(super) fn withheld_of(fields: &[Disclosure], is_disclosed: impl Fn(&str) -> bool) -> BTreeSet<String> {
    let names = fields.iter().map(|field| field.name().as_str());
    let names = names.chain([PARTNER_ARCHIVE, PARTNER_ORIGIN]);
    names.filter(|name| !is_disclosed(name)).map(str::to_owned).collect()
}

/// The letters by which custody passed, each with the exhibits that it is about.
pub(super) type Named = BTreeMap<Digest, BTreeSet<ExhibitId>>;

impl Archive {
    /// Decides which of the letters that this archive received go along.
    pub(super) fn plan_letters(&self, plan: &mut ExportPlan, named: Named) {
        for (letter, exhibits) in named {
            let read = self.held_bytes(letter).map_err(|error| error.to_string());
            let read = read.and_then(|bytes| match letter::check(&bytes) {
                Ok(told) => Ok((bytes, told)),
                Err(error) => Err(error.to_string()),
            });
            let reason = match read {
                Ok((bytes, told)) => {
                    let withheld = withheld_of(&told.fields, |name| plan.policy.discloses_of_letter(name));
                    let is_whole = withheld.is_empty();
                    let counts = if is_whole { &mut plan.disclosed } else { &mut plan.withheld };
                    for field in &told.fields {
                        *counts.entry(field.name().as_str().to_owned()).or_default() += 1;
                    }
                    let origin = told.archive().origin().clone();
                    let planned = PlannedLetter { bytes, fields: told.fields, origin, exhibits };
                    if is_whole {
                        plan.letters.insert(letter, planned);
                        continue;
                    }
                    plan.withheld_letters.push(planned);
                    WhyLetterStays::TellsMore { fields: withheld }
                }
                Err(found) => WhyLetterStays::Unreadable { found },
            };
            // Where it is withheld who the other side is, nobody expects its letter.
            if plan.policy.discloses_of_letter(PARTNER_ARCHIVE) {
                plan.letters_not_handed_on.push(LetterNotHandedOn { letter, reason });
            }
        }
    }
}
