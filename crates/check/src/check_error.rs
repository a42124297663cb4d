//! Why a bundle, a receipt, a head or a letter could not be checked, and the ways out.

/// What to give instead of something that is not a bundle.
pub const NO_BUNDLE_HINT: &str = "give the folder that contains bundle.json, or the zip file that you received. To \
    verify an archive: vouchsafe verify --archive DIR";

/// What to do if this process cannot open another file.
pub const LIMIT_HINT: &str = "what was acknowledged is safe. This program cannot open more files or use more memory: \
    raise the limit (ulimit -n, ulimit -v), or end other programs; then run the command again";

/// Why a bundle could not be checked.
#[derive(Debug)]
pub enum CheckError {
    /// The command is wrong.
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
        /// The way out, if there is one.
        hint: Option<&'static str>,
    },
}

const TRUST_HINT: &str = "an archive's fingerprint is 56 digits and letters in groups, as `vouchsafe status` prints \
    it, or 64 hexadecimal digits; in a file, one per line, optionally followed by a name";

/// The error for a value of `--trust` that is not a fingerprint: the message says why, the hint what one looks like.
#[must_use]
pub fn no_trust(message: String) -> CheckError {
    CheckError::Usage { message, hint: TRUST_HINT }
}
