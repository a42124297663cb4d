//! What a later version attaches to an entry of any kind: that its fields are sealed. Whole logs with it are among the attacks.

use vouchsafe::digest::Digest;
use vouchsafe::format::{Entry, FormatError, Receipts, Sealed, SignedEntry, fields};
use vouchsafe::model::Event;
use vouchsafe::verify::bundle::BundleVerdict;
use vouchsafe::verify::receipts::{self, Shown};

use crate::bundles::{self, Bundle};
use crate::example::{self, OBJECT, administrator, log_signer};
use crate::samples::{Log, origin, sign_message};

const LINE: &str = r#"{"sealed":"c2VhbGVk"}"#;

fn sealed() -> Sealed {
    Sealed { epoch: 1, fields: Digest::of(LINE.as_bytes()), key: Digest::of(b"a key") }
}

/// Seals an entry.
fn seal(entry: &mut Entry) {
    entry.attached.sealed = Some(sealed());
    if let Event::ExhibitIngested(body) = &mut entry.event {
        body.media_type = None;
    }
}

/// The entry of the example at this index, with another text in place of one in its message.
fn entry_with(index: usize, from: &str, to: &str) -> Result<SignedEntry, FormatError> {
    let message = String::from_utf8(example::log().0.entries[index].message()).unwrap();
    assert!(message.contains(from), "{from} is not in {message}");
    SignedEntry::parse(sign_message(&message.replacen(from, to, 1), [3]).as_bytes())
}

/// A remark with further members of its body in front of the fields, and behind them.
fn note_with(before: &str, behind: &str) -> Result<SignedEntry, FormatError> {
    let message = String::from_utf8(example::log().0.entries[4].message()).unwrap();
    let message = message.replacen(r#""body":{"#, &format!(r#""body":{{{before}"#), 1);
    let message = message.replacen(r#"},"event""#, &format!(r#"{behind}}},"event""#), 1);
    SignedEntry::parse(sign_message(&message, [3]).as_bytes())
}

#[test]
fn a_sealed_entry_has_one_form() {
    let digest = "0".repeat(64);
    let of = |epoch: &str| format!(r#","sealed":{{"epoch":{epoch},"fields":"{digest}","key":"{digest}"}}"#);
    for epoch in ["1", "9007199254740991"] {
        let note = note_with("", &of(epoch)).unwrap();
        assert_eq!(note.entry.attached.sealed.unwrap().epoch.to_string(), epoch);
        assert!(matches!(&note.entry.event, Event::ExhibitNoted(body) if body.fields.len() == 1));
    }
    let good = of("1");
    let bad = [
        of("0"),
        of("9007199254740992"),
        of("01"),
        of("1.0"),
        of("-1"),
        of("\"1\""),
        good.replace("\"epoch\":1,", ""),
        good.replace("\"epoch\":1,", "\"depth\":1,\"epoch\":1,"),
        good.replace("\"key\"", "\"keys\""),
        good.replacen(&digest, &digest[1..], 1),
        good.replacen(&digest, &"A".repeat(64), 1),
        good.replace("\"epoch\":1,", "").replace("\"}", "\",\"epoch\":1}"),
        good.replace("{\"epoch\"", "{ \"epoch\""),
        format!("{good}{good}"),
        ",\"sealed\":null".to_owned(),
        ",\"sealed\":{}".to_owned(),
        ",\"sealed\":true".to_owned(),
    ];
    for bad in bad {
        assert!(note_with("", &bad).is_err(), "{bad}");
    }
    // In another place in the order of names.
    assert!(note_with(&format!("{},", &good[1..]), "").is_err());
    // An event of another kind has its own members beside it, and one that is not known has it in the same form.
    let ingest = |media_type: &str, sealed: &str| {
        let from = format!(r#""media_type":"text/plain","object":"{}","size_bytes""#, Digest::of(OBJECT.as_bytes()));
        let to = format!(r#"{media_type}"object":"{}"{sealed},"size_bytes""#, Digest::of(OBJECT.as_bytes()));
        entry_with(2, &from, &to)
    };
    let media_type = r#""media_type":"text/plain","#;
    let sealed_ingest = ingest("", &good).unwrap();
    assert!(matches!(&sealed_ingest.entry.event, Event::ExhibitIngested(body) if body.media_type.is_none()));
    assert!(ingest(media_type, "").is_ok());
    assert!(ingest(media_type, &good).is_err());
    assert!(ingest("", "").is_err());
    assert!(ingest("\"media_type\":null,", &good).is_err());
}

#[test]
fn an_event_that_is_not_known_is_sealed_in_the_same_form() {
    let digest = "0".repeat(64);
    let weighed = |sealed: &str| {
        let from = "},\"event\":\"exhibit.noted\"";
        entry_with(4, from, &format!(",\"sealed\":{sealed}}},\"event\":\"exhibit.weighed\""))
    };
    let good = format!(r#"{{"epoch":1,"fields":"{digest}","key":"{digest}"}}"#);
    let read = weighed(&good).unwrap();
    assert_eq!(read.entry.attached.sealed.unwrap().epoch, 1);
    assert!(read.entry.event.not_understood().is_some());
    for bad in [good.replace(":1", ":0"), good.replacen(&digest, &"A".repeat(64), 1), "null".to_owned(), "1".to_owned()]
    {
        assert!(weighed(&bad).is_err(), "{bad}");
    }
    // Of an entry of a newer format, nothing in the body is known.
    let newer = entry_with(4, "vouchsafe-entry/1", "vouchsafe-entry/2").unwrap();
    assert!(newer.entry.attached.is_empty());
}

#[test]
fn a_line_of_sealed_fields_has_one_form() {
    let (log, all_fields) = example::log_with(|entry| {
        if entry.index.0 == 4 {
            seal(entry);
        }
    });
    let (sealed, open) = (&log.entries[4].entry, &log.entries[3].entry);
    assert_eq!(fields::parse_line_of(sealed, LINE.as_bytes()).unwrap(), []);
    let others = [
        "[]",
        "",
        "{}",
        r#"{"sealed":"c2VhbGV"}"#,
        r#"{"sealed":"c2VhbGVl"}"#,
        r#"{"sealed": "c2VhbGVk"}"#,
        r#"{"sealed":"c2VhbGVk","z":1}"#,
        r#"{"sealed":null}"#,
        r#"{"sealed":["c2VhbGVk"]}"#,
    ];
    for other in others {
        assert!(fields::parse_line_of(sealed, other.as_bytes()).is_err(), "{other}");
    }
    let line = |index: usize| fields::to_line(&all_fields[index]).unwrap();
    assert!(fields::parse_line_of(sealed, &line(4)).is_err());
    assert!(fields::parse_line_of(open, LINE.as_bytes()).is_err());
    assert_eq!(fields::parse_line_of(open, &line(3)).unwrap(), all_fields[3]);
    // The limit is that of any line of fields.
    let long = |bytes: usize| format!(r#"{{"sealed":"{}"}}"#, "A".repeat(bytes - 13));
    let is_read = |line: &str| fields::read_line_of(sealed, line.as_bytes()).is_ok();
    assert!(is_read(&long(fields::MAX_FIELDS_BYTES - 3)) && !is_read(&long(fields::MAX_FIELDS_BYTES + 1)));
}

/// A bundle of the example, in which this entry is changed.
fn bundle_with(index: u64, change: impl Fn(&mut Entry), beside: impl Fn(&mut Bundle)) -> Bundle {
    let (log, all_fields) = example::log_with(|entry| {
        if entry.index.0 == index {
            change(entry);
        }
    });
    let mut bundle = bundles::unsealed(&log, &all_fields);
    beside(&mut bundle);
    bundles::seal(&mut bundle, &administrator());
    bundle
}

#[test]
fn what_is_sealed_in_a_bundle_is_not_understood() {
    let with_other_object = |bundle: &mut Bundle| {
        let object = bundle.files.keys().find(|name| name.starts_with("data/")).unwrap().clone();
        bundle.files.insert(object, vec![b'x'; OBJECT.len()]);
    };
    for index in [2, 3, 4, 0, 1, 20] {
        let report = bundles::report(&bundle_with(index, seal, |_| {}));
        assert_eq!(bundles::codes(&report), ["B412"].into(), "{index}: {report:#?}");
        assert_eq!(report.verdict, BundleVerdict::NotUnderstood);
        // About the archive or an agent, everything is.
        assert_eq!(report.findings[0].exhibit.is_some(), (2..5).contains(&index));
    }
    // The object of a sealed ingest is compared with the manifest alone.
    let report = bundles::report(&bundle_with(2, seal, with_other_object));
    assert_eq!(bundles::codes(&report), ["B412"].into(), "{report:#?}");
    assert_eq!(report.exhibits[0].media_type, None);
    let report = bundles::report(&bundle_with(3, seal, with_other_object));
    assert_eq!(bundles::codes(&report), ["B412", "B502"].into(), "{report:#?}");
    // What is disclosed is what the entry commits to.
    let report = bundles::report(&bundle_with(3, seal, |bundle| {
        let path = bundle.files.keys().find(|name| name.ends_with("/0001.fields.json")).unwrap().clone();
        bundle.files.insert(path, LINE.as_bytes().to_vec());
    }));
    assert_eq!(bundles::codes(&report), ["B302", "B412", "B601"].into(), "{report:#?}");
}

fn receipts_of(log: &Log, indices: &[u64]) -> Result<Shown, receipts::ReceiptsError> {
    let head = log.checkpoint(origin(), &log_signer());
    let text = Receipts(indices.iter().map(|&index| log.receipt(index, head.clone())).collect()).to_string();
    receipts::check(&Receipts::parse(text.as_bytes()).unwrap().0)
}

#[test]
fn the_receipts_of_what_is_sealed_show_that_it_is_in_the_log() {
    for (index, indices) in [(4, [0, 1, 4]), (1, [0, 1, 4]), (0, [0, 1, 4])] {
        let (log, _) = example::log_with(|entry| {
            if entry.index.0 == index {
                seal(entry);
            }
        });
        let shown = receipts_of(&log, &indices).unwrap();
        assert_eq!(
            shown.not_understood,
            [format!("entry {index}: it is sealed, and this program does not open what is sealed")]
        );
    }
}
