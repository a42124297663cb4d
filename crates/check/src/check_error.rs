//! Why a bundle, a receipt, a head or a letter could not be checked, and the ways out.

/// What to give instead of something that is no bundle.
pub const NO_BUNDLE_HINT: &str = "give the folder in which bundle.json lies, or the zip file that was handed over; an archive \
is verified with: vouchsafe verify --archive DIR";

/// What to do where this process may not open a further file.
pub const LIMIT_HINT: &str = "this program may not open a further file or take more memory: raise the limit (ulimit -n, \
ulimit -v), or end other programs, and run the command again; what was acknowledged is safe";

/// Why a bundle could not be checked.
#[derive(Debug)]
pub enum CheckError {
    /// The command makes no sense.
    Usage {
        /// Why.
        message: String,
        /// The way out.
        hint: &'static str,
    },
    /// It could not be read.
    Incomplete {
        /// Why.
        message: String,
        /// The way out, where there is one.
        hint: Option<&'static str>,
    },
}

const TRUST_HINT: &str = "an archive's fingerprint is 56 digits and letters in groups, as `vouchsafe status` prints it, or 64 \
hexadecimal digits; in a file, one a line, with a name after it or without";

/// What was given with `--trust` is no fingerprint: the message says why, the hint what one looks like.
#[must_use]
pub fn no_trust(message: String) -> CheckError {
    CheckError::Usage { message, hint: TRUST_HINT }
}
