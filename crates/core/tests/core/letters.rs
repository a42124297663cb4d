//! Letters: what one archive tells another about a transfer, judged without the archive.

use vouchsafe_core::format::{Letter, Receipt, Receipts, SignedCheckpoint};
use vouchsafe_core::model::{AgentRecord, Disclosure, Event, EventKind, Role, Salt};
use vouchsafe_core::verify::letter::check;
use vouchsafe_core::verify::receipts;

use crate::example::{self, administrator, archivist, log_key, log_signer};
use crate::samples::{Log, key, origin};

/// The entry of the example that the letter tells of: the offer.
const OFFER: u64 = 11;

fn letter_of(log: &Log, fields: &[Vec<Disclosure>], indices: &[u64], checkpoint: &SignedCheckpoint) -> Letter {
    let receipts: Vec<_> = indices.iter().map(|&index| log.receipt(index, checkpoint.clone())).collect();
    let fields = fields[usize::try_from(*indices.last().unwrap()).unwrap()].clone();
    Letter { archive: log.fingerprint(), fields, receipts }
}

fn checkpoint(log: &Log) -> SignedCheckpoint {
    log.checkpoint(origin(), &log_signer())
}

/// The letter about the example's offer.
fn good() -> Letter {
    let (log, fields) = example::log();
    letter_of(&log, &fields, &[0, 1, OFFER], &checkpoint(&log))
}

fn refused(letter: &Letter) -> String {
    check(&letter.to_bytes().unwrap()).unwrap_err().to_string()
}

#[test]
fn a_letter_tells_its_entry_and_its_keys() {
    let letter = good();
    let bytes = letter.to_bytes().unwrap();
    assert_eq!(Letter::parse(&bytes).unwrap(), letter);
    let told = check(&bytes).unwrap();
    assert_eq!(told.shown.entry.entry.event.kind(), Some(EventKind::TransferOffered));
    assert_eq!(told.shown.administrator, *administrator().public());
    assert_eq!((told.shown.log_key, told.shown.checkpoint.size), (log_key(), 21));
    assert_eq!(told.fields.len(), 2);
    let (log, fields) = example::log();
    for index in [15, 16] {
        let letter = letter_of(&log, &fields, &[0, 1, index], &checkpoint(&log));
        assert_eq!(check(&letter.to_bytes().unwrap()).unwrap().shown.entry.entry.index.0, index);
    }
}

#[test]
fn no_byte_of_a_letter_can_be_changed() {
    let bytes = good().to_bytes().unwrap();
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        // What another checkpoint signature line says is nobody's business; here there is none.
        assert!(
            check(&changed).is_err(),
            "byte {at}: {}",
            String::from_utf8_lossy(&bytes[at..bytes.len().min(at + 40)])
        );
        assert!(check(&bytes[..at]).is_err(), "{at} bytes");
    }
    assert!(check(&[&bytes[..], b"\n"].concat()).is_err());
}

#[test]
fn what_a_letter_needs_must_be_in_it_in_order() {
    let (log, fields) = example::log();
    let of = |indices: &[u64]| letter_of(&log, &fields, indices, &checkpoint(&log));
    assert!(refused(&of(&[0, OFFER])).contains("is not introduced in it"));
    assert!(refused(&of(&[1, OFFER])).contains("does not begin with the first entry"));
    assert!(refused(&of(&[0, 1, 1, OFFER])).contains("is not behind the one in front of it"));
    assert!(refused(&of(&[0, OFFER, 1])).contains("has no place here"));
    // Nothing else is told: no other entry of the log, and one act alone.
    for other in [2, 4, 9, 12, 17, 18, 19] {
        assert!(refused(&of(&[0, 1, other])).contains("tells of no transfer"), "{other}");
    }
    assert!(refused(&of(&[0, 1, OFFER, 15])).contains("has no place here"));
    assert!(refused(&of(&[0, 1])).contains("tells of no transfer"));
    // The archivist of the example is revoked at the end, from there on: what was signed before stands.
    assert!(refused(&of(&[0, 1, OFFER, 20])).contains("has no place here"));
    assert!(check(&of(&[0, 1, 20, OFFER]).to_bytes().unwrap()).is_ok());
    let mut less = of(&[0, 1, OFFER]);
    less.fields.pop();
    assert!(refused(&less).contains("its fields are not those"));
}

#[test]
fn all_of_a_letter_leads_to_one_checkpoint_of_one_log() {
    let (log, fields) = example::log();
    let stranger = log.checkpoint(origin(), &key(9));
    let of_stranger = letter_of(&log, &fields, &[0, 1, OFFER], &stranger);
    assert!(refused(&of_stranger).contains("not signed by the log's key"));
    let mut mixed = good();
    mixed.receipts[1].checkpoint = stranger;
    assert!(refused(&mixed).contains("not signed by the log's key"));
    // The same text with other signature lines is the same checkpoint.
    let mut other_lines = good();
    let cosigned = format!("{}— witness.example AAAAAAAAAAAAAAAA\n", other_lines.receipts[1].checkpoint.text());
    other_lines.receipts[1].checkpoint = SignedCheckpoint::parse(cosigned.as_bytes()).unwrap();
    assert!(check(&other_lines.to_bytes().unwrap()).is_ok());
    let mut earlier = good();
    let (other, _) = example::log_with(|entry| {
        if entry.index.0 == 20 {
            entry.salt = Salt::from_bytes([0; 16]);
        }
    });
    earlier.receipts[1].checkpoint = checkpoint(&other);
    assert!(refused(&earlier).contains("another checkpoint"));
    let mut moved = good();
    moved.receipts[2].path = moved.receipts[1].path.clone();
    assert!(check(&moved.to_bytes().unwrap()).is_err());
}

#[test]
fn who_signs_an_offer_must_be_allowed_to() {
    let as_investigator = |entry: &mut vouchsafe_core::format::Entry| {
        if let Event::AgentAdded(body) = &mut entry.event {
            body.agent = AgentRecord { roles: vec![Role::Investigator], ..body.agent.clone() };
        }
    };
    let (log, fields) = example::log_with(as_investigator);
    let letter = letter_of(&log, &fields, &[0, 1, OFFER], &checkpoint(&log));
    assert!(refused(&letter).contains("allows transfer.offered"));
    // Signed by somebody else in the agent's name.
    let (mut forged, fields) = (Log::default(), example::log().1);
    for entry in example::log().0.entries {
        let signed = match entry.entry.index.0 == OFFER {
            true => entry.entry.sign(&key(9)).unwrap(),
            false => entry,
        };
        forged.append(signed);
    }
    let letter = letter_of(&forged, &fields, &[0, 1, OFFER], &checkpoint(&forged));
    assert!(refused(&letter).contains("first signature is not by its actor"));
    assert_eq!(forged.entries[1].entry.actor, administrator().public().id());
    assert_eq!(example::log().0.entries[11].entry.actor, archivist().public().id());
}

#[test]
fn a_letter_over_a_limit_is_refused() {
    let letter = good();
    let many: Vec<Receipt> = letter.receipts.iter().cycle().take(257).cloned().collect();
    assert!(Letter { receipts: many, ..letter.clone() }.to_bytes().is_err());
    assert!(Letter { receipts: letter.receipts[..1].to_vec(), ..letter }.to_bytes().is_err());
    assert!(check(&vec![b' '; 5 << 20]).unwrap_err().to_string().contains("at most"));
}

/// What is given out about one entry, whatever it records: its receipt, and those of the entries that introduced the keys.
#[test]
fn receipts_are_checked_by_the_fingerprint_alone() {
    let (log, _) = example::log();
    let of = |indices: &[u64]| {
        let checkpoint = checkpoint(&log);
        Receipts(indices.iter().map(|&index| log.receipt(index, checkpoint.clone())).collect())
    };
    let read = |receipts: &Receipts| {
        let read = Receipts::parse(receipts.to_string().as_bytes()).unwrap();
        assert_eq!(read, *receipts);
        receipts::check(&read.0)
    };
    // A head is the receipt of the first entry.
    for indices in [[0].as_slice(), &[0, 1], &[0, 1, 2], &[0, 1, 20, 18], &[0, 1, 20]] {
        let shown = read(&of(indices)).unwrap_or_else(|error| panic!("{indices:?}: {error}"));
        assert_eq!(shown.fingerprint, log.fingerprint());
        assert_eq!((Some(&shown.entry.entry.index.0), shown.checkpoint.size), (indices.last(), 21));
    }
    for (indices, reason) in [
        ([2].as_slice(), "does not begin with the first entry"),
        (&[0, 2], "is not introduced in it"),
        (&[0, 3, 2], "has no place here"),
        (&[0, 1, 1, 2], "is not behind the one in front of it"),
        (&[0, 1, 0], "is not behind the one in front of it"),
    ] {
        let error = read(&of(indices)).map(|shown| shown.entry.entry.index).unwrap_err();
        assert!(error.to_string().contains(reason), "{indices:?}: {error}");
    }
    let mut strange = of(&[0, 1, 2]);
    strange.0[1].checkpoint = log.checkpoint(origin(), &key(9));
    assert!(read(&strange).unwrap_err().to_string().contains("not signed by the log's key"));
}
