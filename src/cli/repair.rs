//! `vouchsafe repair`

use std::io::Write;
use std::path::PathBuf;

use vouchsafe_archive::{Keys, LoggedRepairs, Repair, Repaired, VolumePlan, is_only_read, repair};
use vouchsafe_core::format::volume::VolumeNumber;
use vouchsafe_core::model::Stretch;

use super::context::Context;
use super::done::Done;
use super::error::CommandError;
use super::json;
use super::output::{self, bytes, count, number};
use super::say;
use super::watcher::Watcher;

/// Repair damaged or missing volumes from another copy of the archive, or from parity
///
/// Without --apply, the command only shows what is damaged and what it can be repaired from. Wherever the new bytes
/// come from, they must match the hashes that the log key signed. The damaged bytes are kept in quarantine/, and the
/// log records what was repaired from where.
///
/// It needs as much free space as the damaged volumes take. You can interrupt it at any time: each volume is either the
/// old or the repaired one, and running it again finishes the rest.
#[derive(clap::Args)]
pub struct Arguments {
    /// The folder of another copy of this archive [default: use only parity]
    #[arg(long, value_name = "DIR")]
    from: Option<PathBuf>,
    /// Repair, instead of only showing what could be repaired
    #[arg(long)]
    apply: bool,
}

/// At most this many places are listed of each kind.
const NAMED: usize = 20;

pub fn run(context: &Context, arguments: &Arguments) -> Result<Done, CommandError> {
    let watcher = Watcher::new(context);
    let known = context.known();
    let from = arguments.from.as_deref();
    let repair = Repair::plan(context.archive(), from, arguments.apply, Some(&known), &context.environment, &watcher);
    watcher.finish();
    let repair = repair?;
    if !arguments.apply {
        return show_plan(context, arguments, &repair);
    }
    let unreadable = repair.unreadable_notes();
    let put_aside = repair.clear_up(&context.environment)?;
    if let (Some(error), Some(kept_in)) = (&unreadable, &put_aside) {
        say::warning(format_args!(
            "{}: the log may not contain an earlier repair. The file was moved to {}",
            output::printable(&error.to_string()),
            output::printable(&kept_in.display().to_string()),
        ));
    }
    let heals = repair.plans().iter().any(VolumePlan::heals);
    if !heals && !repair.has_unlogged() {
        let done = show_plan(context, arguments, &repair)?;
        return Ok(if put_aside.is_some() { Done::WithFindings } else { done });
    }
    // Whether the repair can be logged is known before the long work. Healing does not wait for that: it is noted, and
    // logged once the keys are there.
    let why_not_logged = repair.why_not_logged();
    let is_only_read = why_not_logged.is_some();
    let (keys, next) = match why_not_logged {
        Some(error) => (Err(error.into()), "`vouchsafe repair --apply` of a newer version"),
        None => (
            context.keyring.keys(&context.folders, &repair.description().log_key),
            "the next `vouchsafe repair \
            --apply`",
        ),
    };
    if let Err(error) = &keys {
        say::caution(format_args!(
            "this repair cannot be logged yet. It is noted, and {next} logs it\n{}",
            error.to_string().trim_end()
        ));
    }
    let watcher = Watcher::new(context);
    let repaired = repair.apply(&context.environment, &watcher);
    watcher.finish();
    let repaired = repaired?;
    let plans = repair.plans().to_vec();
    // A log that lacks entries must not be written to: that would fork it.
    let is_to_be_logged = repair.has_unlogged() && repaired.missing_entries == 0 && !repaired.may_lack_entries;
    repair.close();
    let recorded = keys.ok().filter(|_| is_to_be_logged).map(|keys| record(context, &keys));
    let (logged, not_logged) = match recorded {
        None => (LoggedRepairs::default(), None),
        Some(Ok(Some(logged))) => (logged, None),
        // The damage hid entries that this version does not understand.
        Some(Ok(None)) => {
            say::caution(format_args!(
                "this version cannot log the repair. It is noted, and `vouchsafe repair --apply` of a newer version \
                 logs it"
            ));
            (LoggedRepairs::default(), None)
        }
        Some(Err(error)) => (LoggedRepairs::default(), Some(error)),
    };
    show_repaired(context, &plans, &repaired, &logged, is_only_read)?;
    if let Some(error) = not_logged {
        return Err(error.hint(
            "the volumes are healed, and the repair is noted: `vouchsafe repair --apply` logs it \
            later",
        ));
    }
    let is_all = repaired.refused.is_empty() && plans.iter().all(|plan| plan.not_healed.is_empty());
    let is_all = is_all && logged.waiting.is_empty() && put_aside.is_none() && repaired.missing_entries == 0;
    let is_all = is_all && !repaired.may_lack_entries;
    Ok(if is_all { Done::Well } else { Done::WithFindings })
}

/// Logs what was healed; none if this version can only read the archive.
fn record(context: &Context, keys: &Keys) -> Result<Option<LoggedRepairs>, CommandError> {
    let mut session = context.open_to_write()?;
    if is_only_read(session.reader())? {
        return Ok(None);
    }
    Ok(Some(repair::record(&mut session, keys)?))
}

fn show_plan(context: &Context, arguments: &Arguments, repair: &Repair) -> Result<Done, CommandError> {
    let mut out = std::io::stdout().lock();
    let plans = repair.plans();
    let unlogged = repair.has_unlogged();
    let unreadable = repair.unreadable_notes().map(|error| error.to_string());
    let missing = repair.missing_entries();
    let tail = repair.unreadable_tail();
    let is_well = plans.is_empty() && missing == 0 && unreadable.is_none() && tail.is_none();
    let done = if is_well { Done::Well } else { Done::WithFindings };
    if context.options.json {
        let value = json::RepairPlan {
            applied: false,
            copy_is_ahead_by: repair.copy_is_ahead_by(),
            missing_entries: missing,
            unlogged_repair: unlogged,
            unreadable_notes: unreadable,
            unreadable_tail: tail,
            volumes: plans,
        };
        output::json(&mut out, &value)?;
        return Ok(done);
    }
    if plans.is_empty() && missing == 0 && tail.is_none() {
        writeln!(out, "No volume is damaged or missing")?;
    }
    if let Some(tail) = tail {
        show_unreadable_tail(&mut out, tail)?;
    }
    let ahead = repair.copy_is_ahead_by();
    if ahead > 0 {
        writeln!(
            out,
            "The copy's log continues after the end of the archive's: {} more. Either the end was cut off here, or \
             somebody wrote to the copy",
            count(ahead, "entry")
        )?;
    }
    if missing > 0 {
        writeln!(
            out,
            "{} that this machine has seen {} missing: the end of the log was cut off, or its last volume is gone",
            count(missing, "entry"),
            if missing == 1 { "is" } else { "are" }
        )?;
        writeln!(out, "Another copy of the archive may have what is missing: vouchsafe repair --from DIR")?;
    }
    for plan in plans {
        show_volume(&mut out, plan)?;
    }
    if plans.iter().any(VolumePlan::heals) {
        writeln!(out, "\nNothing was changed. To heal what can be healed, run the command again with --apply")?;
    } else if !plans.is_empty() {
        writeln!(out, "\nNothing was changed, and nothing can be healed with what is there")?;
    }
    if plans.iter().any(|plan| !plan.heals() || !plan.not_healed.is_empty()) {
        let other = if arguments.from.is_some() {
            "A third copy may have"
        } else {
            "Another copy of the archive, if there is one, may have"
        };
        writeln!(out, "{other} what is missing: vouchsafe repair --from DIR")?;
    }
    if unlogged {
        match repair.why_not_logged() {
            None => writeln!(out, "An earlier repair is not logged yet: `vouchsafe repair --apply` logs it")?,
            Some(why) => writeln!(
                out,
                "An earlier repair is not logged yet: `vouchsafe repair --apply` of a newer version logs it ({})",
                output::printable(&why.to_string())
            )?,
        }
    }
    if let Some(reason) = unreadable {
        writeln!(
            out,
            "The log may not contain an earlier repair: {}; `vouchsafe repair --apply` moves that file to quarantine/",
            output::printable(&reason)
        )?;
    }
    Ok(done)
}

fn show_unreadable_tail(out: &mut dyn Write, tail: &Stretch) -> std::io::Result<()> {
    writeln!(
        out,
        "{} ends with {} that are not readable, from byte {} on. Nothing shows whether they were ever committed",
        VolumeNumber(tail.volume),
        bytes(tail.size_bytes),
        number(tail.offset)
    )?;
    writeln!(
        out,
        "Compare the archive with another copy: vouchsafe verify --against DIR, vouchsafe repair --from DIR. If there \
         is \
         none, and a power cut explains it, the next command that writes moves these bytes to quarantine/"
    )
}

fn show_volume(out: &mut dyn Write, plan: &VolumePlan) -> std::io::Result<()> {
    if plan.waits() {
        return writeln!(
            out,
            "{} cannot be judged yet: the readable part of the log does not name the log key that signed it. Heal the \
             volumes before it, and run this again",
            VolumeNumber(plan.volume)
        );
    }
    let state = match (plan.is_missing, plan.is_cut_short) {
        (true, _) => "is missing",
        (false, true) => "ends too early: commits after its end are missing",
        (false, false) => "is damaged",
    };
    writeln!(out, "{} {state}", VolumeNumber(plan.volume))?;
    show_stretches(out, "can be healed from the copy", &plan.from_copy)?;
    show_stretches(out, "can be healed from parity", &plan.from_parity)?;
    if plan.size_bytes > plan.healed_size_bytes {
        let surplus = plan.size_bytes - plan.healed_size_bytes;
        writeln!(out, "  {} after its end do not belong to it", bytes(surplus))?;
    }
    show_stretches(out, "CANNOT be healed", &plan.not_healed)?;
    if plan.copy_unreadable_bytes > 0 {
        writeln!(
            out,
            "  the copy ends with {} after its last commit that are not readable: it may lack entries",
            bytes(plan.copy_unreadable_bytes)
        )?;
    }
    match &plan.parity_says {
        Some(reason) => writeln!(out, "  parity does not help: {reason}"),
        None => Ok(()),
    }
}

fn show_stretches(out: &mut dyn Write, what: &str, stretches: &[Stretch]) -> std::io::Result<()> {
    if stretches.is_empty() {
        return Ok(());
    }
    let size_bytes = stretches.iter().map(|stretch| stretch.size_bytes).sum();
    writeln!(out, "  {what}: {}, {}", count(stretches.len() as u64, "place"), bytes(size_bytes))?;
    for stretch in stretches.iter().take(NAMED) {
        writeln!(out, "    {} at byte {}", bytes(stretch.size_bytes), number(stretch.offset))?;
    }
    if stretches.len() > NAMED {
        writeln!(out, "    and {}", count((stretches.len() - NAMED) as u64, "further place"))?;
    }
    Ok(())
}

fn show_repaired(
    context: &Context,
    plans: &[VolumePlan],
    repaired: &Repaired,
    logged: &LoggedRepairs,
    is_only_read: bool,
) -> Result<(), CommandError> {
    let mut out = std::io::stdout().lock();
    if context.options.json {
        let value = json::RepairDone {
            applied: true,
            not_logged: &logged.waiting,
            recorded_as: &logged.recorded,
            repaired,
            volumes: plans,
        };
        return output::json(&mut out, &value);
    }
    for volume in &repaired.volumes {
        let of = |stretches: &[Stretch]| -> (u64, u64) {
            let own = stretches.iter().filter(|stretch| stretch.volume == *volume);
            own.fold((0, 0), |(places, size), stretch| (places + 1, size + stretch.size_bytes))
        };
        for ((places, size_bytes), source) in
            [(of(&repaired.from_copy), "the copy"), (of(&repaired.from_parity), "parity")]
        {
            if places > 0 {
                let places = count(places, "place");
                writeln!(out, "{}: {places}, {}, healed from {source}", VolumeNumber(*volume), bytes(size_bytes))?;
            }
        }
    }
    for path in &repaired.kept_in {
        writeln!(out, "the damaged bytes are kept in {}", output::printable(&path.display().to_string()))?;
    }
    for path in &repaired.listed_in {
        writeln!(out, "their places in the volume are listed in {}", output::printable(&path.display().to_string()))?;
    }
    for volume in &repaired.refused {
        writeln!(
            out,
            "{} is unchanged: the available bytes do not match the hashes in the log",
            VolumeNumber(*volume)
        )?;
    }
    for plan in plans.iter().filter(|plan| plan.waits()) {
        show_volume(&mut out, plan)?;
    }
    for plan in plans.iter().filter(|plan| !plan.not_healed.is_empty() && !plan.waits()) {
        writeln!(out, "{}", VolumeNumber(plan.volume))?;
        show_stretches(&mut out, "could NOT be healed", &plan.not_healed)?;
    }
    if repaired.missing_entries > 0 {
        let (missing, are) =
            (count(repaired.missing_entries, "entry"), if repaired.missing_entries == 1 { "is" } else { "are" });
        writeln!(out, "{missing} that this machine has seen {are} still missing")?;
        let nothing_more = match is_only_read {
            true => "Only a newer version can log it",
            false => {
                "If no copy has it: `vouchsafe rebuild`, `vouchsafe head --accept`, and then `vouchsafe repair \
                 --apply`, which logs the repair"
            }
        };
        writeln!(
            out,
            "Another copy may have what is missing: vouchsafe repair --from DIR. Until then, nothing can be written, \
             and the repair is only noted. {nothing_more}"
        )?;
    }
    if repaired.may_lack_entries && repaired.missing_entries == 0 {
        let nothing_more = match is_only_read {
            true => "Only a newer version can log it",
            false => {
                "If no copy has more: `vouchsafe rebuild`, which moves these bytes to quarantine/, and then `vouchsafe \
                 repair --apply`, which logs the repair"
            }
        };
        writeln!(
            out,
            "The log may lack entries: unreadable bytes follow its end. Another copy may have more: vouchsafe repair \
             --from DIR. Until then, write nothing; the repair is only noted. {nothing_more}"
        )?;
    }
    for index in &logged.recorded {
        writeln!(out, "Recorded as entry {index}")?;
    }
    if !logged.waiting.is_empty() {
        let what = "not logged, since the bytes of an earlier repair are no longer there";
        show_stretches(&mut out, what, &logged.waiting)?;
        writeln!(out, "It stays noted in repair/healed.json, and is logged once these places are healed")?;
    }
    writeln!(out, "Check the whole archive now: vouchsafe verify")?;
    Ok(())
}
