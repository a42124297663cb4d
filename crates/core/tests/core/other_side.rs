//! The letters of other archives in a bundle: what makes that custody passed more than the word of one side.

use vouchsafe_core::digest::Digest;
use vouchsafe_core::format::bundle::BundlePath;
use vouchsafe_core::format::{Attached, Entry, Letter};
use vouchsafe_core::language::Text;
use vouchsafe_core::model::{AgentRevoked, Direction, Disclosure, EntryIndex, Event, FieldValue, Fingerprint, Salt};
use vouchsafe_core::verify::bundle::{BundleReport, BundleVerdict};

use crate::bundles::{Bundle, codes, report, seal, selected};
use crate::example::{self, administrator, archivist, log_signer, salt};
use crate::samples::{Log, in_order, origin};

/// The entries of the example that offer, accept, refuse, and say that custody passed.
const OFFERED: usize = 11;
const ACCEPTED: usize = 15;
const REFUSED: usize = 16;
const PASSED: usize = 18;

/// The other archive: the example's, with another salt in its first entry, so that it has another fingerprint. Its offer
/// and its answers are of this bundle; they answer the archive `partner`.
fn other(bundle: Digest, partner: &str) -> (Log, Vec<Vec<Disclosure>>) {
    let answering = in_order(vec![
        disclosed("partner_archive", partner),
        disclosed("partner_origin", origin().as_str()),
        disclosed("note", "The seal was whole."),
    ]);
    let digests: Vec<_> = answering.iter().map(Disclosure::digest).collect();
    let (log, mut fields) = example::log_with(|entry| match &mut entry.event {
        Event::ArchiveCreated(_) => entry.salt = Salt::from_bytes([7; 16]),
        Event::TransferOffered(body) => body.bundle = bundle,
        Event::TransferAccepted(body) => (body.bundle, body.fields) = (bundle, digests.clone()),
        _ => {}
    });
    fields[ACCEPTED] = answering;
    (log, fields)
}

fn disclosed(name: &str, value: &str) -> Disclosure {
    Disclosure(salt(name), name.parse().unwrap(), FieldValue::Text(value.to_owned()))
}

fn letter(log: &Log, fields: &[Vec<Disclosure>], indices: &[usize]) -> Letter {
    let checkpoint = log.checkpoint(origin(), &log_signer());
    let receipts = indices.iter().map(|&index| log.receipt(index as u64, checkpoint.clone())).collect();
    Letter { archive: log.fingerprint(), fields: fields[*indices.last().unwrap()].clone(), receipts }
}

/// A bundle in which custody passed, and how.
struct Case {
    direction: Direction,
    /// The SHA-256 that the entry names; that of the letter if there is none.
    named: Option<Digest>,
    /// The value of `partner_archive` that the bundle discloses; withheld if there is none.
    partner: Option<Fingerprint>,
    letter: Option<Vec<u8>>,
}

impl Case {
    fn of(direction: Direction, letter: &Letter) -> Self {
        let bytes = letter.to_bytes().unwrap();
        Self { direction, named: None, partner: Some(letter.archive), letter: Some(bytes) }
    }

    fn bundle(&self) -> Bundle {
        let bytes = self.letter.clone().unwrap_or_default();
        let name = self.named.unwrap_or_else(|| Digest::of(&bytes));
        let partner = self.partner.map_or_else(|| "withheld".to_owned(), |partner| partner.to_string());
        let fields = vec![disclosed("partner_archive", &partner)];
        let (moved_in, moved_out) = bundles();
        let (log, mut all_fields) = example::log_with(|entry| {
            if let Event::CustodyPassed(body) = &mut entry.event {
                body.direction = self.direction;
                body.bundle = if self.direction == Direction::In { moved_in } else { moved_out };
                body.letter = name;
                body.fields = fields.iter().map(Disclosure::digest).collect();
            }
        });
        all_fields[PASSED].clone_from(&fields);
        let exhibit = log.entries[PASSED].entry.exhibit.unwrap();
        let mut bundle =
            selected(&log, &all_fields, &[exhibit], if self.partner.is_some() { "partner_archive" } else { "" });
        if let Some(bytes) = &self.letter {
            bundle.files.insert(BundlePath::letter(name).to_string(), bytes.clone());
        }
        seal(&mut bundle, &administrator());
        bundle
    }

    fn report(&self) -> BundleReport {
        report(&self.bundle())
    }
}

/// The bundles in which the example's exhibit came, and in which it left.
fn bundles() -> (Digest, Digest) {
    let (mut moved_in, mut moved_out) = (None, None);
    for signed in example::log().0.entries {
        match signed.entry.event {
            Event::ExhibitReceived(body) => moved_in = Some(body.bundle),
            Event::ExhibitExported(body) => moved_out = Some(body.bundle),
            _ => {}
        }
    }
    (moved_in.unwrap(), moved_out.unwrap())
}

fn fingerprint() -> String {
    example::log().0.fingerprint().to_string()
}

fn offer() -> Letter {
    let (log, fields) = other(bundles().0, &fingerprint());
    letter(&log, &fields, &[0, 1, OFFERED])
}

fn acceptance() -> Letter {
    let (log, fields) = other(bundles().1, &fingerprint());
    letter(&log, &fields, &[0, 1, ACCEPTED])
}

fn told_of_passing(report: &BundleReport) -> &str {
    let mut told = report.not_checked.iter().map(Text::english).filter(|told| told.contains("custody passed"));
    let one = told.next().unwrap();
    assert_eq!(told.next(), None);
    one.strip_prefix("that custody passed, as 1 entry says: ").unwrap()
}

#[test]
fn the_letter_of_the_other_archive_says_so_too() {
    for (direction, letter) in [(Direction::In, offer()), (Direction::Out, acceptance())] {
        let mut case = Case::of(direction, &letter);
        for partner in [case.partner, None] {
            case.partner = partner;
            let report = case.report();
            assert_eq!((codes(&report).len(), report.verdict), (0, BundleVerdict::Sound), "{:?}", report.findings);
            assert!(told_of_passing(&report).contains("in which the other archive"));
        }
        case.letter = None;
        case.partner = Some(letter.archive);
        assert!(told_of_passing(&case.report()).starts_with("the word of one side"));
        case.partner = None;
        assert!(told_of_passing(&case.report()).ends_with("is withheld"));
        assert_eq!(case.report().verdict, BundleVerdict::Sound);
    }
}

#[test]
fn a_letter_that_says_something_else_fails_the_exhibit() {
    use Direction::{In, Out};
    let elsewhere = Digest::of(b"the tag manifest of another bundle");
    let (log, fields) = other(elsewhere, &fingerprint());
    let (own, own_fields) = example::log();
    let third = other(bundles().1, &Digest::of(b"a third archive").to_string());
    let ours = other(bundles().1, &fingerprint());
    let revoked = {
        let (mut log, fields) = other(bundles().0, &fingerprint());
        let last = log.entries[20].entry.clone();
        let body = AgentRevoked { fields: Vec::new(), from_index: EntryIndex(0), key: archivist().public().id() };
        let index = EntryIndex(log.size());
        let entry =
            Entry { event: body.into(), index, previous: log.previous(), attached: Attached::default(), ..last };
        log.append(entry.sign(&administrator()).unwrap());
        letter(&log, &fields, &[0, 1, 21, OFFERED])
    };
    let wrong = [
        ("another bundle", In, letter(&log, &fields, &[0, 1, OFFERED]), "speaks of the bundle"),
        ("another bundle", Out, letter(&log, &fields, &[0, 1, ACCEPTED]), "speaks of the bundle"),
        ("an acceptance where custody came", In, acceptance(), "custody passes by the letter that offered"),
        ("an offer where custody went", Out, offer(), "custody passes by the letter that accepted"),
        ("a refusal", Out, letter(&ours.0, &ours.1, &[0, 1, REFUSED]), "no offer and of no acceptance"),
        ("accepts from a third one", Out, letter(&third.0, &third.1, &[0, 1, ACCEPTED]), "from another archive"),
        ("of this archive itself", In, letter(&own, &own_fields, &[0, 1, OFFERED]), ""),
        ("the signer was revoked before", In, revoked, "no longer trusted"),
    ];
    for (name, direction, letter, reason) in wrong {
        let report = Case::of(direction, &letter).report();
        assert_eq!((codes(&report), report.verdict), (["B605"].into(), BundleVerdict::Failed), "{name}");
        let [finding] = &report.findings[..] else { panic!("{name}: {:?}", report.findings) };
        assert!(finding.message.english().contains(reason), "{name}: {}", finding.message);
        assert!(finding.exhibit.is_some() && finding.place.to_string().starts_with("letters/"), "{name}: {finding:?}");
        assert!(told_of_passing(&report).ends_with("does not prove it"), "{name}");
    }
}

#[test]
fn a_letter_of_this_archive_itself_is_not_anothers() {
    // Its offer of a bundle that it also received: an exhibit that came back.
    let (came, _) = bundles();
    let (log, fields) = example::log_with(|entry| {
        if let Event::TransferOffered(body) = &mut entry.event {
            body.bundle = came;
        }
    });
    let mut case = Case::of(Direction::In, &letter(&log, &fields, &[0, 1, OFFERED]));
    case.partner = None;
    let report = case.report();
    assert_eq!(codes(&report), ["B605"].into());
    assert!(report.findings[0].message.english().contains("by the same archive"), "{:?}", report.findings);
}

#[test]
fn a_letter_has_its_own_bytes_and_its_own_archive() {
    let good = offer();
    let mut case = Case::of(Direction::In, &good);
    case.partner = Some(Fingerprint(Digest::of(b"another archive")));
    assert!(case.report().findings[0].message.english().contains("which the entry does not name"));
    // No byte of it can be other than it was signed, also under the name of what it has become.
    let bytes = good.to_bytes().unwrap();
    for at in (0..bytes.len()).step_by(97) {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        let renamed = Case { letter: Some(changed), ..Case::of(Direction::In, &good) };
        assert_eq!(codes(&renamed.report()), ["B605"].into(), "byte {at}");
        let under_its_name = Case { named: Some(Digest::of(&bytes)), ..renamed };
        assert_eq!(codes(&under_its_name.report()), ["B605"].into(), "byte {at}");
    }
    for bytes in [vec![], b"{}\n".to_vec(), [b" ", &bytes[..]].concat(), vec![b' '; 4 * 1024 * 1024 + 1]] {
        let case = Case { letter: Some(bytes), ..Case::of(Direction::In, &good) };
        assert_eq!(codes(&case.report()), ["B605"].into());
    }
    // Changed behind the signature of the bundle, the file is not the one that is listed, either.
    let mut bundle = Case::of(Direction::In, &good).bundle();
    bundle.files.get_mut(&BundlePath::letter(Digest::of(&bytes)).to_string()).unwrap()[100] ^= 1;
    assert_eq!(codes(&report(&bundle)), ["B203", "B605"].into());
}

#[test]
fn a_letter_of_a_newer_version_is_not_understood() {
    let bytes = String::from_utf8(offer().to_bytes().unwrap()).unwrap();
    let newer = [
        bytes.replacen("vouchsafe-letter/1", "vouchsafe-letter/2", 1),
        bytes.replacen("tlog-proof@v1", "tlog-proof@v2", 1),
    ];
    for letter in newer {
        let case = Case { letter: Some(letter.into_bytes()), ..Case::of(Direction::In, &offer()) };
        let report = case.report();
        assert_eq!((codes(&report), report.verdict), (["B606"].into(), BundleVerdict::NotUnderstood));
    }
}

#[test]
fn a_letter_that_no_entry_names_is_no_part_of_the_bundle() {
    let mut bundle = Case::of(Direction::In, &offer()).bundle();
    // What is in it does not matter.
    for content in [acceptance().to_bytes().unwrap(), b"nothing".to_vec()] {
        bundle.files.insert(BundlePath::letter(Digest::of(&content)).to_string(), content);
    }
    seal(&mut bundle, &administrator());
    let report = report(&bundle);
    assert_eq!((codes(&report), report.verdict), (["B206"].into(), BundleVerdict::Degraded));
    assert_eq!(report.findings.len(), 2);
}
