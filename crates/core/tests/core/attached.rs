//! What a later version attaches to an entry of any kind: that others approved it, and that its fields are sealed. Whole logs
//! with it are among the attacks.

use vouchsafe_core::digest::Digest;
use vouchsafe_core::format::{Approval, Entry, FormatError, Letter, Receipts, Sealed, SignedEntry, fields};
use vouchsafe_core::model::{AgentRevoked, Disclosure, EntryIndex, Event, FieldValue};
use vouchsafe_core::sign::{APPROVAL_NAMESPACE, SigningKey};
use vouchsafe_core::verify::bundle::BundleVerdict;
use vouchsafe_core::verify::letter;
use vouchsafe_core::verify::receipts::{self, Shown};

use crate::attacks::finds;
use crate::attacks::story::{ADMINISTRATOR, ARCHIVIST, Story, exhibit, noted};
use crate::bundles::{self, Bundle};
use crate::example::{self, OBJECT, administrator, archivist, log_signer, salt};
use crate::samples::{Log, english, key, origin, sign_message};
use crate::who_may_sign::begun;

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
    // What is sealed is longer than what it was.
    let long = |bytes: usize| format!(r#"{{"sealed":"{}"}}"#, "A".repeat(bytes - 13));
    let is_read = |line: &str| fields::read_line_of(sealed, line.as_bytes()).is_ok();
    assert!(is_read(&long(fields::MAX_SEALED_LINE_BYTES - 3)) && !is_read(&long(fields::MAX_SEALED_LINE_BYTES + 1)));
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
            english(&shown.not_understood),
            [format!("entry {index}: it is sealed, and this program does not open what is sealed")]
        );
    }
}

const REQUEST: &str = "The exhibit, for the trial in the Court 3, to be shown there and not handed on.";

/// An approval of an event in the archive of the example.
pub fn approval_of(event: &str, by: &SigningKey) -> Approval {
    let unsigned = Approval {
        key: by.public().id(),
        nonce: salt("a nonce"),
        not_after: "2026-11-30T00:00:00.000Z".parse().unwrap(),
        request: Digest::of(REQUEST.as_bytes()),
        signature: by.sign_sshsig(APPROVAL_NAMESPACE, b""),
    };
    let message = unsigned.message(example::log().0.fingerprint(), event);
    Approval { signature: by.sign_sshsig(APPROVAL_NAMESPACE, &message), ..unsigned }
}

#[test]
fn approvals_have_one_form() {
    let mut all: Vec<_> = (20..37).map(|number| approval_of("exhibit.noted", &key(number))).collect();
    all.sort_by_key(|approval| approval.key.to_string());
    let one = |approval: &Approval| {
        let Approval { key, nonce, not_after, request, signature } = approval;
        format!(
            r#"{{"key":"{key}","nonce":"{nonce}","not_after":"{not_after}","request":"{request}","signature":"{signature}"}}"#
        )
    };
    let of = |approvals: &[Approval]| {
        let approvals: Vec<_> = approvals.iter().map(one).collect();
        format!(r#""approvals":[{}],"#, approvals.join(","))
    };
    for count in [1, 2, 16] {
        let note = note_with(&of(&all[..count]), "").unwrap();
        assert_eq!(note.entry.attached.approvals, all[..count]);
        assert_eq!(note.keys().count(), 1 + count);
    }
    let good = of(&all[..1]);
    let digest = "0".repeat(64);
    let sealed = format!(r#","sealed":{{"epoch":1,"fields":"{digest}","key":"{digest}"}}"#);
    let both = note_with(&good, &sealed).unwrap().entry.attached;
    assert!(both.approvals.len() == 1 && both.sealed.is_some());
    let text = one(&all[0]);
    let bad = [
        of(&[]),
        of(&all),
        of(&[all[1].clone(), all[0].clone()]),
        of(&[all[0].clone(), all[0].clone()]),
        good.replace("\"nonce\":\"", "\"nonce\":\"00"),
        good.replace(&all[0].nonce.to_string(), &"A".repeat(32)),
        good.replace(".000Z", "Z"),
        good.replace("\"request\":\"", "\"request\":\"0"),
        good.replace("\"key\":\"SHA256:", "\"key\":\""),
        good.replace("\"request\"", "\"reason\":\"\",\"request\""),
        good.replace("\"signature\":\"", "\"signature\":\"AAAA"),
        good.replace("{\"key\"", "{ \"key\""),
        "\"approvals\":null,".to_owned(),
        format!("\"approvals\":{text},"),
        "\"approvals\":{},".to_owned(),
        format!("{good}{good}"),
    ];
    for bad in bad {
        assert!(note_with(&bad, "").is_err(), "{bad}");
    }
    // In another place in the order of names.
    assert!(note_with("", &format!(",{}", good.trim_end_matches(','))).is_err());
    // The same in an event that is not known; not in the first entry.
    let weighed = |approvals: &str| {
        let message = String::from_utf8(example::log().0.entries[4].message()).unwrap();
        let message = message.replacen(r#""body":{"#, &format!(r#""body":{{{approvals}"#), 1);
        SignedEntry::parse(sign_message(&message.replace("exhibit.noted", "exhibit.weighed"), [3]).as_bytes())
    };
    assert_eq!(weighed(&good).unwrap().entry.attached.approvals.len(), 1);
    assert!(weighed(&of(&[])).is_err() && weighed(&of(&all)).is_err());
    assert!(weighed(&good.replace(".000Z", "Z")).is_err());
    let signed = entry_with(0, r#"},"fields""#, &format!(r#"}}{sealed},"fields""#));
    assert!(signed.is_err(), "in another place in the order of names");
    assert!(entry_with(0, r#"},"fields""#, &format!(r#"}},{good}"fields""#)).is_err());
}

/// The example, in which these entries have an approval by this key.
fn approved(approvals: &[(u64, Approval)]) -> (Log, Vec<Vec<Disclosure>>) {
    example::log_with(|entry| {
        let of_entry = approvals.iter().filter(|(index, _)| *index == entry.index.0);
        entry.attached.approvals.extend(of_entry.map(|(_, approval)| approval.clone()));
    })
}

#[test]
fn approvals_in_a_bundle_are_judged() {
    let check = |approvals: &[(u64, Approval)], expected: &[&str]| {
        let (log, all_fields) = approved(approvals);
        let mut bundle = bundles::unsealed(&log, &all_fields);
        bundles::seal(&mut bundle, &administrator());
        let report = bundles::report(&bundle);
        assert_eq!(bundles::codes(&report), expected.iter().copied().collect(), "{approvals:?}: {report:#?}");
        report
    };
    let good = approval_of("exhibit.noted", &administrator());
    check(&[(4, good.clone())], &[]);
    let of_revocation = Approval { nonce: salt("another nonce"), ..approval_of("agent.revoked", &archivist()) };
    let message = of_revocation.message(example::log().0.fingerprint(), "agent.revoked");
    let signature = archivist().sign_sshsig(APPROVAL_NAMESPACE, &message);
    let of_revocation = Approval { signature, ..of_revocation };
    check(&[(4, good.clone()), (20, of_revocation)], &[]);
    check(&[(4, approval_of("exhibit.noted", &archivist()))], &["B413"]);
    check(&[(4, approval_of("exhibit.noted", &key(9)))], &["B413"]);
    check(&[(4, approval_of("copy.issued", &administrator()))], &["B413"]);
    let late = Approval { not_after: "2026-11-23T09:04:00.119Z".parse().unwrap(), ..good.clone() };
    check(&[(4, late)], &["B413"]);
    // Of two entries with one nonce, the later one is told.
    let report = check(&[(3, approval_of("exhibit.described", &administrator())), (4, good.clone())], &["B413"]);
    assert_eq!(report.findings[0].index.map(|index| index.0), Some(4));
    let by_archivist = approval_of("agent.revoked", &archivist());
    let report = check(&[(4, good), (20, by_archivist)], &["B413"]);
    assert_eq!(report.findings[0].exhibit, None);
}

/// A key that is revoked from an earlier entry on is in question there, whether it signs or approves.
#[test]
fn an_approval_by_a_key_that_is_no_longer_trusted_there_is_in_question() {
    let log_of = |from: u64| {
        let mut story = begun();
        let message = |approval: &Approval| approval.message(story.fingerprint().unwrap(), "exhibit.noted");
        let mut approval = approval_of("exhibit.noted", &key(ARCHIVIST));
        approval.signature = key(ARCHIVIST).sign_sshsig(APPROVAL_NAMESPACE, &message(&approval));
        let at = story.lines.len() as u64;
        story.act_changed(ADMINISTRATOR, noted(), Some("first"), &[], |entry| {
            entry.attached.approvals = vec![approval];
        });
        let revoked =
            AgentRevoked { fields: Vec::new(), from_index: EntryIndex(at + from), key: key(ARCHIVIST).public().id() };
        story.act(ADMINISTRATOR, revoked.into(), None, &[]);
        story
    };
    let found = |story: &Story| {
        let mut committed = story.clone();
        committed.commit();
        let in_archive = finds(&committed.archive().files(), true);
        let fields = vec![Vec::new(); story.lines.len()];
        let (log, administrator) = (key(story.log_signer), key(ADMINISTRATOR));
        let (head, exhibits) = (story.head(), [exhibit("first")]);
        let keys = (&log, &administrator);
        let mut bundle = bundles::selected_under(&head, keys, &story.log(), &fields, &exhibits, "none");
        bundles::seal(&mut bundle, &administrator);
        (in_archive, bundles::codes(&bundles::report(&bundle)))
    };
    assert_eq!(found(&log_of(0)), (["V305"].into(), ["B407"].into()));
    assert_eq!(found(&log_of(1)), ([].into(), [].into()));
    // Whoever approves of the end of their own key is trusted up to there.
    let mut story = begun();
    let mut approval = approval_of("agent.revoked", &key(ARCHIVIST));
    let message = approval.message(story.fingerprint().unwrap(), "agent.revoked");
    approval.signature = key(ARCHIVIST).sign_sshsig(APPROVAL_NAMESPACE, &message);
    let from_index = EntryIndex(story.lines.len() as u64);
    let revoked = AgentRevoked { fields: Vec::new(), from_index, key: key(ARCHIVIST).public().id() };
    story.act_changed(ADMINISTRATOR, revoked.into(), None, &[], |entry| entry.attached.approvals = vec![approval]);
    assert_eq!(found(&story), ([].into(), [].into()));
}

#[test]
fn the_request_in_a_bundle_is_the_one_that_was_approved() {
    for (value, disclosed, expected) in [
        (FieldValue::Text(REQUEST.to_owned()), "request", None),
        (FieldValue::Text("Another one.".to_owned()), "request", Some("B413")),
        (FieldValue::Bytes(REQUEST.as_bytes().to_vec()), "request", Some("B413")),
        (FieldValue::Text("Another one.".to_owned()), "languages", None),
    ] {
        let field = Disclosure(salt("request"), "request".parse().unwrap(), value);
        let (log, mut all_fields) = example::log_with(|entry| {
            if entry.index.0 == 4 {
                entry.event.set_fields(vec![field.digest()]);
                entry.attached.approvals = vec![approval_of("exhibit.noted", &administrator())];
            }
        });
        all_fields[4] = vec![field];
        let exhibit = log.entries[4].entry.exhibit.unwrap();
        let mut bundle = bundles::selected(&log, &all_fields, &[exhibit], disclosed);
        bundles::seal(&mut bundle, &administrator());
        let report = bundles::report(&bundle);
        assert_eq!(bundles::codes(&report), expected.into_iter().collect(), "{report:#?}");
    }
}

#[test]
fn approvals_in_receipts_are_judged() {
    let good = approval_of("exhibit.noted", &administrator());
    let check = |approvals: &[(u64, Approval)], indices: &[u64]| receipts_of(&approved(approvals).0, indices);
    assert!(check(&[(4, good.clone())], &[0, 1, 4]).unwrap().not_understood.is_empty());
    let bad = [
        approval_of("exhibit.noted", &archivist()),
        approval_of("exhibit.noted", &key(9)),
        approval_of("copy.issued", &administrator()),
        Approval { not_after: "2026-11-23T09:04:00.119Z".parse().unwrap(), ..good.clone() },
    ];
    for bad in bad {
        assert!(check(&[(4, bad.clone())], &[0, 1, 4]).is_err(), "{bad:?}");
    }
    // The entry about the archivist's key uses the nonce again.
    let again = [(4, good), (20, approval_of("agent.revoked", &archivist()))];
    assert!(check(&again[1..], &[0, 1, 20]).is_ok());
    let error = check(&again, &[0, 1, 20, 4]).unwrap_err().to_string();
    assert!(error.contains("entry 20") && error.contains("was used by entry 4"), "{error}");
}

#[test]
fn a_letter_holds_the_request_that_was_approved() {
    const OFFER: u64 = 11;
    for (text, is_right) in [(REQUEST, true), ("Another one.", false)] {
        let field = Disclosure(salt("request"), "request".parse().unwrap(), FieldValue::Text(text.to_owned()));
        let (log, _) = example::log_with(|entry| {
            if entry.index.0 == OFFER {
                entry.event.set_fields(vec![field.digest()]);
                entry.attached.approvals = vec![approval_of("transfer.offered", &administrator())];
            }
        });
        let head = log.checkpoint(origin(), &log_signer());
        let receipts = [0, 1, OFFER].map(|index| log.receipt(index, head.clone())).to_vec();
        let letter = Letter { archive: log.fingerprint(), fields: vec![field], receipts };
        assert_eq!(letter::check(&letter.to_bytes().unwrap()).is_ok(), is_right);
    }
}
