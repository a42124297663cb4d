//! The letters of other archives that accompany the exhibits whose custody passed by them.
//!
//! A letter is included whole or not at all, since its bytes prove it. It names the archive that wrote it, and how
//! custody was handed over. So it is asked for by a name of its own, [`PARTNER_LETTER`]: fields of these names in
//! entries, such as to whom a copy was issued, are another matter.

use super::disclosure::PARTNER_LETTER;
use super::not_handed_on::{LetterNotHandedOn, WhyLetterStays};
use super::plan::ExportPlan;
use super::planned_letters::{Named, PlannedLetter};
use crate::reader::Reader;
use vouchsafe_core::verify::bundle::PARTNER_ARCHIVE;
use vouchsafe_core::verify::letter;

/// Decides which of the letters that this archive received are included.
pub(super) fn plan_letters(reader: &Reader, plan: &mut ExportPlan, named: Named) {
    for (letter, exhibits) in named {
        let read = reader.object_bytes(letter).map_err(|error| error.to_string());
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
