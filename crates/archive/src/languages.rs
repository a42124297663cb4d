//! Languages: tags of BCP 47 (RFC 5646), what is registered of them, and what people call languages.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization as _;

/// Subtags from the IANA Language Subtag Registry; its date stands in the file. A registry that grows only makes a tag
/// registered that was withheld by default before.
const REGISTERED: &str = include_str!("languages/registered.txt");

/// What languages are called, with the tag of each, in lower case: the names that people write for the tag.
const NAMES: &[(&str, &[&str])] = &[
    ("ko", &["korean", "한국어", "조선어", "조선말", "한국말", "kor"]),
    ("en", &["english", "영어", "eng"]),
    ("zh", &["chinese", "중국어", "中文", "汉语", "漢語", "zho", "chi"]),
    ("ja", &["japanese", "일본어", "日本語", "jpn"]),
    ("ru", &["russian", "러시아어", "노어", "русский", "rus"]),
    ("fr", &["french", "프랑스어", "불어", "français", "fra", "fre"]),
    ("de", &["german", "독일어", "독어", "deutsch", "deu", "ger"]),
    ("es", &["spanish", "스페인어", "español", "spa"]),
    ("pt", &["portuguese", "포르투갈어", "português", "por"]),
    ("it", &["italian", "이탈리아어", "italiano", "ita"]),
    ("ar", &["arabic", "아랍어", "العربية", "ara"]),
    ("vi", &["vietnamese", "베트남어", "tiếng việt", "vie"]),
    ("th", &["thai", "태국어", "타이어", "ไทย", "tha"]),
    ("lo", &["lao", "라오어", "라오스어"]),
    ("km", &["khmer", "크메르어", "캄보디아어", "khm"]),
    ("my", &["burmese", "미얀마어", "버마어", "mya", "bur"]),
    ("mn", &["mongolian", "몽골어", "монгол", "mon"]),
    ("id", &["indonesian", "인도네시아어", "ind"]),
    ("ms", &["malay", "말레이어", "msa", "may"]),
    ("kk", &["kazakh", "카자흐어", "qazaq", "kaz"]),
    ("uz", &["uzbek", "우즈베크어", "우즈벡어", "uzb"]),
    ("uk", &["ukrainian", "우크라이나어", "українська", "ukr"]),
    ("pl", &["polish", "폴란드어", "polski", "pol"]),
    ("nl", &["dutch", "네덜란드어", "nederlands", "nld", "dut"]),
    ("tr", &["turkish", "튀르키예어", "터키어", "türkçe", "tur"]),
    ("hi", &["hindi", "힌디어", "हिन्दी", "hin"]),
];

#[derive(Default)]
struct Registry {
    languages: Vec<&'static str>,
    scripts: Vec<&'static str>,
    regions: Vec<&'static str>,
}

static REGISTRY: LazyLock<Registry> = LazyLock::new(|| {
    let mut sections: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut section = "";
    for line in REGISTERED.lines().filter(|line| !line.starts_with('#')) {
        match line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            Some(name) => section = name,
            None => sections.entry(section).or_default().extend(line.split(' ')),
        }
    }
    let mut take = |name| {
        let mut subtags = sections.remove(name).unwrap_or_default();
        subtags.sort_unstable();
        subtags
    };
    Registry { languages: take("language"), scripts: take("script"), regions: take("region") }
});

/// Whether a tag says nothing but a language, and perhaps a script and a region, each of them registered. Then it holds no
/// words of somebody's own: no private use, no variant, no extension.
#[must_use]
pub fn is_registered(tag: &str) -> bool {
    let mut parts = tag.split('-').peekable();
    if !parts.next().is_some_and(is_registered_language) {
        return false;
    }
    parts.next_if(|part| is_registered_script(part));
    parts.next_if(|part| REGISTRY.regions.binary_search(&part.to_ascii_uppercase().as_str()).is_ok());
    parts.next().is_none()
}

fn is_registered_language(part: &str) -> bool {
    REGISTRY.languages.binary_search(&part.to_ascii_lowercase().as_str()).is_ok()
}

fn is_registered_script(part: &str) -> bool {
    let mut titled = part.to_ascii_lowercase();
    if let Some(first) = titled.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    REGISTRY.scripts.binary_search(&titled.as_str()).is_ok()
}

/// Whether a text has the form of a language tag (RFC 5646 §2.1), and begins with a language that is registered or for
/// private use (`x-…`, `qaa` to `qtz`). What follows that is not looked up.
#[must_use]
pub fn is_tag(text: &str) -> bool {
    let is_private = |part: &str| part.len() == 3 && ("qaa"..="qtz").contains(&part.to_ascii_lowercase().as_str());
    let is_more = |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    match text.split_once('-') {
        None => is_registered_language(text) || is_private(text),
        Some((first, rest)) => {
            let is_language = first.eq_ignore_ascii_case("x") || is_registered_language(first) || is_private(first);
            is_language && rest.split('-').all(is_more)
        }
    }
}

/// The tag that a text is or stands for: `ko` for `ko`, `Korean` and `한국어`. None if it is neither a tag nor a known name.
#[must_use]
pub fn tag_of(text: &str) -> Option<String> {
    let text = text.trim();
    let lower: String = text.nfc().flat_map(char::to_lowercase).collect();
    let named = NAMES.iter().find(|(_, names)| names.contains(&lower.as_str())).map(|(tag, _)| (*tag).to_owned());
    named.or_else(|| is_tag(text).then(|| text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_registry_is_read_whole() {
        let Registry { languages, scripts, regions } = &*REGISTRY;
        assert_eq!((languages.len(), scripts.len(), regions.len()), (8267, 224, 301));
        assert!(languages.iter().all(|subtag| matches!(subtag.len(), 2 | 3)));
    }

    #[test]
    fn only_registered_languages_scripts_and_regions_say_nothing_of_their_own() {
        for tag in ["ko", "KO", "en-GB", "zh-Hant", "zh-hant-tw", "ko-KP", "es-419", "yue", "zxx", "mul"] {
            assert!(is_registered(tag), "{tag}");
        }
        for tag in [
            "",
            "x",
            "ko-",
            "-ko",
            "x-kim",
            "ko-x-kim",
            "qaa",
            "ko-Qaaa",
            "ko-ZZ",
            "ko-XA",
            "de-DE-1996",
            "sl-rozaj",
            "en-u-co-phonebk",
            "zh-yue",
            "i-klingon",
            "korean",
            "told by K-21",
            "ko-KP-KP",
            "ko-KP-Kore",
            "ko_KP",
            "ko\u{200b}",
            "hoeryong",
        ] {
            assert!(!is_registered(tag), "{tag}");
        }
    }

    #[test]
    fn what_people_call_a_language_is_understood() {
        for name in ["ko", "Korean", "korean", "KOREAN", "한국어", " 조선말 ", "kor"] {
            assert_eq!(tag_of(name).as_deref(), Some("ko"), "{name}");
        }
        let decomposed: String = "한국어".nfd().collect();
        assert_eq!(tag_of(&decomposed).as_deref(), Some("ko"));
        for (name, tag) in [("중국어", "zh"), ("일본어", "ja"), ("러시아어", "ru"), ("영어", "en"), ("몽골어", "mn")]
        {
            assert_eq!(tag_of(name).as_deref(), Some(tag));
        }
        assert_eq!(tag_of("ko-KP").as_deref(), Some("ko-KP"));
        assert_eq!(tag_of("x-camp-slang").as_deref(), Some("x-camp-slang"));
        assert_eq!(tag_of("qaa-Kore").as_deref(), Some("qaa-Kore"));
        for text in ["", "Koreanish", "not a tag!", "k", "ko_KR", "-ko", "ko-", "x", "x-", "ko--KP", "abcdefghi"] {
            assert_eq!(tag_of(text), None, "{text}");
        }
    }

    /// A name that is itself the subtag of another language would be taken for it.
    #[test]
    fn no_name_is_a_tag_of_another_language() {
        for (tag, names) in NAMES {
            assert!(is_registered(tag), "{tag}");
            for name in *names {
                assert!(!is_registered_language(name), "{name}");
                assert_eq!(*name, name.to_lowercase());
            }
        }
    }
}
