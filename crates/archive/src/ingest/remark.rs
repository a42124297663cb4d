//! What is said of a file beside what became of it.

use vouchsafe_core::sign::secrets::SecretForm;

/// Something about a file or folder that is no outcome, and that whoever ingests must hear.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Remark {
    /// It holds somebody's private key, and was taken in because that is permitted.
    PrivateKey {
        /// What kind.
        form: SecretForm,
    },
    /// It is called like a metadata file and was taken in as evidence.
    MetadataAsEvidence,
    /// A folder without anything in it, of which nothing is kept.
    EmptyFolder,
    /// A time of it is before year 0 or after year 9999, and was not kept.
    TimeNotKept,
    /// It says where it was downloaded from, and that cannot be read.
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

    /// What it is said of, in the singular.
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
                "with a private key: whoever gets a copy or a bundle of it gets the key, and it cannot be taken out again"
            }
            Self::MetadataAsEvidence => "taken in as evidence and not read as metadata: what it says is in the bundles",
            Self::EmptyFolder => "of which nothing is kept",
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
