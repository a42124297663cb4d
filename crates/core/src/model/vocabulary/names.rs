//! The names of fields that the program uses itself.

/// A title that is safe to disclose.
pub const TITLE: &str = "title";
/// The collection that an exhibit belongs to.
pub const COLLECTION: &str = "collection";
/// The organisation's own number of an exhibit.
pub const EXHIBIT_NO: &str = "exhibit_no";
/// What kind of thing an exhibit is.
pub const OBJECT_CATEGORY: &str = "object_category";
/// How far an exhibit is from the first recording.
pub const COPY_GENERATION: &str = "copy_generation";
/// Who gave an exhibit.
pub const SOURCE: &str = "source";
/// Who made an exhibit.
pub const CREATOR: &str = "creator";
/// How an exhibit came.
pub const CHANNEL: &str = "channel";
/// When an exhibit was made.
pub const CREATED_DATE: &str = "created_date";
/// When an exhibit was captured online.
pub const CAPTURED_DATE: &str = "captured_date";
/// Where something is; of an exhibit, where it was made.
pub const PLACE: &str = "place";
/// The languages of an exhibit.
pub const LANGUAGES: &str = "languages";
/// Who testifies.
pub const WITNESS: &str = "witness";
/// Who asked a witness.
pub const INTERVIEWERS: &str = "interviewers";
/// When a witness was heard.
pub const INTERVIEW_DATE: &str = "interview_date";
/// Where a witness was heard.
pub const INTERVIEW_PLACE: &str = "interview_place";
/// The languages in which a witness was heard.
pub const INTERVIEW_LANGUAGES: &str = "interview_languages";
/// The name that a file had at its source.
pub const ORIGINAL_NAME: &str = "original_name";
/// The path that a file had at its source.
pub const SOURCE_PATH: &str = "source_path";
/// The addresses that a file was downloaded from.
pub const DOWNLOADED_FROM: &str = "source_downloaded_from";
/// The archive whose description of an exhibit was taken over.
pub const DESCRIBED_BY: &str = "described_by";
/// The name of an agent, in the entries that introduce one.
pub const NAME: &str = "name";
/// A remark.
pub const NOTE: &str = "note";
/// What something is for.
pub const PURPOSE: &str = "purpose";
/// Why something is so.
pub const REASON: &str = "reason";
/// Who gets something.
pub const RECIPIENT: &str = "recipient";
/// Who sent something.
pub const SENDER: &str = "sender";
/// How something travels.
pub const METHOD: &str = "method";
