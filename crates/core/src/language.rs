//! What is said to people, in English and in Korean. Each text is declared once, with both beside each other: [`text!`](crate::text!).

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

/// A language in which findings are shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// Korean.
    Korean,
}

/// What is no tag of a language in which findings are shown.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the language is `en` or `ko`")]
pub struct NoLanguage;

impl FromStr for Language {
    type Err = NoLanguage;

    fn from_str(tag: &str) -> Result<Self, Self::Err> {
        match tag {
            "en" => Ok(Self::English),
            "ko" => Ok(Self::Korean),
            _ => Err(NoLanguage),
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.of(("en", "ko")))
    }
}

impl Language {
    /// Of the same in English and in Korean, the one in this language.
    #[must_use]
    pub fn of<T>(self, (english, korean): (T, T)) -> T {
        match self {
            Self::English => english,
            Self::Korean => korean,
        }
    }
}

/// A text in English and in Korean. JSON has its English, which programs may rely on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Text {
    english: Cow<'static, str>,
    korean: Cow<'static, str>,
}

impl Text {
    /// A text, by its English and its Korean.
    #[must_use]
    pub const fn new(english: String, korean: String) -> Self {
        Self { english: Cow::Owned(english), korean: Cow::Owned(korean) }
    }

    /// What is the same in both: a name, a path, a number.
    #[must_use]
    pub fn same(text: impl fmt::Display) -> Self {
        let text = text.to_string();
        Self::new(text.clone(), text)
    }

    /// Several texts with this between them.
    #[must_use]
    pub fn joined(texts: &[Self], between: &str) -> Self {
        let in_one = |of: fn(&Self) -> &str| texts.iter().map(of).collect::<Vec<_>>().join(between);
        Self::new(in_one(Self::english), in_one(Self::korean))
    }

    /// Its beginning, of at most so many characters.
    #[must_use]
    pub fn beginning(&self, max_chars: usize) -> Self {
        let of = |text: &str| text.chars().take(max_chars).collect();
        Self::new(of(&self.english), of(&self.korean))
    }

    /// Its English.
    #[must_use]
    pub fn english(&self) -> &str {
        &self.english
    }

    /// Its Korean.
    #[must_use]
    pub fn korean(&self) -> &str {
        &self.korean
    }

    /// It, in this language.
    #[must_use]
    pub fn in_language(&self, language: Language) -> &str {
        language.of((&self.english, &self.korean))
    }
}

impl From<(&'static str, &'static str)> for Text {
    fn from((english, korean): (&'static str, &'static str)) -> Self {
        Self { english: english.into(), korean: korean.into() }
    }
}

/// In English.
impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.english)
    }
}

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.english)
    }
}

/// Makes a [`Text`](crate::language::Text) from its English and its Korean, as `format!` makes a string.
///
/// After a semicolon stand the values that have no name yet. Names in brackets are texts themselves, and stand in each
/// language as they are in that language.
///
/// ```
/// use vouchsafe_core::language::{Text, text};
///
/// let reason = text!("it is not there", "없습니다");
/// let said = text!([reason] "entry {index}: {reason}", "기록 항목 {index}: {reason}"; index = 2 + 3);
/// assert_eq!(said, Text::new("entry 5: it is not there".into(), "기록 항목 5: 없습니다".into()));
/// ```
#[macro_export]
macro_rules! text {
    ($([$($text:ident $(= $said:expr)?),+])? $english:literal, $korean:literal $(; $($name:ident = $value:expr),+)?) => {{
        $($(let $name = &$value;)+)?
        $($($(let $text = &$said;)?)+)?
        let english = {
            $($(let $text = $text.english();)+)?
            ::std::fmt::format(::std::format_args!($english))
        };
        let korean = {
            $($(let $text = $text.korean();)+)?
            ::std::fmt::format(::std::format_args!($korean))
        };
        $crate::language::Text::new(english, korean)
    }};
}
pub use text;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_says_the_same_in_each_language() {
        let one = text!("1 entry", "기록 항목 1건");
        let of = text!([one] "{name}: {one}", "{name}: {one}"; name = "log");
        assert_eq!((of.english(), of.korean()), ("log: 1 entry", "log: 기록 항목 1건"));
        assert_eq!((of.in_language(Language::English), of.in_language(Language::Korean)), (of.english(), of.korean()));
        let both = Text::joined(&[of, Text::same("x")], "; ");
        assert_eq!((both.to_string(), both.korean()), ("log: 1 entry; x".to_owned(), "log: 기록 항목 1건; x"));
        assert_eq!(both.beginning(8).korean(), "log: 기록 ");
        assert_eq!(serde_json::to_value(both).unwrap(), "log: 1 entry; x");
    }

    #[test]
    fn a_language_has_its_tag() {
        for language in [Language::English, Language::Korean] {
            assert_eq!(language.to_string().parse(), Ok(language));
        }
        assert_eq!("de".parse::<Language>(), Err(NoLanguage));
    }
}
