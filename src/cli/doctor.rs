//! `vouchsafe doctor`

use std::io::Write;

use vouchsafe_archive::health::NotLookedAt;
use vouchsafe_archive::{Examination, ExaminationRequest, examine};

use super::context::Context;
use super::done::Done;
use super::error::CommandError;
use super::json;
use super::output::{self, printable, wrapped};
use super::remedy;
use super::risks::{print_risks, risks_json};

/// Look for anything wrong or risky, and name the command that fixes it
///
/// Changes nothing, and works on a damaged archive too. The worst comes first. The end of the report lists what was not
/// looked at; above all the bytes of objects, which `vouchsafe verify` reads.
#[derive(clap::Args)]
pub struct Arguments {}

pub fn run(context: &Context, _arguments: &Arguments) -> Result<Done, CommandError> {
    let keys = |origin: &_| context.keyring.paths(&context.folders, origin);
    let request = ExaminationRequest { known: Some(context.known()), keys: &keys };
    let found = examine(context.archive(), &request, &context.environment)?;
    let done = if found.is_well() { Done::Well } else { Done::WithFindings };
    let mut out = std::io::stdout().lock();
    if context.options.json {
        output::json(
            &mut out,
            &json::Examined {
                archive: context.archive().display().to_string(),
                checked: &found.checked,
                findings: risks_json(&found.risks),
                not_checked: &not_checked(&found),
                not_understood: &found.not_understood,
                origin: &found.origin,
                well: found.is_well(),
            },
        )?;
        return Ok(done);
    }
    render_examination(&mut out, context, &found)?;
    Ok(done)
}

fn render_examination(out: &mut dyn Write, context: &Context, found: &Examination) -> Result<(), CommandError> {
    let folder = printable(&context.archive().display().to_string());
    match &found.origin {
        Some(origin) => writeln!(out, "{origin}  in {folder}")?,
        None => writeln!(out, "An archive in {folder}")?,
    }
    if found.is_well() {
        writeln!(out, "\nNothing that was looked at is wrong or risky. See below what was NOT looked at.")?;
    }
    print_risks(out, &found.risks)?;
    for (heading, list) in [("\nLooked at", &found.checked), ("\nNOT looked at", &not_checked(found))] {
        writeln!(out, "{heading}")?;
        for text in list {
            write!(out, "{}", wrapped(&output::printable(text), "  - ", "    "))?;
        }
    }
    Ok(())
}

/// What was not looked at, each with the command that looks at it.
fn not_checked(found: &Examination) -> Vec<String> {
    let text = |missing: &NotLookedAt| match missing.remedy {
        Some(remedy) => format!("{}: {}", missing.what, remedy::command(remedy).0),
        None => missing.what.clone(),
    };
    found.not_checked.iter().map(text).collect()
}
