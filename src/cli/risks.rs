//! What is wrong or risky with an archive, as `status` and `doctor` print it.

use std::io::Write;

use vouchsafe_archive::{Risk, Weight};

use super::error::CommandError;
use super::output::{self, wrapped};
use vouchsafe_check::paint::{Tone, on_stdout};

/// The risks, each with what mends it.
pub fn tell_risks(out: &mut dyn Write, risks: &[Risk]) -> Result<(), CommandError> {
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
            writeln!(out, "      -> {}", output::printable(mend))?;
        }
    }
    Ok(())
}
