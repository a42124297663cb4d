//! What columns are called: the program's own names, and their labels in English and Korean.

use std::collections::BTreeSet;

use vouchsafe_core::model::FieldName;
use vouchsafe_core::model::vocabulary::{FIELDS, KnownField, WrittenBy, date_of_words, described_fields, is_observed};

use crate::error::ArchiveError;
use crate::metadata::{WORDS_OF_A_DATE, key, name_of};
use crate::nearest::nearest;
use crate::reader::Reader;
use crate::selecting::Filter;

pub(super) const EXHIBIT: &str = "exhibit";
pub(super) const SHA_256: &str = "sha256";
pub(super) const SIZE_BYTES: &str = "size_bytes";
pub(super) const MEDIA_TYPE: &str = "media_type";
pub(super) const RECORDED_AT: &str = "recorded_at";

/// Columns of what an exhibit is, beside its fields: name, label in English and Korean.
const BUILT_IN: [(&str, &str, &str); 5] = [
    (EXHIBIT, "Exhibit", "증거물"),
    (SHA_256, "SHA-256", "SHA-256 해시값"),
    (SIZE_BYTES, "Size in bytes", "크기(바이트)"),
    (MEDIA_TYPE, "Media type", "파일 형식"),
    (RECORDED_AT, "Ingested", "수록 시각"),
];

/// What the same columns are called in lists on a terminal.
const SHORT: [(&str, &str); 3] = [("size", SIZE_BYTES), ("type", MEDIA_TYPE), ("recorded", RECORDED_AT)];

/// The fields that exhibits have; what is recorded with an act is none of them.
fn of_exhibits() -> impl Iterator<Item = &'static KnownField> {
    FIELDS.iter().filter(|field| field.written_by != WrittenBy::Act)
}

/// The name of the column that is called so: by its name, or by its label in English or Korean.
pub(super) fn named(text: &str) -> Option<String> {
    let text = text.trim();
    let exact = BUILT_IN.iter().find(|(name, ..)| *name == text);
    let is_made_up = exact.is_none() && text.parse::<FieldName>().is_ok();
    let is_meant = |names: [&str; 3]| names.iter().any(|name| key(name) == key(text));
    let labelled = || BUILT_IN.iter().find(|(name, english, korean)| is_meant([name, english, korean]));
    if let Some((name, ..)) = exact.or_else(|| labelled().filter(|_| !is_made_up)) {
        return Some((*name).to_owned());
    }
    let name = name_of(text).ok()?;
    let is_known = of_exhibits().any(|field| field.name == name.as_str()) || date_of_words(name.as_str()).is_some();
    is_known.then(|| name.to_string())
}

/// What a column of this name is called in English and Korean; the name itself if it has no label.
#[must_use]
pub fn label(name: &str, is_korean: bool) -> String {
    let choose = |english: &str, korean: &str| if is_korean { korean.to_owned() } else { english.to_owned() };
    if let Some((_, english, korean)) = BUILT_IN.iter().find(|(built_in, ..)| *built_in == name) {
        return choose(english, korean);
    }
    if let Some(field) = FIELDS.iter().find(|field| field.name == name) {
        return choose(field.english, field.korean);
    }
    match date_of_words(name) {
        Some(date) => choose(date.english, date.korean) + WORDS_OF_A_DATE[usize::from(is_korean)],
        None => name.to_owned(),
    }
}

/// Whether a column of this name needs no explanation.
pub(super) fn is_known_name(text: &str) -> bool {
    named(text).is_some()
}

/// The name of a column that can be written: one of the program's own, or a field.
///
/// # Errors
/// It is neither, with the name that was probably meant.
pub fn column_named(text: &str, used: &BTreeSet<String>) -> Result<String, Option<String>> {
    if let Some(name) = named(text) {
        return Ok(name);
    }
    let text = text.trim();
    if used.contains(text) {
        return Ok(text.to_owned());
    }
    let short = SHORT.iter().find(|(short, _)| *short == text);
    short.map(|(_, name)| (*name).to_owned()).ok_or_else(|| meant(text, used))
}

fn meant(text: &str, used: &BTreeSet<String>) -> Option<String> {
    let built_in = BUILT_IN.iter().flat_map(|(name, english, korean)| [*name, *english, *korean]);
    let fields = described_fields().flat_map(|field| [field.name, field.english, field.korean]);
    let known: Vec<String> = built_in.chain(fields).map(str::to_owned).chain(used.iter().cloned()).collect();
    nearest(text.trim(), &known).cloned()
}

/// All names of fields that exhibits have.
///
/// # Errors
/// The index cannot be read.
pub fn fields_in_use(archive: &Reader, filter: &Filter) -> Result<BTreeSet<String>, ArchiveError> {
    let mut used = BTreeSet::new();
    archive.find(filter, |_, row| {
        for (name, _) in &row.fields {
            if !used.contains(name.as_str()) {
                used.insert(name.to_string());
            }
        }
        true
    })?;
    Ok(used)
}

/// Whether only the program gives what stands in a column of this name.
pub(super) fn is_of_the_program(name: &str) -> bool {
    is_observed(name) || BUILT_IN.iter().any(|(built_in, ..)| *built_in == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use vouchsafe_core::model::vocabulary::{AS_WRITTEN, FieldKind};

    #[test]
    fn columns_are_found_by_name_and_by_label() {
        for (title, name) in [
            ("title", "title"),
            ("Title", "title"),
            ("제목", "title"),
            ("\u{110c}\u{1166}\u{1106}\u{1169}\u{11a8}", "title"),
            ("Exhibit no.", "exhibit_no"),
            ("EXHIBIT", "exhibit"),
            ("sha-256", "sha256"),
            ("Date made", "created_date"),
            ("Date made, as it was written", "created_date_as_written"),
            ("작성일(적힌 그대로)", "created_date_as_written"),
            ("Original file name", "original_name"),
        ] {
            assert_eq!(named(title).as_deref(), Some(name), "{title}");
        }
        assert_eq!(named("titel"), None);
        // A field that somebody made up stays one, whatever labels there are.
        let own: BTreeSet<String> = ["made_by", "type"].map(str::to_owned).into();
        assert_eq!(column_named("made_by", &own).as_deref(), Ok("made_by"));
        assert_eq!(column_named("type", &own).as_deref(), Ok("type"));
        assert_eq!(column_named("type", &BTreeSet::new()).as_deref(), Ok("media_type"));
        assert_eq!(meant("titel", &BTreeSet::new()).as_deref(), Some("title"));
    }

    #[test]
    fn each_label_leads_back_to_its_name() {
        let words = FIELDS.iter().filter(|field| field.kind == FieldKind::Date);
        let words = words.map(|field| format!("{}{AS_WRITTEN}", field.name));
        let names = of_exhibits().map(|field| field.name.to_owned()).chain(words);
        for name in names.chain(BUILT_IN.iter().map(|(name, ..)| (*name).to_owned())) {
            for is_korean in [false, true] {
                assert_eq!(named(&label(&name, is_korean)).as_deref(), Some(name.as_str()));
            }
        }
    }
}
