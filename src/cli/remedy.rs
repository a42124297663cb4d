//! What the library advises, as commands of this program.

use vouchsafe_core::verify::Remedy;

/// The command that a remedy is taken with, as the end of a sentence.
pub const fn command(remedy: Remedy) -> &'static str {
    match remedy {
        Remedy::Rebuild => "in an archive, `vouchsafe rebuild` makes the index anew; a copy needs none",
        Remedy::Replicate => "`vouchsafe replicate` brings the copy up, where the archive can be written to",
        Remedy::Verify => "see `vouchsafe verify`",
        Remedy::VerifyCopy => "see `vouchsafe verify --against COPY`",
        Remedy::Repair => "see `vouchsafe repair`",
        Remedy::Parity => "`vouchsafe parity` reads the parity, with --check-volumes both",
    }
}
