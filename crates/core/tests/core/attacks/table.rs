//! The attacks: what somebody does to an archive, and what must be found then, no more and no less.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD as BASE64;
use vouchsafe_core::digest::Digest;
use vouchsafe_core::format::volume::MemberName;
use vouchsafe_core::format::{Approval, Checkpoint, SignedCheckpoint};
use vouchsafe_core::model::{
    AgentAdded, AgentRevoked, ArchiveCreated, EntryIndex, Event, ExhibitDescribed, Fingerprint, Role,
};
use vouchsafe_core::sign::{APPROVAL_NAMESPACE, PublicKey, SshSignature};

use super::story::{
    ADMINISTRATOR, ARCHIVIST, Archive, FIRST, Keys, LOG, Part, SECOND, STRANGER, Story, Volume, agent, exhibit,
    ingested, noted,
};
use super::{Attack, Held, Nobody, request};
use vouchsafe_core::verify::{Unwatched, verify};

use crate::example::salt;
use crate::fido::Token;
use crate::samples::{key, origin, sign_message};
use crate::volumes::{member, with_sum};
use crate::who_may_sign::{
    begun, begun_with, changed, log_key_changed, recoverable, recovered, recovery_set, rotated, second_key,
};

pub fn attacks() -> Vec<Attack> {
    [
        objects(),
        log_without_keys(),
        log_with_keys(),
        signers(),
        who_may_sign(),
        checkpoints(),
        fields(),
        ends_and_histories(),
        volumes(),
        headers(),
        hostile_tars(),
        hostile_sizes_and_names(),
        hostile_entries(),
        hostile_fields(),
        newer(),
        statements(),
        long_signatures(),
        hiding_behind_newer(),
        sealed(),
        hiding_behind_sealed(),
        approvals(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// An attack on an archive that was sound.
fn on(name: &'static str, what: &'static str, finds: &'static [&'static str], archive: Archive) -> Attack {
    Attack { name, what, finds, alone: None, archive }
}

/// The same, where the sound archive is the base.
fn change(
    name: &'static str,
    what: &'static str,
    finds: &'static [&'static str],
    change: impl FnOnce(&mut Archive),
) -> Attack {
    let mut archive = Story::base().archive();
    change(&mut archive);
    on(name, what, finds, archive)
}

/// A byte of a text becomes another one.
fn other_byte(part: &mut Part, at: usize) {
    let byte = &mut part.content[at];
    *byte = if *byte == b'a' { b'b' } else { b'a' };
}

/// Where a text begins in the content of a part.
fn position(part: &Part, text: &str) -> usize {
    part.content.windows(text.len()).position(|window| window == text.as_bytes()).unwrap()
}

fn objects() -> Vec<Attack> {
    let mut exchanged = Story::long().archive();
    exchanged.part(1, "objects/").content = SECOND.to_vec();
    exchanged.part(3, "objects/").content = FIRST.to_vec();
    let mut other_size = Story::new();
    other_size.object(FIRST);
    let mut event = ingested(FIRST);
    if let vouchsafe_core::model::Event::ExhibitIngested(body) = &mut event {
        body.size_bytes += 1;
    }
    other_size.act(ARCHIVIST, event, Some("first"), &[]);
    other_size.commit();
    vec![
        change("V101-object-removed", "an object is removed", &["V101"], |archive| {
            archive.commits()[1].remove(0);
        }),
        change(
            "V101-object-replaced",
            "an object is replaced by another, under its own name",
            &["V101", "V103"],
            |a| {
                *a.part(1, "objects/") = Part::object(b"This statement was forged.\n");
            },
        ),
        change("V102-object-byte", "a byte of an object is changed", &["V102"], |archive| {
            other_byte(archive.part(1, "objects/"), 20);
        }),
        on("V102-objects-exchanged", "the bytes of two objects are exchanged", &["V102"], exchanged),
        change("V103-object-added", "an object is added that no entry names", &["V103"], |archive| {
            archive.insert(2, Part::object(b"Nobody ingested this.\n"));
        }),
        on(
            "V104-object-size",
            "an entry is signed that tells another size of its object",
            &["V104"],
            other_size.archive(),
        ),
        change("V105-object-twice", "an object is there twice", &["V105"], |archive| {
            archive.insert(2, Part::object(FIRST));
        }),
    ]
}

/// What can be done to the log without any key.
fn log_without_keys() -> Vec<Attack> {
    let mut removed = Story::long().archive();
    removed.commits().remove(2);
    let mut reordered = Story::base().with_note("Read again.").archive();
    reordered.commits().swap(2, 3);
    let mut lines = Story::new();
    lines.object(FIRST);
    lines.act(ARCHIVIST, ingested(FIRST), Some("first"), &[]);
    lines.act(ARCHIVIST, noted(), Some("first"), &[("note", "one")]);
    lines.act(ARCHIVIST, noted(), Some("first"), &[("note", "two")]);
    lines.commit();
    let (mut line_moved, mut line_removed) = (lines.archive(), lines.archive());
    let swap = |part: &mut Part| {
        let text = String::from_utf8(part.content.clone()).unwrap();
        let mut all: Vec<_> = text.split_inclusive('\n').collect();
        all.swap(1, 2);
        part.set(all.concat());
    };
    swap(line_moved.part(1, "log/"));
    swap(line_moved.part(1, "fields/"));
    let remove = |part: &mut Part| {
        let text = String::from_utf8(part.content.clone()).unwrap();
        let all: Vec<_> = text.split_inclusive('\n').collect();
        part.set([all[0], all[2]].concat());
    };
    remove(line_removed.part(1, "log/"));
    remove(line_removed.part(1, "fields/"));
    vec![
        change(
            "V201-entry-byte",
            "a byte of an entry is changed, and it is no entry any more",
            &["V201", "V403"],
            |a| {
                other_byte(a.part(2, "log/"), 0);
            },
        ),
        change(
            "V301-entry-byte",
            "a byte of an entry is changed, and it still is one",
            &["V203", "V301", "V403"],
            |archive| {
                let log = archive.part(1, "log/");
                let at = position(log, "\"salt\":\"") + 8;
                other_byte(log, at);
            },
        ),
        on("V202-commit-removed", "a commit is taken out of the middle", &["V202", "V203", "V404"], removed),
        on(
            "V202-line-removed",
            "an entry is taken out of a commit",
            &["V202", "V203", "V206", "V207", "V404"],
            line_removed,
        ),
        on("V202-commits-reordered", "two commits are exchanged", &["V202", "V203", "V205", "V206", "V404"], reordered),
        on(
            "V202-lines-reordered",
            "two entries of a commit are exchanged",
            &["V202", "V203", "V205", "V206", "V403"],
            line_moved,
        ),
        change("V202-commit-duplicated", "a commit is there twice", &["V202", "V203", "V206", "V404"], |archive| {
            let commit = archive.commits()[2].clone();
            archive.commits().push(commit);
        }),
        change(
            "V207-members-exchanged",
            "the fields and the entries of a commit are exchanged",
            &["V207"],
            |archive| archive.commits()[2].swap(0, 1),
        ),
        change("V207-log-removed", "the entries of a commit are removed", &["V207", "V404"], |archive| {
            archive.commits()[2].remove(1);
        }),
    ]
}

/// What can be done to the log by whoever has the archivist's key and the log key: the chain, the root and the
/// signatures hold, but what is said cannot stand there.
fn log_with_keys() -> Vec<Attack> {
    let told = |tell: &dyn Fn(&mut Story)| {
        let mut story = Story::base();
        tell(&mut story);
        story.commit();
        story.archive()
    };
    let inserted = {
        // The entry that stood here is kept behind the new one, as its agent signed it.
        let mut story = Story::new().with_first();
        let (old, old_fields) = story.draft(ARCHIVIST, noted(), Some("first"), &[("note", "Read to the source.")]);
        story.act(ARCHIVIST, noted(), Some("first"), &[("note", "Slipped in.")]);
        story.push(old.sign(&key(ARCHIVIST)).unwrap().line(), &old_fields);
        story.commit();
        story.archive()
    };
    let replayed = {
        let mut other = Story::begun("other.example/archive".parse().unwrap(), Story::new().keys).with_first();
        let line = other.lines.pop().unwrap();
        let mut story = Story::new();
        story.object(FIRST);
        let (_, fields) = story.draft(ARCHIVIST, ingested(FIRST), Some("first"), &FIRST_FIELDS);
        story.push(&line, &fields);
        story.commit();
        story.archive()
    };
    vec![
        on("V202-entry-inserted", "an entry is put between two others", &["V202", "V203", "V206"], inserted),
        on(
            "V204-entry-replayed",
            "an entry that was signed for another archive is put in",
            &["V203", "V204"],
            replayed,
        ),
        on(
            "V205-entry-backdated",
            "an entry is dated before the one in front of it",
            &["V205"],
            told(&|story| {
                story.act_changed(ARCHIVIST, noted(), Some("first"), &[], |entry| {
                    entry.occurred_at = "2026-11-01T00:00:00.000Z".parse().unwrap();
                    entry.recorded_at = entry.occurred_at;
                });
            }),
        ),
        on(
            "V206-history-with-a-gap",
            "an entry about an exhibit is left out, and the log written anew from there",
            &["V206"],
            told(&|story| {
                story.act_changed(ARCHIVIST, noted(), Some("first"), &[], |entry| entry.exhibit_sequence = Some(3));
            }),
        ),
        on(
            "V206-unknown-exhibit",
            "an entry speaks of an exhibit that was never ingested",
            &["V206"],
            told(&|story| {
                story.act_changed(ARCHIVIST, noted(), Some("first"), &[], |entry| {
                    entry.exhibit = Some(exhibit("never ingested"));
                });
            }),
        ),
        on(
            "V206-ingested-again",
            "an exhibit is ingested a second time, with another object",
            &["V206"],
            told(&|story| {
                story.object(SECOND);
                story.act_changed(ARCHIVIST, ingested(SECOND), Some("first"), &[], |entry| {
                    entry.exhibit_sequence = Some(0);
                });
            }),
        ),
        on(
            "V206-created-again",
            "the log is said to begin a second time",
            &["V206"],
            told(&|story| {
                let event = vouchsafe_core::format::SignedEntry::parse(&story.lines[0]).unwrap().entry.event;
                story.act(ADMINISTRATOR, event, None, &[]);
            }),
        ),
    ]
}

const FIRST_FIELDS: [(&str, &str); 2] = [("title", "Statement 17"), ("place", "withheld")];

fn signers() -> Vec<Attack> {
    let told = |tell: &dyn Fn(&mut Story)| {
        let mut story = Story::base();
        tell(&mut story);
        story.commit();
        story.archive()
    };
    let revoke = |story: &mut Story, from: u64| {
        let event =
            AgentRevoked { fields: Vec::new(), from_index: EntryIndex(from), key: key(ARCHIVIST).public().id() };
        story.act(ADMINISTRATOR, event.into(), None, &[]);
    };
    vec![
        on(
            "V301-signed-in-anothers-name",
            "a stranger signs an entry and writes that it was the archivist's key",
            &["V301"],
            told(&|story| {
                let (entry, fields) = story.draft(ARCHIVIST, noted(), Some("first"), &[]);
                let message = String::from_utf8(entry.message()).unwrap();
                let ids = [STRANGER, ARCHIVIST].map(|number| key(number).public().id().to_string());
                let line = sign_message(&message, [STRANGER]).replace(&ids[0], &ids[1]);
                story.push(line.as_bytes(), &fields);
            }),
        ),
        on(
            "V302-entry-of-a-stranger",
            "an entry is made by a stranger",
            &["V302"],
            told(&|story| story.act(STRANGER, noted(), Some("first"), &[])),
        ),
        on(
            "V302-signed-again-by-a-stranger",
            "an agent's entry is signed again by a stranger",
            &["V302"],
            told(&|story| {
                let (entry, fields) = story.draft(ARCHIVIST, noted(), Some("first"), &[]);
                story.push(sign_message(&String::from_utf8(entry.message()).unwrap(), [STRANGER]).as_bytes(), &fields);
            }),
        ),
        on(
            "V302-signed-by-the-log-key",
            "an entry is signed by the log key, which is no agent's",
            &["V302"],
            told(&|story| story.act(LOG, noted(), Some("first"), &[])),
        ),
        on(
            "V206-agent-with-the-log-key",
            "the log key is added as an agent's",
            &["V206"],
            told(&|story| {
                let event = AgentAdded { agent: agent(LOG, Role::Archivist), fields: Vec::new() };
                story.act(ADMINISTRATOR, event.into(), None, &[]);
            }),
        ),
        on(
            "V303-revoked",
            "an entry is signed by a key that was revoked",
            &["V303"],
            told(&|story| {
                revoke(story, 5);
                story.act(ARCHIVIST, noted(), Some("first"), &[]);
            }),
        ),
        on(
            "V304-role",
            "an archivist adds an agent",
            &["V304"],
            told(&|story| {
                let event = AgentAdded { agent: agent(8, Role::Administrator), fields: Vec::new() };
                story.act(ARCHIVIST, event.into(), None, &[]);
            }),
        ),
        on(
            "V304-adds-itself",
            "a stranger adds himself as an administrator",
            &["V302", "V304"],
            told(&|story| {
                let event = AgentAdded { agent: agent(STRANGER, Role::Administrator), fields: Vec::new() };
                story.act(STRANGER, event.into(), None, &[]);
            }),
        ),
        on(
            "V305-in-question",
            "a key is revoked from before the entries that it signed",
            &["V305"],
            told(&|story| revoke(story, 3)),
        ),
    ]
}

/// What is done with the events that change who may sign.
#[allow(clippy::too_many_lines, reason = "a table")]
fn who_may_sign() -> Vec<Attack> {
    // A next key of the archivist's, recovery keys, and the log's next key.
    const NEXT: u8 = 23;
    const RECOVERY: [u8; 3] = [11, 12, 13];
    const NEXT_LOG: u8 = 5;
    let told = |mut story: Story, tell: &dyn Fn(&mut Story)| {
        tell(&mut story);
        story.commit();
        story.archive()
    };
    let sign = |signers: &[u8], event: Event| {
        let mut story = recoverable();
        story.act_signed(signers, event, None);
        story.commit();
        story.archive()
    };
    let expiring = begun_with(|_| {}, |agent| agent.expires = Some("2026-11-23T09:02:00.120Z".parse().unwrap()));
    let announced = begun_with(|created| created.next_log_key = Some(Digest::of(b"another")), |_| {});
    let with_second = begun_with(|created| created.log_key_pq = Some(second_key("ngo.example/dprk")), |_| {});
    vec![
        on(
            "V307-expired",
            "an entry is signed by a key that had expired",
            &["V307"],
            told(expiring, &|story| story.act(ARCHIVIST, noted(), Some("first"), &[])),
        ),
        on(
            "V304-rotated-by-the-old-key",
            "a key is replaced by another one, and only the old one signs that",
            &["V304"],
            sign(&[ARCHIVIST], rotated(ARCHIVIST, NEXT, Role::Archivist)),
        ),
        on(
            "V304-rotated-by-the-new-key",
            "a key is replaced by another one that was not announced, and only the new one signs that",
            &["V304"],
            sign(&[NEXT], rotated(ARCHIVIST, NEXT, Role::Archivist)),
        ),
        on(
            "V206-rotated-into-an-administrator",
            "with a new key, an archivist becomes an administrator",
            &["V206"],
            sign(&[ADMINISTRATOR, NEXT], rotated(ARCHIVIST, NEXT, Role::Administrator)),
        ),
        on(
            "V303-rotated",
            "an entry is signed by a key that was replaced",
            &["V303"],
            told(recoverable(), &|story| {
                story.act_signed(&[ADMINISTRATOR, NEXT], rotated(ARCHIVIST, NEXT, Role::Archivist), None);
                story.act(ARCHIVIST, noted(), Some("first"), &[]);
            }),
        ),
        on(
            "V304-makes-himself-an-administrator",
            "an archivist makes himself an administrator",
            &["V304"],
            sign(&[ARCHIVIST], changed(ARCHIVIST, &[Role::Administrator])),
        ),
        on(
            "V206-no-administrator-left",
            "the last administrator gives that role away",
            &["V206"],
            sign(&[ADMINISTRATOR], changed(ADMINISTRATOR, &[Role::Archivist])),
        ),
        on(
            "V304-recovered-with-one-key",
            "an administrator is added with fewer recovery keys than must sign",
            &["V304"],
            sign(&[8, RECOVERY[0]], recovered(8, Role::Administrator)),
        ),
        on(
            "V206-recovered-without-keys",
            "an administrator is added although no recovery keys are in force",
            &["V206"],
            told(begun(), &|story| story.act(8, recovered(8, Role::Administrator), None, &[])),
        ),
        on(
            "V304-other-recovery-keys",
            "an administrator sets other recovery keys without those in force",
            &["V304"],
            sign(&[ADMINISTRATOR], recovery_set(&[14], 1)),
        ),
        on(
            "V302-signed-by-a-recovery-key",
            "an entry is signed by a recovery key, which is no agent's",
            &["V302"],
            told(recoverable(), &|story| story.act(RECOVERY[0], noted(), Some("first"), &[])),
        ),
        on(
            "V402-old-log-key",
            "a checkpoint is signed by a log key that was replaced",
            &["V402"],
            sign(&[ADMINISTRATOR], log_key_changed(NEXT_LOG)),
        ),
        on(
            "V304-log-key-by-an-archivist",
            "an archivist replaces the log key",
            &["V304"],
            sign(&[ARCHIVIST], log_key_changed(NEXT_LOG)),
        ),
        on(
            "V206-log-key-not-announced",
            "the log key is replaced by another one than was announced",
            &["V206"],
            told(announced, &|story| story.act(ADMINISTRATOR, log_key_changed(NEXT_LOG), None, &[])),
        ),
        on(
            "V402-no-second-line",
            "a checkpoint lacks the signature of the log's second key",
            &["V402"],
            told(with_second, &|_| {}),
        ),
    ]
}

fn checkpoints() -> Vec<Attack> {
    let last_of = |name, what, finds, head: &dyn Fn(&Story) -> SignedCheckpoint| {
        let mut story = Story::new().with_first();
        story.act(ARCHIVIST, noted(), Some("first"), &[("note", "Read to the source.")]);
        story.commit_with(&head(&story));
        on(name, what, finds, story.archive())
    };
    let mut exchanged = Story::long().archive();
    let texts = [2, 3].map(|commit| exchanged.part(commit, "checkpoints/").content.clone());
    exchanged.part(2, "checkpoints/").set(&texts[1]);
    exchanged.part(3, "checkpoints/").set(&texts[0]);
    vec![
        change("V401-checkpoint-byte", "a byte of a checkpoint is changed, and it is none any more", &["V401"], |a| {
            let checkpoint = a.part(1, "checkpoints/");
            let at = position(checkpoint, "\n\n") + 2;
            other_byte(checkpoint, at);
        }),
        change("V402-checkpoint-byte", "a byte of a checkpoint's signature is changed", &["V402"], |archive| {
            let checkpoint = archive.part(1, "checkpoints/");
            let at = checkpoint.content.len() - 20;
            other_byte(checkpoint, at);
        }),
        change("V402-checkpoint-root-byte", "a byte of a checkpoint's root is changed", &["V402"], |archive| {
            let checkpoint = archive.part(1, "checkpoints/");
            let at = position(checkpoint, "\n3\n") + 5;
            other_byte(checkpoint, at);
        }),
        last_of("V402-signed-by-a-stranger", "a checkpoint is signed by a stranger", &["V402"], &|story| {
            story.checkpoint().sign(&key(STRANGER))
        }),
        last_of("V403-other-root", "the log key signs a root that the log does not have", &["V403"], &|story| {
            Checkpoint { root: Digest::of(b"another log"), ..story.checkpoint() }.sign(&key(LOG))
        }),
        last_of("V404-other-size", "the log key signs a size that the log does not have", &["V404"], &|story| {
            Checkpoint { size: 3, ..story.checkpoint() }.sign(&key(LOG))
        }),
        last_of("V405-other-origin", "a checkpoint of another log is put in", &["V405"], &|story| {
            let origin = "other.example/archive".parse().unwrap();
            Checkpoint { origin, ..story.checkpoint() }.sign(&key(LOG))
        }),
        on("V404-checkpoints-exchanged", "two checkpoints are exchanged", &["V404"], exchanged),
    ]
}

fn fields() -> Vec<Attack> {
    let mut exchanged = Story::base().with_note("Read again.").archive();
    let texts = [2, 3].map(|commit| exchanged.part(commit, "fields/").content.clone());
    exchanged.part(2, "fields/").set(&texts[1]);
    exchanged.part(3, "fields/").set(&texts[0]);
    let set = |archive: &mut Archive, change: &dyn Fn(&str) -> String| {
        let part = archive.part(1, "fields/");
        let text = String::from_utf8(part.content.clone()).unwrap();
        part.set(change(text.trim_end()) + "\n");
    };
    vec![
        change("V501-field-byte", "a byte of a field is changed, and it is none any more", &["V501"], |archive| {
            other_byte(archive.part(1, "fields/"), 0);
        }),
        change("V502-field-byte", "a byte of a field's value is changed", &["V502"], |archive| {
            let part = archive.part(1, "fields/");
            let at = position(part, "Statement 17") + 10;
            other_byte(part, at);
        }),
        change("V502-field-salt", "a byte of a field's salt is changed", &["V502"], |archive| {
            other_byte(archive.part(1, "fields/"), 5);
        }),
        change("V502-other-value", "a field is disclosed with another value", &["V502"], |archive| {
            archive.part(1, "fields/").replace("withheld", "Ch\u{14f}ngjin, invented");
        }),
        change("V502-other-name", "a field is disclosed under another name", &["V502"], |archive| {
            archive.part(1, "fields/").replace("\"place\"", "\"source\"");
        }),
        change("V502-field-removed", "a field is removed", &["V502"], |archive| {
            set(archive, &|text| text[..text.find("],[").unwrap()].to_owned() + "]]");
        }),
        change("V502-field-added", "a field is added", &["V502"], |archive| {
            let added = r#",["00000000000000000000000000000000","note","added"]]"#;
            set(archive, &|text| text[..text.len() - 1].to_owned() + added);
        }),
        on("V502-fields-exchanged", "the fields of two entries are exchanged", &["V502"], exchanged),
    ]
}

/// What only somebody outside can show: without the file that was kept, these archives are sound.
fn ends_and_histories() -> Vec<Attack> {
    let alone = |attack: Attack| Attack { alone: Some(&[]), ..attack };
    let (base, long) = (Story::base(), Story::long());
    let head = |story: &Story| story.head().text().to_owned();
    let receipt = |story: &Story, index| story.receipt(index).to_string();
    // The same keys, the same times, another testimony.
    let rewritten = {
        let mut story = Story::new();
        story.object(SECOND);
        story.act(ARCHIVIST, ingested(SECOND), Some("first"), &FIRST_FIELDS);
        story.commit();
        story.with_note("Read to the source.").with_note("Nothing was ever changed.")
    };
    let fork = base.clone().with_note("What the others were never shown.");
    let last_volume = {
        let mut archive = long.archive_in([2, 2]);
        archive.volumes.remove("000001.tar");
        archive
    };
    let other = Story::begun(origin(), Keys { administrator: 11, log: 12, archivist: 13 }).with_first();
    vec![
        alone(on(
            "V801-end-cut-off",
            "the last commits are cut off",
            &["V801"],
            base.archive().with_outside("head.txt", head(&long)),
        )),
        alone(on(
            "V801-end-cut-off-receipt",
            "the last commits are cut off; somebody has a receipt",
            &["V801"],
            base.archive().with_outside("receipt.tlog-proof", receipt(&long, 4)),
        )),
        alone(on(
            "V801-last-volume-removed",
            "the last volume is removed",
            &["V801"],
            last_volume.with_outside("head.txt", head(&long)),
        )),
        alone(on(
            "V802-rewritten",
            "the whole archive is written anew with all keys, its own log key included",
            &["V802"],
            rewritten.archive().with_outside("head.txt", head(&base)),
        )),
        alone(on(
            "V802-rewritten-receipt",
            "the whole archive is written anew with all keys; somebody has a receipt",
            &["V802"],
            rewritten.archive().with_outside("receipt.tlog-proof", receipt(&base, 2)),
        )),
        alone(on(
            "V802-fork",
            "there are two logs that go on differently, one for each reader",
            &["V802"],
            fork.archive().with_outside("head.txt", head(&base.clone().with_note("What the others were shown."))),
        )),
        alone(on(
            "V803-other-archive",
            "another archive with the same name is put in place",
            &["V803"],
            other.archive().with_outside("fingerprint.txt", Story::base().fingerprint().unwrap().paper()),
        )),
    ]
}

fn volumes() -> Vec<Attack> {
    // Four commits in three volumes.
    let three = || Story::long().archive_in([2, 1, 1]);
    let rename = |archive: &mut Archive, from: &str, to: &str| {
        let volume = archive.volumes.remove(from).unwrap();
        archive.volumes.insert(to.to_owned(), volume);
    };
    let with = |change: &dyn Fn(&mut Archive)| {
        let mut archive = three();
        change(&mut archive);
        archive
    };
    let other = Story::begun(origin(), Keys { administrator: 11, log: 12, archivist: 13 }).with_first();
    let stranger = Volume { tail: b"This is no volume.\n".to_vec(), ..Volume::default() };
    vec![
        on(
            "V601-volume-removed",
            "a volume is removed from the middle",
            &["V202", "V203", "V404", "V601"],
            with(&|a| {
                a.volumes.remove("000001.tar");
            }),
        ),
        on(
            "V601-volume-renamed",
            "a volume gets another number",
            &["V601"],
            with(&|archive| {
                rename(archive, "000002.tar", "000003.tar");
            }),
        ),
        on(
            "V605-volume-renamed",
            "a volume gets a name that no volume has",
            &["V605"],
            with(&|archive| {
                rename(archive, "000002.tar", "2.tar");
            }),
        ),
        on(
            "V202-volume-duplicated",
            "a volume is there twice",
            &["V105", "V202", "V203", "V206", "V404"],
            with(&|archive| {
                let mut copy = archive.volumes["000002.tar"].clone();
                archive.volume(2).is_closed = true;
                copy.is_closed = false;
                archive.volumes.insert("000003.tar".to_owned(), copy);
            }),
        ),
        on(
            "V202-volumes-exchanged",
            "two volumes are exchanged",
            &["V202", "V203", "V205", "V404", "V604"],
            with(&|archive| {
                let (one, two) = (archive.volumes["000001.tar"].clone(), archive.volumes["000002.tar"].clone());
                archive.volumes.insert("000001.tar".to_owned(), two);
                archive.volumes.insert("000002.tar".to_owned(), one);
            }),
        ),
        on(
            "V402-volume-of-another-archive",
            "a volume is exchanged for that of another archive with the same name",
            &["V105", "V202", "V203", "V204", "V205", "V206", "V302", "V402"],
            with(&|archive| {
                let commits = other.commits[1..].to_vec();
                archive.volumes.insert("000002.tar".to_owned(), Volume { commits, ..Volume::default() });
            }),
        ),
        on(
            "V604-volume-open",
            "the end of a volume is cut off, and another one follows",
            &["V604"],
            with(&|archive| {
                archive.volume(0).is_closed = false;
            }),
        ),
        on(
            "V605-stranger",
            "something else is put among the volumes",
            &["V605"],
            with(&|archive| {
                archive.volumes.insert("notes.txt".to_owned(), stranger.clone());
            }),
        ),
        on(
            "V609-thumbnails",
            "a system leaves a file of its own among the volumes",
            &["V609"],
            with(&|archive| {
                archive.volumes.insert("Thumbs.db".to_owned(), stranger.clone());
            }),
        ),
        on("V606-emptied", "the only volume is emptied", &["V606"], {
            let mut archive = Story::base().archive();
            archive.commits().clear();
            archive
        }),
        on(
            "V603-bytes-behind-the-end",
            "bytes are put behind the last commit",
            &["V603"],
            with(&|archive| {
                archive.volume(2).tail = Part::object(b"Nobody ingested this.\n").bytes();
            }),
        ),
        on(
            "V608-noise-behind-the-end",
            "the last volume ends with bytes that are no members",
            &["V608"],
            with(&|archive| {
                archive.volume(2).tail = b"These are no members of a volume.\n".repeat(40);
            }),
        ),
        on(
            "V603-object-behind-the-end",
            "an object is put behind the end-of-archive blocks",
            &["V603"],
            with(&|archive| {
                archive.volume(2).is_closed = true;
                archive.volume(2).tail = Part::object(b"Nobody ingested this.\n").bytes();
            }),
        ),
        on("V602-end-in-the-middle", "a volume is made to end before its last commit", &["V602"], {
            let mut archive = Story::base().archive();
            archive.insert(2, Part { header: vec![0; 1024], content: Vec::new() });
            archive
        }),
        on("V901-other-administrator", "archive.json names another administrator", &["V901"], {
            let mut archive = Story::base().archive();
            replace_key(
                &mut archive.description,
                &key(ADMINISTRATOR).public().to_openssh(),
                &key(STRANGER).public().to_openssh(),
            );
            archive
        }),
        on("V901-other-log-key", "archive.json names another log key", &["V402", "V901"], {
            let mut archive = Story::base().archive();
            let keys = Story::new().keys;
            let [from, to] =
                [keys, Keys { log: STRANGER, ..keys }].map(|keys| Story::empty(origin(), keys).log_key().to_string());
            replace_key(&mut archive.description, &from, &to);
            archive
        }),
    ]
}

fn replace_key(description: &mut Vec<u8>, from: &str, to: &str) {
    let text = String::from_utf8(description.clone()).unwrap();
    assert!(text.contains(from));
    *description = text.replace(from, to).into_bytes();
}

/// A byte of a header, wherever it stands.
fn headers() -> Vec<Attack> {
    let changed = |commit: usize, part: &'static str, at: usize| {
        move |archive: &mut Archive| archive.part(commit, part).header[at] ^= 1
    };
    vec![
        change(
            "V602-object-header",
            "a byte of an object's tar header is changed",
            &["V101", "V602"],
            changed(1, "objects/", 10),
        ),
        change(
            "V602-log-header",
            "a byte of the tar header of a commit's entries is changed",
            &["V103", "V202", "V203", "V206", "V207", "V404", "V602"],
            changed(1, "log/", 130),
        ),
        change(
            "V602-checkpoint-header",
            "a byte of a checkpoint's tar header is changed",
            &["V103", "V202", "V203", "V206", "V207", "V404", "V602"],
            changed(1, "checkpoints/", 150),
        ),
        change("V602-padding", "a byte is hidden in the padding of a member", &["V101", "V602"], |archive| {
            let object = archive.part(1, "objects/");
            object.content.resize(512, 0);
            object.content[500] = 1;
        }),
    ]
}

/// A member that no program of ours writes, in front of a commit in the middle: its header with changes at some
/// places and a sum that fits, and its content.
fn odd(changes: &[(usize, &[u8])], content: &[u8]) -> Part {
    let mut header = Part::object(content).header;
    for (at, bytes) in changes {
        header[*at..at + bytes.len()].copy_from_slice(bytes);
    }
    Part { header: with_sum(header), content: content.to_vec() }
}

fn with_odd(name: &'static str, what: &'static str, parts: Vec<Part>) -> Attack {
    change(name, what, &["V602"], |archive| {
        parts.into_iter().rev().for_each(|part| archive.insert(2, part));
    })
}

const ODD: &[u8] = b"A member that does not belong here.\n";

/// Tar members that lead a careless program elsewhere.
fn hostile_tars() -> Vec<Attack> {
    let named = |name: &[u8]| {
        let mut field = name.to_vec();
        field.resize(100, 0);
        odd(&[(0, &field)], ODD)
    };
    let typed = |kind: u8, link: &[u8]| odd(&[(124, b"00000000000"), (156, &[kind]), (157, link)], b"");
    let pax = |kind: u8, records: &str| {
        let size = format!("{:011o}", records.len());
        odd(&[(0, &[0; 100]), (0, b"PaxHeaders/size"), (124, size.as_bytes()), (156, &[kind])], records.as_bytes())
    };
    let plain = || Part::object(ODD);
    vec![
        with_odd("V602-absolute-name", "a member with an absolute name", vec![named(b"/objects/planted")]),
        with_odd("V602-parent-name", "a member with .. in its name", vec![named(b"objects/../../planted")]),
        with_odd("V602-dot-name", "a member with another spelling of a name", vec![named(b"./log/3-1.jsonl")]),
        with_odd("V602-hidden-name", "bytes hidden behind the end of a name", vec![odd(&[(90, b"hidden")], ODD)]),
        with_odd(
            "V602-links-and-devices",
            "links, devices, a pipe and a folder in the tar file",
            vec![
                typed(b'1', b"archive.json"),
                typed(b'2', b"/etc/passwd"),
                typed(b'3', b""),
                typed(b'4', b""),
                typed(b'5', b""),
                typed(b'6', b""),
            ],
        ),
        with_odd("V602-sparse", "a sparse member (GNU)", vec![odd(&[(156, b"S"), (257, b"ustar  \0")], ODD)]),
        with_odd(
            "V602-long-name",
            "a long name in a member of its own (GNU)",
            vec![odd(&[(0, &[0; 100]), (0, b"././@LongLink"), (156, b"L"), (257, b"ustar  \0")], ODD), plain()],
        )
        .and_finds(&["V103", "V602"]),
        with_odd(
            "V602-pax-path",
            "a pax header that gives the next member another name",
            vec![pax(b'x', "21 path=../../planted\n"), plain()],
        )
        .and_finds(&["V103", "V602"]),
        with_odd(
            "V602-pax-sparse",
            "a pax header that makes the next member sparse",
            vec![pax(b'x', "22 GNU.sparse.major=1\n22 GNU.sparse.minor=0\n"), plain()],
        )
        .and_finds(&["V103", "V602"]),
        with_odd("V602-pax-global", "a pax header for all members", vec![pax(b'g', "19 comment=planted\n")]),
        with_odd(
            "V602-pax-size",
            "a pax header with another size than the header behind it",
            vec![pax(b'x', "13 size=1024\n"), plain()],
        )
        .and_finds(&["V103", "V602"]),
    ]
}

/// Sizes that lie, and names that collide.
fn hostile_sizes_and_names() -> Vec<Attack> {
    let sized = |size: &'static [u8]| {
        move |archive: &mut Archive| {
            let header = &mut archive.part(1, "objects/").header;
            header[124..124 + size.len()].copy_from_slice(size);
            *header = with_sum(header.clone());
        }
    };
    let upper_case = |archive: &mut Archive| {
        let mut part = Part::object(ODD);
        let name = part.name().to_uppercase().replace("OBJECTS", "objects");
        part.header[..name.len()].copy_from_slice(name.as_bytes());
        part.header = with_sum(part.header);
        archive.insert(2, part);
    };
    vec![
        change(
            "V602-size-too-small",
            "an object's header tells a smaller size",
            &["V101", "V602"],
            sized(b"00000000012\0"),
        ),
        change(
            "V102-size-over-the-next-members",
            "an object's header tells a size that covers the next members",
            &["V102", "V104", "V207", "V501"],
            sized(b"00000003000\0"),
        ),
        change(
            "V602-size-over-the-end",
            "an object's header tells a size beyond the end of the volume",
            &["V101", "V602"],
            sized(b"77777777777\0"),
        ),
        change(
            "V602-size-in-base-256",
            "an object's header tells its size in another form (2^63)",
            &["V101", "V602"],
            sized(b"\x80\0\0\0\x80\0\0\0\0\0\0\0"),
        ),
        change("V105-names-collide", "another object under the same name", &["V102", "V105"], |archive| {
            let name = MemberName::Object(Digest::of(FIRST));
            let forged = b"This statement was forged.\n";
            let mut header = member(name, forged, false);
            header.truncate(512);
            archive.insert(2, Part { header, content: forged.to_vec() });
        }),
        change("V602-names-collide", "a name that collides where letter case does not count", &["V602"], upper_case),
    ]
}

/// Lines of the log that some readers take for an entry. Each is signed, and the log holds together.
fn hostile_entries() -> Vec<Attack> {
    let entry = |name, what, from: &'static str, to: String| {
        let mut story = Story::base();
        story.act_in_words(ARCHIVIST, &[("note", "A second remark.")], |message| {
            assert!(message.contains(from));
            message.replacen(from, &to, 1)
        });
        story.commit();
        on(name, what, &["V201"], story.archive())
    };
    let index = "\"index\":4,";
    let deep = format!("{}{}", "[".repeat(2_000), "]".repeat(2_000));
    vec![
        entry("V201-repeated-member", "an entry with a repeated member", index, format!("{index}\"index\":5,")),
        entry("V201-unknown-member", "an entry with an unknown member", index, format!("\"hint\":1,{index}")),
        entry(
            "V201-lone-surrogate",
            "an entry with half of a character",
            index,
            format!("\"hint\":\"\\ud800\",{index}"),
        ),
        entry("V201-huge-number", "an entry with the number 1e400", index, "\"index\":1e400,".to_owned()),
        entry("V201-other-number", "an entry with a whole number in another form", index, "\"index\":4.0,".to_owned()),
        entry("V201-deep", "an entry nested 2,000 deep", index, format!("\"hint\":{deep},{index}")),
        entry(
            "V201-nested-body",
            "an entry with a body nested 2,000 deep",
            "\"fields\":[",
            format!("\"fields\":[{deep},"),
        ),
    ]
}

/// The same for lines of fields, to which an entry commits.
fn hostile_fields() -> Vec<Attack> {
    let fields = |name, what, line: String, committed: &[&str]| {
        let mut story = Story::base();
        story.act_with_fields(&line, committed);
        story.commit();
        on(name, what, &["V501"], story.archive())
    };
    let one = |value: &str| format!("[\"000102030405060708090a0b0c0d0e0f\",\"note\",{value}]");
    let field = |name, what, value: &str| fields(name, what, format!("[{}]", one(value)), &[&one(value)]);
    let deep = format!("{}{}", "[".repeat(2_000), "]".repeat(2_000));
    let (yes, no) = (one("\"yes\""), one("\"no\""));
    let fourth = one("\"yes\",4");
    vec![
        fields("V501-repeated-name", "two fields of one name", format!("[{yes},{no}]"), &[&yes, &no]),
        fields("V501-unknown-member", "a field with a fourth member", format!("[{fourth}]"), &[&fourth]),
        field("V501-repeated-member", "a field with a repeated member", r#"{"unknown":"a","unknown":"b"}"#),
        field("V501-lone-surrogate", "a field with half of a character", r#""\ud800""#),
        field("V501-huge-number", "a field with the number 1e400", "1e400"),
        field("V501-deep", "a field nested 2,000 deep", &deep),
    ]
}

/// An event that the table does not need otherwise: described fields are checked as all others.
#[test]
fn a_description_is_sound() {
    let mut story = Story::base();
    story.act(ARCHIVIST, ExhibitDescribed { fields: Vec::new() }.into(), Some("first"), &[("title", "Statement 17a")]);
    story.commit();
    assert!(super::finds(&story.archive().files(), true).is_empty());
}

/// What is changed in the text of a remark about the first exhibit, before it is signed.
type Change<'a> = (&'a str, &'a str);

/// The event becomes one that no program of today knows.
const EVENT: Change<'static> = ("\"event\":\"exhibit.noted\"", "\"event\":\"exhibit.weighed\"");
/// The same, about the archive.
const OF_ARCHIVE: Change<'static> = ("\"event\":\"exhibit.noted\"", "\"event\":\"archive.weighed\"");
const FORMAT_2: Change<'static> = ("vouchsafe-entry/1", "vouchsafe-entry/2");

/// A line as a newer version could write it, with these signers.
fn add_newer(story: &mut Story, signers: &[u8], has_exhibit: bool, changes: &[Change<'_>]) {
    let (entry, fields) = story.draft(signers[0], noted(), Some("first"), &[("note", "A remark.")]);
    let mut message = String::from_utf8(entry.message()).unwrap();
    if !has_exhibit {
        let about = format!("\"exhibit\":\"{}\",\"exhibit_sequence\":2,", exhibit("first"));
        assert!(message.contains(&about));
        message = message.replacen(&about, "", 1);
    }
    for (from, to) in changes {
        assert!(message.contains(from), "{from} is not in {message}");
        message = message.replacen(from, to, 1);
    }
    story.push(sign_message(&message, signers.iter().copied()).as_bytes(), &fields);
}

/// The base story, and behind it what is told.
fn told(tell: impl FnOnce(&mut Story)) -> Archive {
    let mut story = Story::base();
    tell(&mut story);
    story.commit();
    story.archive()
}

/// One line of a newer version behind the base story.
fn with_newer(signers: &[u8], has_exhibit: bool, changes: &[Change<'_>]) -> Archive {
    told(|story| add_newer(story, signers, has_exhibit, changes))
}

/// What a newer version writes is not understood, and nothing else is found.
fn newer() -> Vec<Attack> {
    let finds: &[&str] = &["V208"];
    let record = ("\"recorded_at\"", "\"record\":\"R-7K3M-9QRT-2WXY-4ABC\",\"record_sequence\":0,\"recorded_at\"");
    let evidence = format!("{{\"evidence\":[{{\"object\":\"{}\",\"size_bytes\":55}}],\"fields\"", Digest::of(SECOND));
    let with_object = told(|story| {
        story.object(SECOND);
        add_newer(story, &[ARCHIVIST], true, &[EVENT, ("{\"fields\"", &evidence)]);
    });
    let with_unnamed = told(|story| {
        story.object(SECOND);
        add_newer(story, &[ARCHIVIST], true, &[EVENT, FORMAT_2]);
    });
    let member = ("\"format\"", "\"flag\":[1,{\"a\":null}],\"format\"");
    let mut first = Story::empty(origin(), Keys { administrator: ADMINISTRATOR, log: LOG, archivist: ARCHIVIST });
    let created = ArchiveCreated::new(agent(ADMINISTRATOR, Role::Administrator), first.log_key().to_string());
    let (entry, fields) = first.draft(ADMINISTRATOR, created.into(), None, &[]);
    let message = String::from_utf8(entry.message()).unwrap().replacen(FORMAT_2.0, FORMAT_2.1, 1);
    first.push(sign_message(&message, [ADMINISTRATOR]).as_bytes(), &fields);
    first.commit();
    let added = ("\"event\":\"exhibit.noted\"", "\"event\":\"agent.added\"");
    vec![
        on(
            "V208-event",
            "a newer version notes something about an exhibit",
            finds,
            with_newer(&[ARCHIVIST], true, &[EVENT]),
        ),
        on(
            "V208-event-of-the-archive",
            "a newer version notes something about the archive, and an administrator signs it",
            finds,
            with_newer(&[ADMINISTRATOR], false, &[OF_ARCHIVE]),
        ),
        on(
            "V208-event-with-an-administrator",
            "the same by an archivist, and an administrator signs it as well",
            finds,
            with_newer(&[ARCHIVIST, ADMINISTRATOR], false, &[OF_ARCHIVE]),
        ),
        on(
            "V208-event-of-a-record",
            "a newer version notes something about a record",
            finds,
            with_newer(&[ARCHIVIST], false, &[("exhibit.noted", "record.weighed"), record]),
        ),
        on(
            "V208-evidence",
            "a newer version brings an object in, and names it where a reader looks",
            finds,
            with_object,
        ),
        on(
            "V208-format",
            "an entry has a newer format and a member that is not known",
            finds,
            with_newer(&[ARCHIVIST], true, &[FORMAT_2, member]),
        ),
        on(
            "V208-log-key",
            "a newer version changes the log's key, and the new one, which nobody here knows, signs two checkpoints",
            finds,
            told(|story| {
                add_newer(story, &[ADMINISTRATOR], false, &[("exhibit.noted", "log.key_changed"), FORMAT_2]);
                story.log_signer = 5;
                story.commit();
                story.act(ARCHIVIST, noted(), Some("first"), &[]);
            }),
        ),
        on("V208-format-with-object", "an entry of a newer format may name an object", finds, with_unnamed),
        on("V309-first", "the first entry has a newer format, so no key is known", &["V208", "V309"], first.archive()),
        on(
            "V309-who-adds",
            "an agent whom a newer entry may have added adds another one, who signs",
            &["V208", "V309"],
            told(|story| {
                add_newer(story, &[ADMINISTRATOR], false, &[added, FORMAT_2]);
                let event = AgentAdded { agent: agent(8, Role::Archivist), fields: Vec::new() };
                story.act(STRANGER, event.into(), None, &[]);
                story.act(8, noted(), Some("first"), &[]);
            }),
        ),
        on(
            "V208-last-known-administrator",
            "the last administrator who is known is revoked, behind a newer entry that may have added another one",
            finds,
            told(|story| {
                add_newer(story, &[ADMINISTRATOR], false, &[added, FORMAT_2]);
                let key = key(ADMINISTRATOR).public().id();
                let event = AgentRevoked { fields: Vec::new(), from_index: EntryIndex(6), key };
                story.act(ADMINISTRATOR, event.into(), None, &[]);
            }),
        ),
        on(
            "V309-introduced",
            "a key signs that an entry of a newer format may have introduced",
            &["V208", "V309"],
            told(|story| {
                add_newer(story, &[ADMINISTRATOR], false, &[added, FORMAT_2]);
                story.act(STRANGER, noted(), Some("first"), &[]);
            }),
        ),
    ]
}

/// What an event that is not known says of a checkpoint reaches no further than its entry.
fn statements() -> Vec<Attack> {
    let finds: &[&str] = &["V210"];
    let statement = ("\"event\":\"exhibit.noted\"", "\"event\":\"checkpoint.stamped\"");
    let evidence = format!("{{\"evidence\":[{{\"object\":\"{}\",\"size_bytes\":55}}],\"fields\"", Digest::of(SECOND));
    let with_token = told(|story| {
        story.object(SECOND);
        add_newer(story, &[ARCHIVIST], false, &[statement, ("{\"fields\"", &evidence)]);
    });
    let sealed_fields = Digest::of(SEALED.as_bytes());
    let sealed =
        format!("],\"sealed\":{{\"epoch\":1,\"fields\":\"{sealed_fields}\",\"key\":\"{sealed_fields}\"}}}},\"event\"");
    let sealed = told(|story| {
        add_newer(story, &[ARCHIVIST], false, &[statement, ("]},\"event\"", &sealed)]);
        *story.field_lines.last_mut().unwrap() = SEALED.as_bytes().to_vec();
    });
    vec![
        on(
            "V210-statement",
            "a newer version says something of a checkpoint, and an archivist signs it",
            finds,
            with_newer(&[ARCHIVIST], false, &[statement]),
        ),
        on("V210-statement-with-evidence", "the same, and an object comes in with it", finds, with_token),
        on("V210-statement-sealed", "the same, and it is sealed", finds, sealed),
        on(
            "V208-statement-of-an-exhibit",
            "an event with such a name is about an exhibit",
            &["V208"],
            with_newer(&[ARCHIVIST], true, &[("exhibit.noted", "checkpoint.stamped")]),
        ),
        on(
            "V304-statement-in-a-newer-format",
            "an event with such a name has a newer format, and an archivist alone signs it",
            &["V208", "V304"],
            with_newer(&[ARCHIVIST], false, &[statement, FORMAT_2]),
        ),
        on(
            "V302-behind-a-statement",
            "a stranger signs behind such an event, which introduces nobody",
            &["V210", "V302"],
            told(|story| {
                add_newer(story, &[ADMINISTRATOR], false, &[statement]);
                story.act(STRANGER, noted(), Some("first"), &[]);
            }),
        ),
        on(
            "V302-statement",
            "a stranger says something of a checkpoint",
            &["V210", "V302"],
            with_newer(&[STRANGER], false, &[statement]),
        ),
    ]
}

/// However many notices there are, none of them weighs.
#[test]
fn notices_are_not_counted_as_what_speaks_against_an_archive() {
    let statement = ("\"event\":\"exhibit.noted\"", "\"event\":\"checkpoint.stamped\"");
    let archive = told(|story| (0..150).for_each(|_| add_newer(story, &[ARCHIVIST], false, &[statement])));
    let files = archive.files();
    let report = verify(&Held(&files), &request(&files), &mut Nobody, &Unwatched).unwrap();
    assert_eq!((report.weighty_findings(), report.findings.more()), (0, 50));
    assert_eq!(report.findings.len(), 100);
}

/// In entries of a newer format, signatures may be of kinds that are not known.
fn long_signatures() -> Vec<Attack> {
    let with_signature = |bytes: usize, signer: u8, changes: &[Change<'_>]| {
        told(|story| {
            let added = ("\"event\":\"exhibit.noted\"", "\"event\":\"agent.added\"");
            add_newer(story, &[ADMINISTRATOR], false, &[added, FORMAT_2]);
            add_newer(story, &[signer], true, changes);
            let line = String::from_utf8(story.lines.pop().unwrap()).unwrap();
            let (before, rest) = line.rsplit_once("\"signature\":\"").unwrap();
            let (_, behind) = rest.split_once('"').unwrap();
            let long = BASE64.encode(vec![7; bytes]);
            story.lines.push(format!("{before}\"signature\":\"{long}\"{behind}").into_bytes());
        })
    };
    let mut attacks = vec![
        on(
            "V309-long-signature",
            "an entry of a newer format has a signature of a kind that is not known, by a key that is not known either",
            &["V208", "V309"],
            with_signature(8192, STRANGER, &[FORMAT_2]),
        ),
        on(
            "V301-long-signature",
            "the same by a key whose signatures are shorter",
            &["V208", "V301"],
            with_signature(2420, ARCHIVIST, &[FORMAT_2]),
        ),
    ];
    for (name, what, bytes, changes) in [
        ("V201-signature-too-long", "a signature in a newer format is too long", 8193, [FORMAT_2].as_slice()),
        ("V201-signature-of-no-byte", "a signature in a newer format has no byte", 0, &[FORMAT_2]),
        ("V201-long-signature", "a signature of today has the length of another kind", 2420, &[EVENT]),
    ] {
        attacks.push(on(name, what, &["V201", "V208"], with_signature(bytes, STRANGER, changes)));
    }
    attacks
}

/// What is wrong with the frame of an entry is wrong, whoever is to understand the rest.
fn hiding_behind_newer() -> Vec<Attack> {
    let exhibit_event =
        |name, what, finds, change: Change<'_>| on(name, what, finds, with_newer(&[ARCHIVIST], true, &[EVENT, change]));
    let malformed: &[&str] = &["V201"];
    let fields = "{\"fields\":[";
    let missing = format!("{{\"evidence\":[{{\"object\":\"{}\",\"size_bytes\":55}}],\"fields\"", Digest::of(SECOND));
    let list = format!("{{\"evidence\":[[\"{}\",55]],\"fields\":[", Digest::of(SECOND));
    let revoked = told(|story| {
        let key = key(ARCHIVIST).public().id();
        let event = AgentRevoked { fields: Vec::new(), from_index: EntryIndex(5), key };
        story.act(ADMINISTRATOR, event.into(), None, &[]);
        add_newer(story, &[ARCHIVIST], true, &[EVENT]);
    });
    let forged = told(|story| {
        add_newer(story, &[STRANGER], true, &[EVENT]);
        let ids = [STRANGER, ARCHIVIST].map(|number| key(number).public().id().to_string());
        let line = String::from_utf8(story.lines.pop().unwrap()).unwrap().replace(&ids[0], &ids[1]);
        story.lines.push(line.into_bytes());
    });
    let unnamed = told(|story| {
        story.object(SECOND);
        add_newer(story, &[ARCHIVIST], true, &[EVENT]);
    });
    let stranger_before = told(|story| {
        story.act(STRANGER, noted(), Some("first"), &[]);
        let again = ("\"event\":\"exhibit.noted\"", "\"event\":\"archive.weighed\"");
        let (entry, fields) = story.draft(ADMINISTRATOR, noted(), Some("first"), &[]);
        let message = String::from_utf8(entry.message()).unwrap().replacen(again.0, again.1, 1);
        let about = format!("\"exhibit\":\"{}\",\"exhibit_sequence\":3,", exhibit("first"));
        story.push(sign_message(&message.replacen(&about, "", 1), [ADMINISTRATOR]).as_bytes(), &fields);
    });
    let elsewhere = told(|story| {
        let (mut entry, fields) = story.draft(ARCHIVIST, noted(), Some("first"), &[]);
        entry.previous = Digest::of(b"another entry");
        let message = String::from_utf8(entry.message()).unwrap().replacen(EVENT.0, EVENT.1, 1);
        story.push(sign_message(&message, [ARCHIVIST]).as_bytes(), &fields);
    });
    let mut changed = with_newer(&[ARCHIVIST], true, &[EVENT]);
    changed.part(1, "objects/").content = SECOND.to_vec();
    vec![
        exhibit_event(
            "V201-format-0",
            "an entry has the format 0",
            malformed,
            ("vouchsafe-entry/1", "vouchsafe-entry/0"),
        ),
        exhibit_event(
            "V201-format-02",
            "an entry has the format 02",
            malformed,
            ("vouchsafe-entry/1", "vouchsafe-entry/02"),
        ),
        exhibit_event(
            "V201-event-name",
            "the name of an event is none",
            malformed,
            ("exhibit.weighed", "Exhibit.Weighed"),
        ),
        exhibit_event(
            "V201-event-float",
            "an unknown event has a fraction",
            malformed,
            (fields, "{\"a\":0.5,\"fields\":["),
        ),
        exhibit_event(
            "V201-event-order",
            "an unknown event is not in order",
            malformed,
            (fields, "{\"z\":1,\"fields\":["),
        ),
        exhibit_event(
            "V201-event-member",
            "an unknown event has an unknown member in its frame",
            malformed,
            ("\"format\"", "\"flag\":1,\"format\""),
        ),
        exhibit_event("V201-event-no-fields", "an unknown event has no fields", malformed, (fields, "{\"other\":[")),
        exhibit_event(
            "V206-event-sequence",
            "an unknown event leaves another one out",
            &["V206"],
            ("\"exhibit_sequence\":2", "\"exhibit_sequence\":3"),
        ),
        exhibit_event(
            "V101-event-evidence",
            "the object of an unknown event is missing",
            &["V101", "V208"],
            ("{\"fields\"", &missing),
        ),
        on("V203-event-previous", "an unknown event names another entry in front of it", &["V203", "V208"], elsewhere),
        on(
            "V304-event-of-the-archive",
            "an unknown event about the archive is signed by an archivist alone",
            &["V208", "V304"],
            with_newer(&[ARCHIVIST], false, &[OF_ARCHIVE]),
        ),
        on(
            "V304-format-of-agents",
            "an archivist adds an agent in a newer format",
            &["V208", "V304"],
            with_newer(&[ARCHIVIST], false, &[("exhibit.noted", "agent.added"), FORMAT_2]),
        ),
        on(
            "V303-unknown-and-revoked",
            "a key that a newer entry may have added is revoked, and signs",
            &["V208", "V303"],
            told(|story| {
                let added = ("\"event\":\"exhibit.noted\"", "\"event\":\"agent.added\"");
                add_newer(story, &[ADMINISTRATOR], false, &[added, FORMAT_2]);
                let key = key(STRANGER).public().id();
                let event = AgentRevoked { fields: Vec::new(), from_index: EntryIndex(6), key };
                story.act(ADMINISTRATOR, event.into(), None, &[]);
                story.act(STRANGER, noted(), Some("first"), &[]);
            }),
        ),
        on(
            "V201-format-null",
            "an entry of a newer format has `null` for a member of its frame",
            malformed,
            with_newer(&[ARCHIVIST], true, &[FORMAT_2, ("\"recorded_at\"", "\"record\":null,\"recorded_at\"")]),
        ),
        on(
            "V201-event-evidence-list",
            "the evidence of an unknown event is a list of lists",
            malformed,
            with_newer(&[ARCHIVIST], true, &[EVENT, (fields, &list)]),
        ),
        on("V303-event", "an unknown event is signed by a key that was revoked", &["V208", "V303"], revoked),
        on("V301-event", "an unknown event is signed by a stranger in an agent's name", &["V208", "V301"], forged),
        on(
            "V302-event",
            "a stranger signs in front of an unknown event about the archive",
            &["V208", "V302"],
            stranger_before,
        ),
        on("V103-event", "an object lies beside an unknown event that does not name it", &["V103", "V208"], unnamed),
        on(
            "V102-event",
            "an object is changed in an archive that a newer version wrote to",
            &["V102", "V208"],
            changed,
        ),
    ]
}

/// A line of fields that are sealed.
const SEALED: &str = r#"{"sealed":"bm90aGluZyB0aGF0IGFueWJvZHkgY291bGQgb3Blbg=="}"#;

/// What is sealed is not understood, and nothing else is found.
fn sealed() -> Vec<Attack> {
    let finds: &[&str] = &["V209"];
    let ingest = told(|story| {
        story.object(SECOND);
        story.act_sealed(ingested(SECOND), "second", SEALED, SEALED);
    });
    vec![
        on("V209-note", "a remark about an exhibit is sealed", finds, told(|story| seal(story, SEALED, SEALED))),
        on("V209-ingest", "an exhibit is sealed", finds, ingest),
    ]
}

fn seal(story: &mut Story, committed: &str, beside: &str) {
    story.act_sealed(noted(), "first", committed, beside);
}

/// What can be checked of what is sealed, is checked.
fn hiding_behind_sealed() -> Vec<Attack> {
    let beside = |name, what, finds, line: &str| on(name, what, finds, told(|story| seal(story, line, line)));
    let malformed: &[&str] = &["V201"];
    let in_words = |name, what, from: &'static str, to: &'static str| {
        let archive = told(|story| {
            story.act_in_words(ARCHIVIST, &[], |message| {
                let digest = Digest::of(SEALED.as_bytes());
                let sealed = format!(r#"}},"sealed":{{"epoch":1,"fields":"{digest}","key":"{digest}"}}}},"event""#);
                let sealed = message.replacen(r#"},"event""#, &sealed[1..], 1);
                assert!(sealed.contains(from), "{from} is not in {sealed}");
                sealed.replacen(from, to, 1)
            });
        });
        on(name, what, malformed, archive)
    };
    let other = r#"{"sealed":"bm90aGluZyB0aGF0IGFueWJvZHkgY291bGQgb3BlbiEhIQ=="}"#;
    let object_missing = told(|story| story.act_sealed(ingested(SECOND), "second", SEALED, SEALED));
    vec![
        on(
            "V502-sealed",
            "the line beside a sealed entry is another one",
            &["V209", "V502"],
            told(|story| seal(story, SEALED, other)),
        ),
        beside("V501-sealed-array", "beside a sealed entry are fields that are not sealed", &["V209", "V501"], "[]"),
        beside(
            "V501-sealed-base64",
            "what is sealed is in base64 with bits left over",
            &["V209", "V501"],
            r#"{"sealed":"bm9="}"#,
        ),
        beside(
            "V501-sealed-space",
            "a line of sealed fields has a space in it",
            &["V209", "V501"],
            r#"{"sealed": ""}"#,
        ),
        on(
            "V501-not-sealed",
            "a sealed line is beside an entry that is not sealed",
            &["V501"],
            told(|story| story.act_with_fields(SEALED, &[])),
        ),
        on("V101-sealed", "the object of a sealed exhibit is missing", &["V101", "V209"], object_missing),
        in_words("V201-sealed-epoch", "an entry is sealed in the epoch 0", r#""epoch":1"#, r#""epoch":0"#),
        in_words(
            "V201-sealed-member",
            "what is sealed has an unknown member",
            r#""epoch":1"#,
            r#""depth":1,"epoch":1"#,
        ),
    ]
}

/// What is approved.
const REQUEST: &str = "The first exhibit, for the trial in the Court 3, to be shown there and not handed on.";
/// Another agent.
const OTHER: u8 = 5;

/// An approval by this key, signed by what signs, for a remark in this archive. It is changed before it is signed.
fn approval(
    public: &PublicKey,
    sign: impl Fn(&[u8]) -> SshSignature,
    archive: Fingerprint,
    change: impl FnOnce(&mut Approval),
) -> Approval {
    let mut approval = Approval {
        key: public.id(),
        nonce: salt("a nonce"),
        not_after: "2026-11-30T00:00:00.000Z".parse().unwrap(),
        request: Digest::of(REQUEST.as_bytes()),
        signature: sign(b""),
    };
    change(&mut approval);
    approval.signature = sign(&approval.message(archive, "exhibit.noted"));
    approval
}

/// The same by the key of this number, for the story.
fn approval_by(story: &Story, number: u8, change: impl FnOnce(&mut Approval)) -> Approval {
    let sign = |message: &[u8]| key(number).sign_sshsig(APPROVAL_NAMESPACE, message);
    approval(key(number).public(), sign, story.fingerprint().unwrap(), change)
}

/// A remark with these approvals, and with the text of the request.
fn act_approved(story: &mut Story, approvals: Vec<Approval>) {
    story.act_changed(ARCHIVIST, noted(), Some("first"), &[("request", REQUEST)], |entry| {
        entry.attached.approvals = approvals;
    });
}

/// The base story, and behind it a remark that the administrator approved.
fn approved(change: impl FnOnce(&mut Approval)) -> Archive {
    told(|story| {
        let approval = approval_by(story, ADMINISTRATOR, change);
        act_approved(story, vec![approval]);
    })
}

/// The base story, and behind it another agent, who is revoked at once.
fn with_revoked(story: &mut Story) {
    add_agent(story, key(OTHER).public().clone());
    let event = AgentRevoked { fields: Vec::new(), from_index: EntryIndex(6), key: key(OTHER).public().id() };
    story.act(ADMINISTRATOR, event.into(), None, &[]);
}

fn add_agent(story: &mut Story, public_key: PublicKey) {
    let agent = vouchsafe_core::model::AgentRecord { public_key, ..agent(OTHER, Role::Lawyer) };
    story.act(ADMINISTRATOR, AgentAdded { agent, fields: Vec::new() }.into(), None, &[]);
}

/// A remark that the holder of a token approved.
fn approved_by(token: &Token) -> Archive {
    told(|story| {
        add_agent(story, token.public());
        let sign = |message: &[u8]| token.sign(APPROVAL_NAMESPACE, message);
        let approval = approval(&token.public(), sign, story.fingerprint().unwrap(), |_| {});
        act_approved(story, vec![approval]);
    })
}

/// Approvals that do not hold.
fn approvals() -> Vec<Attack> {
    let finds: &[&str] = &["V310"];
    let by = |number, begin: fn(&mut Story)| {
        told(|story| {
            begin(story);
            let approval = approval_by(story, number, |_| {});
            act_approved(story, vec![approval]);
        })
    };
    let of_later = told(|story| {
        let approval = approval_by(story, OTHER, |_| {});
        act_approved(story, vec![approval]);
        add_agent(story, key(OTHER).public().clone());
    });
    let of_event = told(|story| {
        let mut approval = approval_by(story, ADMINISTRATOR, |_| {});
        let message = approval.message(story.fingerprint().unwrap(), "copy.issued");
        approval.signature = key(ADMINISTRATOR).sign_sshsig(APPROVAL_NAMESPACE, &message);
        act_approved(story, vec![approval]);
    });
    let of_archive = told(|story| {
        let sign = |message: &[u8]| key(ADMINISTRATOR).sign_sshsig(APPROVAL_NAMESPACE, message);
        let approval = approval(key(ADMINISTRATOR).public(), sign, Fingerprint(Digest::ZERO), |_| {});
        act_approved(story, vec![approval]);
    });
    let of_request = told(|story| {
        let mut approval =
            approval_by(story, ADMINISTRATOR, |approval| approval.request = Digest::of(b"Another request."));
        approval.request = Digest::of(REQUEST.as_bytes());
        act_approved(story, vec![approval]);
    });
    let of_namespace = told(|story| {
        let sign = |message: &[u8]| key(ADMINISTRATOR).sign_sshsig(vouchsafe_core::sign::ENTRY_NAMESPACE, message);
        let approval = approval(key(ADMINISTRATOR).public(), sign, story.fingerprint().unwrap(), |_| {});
        act_approved(story, vec![approval]);
    });
    let again = told(|story| {
        for _ in 0..2 {
            let approval = approval_by(story, ADMINISTRATOR, |_| {});
            act_approved(story, vec![approval]);
        }
    });
    // One millisecond before the remark is recorded.
    let late = |approval: &mut Approval| approval.not_after = "2026-11-23T09:04:00.119Z".parse().unwrap();
    let of_newer = told(|story| {
        add_newer(story, &[ADMINISTRATOR], false, &[OF_ARCHIVE]);
        let approval = approval_by(story, STRANGER, |_| {});
        act_approved(story, vec![approval]);
    });
    vec![
        on("V310-actor", "who acts approves of it", finds, by(ARCHIVIST, |_| {})),
        on("V310-stranger", "somebody approves whom the log does not know", finds, by(STRANGER, |_| {})),
        on("V310-revoked", "an agent approves whose key was revoked", finds, by(OTHER, with_revoked)),
        on("V310-added-later", "an agent approves who is added only behind it", finds, of_later),
        on("V310-event", "an approval is for another event", finds, of_event),
        on("V310-archive", "an approval is for another archive", finds, of_archive),
        on("V310-request", "an approval is made out to another request", finds, of_request),
        on("V310-namespace", "an approval is signed as an entry is", finds, of_namespace),
        on("V310-late", "an approval was no longer good when the entry was recorded", finds, approved(late)),
        on("V310-again", "an approval is used twice", finds, again),
        on(
            "V310-text",
            "the request that the entry holds is not the one that was approved",
            finds,
            approved(|approval| approval.request = Digest::of(b"Another request.")),
        ),
        on("V310-untouched", "a token approves that nobody touched", finds, approved_by(&Token::untouched(key(OTHER)))),
        on("V309-approval", "a key approves that an unknown event may have introduced", &["V208", "V309"], of_newer),
    ]
}

/// What else is approved, is found to be so.
#[test]
fn approvals_that_hold_are_sound() {
    let by_two = told(|story| {
        add_agent(story, key(OTHER).public().clone());
        let mut approvals: Vec<_> =
            [ADMINISTRATOR, OTHER].iter().map(|&number| approval_by(story, number, |_| {})).collect();
        approvals.sort_by_key(|approval| approval.key.to_string());
        // They may have one nonce: that of the request.
        act_approved(story, approvals);
        let another = approval_by(story, OTHER, |approval| approval.nonce = salt("another nonce"));
        act_approved(story, vec![another]);
    });
    let without_text = told(|story| {
        let approval = approval_by(story, ADMINISTRATOR, |approval| approval.request = Digest::of(b"Kept elsewhere."));
        story.act_changed(ARCHIVIST, noted(), Some("first"), &[("note", "A remark.")], |entry| {
            entry.attached.approvals = vec![approval];
        });
    });
    // Whoever is revoked could approve of it.
    let of_revocation = told(|story| {
        add_agent(story, key(OTHER).public().clone());
        let mut approval = approval_by(story, OTHER, |_| {});
        let message = approval.message(story.fingerprint().unwrap(), "agent.revoked");
        approval.signature = key(OTHER).sign_sshsig(APPROVAL_NAMESPACE, &message);
        let event = AgentRevoked { fields: Vec::new(), from_index: EntryIndex(6), key: approval.key };
        story.act_changed(ADMINISTRATOR, event.into(), None, &[], |entry| entry.attached.approvals = vec![approval]);
    });
    let in_time = |approval: &mut Approval| approval.not_after = "2026-11-23T09:04:00.120Z".parse().unwrap();
    let by_token = approved_by(&Token::touched(key(OTHER)));
    for archive in [approved(|_| {}), approved(in_time), by_two, without_text, of_revocation, by_token] {
        assert_eq!(super::finds(&archive.files(), true), BTreeSet::new());
    }
}
