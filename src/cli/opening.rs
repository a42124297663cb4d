//! What is said of an archive when it is opened: what was mended, and what is warned of.

use vouchsafe_archive::{Description, Note, Reader, UNSIGNED_WAY_OUT, not_understood};

use super::output::{self, printable};
use super::say;
use vouchsafe_check::text::NEWER_HINT;

/// Whether all of the log can be read that this machine knows of.
pub fn is_whole(archive: &Reader) -> bool {
    archive.standing().check().is_ok() && archive.damage().is_none()
}

/// The fingerprint and the keys of an archive, for people.
pub fn describe_keys(description: &Description) -> String {
    let (fingerprint, administrator) = (description.fingerprint.paper(), description.administrator.id());
    format!("fingerprint   {fingerprint}\nadministrator {administrator}\nlog key       {}\n", description.log_key)
}

/// What to do about bytes that may have been committed.
const COMPARE: &str = "Compare the archive with another copy: vouchsafe verify --against COPY.";

/// Tells on stderr what opening an archive did and saw.
pub fn tell(archive: &Reader, notes: &[Note]) {
    notes.iter().for_each(|note| tell_note(archive, note));
    if let Err(error) = archive.standing().check() {
        say::warning(error);
    }
    if let Some((place, reason)) = archive.damage() {
        say::warning(format_args!(
            "{}: {}\n         Shown is what could be read; more may be gone. Nothing can be recorded; see \
             `vouchsafe verify` and `vouchsafe repair`.",
            printable(place),
            printable(reason),
        ));
    }
}

/// Tells of something that opening did or saw.
pub fn tell_note(archive: &Reader, note: &Note) {
    // Whoever writes cuts a tail only if nothing else is wrong.
    let is_understood = not_understood(archive).is_ok_and(|things| things.is_empty());
    let what_becomes = match is_whole(archive) {
        true if !is_understood => "it stays there: nothing is moved of what a newer version wrote",
        true => "the next command that writes moves it to quarantine/",
        false => "it stays there, and no command writes, while what is warned of below is not put right",
    };
    match note {
        Note::IndexRebuilt { reason } => say::note(format_args!("the index was made anew from the volumes ({reason})")),
        Note::CommitsApplied { commits } => {
            let (commits, were) = (output::count(*commits, "commit"), if *commits == 1 { "was" } else { "were" });
            say::note(format_args!("{commits} that the index did not know {were} brought into it"));
        }
        Note::TailCut { cut, is_begun_commit: false } => say::caution(format_args!(
            "the last {} of {} were not readable as members and were moved to {}; whether they were ever \
             committed cannot be told. {COMPARE}",
            output::bytes(cut.size_bytes),
            cut.from.volume,
            printable(&cut.kept_in.display().to_string()),
        )),
        Note::TailLeft { from, size_bytes, is_begun_commit: false } => say::caution(format_args!(
            "the last {} of {} are not readable as members; whether they were ever committed cannot be told. \
             {COMPARE} This end of the volume: {what_becomes}",
            output::bytes(*size_bytes),
            from.volume,
        )),
        Note::TailCut { cut, .. } => say::note(format_args!(
            "an interrupted commit of {} was moved out of {}; its bytes are in {}",
            output::bytes(cut.size_bytes),
            cut.from.volume,
            printable(&cut.kept_in.display().to_string()),
        )),
        Note::TailLeft { from, size_bytes, .. } => say::note(format_args!(
            "an interrupted commit of {} lies behind the last one in {}; {what_becomes}",
            output::bytes(*size_bytes),
            from.volume,
        )),
        Note::IndexElsewhere { was_kept: true, .. } => {}
        Note::IndexElsewhere { reason, folder, is_kept: true, .. } => say::caution(format_args!(
            "the archive's own index cannot be used ({}), so one was made in {}. It holds fields, and is kept for the next \
             time; `vouchsafe forget-index` removes it, and --no-cache keeps none",
            printable(reason),
            printable(&folder.display().to_string()),
        )),
        Note::IndexElsewhere { reason, folder, .. } => say::caution(format_args!(
            "the archive's own index cannot be used ({}), so one was made for this command alone, in {}; it \
             holds names, and is removed at the end",
            printable(reason),
            printable(&folder.display().to_string()),
        )),
        Note::NotLocked => say::caution(
            "the drive has no file locks, so another program may write to the archive while it is read; if \
             something looks wrong, run the command again",
        ),
        Note::NotUnderstood { place, what } => {
            let things = not_understood(archive).unwrap_or_default();
            let entries: u64 = things.iter().map(|thing| thing.entries).sum();
            let in_all = match entries {
                0 | 1 => String::new(),
                entries => format!(" ({} in all are not understood)", output::count(entries, "entry")),
            };
            say::warning(format_args!(
                "{place}: {what}; a newer version wrote it{in_all}. What is shown here may not be all, \
                 nor the newest, and nothing can be recorded"
            ));
            say::hint(NEWER_HINT);
            if place == "archive.json" {
                say::hint(UNSIGNED_WAY_OUT);
            }
        }
        Note::Namesake { told } => say::warning(format_args!(
            "{}. If it is a second archive of this name, `vouchsafe verify --trust FINGERPRINT` has it remembered",
            printable(told)
        )),
        Note::FirstSeen { .. } => say::caution(format_args!(
            "this machine sees {} for the first time and remembers its fingerprint from now on;\n      compare it with the one that you were given:\n{}",
            archive.description().origin(),
            describe_keys(archive.description())
                .lines()
                .map(|line| format!("        {line}"))
                .collect::<Vec<_>>()
                .join("\n"),
        )),
        _ => {}
    }
}
