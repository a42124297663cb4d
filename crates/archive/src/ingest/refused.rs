//! Why a file was not ingested.

use std::io;

use super::super::metadata::MetadataError;
use vouchsafe_core::sign::secrets::SecretForm;

/// Why a file was not ingested.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RefusedFile {
    /// A symbolic link.
    #[error("it is a symbolic link; give what it points to instead")]
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
        "it holds {}: what is in the log cannot be taken out again (--accept-private-keys takes it in)",
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
    #[error("it cannot be read, and what lies in it is not counted: {source}")]
    FolderUnreadable {
        /// What the system said.
        source: io::Error,
    },
    /// A folder that can be read in part only.
    #[error("it could not be listed to its end, and what else lies in it is not counted: {source}")]
    FolderUnfinished {
        /// What the system said.
        source: io::Error,
    },
    /// A folder that was named and holds nothing.
    #[error("there is no file in it; see whether the disk that belongs there is connected")]
    EmptyRoot,
    /// Changed between the first and the last byte.
    #[error("it changed while it was read")]
    Changed,
    /// Its content has another size than the system says, although nothing changed.
    #[error(
        "the system says that it has {said_bytes} bytes, but more or fewer could be read; if it lies in a cloud or on a \
         phone, copy it to a disk of this computer first"
    )]
    OtherSize {
        /// The size that the system says.
        said_bytes: u64,
    },
    /// Its name leads to another file after reading it than before, although the two look alike.
    #[error(
        "another file of the same size and time was under its name after it was read; if that repeats, copy it to a disk \
         of this computer first"
    )]
    OtherFile,
    /// A stream of which nothing came.
    #[error("nothing came: the program that should have written it may have failed (--allow-empty takes it in)")]
    EmptyStream,
    /// A metadata file without the file that it speaks of.
    #[error("it is a metadata file, but the file it speaks of is not beside it")]
    MetadataAlone,
    /// A metadata file beside a folder.
    #[error("it is a metadata file beside a folder and is not applied; give it with --meta for that folder")]
    MetadataOfFolder,
    /// A metadata file of a link, a pipe or the like.
    #[error("it is a metadata file, but what it speaks of is not taken in")]
    MetadataOfOther,
    /// A metadata file that speaks of another one.
    #[error("it is a metadata file that speaks of another one, which is not kept; it is not applied")]
    MetadataOfMetadata,
    /// One of several metadata files of one file.
    #[error("it is a metadata file, but {applied} is the one that is applied")]
    MetadataTwice {
        /// The one that is applied.
        applied: String,
    },
    /// A metadata file that is called otherwise than its file, among very many.
    #[error("it is a metadata file, but its name is not written as that of its file with .meta.yaml behind it")]
    MetadataNotFound,
    /// The metadata file beside it is not accepted.
    #[error("its metadata is not accepted: {source}")]
    Metadata {
        /// What is wrong.
        source: MetadataError,
    },
    /// Folders within folders without end.
    #[error("the folders are nested too deeply")]
    TooDeep,
    /// Its path is longer than the system takes.
    #[error("its path is too long for the system; move it to a folder nearer to the root, or give it a shorter name")]
    PathTooLong,
    /// The metadata is more than an entry can hold.
    #[error("its metadata does not fit: {reason}")]
    TooMuch {
        /// Over which limit.
        reason: String,
    },
}
