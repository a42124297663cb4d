//! A name that the JSON library uses as a sign of its own: in what strangers send, it is a name like any other. Where the
//! format has no such member, it is refused.

use serde_json::Value;
use vouchsafe_core::digest::Digest;
use vouchsafe_core::format::bundle::{BundleDescription, Completeness};
use vouchsafe_core::format::{FormatError, Letter, SignedEntry, canonical, fields};

use crate::bundles;
use crate::example::{self, log_signer};
use crate::samples::{origin, sign_message};

/// What the library writes in front of raw JSON, and of a number of any length.
const NAMES: [&str; 2] = ["$serde_json::private::RawValue", "$serde_json::private::Number"];

/// The places of all values in it, as JSON pointers.
fn places(value: &Value, at: &str, all: &mut Vec<String>) {
    all.push(at.to_owned());
    match value {
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(number, item)| places(item, &format!("{at}/{number}"), all));
        }
        Value::Object(members) => {
            for (name, item) in members {
                places(item, &format!("{at}/{}", name.replace('~', "~0").replace('/', "~1")), all);
            }
        }
        _ => {}
    }
}

/// The text with such a name at each of its values: around it, as the library would unpack it; around what is no JSON; and
/// in each object as a further member.
fn marked(good: &[u8]) -> Vec<Vec<u8>> {
    let read: Value = serde_json::from_slice(good).unwrap();
    let mut all = Vec::new();
    places(&read, "", &mut all);
    let mut texts = Vec::new();
    let add = |at: &str, change: &dyn Fn(&mut Value)| {
        let mut changed = read.clone();
        change(changed.pointer_mut(at).unwrap());
        canonical::to_vec(&changed)
    };
    for at in &all {
        for name in NAMES {
            for text in [read.pointer(at).unwrap().to_string(), "no JSON".to_owned()] {
                texts.push(add(at, &|value: &mut Value| *value = serde_json::json!({ name: text })));
            }
            if read.pointer(at).unwrap().is_object() {
                for text in ["1", "{", "{}"] {
                    texts.push(add(at, &|value: &mut Value| value[name] = text.into()));
                }
            }
        }
    }
    texts
}

fn assert_refused<T>(what: &str, good: &[u8], parse: impl Fn(&[u8]) -> Result<T, FormatError>) {
    assert!(parse(good).is_ok(), "{what}: the good text is refused");
    let all = marked(good);
    assert!(all.len() > 4, "{what}");
    for text in all {
        assert!(parse(&text).is_err(), "{what}: {}", String::from_utf8_lossy(&text));
    }
}

#[test]
fn every_reader_refuses_them_where_the_format_has_no_such_member() {
    let (log, all_fields) = example::log();
    for (signed, own) in log.entries.iter().zip(&all_fields) {
        assert_refused(signed.entry.event.name(), signed.line(), SignedEntry::parse);
        let line = fields::to_line(own).unwrap();
        if line != b"[]" {
            assert_refused("fields", &line, fields::parse_line);
        }
    }
    let head = log.checkpoint(origin(), &log_signer());
    let receipts = [0, 1, 2].iter().map(|&index| log.receipt(index, head.clone())).collect();
    let letter = Letter { archive: log.fingerprint(), fields: all_fields[2].clone(), receipts }.to_bytes().unwrap();
    let line_of = |text: &[u8]| Letter::parse(&[text, b"\n"].concat());
    assert_refused("a letter", letter.strip_suffix(b"\n").unwrap(), line_of);
    let bundle = bundles::unsealed(&log, &all_fields);
    assert_refused("bundle.json", &bundle.files["bundle.json"], BundleDescription::parse);
    let page = include_str!("../../../../docs/bundle.md");
    let statement = page.split("```json\n").nth(1).unwrap().split('\n').next().unwrap();
    let line_of = |text: &[u8]| Completeness::parse(&[text, b"\n"].concat());
    assert_refused("completeness.json", statement.as_bytes(), line_of);
}

/// The message of a remark with another body and event.
fn remark_with(event: &str, body: &str) -> Result<SignedEntry, FormatError> {
    let message = String::from_utf8(example::log().0.entries[4].message()).unwrap();
    let (before, rest) = message.split_once(r#""body":{"#).unwrap();
    let (old, behind) = rest.split_once(r#"},"event":"exhibit.noted""#).unwrap();
    let message = format!(r#"{before}"body":{{{body}{old}}},"event":"{event}"{behind}"#);
    SignedEntry::parse(sign_message(&message, [3]).as_bytes())
}

#[test]
fn in_what_is_not_understood_they_are_names_like_any_other() {
    for name in NAMES {
        for text in ["[1]", "no JSON", "{", "\\\"x\\\"", ""] {
            let at_the_top = remark_with("exhibit.weighed", &format!(r#""{name}":"{text}","#)).unwrap();
            let below = remark_with("exhibit.weighed", &format!(r#""a":{{"{name}":"{text}"}},"#)).unwrap();
            for signed in [at_the_top, below] {
                let event = signed.entry.event.not_understood().unwrap();
                let body = Value::from(event.body());
                assert_eq!(canonical::to_vec(&body), serde_json::to_vec(event).unwrap());
                assert!(body.to_string().contains(name), "{body}");
            }
        }
        // What it would unpack to is not read out of it.
        let object = Digest::of(b"an object");
        let evidence = |one: &str| remark_with("exhibit.weighed", &format!(r#""evidence":[{one}],"#));
        let (size, packed) = (r#""size_bytes":9"#, format!(r#"{{"{name}":"\"{object}\""}}"#));
        evidence(&format!(r#"{{"object":"{object}",{size}}}"#)).unwrap();
        evidence(&format!(r#"{{"object":{packed},{size}}}"#)).unwrap_err();
        evidence(&format!(r#"{{"object":"{object}","size_bytes":{{"{name}":"9"}}}}"#)).unwrap_err();
        evidence(&format!(r#"{{"{name}":"{{}}","object":"{object}",{size}}}"#)).unwrap_err();
        // Nor are what is attached to an entry, and the line of what is sealed.
        remark_with("exhibit.noted", &format!(r#""approvals":{{"{name}":"[]"}},"#)).unwrap_err();
        remark_with("exhibit.weighed", &format!(r#""approvals":{{"{name}":"[]"}},"#)).unwrap_err();
        remark_with("exhibit.noted", &format!(r#""{name}":"1","#)).unwrap_err();
    }
}
