//! `vouchsafe find`

use vouchsafe_archive::query::Query;

use super::conditions::Conditions;
use super::context::Context;
use super::done::Done;
use super::error::CommandError;
use super::exhibit_rows::print_found;
use super::listing::Listing;
use super::table_output::TableOutput;

/// Find exhibits by what is stated about them
///
/// All words of QUERY must be found, in any order and in any letter case: in any field, as the beginning of an exhibit's
/// name, or as that of a SHA-256. There is also "exact words", word OR word, -excluded, field:text, field:* (has any value)
/// and parentheses; dates fit if they have a day in common. docs/query.md describes it all. If a query has quotes,
/// parentheses or a minus sign, put it in single quotes. The contents of documents are not searched yet. If nothing is
/// found, the command reports where each word does occur.
#[derive(clap::Args)]
pub struct Arguments {
    /// What to find; several arguments are one query
    #[arg(value_name = "QUERY")]
    query: Vec<String>,
    #[command(flatten)]
    conditions: Conditions,
    #[command(flatten)]
    listing: Listing,
    #[command(flatten)]
    table: TableOutput,
}

pub fn run(context: &Context, arguments: &Arguments) -> Result<Done, CommandError> {
    let query = match arguments.query.is_empty() {
        true => None,
        false => Some(Query::parse(&arguments.query.join(" "))?),
    };
    let is_table = arguments.table.is_wanted()?;
    let archive = context.open()?;
    let filter = arguments.conditions.filter(&archive, query)?;
    let limit = arguments.conditions.limit;
    if is_table {
        return arguments.table.write(&archive, &filter, &arguments.listing, limit);
    }
    print_found(context, &archive, &filter, &arguments.listing, limit, false)
}
