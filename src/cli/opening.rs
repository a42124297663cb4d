//! What is reported when an archive is opened: what was fixed, and warnings.

use vouchsafe_archive::{Description, Note, Reader, UNSIGNED_WAY_OUT, not_understood};

use super::output::{self, printable};
use super::say;
use vouchsafe_check::text::NEWER_HINT;

/// Whether the whole log that this machine has seen can be read.
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

/// Reports on stderr what opening an archive did and found.
pub fn report_opening(archive: &Reader, notes: &[Note]) {
    notes.iter().for_each(|note| report_note(archive, note));
    if let Err(error) = archive.standing().check() {
        say::warning(error);
    }
    if let Some((place, reason)) = archive.damage() {
        say::warning(format_args!(
            "{}: {}\n         Only what could be read is shown; more may be lost. Nothing can be recorded until this \
             is repaired; see `vouchsafe verify` and `vouchsafe repair`.",
            printable(place),
            printable(reason),
        ));
    }
}

/// Reports one thing that opening did or found.
pub fn report_note(archive: &Reader, note: &Note) {
    // A command that writes cuts off a tail only if nothing else is wrong.
    let is_understood = not_understood(archive).is_ok_and(|things| things.is_empty());
    let what_becomes = match is_whole(archive) {
        true if !is_understood => "it stays there, since this version moves nothing that a newer version wrote",
        true => "the next command that writes moves it to quarantine/",
        false => "it stays there, and no command writes until the warning below is resolved",
    };
    match note {
        Note::IndexRebuilt { reason } => say::note(format_args!("the index was rebuilt from the volumes ({reason})")),
        Note::CommitsApplied { commits } => {
            let (commits, were) = (output::count(*commits, "commit"), if *commits == 1 { "was" } else { "were" });
            say::note(format_args!("{commits} that the index did not contain {were} added to it"));
        }
        Note::TailCut { cut, is_begun_commit: false } => say::caution(format_args!(
            "the last {} of {} were not readable as members and were moved to {}. Nothing shows whether they were ever \
             committed. {COMPARE}",
            output::bytes(cut.size_bytes),
            cut.from.volume,
            printable(&cut.kept_in.display().to_string()),
        )),
        Note::TailLeft { from, size_bytes, is_begun_commit: false } => say::caution(format_args!(
            "the last {} of {} are not readable as members. Nothing shows whether they were ever committed. {COMPARE} \
             As for this end of the volume: {what_becomes}",
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
            "an interrupted commit of {} follows the last complete one in {}; {what_becomes}",
            output::bytes(*size_bytes),
            from.volume,
        )),
        Note::IndexElsewhere { was_kept: true, .. } => {}
        Note::IndexElsewhere { reason, folder, is_kept: true, .. } => say::caution(format_args!(
            "the archive's own index cannot be used ({}), so one was built in {}. It holds fields and is kept for the \
             next time; `vouchsafe forget-index` removes it, and with --no-cache none is kept",
            printable(reason),
            printable(&folder.display().to_string()),
        )),
        Note::IndexElsewhere { reason, folder, .. } => say::caution(format_args!(
            "the archive's own index cannot be used ({}), so one was built in {} for this command. It holds fields, \
             and is removed at the end",
            printable(reason),
            printable(&folder.display().to_string()),
        )),
        Note::NotLocked => say::caution(
            "the drive has no file locks, so another program may write while this one reads; if something looks wrong, \
             run the command again",
        ),
        Note::NotUnderstood { place, what } => {
            let things = not_understood(archive).unwrap_or_default();
            let entries: u64 = things.iter().map(|thing| thing.entries).sum();
            let in_all = match entries {
                0 | 1 => String::new(),
                entries => format!(" ({} in total are not understood)", output::count(entries, "entry")),
            };
            say::warning(format_args!(
                "{place}: {what}; a newer version wrote it{in_all}. What is shown here may be incomplete or outdated, \
                 and nothing can be recorded"
            ));
            say::hint(NEWER_HINT);
            if place == "archive.json" {
                say::hint(UNSIGNED_WAY_OUT);
            }
        }
        Note::Namesake { told } => say::warning(format_args!(
            "{}. If it is a second archive of this name, `vouchsafe verify --trust FINGERPRINT` makes this machine \
             remember it",
            printable(told)
        )),
        Note::FirstSeen { .. } => say::caution(format_args!(
            "this machine sees {} for the first time, and now remembers its fingerprint;\n      compare it with \
             the one that you were given:\n{}",
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
