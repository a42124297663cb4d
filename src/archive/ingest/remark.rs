//! What is said of a file beside what became of it.

use crate::sign::secrets::SecretForm;

/// Something about a file or folder that is no outcome, and that whoever ingests must hear.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Remark {
    /// It holds somebody's private key, and was taken in because that is permitted.
    PrivateKey {
        /// What kind.
        form: SecretForm,
    },
}

impl Remark {
    /// Its name, for programs.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::PrivateKey { .. } => "private_key",
        }
    }

    /// What it is said of, in the singular.
    #[must_use]
    pub const fn noun(self) -> &'static str {
        match self {
            Self::PrivateKey { .. } => "file",
        }
    }

    /// What all files with this remark have in common, to follow their number.
    #[must_use]
    pub const fn about_all(self) -> &'static str {
        match self {
            Self::PrivateKey { .. } => {
                "with a private key: whoever gets a copy or a bundle of it gets the key, and it cannot be taken out again"
            }
        }
    }

    /// What is particular to this one; empty if nothing is.
    #[must_use]
    pub const fn detail(self) -> &'static str {
        match self {
            Self::PrivateKey { form } => form.name(),
        }
    }
}
