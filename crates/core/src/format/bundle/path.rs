//! The names of files in a bundle, and what each name means.

use std::fmt;
use std::str::FromStr;

use super::{
    ALLOWED_SIGNERS, BAG_INFO, BAGIT, CHECKPOINT, COMPLETENESS, DESCRIPTION, LOG_PEM, LOG_VKEY, MANIFEST, SIGNER_PEM,
    TAG_MANIFEST, TAG_SIGNATURE, TAG_SIGNATURE_PLAIN, TAG_STAMP,
};
use crate::digest::Digest;
use crate::format::FormatError;
use crate::model::{ExhibitId, MediaType};

/// The longest name, folders included.
pub const MAX_PATH_BYTES: usize = 100;
/// The longest ending of an object's name.
const MAX_ENDING_BYTES: usize = 8;

/// A name that a bundle may have: ASCII letters, digits, `.`, `_` and `-`, in parts that are separated by `/`, none
/// of which begins with `.` or `-`. It leads nowhere outside of the bundle, on any system, and means the same to
/// every tool.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BundlePath(String);

/// What a file is, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The object of an exhibit.
    Object(ExhibitId),
    /// A file of an entry: whose, its number there, and which.
    Entry(Subject, u64, EntryFile),
    /// One of the files that every bundle has.
    Required,
    /// The statement of completeness, which not every bundle has.
    Completeness,
    /// A text or program for those who check: `FORMAT.md`, `verify.sh` and the like.
    Aid,
    /// A file below `report/` or `metadata/`, for people to read.
    Addition,
    /// The dossier of a bundle in which exhibits came from another archive.
    Foreign(Digest),
    /// A letter of another archive, by which custody of an exhibit passed.
    Letter(Digest),
    /// A file of a kind that later versions write, in a folder that is kept for it.
    Later(LaterPart),
}

/// What later versions put into a bundle of this format. This one compares the files with the manifest, and reads none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LaterPart {
    /// Proof from outside, such as time stamps of checkpoints, and approvals: without it, nothing else means less.
    Proof,
    /// Records, and objects of entries beside those of ingests.
    Subject,
}

/// Whose entries they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Subject {
    /// Entries about agents; their numbers are log indices.
    Agents,
    /// Entries about an exhibit; their numbers are sequence numbers.
    Exhibit(ExhibitId),
}

/// One of the files of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum EntryFile {
    /// The message that was signed.
    Message,
    /// The signature with this number, from 0.
    Signature(usize),
    /// The receipt.
    Receipt,
    /// The disclosed fields.
    Fields,
}

/// The files that every bundle has, besides objects and entries.
const REQUIRED: &[&str] = &[
    ALLOWED_SIGNERS,
    BAG_INFO,
    BAGIT,
    CHECKPOINT,
    DESCRIPTION,
    LOG_PEM,
    LOG_VKEY,
    MANIFEST,
    SIGNER_PEM,
    TAG_MANIFEST,
    TAG_SIGNATURE,
    TAG_SIGNATURE_PLAIN,
];

/// Files that help those who check, and on which nothing depends.
const AIDS: &[&str] = &["BUNDLE.md", "FORMAT.md", "README-VERIFY.txt", "verify.html", "verify.ps1", "verify.sh"];

impl BundlePath {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is in `data/`: then it belongs into the payload manifest, else into the tag manifest.
    #[must_use]
    pub fn is_payload(&self) -> bool {
        self.0.starts_with("data/")
    }

    /// Whether it is covered by neither manifest: the tag manifest itself, its signatures, and its time stamp.
    #[must_use]
    pub fn is_outside_of_manifests(&self) -> bool {
        [TAG_MANIFEST, TAG_SIGNATURE, TAG_SIGNATURE_PLAIN, TAG_STAMP].contains(&self.as_str())
    }

    /// Whether it is the time stamp of the tag manifest, which no signature covers.
    #[must_use]
    pub fn is_stamp(&self) -> bool {
        self.0 == TAG_STAMP
    }

    /// Whether it is for people to read, so that nothing depends on it.
    #[must_use]
    pub fn is_for_people(&self) -> bool {
        matches!(self.part(), Some(Part::Aid | Part::Addition))
    }

    /// The folder that holds it, up to its first `/` and with it; all of the name, where it is in none.
    #[must_use]
    pub fn folder(&self) -> &str {
        self.0.find('/').map_or(&self.0, |end| &self.0[..=end])
    }

    /// The name of an object.
    #[must_use]
    pub fn object(exhibit: ExhibitId, media_type: &MediaType) -> Self {
        Self(format!("data/{exhibit}.{}", ending_of(media_type)))
    }

    /// The name of a file of an entry.
    #[must_use]
    pub fn entry(subject: Subject, number: u64, file: EntryFile) -> Self {
        let stem = match subject {
            Subject::Agents => format!("agents/{number:010}"),
            Subject::Exhibit(exhibit) => format!("exhibits/{exhibit}/{number:04}"),
        };
        Self(match file {
            EntryFile::Message => stem + ".json",
            EntryFile::Signature(0) => stem + ".json.sig",
            EntryFile::Signature(number) => format!("{stem}.json.{}.sig", number + 1),
            EntryFile::Receipt => stem + ".tlog-proof",
            EntryFile::Fields => stem + ".fields.json",
        })
    }

    /// The name of the dossier of another archive's bundle.
    #[must_use]
    pub fn foreign(bundle: Digest) -> Self {
        Self(format!("foreign/{bundle}.tar"))
    }

    /// The name of another archive's letter, by its SHA-256.
    #[must_use]
    pub fn letter(letter: Digest) -> Self {
        Self(format!("letters/{letter}.json"))
    }

    /// What the file is; `None` if a bundle has none of this name.
    #[must_use]
    pub fn part(&self) -> Option<Part> {
        let text = self.as_str();
        if REQUIRED.contains(&text) {
            return Some(Part::Required);
        }
        if text == COMPLETENESS {
            return Some(Part::Completeness);
        }
        if AIDS.contains(&text) {
            return Some(Part::Aid);
        }
        if text == TAG_STAMP {
            return Some(Part::Later(LaterPart::Proof));
        }
        let (folder, rest) = text.split_once('/')?;
        match folder {
            "data" => {
                let (exhibit, ending) = rest.split_once('.')?;
                let is_ending = (1..=MAX_ENDING_BYTES).contains(&ending.len())
                    && ending.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
                is_ending.then(|| exhibit.parse().ok().map(Part::Object)).flatten()
            }
            "exhibits" => {
                let (exhibit, rest) = rest.split_once('/')?;
                self.entry_part(Subject::Exhibit(exhibit.parse().ok()?), rest)
            }
            "agents" => self.entry_part(Subject::Agents, rest),
            "foreign" => rest.strip_suffix(".tar").and_then(|name| name.parse().ok()).map(Part::Foreign),
            "letters" => rest.strip_suffix(".json").and_then(|name| name.parse().ok()).map(Part::Letter),
            "report" | "metadata" => Some(Part::Addition),
            "anchors" | "approvals" => Some(Part::Later(LaterPart::Proof)),
            "evidence" | "records" => Some(Part::Later(LaterPart::Subject)),
            _ => None,
        }
    }

    fn entry_part(&self, subject: Subject, rest: &str) -> Option<Part> {
        let (number, kind) = rest.split_once('.')?;
        let number = number.parse().ok()?;
        let file = match kind {
            "json" => EntryFile::Message,
            "json.sig" => EntryFile::Signature(0),
            "tlog-proof" => EntryFile::Receipt,
            "fields.json" => EntryFile::Fields,
            other => {
                let place = other.strip_prefix("json.")?.strip_suffix(".sig")?.parse::<usize>().ok()?;
                EntryFile::Signature(place.checked_sub(1)?)
            }
        };
        // There is one name for each: written again, it is the same.
        (Self::entry(subject, number, file) == *self).then_some(Part::Entry(subject, number, file))
    }
}

impl fmt::Display for BundlePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for BundlePath {
    type Err = FormatError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_part = |part: &str| {
            part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
                && part.bytes().next().is_some_and(|first| first != b'.' && first != b'-')
        };
        if text.len() > MAX_PATH_BYTES || !text.split('/').all(is_part) {
            let reason =
                format!("{:?} is not a name that a bundle may have", text.chars().take(120).collect::<String>());
            return Err(FormatError::Rule { what: "the name", reason });
        }
        Ok(Self(text.to_owned()))
    }
}

/// The endings of objects' names after their media types, in ascending order of these.
pub const ENDINGS: &[(&str, &str)] = &[
    ("application/gzip", "gz"),
    ("application/hwp+zip", "hwpx"),
    ("application/json", "json"),
    ("application/msword", "doc"),
    ("application/pdf", "pdf"),
    ("application/rtf", "rtf"),
    ("application/vnd.ms-excel", "xls"),
    ("application/vnd.ms-outlook", "msg"),
    ("application/vnd.ms-powerpoint", "ppt"),
    ("application/vnd.oasis.opendocument.spreadsheet", "ods"),
    ("application/vnd.oasis.opendocument.text", "odt"),
    ("application/vnd.openxmlformats-officedocument.presentationml.presentation", "pptx"),
    ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
    ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"),
    ("application/x-hwp", "hwp"),
    ("application/x-tar", "tar"),
    ("application/xml", "xml"),
    ("application/zip", "zip"),
    ("audio/aac", "aac"),
    ("audio/amr", "amr"),
    ("audio/flac", "flac"),
    ("audio/mp4", "m4a"),
    ("audio/mpeg", "mp3"),
    ("audio/ogg", "ogg"),
    ("audio/vnd.wave", "wav"),
    ("audio/wav", "wav"),
    ("audio/x-wav", "wav"),
    ("image/bmp", "bmp"),
    ("image/gif", "gif"),
    ("image/heic", "heic"),
    ("image/jpeg", "jpg"),
    ("image/png", "png"),
    ("image/tiff", "tif"),
    ("image/webp", "webp"),
    ("message/rfc822", "eml"),
    ("text/csv", "csv"),
    ("text/html", "html"),
    ("text/plain", "txt"),
    ("text/xml", "xml"),
    ("video/mp2t", "ts"),
    ("video/mp4", "mp4"),
    ("video/mpeg", "mpg"),
    ("video/quicktime", "mov"),
    ("video/webm", "webm"),
    ("video/x-matroska", "mkv"),
    ("video/x-msvideo", "avi"),
];

/// The ending of an object's name after its media type, so that programs open it with what it is, and never run it;
/// `bin` where none is usual.
#[must_use]
pub fn ending_of(media_type: &MediaType) -> &'static str {
    ENDINGS.iter().find(|(known, _)| *known == media_type.as_str()).map_or("bin", |(_, ending)| ending)
}
