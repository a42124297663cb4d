//! What happens in an archive, act by act, and the volumes that come of it: the same bytes in every run.
//!
//! Whoever holds the keys may sign anything, so a story may tell what the program itself would refuse.

use std::collections::{BTreeMap, HashMap};

use vouchsafe_core::digest::Digest;
use vouchsafe_core::format::volume::{END_BYTES, MemberName};
use vouchsafe_core::format::{
    ArchiveRef, Attached, Checkpoint, Entry, LogKey, Receipt, Sealed, SignedCheckpoint, SignedEntry, canonical, fields,
};
use vouchsafe_core::merkle::{self, Frontier};
use vouchsafe_core::model::{
    AgentAdded, AgentKind, AgentRecord, ArchiveCreated, Disclosure, EntryIndex, Event, ExhibitId, ExhibitIngested,
    ExhibitNoted, FieldValue, Fingerprint, Origin, Role, Timestamp,
};

use crate::example::salt;
use crate::samples::{Log, in_order, key, origin, sign_message};
use crate::volumes::member;

/// The numbers of the keys.
pub const ADMINISTRATOR: u8 = 1;
pub const LOG: u8 = 2;
pub const ARCHIVIST: u8 = 3;
/// Somebody whom the log does not know.
pub const STRANGER: u8 = 9;

/// The objects of the base story. They are equally long.
pub const FIRST: &[u8] = b"This statement is invented. It stands for a testimony.\n";
pub const SECOND: &[u8] = b"This statement is invented. It stands for another one.\n";

/// A member of a volume: its header, which may be any bytes, and its content.
#[derive(Clone)]
pub struct Part {
    pub header: Vec<u8>,
    pub content: Vec<u8>,
}

impl Part {
    pub fn new(name: &str, content: &[u8]) -> Self {
        let name: MemberName = name.parse().unwrap();
        Self {
            header: vouchsafe_core::format::volume::header(name, content.len() as u64, false),
            content: content.to_vec(),
        }
    }

    pub fn object(content: &[u8]) -> Self {
        Self::new(&format!("objects/{}", Digest::of(content)), content)
    }

    pub fn name(&self) -> String {
        let end = self.header.iter().position(|&byte| byte == 0).unwrap();
        String::from_utf8(self.header[..end].to_vec()).unwrap()
    }

    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = [self.header.as_slice(), &self.content].concat();
        bytes.resize(bytes.len().next_multiple_of(512), 0);
        bytes
    }

    /// The same name with another content.
    pub fn set(&mut self, content: impl AsRef<[u8]>) {
        *self = Self::new(&self.name(), content.as_ref());
    }

    /// Replaces a text, once.
    pub fn replace(&mut self, from: &str, to: &str) {
        let text = String::from_utf8(self.content.clone()).unwrap();
        assert!(text.contains(from), "{from:?} is not in {text}");
        self.set(text.replacen(from, to, 1));
    }
}

/// A volume: its commits, and whether it is closed.
#[derive(Clone, Default)]
pub struct Volume {
    pub commits: Vec<Vec<Part>>,
    pub is_closed: bool,
    /// Bytes behind everything else.
    pub tail: Vec<u8>,
}

impl Volume {
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes: Vec<u8> = self.commits.iter().flatten().flat_map(Part::bytes).collect();
        if self.is_closed {
            bytes.resize(bytes.len() + usize::try_from(END_BYTES).unwrap(), 0);
        }
        bytes.extend(&self.tail);
        bytes
    }
}

/// The keys of an archive.
#[derive(Clone, Copy)]
pub struct Keys {
    pub administrator: u8,
    pub log: u8,
    pub archivist: u8,
}

/// An archive that comes into being.
#[derive(Clone)]
pub struct Story {
    pub origin: Origin,
    pub keys: Keys,
    /// The key that signs checkpoints now.
    pub log_signer: u8,
    pub lines: Vec<Vec<u8>>,
    pub field_lines: Vec<Vec<u8>>,
    /// How many entries are about each exhibit so far.
    about: HashMap<ExhibitId, u64>,
    objects: Vec<Part>,
    committed: usize,
    pub commits: Vec<Vec<Part>>,
}

/// An exhibit's name.
pub fn exhibit(name: &str) -> ExhibitId {
    ExhibitId::from_bytes(Digest::of(name.as_bytes()).as_bytes()[..10].try_into().unwrap())
}

pub fn agent(number: u8, role: Role) -> AgentRecord {
    AgentRecord::new(AgentKind::Person, key(number).public().clone(), vec![role])
}

pub fn ingested(object: &[u8]) -> Event {
    ExhibitIngested {
        fields: Vec::new(),
        media_type: Some("text/plain".parse().unwrap()),
        object: Digest::of(object),
        size_bytes: object.len() as u64,
        software: "vouchsafe/0.1.0".to_owned(),
    }
    .into()
}

pub fn noted() -> Event {
    ExhibitNoted { fields: Vec::new() }.into()
}

/// Fields in the order in which they are kept. Their salts follow from `of`.
fn disclosures(of: &str, named: &[(&str, &str)]) -> Vec<Disclosure> {
    let text = |&(name, value): &(&str, &str)| {
        Disclosure(salt(&format!("{of} {name}")), name.parse().unwrap(), FieldValue::Text(value.to_owned()))
    };
    in_order(named.iter().map(text).collect())
}

impl Story {
    pub fn empty(origin: Origin, keys: Keys) -> Self {
        let (lines, field_lines, objects, commits) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let (about, log_signer) = (HashMap::new(), keys.log);
        Self { origin, keys, log_signer, lines, field_lines, about, objects, committed: 0, commits }
    }

    /// Two agents, committed.
    pub fn begun(origin: Origin, keys: Keys) -> Self {
        let mut story = Self::empty(origin, keys);
        let administrator = agent(keys.administrator, Role::Administrator);
        let created = ArchiveCreated::new(administrator, story.log_key().to_string());
        story.act(keys.administrator, created.into(), None, &[("name", "Desk A")]);
        let added = AgentAdded { agent: agent(keys.archivist, Role::Archivist), fields: Vec::new() };
        story.act(keys.administrator, added.into(), None, &[("name", "Archivist 7")]);
        story.commit();
        story
    }

    /// The usual beginning.
    pub fn new() -> Self {
        Self::begun(origin(), Keys { administrator: ADMINISTRATOR, log: LOG, archivist: ARCHIVIST })
    }

    /// An exhibit, and a remark about it: three commits, four entries.
    pub fn base() -> Self {
        Self::new().with_first().with_note("Read to the source.")
    }

    /// The same and a second exhibit: four commits, five entries.
    pub fn long() -> Self {
        Self::base().with_second()
    }

    pub fn with_first(mut self) -> Self {
        self.object(FIRST);
        let fields = [("title", "Statement 17"), ("place", "withheld")];
        self.act(self.keys.archivist, ingested(FIRST), Some("first"), &fields);
        self.commit();
        self
    }

    pub fn with_note(mut self, note: &str) -> Self {
        self.act(self.keys.archivist, noted(), Some("first"), &[("note", note)]);
        self.commit();
        self
    }

    pub fn with_second(mut self) -> Self {
        self.object(SECOND);
        self.act(self.keys.archivist, ingested(SECOND), Some("second"), &[("title", "Statement 18")]);
        self.commit();
        self
    }

    pub fn log_key(&self) -> LogKey {
        LogKey::new(self.origin.clone(), key(self.keys.log).public().clone())
    }

    /// The archive's fingerprint, once it has an entry.
    pub fn fingerprint(&self) -> Option<Fingerprint> {
        self.lines.first().map(|line| Fingerprint(merkle::leaf_hash(line)))
    }

    /// Puts an object into the next commit.
    pub fn object(&mut self, content: &[u8]) {
        self.objects.push(Part::object(content));
    }

    /// What an agent would sign next, and the fields with it.
    pub fn draft(&self, signer: u8, mut event: Event, about: Option<&str>, named: &[(&str, &str)]) -> (Entry, Vec<u8>) {
        let index = self.lines.len() as u64;
        let fields = disclosures(&index.to_string(), named);
        event.set_fields(fields.iter().map(Disclosure::digest).collect());
        let about = about.map(exhibit);
        let time = Timestamp::from_unix_ms(1_795_424_400_120 + 60_000 * index as i64).unwrap();
        let entry = Entry {
            actor: key(signer).public().id(),
            archive: match (&event, self.fingerprint()) {
                (Event::ArchiveCreated(_), _) | (_, None) => ArchiveRef::First(self.origin.clone()),
                (_, Some(archive)) => ArchiveRef::Of(archive),
            },
            attached: Attached::default(),
            event,
            exhibit: about,
            exhibit_sequence: about.map(|exhibit| self.about.get(&exhibit).copied().unwrap_or(0)),
            index: EntryIndex(index),
            occurred_at: time,
            previous: self.lines.last().map_or(Digest::ZERO, |line| merkle::leaf_hash(line)),
            record: None,
            record_sequence: None,
            recorded_at: time,
            salt: salt(&index.to_string()),
        };
        (entry, fields::to_line(&fields).unwrap())
    }

    pub fn act(&mut self, signer: u8, event: Event, about: Option<&str>, named: &[(&str, &str)]) {
        self.act_changed(signer, event, about, named, |_| {});
    }

    /// An act that is changed before it is signed.
    pub fn act_changed(
        &mut self,
        signer: u8,
        event: Event,
        about: Option<&str>,
        named: &[(&str, &str)],
        change: impl FnOnce(&mut Entry),
    ) {
        let (mut entry, fields) = self.draft(signer, event, about, named);
        change(&mut entry);
        let exhibit = entry.exhibit;
        self.push(entry.sign(&key(signer)).unwrap().line(), &fields);
        if let Some(exhibit) = exhibit {
            *self.about.entry(exhibit).or_default() += 1;
        }
    }

    /// An act without fields that several keys sign, the actor's first.
    pub fn act_signed(&mut self, signers: &[u8], event: Event, about: Option<&str>) {
        let (entry, fields) = self.draft(signers[0], event, about, &[]);
        let message = String::from_utf8(entry.message()).unwrap();
        self.push(sign_message(&message, signers.iter().copied()).as_bytes(), &fields);
        if let Some(exhibit) = entry.exhibit {
            *self.about.entry(exhibit).or_default() += 1;
        }
    }

    /// An act whose signed text is changed before it is signed: what no program of ours writes.
    pub fn act_in_words(&mut self, signer: u8, named: &[(&str, &str)], change: impl FnOnce(String) -> String) {
        let (entry, fields) = self.draft(signer, noted(), Some("first"), named);
        let message = change(String::from_utf8(entry.message()).unwrap());
        self.push(sign_message(&message, [signer]).as_bytes(), &fields);
    }

    /// An act with a line of fields of any form; the entry commits to these digests.
    pub fn act_with_fields(&mut self, line: &str, committed: &[&str]) {
        let (mut entry, _) = self.draft(self.keys.archivist, noted(), Some("first"), &[]);
        let mut digests: Vec<_> = committed.iter().map(|disclosure| Digest::of(disclosure.as_bytes())).collect();
        digests.sort_unstable();
        entry.event.set_fields(digests);
        self.push(entry.sign(&key(self.keys.archivist)).unwrap().line(), line.as_bytes());
    }

    /// An archivist's act of which the fields are sealed: the entry commits to the one line, and the other is beside it.
    pub fn act_sealed(&mut self, mut event: Event, about: &str, committed: &str, beside: &str) {
        if let Event::ExhibitIngested(body) = &mut event {
            body.media_type = None;
        }
        let (mut entry, _) = self.draft(self.keys.archivist, event, Some(about), &[("note", "What is sealed.")]);
        entry.attached.sealed =
            Some(Sealed { epoch: 1, fields: Digest::of(committed.as_bytes()), key: Digest::of(b"a key") });
        self.push(entry.sign(&key(self.keys.archivist)).unwrap().line(), beside.as_bytes());
        *self.about.entry(exhibit(about)).or_default() += 1;
    }

    /// A line, whatever it is.
    pub fn push(&mut self, line: &[u8], fields: &[u8]) {
        self.lines.push(line.to_vec());
        self.field_lines.push(fields.to_vec());
    }

    /// What the log key signs for everything up to now.
    pub fn checkpoint(&self) -> Checkpoint {
        let mut frontier = Frontier::default();
        self.lines.iter().for_each(|line| frontier.append(merkle::leaf_hash(line)));
        Checkpoint { origin: self.origin.clone(), size: frontier.size(), root: frontier.root() }
    }

    pub fn head(&self) -> SignedCheckpoint {
        self.checkpoint().sign(&key(self.log_signer))
    }

    pub fn commit(&mut self) {
        let head = self.head();
        self.commit_with(&head);
    }

    /// A commit with any checkpoint.
    pub fn commit_with(&mut self, head: &SignedCheckpoint) {
        let range = self.committed..self.lines.len();
        let name = |folder: &str| format!("{folder}/{}-{}.jsonl", range.start, range.len());
        let lines = |all: &[Vec<u8>]| all[range.clone()].iter().flat_map(|line| [line, &b"\n"[..]].concat()).collect();
        let (fields, log): (Vec<u8>, Vec<u8>) = (lines(&self.field_lines), lines(&self.lines));
        let mut parts = std::mem::take(&mut self.objects);
        parts.push(Part::new(&name("fields"), &fields));
        parts.push(Part::new(&name("log"), &log));
        parts.push(Part::new(&format!("checkpoints/{}", self.lines.len()), head.text().as_bytes()));
        self.commits.push(parts);
        self.committed = self.lines.len();
    }

    /// The entries.
    pub fn log(&self) -> Log {
        let mut log = Log::default();
        self.lines.iter().for_each(|line| log.append(SignedEntry::parse(line).unwrap()));
        log
    }

    /// Proof that an entry is in the log as it is now.
    pub fn receipt(&self, index: u64) -> Receipt {
        self.log().receipt(index, self.head())
    }

    /// The archive, in one volume.
    pub fn archive(&self) -> Archive {
        self.archive_in([self.commits.len()])
    }

    /// The archive, with so many commits in each volume.
    pub fn archive_in(&self, counts: impl IntoIterator<Item = usize>) -> Archive {
        let mut commits = self.commits.iter().cloned();
        let mut volumes: Vec<_> = counts
            .into_iter()
            .map(|count| Volume { commits: commits.by_ref().take(count).collect(), ..Volume::default() })
            .collect();
        assert!(commits.next().is_none(), "commits are left over");
        let last = volumes.len() - 1;
        volumes[..last].iter_mut().for_each(|volume| volume.is_closed = true);
        let description = BTreeMap::from([
            ("administrator", key(self.keys.administrator).public().to_openssh()),
            ("archive", self.fingerprint().unwrap_or(Fingerprint(Digest::ZERO)).to_string()),
            ("format", "vouchsafe-archive/1".to_owned()),
            ("log_key", self.log_key().to_string()),
            ("origin", self.origin.to_string()),
        ]);
        let volumes = volumes.into_iter().enumerate().map(|(number, volume)| (format!("{number:06}.tar"), volume));
        Archive { description: canonical::to_vec(&description), volumes: volumes.collect(), outside: None }
    }
}

/// An archive as it lies in a folder.
#[derive(Clone)]
pub struct Archive {
    /// `archive.json` without its newline.
    pub description: Vec<u8>,
    /// What lies in `volumes/`.
    pub volumes: BTreeMap<String, Volume>,
    /// A file that somebody else has kept: a head, a receipt or a key.
    pub outside: Option<(&'static str, Vec<u8>)>,
}

impl Archive {
    pub fn volume(&mut self, number: usize) -> &mut Volume {
        self.volumes.get_mut(&format!("{number:06}.tar")).unwrap()
    }

    /// The commits of the first volume.
    pub fn commits(&mut self) -> &mut Vec<Vec<Part>> {
        &mut self.volume(0).commits
    }

    /// The part of a commit of the first volume whose name begins so.
    pub fn part(&mut self, commit: usize, name: &str) -> &mut Part {
        self.commits()[commit].iter_mut().find(|part| part.name().starts_with(name)).unwrap()
    }

    /// Puts a part in front of a commit of the first volume.
    pub fn insert(&mut self, commit: usize, part: Part) {
        self.commits()[commit].insert(0, part);
    }

    pub fn with_outside(mut self, name: &'static str, content: impl AsRef<[u8]>) -> Self {
        self.outside = Some((name, content.as_ref().to_vec()));
        self
    }

    /// All files, by their paths.
    pub fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let mut files = BTreeMap::from([("archive.json".to_owned(), [&self.description[..], b"\n"].concat())]);
        files.extend(self.volumes.iter().map(|(name, volume)| (format!("volumes/{name}"), volume.bytes())));
        files.extend(self.outside.iter().map(|(name, content)| ((*name).to_owned(), content.clone())));
        files
    }
}

/// A member as `crate::volumes` writes it is the same as a part.
#[test]
fn a_part_is_a_member() {
    let part = Part::object(FIRST);
    assert_eq!(part.bytes(), member(part.name().parse().unwrap(), FIRST, false));
}
