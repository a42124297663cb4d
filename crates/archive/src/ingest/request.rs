//! What is asked of an ingest: the inputs, and what is said about them.

use std::collections::HashMap;
use std::io::Read;
use std::path::PathBuf;

use super::super::metadata::Fields;

/// Where evidence comes from.
pub enum Input {
    /// A file, or a folder with everything in it.
    Path(PathBuf),
    /// A stream, with the name that it is to have.
    Stream {
        /// The name.
        name: String,
        /// The bytes.
        reader: Box<dyn Read + Send>,
    },
}

/// What to ingest, and what is said about all of it.
pub struct IngestRequest {
    /// The inputs, in order.
    pub inputs: Vec<Input>,
    /// Fields for every file; a metadata file beside a file goes before them.
    pub fields: Fields,
    /// Fields for single files, by their paths without links in the folders, as [`files`](super::files) gives them. They go
    /// before those for all; a metadata file beside a file goes before them.
    pub described: HashMap<PathBuf, Fields>,
    /// Files and folders that must not get into an archive, such as those with keys. The archive's own folder
    /// need not be named.
    pub excluded: Vec<PathBuf>,
    /// What is ingested although it is refused by default.
    pub permitted: Permitted,
    /// Write a receipt for every new exhibit into this folder.
    pub receipts: Option<PathBuf>,
    /// Files up to this size are read whole and hashed in parallel; larger ones are streamed, each a commit of its
    /// own. [`DEFAULT_WHOLE_BYTES`] is what serves.
    pub whole_bytes: u64,
    /// Threads that read and hash; 0 for as many as there are cores.
    pub threads: usize,
}

impl IngestRequest {
    /// These files and folders, with no fields, no exceptions and no receipts.
    #[must_use]
    pub fn of(paths: impl IntoIterator<Item = PathBuf>) -> Self {
        Self {
            inputs: paths.into_iter().map(Input::Path).collect(),
            fields: Fields::new(),
            described: HashMap::new(),
            excluded: Vec::new(),
            permitted: Permitted::default(),
            receipts: None,
            whole_bytes: DEFAULT_WHOLE_BYTES,
            threads: 0,
        }
    }
}

/// What is ingested although it is refused by default.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Permitted {
    /// Files that hold private keys of others. Those of the archive's own agents, and its log key, never are.
    pub private_keys: bool,
    /// Files that are called like metadata files. They are evidence then, and none is read as metadata.
    pub metadata_files: bool,
    /// Empty streams.
    pub empty_streams: bool,
}

/// The size up to which files are read whole.
pub const DEFAULT_WHOLE_BYTES: u64 = 8 * 1024 * 1024;
