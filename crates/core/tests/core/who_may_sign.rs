//! Events that change who may sign: each as it should be, and what somebody does with it who should not. Each log is read as
//! an archive, as a bundle, and as receipts.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sha2::{Digest as _, Sha256};
use vouchsafe_core::digest::Digest;
use vouchsafe_core::format::bundle::{BundlePath, EntryFile, Part, Subject, dossier};
use vouchsafe_core::format::{Letter, LogKey, LogKeyPq, SignedCheckpoint, SignedEntry};
use vouchsafe_core::language::Text;
use vouchsafe_core::model::{
    AgentAdded, AgentChanged, AgentRecord, AgentRecovered, AgentRevoked, AgentRotated, ArchiveCreated, BundleExported,
    EntryIndex, Event, ExhibitId, ExhibitNoted, LogKeyChanged, Recovery, RecoverySet, Role, Timestamp, TransferOffered,
};
use vouchsafe_core::sign::KeyId;
use vouchsafe_core::verify::bundle::{BundleReport, DossierBundle, LogView};
use vouchsafe_core::verify::{Unwatched, letter, receipts, verify};

use crate::attacks::story::{
    ADMINISTRATOR, ARCHIVIST, FIRST, Keys, LOG, STRANGER, Story, agent, exhibit, ingested, noted,
};
use crate::attacks::{Files, Held, Nobody, finds, request};
use crate::bundles::{self, Bundle, codes, describe, seal, selected_under};
use crate::data;
use crate::samples::{key, origin};

/// The next keys of the two agents.
const NEXT_ADMINISTRATOR: u8 = 21;
const NEXT_ARCHIVIST: u8 = 23;
/// A second administrator.
const DEPUTY: u8 = 31;
/// Recovery keys, and whom they add.
const RECOVERY: [u8; 3] = [11, 12, 13];
const LATER_RECOVERY: [u8; 2] = [14, 15];
const RECOVERED: u8 = 16;
/// The log's next keys.
const NEXT_LOG: u8 = 5;
const LAST_LOG: u8 = 6;

fn id(number: u8) -> KeyId {
    key(number).public().id()
}

pub fn log_key_of(number: u8) -> LogKey {
    LogKey::new(origin(), key(number).public().clone())
}

pub fn recovery(numbers: &[u8], threshold: u64) -> Recovery {
    let mut keys: Vec<_> = numbers.iter().map(|&number| key(number).public().clone()).collect();
    keys.sort_by_key(|key| key.to_openssh());
    Recovery { keys, threshold }
}

pub fn rotated(old: u8, new: u8, role: Role) -> Event {
    AgentRotated { agent: agent(new, role), fields: Vec::new(), key: id(old) }.into()
}

pub fn changed(number: u8, roles: &[Role]) -> Event {
    AgentChanged { expires: None, fields: Vec::new(), key: id(number), next: None, roles: roles.to_vec() }.into()
}

pub fn recovered(number: u8, role: Role) -> Event {
    AgentRecovered { agent: agent(number, role), fields: Vec::new() }.into()
}

pub fn recovery_set(numbers: &[u8], threshold: u64) -> Event {
    RecoverySet { fields: Vec::new(), recovery: recovery(numbers, threshold) }.into()
}

pub fn log_key_changed(number: u8) -> Event {
    log_key_changed_with(number, None)
}

/// The same with a second key beside it.
fn log_key_changed_with(number: u8, log_key_pq: Option<String>) -> Event {
    let log_key = log_key_of(number).to_string();
    LogKeyChanged { fields: Vec::new(), log_key, log_key_pq, next_log_key: None }.into()
}

fn added(record: AgentRecord) -> Event {
    AgentAdded { agent: record, fields: Vec::new() }.into()
}

fn revoked(number: u8, from: u64) -> Event {
    AgentRevoked { fields: Vec::new(), from_index: EntryIndex(from), key: id(number) }.into()
}

/// An administrator, an archivist and an exhibit: three entries, of which the first two are changed before they are signed.
pub fn begun_with(first: impl FnOnce(&mut ArchiveCreated), second: impl FnOnce(&mut AgentRecord)) -> Story {
    let keys = Keys { administrator: ADMINISTRATOR, log: LOG, archivist: ARCHIVIST };
    let mut story = Story::empty(origin(), keys);
    let mut created = ArchiveCreated::new(agent(ADMINISTRATOR, Role::Administrator), story.log_key().to_string());
    first(&mut created);
    story.act(ADMINISTRATOR, created.into(), None, &[]);
    let mut archivist = agent(ARCHIVIST, Role::Archivist);
    second(&mut archivist);
    story.act(ADMINISTRATOR, added(archivist), None, &[]);
    story.object(FIRST);
    story.act(ARCHIVIST, ingested(FIRST), Some("first"), &[]);
    story
}

pub fn begun() -> Story {
    begun_with(|_| {}, |_| {})
}

/// The same with recovery keys, of which two must sign.
pub fn recoverable() -> Story {
    begun_with(|created| created.recovery = Some(recovery(&RECOVERY, 2)), |_| {})
}

/// The time of an entry, moved by some milliseconds.
fn time_of(index: i64, ms: i64) -> Timestamp {
    Timestamp::from_unix_ms(1_795_424_400_120 + 60_000 * index + ms).unwrap()
}

fn note(story: &mut Story, signer: u8) {
    story.act(signer, noted(), Some("first"), &[]);
}

/// What is found in the archive.
fn found(story: &Story) -> BTreeSet<&'static str> {
    let mut story = story.clone();
    story.commit();
    finds(&story.archive().files(), false)
}

fn bundle_of(story: &Story, signer: u8) -> Bundle {
    let fields = vec![Vec::new(); story.lines.len()];
    let exhibits: [ExhibitId; 1] = [exhibit("first")];
    let (log_signer, signer) = (key(story.log_signer), key(signer));
    let keys = (&log_signer, &signer);
    let mut bundle = selected_under(&story.head(), keys, &story.log(), &fields, &exhibits, "none");
    seal(&mut bundle, &signer);
    bundle
}

fn report_of(story: &Story, signer: u8) -> BundleReport {
    bundles::report(&bundle_of(story, signer))
}

/// What is found in a bundle of the exhibit.
fn found_in_bundle(story: &Story, signer: u8) -> BTreeSet<&'static str> {
    codes(&report_of(story, signer))
}

/// What the receipts of the last entry show, with those of all entries that change who may sign.
fn shown(story: &Story) -> Result<receipts::Shown, String> {
    let last = story.lines.len() as u64 - 1;
    let changes = |line: &Vec<u8>| {
        let kind = SignedEntry::parse(line).unwrap().entry.event.kind();
        kind.is_some_and(vouchsafe_core::model::EventKind::changes_who_may_sign)
    };
    let indices = (0..last).filter(|&index| changes(&story.lines[usize::try_from(index).unwrap()]));
    let receipts: Vec<_> = indices.chain([last]).map(|index| story.receipt(index)).collect();
    receipts::check(&receipts).map_err(|error| error.to_string())
}

fn assert_sound(story: &Story, signer: u8) {
    assert_eq!(found(story), BTreeSet::new());
    let report = report_of(story, signer);
    assert_eq!(*report.findings, []);
    assert_eq!(report.archive.map(|archive| archive.fingerprint()), story.fingerprint());
    let shown = shown(story).unwrap();
    assert_eq!(Some(shown.fingerprint), story.fingerprint());
    assert_eq!(shown.log_key, log_key_of(story.log_signer));
}

/// What must be found in the archive, and in a bundle; then the receipts show nothing.
fn assert_found(what: &str, story: &Story, in_archive: &[&str], in_bundle: &[&str]) {
    assert_eq!(found(story), in_archive.iter().copied().collect(), "{what}");
    let mut codes = found_in_bundle(story, ADMINISTRATOR);
    // Who made the bundle listed the key of an agent who is not introduced.
    codes.remove("B306");
    assert_eq!(codes, in_bundle.iter().copied().collect(), "{what}");
    assert!(shown(story).is_err(), "{what}");
}

// --- as it should be --------------------------------------------------------------------------

#[test]
fn an_agent_is_changed() {
    let mut story = begun();
    note(&mut story, ARCHIVIST);
    story.act(ADMINISTRATOR, changed(ARCHIVIST, &[Role::Administrator, Role::Lawyer]), None, &[]);
    story.act(ARCHIVIST, added(agent(DEPUTY, Role::Administrator)), None, &[]);
    story.act(DEPUTY, changed(ADMINISTRATOR, &[Role::Archivist]), None, &[]);
    note(&mut story, ADMINISTRATOR);
    assert_sound(&story, DEPUTY);
    assert_sound(&story, ADMINISTRATOR);
}

/// What an agent may do is changed only from the next entry on, whatever comes later.
#[test]
fn roles_are_those_of_the_entry_before() {
    let ingest_again = |story: &mut Story, signer| {
        story.act(signer, ingested(FIRST), Some("second"), &[]);
    };
    let mut story = begun();
    ingest_again(&mut story, ARCHIVIST);
    story.act(ADMINISTRATOR, changed(ARCHIVIST, &[Role::Investigator]), None, &[]);
    note(&mut story, ARCHIVIST);
    assert_sound(&story, ADMINISTRATOR);
    let mut beyond = story.clone();
    beyond.act(ARCHIVIST, vouchsafe_core::model::ExhibitDescribed { fields: Vec::new() }.into(), Some("first"), &[]);
    assert_found("beyond the new roles", &beyond, &["V304"], &["B406"]);
    let mut before = begun();
    before.act(ADMINISTRATOR, changed(ARCHIVIST, &[Role::Lawyer]), None, &[]);
    ingest_again(&mut before, ARCHIVIST);
    assert_eq!(found(&before), ["V304"].into());
    let mut again = before.clone();
    again.lines.pop();
    again.act(ADMINISTRATOR, changed(ARCHIVIST, &[Role::Archivist]), None, &[]);
    assert!(shown(&again).is_ok());
}

#[test]
fn a_key_is_rotated() {
    // To the one that was announced.
    let mut story = begun_with(|_| {}, |agent| agent.next = Some(id(NEXT_ARCHIVIST)));
    story.act_signed(&[NEXT_ARCHIVIST], rotated(ARCHIVIST, NEXT_ARCHIVIST, Role::Archivist), None);
    note(&mut story, NEXT_ARCHIVIST);
    assert_sound(&story, ADMINISTRATOR);
    // To any, with an administrator, who or whose new agent is the actor. The old key may sign as well.
    for signers in [[NEXT_ARCHIVIST, ADMINISTRATOR].as_slice(), &[ADMINISTRATOR, NEXT_ARCHIVIST, ARCHIVIST]] {
        let mut story = begun();
        story.act_signed(signers, rotated(ARCHIVIST, NEXT_ARCHIVIST, Role::Archivist), None);
        note(&mut story, NEXT_ARCHIVIST);
        assert_sound(&story, ADMINISTRATOR);
    }
    // The last administrator's own, announced by a change.
    let mut story = begun();
    let announced = AgentChanged {
        expires: None,
        fields: Vec::new(),
        key: id(ADMINISTRATOR),
        next: Some(id(NEXT_ADMINISTRATOR)),
        roles: vec![Role::Administrator],
    };
    story.act(ADMINISTRATOR, announced.into(), None, &[]);
    story.act_signed(&[NEXT_ADMINISTRATOR], rotated(ADMINISTRATOR, NEXT_ADMINISTRATOR, Role::Administrator), None);
    story.act(NEXT_ADMINISTRATOR, changed(ARCHIVIST, &[Role::Lawyer]), None, &[]);
    assert_sound(&story, NEXT_ADMINISTRATOR);
    assert_eq!(found_in_bundle(&story, ADMINISTRATOR), ["B304"].into());
}

/// Also the entry by which a key comes in is in question, where that key is revoked from there on.
#[test]
fn a_key_that_comes_in_with_an_entry_in_question_is_in_question() {
    let rotated = begun_with(|_| {}, |archivist| archivist.next = Some(id(NEXT_ARCHIVIST)));
    let by_itself = |mut story: Story| {
        story.act_signed(&[NEXT_ARCHIVIST], self::rotated(ARCHIVIST, NEXT_ARCHIVIST, Role::Archivist), None);
        (story, NEXT_ARCHIVIST)
    };
    let by_an_administrator = |mut story: Story| {
        story.act_signed(
            &[ADMINISTRATOR, NEXT_ARCHIVIST],
            self::rotated(ARCHIVIST, NEXT_ARCHIVIST, Role::Archivist),
            None,
        );
        (story, NEXT_ARCHIVIST)
    };
    let by_recovery_keys = |mut story: Story| {
        story.act_signed(&[RECOVERED, RECOVERY[0], RECOVERY[2]], recovered(RECOVERED, Role::Archivist), None);
        (story, RECOVERED)
    };
    let in_question = (["V305"].into(), ["B407"].into());
    for (story, introduced) in [by_itself(rotated), by_an_administrator(begun()), by_recovery_keys(recoverable())] {
        for (from, expected) in [(2, &in_question), (3, &in_question), (4, &Default::default())] {
            let mut story = story.clone();
            story.act(ADMINISTRATOR, revoked(introduced, from), None, &[]);
            assert_eq!(&(found(&story), found_in_bundle(&story, ADMINISTRATOR)), expected, "{introduced} from {from}");
            assert_eq!(shown(&story).is_err(), from < 4, "{introduced} from {from}");
        }
    }
}

#[test]
fn an_agent_is_recovered() {
    let mut story = recoverable();
    story.act_signed(&[RECOVERED, RECOVERY[0], RECOVERY[2]], recovered(RECOVERED, Role::Administrator), None);
    story.act(RECOVERED, revoked(ADMINISTRATOR, 4), None, &[]);
    story.act_signed(&[RECOVERED, RECOVERY[1], RECOVERY[2]], recovery_set(&LATER_RECOVERY, 1), None);
    story.act_signed(&[DEPUTY, LATER_RECOVERY[0]], recovered(DEPUTY, Role::Archivist), None);
    note(&mut story, DEPUTY);
    assert_sound(&story, RECOVERED);
    // Where none is in force, an administrator sets the first.
    let mut story = begun();
    story.act(ADMINISTRATOR, recovery_set(&RECOVERY, 3), None, &[]);
    let signers = [&[RECOVERED][..], &RECOVERY].concat();
    story.act_signed(&signers, recovered(RECOVERED, Role::Archivist), None);
    note(&mut story, RECOVERED);
    assert_sound(&story, ADMINISTRATOR);
}

#[test]
fn a_key_signs_until_it_expires() {
    let last = begun_with(|_| {}, |agent| agent.expires = Some(time_of(2, 0)));
    assert_sound(&last, ADMINISTRATOR);
    let told = "whether keys had expired: that rests on the archive's own clock".to_owned();
    assert!(report_of(&last, ADMINISTRATOR).not_checked.iter().any(|text| text.english() == told));
    assert!(shown(&last).unwrap().not_checked.iter().any(|text| text.english() == told));
    let mut committed = last.clone();
    committed.commit();
    let files = committed.archive().files();
    assert!(
        verify(&Held(&files), &request(&files), &mut Nobody, &Unwatched)
            .unwrap()
            .not_checked
            .iter()
            .any(|text| text.english() == told)
    );
    let mut after = last;
    note(&mut after, ARCHIVIST);
    assert_found("after it expired", &after, &["V307"], &["B411"]);
    let before = begun_with(|_| {}, |agent| agent.expires = Some(time_of(2, -1)));
    assert_found("a millisecond after it expired", &before, &["V307"], &["B411"]);
    // Unless it was prolonged before; not afterwards.
    let prolonged = |story: &mut Story| {
        let event = AgentChanged {
            expires: Some(time_of(9, 0)),
            fields: Vec::new(),
            key: id(ARCHIVIST),
            next: None,
            roles: vec![Role::Archivist],
        };
        story.act(ADMINISTRATOR, event.into(), None, &[]);
    };
    let mut story = begun_with(|_| {}, |agent| agent.expires = Some(time_of(2, 0)));
    prolonged(&mut story);
    note(&mut story, ARCHIVIST);
    assert_sound(&story, ADMINISTRATOR);
    let mut story = begun_with(|_| {}, |agent| agent.expires = Some(time_of(2, -1)));
    prolonged(&mut story);
    assert_eq!(found(&story), ["V307"].into());
    assert_eq!(found_in_bundle(&story, ADMINISTRATOR), ["B411"].into());
    // The bundle's own signature is of its own time.
    let administrator =
        |expires: Timestamp| begun_with(|created| created.administrator.expires = Some(expires), |_| {});
    let created_at: Timestamp = "2026-11-23T10:00:00.000Z".parse().unwrap();
    assert_sound(&administrator(created_at), ADMINISTRATOR);
    let earlier = Timestamp::from_unix_ms(created_at.unix_ms() - 1).unwrap();
    assert_eq!(found_in_bundle(&administrator(earlier), ADMINISTRATOR), ["B304"].into());
}

#[test]
fn the_log_key_is_changed() {
    let next = Digest::of(log_key_of(NEXT_LOG).to_string().as_bytes());
    for announced in [None, Some(next)] {
        let mut story = begun_with(|created| created.next_log_key = announced, |_| {});
        story.commit();
        story.act(ADMINISTRATOR, log_key_changed(NEXT_LOG), None, &[]);
        story.log_signer = NEXT_LOG;
        story.commit();
        note(&mut story, ARCHIVIST);
        assert_sound(&story, ADMINISTRATOR);
        story.commit();
        story.act(ADMINISTRATOR, log_key_changed(LAST_LOG), None, &[]);
        story.log_signer = LAST_LOG;
        note(&mut story, ARCHIVIST);
        assert_sound(&story, ADMINISTRATOR);
    }
}

// --- as it should not be ----------------------------------------------------------------------

#[test]
fn a_rotation_that_nobody_vouches_for_is_found() {
    let with = |announced: Option<u8>, signers: &[u8]| {
        let mut story = begun_with(|_| {}, |agent| agent.next = announced.map(id));
        story.act_signed(signers, rotated(ARCHIVIST, NEXT_ARCHIVIST, Role::Archivist), None);
        story
    };
    for (what, announced, signers) in [
        ("the old key alone", Some(NEXT_ARCHIVIST), [ARCHIVIST].as_slice()),
        ("the old key and an administrator", None, &[ARCHIVIST, ADMINISTRATOR]),
        ("the new key alone", None, &[NEXT_ARCHIVIST]),
        ("the new key, and another is announced", Some(NEXT_ADMINISTRATOR), &[NEXT_ARCHIVIST]),
        ("both keys", None, &[NEXT_ARCHIVIST, ARCHIVIST]),
        ("the old key in front of the one that was announced", Some(NEXT_ARCHIVIST), &[ARCHIVIST, NEXT_ARCHIVIST]),
    ] {
        assert_found(what, &with(announced, signers), &["V304"], &["B406"]);
    }
    let stranger = with(Some(NEXT_ARCHIVIST), &[NEXT_ARCHIVIST, STRANGER]);
    assert_found("a stranger beside the new key", &stranger, &["V302"], &["B406"]);
    // An administrator does not vouch for the own new key, nor does the new key.
    let mut own = begun();
    own.act_signed(
        &[NEXT_ADMINISTRATOR, ADMINISTRATOR],
        rotated(ADMINISTRATOR, NEXT_ADMINISTRATOR, Role::Administrator),
        None,
    );
    assert_found("an administrator's own", &own, &["V304"], &["B406"]);
    // Nor one who is none any more.
    let mut former = begun();
    former.act(ADMINISTRATOR, added(agent(DEPUTY, Role::Administrator)), None, &[]);
    former.act(ADMINISTRATOR, changed(DEPUTY, &[Role::Archivist]), None, &[]);
    former.act_signed(&[NEXT_ARCHIVIST, DEPUTY], rotated(ARCHIVIST, NEXT_ARCHIVIST, Role::Archivist), None);
    assert_found("a former administrator", &former, &["V304"], &["B406"]);
}

#[test]
fn a_rotation_to_something_else_is_found() {
    let to = |prepare: &dyn Fn(&mut Story), old: u8, new: u8, role: Role| {
        let mut story = recoverable();
        prepare(&mut story);
        story.act_signed(&[ADMINISTRATOR, new], rotated(old, new, role), None);
        story
    };
    let revoke = |story: &mut Story| {
        story.act(ADMINISTRATOR, added(agent(DEPUTY, Role::Archivist)), None, &[]);
        story.act(ADMINISTRATOR, revoked(DEPUTY, 5), None, &[]);
    };
    let add = |story: &mut Story| story.act(ADMINISTRATOR, added(agent(DEPUTY, Role::Archivist)), None, &[]);
    let nothing = |_: &mut Story| {};
    let roles = to(&nothing, ARCHIVIST, NEXT_ARCHIVIST, Role::Administrator);
    assert_found("other roles", &roles, &["V206"], &["B408"]);
    assert_found("a revoked key", &to(&revoke, ARCHIVIST, DEPUTY, Role::Archivist), &["V303", "V304"], &["B406"]);
    assert_found("of a revoked key", &to(&revoke, DEPUTY, NEXT_ARCHIVIST, Role::Archivist), &["V206"], &["B408"]);
    assert_found("an agent's key", &to(&add, ARCHIVIST, DEPUTY, Role::Archivist), &["V206"], &["B408"]);
    assert_found("the log's key", &to(&nothing, ARCHIVIST, LOG, Role::Archivist), &["V206"], &["B408"]);
    assert_found("a recovery key", &to(&nothing, ARCHIVIST, RECOVERY[0], Role::Archivist), &["V206"], &["B408"]);
    assert_found("of a stranger", &to(&nothing, STRANGER, NEXT_ARCHIVIST, Role::Archivist), &["V206"], &["B408"]);
    let kind = {
        let mut story = begun();
        let mut other = agent(NEXT_ARCHIVIST, Role::Archivist);
        other.kind = vouchsafe_core::model::AgentKind::Software;
        let event = AgentRotated { agent: other, fields: Vec::new(), key: id(ARCHIVIST) };
        story.act_signed(&[ADMINISTRATOR, NEXT_ARCHIVIST], event.into(), None);
        story
    };
    assert_found("another kind", &kind, &["V206"], &["B408"]);
}

#[test]
fn after_a_rotation_the_old_key_signs_nothing() {
    let mut story = begun();
    note(&mut story, ARCHIVIST);
    story.act_signed(&[ADMINISTRATOR, NEXT_ARCHIVIST], rotated(ARCHIVIST, NEXT_ARCHIVIST, Role::Archivist), None);
    let mut old = story.clone();
    note(&mut old, ARCHIVIST);
    assert_found("the old key", &old, &["V303"], &["B406"]);
    let mut early = begun();
    note(&mut early, NEXT_ARCHIVIST);
    early.act_signed(&[ADMINISTRATOR, NEXT_ARCHIVIST], rotated(ARCHIVIST, NEXT_ARCHIVIST, Role::Archivist), None);
    assert_eq!(found(&early), ["V302"].into());
    assert_eq!(found_in_bundle(&early, ADMINISTRATOR), ["B406"].into());
}

#[test]
fn a_change_by_whom_it_is_not_for_is_found() {
    let mut by_archivist = begun();
    by_archivist.act(ARCHIVIST, changed(ARCHIVIST, &[Role::Administrator]), None, &[]);
    assert_found("by an archivist", &by_archivist, &["V304"], &["B406"]);
    let mut raised = by_archivist;
    raised.act(ARCHIVIST, added(agent(DEPUTY, Role::Archivist)), None, &[]);
    assert_found("and what follows from it", &raised, &["V304"], &["B406"]);
    // Of which a bundle does not know: it need not show all agents.
    let mut last = begun();
    last.act(ADMINISTRATOR, changed(ADMINISTRATOR, &[Role::Archivist]), None, &[]);
    assert_eq!(found(&last), ["V206"].into());
    assert_eq!(found_in_bundle(&last, ADMINISTRATOR), BTreeSet::new());
    let mut unknown = begun();
    unknown.act(ADMINISTRATOR, changed(STRANGER, &[Role::Archivist]), None, &[]);
    assert_found("of a stranger", &unknown, &["V206"], &["B408"]);
    let mut gone = begun();
    gone.act(ADMINISTRATOR, revoked(ARCHIVIST, 4), None, &[]);
    gone.act(ADMINISTRATOR, changed(ARCHIVIST, &[Role::Administrator]), None, &[]);
    assert_found("of a revoked key", &gone, &["V206"], &["B408"]);
}

#[test]
fn a_recovery_without_its_keys_is_found() {
    let with = |mut story: Story, signers: &[u8]| {
        story.act_signed(signers, recovered(RECOVERED, Role::Administrator), None);
        story
    };
    let [first, second, third] = RECOVERY;
    for (what, signers) in [
        ("one recovery key", [RECOVERED, first].as_slice()),
        ("one recovery key and an administrator", &[RECOVERED, first, ADMINISTRATOR]),
        ("no new key", &[ADMINISTRATOR, first, second]),
        ("a recovery key for its actor", &[first, second, third]),
    ] {
        assert_found(what, &with(recoverable(), signers), &["V304"], &["B406"]);
    }
    let none = with(begun(), &[RECOVERED]);
    assert_found("none in force", &none, &["V206"], &["B408"]);
    // A key that signs twice is no entry.
    let twice = with(recoverable(), &[RECOVERED, first, first]);
    assert!(SignedEntry::parse(twice.lines.last().unwrap()).is_err());
    assert_eq!(found(&twice), ["V201"].into());
    let mut earlier = recoverable();
    earlier.act_signed(&[ADMINISTRATOR, first, second], recovery_set(&LATER_RECOVERY, 1), None);
    let earlier = with(earlier, &[RECOVERED, first, second]);
    assert_found("keys that were replaced", &earlier, &["V302", "V304"], &["B406"]);
    // Nothing else is signed by them.
    let mut other = recoverable();
    note(&mut other, first);
    assert_found("an ordinary entry", &other, &["V302"], &["B406"]);
    let mut beside = recoverable();
    beside.act_signed(&[ARCHIVIST, first], noted(), Some("first"));
    assert_found("beside an agent", &beside, &["V302"], &["B406"]);
    for (what, number) in [("the log key", LOG), ("a recovery key", second), ("an agent's key", ARCHIVIST)] {
        let mut story = recoverable();
        story.act_signed(&[number, first, third], recovered(number, Role::Archivist), None);
        assert_found(what, &story, &["V206"], &["B408"]);
    }
}

#[test]
fn recovery_keys_are_set_by_whom_it_is_for() {
    let with = |mut story: Story, signers: &[u8], keys: &[u8]| {
        story.act_signed(signers, recovery_set(keys, 1), None);
        story
    };
    let [first, second, _] = RECOVERY;
    let alone = with(recoverable(), &[ADMINISTRATOR], &LATER_RECOVERY);
    assert_found("without those in force", &alone, &["V304"], &["B406"]);
    let one = with(recoverable(), &[ADMINISTRATOR, first], &LATER_RECOVERY);
    assert_found("with too few of those in force", &one, &["V304"], &["B406"]);
    let new = with(begun(), &[ADMINISTRATOR, LATER_RECOVERY[0]], &LATER_RECOVERY);
    assert_found("signed by those that it sets", &new, &["V302"], &["B406"]);
    let archivist = with(recoverable(), &[ARCHIVIST, first, second], &LATER_RECOVERY);
    assert_found("by an archivist", &archivist, &["V304"], &["B406"]);
    for (what, number) in [("the log key", LOG), ("an agent's key", ARCHIVIST)] {
        assert_found(what, &with(begun(), &[ADMINISTRATOR], &[first, number]), &["V206"], &["B408"]);
    }
    let own = begun_with(|created| created.recovery = Some(recovery(&[first, ADMINISTRATOR], 1)), |_| {});
    assert!(found(&own).contains("V206"));
    assert!(found_in_bundle(&own, ADMINISTRATOR).contains("B408"));
    let mut added_later = recoverable();
    added_later.act(ADMINISTRATOR, added(agent(first, Role::Archivist)), None, &[]);
    assert_found("a recovery key is added", &added_later, &["V206"], &["B408"]);
}

#[test]
fn checkpoints_are_signed_by_the_log_key_in_force() {
    let change = |story: &mut Story| story.act(ADMINISTRATOR, log_key_changed(NEXT_LOG), None, &[]);
    // By the old one afterwards, and by the new one before.
    let mut story = begun();
    change(&mut story);
    assert_found("the old key", &story, &["V402"], &["B401"]);
    note(&mut story, ARCHIVIST);
    assert_found("the old key, later", &story, &["V402"], &["B401"]);
    let mut early = begun();
    early.log_signer = NEXT_LOG;
    early.commit();
    change(&mut early);
    assert_eq!(found(&early), ["V402"].into());
    assert_sound_in_bundle(&early);
    let mut only_early = begun();
    only_early.log_signer = NEXT_LOG;
    assert_found("the new key without the entry", &only_early, &["V402"], &["B408"]);
    // bundle.json names the one that signed.
    let mut changed = begun();
    change(&mut changed);
    changed.log_signer = NEXT_LOG;
    let mut bundle = bundle_of(&changed, ADMINISTRATOR);
    describe(&mut bundle, |said| said.log_key = log_key_of(LOG));
    seal(&mut bundle, &key(ADMINISTRATOR));
    assert!(codes(&bundles::report(&bundle)).contains("B401"));
}

fn assert_sound_in_bundle(story: &Story) {
    assert_eq!(found_in_bundle(story, ADMINISTRATOR), BTreeSet::new());
}

#[test]
fn a_log_key_that_may_not_be_is_found() {
    let with = |mut story: Story, signer: u8, event: Event| {
        story.act(signer, event, None, &[]);
        story
    };
    let named = |name: &str| {
        let log_key = LogKey::new(name.parse().unwrap(), key(NEXT_LOG).public().clone()).to_string();
        LogKeyChanged { fields: Vec::new(), log_key, log_key_pq: None, next_log_key: None }.into()
    };
    let other_name = with(begun(), ADMINISTRATOR, named("other.example"));
    assert_found("another name", &other_name, &["V206"], &["B408"]);
    for (what, number) in [("an agent's", ARCHIVIST), ("a recovery key", RECOVERY[0]), ("the same again", LOG)] {
        assert_found(what, &with(recoverable(), ADMINISTRATOR, log_key_changed(number)), &["V206"], &["B408"]);
    }
    let announced = begun_with(|created| created.next_log_key = Some(Digest::of(b"another")), |_| {});
    let announced = with(announced, ADMINISTRATOR, log_key_changed(NEXT_LOG));
    assert_found("not the one that was announced", &announced, &["V206"], &["B408"]);
    let by_archivist = with(begun(), ARCHIVIST, log_key_changed(NEXT_LOG));
    assert_found("by an archivist", &by_archivist, &["V304"], &["B406"]);
    let mut back = with(begun(), ADMINISTRATOR, log_key_changed(NEXT_LOG));
    back.log_signer = NEXT_LOG;
    assert_found("back again", &with(back, ADMINISTRATOR, log_key_changed(LOG)), &["V206"], &["B408"]);
    let mut agent_later = with(begun(), ADMINISTRATOR, log_key_changed(NEXT_LOG));
    agent_later.log_signer = NEXT_LOG;
    for number in [LOG, NEXT_LOG] {
        let story = with(agent_later.clone(), ADMINISTRATOR, added(agent(number, Role::Archivist)));
        assert_found("a log key is added as an agent's", &story, &["V206"], &["B408"]);
    }
}

// --- archives that must open --------------------------------------------------------------------

/// An archive in which everything changed: roles, keys, recovery keys, and, if asked for, twice the log's key. In it, the
/// administrator is `RECOVERED`.
fn keys_changed(changes_log: bool) -> Story {
    let next = Digest::of(log_key_of(NEXT_LOG).to_string().as_bytes());
    let first = |created: &mut ArchiveCreated| {
        (created.next_log_key, created.recovery) = (Some(next), Some(recovery(&RECOVERY, 2)));
    };
    let mut story = begun_with(first, |agent| {
        (agent.expires, agent.next) = (Some(time_of(9, 0)), Some(id(NEXT_ARCHIVIST)));
    });
    story.commit();
    story.act(ADMINISTRATOR, changed(ARCHIVIST, &[Role::Archivist, Role::Lawyer]), None, &[("reason", "new duties")]);
    story.act(ADMINISTRATOR, added(agent(DEPUTY, Role::Administrator)), None, &[("name", "Desk B")]);
    let mut rotation = agent(NEXT_ARCHIVIST, Role::Archivist);
    rotation.roles.push(Role::Lawyer);
    let rotation = AgentRotated { agent: rotation, fields: Vec::new(), key: id(ARCHIVIST) };
    story.act_signed(&[NEXT_ARCHIVIST, DEPUTY], rotation.into(), None);
    note(&mut story, NEXT_ARCHIVIST);
    story.commit();
    if changes_log {
        story.act(DEPUTY, log_key_changed(NEXT_LOG), None, &[("reason", "a laptop was lost")]);
        story.log_signer = NEXT_LOG;
    }
    note(&mut story, NEXT_ARCHIVIST);
    story.commit();
    story.act_signed(&[RECOVERED, RECOVERY[0], RECOVERY[1]], recovered(RECOVERED, Role::Administrator), None);
    story.act_signed(&[RECOVERED, RECOVERY[1], RECOVERY[2]], recovery_set(&LATER_RECOVERY, 1), None);
    let next = story.lines.len() as u64 + 1;
    story.act(RECOVERED, revoked(ADMINISTRATOR, next), None, &[("reason", "the key was lost")]);
    if changes_log {
        story.act(RECOVERED, log_key_changed(LAST_LOG), None, &[]);
        story.log_signer = LAST_LOG;
    }
    story.commit();
    note(&mut story, NEXT_ARCHIVIST);
    story.commit();
    story
}

/// An archive whose checkpoints have a line of a second key.
fn with_second_key() -> Story {
    let mut story = begun_with(|created| created.log_key_pq = Some(second_key("ngo.example/dprk")), |_| {});
    let head = with_second_line(&story.head());
    story.commit_with(&head);
    story
}

/// The same, and then other keys in the place of both.
fn with_changed_second_key() -> Story {
    let mut story = with_second_key();
    story.act(ADMINISTRATOR, log_key_changed_with(NEXT_LOG, Some(second_key_of(8, "ngo.example/dprk"))), None, &[]);
    story.log_signer = NEXT_LOG;
    note(&mut story, ARCHIVIST);
    let head = with_second_line_of(8, &story.head());
    story.commit_with(&head);
    story
}

/// What `tests/cli/changed_keys.rs` opens.
#[test]
fn the_archives_that_must_open_are_as_they_are_made() {
    let archives = [
        ("agents-changed", keys_changed(false).archive_in([2, 2, 1])),
        ("keys-changed", keys_changed(true).archive_in([2, 2, 1])),
        ("second-key", with_second_key().archive()),
        ("second-key-changed", with_changed_second_key().archive()),
    ];
    for (name, archive) in archives {
        let files = archive.files();
        let report = verify(&Held(&files), &request(&files), &mut Nobody, &Unwatched).unwrap();
        assert_eq!(*report.findings, [], "{name}");
        for (path, content) in files {
            let path = data::project_file("fixtures/archives").join(name).join(path);
            if data::is_blessed() {
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::write(&path, &content).unwrap();
            }
            let there = std::fs::read(&path).unwrap_or_default();
            assert!(there == content, "{} is not as it is made (VOUCHSAFE_BLESS=1 writes it)", path.display());
        }
    }
}

/// The bundle as it is kept by whoever took it over.
fn dossier_of(bundle: &Bundle) -> Vec<u8> {
    let mut files: Vec<(BundlePath, &Vec<u8>)> =
        bundle.files.iter().map(|(name, content)| (name.parse().unwrap(), content)).collect();
    files.retain(|(path, _)| !path.is_payload());
    files.sort_by(|(a, _), (b, _)| a.cmp(b));
    let mut bytes = Vec::new();
    for (path, content) in files {
        let size_bytes = content.len() as u64;
        bytes.extend(dossier::header(&path, size_bytes).unwrap());
        bytes.extend(content);
        bytes.extend(dossier::padding(size_bytes));
    }
    bytes.extend(dossier::DOSSIER_END);
    bytes
}

/// What a dossier proves of a log whose key was changed, and how that can contradict an earlier one.
#[test]
fn a_dossier_proves_its_log_by_the_key_in_force() {
    let view = |story: &Story, signer: u8, log_signer: u8| {
        let mut story = story.clone();
        story.log_signer = log_signer;
        let bytes = dossier_of(&bundle_of(&story, signer));
        let size_bytes = bytes.len() as u64;
        LogView::prove(&DossierBundle::open(std::sync::Arc::new(bytes), 0, size_bytes).unwrap(), Text::same("it"))
    };
    let story = keys_changed(true);
    let later = view(&story, RECOVERED, LAST_LOG).unwrap();
    assert_eq!((later.size, &later.log_key), (story.lines.len() as u64, &log_key_of(LAST_LOG)));
    assert_eq!(Some(later.archive.fingerprint()), story.fingerprint());
    for other in [LOG, NEXT_LOG, STRANGER] {
        assert!(view(&story, RECOVERED, other).is_err(), "{other}");
    }
    // The same log before the keys were changed does not contradict it, and one that went another way does.
    let mut earlier = story.clone();
    earlier.lines.truncate(7);
    let earlier = view(&earlier, DEPUTY, LOG).unwrap();
    assert_eq!(later.against(&earlier), None);
    let mut forked = story.clone();
    forked.lines.truncate(7);
    forked.act(NEXT_ARCHIVIST, noted(), Some("first"), &[("note", "Another remark.")]);
    let forked_at_seven = view(&forked, DEPUTY, LOG).unwrap();
    let found = later.against(&forked_at_seven).map(|finding| finding.code.code());
    assert_eq!(found, Some("B701"), "{forked_at_seven:?}");
}

// --- the second key of the log ----------------------------------------------------------------

/// A verifier key for ML-DSA-44, whatever its bytes are.
pub fn second_key(name: &str) -> String {
    second_key_of(7, name)
}

fn second_key_of(byte: u8, name: &str) -> String {
    let key = [&[6], [byte; 1312].as_slice()].concat();
    let hash = Sha256::digest([name.as_bytes(), b"\n", &key].concat());
    let hash: String = hash[..4].iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{name}+{hash}+{}", BASE64.encode(key))
}

/// The checkpoint with a signature line of that key.
pub fn with_second_line(head: &SignedCheckpoint) -> SignedCheckpoint {
    with_second_line_of(7, head)
}

fn with_second_line_of(byte: u8, head: &SignedCheckpoint) -> SignedCheckpoint {
    let name = origin().to_string();
    let key = [&[6], [byte; 1312].as_slice()].concat();
    let hash = Sha256::digest([name.as_bytes(), b"\n", &key].concat());
    let line = BASE64.encode([&hash[..4], &[9; 2420]].concat());
    SignedCheckpoint::parse(format!("{}— {name} {line}\n", head.text()).as_bytes()).unwrap()
}

#[test]
fn a_second_log_key_has_one_form() {
    let text = second_key("ngo.example/dprk");
    assert_eq!(text.parse::<LogKeyPq>().unwrap().to_string(), text);
    let (before, _) = text.rsplit_once('+').unwrap();
    let of = |bytes: &[u8]| format!("{before}+{}", BASE64.encode(bytes));
    for wrong in [
        text.replace("ngo.", "ngp."),
        of(&[&[6], [7_u8; 1311].as_slice()].concat()),
        of(&[&[1], [7_u8; 1312].as_slice()].concat()),
        of(&[&[6], [8_u8; 1312].as_slice()].concat()),
        log_key_of(LOG).to_string(),
        String::new(),
    ] {
        assert!(wrong.parse::<LogKeyPq>().is_err(), "{wrong}");
    }
}

#[test]
fn a_checkpoint_has_a_line_of_the_second_log_key() {
    let story = begun_with(|created| created.log_key_pq = Some(second_key("ngo.example/dprk")), |_| {});
    assert_eq!(found(&story), ["V402"].into());
    assert_eq!(found_in_bundle(&story, ADMINISTRATOR), ["B401"].into());
    assert!(shown(&story).unwrap_err().contains("no checkpoint in it has a line of the log's second key"));
    let head = with_second_line(&story.head());
    let mut committed = story.clone();
    committed.commit_with(&head);
    let files: Files = committed.archive().files();
    let report = verify(&Held(&files), &request(&files), &mut Nobody, &Unwatched).unwrap();
    assert_eq!(*report.findings, []);
    let told = "the ML-DSA-44 signatures of checkpoints".to_owned();
    assert!(report.not_checked.iter().any(|text| text.english() == told));
    let fields = vec![Vec::new(); story.lines.len()];
    let (log, administrator) = (key(LOG), key(ADMINISTRATOR));
    let mut bundle = selected_under(&head, (&log, &administrator), &story.log(), &fields, &[exhibit("first")], "none");
    seal(&mut bundle, &administrator);
    let report = bundles::report(&bundle);
    assert_eq!(*report.findings, []);
    assert!(report.not_checked.iter().any(|text| text.english() == told));
    // A receipt needs the line no more than those of others: it leads to the checkpoint by its text and the log's signature.
    let is_receipt = |name: &&String| {
        let path: Option<vouchsafe_core::format::bundle::BundlePath> = name.parse().ok();
        matches!(path.and_then(|path| path.part()), Some(Part::Entry(Subject::Exhibit(_), _, EntryFile::Receipt)))
    };
    let name = bundle.files.keys().find(is_receipt).unwrap().clone();
    bundle.files.insert(name, story.receipt(2).to_string().into_bytes());
    seal(&mut bundle, &administrator);
    assert_eq!(*bundles::report(&bundle).findings, []);
    let receipts: Vec<_> = (0..3).map(|index| story.log().receipt(index, head.clone())).collect();
    assert!(receipts::check(&receipts).unwrap().not_checked.iter().any(|text| text.english() == told));
    // So it is with receipts that are given out together: one of them has it.
    for with_line in 0..3 {
        let mut mixed: Vec<_> = (0..3).map(|index| story.receipt(index)).collect();
        assert!(receipts::check(&mixed).is_err());
        mixed[with_line] = receipts[with_line].clone();
        assert!(receipts::check(&mixed).unwrap().not_checked.iter().any(|text| text.english() == told));
    }
    assert!(receipts::check(&receipts[..1]).unwrap().not_checked.iter().any(|text| text.english() == told));
    let alone = receipts::check(&[story.receipt(0)]).unwrap_err().to_string();
    assert!(alone.contains("second key"), "{alone}");
    // In an entry, its name is the log's.
    let wrong = ArchiveCreated {
        log_key_pq: Some(second_key("other.example")),
        ..ArchiveCreated::new(agent(ADMINISTRATOR, Role::Administrator), log_key_of(LOG).to_string())
    };
    let (entry, _) = Story::new().draft(ADMINISTRATOR, wrong.into(), None, &[]);
    let first = vouchsafe_core::format::Entry { index: EntryIndex(0), previous: Digest::ZERO, ..entry };
    assert!(first.sign(&key(ADMINISTRATOR)).is_err());
}

/// The second key is replaced, or ended, with the log's key.
#[test]
fn the_second_log_key_in_force_is_that_beside_the_log_key() {
    let name = "ngo.example/dprk";
    let changed = |log_key_pq: Option<String>| {
        let mut story = with_second_key();
        story.act(ADMINISTRATOR, log_key_changed_with(NEXT_LOG, log_key_pq), None, &[]);
        story.log_signer = NEXT_LOG;
        story
    };
    let judged = |story: &Story, head: &SignedCheckpoint| {
        let mut committed = story.clone();
        committed.commit_with(head);
        let in_archive = finds(&committed.archive().files(), false);
        let fields = vec![Vec::new(); story.lines.len()];
        let (log, administrator) = (key(NEXT_LOG), key(ADMINISTRATOR));
        let mut bundle =
            selected_under(head, (&log, &administrator), &story.log(), &fields, &[exhibit("first")], "none");
        seal(&mut bundle, &administrator);
        (in_archive, codes(&bundles::report(&bundle)))
    };
    let (sound, without) = ((BTreeSet::new(), BTreeSet::new()), (["V402"].into(), ["B401"].into()));
    let replaced = changed(Some(second_key_of(8, name)));
    assert_eq!(judged(&replaced, &with_second_line_of(8, &replaced.head())), sound);
    assert_eq!(judged(&replaced, &with_second_line_of(7, &replaced.head())), without);
    assert_eq!(judged(&replaced, &replaced.head()), without);
    let kept = changed(Some(second_key(name)));
    assert_eq!(judged(&kept, &with_second_line(&kept.head())), sound);
    assert_eq!(judged(&kept, &kept.head()), without);
    let ended = changed(None);
    assert_eq!(judged(&ended, &ended.head()), sound);
    assert_eq!(judged(&ended, &with_second_line(&ended.head())), sound);
    // One that comes later than the log.
    let mut begun = begun();
    begun.act(ADMINISTRATOR, log_key_changed_with(NEXT_LOG, Some(second_key(name))), None, &[]);
    begun.log_signer = NEXT_LOG;
    assert_eq!(judged(&begun, &with_second_line(&begun.head())), sound);
    assert_eq!(judged(&begun, &begun.head()), without);
    // It has the name of the log.
    let (entry, _) =
        begun.draft(ADMINISTRATOR, log_key_changed_with(LAST_LOG, Some(second_key("other.example"))), None, &[]);
    assert!(entry.sign(&key(ADMINISTRATOR)).is_err());
}

// --- letters, and the form of what is new -------------------------------------------------------

/// A letter about an offer that a rotated agent signed, under a checkpoint by the log's next key.
#[test]
fn a_letter_rests_on_rotated_keys_and_a_changed_log_key() {
    let mut story = begun();
    let bundle = Digest::of(b"a bundle");
    let exported = BundleExported {
        bundle,
        exhibits: 1,
        fields: Vec::new(),
        objects: 1,
        size: 3,
        size_bytes: FIRST.len() as u64,
        software: "vouchsafe/0.1.0".to_owned(),
        withheld_fields: 0,
    };
    story.act(ARCHIVIST, exported.into(), None, &[]);
    story.act_signed(&[ADMINISTRATOR, NEXT_ARCHIVIST], rotated(ARCHIVIST, NEXT_ARCHIVIST, Role::Archivist), None);
    let offer = || -> Event {
        TransferOffered { bundle, exhibits: 1, fields: Vec::new(), size_bytes: FIRST.len() as u64 }.into()
    };
    story.act(NEXT_ARCHIVIST, offer(), None, &[]);
    story.act(ADMINISTRATOR, log_key_changed(NEXT_LOG), None, &[]);
    story.log_signer = NEXT_LOG;
    assert_sound(&story, ADMINISTRATOR);
    let letter = |story: &Story, indices: &[u64]| {
        let receipts = indices.iter().map(|&index| story.receipt(index)).collect();
        let archive = story.fingerprint().unwrap();
        letter::check(&Letter { archive, fields: Vec::new(), receipts }.to_bytes().unwrap())
    };
    let told = letter(&story, &[0, 1, 4, 6, 5]).unwrap();
    assert_eq!(told.shown.log_key, log_key_of(NEXT_LOG));
    let reason = |indices: &[u64]| letter(&story, indices).unwrap_err().to_string();
    assert!(reason(&[0, 1, 4, 5]).contains("not signed by the log's key"));
    assert!(reason(&[0, 4, 6, 5]).contains("has no place here"));
    assert!(reason(&[0, 1, 6, 5]).contains("is not introduced in it"));
    story.log_signer = LOG;
    assert!(letter(&story, &[0, 1, 4, 6, 5]).unwrap_err().to_string().contains("not signed by the log's key"));
    // The old key after the rotation.
    let mut old = begun();
    old.act_signed(&[ADMINISTRATOR, NEXT_ARCHIVIST], rotated(ARCHIVIST, NEXT_ARCHIVIST, Role::Archivist), None);
    old.act(ARCHIVIST, offer(), None, &[]);
    assert!(letter(&old, &[0, 1, 3, 4]).unwrap_err().to_string().contains("was revoked at entry 3"));
}

#[test]
fn what_is_new_has_one_form() {
    let story = recoverable();
    let line = |event: Event| String::from_utf8(story.draft(ADMINISTRATOR, event, None, &[]).0.message()).unwrap();
    let read = |message: &str| {
        SignedEntry::parse(crate::samples::sign_message(message, [ADMINISTRATOR]).as_bytes()).map(|_| ())
    };
    let refuse = |event: Event, changes: &[(&str, &str)]| {
        let good = line(event);
        assert!(read(&good).is_ok(), "{good}");
        for (from, to) in changes {
            assert!(good.contains(from), "{from:?} is not in {good}");
            assert!(read(&good.replacen(from, to, 1)).is_err(), "{from:?} to {to:?} in {good}");
        }
    };
    let mut record = agent(NEXT_ARCHIVIST, Role::Archivist);
    (record.expires, record.next) = (Some(time_of(9, 0)), Some(id(STRANGER)));
    let expires = format!("\"expires\":\"{}\"", time_of(9, 0));
    refuse(
        added(record),
        &[
            (&expires, "\"expires\":null"),
            (&expires, "\"expires\":\"2026-11-23T09:09:00Z\""),
            ("\"next\":\"SHA256:", "\"next\":\"MD5:"),
            ("\"kind\":\"person\",", ""),
        ],
    );
    refuse(changed(ARCHIVIST, &[Role::Archivist]), &[("[\"archivist\"]", "[]"), ("\"key\":", "\"agent\":1,\"key\":")]);
    refuse(rotated(ARCHIVIST, NEXT_ARCHIVIST, Role::Archivist), &[("[\"archivist\"]", "[]"), ("\"key\":", "\"kez\":")]);
    refuse(recovered(RECOVERED, Role::Archivist), &[("[\"archivist\"]", "[\"archivist\",\"archivist\"]")]);
    let keys = serde_json::to_string(&recovery(&RECOVERY, 2).keys).unwrap();
    let mut reversed = recovery(&RECOVERY, 2).keys;
    reversed.reverse();
    let reversed = serde_json::to_string(&reversed).unwrap();
    let one = serde_json::to_string(&recovery(&RECOVERY[..1], 1).keys).unwrap();
    let many: Vec<u8> = (40..57).collect();
    let many = serde_json::to_string(&recovery(&many, 1).keys).unwrap();
    refuse(
        recovery_set(&RECOVERY, 2),
        &[
            ("\"threshold\":2", "\"threshold\":0"),
            ("\"threshold\":2", "\"threshold\":4"),
            ("\"threshold\":2", "\"threshold\":2.0"),
            (&keys, &reversed),
            (&keys, &one),
            (&keys, "[]"),
            (&keys, &many),
        ],
    );
    refuse(log_key_changed(NEXT_LOG), &[("ngo.example/dprk+", "ngo.example/dprj+"), ("\"log_key\":", "\"log_kez\":")]);
    let noted: Event = ExhibitNoted { fields: Vec::new() }.into();
    assert!(noted.introduces().is_none() && noted.ends().is_none());
}
