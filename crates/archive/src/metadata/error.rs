//! Why metadata is not accepted.

use std::fmt;
use std::path::PathBuf;

use vouchsafe_core::model::FieldError;

/// Metadata that is not accepted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MetadataError {
    /// The file cannot be read.
    #[error("{}: cannot read the metadata file: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Not YAML of the expected shape.
    #[error("{}: {reason}", path.display())]
    Yaml {
        /// The file.
        path: PathBuf,
        /// What is wrong, with the line.
        reason: String,
    },
    /// Neither a field name nor what a field is called.
    #[error("{source}{}", meant(near.as_deref()))]
    Name {
        /// What is wrong with it as a name.
        source: FieldError,
        /// What a field is called that is probably meant.
        near: Option<String>,
    },
    /// A value is not allowed.
    #[error("{name}: {source}")]
    Value {
        /// The field.
        name: String,
        /// What is wrong.
        source: ValueError,
    },
    /// The program writes this field itself.
    #[error("{name}: the program writes this field itself")]
    Observed {
        /// The field.
        name: String,
    },
    /// The program itself uses the name.
    #[error("{name}: no field may have this name, which the program itself uses{}", meant(*instead))]
    Reserved {
        /// The name.
        name: String,
        /// The field that is probably meant.
        instead: Option<&'static str>,
    },
    /// A field is given twice.
    #[error("{name}: the field is given twice")]
    Twice {
        /// The field.
        name: String,
    },
    /// An argument without `=`.
    #[error("{found:?}: write a field as NAME=VALUE")]
    NoValue {
        /// The argument.
        found: String,
    },
}

/// Why a value is not accepted, and what would be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValueError {
    /// The reason, as a sentence without its end.
    pub reason: String,
    /// A spelling that would be accepted, where one can be named: what was probably meant, or an example.
    pub accepted: Option<String>,
}

impl ValueError {
    pub(super) fn new(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), accepted: None }
    }

    pub(super) fn accepting(self, accepted: impl Into<String>) -> Self {
        Self { accepted: Some(accepted.into()), ..self }
    }
}

impl std::error::Error for ValueError {}

impl fmt::Display for ValueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)?;
        match &self.accepted {
            Some(accepted) => write!(f, "; write {accepted}"),
            None => Ok(()),
        }
    }
}

fn meant(instead: Option<&str>) -> String {
    instead.map(|field| format!("; did you mean {field}?")).unwrap_or_default()
}
