//! `vouchsafe ingest`

use std::collections::BTreeSet;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

use indicatif::ProgressBar;
use vouchsafe_archive::ingest::{
    DEFAULT_WHOLE_BYTES, FileName, Follow, IngestError, IngestRequest, Input, Outcome, Permitted, Remark, Summary,
};
use vouchsafe_archive::metadata::{self, Fields, WrittenDate};
use vouchsafe_archive::{Keys, Reader, Session, ingest, keys};
use vouchsafe_core::model::{EventKind, ExhibitId};

use super::context::Context;
use super::describe;
use super::done::Done;
use super::error::CommandError;
use super::field_options::FieldOptions;
use super::ingest_table::IngestTable;
use super::json;
use super::output::{self, count, printable};
use super::places::check_outside;
use super::receipt_page::{Deposited, ReceiptPage};
use super::say;
use super::stop;
use super::watcher;
use vouchsafe_check::paint::{Tone, on_stderr};

/// Take files into custody: hash them, keep them, and sign an entry for each
///
/// Each file is read once and its bytes are kept unchanged. Folders are ingested with everything in them. Links,
/// sockets and devices are refused.
///
/// A file NAME.meta.yaml (or .meta.yml, in any letter case) beside a file NAME holds the metadata of that file. If a
/// field is given twice, the file beside it wins over a row of --table, that over options, and options win over --meta. If
/// you name NAME.meta.yaml but not NAME, it is ingested as evidence itself.
///
/// You can interrupt it at any time: what was acknowledged is safe, and running it again finishes the rest without
/// duplicates. At the end, it reports how many files were seen, ingested, already held and refused.
#[derive(clap::Args)]
pub struct Arguments {
    /// Files and folders to ingest; `-` means standard input (see --stdin-name)
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// A YAML file with metadata that applies to all files
    #[arg(long, value_name = "FILE")]
    meta: Option<PathBuf>,
    #[command(flatten)]
    described: FieldOptions,
    /// Set any field, by its name or label; may be repeated
    #[arg(long, value_name = "NAME=VALUE")]
    field: Vec<String>,
    /// The file name to record for standard input
    #[arg(long, value_name = "NAME", default_value = "standard-input")]
    stdin_name: String,
    /// Accept standard input even if it is empty; by default, empty input is refused
    #[arg(long)]
    allow_empty: bool,
    /// Write a receipt (C2SP tlog-proof) for every exhibit into this folder; existing receipts are kept
    #[arg(long, value_name = "DIR")]
    receipts: Option<PathBuf>,
    #[command(flatten)]
    page: ReceiptPage,
    /// Accept files that hold private keys of others; by default, they are refused. Keys of this archive are always
    /// refused
    #[arg(long)]
    accept_private_keys: bool,
    /// Ingest files named NAME.meta.yaml as evidence, and do not read any of them as metadata
    #[arg(long)]
    metadata_as_evidence: bool,
    /// Only show what would happen; needs no passphrase
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    table: IngestTable,
}

/// At most this many new exhibits are named at the end; of more, only the number.
const NAMED_AT_END: usize = 20;

pub fn run(context: &Context, arguments: &Arguments) -> Result<Done, CommandError> {
    let fields = fields(arguments)?;
    if arguments.stdin_name.trim().is_empty() {
        return Err(CommandError::usage("the name of standard input is empty"));
    }
    if arguments.paths.iter().filter(|path| path.as_os_str() == "-").count() > 1 {
        return Err(CommandError::usage("standard input (`-`) is given twice, but can be read only once"));
    }
    for path in arguments.paths.iter().filter(|path| path.as_os_str() != "-") {
        if let Err(error) = path.symlink_metadata()
            && matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
        {
            return Err(CommandError::usage(format!("{}: there is no such file or folder", path.display()))
                .hint("nothing was ingested; if it is on another disk, check that the disk is connected"));
        }
    }
    arguments.receipts.iter().try_for_each(|folder| check_outside(folder))?;
    arguments.page.check()?;
    describe::report_dates(&fields);
    let mut opened = Opened::of(context, arguments)?;
    let excluded = context.secrets(arguments.receipts.as_deref());
    let permitted = Permitted {
        private_keys: arguments.accept_private_keys,
        metadata_files: arguments.metadata_as_evidence,
        empty_streams: arguments.allow_empty,
    };
    let Some(described) = arguments.table.read(context, opened.reader(), &arguments.paths, &excluded, permitted)?
    else {
        return Ok(Done::WithFindings);
    };
    let mut inputs = Vec::new();
    for path in &arguments.paths {
        inputs.push(match path.as_os_str() == "-" {
            true => Input::Stream { name: arguments.stdin_name.clone(), reader: Box::new(std::io::stdin()) },
            false => Input::Path(path.clone()),
        });
    }
    let request = IngestRequest {
        inputs,
        fields,
        described: described.by_path,
        excluded,
        permitted,
        receipts: arguments.receipts.clone(),
        whole_bytes: DEFAULT_WHOLE_BYTES,
        threads: 0,
    };
    let follower = Follower::new(context, arguments);
    let result = match &mut opened {
        Opened::ToTryOut(archive, keys) => ingest::try_out(archive, request, keys, &context.environment, &follower),
        Opened::ToWrite(session, keys) => ingest::ingest(session, request, keys, &follower),
    };
    follower.bar.finish_and_clear();
    if let Some(error) = follower.take_output_error() {
        if arguments.dry_run {
            return Err(error.into());
        }
        // Unlike a list that nobody reads to its end, this must not end quietly: files were left out.
        return Err(CommandError::incomplete(format!("stopped, because the output cannot be written: {error}"))
            .hint("what was acknowledged is safe; run the same command again to finish, without duplicates"));
    }
    let (summary, error) = match result {
        Ok(summary) => (summary, None),
        Err(IngestError { summary, source }) => (summary, Some(source)),
    };
    if summary.seen > 0 || error.is_none() || context.options.json {
        follower.render_end(context, arguments, &summary)?;
    }
    if let Some(error) = error {
        return Err((*error).into());
    }
    if let (Opened::ToWrite(session, _), Some(deposited)) = (&opened, &follower.deposited) {
        match summary.is_stopped {
            true => say::note("the page for the depositor is written only after the rest has been ingested"),
            false => arguments.page.write(context, session.reader(), deposited, &arguments.paths)?,
        }
    }
    if let Opened::ToWrite(session, _) = &opened
        && !summary.is_stopped
    {
        // If somebody asks to stop from here on, only the parity is left for later.
        super::parity::after_ingest(context, session);
    }
    Ok(match summary {
        Summary { is_stopped: true, .. } => Done::Incomplete,
        Summary { refused: 0, .. } if described.is_sound => Done::Well,
        _ => Done::WithFindings,
    })
}

/// The archive, and the keys to ingest with.
enum Opened<'e> {
    ToTryOut(Box<Reader>, Keys),
    ToWrite(Box<Session<'e>>, Keys),
}

impl<'e> Opened<'e> {
    fn reader(&self) -> &Reader {
        match self {
            Self::ToTryOut(reader, _) => reader,
            Self::ToWrite(session, _) => session.reader(),
        }
    }

    fn of(context: &'e Context, arguments: &Arguments) -> Result<Self, CommandError> {
        if arguments.dry_run {
            let archive = context.open()?;
            let keys = keys_of_nobody(context, &archive)?;
            return Ok(Self::ToTryOut(Box::new(archive), keys));
        }
        let session = context.open_to_write()?;
        let keys = context.keys(session.reader())?;
        Ok(Self::ToWrite(Box::new(session), keys))
    }
}

/// Keys for a dry run, which signs nothing. If the agent is known, reports whether it may ingest.
fn keys_of_nobody(context: &Context, archive: &Reader) -> Result<Keys, CommandError> {
    if let Some(agent) = context.signer(archive) {
        archive.permit(agent, EventKind::ExhibitIngested)?;
    }
    let key = || keys::generate(&context.environment).map_err(CommandError::from);
    Ok(Keys { agent: key()?, log: key()? })
}

/// Common metadata: the file first, then the options.
fn fields(arguments: &Arguments) -> Result<Fields, CommandError> {
    let mut fields = match &arguments.meta {
        Some(path) => metadata::read_file(path)?,
        None => Fields::new(),
    };
    let mut given = arguments.described.fields()?;
    for argument in &arguments.field {
        metadata::add(&mut given, metadata::parse_argument(argument)?)?;
    }
    metadata::overlay(&mut fields, given);
    Ok(fields)
}

/// A remark, how many files it is about, and the first of them.
struct Remarked {
    remark: Remark,
    files: u64,
    named: Vec<Vec<String>>,
}

/// Shows progress and what becomes of each file.
struct Follower {
    bar: ProgressBar,
    is_json: bool,
    found_bytes: AtomicU64,
    files: AtomicU64,
    /// The first new exhibits, to be named at the end.
    named: Mutex<Vec<Vec<String>>>,
    /// The first exhibits whose metadata was not applied, likewise.
    not_applied: Mutex<Vec<Vec<String>>>,
    /// Remarks about files, by kind.
    remarks: Mutex<Vec<Remarked>>,
    /// Dates in metadata files that were not given in EDTF.
    dates: Mutex<Dates>,
    is_dry_run: bool,
    /// What the page for the depositor lists, if one was asked for.
    deposited: Option<Deposited>,
    /// The exhibit names that a dry run drew.
    drawn: Mutex<BTreeSet<ExhibitId>>,
    output_error: Mutex<Option<std::io::Error>>,
    /// Nobody reads the output any more.
    is_unheard: AtomicBool,
}

impl Follower {
    fn new(context: &Context, arguments: &Arguments) -> Self {
        // Folders are walked while files are read, so neither the total nor the remaining time is known before the end.
        let bar = watcher::bar(context, "{spinner} {msg}  {done} read of {total} found so far  {rate}");
        Self {
            bar,
            is_json: context.options.json,
            found_bytes: AtomicU64::new(0),
            files: AtomicU64::new(0),
            named: Mutex::default(),
            not_applied: Mutex::default(),
            remarks: Mutex::default(),
            dates: Mutex::default(),
            is_dry_run: arguments.dry_run,
            deposited: arguments.page.is_asked_for().then(|| Deposited::new(arguments.described.has("source"))),
            drawn: Mutex::default(),
            output_error: Mutex::default(),
            is_unheard: AtomicBool::new(false),
        }
    }

    /// Prints beside the progress bar. If nobody reads the output any more, the ingest stops at its next step.
    fn print(&self, line: &str, to_stderr: bool) {
        let print = || match to_stderr {
            true => writeln!(std::io::stderr(), "{line}"),
            false => writeln!(std::io::stdout(), "{line}"),
        };
        if let Err(error) = self.bar.suspend(print) {
            self.keep(error);
        }
    }

    /// Prints a line for programs.
    fn print_json(&self, line: &impl serde::Serialize) {
        match json::line(line) {
            Ok(line) => self.print(&line, false),
            Err(error) => self.keep(error),
        }
    }

    /// Keeps the first error of the output. The ingest stops at its next step.
    fn keep(&self, error: std::io::Error) {
        if let Ok(mut slot) = self.output_error.lock() {
            self.is_unheard.store(true, Relaxed);
            slot.get_or_insert(error);
        }
    }

    /// In a dry run, the second of two identical files is already held, by an exhibit that will never exist.
    fn leave_out_drawn(&self, outcome: &Outcome, line: &mut json::IngestedFile<'_>) {
        let Ok(mut drawn) = self.drawn.lock() else { return };
        match outcome {
            Outcome::Ingested { exhibit, .. } if self.is_dry_run => drop(drawn.insert(*exhibit)),
            Outcome::AlreadyHeld { exhibit, .. } if drawn.contains(exhibit) => line.exhibit = Some(None),
            _ => {}
        }
    }

    fn take_output_error(&self) -> Option<std::io::Error> {
        self.output_error.lock().ok().and_then(|mut slot| slot.take())
    }

    fn render_end(&self, context: &Context, arguments: &Arguments, summary: &Summary) -> Result<(), CommandError> {
        let mut out = std::io::stdout().lock();
        if context.options.json {
            let value = json::IngestSummary { dry_run: arguments.dry_run, summary: true, sums: summary };
            return output::json(&mut out, &value);
        }
        let adds_up = summary.seen == summary.ingested + summary.already_held + summary.refused;
        // A dry run exists to show this, and sums that do not add up are a finding.
        if !say::is_quiet() || arguments.dry_run || !adds_up {
            self.render_sums(&mut out, summary, adds_up)?;
        }
        self.render_dates(&mut out)?;
        self.render_not_applied(&mut out, summary.metadata_not_applied, arguments.dry_run)?;
        self.render_remarks(&mut out)?;
        if summary.is_stopped {
            writeln!(out, "Stopped before the end. Run the same command again to finish, without duplicates.")?;
        }
        Ok(())
    }

    /// The new exhibits, if they are few, and the reconciliation.
    fn render_sums(&self, out: &mut dyn Write, summary: &Summary, adds_up: bool) -> std::io::Result<()> {
        if let Ok(named) = self.named.lock()
            && summary.ingested as usize <= NAMED_AT_END
        {
            output::table(out, &named)?;
            if !named.is_empty() {
                writeln!(out)?;
            }
        }
        let would = if self.is_dry_run { "would be " } else { "" };
        let mut rows = vec![
            vec!["seen".to_owned(), count(summary.seen, "file")],
            vec![
                format!("{would}ingested"),
                format!("{} ({})", count(summary.ingested, "file"), output::bytes(summary.ingested_bytes)),
            ],
            vec!["already held".to_owned(), count(summary.already_held, "file")],
            vec!["refused".to_owned(), count(summary.refused, "file")],
        ];
        if summary.metadata_files > 0 {
            rows.push(vec!["metadata read".to_owned(), format!("for {}", count(summary.metadata_files, "file"))]);
        }
        if summary.same_object > 0 {
            let exhibits = count(summary.same_object, "new exhibit");
            let text = match self.is_dry_run {
                true => format!("of {exhibits}: the archive already holds the bytes, or would, from another place"),
                false => format!("of {exhibits}: the archive already held the bytes, from another place"),
            };
            rows.push(vec!["same bytes".to_owned(), text]);
        }
        output::table(out, &rows)?;
        let sign = if adds_up { "=" } else { "IS NOT" };
        writeln!(
            out,
            "{} seen {sign} {} {}ingested + {} already held + {} refused",
            summary.seen,
            summary.ingested,
            if self.is_dry_run { "to be " } else { "" },
            summary.already_held,
            summary.refused
        )
    }

    /// How dates were read that were not given in EDTF: their author may know better.
    fn render_dates(&self, out: &mut dyn Write) -> std::io::Result<()> {
        let Ok(dates) = self.dates.lock() else { return Ok(()) };
        let read = if say::is_quiet() { 0 } else { dates.read };
        for (count, named, what) in [
            (
                dates.not_read,
                &dates.not_read_named,
                "cannot be read, or can be read in more than one way; only the words are kept",
            ),
            (read, &dates.named, "can be read in only one way; the words are kept beside the date"),
        ] {
            if count > 0 {
                writeln!(out, "\n{} in metadata files {what}, as NAME_as_written:", output::count(count, "date"))?;
                output::table(out, named)?;
                let more = count - named.len() as u64;
                if more > 0 {
                    writeln!(out, "  and {} more; --json names all", output::number(more))?;
                }
            }
        }
        Ok(())
    }

    /// An exhibit keeps its fields; nobody must believe that other metadata was applied.
    fn render_not_applied(&self, out: &mut dyn Write, files: u64, is_dry_run: bool) -> std::io::Result<()> {
        if files == 0 {
            return Ok(());
        }
        let held = count(files, "file");
        writeln!(
            out,
            "\nMetadata of {held} already held {} applied: it differs from what the exhibits have.\n\
             `vouchsafe describe EXHIBIT FIELD=VALUE` adds or corrects fields.",
            if is_dry_run { "would NOT be" } else { "was NOT" },
        )?;
        if let Ok(named) = self.not_applied.lock() {
            output::table(out, &named)?;
            let more = files.saturating_sub(named.len() as u64);
            if more > 0 {
                writeln!(out, "  and {}; --json names all", count(more, "further file"))?;
            }
        }
        Ok(())
    }

    fn render_remarks(&self, out: &mut dyn Write) -> std::io::Result<()> {
        let Ok(remarks) = self.remarks.lock() else { return Ok(()) };
        for Remarked { remark, files, named } in remarks.iter() {
            writeln!(out, "\n{} {}:", count(*files, remark.noun()), remark.about_all())?;
            output::table(out, named)?;
            let more = files.saturating_sub(named.len() as u64);
            if more > 0 {
                writeln!(out, "  and {} more; --json names all", output::number(more))?;
            }
        }
        Ok(())
    }
}

impl Follow for Follower {
    fn found(&self, size_bytes: u64) {
        self.bar.set_length(self.found_bytes.fetch_add(size_bytes, Relaxed) + size_bytes);
    }

    fn read(&self, bytes: u64) {
        self.bar.inc(bytes);
    }

    fn done(&self, path: &FileName, outcome: &Outcome) {
        if let Some(deposited) = &self.deposited {
            deposited.note(path, outcome);
        }
        let files = self.files.fetch_add(1, Relaxed) + 1;
        if !self.bar.is_hidden() {
            self.bar.set_message(count(files, "file"));
        }
        if self.is_json {
            let mut line = json_of(&path.0, outcome, self.is_dry_run);
            self.leave_out_drawn(outcome, &mut line);
            return self.print_json(&line);
        }
        let shown = printable(&path.0.to_string_lossy());
        match outcome {
            Outcome::Refused { reason } => {
                let refused = on_stderr(Tone::Bad, "refused:");
                self.print(&format!("{refused} {shown}: {}", printable(&reason.to_string())), true)
            }
            Outcome::Ingested { exhibit, size_bytes, media_type, index, written_dates, .. } => {
                if let Ok(mut known) = self.dates.lock() {
                    written_dates.iter().for_each(|date| known.add(&path.0, date));
                }
                if let Ok(mut named) = self.named.lock()
                    && named.len() < NAMED_AT_END
                {
                    let name = if index.is_some() { exhibit.to_string() } else { "(to be ingested)".to_owned() };
                    named.push(vec![name, output::bytes(*size_bytes), media_type.to_string(), shown]);
                }
            }
            Outcome::AlreadyHeld { exhibit, has_other_metadata: true, .. } => {
                if let Ok(mut not_applied) = self.not_applied.lock()
                    && not_applied.len() < NAMED_AT_END
                {
                    not_applied.push(vec![format!("  {exhibit}"), shown]);
                }
            }
            Outcome::AlreadyHeld { .. } => {}
        }
    }

    fn remark(&self, path: &FileName, remark: Remark) {
        if self.is_json {
            return self.print_json(&json::FileRemark::of(&path.0, remark));
        }
        let Ok(mut remarks) = self.remarks.lock() else { return };
        let of_this_kind = remarks.iter().position(|known| known.remark.code() == remark.code());
        let at = of_this_kind.unwrap_or_else(|| {
            remarks.push(Remarked { remark, files: 0, named: Vec::new() });
            remarks.len() - 1
        });
        let known = &mut remarks[at];
        known.files += 1;
        if known.named.len() < NAMED_AT_END {
            let shown = printable(&path.0.to_string_lossy());
            known.named.push(vec![format!("  {shown}"), remark.detail().to_owned()]);
        }
    }

    fn is_stopped(&self) -> bool {
        self.is_unheard.load(Relaxed) || stop::is_stopped()
    }
}

/// Dates in metadata files that were not given in EDTF: how many, and the first of them.
#[derive(Default)]
struct Dates {
    read: u64,
    not_read: u64,
    named: Vec<Vec<String>>,
    not_read_named: Vec<Vec<String>>,
}

impl Dates {
    fn add(&mut self, path: &Path, date: &WrittenDate) {
        let (count, named) = match date.date {
            Some(_) => (&mut self.read, &mut self.named),
            None => (&mut self.not_read, &mut self.not_read_named),
        };
        *count += 1;
        if named.len() < NAMED_AT_END {
            let read = date.date.as_ref().map_or("not read".to_owned(), |date| format!("read as {}", printable(date)));
            let words = output::shorten(&output::quoted(&date.words), 40);
            named.push(vec![format!("  {}", date.name), words, read, printable(&path.to_string_lossy())]);
        }
    }
}

/// What became of a file, as data.
fn json_of<'a>(path: &Path, outcome: &'a Outcome, is_dry_run: bool) -> json::IngestedFile<'a> {
    let path = json::NamedFile::of(path);
    match outcome {
        Outcome::Ingested { exhibit, index, object, size_bytes, media_type, is_same_object, written_dates } => {
            json::IngestedFile {
                dates_as_written: written_dates.iter().map(Into::into).collect(),
                // In a dry run, no exhibit will get the name that was drawn.
                exhibit: (!is_dry_run).then_some(Some(*exhibit)),
                index: index.filter(|_| !is_dry_run),
                media_type: Some(media_type),
                object: Some(*object),
                path,
                same_object: Some(*is_same_object),
                size_bytes: Some(*size_bytes),
                status: if is_dry_run { json::FileStatus::WouldBeIngested } else { json::FileStatus::Ingested },
                ..json::IngestedFile::default()
            }
        }
        Outcome::AlreadyHeld { exhibit, object, size_bytes, has_other_metadata } => json::IngestedFile {
            exhibit: Some(Some(*exhibit)),
            metadata_not_applied: Some(*has_other_metadata),
            object: Some(*object),
            path,
            size_bytes: Some(*size_bytes),
            status: json::FileStatus::AlreadyHeld,
            ..json::IngestedFile::default()
        },
        Outcome::Refused { reason } => {
            json::IngestedFile { path, reason: Some(reason.to_string()), ..json::IngestedFile::default() }
        }
    }
}
