//! `vouchsafe replicate`

use std::io::Write;
use std::path::{Path, PathBuf};

use vouchsafe_archive::{Comparison, CopyPlace, Replication, ReplicationRequest, compare_with_copy, health, replicate};
use vouchsafe_check::Page;
use vouchsafe_core::language::Language;
use vouchsafe_core::model::{EventKind, FieldValue, Medium, Site, number, size};
use vouchsafe_core::text;
use vouchsafe_core::verify::{Report, Watch};

use super::agent::check_permission;
use super::context::Context;
use super::copy_names::find_copy;
use super::done::Done;
use super::error::CommandError;
use super::json;
use super::output::{self, bytes, count, printable};
use super::say;
use super::watcher::Watcher;

/// Copy the archive to another folder, or bring a copy up to date
///
/// Only what is missing is appended; nothing is overwritten. Everything copied is read back and checked before the copy
/// is recorded. The same command resumes an interrupted run. The log records the copy's medium and site, never its
/// address. Keys are not copied.
///
/// A new copy needs --medium and --site. Later, the log knows them, so a disk that is not connected is not mistaken for
/// a new, empty copy.
#[derive(clap::Args)]
pub struct Arguments {
    /// The folder of the copy: a new or empty one, or an existing copy made by this command
    #[arg(value_name = "TARGET", required_unless_present = "lost")]
    target: Option<PathBuf>,
    /// What the copy is stored on: disk, removable, network or other
    #[arg(long, value_name = "MEDIUM", requires = "site")]
    medium: Option<Medium>,
    /// Where the copy is, seen from the archive: same-site or other-site
    #[arg(long, value_name = "SITE", requires = "medium")]
    site: Option<Site>,
    /// Where exactly the copy is, or who keeps it; the log holds only a digest of this
    #[arg(long, value_name = "TEXT")]
    place: Option<String>,
    /// Make no copy, but record that this one is lost or no longer relied on: its name, or the beginning of it.
    /// `status` no longer counts it
    #[arg(long, value_name = "COPY", requires = "reason", conflicts_with_all = ["target", "medium", "place"])]
    lost: Option<String>,
    /// Why the copy is lost; the log holds only a digest of this
    #[arg(long, value_name = "TEXT", requires = "lost")]
    reason: Option<String>,
}

pub fn run(context: &Context, arguments: &Arguments) -> Result<Done, CommandError> {
    match (&arguments.target, &arguments.lost, &arguments.reason) {
        (Some(target), _, _) => replicate(context, arguments, target),
        (None, Some(copy), Some(reason)) => lose(context, copy, reason),
        // The argument parser has already asked for what is missing.
        (None, _, _) => Err(CommandError::usage("no target is given")),
    }
}

fn lose(context: &Context, typed: &str, reason: &str) -> Result<Done, CommandError> {
    if reason.trim().is_empty() {
        return Err(CommandError::usage("the reason is empty"));
    }
    let mut session = context.open_to_write()?;
    let copy = find_copy(session.reader(), typed)?;
    let keys = check_permission(context, session.reader(), EventKind::ReplicaLost)?;
    let index = replicate::lose(&mut session, copy, reason, &keys)?;
    context.recorded(index);
    let left = health::copies(session.reader())?.len() as u64 + 1;
    let mut out = std::io::stdout().lock();
    if context.options.json {
        output::json(&mut out, &json::CopyLost { copies_in_all: left, copy, index })?;
        return Ok(Done::Well);
    }
    writeln!(out, "Recorded as entry {index}: the copy {copy} is no longer counted")?;
    writeln!(out, "Copies in all: {left}, including this archive")?;
    Ok(Done::Well)
}

fn replicate(context: &Context, arguments: &Arguments, target: &Path) -> Result<Done, CommandError> {
    let mut fields = Vec::new();
    if let Some(text) = &arguments.place {
        if text.trim().is_empty() {
            return Err(CommandError::usage("the place is empty"));
        }
        let name = "place".parse().map_err(|error| CommandError::usage(format!("{error}")))?;
        fields.push((name, FieldValue::Text(text.clone())));
    }
    let mut session = context.open_to_write()?;
    let keys = check_permission(context, session.reader(), EventKind::ReplicaMade)?;
    let request = ReplicationRequest {
        target: target.to_owned(),
        place: arguments.medium.zip(arguments.site).map(|(medium, site)| CopyPlace { medium, site }),
        fields,
    };
    let watcher = Watcher::new(context);
    let done = replicate::replicate(&mut session, &request, &keys, &watcher);
    watcher.finish();
    let done = done?;
    done.recorded_as.into_iter().for_each(|index| context.recorded(index));
    warn(&done, target);
    if context.options.json {
        output::json(&mut std::io::stdout().lock(), &json_of(&done))?;
    } else {
        render(&done, target)?;
    }
    Ok(if done.other_texts.is_empty() && done.unread.is_empty() { Done::Well } else { Done::WithFindings })
}

fn warn(done: &Replication, target: &Path) {
    for cut in &done.set_aside {
        say::caution(format_args!(
            "{} in {} of the copy differed from the archive, as after an interruption; they are kept in {}",
            bytes(cut.size_bytes),
            cut.from.volume,
            printable(&cut.kept_in.display().to_string()),
        ));
    }
    if done.shares_disk {
        say::warning(format_args!(
            "{} is on the same file system as the archive: if that disk fails, both are lost",
            printable(&target.display().to_string())
        ));
    }
    output::warn_unread(&done.unread, "What it says of copies is not counted");
    for path in &done.other_texts {
        say::warning(format_args!(
            "{} differs from the archive's file of that name; it was left unchanged",
            printable(&path.display().to_string())
        ));
    }
}

fn json_of(done: &Replication) -> json::Replicated<'_> {
    let set_aside = done.set_aside.iter().map(|cut| json::SetAside {
        from: cut.from.offset,
        kept_in: cut.kept_in.display().to_string(),
        size_bytes: cut.size_bytes,
        volume: cut.from.volume.0,
    });
    json::Replicated {
        copy: done.copy,
        is_new: done.is_new,
        medium: done.place.medium,
        other_texts: done.other_texts.iter().map(|path| path.display().to_string()).collect(),
        recorded_as: done.recorded_as,
        reread_bytes: done.reread_bytes,
        set_aside: set_aside.collect(),
        shares_disk: done.shares_disk,
        site: done.place.site,
        size: done.size,
        size_bytes: done.size_bytes,
        unread_entries: &done.unread,
        written_bytes: done.written_bytes,
    }
}

fn render(done: &Replication, target: &Path) -> Result<(), CommandError> {
    let mut out = std::io::stdout().lock();
    let target = printable(&target.display().to_string());
    let what = match (done.is_new, done.written_bytes) {
        (true, _) => "Made the copy",
        (false, 0) => "The copy is already complete:",
        (false, _) => "Updated the copy",
    };
    writeln!(out, "{what} {} in {target}\n", done.copy)?;
    let rows = vec![
        vec!["stored on".to_owned(), format!("{} ({})", done.place.medium, done.place.site)],
        vec!["holds".to_owned(), format!("{}, {}", count(done.size, "entry"), bytes(done.size_bytes))],
        vec!["copied".to_owned(), bytes(done.written_bytes)],
        vec!["read again".to_owned(), format!("{}: all as committed", bytes(done.reread_bytes))],
        vec![
            "recorded".to_owned(),
            match done.recorded_as {
                Some(index) => format!("as entry {index}, which is also in the copy"),
                None => "already; nothing was added since".to_owned(),
            },
        ],
    ];
    output::table(&mut out, &rows)?;
    if !done.is_new {
        writeln!(
            out,
            "\nWhat earlier runs copied was not read again now; `vouchsafe verify --against '{target}'` reads it."
        )?;
    }
    Ok(())
}

/// Compares the archive with a copy and adds what differs to the report.
pub fn compare(
    context: &Context,
    copy: Option<&Path>,
    report: &mut Report,
    watch: &dyn Watch,
) -> Result<Option<Comparison>, CommandError> {
    let Some(copy) = copy else { return Ok(None) };
    if !report.complete {
        report.not_checked.push(text!(
            "the copy in {copy}: the verification stopped before comparing it", "{copy}의 복제본: 그 전에 검증이 중단되었습니다.";
            copy = copy.display()
        ));
        return Ok(None);
    }
    let mut comparison = compare_with_copy(context.archive(), copy, watch)?;
    comparison.add_to(report);
    Ok(Some(comparison))
}

/// What was compared, for people.
pub fn render_comparison(comparison: &Option<Comparison>, language: Language) -> Result<(), CommandError> {
    let Some(compared) = comparison else { return Ok(()) };
    let mut page = Page { out: &mut std::io::stdout().lock(), language };
    page.line(text!(
        [size = size(compared.size_bytes)]
        "Compared with the copy, byte for byte: {volumes}, {size}. `vouchsafe verify --archive COPY` shows whether the copy itself \
          is sound, and which of the two is right if they differ.",
        "복제본과 바이트 단위로 비교함: 볼륨 {number}개, {size}. 복제본 자체에 이상이 없는지, 다른 곳에서 둘 가운데 어느 것이 맞는지는 \
         `vouchsafe verify --archive COPY`로 알 수 있습니다.";
        volumes = count(compared.volumes, "volume"), number = number(compared.volumes)
    ))?;
    Ok(())
}
