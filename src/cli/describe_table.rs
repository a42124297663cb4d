//! `vouchsafe describe --from TABLE`

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};

use vouchsafe_archive::tables::{self, Checked, Columns, Match, Recorded, Table, TableReport};
use vouchsafe_archive::{Reader, Session};
use vouchsafe_core::model::EventKind;

use super::context::Context;
use super::done::Done;
use super::error::CommandError;
use super::json;
use super::output::{self, count, number};
use super::passed::warn_if_passed;
use super::say;
use super::table_input::{MatchBy, TableInput, print_problems, report_dates, report_places};

#[derive(clap::Args)]
#[command(next_help_heading = "Describe many exhibits from a table")]
pub struct FromTable {
    /// A table (CSV, TSV or XLSX) with a row for each exhibit and a column for each field; an empty cell changes nothing
    #[arg(long, value_name = "TABLE", conflicts_with_all = ["exhibit", "fields", "withdraw"])]
    pub from: Option<PathBuf>,
    /// Which column names the exhibits; by default, the first of these that the table has
    #[arg(long = "match", value_name = "COLUMN", value_enum, requires = "from")]
    matched: Option<MatchBy>,
    #[command(flatten)]
    input: TableInput,
    /// Record the rows that are sound, although others are not; by default, it is all or nothing
    #[arg(long, requires = "from")]
    partial: bool,
    /// Only show what would be recorded; needs no passphrase
    #[arg(long, requires = "from")]
    dry_run: bool,
}

/// The archive, and whether it may be written to.
enum Opened<'e> {
    ToTryOut(Box<Reader>),
    ToWrite(Box<Session<'e>>),
}

impl Opened<'_> {
    fn reader(&self) -> &Reader {
        match self {
            Self::ToTryOut(reader) => reader,
            Self::ToWrite(session) => session.reader(),
        }
    }
}

impl FromTable {
    /// Whether options were given that are only for a table, without one.
    pub fn is_left_alone(&self) -> bool {
        let is_for_table = self.input.is_given() || self.partial || self.dry_run || self.matched.is_some();
        self.from.is_none() && is_for_table
    }

    pub fn run(&self, context: &Context, path: &Path, new_fields: bool) -> Result<Done, CommandError> {
        let table = self.input.open(path)?;
        let mut opened = match self.dry_run {
            true => Opened::ToTryOut(Box::new(context.open()?)),
            false => Opened::ToWrite(Box::new(context.open_to_write()?)),
        };
        if let Some(agent) = context.signer(opened.reader()) {
            opened.reader().permit(agent, EventKind::ExhibitDescribed)?;
        }
        let matched: Vec<_> = self.matched.into_iter().map(Match::from).collect();
        let columns = self.input.columns(&table, opened.reader(), &matched, new_fields)?;
        let mut checked = tables::check(opened.reader(), &table, &columns)?;
        report_dates(&checked.report);
        report_places(&checked.report);
        let recorded = match &mut opened {
            Opened::ToWrite(session) if checked.report.is_sound() || self.partial => {
                self.record(context, session, &table, &columns, &mut checked)?
            }
            _ => Recorded::default(),
        };
        recorded.first.into_iter().for_each(|first| context.recorded(first));
        self.print(context, &table, &columns, &checked.report, recorded)?;
        Ok(if checked.report.is_sound() { Done::Well } else { Done::WithFindings })
    }

    fn record(
        &self,
        context: &Context,
        session: &mut Session<'_>,
        table: &Table,
        columns: &Columns,
        checked: &mut Checked,
    ) -> Result<Recorded, CommandError> {
        if checked.report.applied == 0 {
            return Ok(Recorded::default());
        }
        let keys = context.keys(session.reader())?;
        let changed: BTreeSet<_> = checked.changed().collect();
        warn_if_passed(session.reader(), &changed)?;
        let all = checked.report.applied;
        let mut progress = |done: u64| {
            if context.shows_progress() {
                say::progress(format_args!("{} of {} recorded", number(done), number(all)));
            }
        };
        tables::record(session, &keys, table, columns, checked, &mut progress).map_err(|error| {
            let made = CommandError::from(*error.source);
            match error.recorded.entries {
                0 => made,
                done => made.hint(format!(
                    "{} of {} rows are recorded and stay; run the same command again to record the rest",
                    number(done),
                    number(all)
                )),
            }
        })
    }

    fn print(
        &self,
        context: &Context,
        table: &Table,
        columns: &Columns,
        report: &TableReport,
        recorded: Recorded,
    ) -> Result<(), CommandError> {
        let mut out = std::io::stdout().lock();
        if context.options.json {
            let value = json::TableDescribed {
                commits: recorded.commits,
                dry_run: self.dry_run,
                entries: recorded.entries,
                first_index: recorded.first,
                how_read: table.how_read(),
                matched_by: columns.matched().name(),
                report,
            };
            return output::json(&mut out, &value);
        }
        print_problems(&mut out, report)?;
        let is_recorded = !self.dry_run && (report.is_sound() || self.partial);
        let applied = if is_recorded { "applied" } else { "would be applied" };
        let rows = [
            ("rows", report.rows),
            (applied, report.applied),
            ("unchanged", report.unchanged),
            ("no such exhibit", report.no_such_exhibit),
            ("ambiguous", report.ambiguous),
            ("refused", report.refused),
        ];
        output::table(&mut out, &rows.map(|(name, rows)| vec![name.to_owned(), number(rows)]))?;
        writeln!(
            out,
            "{} {} {} {} + {} unchanged + {} no such exhibit + {} ambiguous + {} refused",
            count(report.rows, "row"),
            if report.adds_up() { "=" } else { "IS NOT" },
            report.applied,
            if is_recorded { "applied" } else { "to be applied" },
            report.unchanged,
            report.no_such_exhibit,
            report.ambiguous,
            report.refused
        )?;
        if report.examples > 0 {
            writeln!(out, "{} not read", count(report.examples, "example row"))?;
        }
        match recorded.first {
            Some(first) => writeln!(
                out,
                "Recorded as {} from entry {first} on, in {}",
                count(recorded.entries, "entry"),
                count(recorded.commits, "commit")
            )?,
            None if self.dry_run => writeln!(out, "Nothing was recorded: this was a dry run")?,
            None if report.rows == 0 => writeln!(out, "Nothing to record: no row says anything")?,
            None if report.is_sound() => writeln!(out, "Nothing to record: the exhibits say all of this already")?,
            None if self.partial => writeln!(out, "Nothing was recorded: no row is sound and changes anything")?,
            None => writeln!(
                out,
                "Nothing was recorded: not every row is sound. Correct the table, or record the sound rows with --partial"
            )?,
        }
        Ok(())
    }
}
