//! The rules that need the whole archive: what the verifier makes of the example archive, and of others
//! that differ from it in one thing, signed by those who may sign.

use std::io;
use std::sync::Arc;

use vouchsafe_core::digest::Digest;
use vouchsafe_core::format::volume::{Member, ReadAt, VolumeNumber};
use vouchsafe_core::format::{Entry, SignedEntry, fields};
use vouchsafe_core::language::Text;
use vouchsafe_core::model::{CustodyPassed, Direction, Disclosure, EntryIndex, Event};
use vouchsafe_core::verify::{
    Budget, Evidence, Observer, Report, ReportVerdict, Request, Selection, Trust, Unwatched, verify,
};

use crate::example::{self, DOSSIER, LETTER, OBJECT, administrator, log_key, log_signer};
use crate::samples::{Log, origin};

/// One volume, in memory.
struct Volume(Vec<u8>);

impl Evidence for Volume {
    fn volumes(&self) -> io::Result<(Vec<VolumeNumber>, Vec<String>)> {
        Ok((vec![VolumeNumber(0)], Vec::new()))
    }

    fn open(&self, _: VolumeNumber) -> io::Result<Arc<dyn ReadAt>> {
        Ok(Arc::new(self.0.clone()))
    }
}

struct Nobody;

impl Observer for Nobody {
    fn object(&mut self, _: Digest, _: VolumeNumber, _: &Member) {}
    fn entry(&mut self, _: &SignedEntry, _: VolumeNumber, _: u64, _: Digest) {}
}

/// Verifies a log with these texts in its members, all in one commit.
fn report(log: &Log, fields: &[u8], entries: &[u8]) -> Report {
    let checkpoint = log.checkpoint(origin(), &log_signer());
    let bytes =
        example::commit(&[OBJECT.as_bytes(), DOSSIER, LETTER], 0, fields, entries, log.size(), checkpoint.text());
    verify(&Volume(bytes), &request(), &mut Nobody, &Unwatched).unwrap()
}

/// To verify everything, by the keys of the example alone.
pub fn request() -> Request {
    Request {
        archive: example::log().0.fingerprint(),
        origin: origin(),
        log_key: log_key(),
        administrator: administrator().public().id(),
        trust: Trust::default(),
        told_of_trust: Text::same(""),
        known_heads: Vec::new(),
        selection: Selection::All,
        budget: Budget::default(),
        threads: 1,
    }
}

/// The codes of what was found, and the entry where it is one.
fn found(report: &Report) -> Vec<(&'static str, Option<u64>)> {
    report.findings.iter().map(|finding| (finding.code.code(), finding.index.map(|index| index.0))).collect()
}

fn entry_lines(log: &Log) -> Vec<u8> {
    log.entries.iter().flat_map(|entry| [entry.line(), b"\n"].concat()).collect()
}

fn field_lines(all: &[Vec<Disclosure>]) -> Vec<u8> {
    all.iter().flat_map(|fields| [fields::to_line(fields).unwrap(), b"\n".to_vec()].concat()).collect()
}

/// What is found in an archive of this log, which is that of the examples or nearly.
pub fn found_in(log: &Log, fields: &[Vec<Disclosure>]) -> Vec<(&'static str, Option<u64>)> {
    found(&report(log, &field_lines(fields), &entry_lines(log)))
}

/// What is found in the example archive with its entries changed.
fn found_after(change: impl Fn(&mut Entry)) -> Vec<(&'static str, Option<u64>)> {
    let (log, fields) = example::log_with(change);
    found_in(&log, &fields)
}

#[test]
fn the_example_archive_is_sound() {
    let (log, fields) = example::log();
    let report = report(&log, &field_lines(&fields), &entry_lines(&log));
    assert_eq!(found(&report), []);
    assert_eq!(report.verdict, ReportVerdict::Sound);
    let checked = &report.checked;
    assert_eq!((checked.entries, checked.signatures, checked.fields, checked.objects), (21, 21, 31, 3));
}

/// The entries at 2 to 5, at 10, 14 and 17, are those about the exhibit, with the numbers 0 to 6.
#[test]
fn an_entry_counts_those_about_its_exhibit() {
    for (index, sequence) in [(3, 2), (3, 1 << 40), (4, 1), (4, 3), (5, 2), (5, 5)] {
        let found = found_after(|entry| {
            if entry.index.0 == index {
                entry.exhibit_sequence = Some(sequence);
            }
        });
        assert_eq!(found, [("V206", Some(index))], "sequence {sequence}");
    }
}

/// Whoever leaves out an entry of one exhibit must count all later ones anew: they stay signed as they were.
#[test]
fn numbers_that_go_on_as_if_there_had_been_one_more_are_found() {
    let found = found_after(|entry| {
        if entry.index.0 >= 4 {
            entry.exhibit_sequence = entry.exhibit_sequence.map(|sequence| sequence + 1);
        }
    });
    assert_eq!(found, [4, 5, 10, 14, 17, 18].map(|index| ("V206", Some(index))));
}

#[test]
fn an_exhibit_is_counted_from_its_ingest_on() {
    // The note is about an exhibit that was never ingested; the copy then follows two entries, not three, and so on.
    let other = |entry: &mut Entry| match entry.index.0 {
        4 => entry.exhibit = Some(vouchsafe_core::model::ExhibitId::from_bytes([1; 10])),
        5 => entry.exhibit_sequence = Some(2),
        10 => entry.exhibit_sequence = Some(3),
        14 => entry.exhibit_sequence = Some(4),
        17 => entry.exhibit_sequence = Some(5),
        18 => entry.exhibit_sequence = Some(6),
        _ => {}
    };
    assert_eq!(found_after(other), [("V206", Some(4))]);
}

#[test]
fn disclosures_lie_in_the_order_of_their_digests() {
    let (log, fields) = example::log();
    for (index, disclosures) in fields.iter().enumerate().filter(|(_, disclosures)| disclosures.len() > 1) {
        for at in 1..disclosures.len() {
            let mut swapped = fields.clone();
            swapped[index].swap(at - 1, at);
            let report = report(&log, &field_lines(&swapped), &entry_lines(&log));
            assert_eq!(found(&report), [("V502", Some(index as u64))]);
        }
    }
}

#[test]
fn a_repeated_field_name_is_found() {
    let (log, fields) = example::log();
    let text = String::from_utf8(field_lines(&fields)).unwrap();
    assert!(text.contains("\"pages\""));
    let report = report(&log, text.replace("\"pages\"", "\"place\"").as_bytes(), &entry_lines(&log));
    assert_eq!(found(&report), [("V501", Some(2))]);
}

/// Each line ends with a newline, the last one too: else another text would have the same lines.
#[test]
fn a_last_line_without_its_newline_is_found() {
    let (log, fields) = example::log();
    let (fields, entries) = (field_lines(&fields), entry_lines(&log));
    let cut = |text: &[u8]| text[..text.len() - 1].to_vec();
    for (fields, entries) in [(cut(&fields), entries.clone()), (fields.clone(), cut(&entries))] {
        assert_eq!(found(&report(&log, &fields, &entries)), [("V207", None)]);
    }
    // One newline more is one line more.
    for (fields, entries) in
        [([&fields[..], b"\n"].concat(), entries.clone()), (fields.clone(), [&entries[..], b"\n"].concat())]
    {
        assert!(found(&report(&log, &fields, &entries)).contains(&("V207", None)));
    }
}

#[test]
fn a_bundle_is_received_once_and_before_its_exhibits() {
    let early = |entry: &mut Entry| {
        if let Event::ExhibitReceived(body) = &mut entry.event {
            body.bundle = Digest::of(b"a bundle that never came");
        }
    };
    // Custody cannot pass with that in which the exhibit did not come.
    assert_eq!(found_after(early), [("V206", Some(14)), ("V206", Some(18))]);
}

/// Changes the body of the entry at this index.
fn with_body(index: u64, change: impl Fn(&mut Event)) -> Vec<(&'static str, Option<u64>)> {
    found_after(|entry| {
        if entry.index.0 == index {
            change(&mut entry.event);
        }
    })
}

#[test]
fn a_copy_is_lost_once_and_after_it_was_made() {
    let other = |event: &mut Event| {
        if let Event::ReplicaLost(body) = event {
            body.replica = "C-0000-0000-0000-0000".parse().unwrap();
        }
    };
    assert_eq!(with_body(19, other), [("V206", Some(19))]);
}

#[test]
fn an_offer_is_of_a_bundle_that_was_exported() {
    let other = |event: &mut Event| {
        if let Event::TransferOffered(body) = event {
            body.bundle = Digest::of(b"a bundle that was never exported");
        }
    };
    // An offer that cannot stand cannot be settled either.
    assert_eq!(with_body(11, other), [("V206", Some(11)), ("V206", Some(12))]);
}

#[test]
fn an_answer_names_an_offer_of_this_log() {
    for index in [0, 10, 12, 13, 400] {
        let other = |event: &mut Event| {
            if let Event::TransferSettled(body) = event {
                body.offer = EntryIndex(index);
            }
        };
        assert_eq!(with_body(12, other), [("V206", Some(12))], "{index}");
    }
}

#[test]
fn what_is_accepted_was_received() {
    let other = |event: &mut Event| {
        if let Event::TransferAccepted(body) = event {
            body.bundle = Digest::of(b"a bundle that never came");
        }
    };
    // Custody cannot pass with what was not accepted either.
    assert_eq!(with_body(15, other), [("V206", Some(15)), ("V206", Some(18))]);
}

#[test]
fn custody_passes_with_what_was_accepted_from_or_by_that_log() {
    let passed = |change: &dyn Fn(&mut CustodyPassed)| {
        with_body(18, |event| {
            if let Event::CustodyPassed(body) = event {
                change(body);
            }
        })
    };
    assert_eq!(passed(&|_| {}), []);
    let wrong = [("V206", Some(18))];
    assert_eq!(passed(&|body| body.bundle = Digest::of(b"a bundle that never came")), wrong);
    assert_eq!(passed(&|body| body.letter = Digest::of(b"a letter that never came")), wrong);
    // And the other way: with the bundle that it left in, by the letter that accepted.
    let out = |anchored: bool| {
        let (log, _) = example::log();
        let offered = log.entries.iter().find_map(|signed| match &signed.entry.event {
            Event::TransferOffered(body) => Some(body.bundle),
            _ => None,
        });
        found_after(|entry| match &mut entry.event {
            Event::TransferSettled(body) => body.anchored = anchored,
            Event::CustodyPassed(body) => (body.direction, body.bundle) = (Direction::Out, offered.unwrap()),
            _ => {}
        })
    };
    assert_eq!(out(true), []);
    // An answer that anybody could have made passes nothing.
    assert_eq!(out(false), wrong);
    // What came from there went to nobody.
    assert_eq!(passed(&|body| body.direction = Direction::Out), wrong);
}

#[test]
fn an_offer_is_answered_once() {
    let same = |event: &mut Event| {
        if let Event::TransferRefused(body) = event {
            body.offer = Digest::of(b"the leaf of the offer");
        }
    };
    assert_eq!(with_body(16, same), [("V206", Some(16))]);
}

#[test]
fn a_letter_is_an_object_that_an_entry_names() {
    let other = |event: &mut Event| match event {
        Event::TransferAccepted(body) => body.size_bytes += 1,
        Event::TransferRefused(body) => body.letter = Digest::of(b"a letter that is not here"),
        Event::TransferSettled(body) => body.letter = Digest::of(b"another letter that is not here"),
        _ => {}
    };
    assert_eq!(with_body(15, other), [("V104", Some(15))]);
    assert_eq!(with_body(16, other), [("V101", Some(16))]);
    assert_eq!(with_body(12, other), [("V101", Some(12))]);
}

#[test]
fn a_dossier_is_an_object_that_an_entry_names() {
    let other_size = |entry: &mut Entry| {
        if let Event::BundleReceived(body) = &mut entry.event {
            body.size_bytes += 1;
        }
    };
    assert_eq!(found_after(other_size), [("V104", Some(13))]);
    let other_object = |entry: &mut Entry| {
        if let Event::BundleReceived(body) = &mut entry.event {
            body.dossier = Digest::of(b"a dossier that is not here");
        }
    };
    assert_eq!(found_after(other_object), [("V101", Some(13)), ("V103", None)]);
}
