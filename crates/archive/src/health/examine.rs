//! Looks at an archive and its surroundings, also at one that does not open, and changes nothing.

use std::path::{Path, PathBuf};

use super::environment_checks;
use super::examination::{Examination, NotLookedAt};
use super::risk::{Risk, Weight};
use super::volumes::{self, Survey};
use super::{copy_risks, settle, unread_risks, verification_risks};
use crate::Description;
use crate::environment::Environment;
use crate::error::ArchiveError;
use crate::known::{KnownArchive, KnownArchives};
use crate::layout::{DESCRIPTION, VOLUMES};
use crate::locking::{Unlocked, take_lock_to_read};
use crate::only_read::{NotUnderstoodThing, OnlyRead, UNSIGNED_WAY_OUT};
use crate::open::{describe, first_entry};
use crate::standing::other_archive;
use vouchsafe_core::format::FormatError;
use vouchsafe_core::format::version::NEWER_WAY_OUT;
use vouchsafe_core::model::Origin;
use vouchsafe_core::verify::Remedy;

/// What the examination has to know from outside.
pub struct ExaminationRequest<'a> {
    /// What this machine remembers.
    pub known: Option<KnownArchives>,
    /// Where the agent's key and the log key of an archive are expected.
    pub keys: &'a dyn Fn(&Origin) -> [PathBuf; 2],
}

/// Examines an archive. Changes nothing of it and moves nothing; damage is reported, not an error.
///
/// # Errors
/// There is no archive, or another process uses it.
pub fn examine(
    folder: &Path,
    request: &ExaminationRequest<'_>,
    environment: &dyn Environment,
) -> Result<Examination, ArchiveError> {
    let mut found = Examination::default();
    let description = match describe(folder) {
        Ok(description) => Some(description),
        Err(error @ (ArchiveError::NotAFolder { .. } | ArchiveError::NoFolder { .. })) => return Err(error),
        Err(error @ ArchiveError::NotAnArchive { .. }) if !folder.join(VOLUMES).is_dir() => return Err(error),
        Err(ArchiveError::Format { source: FormatError::NotUnderstood { found: format, .. }, .. }) => {
            let thing = NotUnderstoodThing::description(&format);
            let message = format!(
                "not understood: {}. The first entry of the log, which has the same information, cannot be read either",
                thing.told()
            );
            let mend =
                format!("{NEWER_WAY_OUT}. Restore the volumes from another copy of the archive; {UNSIGNED_WAY_OUT}");
            found.add(Risk::new(Weight::Wrong, "version", message).mend(mend));
            found.not_understood.push(thing);
            None
        }
        Err(error) => {
            let risk = Risk::new(Weight::Wrong, "archive", format!("{DESCRIPTION} cannot be used: {error}"));
            found.add(risk.mend(format!("restore {DESCRIPTION} from a copy: cp COPY/{DESCRIPTION} .")));
            None
        }
    };
    let lock = match take_lock_to_read(folder, environment)? {
        Ok(lock) => Ok(lock),
        Err(unlocked) => {
            let message = match unlocked {
                Unlocked::ReadOnly => "the archive cannot be written to from here",
                Unlocked::InUse => "another process uses the archive: what it has committed so far was looked at",
                Unlocked::NoLocks => "the drive has no file locks: the archive can be read here, and not written to",
            };
            found.add(Risk::new(Weight::Notice, "archive", message));
            Err(unlocked)
        }
    };
    let now = environment.now();
    environment_checks::disk(folder, &mut found);
    environment_checks::modes(folder, &mut found);
    environment_checks::quarantine(folder, &mut found);
    environment_checks::repair(folder, &mut found);
    environment_checks::texts(folder, &mut found);
    environment_checks::keys_inside(folder, &mut found);
    environment_checks::parity(folder, environment, &mut found);
    let mut only_read = None;
    if let Some(description) = description {
        found.origin = Some(description.origin().clone());
        let remembered = remember(request, &description, &mut found);
        let survey = volumes::survey(folder, &description, remembered.as_ref(), lock, &mut found);
        environment_checks::clock(folder, &survey, now, &mut found);
        environment_checks::keys(&(request.keys)(description.origin()), &description, &survey, &mut found);
        let history = &survey.history;
        let mut entries = history.not_understood.clone();
        if let Some(first) = first_entry(folder).filter(|first| history.size == 0 && first.entry.index.0 == 0) {
            // It may be read after damage.
            NotUnderstoodThing::tally_entry(&mut entries, &first.entry);
        }
        only_read = OnlyRead::of(&description, &entries, history.cannot_sign);
        after_the_log(survey, now, &mut found);
    } else {
        found
            .not_checked
            .push(format!("the log, the copies and the keys: without {DESCRIPTION} they cannot be read").into());
    }
    found.not_checked.extend([
        NotLookedAt::but("the bytes of the objects", Remedy::Verify),
        NotLookedAt::but("whether the copies are where the log says, and unchanged", Remedy::VerifyCopy),
        "whether the keys have a backup, and whether the disks are encrypted: this cannot be seen from here".into(),
    ]);
    settle(&mut found.risks, only_read.as_ref());
    if let Some(OnlyRead::NotUnderstood(things)) = only_read {
        found.not_understood = things;
    }
    found.risks.sort_by_key(|risk| risk.weight);
    Ok(found)
}

fn remember(
    request: &ExaminationRequest<'_>,
    description: &Description,
    found: &mut Examination,
) -> Option<KnownArchive> {
    let known = request.known.as_ref()?;
    match known.get(description.fingerprint) {
        Ok(Some(remembered)) => {
            found.checked.push("the fingerprint and the head that this machine remembers".to_owned());
            Some(remembered)
        }
        Ok(None) => {
            if let Some(other) = known.namesake(description) {
                let risk = Risk::new(Weight::Wrong, "archive", other_archive(description, &other).to_string());
                found.add(risk.mend(
                    "compare the fingerprint with the one that you wrote down, and trust nothing in the archive \
                         before",
                ));
            }
            found.not_checked.push("whose archive this is: this machine sees it for the first time".into());
            None
        }
        Err(error) => {
            let risk = Risk::new(Weight::Wrong, "memory", error.to_string());
            found.add(risk.mend(
                "compare the archive's keys, then move that file away; the next command remembers the archive \
                     again",
            ));
            None
        }
    }
}

/// What follows from the log itself.
fn after_the_log(survey: Survey, now: vouchsafe_core::model::Timestamp, found: &mut Examination) {
    if survey.history.size == 0 {
        found.not_checked.push("the copies and the last verification: no entry can be read".into());
        return;
    }
    let size = survey.history.size;
    let copies = survey.history.copies.finish(size);
    found.risks.extend(unread_risks(&survey.history.unread));
    found.risks.extend(copy_risks(&copies, now));
    found.risks.extend(verification_risks(survey.history.verified.as_ref(), now));
    if survey.is_cut_short {
        found.not_checked.push(format!("the log after entry {}: it cannot be read", size - 1).into());
    }
    found.checked.push("the copies and the last verification, as the log records them".to_owned());
}
