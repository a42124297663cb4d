//! The table of fields: every field that has a fixed meaning, once.
//!
//! Metadata files, options, searching, the report, the page that checks a bundle, what is disclosed and the documentation are made
//! from it. A field that is not in it may have any value; those who give it know what it means.

/// What the values of a field are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// Any text.
    Text,
    /// A date of EDTF (ISO 8601-2). Where it was given in other words, they are kept beside it, in the field whose name ends
    /// with [`AS_WRITTEN`].
    Date,
    /// A list of language tags (BCP 47).
    Languages,
    /// A time of RFC 3339.
    Time,
    /// A list of texts.
    List,
}

impl FieldKind {
    /// In a word or two, for the documentation.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Date => "date (EDTF)",
            Self::Languages => "languages (BCP 47)",
            Self::Time => "time (RFC 3339)",
            Self::List => "list of texts",
        }
    }
}

/// Who writes a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WrittenBy {
    /// A person who describes an exhibit: in metadata files, with `ingest` and with `describe`.
    Person,
    /// The program, of what it observes itself. Nobody else may give it.
    Program,
    /// A person who acts, as a part of what is recorded: the purpose of an export, the reason of a gap.
    Act,
}

impl WrittenBy {
    /// In a few words, for the documentation.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Person => "whoever describes",
            Self::Program => "the program",
            Self::Act => "with an act",
        }
    }
}

/// A field with a fixed meaning.
#[derive(Debug, Clone, Copy)]
pub struct KnownField {
    /// Its name in entries, metadata files and options.
    pub name: &'static str,
    /// What its values are.
    pub kind: FieldKind,
    /// What it is called in English, as a heading.
    pub english: &'static str,
    /// What it is called in Korean.
    pub korean: &'static str,
    /// What is to be written into it, as the end of a sentence.
    pub meaning: &'static str,
    /// Who writes it.
    pub written_by: WrittenBy,
    /// Whether a bundle discloses it unless it is said otherwise. Only what can say nothing of a person, a place or a time
    /// may be; everything else is withheld.
    pub disclosed: bool,
    /// Whether `find` looks into it where no field is named.
    pub searched: bool,
    /// The element of PREMIS 3 that has the same meaning, where there is one.
    pub premis: Option<&'static str>,
    /// The term of Dublin Core (DCMI Metadata Terms) that has the same meaning, where there is one.
    pub dublin_core: Option<&'static str>,
}

/// What the name of the field ends with that keeps the words of a date, beside the field with the date.
pub const AS_WRITTEN: &str = "_as_written";

/// The name of a title that is safe to disclose.
pub const TITLE: &str = "title";
/// The name of the collection that an exhibit belongs to.
pub const COLLECTION: &str = "collection";
/// The organisation's own number of an exhibit.
pub const EXHIBIT_NO: &str = "exhibit_no";
/// The languages of an exhibit.
pub const LANGUAGES: &str = "languages";
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
/// Where something is.
pub const PLACE: &str = "place";

/// A field that anybody who describes an exhibit may give; the program uses nothing of it but its value.
const fn described(
    name: &'static str,
    english: &'static str,
    korean: &'static str,
    meaning: &'static str,
) -> KnownField {
    KnownField {
        name,
        kind: FieldKind::Text,
        english,
        korean,
        meaning,
        written_by: WrittenBy::Person,
        disclosed: false,
        searched: false,
        premis: None,
        dublin_core: None,
    }
}

impl KnownField {
    const fn of(mut self, kind: FieldKind) -> Self {
        self.kind = kind;
        self
    }

    const fn by(mut self, written_by: WrittenBy) -> Self {
        self.written_by = written_by;
        self
    }

    const fn dublin_core(mut self, term: &'static str) -> Self {
        self.dublin_core = Some(term);
        self
    }

    const fn premis(mut self, element: &'static str) -> Self {
        self.premis = Some(element);
        self
    }

    const fn searched(mut self) -> Self {
        self.searched = true;
        self
    }

    const fn disclosed(mut self) -> Self {
        self.disclosed = true;
        self
    }
}

/// The fields, in the order in which they are shown.
pub const FIELDS: &[KnownField] = &[
    described(TITLE, "Title", "제목", "a title that is safe to disclose").searched().dublin_core("title"),
    described("description", "Description", "설명", "what it is, in a few sentences").dublin_core("description"),
    described(COLLECTION, "Collection", "모음", "the collection that it belongs to").dublin_core("isPartOf"),
    described("case", "Case", "사건", "the case that it belongs to"),
    described(EXHIBIT_NO, "Exhibit no.", "증거 번호", "the organisation's own number for it")
        .searched()
        .dublin_core("identifier"),
    described("source", "Source", "출처", "who gave it: name or pseudonym").dublin_core("provenance"),
    described("creator", "Made by", "작성자", "who made it: name or pseudonym").dublin_core("creator"),
    described(
        "channel",
        "How it came",
        "입수 경로",
        "how it came: in_person, physical_media, online_capture, encrypted_upload, messenger, email, …",
    )
    .dublin_core("accrualMethod"),
    described("created_date", "Date made", "작성일", "when it was made (EDTF)")
        .of(FieldKind::Date)
        .dublin_core("created"),
    described(
        "published_date",
        "Date published",
        "공표일",
        "when it was published or broadcast, if that is another day (EDTF)",
    )
    .of(FieldKind::Date)
    .dublin_core("issued"),
    described(
        "events_period",
        "Period of the events",
        "사건 시기",
        "when the events happened that it speaks of (EDTF)",
    )
    .of(FieldKind::Date)
    .dublin_core("temporal"),
    described(PLACE, "Place", "장소", "where it was made, as precisely as is known").dublin_core("spatial"),
    described(LANGUAGES, "Languages", "언어", "languages (BCP 47, or by name), separated by commas")
        .of(FieldKind::Languages)
        .disclosed()
        .dublin_core("language"),
    described("sensitivity", "Sensitivity", "민감도", "public, internal, confidential, restricted, sealed")
        .dublin_core("accessRights"),
    described(ORIGINAL_NAME, "Original file name", "원래 파일 이름", "the name that the file had at its source")
        .by(WrittenBy::Program)
        .searched()
        .premis("originalName"),
    described(SOURCE_PATH, "Path at the source", "출처에서의 경로", "the path that the file had at its source")
        .by(WrittenBy::Program),
    described(
        "source_modified_at",
        "Last changed, as the source says",
        "출처에 표시된 수정 시각",
        "when the file was last changed, as its file system said",
    )
    .of(FieldKind::Time)
    .by(WrittenBy::Program)
    .dublin_core("modified"),
    described(
        "source_created_at",
        "Created, as the source says",
        "출처에 표시된 생성 시각",
        "when the file was made, as its file system said",
    )
    .of(FieldKind::Time)
    .by(WrittenBy::Program),
    described(
        DOWNLOADED_FROM,
        "Downloaded from",
        "내려받은 주소",
        "the addresses that the file was downloaded from, as the browser noted them",
    )
    .of(FieldKind::List)
    .by(WrittenBy::Program),
    described(
        DESCRIBED_BY,
        "Described by",
        "서술한 보존소",
        "the archive whose description of the exhibit was taken over with an import",
    )
    .by(WrittenBy::Program),
    described(NOTE, "Remark", "비고", "a remark").by(WrittenBy::Act),
    described(PURPOSE, "Purpose", "목적", "what a copy or a bundle is for").by(WrittenBy::Act),
    described(RECIPIENT, "Recipient", "받은 사람", "who gets it").by(WrittenBy::Act),
    described(SENDER, "Sender", "보낸 사람", "who sent a bundle").by(WrittenBy::Act),
    described(METHOD, "Method", "전달 방법", "how a bundle travels").by(WrittenBy::Act),
    described(REASON, "Reason", "이유", "why it was done, or is so").by(WrittenBy::Act),
    described(NAME, "Name", "이름", "the name or pseudonym of an agent").by(WrittenBy::Act),
];

/// The field of this name, where it has a fixed meaning.
#[must_use]
pub fn field(name: &str) -> Option<&'static KnownField> {
    FIELDS.iter().find(|field| field.name == name)
}

/// The fields that anybody who describes an exhibit may give, in the order in which they are shown.
pub fn described_fields() -> impl Iterator<Item = &'static KnownField> {
    FIELDS.iter().filter(|field| field.written_by == WrittenBy::Person)
}

/// Whether this is a field with a date.
#[must_use]
pub fn is_date(name: &str) -> bool {
    field(name).is_some_and(|field| field.kind == FieldKind::Date)
}

/// The date whose words a field of this name keeps.
#[must_use]
pub fn date_of_words(name: &str) -> Option<&'static KnownField> {
    name.strip_suffix(AS_WRITTEN).and_then(field).filter(|field| field.kind == FieldKind::Date)
}

/// The place of a field in the order in which fields are shown: that of the table, the words of a date beside the date, and
/// every other field after them. Fields in one place are shown by name, which puts the words after their date.
#[must_use]
pub fn place_of(name: &str) -> usize {
    let name = date_of_words(name).map_or(name, |date| date.name);
    FIELDS.iter().position(|field| field.name == name).unwrap_or(FIELDS.len())
}

/// Whether the program writes this field itself, so that nobody else may give it.
#[must_use]
pub fn is_observed(name: &str) -> bool {
    field(name).is_some_and(|field| field.written_by == WrittenBy::Program)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::FieldName;

    #[test]
    fn every_field_is_there_once_and_has_what_people_read() {
        let mut names: Vec<_> = FIELDS.iter().map(|field| field.name).collect();
        names.sort_unstable();
        assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "{names:?}");
        for field in FIELDS {
            assert!(field.name.parse::<FieldName>().is_ok(), "{}", field.name);
            assert!(
                !field.english.is_empty() && !field.korean.is_empty() && !field.meaning.is_empty(),
                "{}",
                field.name
            );
            assert!(field.korean.chars().any(|c| ('가'..='힣').contains(&c)), "{}", field.korean);
            assert!(!field.name.ends_with(AS_WRITTEN), "{}", field.name);
        }
    }

    /// What is disclosed by default can name nobody, whatever somebody writes into it: nothing but codes are.
    #[test]
    fn only_lists_of_codes_are_disclosed_by_default() {
        let disclosed: Vec<_> = FIELDS.iter().filter(|field| field.disclosed).collect();
        assert!(!disclosed.is_empty());
        assert!(disclosed.iter().all(|field| field.kind == FieldKind::Languages));
    }

    #[test]
    fn a_date_and_its_words_belong_together() {
        assert_eq!(date_of_words("created_date_as_written").map(|field| field.name), Some("created_date"));
        assert!(date_of_words("title_as_written").is_none());
        assert!(is_date("events_period") && !is_date("title"));
        assert!(is_observed("source_path") && !is_observed("source"));
    }
}
