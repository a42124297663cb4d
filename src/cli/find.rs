//! `vouchsafe find`

use vouchsafe_archive::{Filter, Reader};
use vouchsafe_core::digest::Digest;

use super::conditions::Conditions;
use super::context::Context;
use super::done::Done;
use super::error::CommandError;
use super::exhibit_names::exhibits_beginning;
use super::exhibit_rows::{print_found, print_rows};
use super::table_output::{Rows, TableOutput};

/// Find exhibits by name, title, exhibit number or SHA-256, or by a field with --field
///
/// Searches file names, titles and exhibit numbers for TEXT, ignoring letter case and Unicode form. An exhibit's name
/// (or the beginning of it) or an object's SHA-256 finds just that exhibit. --field searches other fields. The contents
/// of exhibits are not searched. If nothing is found, the command names the fields that contain the text.
#[derive(clap::Args)]
pub struct Arguments {
    /// The text to search for
    #[arg(value_name = "TEXT")]
    text: Option<String>,
    #[command(flatten)]
    conditions: Conditions,
    #[command(flatten)]
    table: TableOutput,
}

pub fn run(context: &Context, arguments: &Arguments) -> Result<Done, CommandError> {
    let is_table = arguments.table.is_wanted()?;
    let archive = context.open()?;
    let mut filter = arguments.conditions.filter(&archive)?;
    let Some(text) = &arguments.text else {
        return arguments.print(context, &archive, &filter);
    };
    if let Ok(object) = text.parse::<Digest>() {
        filter.object = Some(object);
        return arguments.print(context, &archive, &filter);
    }
    let is_name = text.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("x-"));
    let named = if is_name { exhibits_beginning(&archive, text)? } else { Vec::new() };
    if !named.is_empty() {
        let limit = arguments.conditions.limit.unwrap_or(usize::MAX);
        let row = |exhibit| Ok::<_, CommandError>((exhibit, archive.exhibit(exhibit)?));
        let rows = named.into_iter().take(limit).map(row).collect::<Result<Vec<_>, _>>()?;
        if is_table {
            return arguments.table.write(&archive, &Rows::These(rows));
        }
        print_rows(context, &archive, rows)?;
        return Ok(Done::Well);
    }
    if filter.name.replace(text.clone()).is_some() {
        return Err(CommandError::usage("give either TEXT or --name, not both"));
    }
    arguments.print(context, &archive, &filter)
}

impl Arguments {
    fn print(&self, context: &Context, archive: &Reader, filter: &Filter) -> Result<Done, CommandError> {
        let limit = self.conditions.limit;
        match self.table.is_wanted()? {
            true => self.table.write(archive, &Rows::Matching(filter, limit)),
            false => print_found(context, archive, filter, limit, false),
        }
    }
}
