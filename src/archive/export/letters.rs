//! The letters of other archives that go along with the exhibits of which custody passed by them.
//!
//! A letter goes along whole or not at all, since its bytes are what proves it. It tells which archive wrote it, and how custody
//! was handed over. So it is asked for by a name of its own, [`PARTNER_LETTER`]: fields of these names in entries, such as to
//! whom a copy was issued, are another matter.

use std::collections::{BTreeMap, BTreeSet};

use super::disclosure::PARTNER_LETTER;
use super::plan::ExportPlan;
use crate::archive::Archive;
use crate::digest::Digest;
use crate::model::{Disclosure, ExhibitId, Origin};
use crate::verify::bundle::PARTNER_ARCHIVE;
use crate::verify::letter;

/// A letter that goes along.
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
    /// It was not asked for, or who wrote it is withheld.
    Withheld {
        /// The names of the fields that it tells.
        tells: BTreeSet<String>,
    },
    /// Exhibits are left out, and it counts how many were handed over with it, and how large they are.
    CountsLeftOut,
    /// It cannot be read, or does not hold.
    Unreadable {
        /// Why not.
        found: String,
    },
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
                Ok(_) if plan.leaves_out => WhyLetterStays::CountsLeftOut,
                Ok((bytes, told)) if plan.policy.discloses_letter(&told.fields) => {
                    let origin = told.archive().origin().clone();
                    plan.letters.insert(letter, PlannedLetter { bytes, fields: told.fields, origin, exhibits });
                    *plan.disclosed.entry(PARTNER_LETTER.to_owned()).or_default() += 1;
                    continue;
                }
                Ok((_, told)) => {
                    let tells = told.fields.iter().map(|field| field.name().as_str().to_owned()).collect();
                    WhyLetterStays::Withheld { tells }
                }
                Err(found) => WhyLetterStays::Unreadable { found },
            };
            *plan.withheld.entry(PARTNER_LETTER.to_owned()).or_default() += 1;
            plan.withheld_letters.push(exhibits);
            // Where it is withheld who the other side is, nobody expects its letter.
            if [PARTNER_LETTER, PARTNER_ARCHIVE].into_iter().any(|name| plan.policy.names(name)) {
                plan.letters_not_handed_on.push(LetterNotHandedOn { letter, reason });
            }
        }
    }
}
