//! The risks of an archive, as `status` and `doctor` print them.

use std::io::Write;

use vouchsafe_archive::{Risk, Weight};

use super::error::CommandError;
use super::json;
use super::output::{self, wrapped};
use super::remedy::mending;
use vouchsafe_check::paint::{Tone, on_stdout};

/// Prints the risks, each with the way to fix it.
pub fn print_risks(out: &mut dyn Write, risks: &[Risk]) -> Result<(), CommandError> {
    let mut heading = None;
    for risk in risks {
        if heading != Some(risk.weight) {
            let text = match risk.weight {
                Weight::Wrong => on_stdout(Tone::Bad, "WRONG"),
                Weight::Risky => on_stdout(Tone::Doubtful, "RISKY"),
                Weight::Notice => "Worth knowing".to_owned(),
            };
            writeln!(out, "\n{text}")?;
            heading = Some(risk.weight);
        }
        let text = format!("{}: {}", risk.about, output::printable(&risk.message));
        write!(out, "{}", wrapped(&text, "  - ", "    "))?;
        if let Some(mend) = &risk.mend {
            writeln!(out, "      -> {}", output::printable(&mending(mend)))?;
        }
    }
    Ok(())
}

/// The same as data.
pub fn risks_json(risks: &[Risk]) -> Vec<json::Risk<'_>> {
    risks
        .iter()
        .map(|risk| json::Risk {
            about: risk.about,
            mend: risk.mend.as_ref().map(|mend| mending(mend).into_owned()),
            message: &risk.message,
            weight: risk.weight,
        })
        .collect()
}
