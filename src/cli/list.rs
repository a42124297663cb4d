//! `vouchsafe list`

use super::conditions::Conditions;
use super::context::Context;
use super::done::Done;
use super::error::CommandError;
use super::exhibit_rows::print_found;
use super::table_output::{Rows, TableOutput};

/// List exhibits, or those that meet the given conditions
///
/// Exhibits are listed in the order of ingest. If several conditions are given, all must hold.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    conditions: Conditions,
    #[command(flatten)]
    table: TableOutput,
}

pub fn run(context: &Context, arguments: &Arguments) -> Result<Done, CommandError> {
    let is_table = arguments.table.is_wanted()?;
    let archive = context.open()?;
    let filter = arguments.conditions.filter(&archive)?;
    if is_table {
        return arguments.table.write(&archive, &Rows::Matching(&filter, arguments.conditions.limit));
    }
    print_found(context, &archive, &filter, arguments.conditions.limit, true)
}
