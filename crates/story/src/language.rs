//! In which languages the files for people are.

use std::fmt;
use std::str::FromStr;

/// In which languages the report and the custodian's statement are. Tables, PREMIS and CASE are for programs, and the
/// certification for courts of the United States is in English alone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ReportLanguage {
    /// In English, with Korean after each sentence.
    #[default]
    Both,
    /// In English alone.
    English,
    /// In Korean alone.
    Korean,
}

/// What is no name of a language of the report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownLanguage;

impl fmt::Display for UnknownLanguage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the report is in `en`, in `ko`, or in `both`")
    }
}

impl std::error::Error for UnknownLanguage {}

impl FromStr for ReportLanguage {
    type Err = UnknownLanguage;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "en" => Ok(Self::English),
            "ko" => Ok(Self::Korean),
            "both" => Ok(Self::Both),
            _ => Err(UnknownLanguage),
        }
    }
}

impl fmt::Display for ReportLanguage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::English => "en",
            Self::Korean => "ko",
            Self::Both => "both",
        })
    }
}

impl ReportLanguage {
    /// The language of what is marked as no other.
    pub(crate) const fn main(self) -> &'static str {
        match self {
            Self::Korean => "ko",
            Self::Both | Self::English => "en",
        }
    }

    /// A text in the languages that are asked for, with this between them. What has no Korean is in English.
    pub(crate) fn join(self, (english, korean): (&str, &str), between: &str) -> String {
        match self {
            Self::Both if !korean.is_empty() => format!("{english}{between}{korean}"),
            Self::Korean if !korean.is_empty() => korean.to_owned(),
            _ => english.to_owned(),
        }
    }

    /// The same text once in each language that is asked for, with the tag of the language (BCP 47).
    pub(crate) fn each<'t>(self, (english, korean): (&'t str, &'t str)) -> Vec<(&'static str, &'t str)> {
        match self {
            Self::Both => vec![("en", english), ("ko", korean)],
            Self::English => vec![("en", english)],
            Self::Korean => vec![("ko", korean)],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_whole_in_each_language() {
        let text = ("Exhibits", "증거물");
        for (name, joined) in [("en", "Exhibits"), ("ko", "증거물"), ("both", "Exhibits / 증거물")] {
            let language: ReportLanguage = name.parse().unwrap();
            assert_eq!((language.join(text, " / ").as_str(), language.to_string().as_str()), (joined, name));
        }
        assert_eq!(ReportLanguage::Korean.join(("exhibit.sealed", ""), " "), "exhibit.sealed");
        assert!("de".parse::<ReportLanguage>().is_err());
    }
}
