//! What all exhibits of a bundle rest on: manifests, the signature of the bundle, `bundle.json`, the checkpoint,
//! and the entries that introduced the keys.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::entry::{Context, EntryFiles, Extent, Proved};
use super::exhibit_report::ExhibitReport;
use super::files::{File, Files, check_listed, exhibit_of, finding};
use super::findings::Findings;
use super::letters::Letters;
use super::not_checked::{AS_ZIP, NotChecked};
use crate::digest::Digest;
use crate::format::bundle::{
    self, ALLOWED_SIGNERS, BAG_INFO, BAGIT, BAGIT_TEXT, BUNDLE_NAMESPACE, BundleDescription, BundlePath, CHECKPOINT,
    COMPLETENESS, Completeness, DESCRIPTION, EntryFile, LOG_PEM, LOG_VKEY, LaterPart, MANIFEST, MAX_BUNDLE_JSON_BYTES,
    MAX_COMPLETENESS_BYTES, MAX_MANIFEST_BYTES, Manifest, Part, SIGNER_PEM, Subject, TAG_MANIFEST, TAG_SIGNATURE,
    TAG_SIGNATURE_PLAIN, TAG_STAMP,
};
use crate::format::checkpoint::MAX_CHECKPOINT_BYTES;
use crate::format::{ArchiveIdentity, FormatError, SignedCheckpoint};
use crate::language::{Text, text};
use crate::model::{ArchiveCreated, Bilingual, EntryIndex, Event, EventKind, ExhibitId, Reach};
use crate::sign::{PublicKey, Signature, SshSignature};
use crate::verify::agents::changes_log_key_unclearly;
use crate::verify::place::{LogPlace, check_order};
use crate::verify::shown::{LogView, ShownLog};
use crate::verify::signers::Refused;
use crate::verify::trust::not_given;
use crate::verify::{AgentError, Agents, Code, Finding, GivenKey, Judged, KeyOwner, Slip, Trust};

/// The largest of the files in `keys/` in bytes.
const MAX_KEYS_BYTES: usize = 4 * 1024 * 1024;
/// The longest of the small text files in bytes.
const MAX_TEXT_BYTES: usize = 64 * 1024;
/// What is said of a file that no manifest lists.
const UNLISTED: Bilingual = (
    "no manifest lists it: it is no part of the bundle, and was not opened",
    "어느 목록에도 없습니다. 제출 묶음에 속하지 않으며 열지 않았습니다",
);
const OF_NO_EXHIBIT: Bilingual = ("it is the object of no exhibit", "어느 증거물의 원본 객체도 아닙니다");
const OTHER_FIRST_ENTRY: Bilingual =
    ("it is not the first entry that bundle.json names", "bundle.json에 적힌 첫 기록 항목이 아닙니다");
const WRONG_SIGNATURE: Bilingual = (
    "it does not hold for the tag manifest and the key that bundle.json names",
    "tagmanifest-sha256.txt와 bundle.json에 적힌 키에 대해 유효한 서명이 아닙니다",
);
/// What a bundle is called where it is compared with others.
pub(super) const THIS_BUNDLE: Bilingual = ("this bundle", "이 제출 묶음");

pub(super) struct Frame {
    /// SHA-256 of the tag manifest.
    pub bundle: Digest,
    pub tag: Manifest,
    pub payload: Manifest,
    pub description: Option<BundleDescription>,
    /// The statement of completeness, if there is one and it is what the tag manifest lists.
    pub completeness: Option<Completeness>,
    /// The checkpoint, if it is signed by the log's key that `bundle.json` names.
    pub checkpoint: Option<SignedCheckpoint>,
    pub signers: Agents,
    /// The letters of other archives that lie in it.
    pub letters: Letters,
    /// The archive, if its first entry is here and names the key that signed the checkpoint.
    pub archive: Option<ArchiveIdentity>,
    pub agent_entries: u64,
    pub places: Vec<LogPlace>,
    pub extent: Extent,
    administrator: Option<PublicKey>,
    /// The format of `bundle.json`, where that is not known: then nothing but the manifests is checked.
    pub newer_format: Option<String>,
    /// Whether the archive's first entry is not understood.
    first_is_newer: bool,
    /// Whether the log's key was changed by an entry of a format that is not known.
    has_newer_log_key: bool,
}

/// What speaks for it that the bundle is from the archive that it should be from.
#[derive(Debug, Default)]
pub(super) struct Trusted {
    /// Whether its fingerprint is one that was given.
    pub is_trusted: bool,
    /// Whether anything was given.
    pub was_given: bool,
    /// A fingerprint that was mistyped, most probably.
    pub slip: Option<Slip>,
    /// What is said of keys that were given.
    pub told: Vec<Text>,
}

/// One of the names that every bundle has.
fn named(name: &str) -> BundlePath {
    name.parse().expect("a name written in the program is a name that a bundle may have")
}

fn parse_manifest(name: &str, text: &[u8], add: &mut dyn FnMut(Finding)) -> Option<Manifest> {
    let reason = match Manifest::parse(text) {
        Ok(manifest) if !manifest.files().is_empty() => return Some(manifest),
        Ok(_) => text!("it lists no file: there is nothing to check", "목록에 파일이 없어 확인할 것이 없습니다"),
        Err(error) => text!("{error}", "파일 목록(manifest)으로 읽을 수 없습니다: “{error}”"),
    };
    add(finding(Code::BundleManifest, &named(name), reason));
    None
}

/// Whether every line of a text ends as git and transfers in text mode end lines.
fn has_changed_line_ends(text: &[u8]) -> bool {
    let mut lines = text.split_inclusive(|&byte| byte == b'\n').peekable();
    lines.peek().is_some() && lines.all(|line| line.ends_with(b"\r\n"))
}

impl Frame {
    /// Reads what all exhibits rest on. `None` if there is a manifest that cannot be read: then nothing says what
    /// belongs to the bundle. What no manifest lists is a finding, and is left out of the files: it is never opened.
    ///
    /// # Errors
    /// The line ends of a bundle's manifest were changed on the way: nothing can be compared.
    pub fn read(files: &mut Files<'_>, extent: Extent, findings: &mut Findings) -> Result<Option<Self>, NotChecked> {
        let mut add = |finding| findings.add(finding);
        let (mut manifests, frame) = Self::read_manifests(files, extent, &mut add);
        if extent == Extent::Whole && frame.is_none() && manifests.iter().any(|text| has_changed_line_ends(text)) {
            return Err(NotChecked::new(
                ("its line ends were changed on the way (CR LF)", "전달 과정에서 줄바꿈이 바뀌었습니다(CR LF)"),
                AS_ZIP,
            ));
        }
        files.settle_litter(&manifests, &mut add);
        manifests.truncate(1);
        let (Some(mut frame), [tag_text]) = (frame, manifests.as_slice()) else { return Ok(None) };
        frame.read_description(files, &mut add);
        frame.leave_out_unlisted_payload(files, &mut add);
        files.announce();
        frame.compare_names(files, &mut add);
        if frame.newer_format.is_some() {
            return Ok(Some(frame));
        }
        frame.read_checkpoint(files, &mut add);
        frame.read_agents(files, &mut add);
        frame.check_bundle_signature(files, tag_text, &mut add);
        frame.check_keys(files, &mut add);
        frame.letters = Letters::read(files, &frame.tag, &mut add);
        if extent == Extent::Whole {
            frame.check_bag(files, &mut add);
            frame.read_completeness(files, &mut add);
        }
        Ok(Some(frame))
    }

    /// Reads the two manifests: their texts as far as they are there, and the frame with both where they hold.
    fn read_manifests(
        files: &mut Files<'_>,
        extent: Extent,
        add: &mut dyn FnMut(Finding),
    ) -> (Vec<Vec<u8>>, Option<Self>) {
        let Some(tag_text) = files.read_small(&named(TAG_MANIFEST), MAX_MANIFEST_BYTES, add) else {
            return (Vec::new(), None);
        };
        let mut texts = vec![tag_text.bytes];
        let Some(tag) = parse_manifest(TAG_MANIFEST, &texts[0], add) else { return (texts, None) };
        let mut frame = Self {
            bundle: tag_text.digest,
            tag,
            payload: Manifest::default(),
            description: None,
            completeness: None,
            checkpoint: None,
            signers: Agents::of_some_entries(),
            letters: Letters::default(),
            archive: None,
            agent_entries: 0,
            places: Vec::new(),
            extent,
            administrator: None,
            newer_format: None,
            first_is_newer: false,
            has_newer_log_key: false,
        };
        frame.leave_out_unlisted_tags(files, add);
        let Some(text) = frame.read_listed(files, MANIFEST, MAX_MANIFEST_BYTES, add) else { return (texts, None) };
        let payload = parse_manifest(MANIFEST, &text, add);
        texts.push(text);
        let Some(payload) = payload else { return (texts, None) };
        frame.payload = payload;
        (texts, Some(frame))
    }

    /// What the bundle shows of its log; `None` if its checkpoint does not hold, or it does not prove whose log it is.
    pub fn log_view(&self, exhibits: &[ExhibitReport]) -> Option<LogView> {
        let head = &self.checkpoint.as_ref()?.checkpoint;
        let places = exhibits.iter().flat_map(|exhibit| &exhibit.places).chain(&self.places);
        Some(LogView {
            place: DESCRIPTION.to_owned(),
            named: THIS_BUNDLE.into(),
            archive: self.archive.clone()?,
            log_key: self.description.as_ref()?.log_key.clone(),
            size: head.size,
            root: head.root,
            shown: ShownLog::of_places(head.size, head.root, places),
        })
    }

    /// Reads one of the files that every bundle has, and compares it with the tag manifest.
    fn read_listed(
        &self,
        files: &Files<'_>,
        name: &str,
        limit_bytes: usize,
        add: &mut dyn FnMut(Finding),
    ) -> Option<Vec<u8>> {
        let path = named(name);
        let content = files.read_small(&path, limit_bytes, add)?;
        check_listed(&self.tag, &path, content.digest, Code::BundleFileChanged, add);
        Some(content.bytes)
    }

    /// An addition says nothing against an exhibit, wherever it lies: all of it that counts is listed.
    fn leave_out_unlisted_tags(&self, files: &mut Files<'_>, add: &mut dyn FnMut(Finding)) {
        files.leave_out(|File { path, is_litter, size_bytes, .. }| {
            let is_too_large = path.is_stamp() && *size_bytes > MAX_TEXT_BYTES as u64;
            let has_place = path.is_outside_of_manifests() && !is_too_large;
            let is_unlisted = !is_litter && !path.is_payload() && !has_place && self.tag.get(path).is_none();
            if is_unlisted {
                add(Finding::new(Code::BundleFileUnlisted, path.as_str(), UNLISTED));
            }
            is_unlisted
        });
    }

    /// In `data/`, an addition could be taken for an exhibit.
    fn leave_out_unlisted_payload(&self, files: &mut Files<'_>, add: &mut dyn FnMut(Finding)) {
        let exhibits: HashSet<_> = self.tag.files().iter().filter_map(|(path, _)| exhibit_of(path)).collect();
        files.leave_out(|File { path, .. }| {
            let is_unlisted = path.is_payload() && self.payload.get(path).is_none();
            if is_unlisted {
                add(Finding::new(Code::BundleFileUnlisted, path.as_str(), UNLISTED));
                if self.newer_format.is_some() {
                    return true;
                }
                let mut unnamed = finding(Code::BundleObjectUnnamed, path, OF_NO_EXHIBIT);
                unnamed.exhibit = unnamed.exhibit.filter(|exhibit| exhibits.contains(exhibit));
                add(unnamed);
            }
            is_unlisted
        });
    }

    /// What is listed is in the right manifest, has a place in a bundle, and is there.
    fn compare_names(&self, files: &Files<'_>, add: &mut dyn FnMut(Finding)) {
        let present: HashSet<_> = files.all().iter().filter_map(|file| exhibit_of(&file.path)).collect();
        let lists = [(&self.payload, true, MANIFEST), (&self.tag, false, TAG_MANIFEST)];
        let mut unread = BTreeSet::new();
        for (manifest, is_payload, name) in lists {
            for (path, _) in manifest.files() {
                if path.is_payload() != is_payload || path.is_outside_of_manifests() {
                    let message = text!("it must not list {path}", "이 목록에 있으면 안 되는 파일입니다: {path}");
                    add(finding(Code::BundleManifest, &named(name), message));
                }
                let part = path.part();
                if part.is_none() && !is_payload && self.newer_format.is_none() {
                    let message = ("a bundle has no file of this name", "제출 묶음에는 이런 이름의 파일이 없습니다");
                    add(finding(Code::BundleFileForeign, path, message));
                }
                if let Some(Part::Later(later)) = part.filter(|_| !path.is_outside_of_manifests()) {
                    unread.insert((later, path.folder()));
                }
                if files.get(path).is_none() && !self.may_lack(path, part, &present) {
                    // Also one of a name that means nothing was signed, and somebody took it away.
                    let is_for_people = path.is_for_people();
                    let code = if is_for_people { Code::BundleAidMissing } else { Code::BundleFileMissing };
                    let message = text!("{name} lists it, but it is not there", "{name} 목록에 있으나 파일이 없습니다");
                    add(finding(code, path, message));
                }
            }
        }
        if self.extent == Extent::Whole && self.newer_format.is_none() {
            self.tell_unread(files, unread, add);
        }
    }

    /// What later versions put into a bundle, and this one does not read: each folder once.
    fn tell_unread(&self, files: &Files<'_>, unread: BTreeSet<(LaterPart, &str)>, add: &mut dyn FnMut(Finding)) {
        let stamp = files.get(&named(TAG_STAMP)).map(|_| (LaterPart::Proof, TAG_STAMP));
        for (part, place) in unread.into_iter().chain(stamp) {
            let (code, message) = match part {
                LaterPart::Proof => (
                    Code::BundleProofNotRead,
                    ("later versions put proof from outside there", "이후 버전이 외부의 증명을 두는 자리입니다"),
                ),
                LaterPart::Subject => (
                    Code::BundlePartNotUnderstood,
                    ("this program does not know what its files say", "이 프로그램이 그 파일의 내용을 모릅니다"),
                ),
            };
            add(Finding::new(code, place, message));
        }
    }

    /// Whether a file that is listed need not be there.
    fn may_lack(&self, path: &BundlePath, part: Option<Part>, present: &HashSet<ExhibitId>) -> bool {
        self.extent == Extent::Dossier
            && match part {
                Some(Part::Entry(_, _, EntryFile::Fields)) => true,
                // An exhibit is there whole, or not at all.
                Some(Part::Entry(Subject::Exhibit(exhibit), ..)) => !present.contains(&exhibit),
                Some(Part::Entry(Subject::Agents, ..) | Part::Required) => [BAGIT, BAG_INFO].contains(&path.as_str()),
                Some(
                    Part::Completeness
                    | Part::Object(_)
                    | Part::Aid
                    | Part::Addition
                    | Part::Foreign(_)
                    | Part::Letter(_)
                    | Part::Later(_),
                )
                | None => true,
            }
    }

    fn read_description(&mut self, files: &Files<'_>, add: &mut dyn FnMut(Finding)) {
        let Some(bytes) = self.read_listed(files, DESCRIPTION, MAX_BUNDLE_JSON_BYTES, add) else { return };
        match BundleDescription::parse(&bytes) {
            Ok(description) => self.description = Some(description),
            Err(FormatError::NotUnderstood { found, .. }) => {
                add(finding(Code::BundleNotUnderstood, &named(DESCRIPTION), unknown_format(&found)));
                self.newer_format = Some(found);
            }
            Err(error) => {
                let message = text!("{error}", "정해진 형식으로 읽을 수 없습니다: “{error}”");
                add(finding(Code::BundleDescription, &named(DESCRIPTION), message));
            }
        }
    }

    /// Reads the statement of completeness. One that the tag manifest does not list as it is was not signed.
    fn read_completeness(&mut self, files: &Files<'_>, add: &mut dyn FnMut(Finding)) {
        let path = named(COMPLETENESS);
        if files.get(&path).is_none() {
            return;
        }
        let Some(content) = files.read_small(&path, MAX_COMPLETENESS_BYTES, add) else { return };
        check_listed(&self.tag, &path, content.digest, Code::BundleFileChanged, add);
        if self.tag.get(&path) != Some(content.digest) {
            return;
        }
        match Completeness::parse(&content.bytes) {
            Ok(statement) => self.completeness = Some(statement),
            Err(FormatError::NotUnderstood { found, .. }) => {
                add(finding(Code::BundleCompletenessNotUnderstood, &path, unknown_format(&found)));
            }
            Err(error) => {
                let message = text!("{error}", "완전성 진술로 읽을 수 없습니다: “{error}”");
                add(finding(Code::BundleCompleteness, &path, message));
            }
        }
    }

    fn read_checkpoint(&mut self, files: &Files<'_>, add: &mut dyn FnMut(Finding)) {
        let path = named(CHECKPOINT);
        let Some(bytes) = self.read_listed(files, CHECKPOINT, MAX_CHECKPOINT_BYTES, add) else { return };
        let mut add = |message: Text| add(finding(Code::BundleCheckpoint, &path, message));
        let signed = match SignedCheckpoint::parse(&bytes) {
            Ok(signed) => signed,
            Err(error) => return add(text!("{error}", "기준점으로 읽을 수 없습니다: “{error}”")),
        };
        let Some(description) = &self.description else { return };
        if signed.checkpoint != description.checkpoint {
            add(text!("it is not the checkpoint that bundle.json names", "bundle.json에 적힌 기준점이 아닙니다"));
        }
        if signed.is_signed_by(&description.log_key) {
            self.checkpoint = Some(signed);
        } else {
            add(text!(
                "it is not signed by {key}", "다음 키로 서명되지 않았습니다: {key}"; key = description.log_key
            ));
        }
    }

    /// Reads the entries about agents, oldest first, in two passes: the keys that they introduce and revoke, and then their
    /// signatures.
    fn read_agents(&mut self, files: &Files<'_>, add: &mut dyn FnMut(Finding)) {
        let mut entries: BTreeMap<u64, EntryFiles<'_>> = BTreeMap::new();
        for file in files.all() {
            if let Some(Part::Entry(Subject::Agents, number, kind)) = file.path.part() {
                entries.entry(number).or_default().insert(kind, file);
            }
        }
        let Some(checkpoint) = self.checkpoint.clone() else { return };
        let mut proved = Vec::new();
        for (number, entry_files) in &entries {
            let context = self.context(files, &checkpoint);
            let Some(entry) = context.prove(Subject::Agents, *number, entry_files, add) else { continue };
            if entry.entry.entry.index.0 == *number {
                self.places.push(entry.place());
                self.introduce(&entry, add);
                proved.push(entry);
            } else {
                let place = BundlePath::entry(Subject::Agents, *number, EntryFile::Receipt);
                let message =
                    ("its name is not the index of its entry", "파일 이름의 번호가 기록 항목의 번호와 다릅니다");
                add(finding(Code::BundleAgents, &place, message));
            }
        }
        self.agent_entries = entries.len() as u64;
        self.check_log_key(&checkpoint, add);
        // Only now are all revocations known: what a revoked key signed before is in question.
        for entry in &proved {
            entry.check_signatures(&self.signers, add);
            entry.check_approvals(&self.signers, add);
        }
        if self.administrator.is_none() && !self.first_is_newer {
            let message = (
                "the archive's first entry, which names its administrator, is not there or does not hold",
                "관리자를 밝히는 보존소의 첫 기록 항목이 없거나 유효하지 않습니다",
            );
            add(Finding::new(Code::BundleAgents, "agents/", message));
        }
    }

    /// Compares the key that signed the checkpoint, which is the one that `bundle.json` names, with the one that the entries
    /// lead to.
    fn check_log_key(&mut self, checkpoint: &SignedCheckpoint, add: &mut dyn FnMut(Finding)) {
        let said = self.description.as_ref().map(|said| &said.log_key);
        let in_force = self.signers.log_key_at(checkpoint.checkpoint.size);
        let is_other = in_force.is_some_and(|key| said != Some(key)) && !self.has_newer_log_key;
        if is_other && self.signers.log_keys().nth(1).is_none() {
            let place = BundlePath::entry(Subject::Agents, 0, EntryFile::Receipt);
            let message = (
                "it names another log key than bundle.json",
                "첫 기록 항목의 기록부 키가 bundle.json에 적힌 것과 다릅니다",
            );
            add(finding(Code::BundleAgents, &place, message));
        } else if is_other {
            let message = (
                "it is not signed by the key of the log that is in force for its size",
                "그 크기에서 유효한 기록부 키로 서명되지 않았습니다",
            );
            add(finding(Code::BundleCheckpoint, &named(CHECKPOINT), message));
        } else if !self.has_newer_log_key && !self.signers.have_second_line(checkpoint) {
            let message = ("it has no line of the log's second key", "기록부의 두 번째 키의 줄이 없습니다");
            add(finding(Code::BundleCheckpoint, &named(CHECKPOINT), message));
        } else {
            return;
        }
        self.archive = None;
    }

    /// Takes in what an entry says of who may sign.
    fn introduce(&mut self, proved: &Proved, add: &mut dyn FnMut(Finding)) {
        let entry = &proved.entry.entry;
        let place = BundlePath::entry(Subject::Agents, entry.index.0, EntryFile::Receipt);
        let mut object = |message: Text| add(finding(Code::BundleAgents, &place, message));
        let is_first = entry.index.0 == 0;
        // A key that nobody vouches for introduces nobody.
        let is_signed = |signers: &Agents| {
            let mut is_signed = true;
            proved.check_signatures(signers, &mut |finding| {
                let may_be = [Code::BundleSignerInQuestion, Code::BundleSignerNotUnderstood].contains(&finding.code);
                is_signed = is_signed && may_be;
            });
            is_signed
        };
        match &entry.event {
            Event::ArchiveCreated(body) if is_first => return self.take_first(proved, body, &mut object),
            Event::NotUnderstood(_) if is_first => return self.take_newer_first(proved, &mut object),
            event @ Event::NotUnderstood(_) if entry.reach() != Some(Reach::Subject) => {
                if entry.reach() == Some(Reach::Archive) {
                    self.has_newer_log_key |= changes_log_key_unclearly(event);
                    self.signers.take_not_understood(entry.index);
                }
                return;
            }
            event if is_first || !event.kind().is_some_and(EventKind::changes_who_may_sign) => {
                return object(text!(
                    "it does not say who may sign",
                    "누가 서명할 수 있는지에 관한 기록 항목이 아닙니다"
                ));
            }
            // Also that of a key that nobody vouches for.
            Event::AgentRevoked(_) => {}
            _ if !is_signed(&self.signers) => return,
            _ => {}
        }
        if let Err(error) = self.signers.take(&entry.event, entry.index) {
            object(cannot_stand(error));
        }
    }

    /// Takes in the archive's first entry, whose hash is its fingerprint.
    fn take_first(&mut self, proved: &Proved, body: &ArchiveCreated, object: &mut dyn FnMut(Text)) {
        if let Some(said) = &self.description {
            if said.administrator != body.administrator.public_key {
                object(text!(
                    "it names another administrator than bundle.json",
                    "첫 기록 항목의 관리자가 bundle.json에 적힌 것과 다릅니다"
                ));
            }
            if said.fingerprint.0 != proved.entry.leaf() {
                object(OTHER_FIRST_ENTRY.into());
            } else {
                self.archive = Some(said.archive());
            }
        }
        self.administrator = Some(body.administrator.public_key.clone());
        if let Err(error) = self.signers.take(&proved.entry.entry.event, EntryIndex(0)) {
            object(cannot_stand(error));
        }
    }

    /// Takes in a first entry that is not understood: its hash is the fingerprint all the same.
    fn take_newer_first(&mut self, proved: &Proved, object: &mut dyn FnMut(Text)) {
        self.first_is_newer = true;
        self.signers.take_not_understood(EntryIndex(0));
        match &self.description {
            Some(said) if said.fingerprint.0 != proved.entry.leaf() => {
                object(OTHER_FIRST_ENTRY.into());
            }
            said => self.archive = said.as_ref().map(BundleDescription::archive),
        }
    }

    /// What entries are compared with.
    pub fn context<'a>(&'a self, files: &'a Files<'a>, checkpoint: &'a SignedCheckpoint) -> Context<'a> {
        let archive = self.description.as_ref().map(|said| said.fingerprint);
        let log_key = self.description.as_ref().map(|said| &said.log_key);
        Context { files, manifest: &self.tag, checkpoint, log_key, archive, extent: self.extent }
    }

    fn check_bundle_signature(&self, files: &Files<'_>, tag_text: &[u8], add: &mut dyn FnMut(Finding)) {
        let (armored_path, plain_path) = (named(TAG_SIGNATURE), named(TAG_SIGNATURE_PLAIN));
        let armored = files.read_small(&armored_path, MAX_TEXT_BYTES, add);
        let plain = files.read_small(&plain_path, MAX_TEXT_BYTES, add);
        // Without a checkpoint no key is introduced; that is found already.
        let Some(description) = self.description.as_ref().filter(|_| self.checkpoint.is_some()) else { return };
        let key = match self.signers.permit_bundle(description.signer, description.created_at) {
            Ok(key) => key,
            Err(refused) => {
                let code = match refused {
                    Refused::NotUnderstood(_) => Code::BundleSignerNotUnderstood,
                    Refused::Wrong(_) => Code::BundleSigner,
                };
                add(finding(code, &named(DESCRIPTION), refused.reason()));
                return;
            }
        };
        let mut wrong = |path| add(finding(Code::BundleSignature, path, WRONG_SIGNATURE));
        if let Some(content) = armored {
            let signature = SshSignature::from_sshsig(&content.bytes, BUNDLE_NAMESPACE, key);
            if !signature.is_some_and(|signature| key.verifies_sshsig(BUNDLE_NAMESPACE, tag_text, &signature)) {
                wrong(&armored_path);
            }
        }
        if let Some(content) = plain {
            let signature = <[u8; 64]>::try_from(content.bytes.as_slice()).ok().map(Signature::from_bytes);
            if !signature.is_some_and(|signature| key.verifies(tag_text, &signature)) {
                wrong(&plain_path);
            }
        }
    }

    /// The files in `keys/` say nothing that does not follow from the entries. People who check by hand rely on them.
    fn check_keys(&self, files: &Files<'_>, add: &mut dyn FnMut(Finding)) {
        let description = self.description.as_ref();
        let signer = description.and_then(|said| self.signers.permit_bundle(said.signer, said.created_at).ok());
        let agents = || self.signers.in_order().into_iter().map(|(_, agent)| &agent.record.public_key);
        let allowed_signers = self.checkpoint.as_ref().map(|_| bundle::allowed_signers(agents()));
        let expected = [
            (ALLOWED_SIGNERS, allowed_signers),
            (SIGNER_PEM, signer.and_then(PublicKey::to_pem)),
            (LOG_PEM, description.map(|said| said.log_key.to_pem())),
            (LOG_VKEY, description.map(|said| format!("{}\n", said.log_key))),
        ];
        for (name, expected) in expected {
            let found = self.read_listed(files, name, MAX_KEYS_BYTES, add);
            if let (Some(found), Some(expected)) = (found, expected)
                && found != expected.as_bytes()
                && !(name == ALLOWED_SIGNERS && self.may_hold_more_keys(&found, &expected))
            {
                let message = (
                    "it does not hold what the entries in agents/ lead to",
                    "agents/의 기록 항목에서 나오는 키가 들어 있지 않습니다",
                );
                add(finding(Code::BundleKeys, &named(name), message));
            }
        }
    }

    /// Whether a list of keys has all that are known, and others that an entry which is not understood may have introduced.
    fn may_hold_more_keys(&self, found: &[u8], expected: &str) -> bool {
        let found: HashSet<_> = found.split(|&byte| byte == b'\n').collect();
        !self.signers.are_all_known() && expected.lines().all(|line| found.contains(line.as_bytes()))
    }

    fn check_bag(&self, files: &Files<'_>, add: &mut dyn FnMut(Finding)) {
        // Where an object is missing, that is found already, and the sum of the sizes is not known.
        let payload: Option<Vec<_>> = self.payload.files().iter().map(|(path, _)| files.get(path)).collect();
        let info = self.description.as_ref().zip(payload).map(|(said, payload)| {
            let bytes = payload.iter().fold(0_u64, |sum, file| sum.saturating_add(file.size_bytes));
            bundle::bag_info(said.created_at, &said.software, bytes, payload.len() as u64)
        });
        for (name, expected) in [(BAGIT, Some(BAGIT_TEXT.to_owned())), (BAG_INFO, info)] {
            let found = self.read_listed(files, name, MAX_TEXT_BYTES, add);
            if let (Some(found), Some(expected)) = (found, expected)
                && found != expected.as_bytes()
            {
                let message = ("it is not what the specification says", "규격에 정해진 내용이 아닙니다");
                add(finding(Code::BundleBag, &named(name), message));
            }
        }
    }

    /// Compares the archive's fingerprint with those from outside.
    pub fn judge(&self, trust: &Trust, findings: &mut Findings) -> Trusted {
        let fingerprint = self.archive.as_ref().map(ArchiveIdentity::fingerprint);
        let log_key = self.description.as_ref().map(|said| &said.log_key);
        let mut trusted = Trusted {
            was_given: !trust.is_empty(),
            told: trust.told_of_keys(("bundle", "제출 묶음"), |key| match key {
                GivenKey::Agent(key) if self.administrator.as_ref().is_some_and(|one| one.id() == *key) => {
                    KeyOwner::Administrator
                }
                GivenKey::Agent(key) if self.signers.get(*key).is_some() => KeyOwner::Agent,
                GivenKey::Log(key) if log_key == Some(&**key) => KeyOwner::Log,
                GivenKey::Agent(_) | GivenKey::Log(_) => KeyOwner::Nobody,
            }),
            ..Trusted::default()
        };
        match (trust.judge(fingerprint), fingerprint) {
            (Judged::Fits, _) => trusted.is_trusted = true,
            (Judged::Slip(slip), _) => trusted.slip = Some(slip),
            (Judged::Differs, Some(fingerprint)) => {
                findings.add(Finding::new(Code::BundleKeyDiffers, DESCRIPTION, not_given(fingerprint)));
            }
            // Where nothing says whose archive it is, which is found already, nothing says that it is another's.
            (Judged::Differs, None) | (Judged::NotGiven, _) => {}
        }
        trusted
    }

    /// Compares the entries with each other, and returns where they stand, in their order in the log.
    pub fn compare_entries(&self, exhibits: &[ExhibitReport], findings: &mut Findings) -> Vec<LogPlace> {
        let of_exhibits = exhibits.iter().flat_map(|exhibit| &exhibit.places);
        let mut places: Vec<_> = self.places.iter().chain(of_exhibits).cloned().collect();
        places.sort_unstable_by_key(|place| place.index);
        check_order(&places, &mut |finding| findings.add(finding));
        places
    }

    /// Compares the entries with each other, and `bundle.json` with what was found.
    pub fn compare_with(&self, exhibits: &[ExhibitReport], findings: &mut Findings) {
        let places = self.compare_entries(exhibits, findings);
        let Some(said) = self.description.as_ref().filter(|_| self.checkpoint.is_some()) else { return };
        let sum = |count: fn(&ExhibitReport) -> u64| exhibits.iter().map(count).sum::<u64>();
        let counts = [
            ("exhibits", said.exhibits, exhibits.len() as u64),
            ("entries", said.entries, sum(|exhibit| exhibit.entries)),
            ("withheld_fields", said.withheld_fields, sum(|exhibit| exhibit.withheld_fields)),
        ];
        // The fields of an entry whose format is not known cannot be counted.
        let are_counted = |name: &str| name != "withheld_fields" || exhibits.iter().all(|exhibit| !exhibit.has_newer);
        let differing = counts.into_iter().filter(|(name, said, found)| said != found && are_counted(name));
        for (name, said, found) in differing {
            let message =
                text!("`{name}` is {said}; there are {found}", "`{name}`의 값은 {said}, 실제로 있는 것은 {found}");
            findings.add(Finding::new(Code::BundleDescriptionDiffers, DESCRIPTION, message));
        }
        let newest = places.iter().map(|place| place.recorded_at).max();
        if let Some(newest) = newest.filter(|newest| *newest > said.created_at) {
            let message = text!(
                "it was made at {made_at}, and holds an entry that was recorded at {newest}",
                "작성 시각은 {made_at}인데, {newest}에 기록된 기록 항목이 들어 있습니다";
                made_at = said.created_at
            );
            findings.add(Finding::new(Code::BundleDescriptionDiffers, DESCRIPTION, message));
        }
        if exhibits.is_empty() {
            let message = ("the bundle holds no exhibit", "제출 묶음에 증거물이 없습니다");
            findings.add(Finding::new(Code::BundleDescriptionDiffers, DESCRIPTION, message));
        }
    }
}

fn unknown_format(format: &str) -> Text {
    text!("this program does not know the format {format}", "이 프로그램이 모르는 형식입니다: {format}")
}

fn cannot_stand(error: AgentError) -> Text {
    text!([error = error.text()] "it cannot stand here: {error}", "이 자리에 있을 수 없습니다: {error}")
}
