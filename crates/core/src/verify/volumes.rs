//! Reads the volumes from the first byte to the last, in order, and hands out what can be checked apart.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;

use super::agents::{self, Agents};
use super::finding::{Code, Finding, Place};
use super::log::LogState;
use super::objects::{EntryJob, Job, Jobs, ObjectJob, Outcome};
use super::reading::{AFTER_THE_STOP, Held, Reading};
use super::trust::not_given;
use super::{GivenKey, Judged, KeyOwner, Report};
use crate::digest::Digest;
use crate::format::checkpoint::MAX_CHECKPOINT_BYTES;
use crate::format::salvage::{Salvaged, is_of_the_disk};
use crate::format::volume::{
    self, Found, MAX_COMMIT_ENTRIES, MAX_LINES_BYTES, Member, MemberName, ReadAt, VolumeNumber,
};
use crate::format::{LogKey, SignedCheckpoint, SignedEntry, litter};
use crate::language::{Text, text};
use crate::merkle;
use crate::model::{Brought, EntryIndex, Event};

/// How many entries are checked as one job.
const JOB_ENTRIES: usize = 64;

/// A volume that is being read.
struct Volume {
    number: VolumeNumber,
    /// As the disk gives it: an object that it cannot give is reported as unreadable.
    file: Arc<dyn ReadAt>,
    /// The same with zeros for what cannot be read, so that all that lies after it is still checked.
    salvaged: Salvaged,
}

/// The members of a commit that is being read.
#[derive(Default)]
struct Commit {
    objects: Vec<(Digest, Member)>,
    fields: Option<(u64, u64, Member)>,
    log: Option<(u64, u64, Member)>,
}

impl Reading<'_> {
    pub fn run(mut self) -> io::Result<Report> {
        let outcome = Outcome::default();
        let watch = self.watch;
        std::thread::scope(|scope| {
            let jobs = Jobs::begin(scope, self.request.threads, &outcome, watch);
            self.read_all(&jobs)?;
            self.check_end(&jobs)?;
            drop(jobs);
            io::Result::Ok(())
        })?;
        let finished = outcome.report_to(&mut self.report);
        self.report.complete = !watch.is_stopped();
        self.settle(&finished);
        let mut report = self.report;
        name_exhibits(&mut report.findings, &self.log);
        report.sort();
        Ok(report)
    }

    fn read_all(&mut self, jobs: &Jobs<'_>) -> io::Result<()> {
        let (numbers, strangers) = self.evidence.volumes()?;
        for name in strangers {
            match litter::is_name(name.as_bytes()) {
                true => self.add(
                    Code::VolumeLitter,
                    "volumes",
                    text!("{name:?} is not a volume, and harms nothing", "{name:?}: 볼륨이 아니며, 해가 되지 않습니다"),
                ),
                false => {
                    let message = text!("{name:?} is not a volume", "{name:?}: 볼륨이 아닙니다");
                    self.add(Code::VolumeForeign, "volumes", message);
                }
            }
        }
        let mut expected = 0_u64;
        let mut total_bytes = 0;
        for &number in &numbers {
            if u64::from(number.0) != expected {
                let missing = if u64::from(number.0) == expected + 1 {
                    ("it is not there", "없습니다")
                } else {
                    ("it and those up to the next one are not there", "이 볼륨부터 다음에 있는 볼륨 앞까지 없습니다")
                };
                self.add(Code::VolumeMissing, format!("volumes/{expected:06}.tar"), missing);
            }
            expected = u64::from(number.0) + 1;
            let size_bytes = match self.evidence.open(number).and_then(|volume| volume.size_bytes()) {
                // It is opened once more, and found out then.
                Err(error) if is_of_the_disk(&error) => None,
                size_bytes => Some(size_bytes?),
            };
            total_bytes += size_bytes.unwrap_or(0);
        }
        self.last_with_members = self.find_last(&numbers)?;
        self.watch.total(total_bytes);
        // One at a time: an archive may have more volumes than a process may have open files.
        for &number in &numbers {
            if self.ends_open && Some(number) > self.last_with_members {
                break;
            }
            match self.evidence.open(number) {
                Ok(file) => {
                    let volume = Volume { number, salvaged: Salvaged::new(file.clone()), file };
                    self.read_volume(&volume, Some(&number) == numbers.last(), jobs)?;
                    self.add_unreadable(&volume);
                }
                Err(error) if is_of_the_disk(&error) => {
                    let message = text!("it cannot be opened: {error}", "열 수 없습니다: “{error}”");
                    self.add(Code::VolumeUnreadable, number.to_string(), message);
                }
                Err(error) => return Err(error),
            }
            if self.watch.is_stopped() {
                self.report.not_checked.push(AFTER_THE_STOP.into());
                return Ok(());
            }
            self.report.checked.volumes += 1;
        }
        Ok(())
    }

    /// The last volume with a member in it. One that the disk cannot give counts as such.
    fn find_last(&self, numbers: &[VolumeNumber]) -> io::Result<Option<VolumeNumber>> {
        for &number in numbers.iter().rev() {
            match self.evidence.open(number).and_then(|file| volume::holds_no_member(&*file)) {
                Ok(true) => {}
                Err(error) if !is_of_the_disk(&error) => return Err(error),
                _ => return Ok(Some(number)),
            }
        }
        Ok(None)
    }

    fn add_unreadable(&mut self, volume: &Volume) {
        let unreadable = volume.salvaged.unreadable();
        let bytes: u64 = unreadable.iter().map(|range| range.end - range.start).sum();
        if let Some(first) = unreadable.first() {
            let place = Place::Volume { volume: volume.number, offset: first.start };
            let message = match unreadable.len() {
                1 => text!(
                    "the disk cannot read {bytes} bytes from here on",
                    "여기부터 {bytes}바이트를 디스크에서 읽을 수 없습니다"
                ),
                places => text!(
                    "the disk cannot read {bytes} bytes, in {places} places of which this is the first",
                    "이곳을 비롯한 {places}곳에서 모두 {bytes}바이트를 디스크에서 읽을 수 없습니다"
                ),
            };
            self.add(Code::VolumeUnreadable, place, message);
        }
    }

    /// A volume that is not the last one has no end.
    fn add_open(&mut self, number: VolumeNumber) {
        if self.last_with_members == Some(number) {
            // What follows is no volume that was begun: that is done when the one before it is closed.
            let next = VolumeNumber(number.0 + 1).to_string();
            let message = (
                "nothing of a volume is in it, and the one before it was not closed",
                "볼륨의 내용이 없고, 앞의 볼륨은 닫히지 않았습니다",
            );
            self.add(Code::VolumeForeign, next, message);
            self.ends_open = true;
        } else {
            let message = (
                "another volume follows, but this one was not closed",
                "다음 볼륨이 있는데 이 볼륨은 닫히지 않았습니다",
            );
            self.add(Code::VolumeOpen, number.to_string(), message);
        }
    }

    fn read_volume(&mut self, volume: &Volume, is_last: bool, jobs: &Jobs<'_>) -> io::Result<()> {
        let (number, reader) = (volume.number, &volume.salvaged);
        // Up to `committed` all members belong to commits that ended; `commit` has those from there to `offset`. Damage does not
        // end a commit: what is readable around it is judged together, when its checkpoint comes.
        let mut offset = 0;
        let mut commit = Commit::default();
        let mut committed = 0;
        let mut is_closed = false;
        let size_bytes = reader.size_bytes()?;
        // Up to here a commit is known to lie ahead, so that not every damaged place looks for one again: the reading stays
        // linear in the size of a volume that somebody damaged in thousands of places.
        let mut commit_ahead = 0;
        while !self.watch.is_stopped() {
            match volume::look_at(reader, offset)? {
                Found::Member(member) => {
                    offset = member.end();
                    if self.take_member(volume, member, &mut commit, jobs)? {
                        committed = offset;
                    }
                }
                found @ (Found::EndOfFile | Found::EndOfArchive) => {
                    is_closed = found == Found::EndOfArchive;
                    if !is_closed && !is_last {
                        self.add_open(number);
                    }
                    break;
                }
                Found::Torn | Found::Damaged => {
                    // A crash leaves any bytes after the last commit, such as an object without its header;
                    // but never a commit after them.
                    let size = self.log.frontier.size();
                    if is_last && offset >= commit_ahead {
                        match commits_behind(reader, offset, &self.log.agents, size)?.last() {
                            Some((_, end)) => commit_ahead = *end,
                            None => {
                                offset = size_bytes;
                                break;
                            }
                        }
                    }
                    let next = volume::find_member_after(reader, offset)?;
                    let message = match next {
                        Some(next) => text!(
                            "{bytes} bytes are not readable as members",
                            "{bytes}바이트를 tar 파일의 구성원으로 읽을 수 없습니다";
                            bytes = next - offset
                        ),
                        None => text!(
                            "nothing is readable from here to the end, {bytes} bytes",
                            "여기부터 끝까지 {bytes}바이트를 전혀 읽을 수 없습니다";
                            bytes = size_bytes - offset
                        ),
                    };
                    self.add(Code::VolumeDamaged, Place::Volume { volume: number, offset }, message);
                    let Some(next) = next else { break };
                    self.watch.advance(next - offset);
                    offset = next;
                }
            }
        }
        if offset > committed && !self.watch.is_stopped() {
            let place = Place::Volume { volume: number, offset: committed };
            if is_last && !is_closed {
                let tail_bytes = size_bytes - committed;
                let (code, message) = match volume::is_begun_commit(reader, committed)? {
                    true => (
                        Code::VolumeTail,
                        text!(
                            "the last {tail_bytes} bytes were never committed",
                            "마지막 {tail_bytes}바이트는 확정된 적이 없습니다"
                        ),
                    ),
                    false => (
                        Code::VolumeTailUnreadable,
                        text!(
                            "the last {tail_bytes} bytes are no members: were they committed, they are damaged",
                            "마지막 {tail_bytes}바이트는 tar 파일의 구성원이 아닙니다. 확정된 것이었다면 손상되었습니다"
                        ),
                    ),
                };
                self.add(code, place, message);
            } else if !commit.objects.is_empty() || commit.fields.is_some() || commit.log.is_some() {
                // Nothing is written into a volume between its last commit and its end.
                self.add(
                    Code::CommitShape,
                    place,
                    (
                        "members follow the last commit of a volume that is closed or not the last",
                        "닫혔거나 마지막이 아닌 볼륨의 마지막 확정 단위 뒤에 구성원이 더 있습니다",
                    ),
                );
            }
        }
        Ok(())
    }

    /// Takes in a member; true if it ends a commit.
    fn take_member(
        &mut self,
        volume: &Volume,
        member: Member,
        commit: &mut Commit,
        jobs: &Jobs<'_>,
    ) -> io::Result<bool> {
        let number = volume.number;
        match member.name {
            MemberName::Object(digest) => {
                if commit.fields.is_some() || commit.log.is_some() {
                    self.misplaced(number, &member);
                }
                commit.objects.push((digest, member));
            }
            MemberName::Fields { first, count } => {
                if commit.fields.is_some() || commit.log.is_some() {
                    self.misplaced(number, &member);
                }
                commit.fields = Some((first, count, member));
            }
            MemberName::Log { first, count } => {
                if commit.fields.is_none_or(|fields| (fields.0, fields.1) != (first, count)) || commit.log.is_some() {
                    self.misplaced(number, &member);
                }
                commit.log = Some((first, count, member));
            }
            MemberName::Checkpoint { size } => {
                let commit = std::mem::take(commit);
                self.take_commit(volume, commit, jobs)?;
                self.take_checkpoint(volume, &member, size)?;
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn misplaced(&mut self, number: VolumeNumber, member: &Member) {
        let place = Place::Volume { volume: number, offset: member.header_offset };
        let message = text!("{name} does not belong here", "{name}: 이 자리에 있을 것이 아닙니다"; name = member.name);
        self.add(Code::CommitShape, place, message);
    }

    fn take_commit(&mut self, volume: &Volume, commit: Commit, jobs: &Jobs<'_>) -> io::Result<()> {
        let (number, reader) = (volume.number, &volume.salvaged);
        self.before_commit = self.order.len() as u64;
        for (digest, member) in commit.objects {
            self.take_object(volume, digest, member, jobs);
        }
        let Some((first, count, log)) = commit.log else {
            let message = ("a checkpoint follows no entries", "기록 항목 없이 기준점이 있습니다");
            self.add(Code::CommitShape, number.to_string(), message);
            return Ok(());
        };
        if first != self.log.frontier.size() {
            let message = text!(
                "{name} follows entry {last}", "기록 항목 {last} 다음에 {name} 구성원이 있습니다";
                name = log.name, last = self.log.frontier.size().saturating_sub(1)
            );
            self.add(Code::EntryIndex, Place::Volume { volume: number, offset: log.header_offset }, message);
        }
        let text = read_member(reader, &log)?;
        let fields = match commit.fields {
            Some((_, _, member)) => read_member(reader, &member)?,
            None => Vec::new(),
        };
        self.watch.advance(log.size_bytes + fields.len() as u64);
        let lines = split_lines(&text, count);
        let mut field_lines = split_lines(&fields, count);
        let are_ended = text.ends_with(b"\n") && fields.ends_with(b"\n");
        if lines.len() as u64 != count || field_lines.len() as u64 != count || !are_ended {
            let place = Place::Volume { volume: number, offset: log.header_offset };
            let message = text!(
                "{entries} entries and {fields} lines of fields, not {count} whole lines each",
                "기록 항목 {entries}줄과 서술 정보 {fields}줄이 있습니다. 각각 온전한 {count}줄이어야 합니다";
                entries = lines.len(), fields = field_lines.len()
            );
            self.add(Code::CommitShape, place, message);
        }
        field_lines.resize(lines.len(), b"");
        self.take_lines(number, log.offset, &lines, &field_lines, jobs);
        Ok(())
    }

    fn take_object(&mut self, from: &Volume, digest: Digest, member: Member, jobs: &Jobs<'_>) {
        let volume = from.number;
        let number = if self.objects.contains_key(&digest) {
            let place = Place::Volume { volume, offset: member.header_offset };
            let message = text!("{name} was already held", "{name}: 이미 있습니다"; name = member.name);
            self.add(Code::ObjectTwice, place, message);
            let first = self.order.iter().position(|held| *held == digest).unwrap_or_default();
            self.numbered_up_to = self.numbered_up_to.min(first as u64);
            None
        } else {
            self.observer.object(digest, volume, &member);
            self.objects.insert(digest, Held { volume, member, named_by: None });
            self.order.push(digest);
            Some(self.order.len() as u64 - 1)
        };
        if self.request.reads_all_at_once() {
            let job = ObjectJob { number, volume, reader: from.file.clone(), digest, member, until: None };
            jobs.send(Job::Object(job));
        }
    }

    fn take_lines(
        &mut self,
        volume: VolumeNumber,
        mut offset: u64,
        lines: &[&[u8]],
        fields: &[&[u8]],
        jobs: &Jobs<'_>,
    ) {
        let mut batch = Vec::with_capacity(JOB_ENTRIES);
        let mut found = Vec::new();
        for (line, fields) in lines.iter().zip(fields) {
            let place = self.log.next_index();
            let leaf = merkle::leaf_hash(line);
            match SignedEntry::parse(line) {
                Ok(entry) => {
                    let approvers = self.log.take_approvals(&entry.entry, &mut found);
                    let keys = self.log.take(&entry, leaf, &mut found);
                    self.check_object_of(&entry, place);
                    self.observer.entry(&entry, volume, offset, leaf);
                    batch.push(EntryJob { place, entry, keys, approvers, fields: fields.to_vec() });
                }
                Err(error) => {
                    let place_in_file = Place::Volume { volume, offset };
                    let message = text!("{error}", "기록 항목으로 읽을 수 없습니다: “{error}”");
                    found.push(Finding::new(Code::EntryMalformed, place_in_file, message).about(place, None));
                    self.log.take_malformed(leaf);
                }
            }
            self.check_known_heads();
            offset += line.len() as u64 + 1;
            self.report.checked.entries += 1;
            if batch.len() == JOB_ENTRIES {
                jobs.send(Job::Entries(std::mem::take(&mut batch)));
            }
        }
        jobs.send(Job::Entries(batch));
        found.into_iter().for_each(|finding| self.report.add(finding));
    }

    fn check_object_of(&mut self, entry: &SignedEntry, place: EntryIndex) {
        for Brought { object, size_bytes } in entry.entry.event.brings() {
            self.check_brought(entry, place, object, size_bytes);
        }
    }

    fn check_brought(&mut self, entry: &SignedEntry, place: EntryIndex, object: Digest, size_bytes: u64) {
        let (code, message) = match self.objects.get_mut(&object) {
            None => {
                // An object stands in the commit of the first entry that names it: this one, or one before.
                self.numbered_up_to = self.numbered_up_to.min(self.before_commit);
                (
                    Code::ObjectMissing,
                    text!("objects/{object} is in no volume", "objects/{object}: 어느 볼륨에도 없습니다"),
                )
            }
            Some(held) => {
                held.named_by.get_or_insert((place, entry.entry.recorded_at));
                let held_bytes = held.member.size_bytes;
                if held_bytes == size_bytes {
                    return;
                }
                let message = text!(
                    "objects/{object} has {held_bytes} bytes, not {size_bytes}",
                    "objects/{object}: {size_bytes}바이트여야 하는데 {held_bytes}바이트입니다"
                );
                (Code::ObjectSize, message)
            }
        };
        let finding = Finding::new(code, place, message).of(object);
        self.report.add(finding.about(place, entry.entry.exhibit));
    }

    fn check_known_heads(&mut self) {
        let size = self.log.frontier.size();
        for head in self.request.known_heads.iter().filter(|head| head.checkpoint.size == size) {
            if head.checkpoint.root != self.log.frontier.root() {
                let message = text!(
                    [kept_in = head.kept_in] "the first {size} entries are not those that {kept_in} holds the root of",
                    "처음 {size}건의 기록 항목이 다음에 있는 루트의 것이 아닙니다: {kept_in}"
                );
                self.report.add(Finding::new(Code::HeadForked, Place::Log(size), message));
            }
        }
    }

    fn take_checkpoint(&mut self, volume: &Volume, member: &Member, named_size: u64) -> io::Result<()> {
        let place = Place::Volume { volume: volume.number, offset: member.header_offset };
        if member.size_bytes > MAX_CHECKPOINT_BYTES as u64 {
            self.add(Code::CheckpointMalformed, place, ("it is too long", "너무 깁니다"));
            return Ok(());
        }
        let bytes = read_member(&volume.salvaged, member)?;
        let signed = match SignedCheckpoint::parse(&bytes) {
            Ok(signed) => signed,
            Err(error) => {
                let message = text!("{error}", "기준점으로 읽을 수 없습니다: “{error}”");
                self.add(Code::CheckpointMalformed, place, message);
                return Ok(());
            }
        };
        let (size, root) = (self.log.frontier.size(), self.log.frontier.root());
        let checkpoint = &signed.checkpoint;
        if checkpoint.origin != self.request.origin {
            let message = text!("it is of the log {of}", "기록부 {of}의 기준점입니다"; of = checkpoint.origin);
            self.add(Code::CheckpointOrigin, place, message);
        } else if !self.log.agents.may_have_signed(&signed) {
            let message = (
                "it is not signed by the log's key in force for its size, or has no line of the second key",
                "그 크기에서 유효한 기록부 키의 서명이 아니거나, 두 번째 키의 줄이 없습니다",
            );
            self.add(Code::CheckpointSignature, place, message);
        } else if checkpoint.size != size || named_size != size {
            let message = text!(
                "it states {stated} entries, there are {size}",
                "기록 항목이 {stated}건이라고 하지만 {size}건 있습니다";
                stated = checkpoint.size
            );
            self.add(Code::CheckpointSize, place, message);
        } else if checkpoint.root != root {
            let message = text!(
                "it states the root {stated}, the log has {root}",
                "기준점의 루트는 {stated}, 기록부의 루트는 {root}";
                stated = checkpoint.root
            );
            self.add(Code::CheckpointRoot, place, message);
        }
        self.report.checked.checkpoints += 1;
        Ok(())
    }

    /// What can be said only when everything was read.
    fn check_end(&mut self, jobs: &Jobs<'_>) -> io::Result<()> {
        self.report.size = self.log.frontier.size();
        self.report.last_recorded = self.log.last_recorded();
        self.report.root = self.log.frontier.root();
        self.report.exhibits = self.log.exhibits.len() as u64;
        self.report.objects = self.objects.len() as u64;
        self.report.trust.clone_from(&self.request.told_of_trust);
        if self.watch.is_stopped() {
            return Ok(());
        }
        if self.report.size == 0 {
            self.add(Code::LogEmpty, "volumes", ("there is no log", "기록부가 없습니다"));
        }
        let unnamed: Vec<_> = self.objects.iter().filter(|(_, held)| held.named_by.is_none()).collect();
        if self.log.may_name_objects && !unnamed.is_empty() {
            let what = (
                "whether an entry names each object: an entry of a format that is not known may do so",
                "원본 객체마다 그것을 가리키는 기록 항목이 있는지: 모르는 형식의 기록 항목이 가리킬 수 있습니다.",
            );
            self.report.not_checked.push(what.into());
        }
        let unnamed = if self.log.may_name_objects { Vec::new() } else { unnamed };
        let unnamed: Vec<_> = unnamed
            .into_iter()
            .map(|(digest, held)| (Place::Volume { volume: held.volume, offset: held.member.header_offset }, *digest))
            .collect();
        for (place, digest) in unnamed {
            let message =
                text!("no entry names objects/{digest}", "objects/{digest}: 어느 기록 항목도 가리키지 않습니다");
            self.add(Code::ObjectUnnamed, place, message);
        }
        let size = self.report.size;
        for head in self.request.known_heads.iter().filter(|head| head.checkpoint.size > size) {
            let seen = head.checkpoint.size;
            let message = text!(
                [kept_in = head.kept_in] "the log has {size} entries, but {kept_in} holds a head of {seen} entries",
                "기록부의 기록 항목은 {size}건인데, 다음에 있는 기준점은 {seen}건의 것입니다: {kept_in}"
            );
            self.report.add(Finding::new(Code::HeadBehind, Place::Log(size), message));
        }
        self.check_keys();
        self.choose();
        if self.request.reads_all_at_once() { Ok(()) } else { self.read_chosen(jobs) }
    }

    fn check_keys(&mut self) {
        let request = self.request;
        let are_other_keys = self.log.created.as_ref().is_some_and(|created| {
            created.administrator.id() != request.administrator || created.log_key != request.log_key.to_string()
        });
        if are_other_keys {
            let message = ("its keys are not those of the first entry", "키가 첫 기록 항목의 키와 다릅니다");
            self.add(Code::DescriptionDiffers, "archive.json", message);
        } else if self.log.first_leaf.is_some_and(|leaf| leaf != request.archive.0) {
            let message = ("its fingerprint is not that of the first entry", "지문이 첫 기록 항목의 지문과 다릅니다");
            self.add(Code::DescriptionDiffers, "archive.json", message);
        }
        match request.trust.judge(Some(request.archive)) {
            Judged::Fits | Judged::NotGiven => {}
            Judged::Slip(slip) => self.report.slip = Some(slip),
            Judged::Differs => {
                self.add(Code::KeyDiffers, "archive.json", not_given(request.archive));
            }
        }
        let agents = &self.log.agents;
        let told = request.trust.told_of_keys(("archive", "보존소"), |key| match key {
            GivenKey::Agent(key) if *key == request.administrator => KeyOwner::Administrator,
            GivenKey::Agent(key) if agents.get(*key).is_some() => KeyOwner::Agent,
            GivenKey::Log(key) if **key == request.log_key => KeyOwner::Log,
            GivenKey::Agent(_) | GivenKey::Log(_) => KeyOwner::Nobody,
        });
        self.report.not_checked.extend(told);
        self.report.not_checked.extend(agents.not_checked());
    }

    fn add(&mut self, code: Code, place: impl Into<Place>, message: impl Into<Text>) {
        self.report.add(Finding::new(code, place, message));
    }
}

/// The checkpoints of this log, of more entries than `size`, from here to the end, and where each ends:
/// the trace of commits. What lies in the bytes of an object (a file may be a volume, too) is older or
/// another log's. Any of the log's keys will do, also one that an entry on the way names: nothing is believed on the
/// strength of it, and what could be a commit is not cut.
pub fn commits_behind(
    reader: &dyn ReadAt,
    from: u64,
    agents: &Agents,
    size: u64,
) -> io::Result<Vec<(SignedCheckpoint, u64)>> {
    let mut checkpoints = Vec::new();
    let mut log_keys: Vec<LogKey> = agents.log_keys().cloned().collect();
    let mut at = Some(from);
    while let Some(offset) = at {
        let Found::Member(member) = volume::look_at(reader, offset)? else {
            at = volume::find_member_after(reader, offset)?;
            continue;
        };
        at = Some(member.end());
        if let MemberName::Log { .. } = member.name {
            log_keys.extend(named_log_keys(&read_member(reader, &member)?));
        }
        if let MemberName::Checkpoint { size: named } = member.name
            && named > size
            && member.size_bytes <= MAX_CHECKPOINT_BYTES as u64
        {
            let signed = SignedCheckpoint::parse(&read_member(reader, &member)?);
            checkpoints.extend(
                signed
                    .ok()
                    .filter(|signed| signed.checkpoint.size == named)
                    .filter(|signed| log_keys.iter().any(|key| signed.is_signed_by(key)))
                    .map(|signed| (signed, member.end())),
            );
        }
    }
    Ok(checkpoints)
}

/// The log keys that these lines bring, no matter who signed them.
fn named_log_keys(lines: &[u8]) -> impl Iterator<Item = LogKey> {
    agents::changing_lines(lines).filter_map(|signed| match signed.entry.event {
        Event::LogKeyChanged(body) => body.log_key.parse().ok(),
        _ => None,
    })
}

/// A finding about an object says nothing to people: it gets the name of an exhibit that consists of it.
fn name_exhibits(findings: &mut [Finding], log: &LogState) {
    let mut unnamed: HashMap<Digest, Vec<&mut Finding>> = HashMap::new();
    for finding in findings.iter_mut().filter(|finding| finding.exhibit.is_none()) {
        if let Some(object) = finding.object {
            unnamed.entry(object).or_default().push(finding);
        }
    }
    if unnamed.is_empty() {
        return;
    }
    let mut exhibits: Vec<_> = log.exhibits.iter().collect();
    exhibits.sort_unstable_by_key(|(id, _)| *id);
    for (id, exhibit) in exhibits {
        let object = exhibit.object.and_then(|object| unnamed.get_mut(&object));
        for finding in object.into_iter().flatten() {
            match finding.exhibit {
                None => finding.exhibit = Some(id),
                Some(_) => {
                    let before = &finding.message;
                    finding.message =
                        text!([before] "{before}; it is {id}, too", "{before}. 증거물 {id}의 것이기도 합니다");
                }
            }
        }
    }
}

fn read_member(reader: &dyn ReadAt, member: &Member) -> io::Result<Vec<u8>> {
    Ok(volume::read_member(reader, member, MAX_LINES_BYTES)?.unwrap_or_default())
}

/// The lines of a member, without the newline that ends each.
fn split_lines(text: &[u8], count: u64) -> Vec<&[u8]> {
    // One more than there may be, and the nothing after the last newline, show that there are too many;
    // the rest need not be held in memory.
    let most = usize::try_from(count.min(MAX_COMMIT_ENTRIES)).unwrap_or_default() + 2;
    let mut lines: Vec<&[u8]> = text.split(|&byte| byte == b'\n').take(most).collect();
    if lines.last().is_some_and(|line| line.is_empty()) {
        lines.pop();
    }
    lines
}
