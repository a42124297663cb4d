//! Texts in the form in which they are compared.

use unicode_normalization::UnicodeNormalization as _;

use crate::old_names::as_cp949;
use vouchsafe_core::model::FieldValue;

/// Stands between the items of a list, so that no text is found across two of them.
const BETWEEN_ITEMS: &str = "\u{1f}";

/// A text without differences that nobody means: full-width letters as ordinary ones (NFKC), lower case, one blank where there
/// are several.
pub fn folded(text: &str) -> String {
    let lower: String = match text.is_ascii() {
        true => text.to_ascii_lowercase(),
        // Lower case may leave a letter in two parts.
        false => text.nfkc().flat_map(char::to_lowercase).nfc().collect(),
    };
    let is_plain = |(one, next): (char, char)| !(one.is_whitespace() && (one != ' ' || next.is_whitespace()));
    match lower.chars().zip(lower.chars().skip(1).chain(['.'])).all(is_plain) {
        true => lower,
        false => lower.split_whitespace().collect::<Vec<_>>().join(" "),
    }
}

/// A folded text without the blanks between letters of Korean, Chinese and Japanese, where people set them as they like.
pub fn joined(folded: &str) -> String {
    let mut made = String::with_capacity(folded.len());
    let mut letters = folded.chars().peekable();
    let mut last = None;
    while let Some(letter) = letters.next() {
        let is_between =
            letter == ' ' && last.is_some_and(is_east_asian) && letters.peek().copied().is_some_and(is_east_asian);
        if !is_between {
            made.push(letter);
            last = Some(letter);
        }
    }
    made
}

fn is_east_asian(letter: char) -> bool {
    matches!(letter, '\u{1100}'..='\u{11ff}' | '\u{2e80}'..='\u{2fdf}' | '\u{3040}'..='\u{31ff}' | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}' | '\u{a960}'..='\u{a97f}' | '\u{ac00}'..='\u{d7ff}' | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3ffff}')
}

/// A value that can be searched.
pub struct Searched {
    folded: String,
    /// Where it is another text.
    joined: Option<String>,
}

impl Searched {
    /// What people see of a value; of bytes that are Korean from before Unicode, their words.
    pub fn of(value: &FieldValue) -> Self {
        let folded = match value {
            FieldValue::Text(text) => folded(text),
            FieldValue::List(items) => folded(&items.join(BETWEEN_ITEMS)),
            FieldValue::Bytes(bytes) => folded(&as_cp949(bytes).unwrap_or_else(|| value.to_string())),
            value => folded(&value.to_string()),
        };
        let joined =
            Some(&folded).filter(|text| !text.is_ascii()).map(|text| joined(text)).filter(|text| *text != folded);
        Self { folded, joined }
    }

    /// The text that it is made of, folded.
    pub fn text(&self) -> &str {
        &self.folded
    }

    pub fn contains(&self, looked_for: &LookedFor) -> bool {
        match looked_for {
            LookedFor::Text(text) => self.joined.as_ref().unwrap_or(&self.folded).contains(text.as_str()),
            LookedFor::Words(words) => self.folded.match_indices(words.as_str()).any(|(at, found)| {
                let (before, after) = (&self.folded[..at], &self.folded[at + found.len()..]);
                let is_inside = |outer: Option<char>, inner: Option<char>| {
                    outer.is_some_and(char::is_alphanumeric) && inner.is_some_and(char::is_alphanumeric)
                };
                !is_inside(before.chars().next_back(), found.chars().next())
                    && !is_inside(after.chars().next(), found.chars().next_back())
            }),
        }
    }
}

/// What is looked for in texts, in the form in which it is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LookedFor {
    /// Anywhere, also within a word.
    Text(String),
    /// Whole words.
    Words(String),
}

impl LookedFor {
    pub fn text(text: &str) -> Self {
        Self::Text(joined(&folded(text.trim())))
    }

    pub fn words(text: &str) -> Self {
        Self::Words(folded(text.trim()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_found(looked_for: &LookedFor, value: &str) -> bool {
        Searched::of(&FieldValue::Text(value.to_owned())).contains(looked_for)
    }

    #[test]
    fn a_word_is_found_whatever_its_case_form_and_blanks() {
        let decomposed: String = "강제북송".nfd().collect();
        for (word, value) in [
            ("TUMEN", "tumen bridge"),
            ("강제북송", "강제 북송"),
            ("강제 북송", "강제북송 관련 진술"),
            ("강제북송", &decomposed),
            (&decomposed, "강제 북송"),
            ("k-21", "Ｋ－２１"),
            ("border  guards", "the border\nguards"),
            ("École", "e\u{301}cole"),
            ("図們", "図 們"),
        ] {
            assert!(is_found(&LookedFor::text(word), value), "{word} in {value}");
        }
        for (word, value) in [("tumen", "tu men"), ("borderguards", "border guards"), ("투먼", "투 a 먼")] {
            assert!(!is_found(&LookedFor::text(word), value), "{word} in {value}");
        }
    }

    #[test]
    fn what_is_in_quotes_is_found_as_whole_words() {
        for (words, value) in [("K-2", "seen by K-2, K-3"), ("북송", "강제 북송"), ("border guards", "Border  guards.")]
        {
            assert!(is_found(&LookedFor::words(words), value), "{words} in {value}");
        }
        for (words, value) in [("K-2", "K-21"), ("북송", "강제북송"), ("map", "roadmap"), ("강제북송", "강제 북송")]
        {
            assert!(!is_found(&LookedFor::words(words), value), "{words} in {value}");
        }
    }

    #[test]
    fn a_text_is_not_found_across_the_items_of_a_list() {
        let list = Searched::of(&FieldValue::List(vec!["강제".to_owned(), "북송".to_owned()]));
        assert!(list.contains(&LookedFor::text("북송")) && !list.contains(&LookedFor::text("강제북송")));
        assert!(!list.contains(&LookedFor::words("강제 북송")));
    }
}
