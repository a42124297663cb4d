//! Remarks about a file, beside its outcome.

use vouchsafe_core::sign::secrets::SecretForm;

/// Something about a file or folder that is not an outcome, but that the user must know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Remark {
    /// It holds somebody's private key, and was ingested because that is permitted.
    PrivateKey {
        /// What kind.
        form: SecretForm,
    },
    /// It has the name of a metadata file and was ingested as evidence.
    MetadataAsEvidence,
    /// An empty folder, of which nothing is kept.
    EmptyFolder,
    /// One of its times is before year 0 or after year 9999, and was not kept.
    TimeNotKept,
    /// Its download address cannot be read.
    AddressNotKept,
}

impl Remark {
    /// Its name, for programs.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::PrivateKey { .. } => "private_key",
            Self::MetadataAsEvidence => "metadata_as_evidence",
            Self::EmptyFolder => "empty_folder",
            Self::TimeNotKept => "time_not_kept",
            Self::AddressNotKept => "address_not_kept",
        }
    }

    /// What the remark is about, in the singular.
    #[must_use]
    pub const fn noun(self) -> &'static str {
        match self {
            Self::PrivateKey { .. } | Self::TimeNotKept | Self::AddressNotKept => "file",
            Self::MetadataAsEvidence => "metadata file",
            Self::EmptyFolder => "empty folder",
        }
    }

    /// What all files with this remark have in common, to follow their number.
    #[must_use]
    pub const fn about_all(self) -> &'static str {
        match self {
            Self::PrivateKey { .. } => {
                "with a private key: anybody who gets a copy or a bundle of it gets the key, and it cannot be removed \
                 again"
            }
            Self::MetadataAsEvidence => {
                "ingested as evidence and not read as metadata, so bundles will show its \
                content"
            }
            Self::EmptyFolder => "that cannot be kept",
            Self::TimeNotKept => "with a time that is not between the years 0 and 9999 and was not kept",
            Self::AddressNotKept => "whose download address cannot be read and was not kept",
        }
    }

    /// What is particular to this one; empty if nothing is.
    #[must_use]
    pub const fn detail(self) -> &'static str {
        match self {
            Self::PrivateKey { form } => form.name(),
            Self::MetadataAsEvidence | Self::EmptyFolder | Self::TimeNotKept | Self::AddressNotKept => "",
        }
    }
}
