//! `vouchsafe list`

use super::conditions::Conditions;
use super::context::Context;
use super::done::Done;
use super::error::CommandError;
use super::exhibit_rows::print_found;

/// List exhibits, or those that meet the given conditions
///
/// Exhibits are listed in the order of ingest. If several conditions are given, all must hold.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    conditions: Conditions,
}

pub fn run(context: &Context, arguments: &Arguments) -> Result<Done, CommandError> {
    let archive = context.open()?;
    let filter = arguments.conditions.filter(&archive)?;
    print_found(context, &archive, &filter, arguments.conditions.limit, true)
}
