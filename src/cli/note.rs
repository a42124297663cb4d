//! `vouchsafe note`

use std::slice;

use vouchsafe_archive::metadata::Fields;
use vouchsafe_core::model::{ExhibitNoted, FieldValue};

use super::context::Context;
use super::done::Done;
use super::error::CommandError;
use super::record::add;

/// Add a remark to an exhibit's custody history
#[derive(clap::Args)]
pub struct Arguments {
    /// The exhibit's name, or the beginning of it
    #[arg(value_name = "EXHIBIT")]
    exhibit: String,
    /// The remark
    #[arg(value_name = "TEXT")]
    text: String,
}

pub fn run(context: &Context, arguments: &Arguments) -> Result<Done, CommandError> {
    if arguments.text.trim().is_empty() {
        return Err(CommandError::usage("the remark is empty"));
    }
    let name = "note".parse().map_err(|error| CommandError::usage(format!("{error}")))?;
    let fields = Fields::from([(name, FieldValue::Text(arguments.text.clone()))]);
    add(context, slice::from_ref(&arguments.exhibit), &ExhibitNoted { fields: Vec::new() }.into(), &fields)
}
