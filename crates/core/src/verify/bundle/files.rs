//! What a bundle holds, with names that are safe; and reading it.

use std::collections::HashSet;
use std::io;
use std::ops::ControlFlow;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use super::findings::Findings;
use super::listing::{BundleFiles, ItemKind, Listed};
use crate::digest::{Digest, Hasher};
use crate::format::bundle::{BundlePath, MAX_FILES, MAX_PATH_BYTES, Manifest, Part};
use crate::format::litter;
use crate::format::salvage::is_of_the_process;
use crate::language::{Text, text};
use crate::model::{Bilingual, ExhibitId};
use crate::verify::{Code, Finding, Watch};

/// A file that may be opened.
#[derive(Debug)]
pub(super) struct File {
    pub path: BundlePath,
    pub size_bytes: u64,
    number: usize,
    /// Whether its name is one that systems leave in folders.
    pub is_litter: bool,
}

/// What a system left and that is no file, or has a name that no bundle may have.
struct Litter {
    name: Vec<u8>,
    is_folder: bool,
    /// The first part of the name that makes it litter, up to which it is shown.
    within: Vec<u8>,
}

const FORBIDDEN_NAME: Bilingual = ("it has a name that a bundle may not have", "제출 묶음에 있을 수 없는 이름입니다");
const THE_BUNDLE: Bilingual = ("the bundle", "제출 묶음");

/// The names that manifests list, whether these can be read as a whole or not.
fn names_in(manifests: &[Vec<u8>]) -> HashSet<&[u8]> {
    let lines = manifests.iter().flat_map(|text| text.split(|&byte| byte == b'\n'));
    lines.filter_map(|line| Some(&line[line.windows(2).position(|two| two == b"  ")? + 2..])).collect()
}

/// The files that may be opened, in ascending order of their names.
pub(super) struct Files<'a> {
    bundle: &'a dyn BundleFiles,
    watch: &'a dyn Watch,
    files: Vec<File>,
    litter: Vec<Litter>,
    names: Names,
    /// The container is damaged, and nothing in it can be read.
    pub is_unreadable: bool,
    pub read_files: AtomicU64,
    pub read_bytes: AtomicU64,
    /// What this process was refused, which is no finding about the bundle.
    refused: Mutex<Option<io::Error>>,
}

/// A file's content, as far as it was to be kept, and the SHA-256 of all of it.
pub(super) struct Content {
    pub bytes: Vec<u8>,
    pub digest: Digest,
    pub size_bytes: u64,
}

/// A finding about a file, and about its exhibit where it has one.
pub(super) fn finding(code: Code, path: &BundlePath, message: impl Into<Text>) -> Finding {
    let mut finding = Finding::new(code, path.as_str(), message);
    finding.exhibit = exhibit_of(path);
    finding
}

/// What is said of a file that cannot be read.
pub(super) fn unreadable(error: &io::Error) -> Text {
    text!("{error}", "읽을 수 없습니다: “{error}”")
}

/// What is said of a file that is over its limit.
pub(super) fn too_large(size_bytes: u64, limit_bytes: u64) -> Text {
    text!(
        "it has {size_bytes} bytes; at most {limit_bytes} are allowed",
        "{size_bytes}바이트입니다. {limit_bytes}바이트까지만 허용됩니다"
    )
}

/// The exhibit that a file belongs to.
pub(super) fn exhibit_of(path: &BundlePath) -> Option<ExhibitId> {
    match path.part()? {
        Part::Object(exhibit) | Part::Entry(crate::format::bundle::Subject::Exhibit(exhibit), ..) => Some(exhibit),
        _ => None,
    }
}

/// Compares a file with its line in a manifest. One without a line is found when names are compared.
pub(super) fn check_listed(
    manifest: &Manifest,
    path: &BundlePath,
    found: Digest,
    code: Code,
    add: &mut dyn FnMut(Finding),
) {
    if let Some(listed) = manifest.get(path).filter(|listed| *listed != found) {
        let message = text!(
            "it has the SHA-256 {found}, the manifest says {listed}",
            "SHA-256: {found}. 파일 목록(manifest)에 적힌 것: {listed}"
        );
        add(finding(code, path, message));
    }
}

impl<'a> Files<'a> {
    /// Lists a bundle. What has no safe name, or is no regular file, is a finding and is never opened.
    pub fn list(bundle: &'a dyn BundleFiles, watch: &'a dyn Watch, findings: &mut Findings) -> io::Result<Self> {
        let listing = bundle.list()?;
        let is_unreadable = !listing.objections.is_empty() && listing.items.is_empty();
        for objection in listing.objections {
            findings.add(Finding::new(Code::BundleContainer, Text::from(THE_BUNDLE), objection));
        }
        if listing.items.len() > MAX_FILES {
            let message = text!(
                "it holds more than {MAX_FILES} files and folders; they were not looked at",
                "파일과 폴더가 {MAX_FILES}개를 넘습니다. 넘는 것은 보지 않았습니다"
            );
            findings.add(Finding::new(Code::BundleTooLarge, Text::from(THE_BUNDLE), message));
        }
        let mut listed = Self { is_unreadable, ..Self::nothing(bundle, watch) };
        listed.litter.extend(listing.beside.into_iter().map(|name| Litter {
            within: name.clone(),
            name,
            is_folder: false,
        }));
        for (number, item) in listing.items.into_iter().enumerate().take(MAX_FILES) {
            listed.take(number, item, findings);
        }
        if listed.names.are_too_many() {
            let message = text!(
                "its names lead through more than {MAX_FILES} files and folders",
                "이름에 나오는 파일과 폴더가 {MAX_FILES}개를 넘습니다"
            );
            findings.add(Finding::new(Code::BundleTooLarge, Text::from(THE_BUNDLE), message));
        }
        listed.files.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        listed.files.dedup_by(|a, b| a.path == b.path);
        Ok(listed)
    }

    fn nothing(bundle: &'a dyn BundleFiles, watch: &'a dyn Watch) -> Self {
        Self {
            bundle,
            watch,
            files: Vec::new(),
            litter: Vec::new(),
            names: Names::default(),
            is_unreadable: false,
            read_files: AtomicU64::new(0),
            read_bytes: AtomicU64::new(0),
            refused: Mutex::default(),
        }
    }

    /// Takes in an item of the listing.
    fn take(&mut self, number: usize, item: Listed, findings: &mut Findings) {
        let is_folder = item.kind == ItemKind::Folder;
        if item.name.is_empty() && is_folder {
            return;
        }
        let path = std::str::from_utf8(&item.name).ok().and_then(|name| name.parse::<BundlePath>().ok());
        if let Some(within) = litter::within(&item.name, is_folder) {
            match path {
                // A manifest may list it; then it is judged as every other file.
                Some(path) if item.kind == ItemKind::File => {
                    self.files.push(File { path, size_bytes: item.size_bytes, number, is_litter: true });
                }
                _ => self.litter.push(Litter { within: within.to_vec(), name: item.name, is_folder }),
            }
            return;
        }
        let Some(path) = path else {
            // A folder says nothing by itself: what lies in it bears its name. Below a name that is too long, nothing is listed.
            let leads_elsewhere = item.name.split(|&byte| byte == b'/').any(|part| matches!(part, b"" | b"." | b".."));
            if !is_folder || leads_elsewhere || item.name.len() > MAX_PATH_BYTES {
                findings.add(Finding::new(Code::BundleName, shown(&item.name), FORBIDDEN_NAME));
            }
            return;
        };
        self.names.note(path.as_str(), is_folder);
        match item.kind {
            ItemKind::Folder => {}
            ItemKind::Other => {
                let message = (
                    "it is neither a regular file nor a folder: a link, a device or a pipe",
                    "일반 파일도 폴더도 아닙니다(링크, 장치 또는 파이프)",
                );
                findings.add(finding(Code::BundleNoFile, &path, message));
            }
            ItemKind::File => {
                self.files.push(File { path, size_bytes: item.size_bytes, number, is_litter: false });
            }
        }
    }

    /// Reports what systems left in the bundle and no manifest lists, and leaves it out. What one lists is judged as every
    /// other file is, even if the manifest as a whole cannot be read.
    pub fn settle_litter(&mut self, manifests: &[Vec<u8>], add: &mut dyn FnMut(Finding)) {
        let has_litter = !self.litter.is_empty() || self.files.iter().any(|file| file.is_litter);
        let listed = if has_litter { names_in(manifests) } else { HashSet::new() };
        let in_use: HashSet<_> = listed.iter().filter_map(|name| litter::within(name, false)).collect();
        let mut told = HashSet::new();
        let mut tell = |within: &[u8], add: &mut dyn FnMut(Finding)| {
            if told.insert(within.to_vec()) {
                add(Finding::new(
                    Code::BundleLitter,
                    shown(within),
                    (
                        "no manifest lists it; the evidence is not touched by it",
                        "어느 목록에도 없으며, 증거에 영향을 주지 않습니다",
                    ),
                ));
            }
        };
        for Litter { name, within, is_folder } in std::mem::take(&mut self.litter) {
            match listed.contains(name.as_slice()) {
                true => add(Finding::new(Code::BundleName, shown(&name), FORBIDDEN_NAME)),
                // A folder of what is listed is not left over; what else is in it is reported by itself.
                false if is_folder && in_use.contains(within.as_slice()) => {}
                false => tell(&within, add),
            }
        }
        let names = &mut self.names;
        self.files.retain(|File { path, is_litter, .. }| {
            let name = path.as_str().as_bytes();
            let is_left_out = *is_litter && !listed.contains(name);
            match litter::within(name, false).filter(|_| is_left_out) {
                Some(within) => tell(within, add),
                None if *is_litter => names.note(path.as_str(), false),
                None => {}
            }
            !is_left_out
        });
        for name in std::mem::take(names).twice() {
            let message = (
                "two names are the same but for the case of letters: which of them is read depends on the system",
                "두 이름이 대소문자만 다릅니다. 어느 것을 읽을지는 운영 체제에 따라 다릅니다",
            );
            add(Finding::new(Code::BundleNameTwice, name, message));
        }
    }

    /// Leaves files out: they are not read any more, and nothing counts them.
    pub fn leave_out(&mut self, mut is_left_out: impl FnMut(&File) -> bool) {
        self.files.retain(|file| !is_left_out(file));
    }

    /// Tells the watcher how many bytes there are to be read.
    pub fn announce(&self) {
        self.watch.total(self.files.iter().fold(0, |sum, file| sum.saturating_add(file.size_bytes)));
    }

    /// All of them.
    pub fn all(&self) -> &[File] {
        &self.files
    }

    /// The file of this name.
    pub fn get(&self, path: &BundlePath) -> Option<&File> {
        self.files.binary_search_by(|file| file.path.cmp(path)).ok().map(|place| &self.files[place])
    }

    /// Reads a whole file and hashes it; keeps its bytes if there are at most `keep_bytes`, and none of them
    /// otherwise. `None` if the watcher stopped it.
    pub fn read(&self, file: &File, keep_bytes: usize) -> io::Result<Option<Content>> {
        let keeps = file.size_bytes <= keep_bytes as u64;
        let mut content = Content { bytes: Vec::new(), digest: Digest::ZERO, size_bytes: 0 };
        let mut hasher = Hasher::default();
        let mut is_stopped = false;
        let read = self.bundle.read(file.number, &mut |piece| {
            if self.watch.is_stopped() {
                is_stopped = true;
                return ControlFlow::Break(());
            }
            hasher.update(piece);
            content.size_bytes += piece.len() as u64;
            if keeps && content.size_bytes <= keep_bytes as u64 {
                content.bytes.extend_from_slice(piece);
            }
            self.watch.advance(piece.len() as u64);
            ControlFlow::Continue(())
        });
        if let Err(error) = read {
            return Err(self.note_refused(error));
        }
        if is_stopped {
            return Ok(None);
        }
        self.read_files.fetch_add(1, Relaxed);
        self.read_bytes.fetch_add(content.size_bytes, Relaxed);
        content.digest = hasher.finish();
        Ok(Some(content))
    }

    /// Keeps an error that says nothing of the bundle, and hands on what it said.
    fn note_refused(&self, error: io::Error) -> io::Error {
        if !is_of_the_process(&error) {
            return error;
        }
        let said = io::Error::other(error.to_string());
        if let Ok(mut refused) = self.refused.lock() {
            refused.get_or_insert(error);
        }
        said
    }

    /// Whether everything could be read that this process asked for.
    ///
    /// # Errors
    /// A limit of this process kept it from reading something: what was found is not to be relied on.
    pub fn check_not_refused(&self) -> io::Result<()> {
        let refused = self.refused.lock().ok().and_then(|mut refused| refused.take());
        refused.map_or(Ok(()), Err)
    }

    /// Reads a small file that is needed. Without it, or over the limit, that is a finding.
    pub fn read_small(&self, path: &BundlePath, limit_bytes: usize, add: &mut dyn FnMut(Finding)) -> Option<Content> {
        let Some(file) = self.get(path) else {
            add(finding(Code::BundleFileMissing, path, ("it is not there", "없습니다")));
            return None;
        };
        if file.size_bytes > limit_bytes as u64 {
            let message = too_large(file.size_bytes, limit_bytes as u64);
            add(finding(Code::BundleTooLarge, path, message));
            return None;
        }
        match self.read(file, limit_bytes) {
            Ok(content) => content,
            Err(error) => {
                add(finding(Code::BundleFileUnreadable, path, unreadable(&error)));
                None
            }
        }
    }
}

/// The names of files, and of folders, also of those that are only named as a part of other names. A file and a folder
/// of one name cannot be unpacked side by side; of names that differ in case alone, some systems make one.
#[derive(Default)]
struct Names {
    folders: HashSet<String>,
    folded: Vec<String>,
}

impl Names {
    /// Whether there are more than a bundle has; no more are kept. A name can lead through fifty folders, which nothing else
    /// counts where they are only named.
    fn are_too_many(&self) -> bool {
        self.folded.len() > MAX_FILES
    }

    fn note(&mut self, name: &str, is_folder: bool) {
        for (end, _) in name.match_indices('/') {
            self.note_folder(&name[..end]);
        }
        if self.are_too_many() {
            return;
        }
        match is_folder {
            true => self.note_folder(name),
            false => self.folded.push(name.to_ascii_lowercase()),
        }
    }

    fn note_folder(&mut self, name: &str) {
        if !self.are_too_many() && !self.folders.contains(name) {
            self.folders.insert(name.to_owned());
            self.folded.push(name.to_ascii_lowercase());
        }
    }

    /// Those that stand there twice, in small letters.
    fn twice(mut self) -> Vec<String> {
        self.folded.sort_unstable();
        self.folded.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0].clone()).collect()
    }
}

/// A name as it can be shown: the beginning of it, and no control characters.
fn shown(name: &[u8]) -> String {
    name[..name.len().min(200)].escape_ascii().to_string()
}
