//! Why a file was not ingested.

use std::io;

use super::super::metadata::MetadataError;
use vouchsafe_core::sign::secrets::SecretForm;

/// Why a file was not ingested.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RefusedFile {
    /// A symbolic link.
    #[error("it is a symbolic link; name what it points to instead")]
    Link,
    /// A socket, pipe or device.
    #[error("it is {kind}, not a file")]
    Special {
        /// What it is.
        kind: &'static str,
    },
    /// The archive itself, or the keys.
    #[error("it belongs to the archive itself or holds its keys")]
    Own,
    /// It holds the private key of somebody else.
    #[error(
        "it holds {}, and nothing can be removed from the archive again (to ingest it: --accept-private-keys)",
        form.name()
    )]
    PrivateKey {
        /// What kind.
        form: SecretForm,
    },
    /// Cannot be read.
    #[error("it cannot be read: {source}")]
    Unreadable {
        /// What the system said.
        source: io::Error,
    },
    /// A folder that cannot be read.
    #[error("it cannot be read, so the files in it are not counted: {source}")]
    FolderUnreadable {
        /// What the system said.
        source: io::Error,
    },
    /// A folder that can be read only in part.
    #[error("it could not be listed to its end, so further files in it are not counted: {source}")]
    FolderUnfinished {
        /// What the system said.
        source: io::Error,
    },
    /// A named folder without files.
    #[error("there is no file in it; check that its disk is connected")]
    EmptyRoot,
    /// Changed between the first and the last byte.
    #[error("it changed while it was read")]
    Changed,
    /// Its content differs in size from what the system reports, although nothing changed.
    #[error(
        "the system reports {said_bytes} bytes, but more or fewer could be read; if the file is in a cloud or on a \
         phone, first copy it to a disk of this computer"
    )]
    OtherSize {
        /// The size that the system reports.
        said_bytes: u64,
    },
    /// Its name led to another file after reading, although the two look alike.
    #[error(
        "after reading, its name led to another file of the same size and time; if this happens again, first copy it \
         to a disk of this computer"
    )]
    OtherFile,
    /// An empty stream.
    #[error("it is empty: the program that should have written it may have failed (to ingest it: --allow-empty)")]
    EmptyStream,
    /// A metadata file without its file.
    #[error("it is a metadata file, but its file is not beside it")]
    MetadataAlone,
    /// A metadata file beside a folder.
    #[error("it is a metadata file beside a folder, so it is not applied; ingest that folder with --meta")]
    MetadataOfFolder,
    /// A metadata file of a link, a pipe or the like.
    #[error("it is a metadata file, but what it describes is not ingested")]
    MetadataOfOther,
    /// A metadata file of another metadata file.
    #[error("it is a metadata file of another metadata file, which is not kept, so it is not applied")]
    MetadataOfMetadata,
    /// One of several metadata files of one file.
    #[error("it is a metadata file, but {applied} is applied instead")]
    MetadataTwice {
        /// The one that is applied.
        applied: String,
    },
    /// A metadata file whose name differs from that of its file, among very many.
    #[error("it is a metadata file, but its name is not exactly that of its file followed by .meta.yaml")]
    MetadataNotFound,
    /// The metadata file beside it is not accepted.
    #[error("its metadata is not accepted: {source}")]
    Metadata {
        /// What is wrong.
        source: MetadataError,
    },
    /// Folders nested beyond the limit.
    #[error("the folders are nested too deeply")]
    TooDeep,
    /// Its path is longer than the system allows.
    #[error("its path is too long for the system; move it nearer to the root, or shorten its name")]
    PathTooLong,
    /// The metadata is more than an entry can hold.
    #[error("its metadata does not fit: {reason}")]
    TooMuch {
        /// Over which limit.
        reason: String,
    },
}
