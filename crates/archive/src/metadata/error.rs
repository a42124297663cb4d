//! Why metadata is not accepted.

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
    /// A name or value is not allowed.
    #[error("{name}: {source}")]
    Field {
        /// The field.
        name: String,
        /// What is wrong.
        source: FieldError,
    },
    /// Neither a language tag nor a known name.
    #[error(
        "{name}: {value:?} is neither a language tag (BCP 47) such as ko, en or zh-Hant, nor the name of a known \
         language"
    )]
    Language {
        /// The field.
        name: String,
        /// The value.
        value: String,
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
    /// A value that is empty.
    #[error("{name}: the value is empty; omit the field, or write unknown:REASON if the value is not known")]
    Empty {
        /// The field.
        name: String,
    },
}

fn meant(instead: Option<&str>) -> String {
    instead.map(|field| format!("; did you mean {field}?")).unwrap_or_default()
}
