//! What is printed about ingested files.

use std::path::Path;

use base64::Engine as _;
use serde::Serialize;
use vouchsafe_archive::ingest::{Remark, Summary};
use vouchsafe_archive::metadata::WrittenDate;
use vouchsafe_archive::tables::TableReport;
use vouchsafe_core::described;
use vouchsafe_core::digest::Digest;
use vouchsafe_core::model::{EntryIndex, ExhibitId, MediaType};

described! {
    /// What became of a file.
    #[derive(Serialize, Default)]
    pub struct IngestedFile<'a> {
        /// The dates in its metadata file that were not given in EDTF; absent if there are none.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        pub dates_as_written: Vec<DateAsWritten<'a>>,
        /// The exhibit; null in a dry run if the file comes twice. Absent if the file was refused, or would be
        /// ingested.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub exhibit: Option<Option<ExhibitId>>,
        /// The entry that took it in; absent if none did.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub index: Option<EntryIndex>,
        /// Its media type; absent if the file was not ingested.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub media_type: Option<&'a MediaType>,
        /// Of a file that was held already: whether metadata was given that its exhibit does not have.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub metadata_not_applied: Option<bool>,
        /// The SHA-256 of its bytes; absent if the file was refused.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub object: Option<Digest>,
        /// The file.
        #[serde(flatten)]
        pub path: NamedFile,
        /// Why it was refused; absent if it was not.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub reason: Option<String>,
        /// Of a new exhibit: whether the same bytes were held already, from another place.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub same_object: Option<bool>,
        /// Its size, in bytes; absent if the file was refused.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub size_bytes: Option<u64>,
        /// What became of it.
        pub status: FileStatus,
    }
}

described! {
    /// What became of a file, in a word.
    #[derive(Serialize, Default)]
    #[serde(rename_all = "snake_case")]
    pub enum FileStatus {
        /// It is a new exhibit.
        Ingested,
        /// It would be one, if this were no dry run.
        WouldBeIngested,
        /// It is an exhibit already.
        AlreadyHeld,
        /// It was refused.
        #[default]
        Refused,
    }
}

described! {
    /// The name of a file.
    #[derive(Serialize, Default)]
    pub struct NamedFile {
        /// Its path.
        pub path: String,
        /// The bytes of its path in Base64; absent if they are UTF-8.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub path_bytes: Option<String>,
    }
}

impl NamedFile {
    /// How a file is named.
    pub fn of(path: &Path) -> Self {
        use std::os::unix::ffi::OsStrExt as _;
        let bytes = || base64::engine::general_purpose::STANDARD.encode(path.as_os_str().as_bytes());
        Self { path: path.to_string_lossy().into_owned(), path_bytes: path.to_str().is_none().then(bytes) }
    }
}

described! {
    /// A date that was not given in EDTF.
    #[derive(Serialize)]
    pub struct DateAsWritten<'a> {
        /// The date that they were read as; null if they can be read in no way, or in more than one.
        pub date: &'a Option<String>,
        /// The field.
        pub field: &'a str,
        /// The words, which are kept.
        pub words: &'a str,
    }
}

impl<'a> From<&'a WrittenDate> for DateAsWritten<'a> {
    fn from(date: &'a WrittenDate) -> Self {
        Self { date: &date.date, field: date.name, words: &date.words }
    }
}

described! {
    /// A remark about an ingested file, or about an empty folder.
    #[derive(Serialize)]
    pub struct FileRemark {
        /// The remark, in words.
        pub message: String,
        /// The file.
        #[serde(flatten)]
        pub path: NamedFile,
        /// The remark, in one word: `private_key`, `metadata_as_evidence`, `empty_folder`, `time_not_kept` or
        /// `address_not_kept`.
        pub remark: &'static str,
    }
}

impl FileRemark {
    /// A remark on a file.
    pub fn of(path: &Path, remark: Remark) -> Self {
        let message = [remark.noun(), remark.about_all(), remark.detail()].join(" ").trim_end().to_owned();
        Self { message, path: NamedFile::of(path), remark: remark.code() }
    }
}

described! {
    /// A template of a table that was written.
    #[derive(Serialize)]
    pub struct TemplateWritten<'a> {
        /// The file.
        pub file: &'a Path,
    }
}

described! {
    /// What a table says of the files of an ingest; the first line, if there is a table.
    #[derive(Serialize)]
    pub struct FilesDescribed<'a> {
        /// How many files have no row in the table.
        pub files_without_row: u64,
        /// What became of its rows: `applied` are those for a file, `no_such_exhibit` those without one.
        #[serde(flatten)]
        pub report: &'a TableReport,
    }
}

described! {
    /// The sums of an ingest; the last line.
    #[derive(Serialize)]
    pub struct IngestSummary<'a> {
        /// Whether nothing was ingested because it was a dry run.
        pub dry_run: bool,
        /// Always true.
        pub summary: bool,
        /// The sums.
        #[serde(flatten)]
        pub sums: &'a Summary,
    }
}
