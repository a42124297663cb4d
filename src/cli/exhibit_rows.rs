//! Exhibits as rows of a list, and as data.

use std::io::Write;

use unicode_width::UnicodeWidthStr as _;
use vouchsafe_archive::{ExhibitRow, Filter, Order, Reader, grade, not_understood_by_exhibit, select};
use vouchsafe_core::model::{ExhibitId, MediaType};

use super::context::Context;
use super::done::Done;
use super::error::CommandError;
use super::json;
use super::listing::{Column, Listing};
use super::nothing;
use super::output::{self, bytes, count, shorten, table};
use super::say;
use super::times::{day, day_line};

/// This many rows are aligned together.
const ROWS_TOGETHER: usize = 1_000;

/// A cell of a chosen column is at most this wide, in columns of the terminal.
const WIDEST_CELL: usize = 64;

/// Prints the exhibits that match a filter, and their number.
pub fn print_found(
    context: &Context,
    archive: &Reader,
    filter: &Filter,
    listing: &Listing,
    limit: Option<usize>,
    is_list: bool,
) -> Result<Done, CommandError> {
    let (order, columns) = (listing.order(archive)?, listing.columns(archive)?);
    let mut printer =
        Printer { context, archive, columns, limit, rows: Vec::new(), found: 0, found_bytes: 0, has_more: false };
    let mut undated = 0;
    if filter.query.is_none() && order == Order::default() {
        // They come in this order, and need not be held in memory.
        let mut error = None;
        archive.find(filter, |exhibit, row| match printer.take(exhibit, row) {
            Ok(goes_on) => goes_on,
            Err(failed) => {
                error = Some(failed);
                false
            }
        })?;
        error.map_or(Ok(()), Err)?;
    } else {
        let selected = select(archive, filter, &order)?;
        undated = selected.undated;
        for exhibit in selected.exhibits {
            if !printer.take(exhibit, archive.exhibit(exhibit)?)? {
                break;
            }
        }
    }
    let has_days = printer.print()?;
    let Printer { found, found_bytes, has_more, .. } = printer;
    if found == 0 && !has_more && archive.totals().exhibits > 0 {
        nothing::explain(archive, filter)?;
    }
    if undated > 0 {
        say::note(format_args!(
            "{} would fit, but for the period: no date is given in events_period or created_date",
            count(undated, "other exhibit")
        ));
    }
    if context.options.json {
        return Ok(Done::Well);
    }
    let mut out = std::io::stdout().lock();
    let totals = archive.totals();
    let found_text = count(found, "exhibit");
    if has_more {
        writeln!(out, "{found_text} shown; there are more")?;
    } else if is_list && found == totals.exhibits {
        writeln!(out, "{found_text}, {} ({})", count(totals.objects, "object"), bytes(totals.object_bytes))?;
    } else {
        writeln!(out, "{found_text} found ({})", bytes(found_bytes))?;
    }
    if has_days && found > 0 {
        day_line().into_iter().try_for_each(|line| output::hanging(&mut out, &line, 2))?;
    }
    Ok(Done::Well)
}

/// Prints exhibits as they are found.
struct Printer<'a> {
    context: &'a Context,
    archive: &'a Reader,
    columns: Option<Vec<Column>>,
    limit: Option<usize>,
    rows: Vec<(ExhibitId, ExhibitRow)>,
    found: u64,
    found_bytes: u64,
    has_more: bool,
}

impl Printer<'_> {
    /// Takes one more; false if no further one is wanted.
    fn take(&mut self, exhibit: ExhibitId, row: ExhibitRow) -> Result<bool, CommandError> {
        if self.limit.is_some_and(|limit| self.found >= limit as u64) {
            self.has_more = true;
            return Ok(false);
        }
        self.found += 1;
        self.found_bytes += row.size_bytes;
        self.rows.push((exhibit, row));
        if self.rows.len() == ROWS_TOGETHER {
            self.print()?;
        }
        Ok(true)
    }

    /// Prints what was taken. True if the table shows days.
    fn print(&mut self) -> Result<bool, CommandError> {
        print_rows(self.context, self.archive, std::mem::take(&mut self.rows), self.columns.as_deref())
    }
}

/// Prints these exhibits, for people or for programs; with these columns, or with those that fit the terminal. True if the table
/// shows their days.
pub fn print_rows(
    context: &Context,
    archive: &Reader,
    rows: Vec<(ExhibitId, ExhibitRow)>,
    columns: Option<&[Column]>,
) -> Result<bool, CommandError> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    if context.options.json {
        let not_understood = not_understood_by_exhibit(archive)?;
        for (exhibit, row) in &rows {
            // The member is absent if everything is understood.
            let things = Some(not_understood.of(*exhibit)?).filter(|things| !things.is_empty());
            let value = json::ListedExhibit {
                exhibit: json_of(*exhibit, row),
                grade: grade(&row.fields).grade,
                not_understood: things,
            };
            output::json(&mut out, &value)?;
        }
        out.flush()?;
        return Ok(false);
    }
    if let Some(columns) = columns.filter(|_| !rows.is_empty()) {
        let mut lines = vec![columns.iter().map(Column::heading).collect::<Vec<_>>()];
        let cells = |(exhibit, row): &(ExhibitId, ExhibitRow)| {
            columns.iter().map(|column| shorten(&column.cell(archive, *exhibit, row), WIDEST_CELL)).collect()
        };
        lines.extend(rows.iter().map(cells));
        table(&mut out, &lines)?;
        out.flush()?;
        return Ok(columns.iter().any(|column| matches!(column, Column::Recorded)));
    }
    let (cells, has_days) = cells(&rows, output::terminal_width());
    table(&mut out, &cells)?;
    out.flush()?;
    Ok(has_days)
}

/// The columns of a list, and whether the day is among them. On a narrow terminal, names are shortened first, and then
/// columns are left out: a line that the terminal breaks cannot be read.
fn cells(rows: &[(ExhibitId, ExhibitRow)], width: Option<usize>) -> (Vec<Vec<String>>, bool) {
    let text = |row: &ExhibitRow, field: &str| {
        row.field(field).map(|value| output::value(value).replace('\n', " ")).unwrap_or_default()
    };
    let all: Vec<Vec<String>> = rows
        .iter()
        .map(|(exhibit, row)| {
            vec![
                exhibit.to_string(),
                day(row.recorded_at),
                format!("{:>11}", bytes(row.size_bytes)),
                shorten(MediaType::told(row.media_type.as_ref()), 24),
                shorten(&text(row, "original_name"), 48),
                shorten(&text(row, "title"), 40),
            ]
        })
        .collect();
    let Some(width) = width else { return (all, true) };
    let widest = |column: usize| all.iter().map(|row| row[column].width()).max().unwrap_or(0);
    let mut kept: Vec<usize> = (0..6).collect();
    // The title is the last to go, since it says most.
    for left_out in [None, Some(3), Some(2), Some(DAY), Some(4)] {
        kept.retain(|column| Some(*column) != left_out);
        let fixed: usize = kept.iter().filter(|column| **column < 4).map(|column| widest(*column) + 2).sum();
        let names: Vec<usize> = kept.iter().copied().filter(|column| *column >= 4).collect();
        let room = width.saturating_sub(fixed + 2 * names.len().saturating_sub(1));
        let wanted: usize = names.iter().map(|column| widest(*column)).sum();
        if wanted <= room || room >= LEAST_NAME * names.len() || left_out == Some(4) {
            let share = room / names.len().max(1);
            let limit = |column: usize| if column >= 4 && wanted > room { share.max(1) } else { usize::MAX };
            let shortened = |row: &Vec<String>| {
                kept.iter().map(|column| shorten(&row[*column], limit(*column))).collect::<Vec<_>>()
            };
            return (all.iter().map(shortened).collect(), kept.contains(&DAY));
        }
    }
    (all, true)
}

/// The column with the day of the ingest.
const DAY: usize = 1;

/// The smallest useful width of a name, in columns.
const LEAST_NAME: usize = 16;

/// An exhibit as data.
pub fn json_of(exhibit: ExhibitId, row: &ExhibitRow) -> json::Exhibit<'_> {
    json::Exhibit {
        actor: row.actor,
        exhibit,
        fields: json::fields(row.fields.iter().map(|(name, value)| (name, value))),
        index: row.ingested_at,
        media_type: row.media_type.as_ref(),
        object: row.object,
        recorded_at: row.recorded_at,
        size_bytes: row.size_bytes,
    }
}
