//! `vouchsafe list`

use std::io::Write;

use vouchsafe_archive::{Filter, Reader, duplicates};

use super::conditions::Conditions;
use super::context::Context;
use super::done::Done;
use super::error::CommandError;
use super::exhibit_rows::{print_found, print_rows};
use super::listing::Listing;
use super::output::{bytes, count};
use super::table_output::TableOutput;

/// List exhibits, or those that meet the given conditions
///
/// Exhibits are listed in the order of ingest, unless --sort names another. If several conditions are given, all must hold.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    conditions: Conditions,
    #[command(flatten)]
    listing: Listing,
    /// Only exhibits with the same bytes as another one that meets the conditions, together with it
    #[arg(long, conflicts_with_all = ["sort", "reverse", "csv", "xlsx"])]
    duplicates: bool,
    #[command(flatten)]
    table: TableOutput,
}

pub fn run(context: &Context, arguments: &Arguments) -> Result<Done, CommandError> {
    let is_table = arguments.table.is_wanted()?;
    let archive = context.open()?;
    let filter = arguments.conditions.filter(&archive, None)?;
    if arguments.duplicates {
        return print_duplicates(context, &archive, &filter, arguments);
    }
    if is_table {
        return arguments.table.write(&archive, &filter, &arguments.listing, arguments.conditions.limit);
    }
    print_found(context, &archive, &filter, &arguments.listing, arguments.conditions.limit, true)
}

/// Prints the exhibits with the same bytes, group by group; a limit is one of groups.
fn print_duplicates(
    context: &Context,
    archive: &Reader,
    filter: &Filter,
    arguments: &Arguments,
) -> Result<Done, CommandError> {
    let columns = arguments.listing.columns(archive)?;
    let groups = duplicates(archive, filter)?;
    let shown = arguments.conditions.limit.unwrap_or(usize::MAX).min(groups.len());
    for group in &groups[..shown] {
        let rows = group.iter().map(|exhibit| Ok((*exhibit, archive.exhibit(*exhibit)?)));
        let rows = rows.collect::<Result<Vec<_>, CommandError>>()?;
        if let Some((_, first)) = rows.first().filter(|_| !context.options.json) {
            let of = bytes(first.size_bytes);
            println_out(format_args!("{}, {of} each, SHA-256 {}", count(rows.len() as u64, "exhibit"), first.object))?;
        }
        print_rows(context, archive, rows, columns.as_deref())?;
        if !context.options.json {
            println_out(format_args!(""))?;
        }
    }
    if !context.options.json {
        let exhibits: usize = groups.iter().map(Vec::len).sum();
        let more = if shown < groups.len() { format!("; {shown} shown") } else { String::new() };
        let groups = count(groups.len() as u64, "group");
        println_out(format_args!("{groups} with the same bytes, {}{more}", count(exhibits as u64, "exhibit")))?;
    }
    Ok(Done::Well)
}

fn println_out(text: std::fmt::Arguments<'_>) -> Result<(), CommandError> {
    Ok(writeln!(std::io::stdout().lock(), "{text}")?)
}
