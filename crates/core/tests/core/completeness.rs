//! Statements of completeness: their one form, whether they fit their bundle, and what a later bundle says of them.
//!
//! The statements are written here as text and the commitments are reckoned from bytes, as `docs/bundle.md` says it.

use proptest::prelude::*;
use vouchsafe_core::digest::Digest;
use vouchsafe_core::format::bundle::{Completeness, WithheldMember, member_commitment};
use vouchsafe_core::format::{Attached, Entry};
use vouchsafe_core::model::{
    AgentAdded, AgentKind, AgentRecord, ArchiveCreated, Disclosure, EntryIndex, Event, ExhibitDescribed, ExhibitId,
    ExhibitIngested, FieldValue, Role, Salt, Timestamp, WithholdingReason,
};
use vouchsafe_core::sign::SigningKey;
use vouchsafe_core::verify::bundle::{BundleReport, BundleVerdict, Compared, EarlierError};

use crate::bundles::{Bundle, codes, put, remove, replace, report, report_with, seal, selected};
use crate::example::{OBJECT, administrator, archivist, log_key, salt};
use crate::samples::{Log, any_digest, any_exhibit, any_salt, in_order};

const STATEMENT: &str = "completeness.json";
/// The log has so many entries when the statement is made.
const THEN: usize = 9;

/// A log of exhibits that have one object, and the fields of each entry.
#[derive(Default)]
struct Story {
    log: Log,
    fields: Vec<Vec<Disclosure>>,
    counts: [u64; 8],
}

/// The exhibit with this letter: `a` is the first.
fn exhibit(letter: char) -> ExhibitId {
    ExhibitId::from_bytes([letter as u8; 10])
}

impl Story {
    fn add(&mut self, signer: &SigningKey, mut event: Event, about: Option<char>, named: &[(&str, &str)]) {
        let index = self.log.size();
        let disclosure = |(name, value): &(&str, &str)| {
            let value = FieldValue::Text((*value).to_owned());
            Disclosure(salt(&format!("{index} {name}")), name.parse().unwrap(), value)
        };
        let disclosures = in_order(named.iter().map(disclosure).collect());
        event.set_fields(disclosures.iter().map(Disclosure::digest).collect());
        let at = Timestamp::from_unix_ms(1_795_424_400_000 + 1000 * i64::try_from(index).unwrap()).unwrap();
        let sequence = about.map(|letter| {
            let count = &mut self.counts[letter as usize - 'a' as usize];
            *count += 1;
            *count - 1
        });
        let entry = Entry {
            actor: signer.public().id(),
            archive: self.log.archive(),
            attached: Attached::default(),
            event,
            exhibit: about.map(exhibit),
            exhibit_sequence: sequence,
            index: EntryIndex(index),
            occurred_at: at,
            previous: self.log.previous(),
            record: None,
            record_sequence: None,
            recorded_at: at,
            salt: salt(&index.to_string()),
        };
        self.log.append(entry.sign(signer).unwrap());
        self.fields.push(disclosures);
    }

    fn ingest(&mut self, letter: char, named: &[(&str, &str)]) {
        let body = ExhibitIngested {
            fields: Vec::new(),
            media_type: Some("text/plain".parse().unwrap()),
            object: Digest::of(OBJECT.as_bytes()),
            size_bytes: OBJECT.len() as u64,
            software: "vouchsafe/0.1.0".to_owned(),
        };
        self.add(&archivist(), body.into(), Some(letter), named);
    }

    fn describe(&mut self, letter: char, named: &[(&str, &str)]) {
        self.add(&archivist(), ExhibitDescribed { fields: Vec::new() }.into(), Some(letter), named);
    }

    /// The first entries of it.
    fn until(&self, size: usize) -> Log {
        let mut log = Log::default();
        self.log.entries[..size].iter().for_each(|entry| log.append(entry.clone()));
        log
    }

    /// The commitment to what this entry says of the collection.
    fn member(&self, statement: &Salt, index: usize) -> String {
        let field = self.fields[index].iter().find(|field| field.name().as_str() == "collection").unwrap();
        let mut bytes = b"vouchsafe-member@1\n".to_vec();
        bytes.extend(statement.as_bytes());
        bytes.extend(self.log.entries[index].leaf().as_bytes());
        bytes.extend(field.0.as_bytes());
        Digest::of(&bytes).to_string()
    }

    /// A bundle with these exhibits, made when the log had so many entries, and with a statement if one is given.
    fn bundle(&self, size: usize, letters: &str, field: &str, statement: Option<String>) -> Bundle {
        let exhibits: Vec<_> = letters.chars().map(exhibit).collect();
        let mut bundle = selected(&self.until(size), &self.fields, &exhibits, field);
        if let Some(statement) = statement {
            put(&mut bundle, STATEMENT, statement);
        }
        seal(&mut bundle, &administrator());
        bundle
    }
}

/// At nine entries `a`, `b`, `c` and `d` belong to Case 3, and `e` to another; later, `a` goes and `f` comes.
fn story() -> Story {
    let mut story = Story::default();
    let agent = |key: &SigningKey, role| AgentRecord::new(AgentKind::Person, key.public().clone(), vec![role]);
    let created = ArchiveCreated::new(agent(&administrator(), Role::Administrator), log_key().to_string());
    story.add(&administrator(), created.into(), None, &[]);
    let added = AgentAdded { agent: agent(&archivist(), Role::Archivist), fields: Vec::new() };
    story.add(&administrator(), added.into(), None, &[]);
    story.ingest('a', &[("collection", "Case 3")]); // 2
    story.ingest('b', &[("collection", "Case 3"), ("title", "B")]); // 3
    story.ingest('c', &[("collection", "Case 3")]); // 4
    story.ingest('d', &[("title", "D")]); // 5
    story.describe('d', &[("collection", "Case 3")]); // 6
    story.ingest('e', &[("collection", "Case 4")]); // 7
    story.describe('c', &[("title", "C")]); // 8
    story.describe('a', &[("collection", "Case 4")]); // 9
    story.ingest('f', &[("collection", "Case 3")]); // 10
    story
}

/// A statement: included exhibits, and the entries of those that are withheld.
fn state(story: &Story, collection: Option<&str>, included: &str, withheld: &[(usize, &str)]) -> String {
    let statement = salt("statement");
    let mut names: Vec<_> = included.chars().map(|letter| format!("\"{}\"", exhibit(letter))).collect();
    names.sort();
    let mut members: Vec<_> = withheld
        .iter()
        .map(|(index, reason)| {
            format!("{{\"member\":\"{}\",\"reason\":\"{reason}\"}}", story.member(&statement, *index))
        })
        .collect();
    members.sort();
    format!(
        "{{\"collection\":{},\"format\":\"vouchsafe-completeness/1\",\"held\":{},\"included\":[{}],\"salt\":\"{statement}\",\
         \"withheld\":[{}]}}\n",
        collection.map_or("null".to_owned(), |name| format!("{name:?}")),
        names.len() + members.len(),
        names.join(","),
        members.join(",")
    )
}

/// A bundle of `b` and `c`, which withholds `a` and `d`.
fn earlier(story: &Story, field: &str) -> Bundle {
    let collection = (field == "collection").then_some("Case 3");
    let statement = state(story, collection, "bc", &[(2, "witness-identity"), (6, "consent")]);
    story.bundle(THEN, "bc", field, Some(statement))
}

#[test]
fn a_bundle_with_a_statement_is_sound_and_says_it() {
    let report = report(&earlier(&story(), "collection"));
    assert_eq!((report.verdict, &*report.findings), (BundleVerdict::Sound, [].as_slice()));
    let stated = report.completeness.unwrap();
    assert_eq!(stated.collection.as_deref(), Some("Case 3"));
    assert_eq!((stated.held, stated.included, stated.size.0), (4, 2, 9));
    let withheld: Vec<_> = stated.withheld.into_iter().collect();
    assert_eq!(withheld, [(WithholdingReason::WitnessIdentity, 1), (WithholdingReason::Consent, 1)]);
    assert!(report.not_checked.iter().any(|text| text.english().contains("statement of completeness")));
}

#[test]
fn a_statement_that_does_not_fit_is_found() {
    let story = story();
    let withheld: &[_] = &[(2, "witness-identity"), (6, "consent")];
    let good = state(&story, Some("Case 3"), "bc", withheld);
    let first = good.find("{\"member\"").unwrap();
    let (one, other) = (good[first..].split("},{").next().unwrap(), good[first..].split("},{").nth(1).unwrap());
    let (one, other) = (one.trim_start_matches('{'), other.split('}').next().unwrap());
    let wrong = [
        ("a stranger is included", state(&story, Some("Case 3"), "bce", withheld)),
        ("an exhibit is not included", state(&story, Some("Case 3"), "b", withheld)),
        ("one is withheld too", state(&story, Some("Case 3"), "bc", &[withheld[0], withheld[1], (4, "consent")])),
        ("another name", state(&story, Some("Case 4"), "bc", withheld)),
        ("no name", state(&story, None, "bc", withheld)),
        ("another number", good.replace("\"held\":4", "\"held\":5")),
        ("an unknown reason", good.replace("\"consent\"", "\"shame\"")),
        ("another order", good.replace(&format!("{{{one}}},{{{other}}}"), &format!("{{{other}}},{{{one}}}"))),
        ("one twice", good.replace("\"held\":4", "\"held\":5").replace(one, &format!("{one}}},{{{one}"))),
        ("a space", good.replace(":4,", ": 4,")),
        ("a member more", good.replace("{\"coll", "{\"a\":1,\"coll")),
        ("a member less", good.replace("\"collection\":\"Case 3\",", "")),
        ("another version", good.replace("completeness/1", "completeness/0")),
        ("no line feed", good.trim_end().to_owned()),
        ("nothing", String::new()),
    ];
    for (name, statement) in wrong {
        assert_ne!(statement, good, "{name}");
        let report = report(&story.bundle(THEN, "bc", "collection", Some(statement)));
        assert_eq!((codes(&report), report.verdict), (["B801"].into(), BundleVerdict::Failed), "{name}");
    }
    let newer = good.replace("completeness/1", "completeness/2");
    let not_understood = report(&story.bundle(THEN, "bc", "collection", Some(newer)));
    assert_eq!((codes(&not_understood), not_understood.verdict), (["B804"].into(), BundleVerdict::NotUnderstood));
    // So it is by an older value that is disclosed: `a` came from Case 3.
    let all = story.fields.len();
    for (withheld, expected) in [(&[][..], None), (&[(2, "consent")], Some("B801")), (&[(9, "consent")], Some("B801"))]
    {
        let statement = state(&story, Some("Case 4"), "ae", withheld);
        let report = report(&story.bundle(all, "ae", "collection", Some(statement)));
        assert_eq!(codes(&report), expected.into_iter().collect());
    }
    // A name may be told only where the bundle discloses it.
    let told = state(&story, Some("Case 3"), "bc", withheld);
    assert_eq!(codes(&report(&story.bundle(THEN, "bc", "title", Some(told)))), ["B801"].into());
    let not_told = state(&story, None, "bc", withheld);
    assert!(report(&story.bundle(THEN, "bc", "title", Some(not_told))).findings.is_empty());
}

/// Whoever puts in, takes out or changes a statement has not signed it.
#[test]
fn a_statement_that_was_not_signed_is_not_believed() {
    let story = story();
    let mut added = story.bundle(THEN, "bc", "collection", None);
    put(&mut added, STATEMENT, state(&story, Some("Case 3"), "bc", &[]));
    let mut removed = earlier(&story, "collection");
    remove(&mut removed, STATEMENT);
    let mut changed = earlier(&story, "collection");
    replace(&mut changed, STATEMENT, "consent", "privilege");
    let mut huge = earlier(&story, "collection");
    huge.sizes.insert(STATEMENT.to_owned(), 1 << 40);
    for (bundle, code) in [(added, "B205"), (removed, "B202"), (changed, "B203"), (huge, "B104")] {
        let report = report(&bundle);
        assert_eq!((codes(&report), report.completeness), ([code].into(), None));
    }
}

/// The report on a later bundle of these exhibits, compared with a statement.
fn compare(story: &Story, earlier: &Bundle, letters: &str, field: &str) -> BundleReport {
    let mut later = report(&story.bundle(story.fields.len(), letters, field, None));
    assert_eq!(*later.findings, []);
    later.compare_with_earlier(&report(earlier)).unwrap();
    later
}

fn compared(report: &BundleReport) -> &Compared {
    report.earlier.as_ref().unwrap().compared.as_ref().unwrap()
}

#[test]
fn what_was_withheld_is_recognised_when_it_is_disclosed() {
    let story = story();
    for field in ["collection", "title"] {
        let later = compare(&story, &earlier(&story, field), "abcdef", "collection");
        assert_eq!((later.verdict, &*later.findings), (BundleVerdict::Sound, [].as_slice()), "{field}");
        let disclosed = [(WithholdingReason::WitnessIdentity, 1), (WithholdingReason::Consent, 1)].into();
        let expected = Compared { included: 2, disclosed, others: 2, ..Compared::default() };
        assert_eq!(compared(&later), &expected, "{field}");
    }
    // What is not disclosed is not judged, and that is said.
    let later = compare(&story, &earlier(&story, "collection"), "abdef", "title");
    assert_eq!((compared(&later).included, compared(&later).not_compared), (1, 3));
    // The last came later.
    assert_eq!(compared(&later).others, 1);
}

#[test]
fn an_exhibit_that_a_statement_leaves_out_is_found() {
    let story = story();
    let of = |collection, field, withheld: &[_]| {
        story.bundle(THEN, "bc", field, Some(state(&story, collection, "bc", withheld)))
    };
    let cheat = of(Some("Case 3"), "collection", &[(2, "witness-identity")]);
    let later = compare(&story, &cheat, "ad", "collection");
    let [finding] = &later.findings[..] else { panic!("{:?}", later.findings) };
    assert_eq!((finding.code.code(), finding.exhibit), ("B802", Some(exhibit('d'))));
    assert_eq!(later.verdict, BundleVerdict::Failed);
    let verdicts: Vec<_> = later.exhibits.iter().map(|exhibit| exhibit.verdict).collect();
    assert_eq!(verdicts, [BundleVerdict::Sound, BundleVerdict::Failed]);
    assert_eq!((compared(&later).left_out, compared(&later).disclosed.len()), (1, 1));
    // Without a name, those that are counted tell which collection is meant, and nobody is accused without one.
    let nameless = of(None, "title", &[(2, "witness-identity")]);
    assert_eq!(codes(&compare(&story, &nameless, "ad", "collection")), ["B802"].into());
    assert_eq!(codes(&compare(&story, &nameless, "cd", "collection")), ["B802"].into());
    let alone = compare(&story, &nameless, "d", "collection");
    assert_eq!((codes(&alone), compared(&alone).not_compared), ([].into(), 1));
}

#[test]
fn an_exhibit_that_a_statement_should_not_count_is_found() {
    let story = story();
    let padded = state(&story, Some("Case 3"), "bc", &[(2, "consent"), (6, "consent"), (7, "consent")]);
    let padded = story.bundle(THEN, "bc", "collection", Some(padded));
    let later = compare(&story, &padded, "e", "collection");
    assert_eq!((codes(&later), compared(&later).miscounted), (["B803"].into(), 1));
}

#[test]
fn only_an_earlier_statement_of_the_same_archive_is_compared() {
    let story = story();
    let all = story.fields.len();
    let later = || report(&story.bundle(all, "d", "collection", None));
    let compared = |mut one: BundleReport, other: &Bundle| one.compare_with_earlier(&report(other));
    // Without a statement, the logs are compared, and nothing else.
    let mut with_none = later();
    with_none.compare_with_earlier(&report(&story.bundle(THEN, "bc", "collection", None))).unwrap();
    let told = with_none.earlier.unwrap();
    assert!(told.is_continued.is_some() && told.compared.is_none());
    let of_later = state(&story, Some("Case 3"), "f", &[]);
    let of_later = story.bundle(all, "f", "collection", Some(of_later));
    let now = report(&story.bundle(THEN, "d", "collection", None));
    let (of_earlier, size) = (EntryIndex(all as u64), EntryIndex(THEN as u64));
    assert_eq!(compared(now, &of_later), Err(EarlierError::NotEarlier { earlier: of_earlier, size }));
    let mut other = later();
    other.fingerprint = Some(vouchsafe_core::model::Fingerprint(Digest::of(b"another archive")));
    assert_eq!(compared(other, &earlier(&story, "collection")), Err(EarlierError::OtherArchive));
}

#[test]
fn an_earlier_bundle_that_does_not_hold_is_not_compared() {
    let story = story();
    let mut damaged = earlier(&story, "collection");
    replace(&mut damaged, STATEMENT, "consent", "privilege");
    let later = compare(&story, &damaged, "ad", "collection");
    let earlier = later.earlier.unwrap();
    assert_eq!((earlier.verdict, earlier.compared), (BundleVerdict::Failed, None));
    assert_eq!(earlier.findings[0].code.code(), "B203");
    assert_eq!(later.verdict, BundleVerdict::Sound);
}

/// Two logs of one size under one key: the archive has told two stories.
#[test]
fn a_forked_log_is_found() {
    let story = story();
    let mut report = report(&earlier(&story, "collection"));
    let mut other = Story { log: story.until(THEN - 1), fields: story.fields[..THEN - 1].to_vec(), ..Story::default() };
    other.counts[2] = 1;
    other.describe('c', &[("title", "Another C")]);
    let other = other.bundle(THEN, "bc", "collection", Some(state(&story, Some("Case 3"), "bc", &[])));
    report.compare_with_earlier(&report_with(&other, vouchsafe_core::verify::Trust::default())).unwrap();
    assert_eq!((codes(&report), report.verdict), (["B701"].into(), BundleVerdict::Failed));
}

/// The example of the specification is a statement, and its commitment is made as it says.
#[test]
fn the_example_on_the_page_holds() {
    let page = include_str!("../../../../docs/bundle.md");
    let example = page.split("```json\n").nth(1).unwrap().split("```").next().unwrap();
    let statement = Completeness::parse(example.as_bytes()).unwrap();
    let words: Vec<_> = page.split('`').collect();
    let after = |label: &str| words[words.iter().position(|word| word.ends_with(label)).unwrap() + 1];
    let leaf: Digest = after("In the example, the leaf hash is ").parse().unwrap();
    let secret: Salt = after(" and\nthe salt of the disclosure ").parse().unwrap();
    assert_eq!(statement.withholds(leaf, &secret), Some(WithholdingReason::Consent));
    // The page explains every reason, in the words that the program uses.
    let reasons = WithholdingReason::ALL.iter().filter(|reason| page.contains(&format!("\n| `{reason}` | ")));
    assert_eq!(reasons.count(), WithholdingReason::ALL.len());
}

fn any_statement() -> impl Strategy<Value = Completeness> {
    let reason = proptest::sample::select(WithholdingReason::ALL);
    let included = proptest::collection::hash_set(any_exhibit(), 0..6);
    let withheld = proptest::collection::hash_map(any_digest(), reason, 0..6);
    (proptest::option::of(".{0,12}"), any_salt(), included, withheld).prop_map(
        |(collection, salt, included, withheld)| {
            let withheld = withheld.into_iter().map(|(member, reason)| WithheldMember { member, reason });
            Completeness::new(collection, salt, included.into_iter().collect(), withheld.collect()).unwrap()
        },
    )
}

proptest! {
    #[test]
    fn a_statement_reads_back(statement in any_statement()) {
        prop_assert_eq!(Completeness::parse(&statement.to_bytes().unwrap()).unwrap(), statement);
    }

    /// Whatever is read is written again as it was: one statement, one text.
    #[test]
    fn a_statement_has_one_text(statement in any_statement(), place: proptest::sample::Index, byte: u8) {
        let mut text = statement.to_bytes().unwrap();
        let at = place.index(text.len());
        text[at] = byte;
        if let Ok(read) = Completeness::parse(&text) {
            prop_assert_eq!(read.to_bytes().unwrap(), text);
        }
    }

    /// Only who knows the entry and the salt of its disclosure recognises an exhibit, and only in one statement.
    #[test]
    fn a_member_is_recognised_by_entry_and_salt(
        leaf in any_digest(),
        secret in any_salt(),
        statement in any_salt(),
        other_leaf in any_digest(),
        other in any_salt(),
    ) {
        let member = member_commitment(&statement, leaf, &secret);
        let withheld = WithheldMember { member, reason: WithholdingReason::Family };
        let made = Completeness::new(None, statement, Vec::new(), vec![withheld]).unwrap();
        prop_assert_eq!(made.withholds(leaf, &secret), Some(WithholdingReason::Family));
        prop_assert_eq!(made.withholds(other_leaf, &secret), None);
        prop_assert_eq!(made.withholds(leaf, &other), None);
        prop_assert!(member != member_commitment(&other, leaf, &secret));
    }
}
