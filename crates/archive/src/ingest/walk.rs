//! Finds the files, in a stable order, without following links.

use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
use std::fs::{self, FileType};
use std::io;
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use super::far;
use super::found::{Candidate, Each, Found, MAX_DEPTH};
use super::refused::RefusedFile;
use super::remark::Remark;
use super::sidecar::{Beside, Standing, subject_name};

/// This many names of a folder are sorted at a time, whatever the size of the folder.
const SORTED_NAMES: usize = 100_000;

/// Walks through files and folders.
pub(super) struct Walker {
    /// Without links in their paths.
    excluded: Vec<PathBuf>,
    /// All files and folders that the user named, likewise.
    roots: HashSet<PathBuf>,
    /// The folders of those of them that are files and no metadata files.
    folders_of_files: HashSet<PathBuf>,
    /// Whether files that are called like metadata files are evidence like any other.
    is_metadata_evidence: bool,
    /// The metadata files beside the last root that is a file: many roots lie in one folder.
    beside: Mutex<Option<Arc<Beside>>>,
}

impl Walker {
    /// What lies in one of the `excluded` files and folders is refused. `roots` are all that will be walked.
    pub fn new<'a>(excluded: &[PathBuf], roots: impl Iterator<Item = &'a PathBuf>, is_metadata_evidence: bool) -> Self {
        // What does not exist holds nothing.
        let real = |path: &PathBuf| fs::canonicalize(path).ok();
        let roots: HashSet<PathBuf> = roots.filter_map(|root| place_of(root)).collect();
        let is_file =
            |root: &&PathBuf| root.file_name().is_some_and(|name| subject_name(name).is_none()) && root.is_file();
        let folders = roots.iter().filter(is_file).filter_map(|root| root.parent().map(Path::to_owned));
        Self {
            excluded: excluded.iter().filter_map(real).collect(),
            folders_of_files: folders.collect(),
            roots,
            is_metadata_evidence,
            beside: Mutex::default(),
        }
    }

    /// Walks through a file or folder and hands everything to `each`, until it answers false.
    pub fn walk(&self, root: &Path, each: Each<'_>) {
        let refused = |reason| Found::Refused { shown: root.to_owned(), reason };
        let unreadable = |source| refused(RefusedFile::Unreadable { source });
        let kind = match fs::symlink_metadata(root) {
            Ok(metadata) => metadata.file_type(),
            Err(error) => {
                each(unreadable(error));
                return;
            }
        };
        if kind.is_symlink() {
            each(refused(RefusedFile::Link));
            return;
        }
        // Only the folders above the root may be reached through links; below it nothing is followed.
        let real = match fs::canonicalize(root) {
            Ok(real) => real,
            Err(error) => {
                each(unreadable(error));
                return;
            }
        };
        if self.excluded.iter().any(|folder| real.starts_with(folder)) {
            each(refused(RefusedFile::Own));
        } else if kind.is_dir() {
            self.walk_root(root, &real, each);
        } else if let Some(found) = self.root_file(root.to_owned(), real, kind) {
            each(found);
        }
    }

    /// A folder that the user named. One without any file is often a disk that is not there.
    fn walk_root(&self, root: &Path, real: &Path, each: Each<'_>) {
        let mut is_empty = true;
        let mut goes_on = true;
        self.walk_folder(root, real, 0, &mut |found| {
            is_empty &= matches!(found, Found::Remarked { .. });
            goes_on = each(found);
            goes_on
        });
        if is_empty && goes_on {
            each(Found::Refused { shown: root.to_owned(), reason: RefusedFile::EmptyRoot });
        }
    }

    /// A file that the user named. A metadata file is one even then, if its own file is ingested too: a
    /// shell names it along with all others. Alone it is evidence like any other.
    fn root_file(&self, shown: PathBuf, real: PathBuf, kind: FileType) -> Option<Found> {
        let beside = self.beside(real.parent().unwrap_or(Path::new("/")));
        let name = real.file_name().unwrap_or_default().to_owned();
        if self.is_metadata_evidence || subject_name(&name).is_none() {
            return self.look_at(shown, real, kind, &beside);
        }
        let is_named = |path: &Path| path.ancestors().any(|above| self.roots.contains(above));
        let is_evidence = match beside.standing(&name) {
            Standing::None => true,
            Standing::Of(owner) => !is_named(&owner),
            // Among other files of its folder it was meant for one of them, and what it says of people stays private.
            Standing::Alone => !self.folders_of_files.contains(&beside.folder),
            Standing::NotApplied(_) => !beside.owner(&name).is_some_and(|owner| is_named(&owner)),
        };
        match self.look_at(shown.clone(), real.clone(), kind, &beside) {
            Some(found @ Found::Refused { reason: RefusedFile::Link | RefusedFile::Special { .. }, .. }) => Some(found),
            _ if is_evidence => Some(file(shown, real, None, Some(Remark::MetadataAsEvidence))),
            other => other,
        }
    }

    /// The metadata files in a folder.
    fn beside(&self, folder: &Path) -> Arc<Beside> {
        let mut known = self.beside.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        match &*known {
            Some(beside) if beside.folder == folder => beside.clone(),
            _ => known.insert(Arc::new(Beside::list(folder))).clone(),
        }
    }

    fn walk_folder(&self, shown: &Path, path: &Path, depth: usize, each: Each<'_>) -> bool {
        let refuse = |each: Each<'_>, reason| each(Found::Refused { shown: shown.to_owned(), reason });
        if self.excluded.iter().any(|folder| folder == path) {
            return refuse(each, RefusedFile::Own);
        }
        if depth > MAX_DEPTH {
            return refuse(each, RefusedFile::TooDeep);
        }
        let mut items = match fs::read_dir(path) {
            Ok(items) => items,
            Err(error) if far::is_too_long(&error) => return far::refuse_all(shown, path, depth, each),
            Err(source) => return refuse(each, RefusedFile::FolderUnreadable { source }),
        };
        let mut beside = None;
        let mut is_empty = true;
        loop {
            let mut names: Vec<(OsString, io::Result<FileType>)> = Vec::new();
            let mut problem = None;
            let mut count = 0;
            for item in items.by_ref().take(SORTED_NAMES) {
                count += 1;
                match item {
                    Ok(item) => names.push((item.file_name(), item.file_type())),
                    // Of this name not even the name is known.
                    Err(error) => problem = Some(error),
                }
            }
            is_empty &= count == 0;
            if let Some(source) = problem
                && !refuse(each, RefusedFile::FolderUnfinished { source })
            {
                return false;
            }
            if count == 0 {
                let remark = Remark::EmptyFolder;
                return !is_empty || depth == 0 || each(Found::Remarked { shown: shown.to_owned(), remark });
            }
            names.sort_by(|(a, _), (b, _)| a.cmp(b));
            let beside = beside.get_or_insert_with(|| match count < SORTED_NAMES {
                true => Beside::of_names(path, names.iter().map(|(name, _)| name)),
                false => Beside::list(path),
            });
            for (name, kind) in names {
                if !self.walk_item(shown.join(&name), path.join(&name), kind, depth, beside, each) {
                    return false;
                }
            }
        }
    }

    fn walk_item(
        &self,
        shown: PathBuf,
        path: PathBuf,
        kind: io::Result<FileType>,
        depth: usize,
        beside: &Beside,
        each: Each<'_>,
    ) -> bool {
        match kind {
            Err(source) => each(Found::Refused { shown, reason: RefusedFile::Unreadable { source } }),
            Ok(kind) if kind.is_dir() => self.walk_folder(&shown, &path, depth + 1, each),
            Ok(_) if self.excluded.contains(&path) => each(Found::Refused { shown, reason: RefusedFile::Own }),
            Ok(kind) => self.look_at(shown, path, kind, beside).is_none_or(each),
        }
    }

    /// What a name in a folder is; nothing, if it is the metadata file of a file beside it.
    fn look_at(&self, shown: PathBuf, path: PathBuf, kind: FileType, beside: &Beside) -> Option<Found> {
        let refused = if kind.is_symlink() {
            Some(RefusedFile::Link)
        } else if kind.is_socket() {
            Some(RefusedFile::Special { kind: "a socket" })
        } else if kind.is_fifo() {
            Some(RefusedFile::Special { kind: "a pipe" })
        } else if kind.is_block_device() || kind.is_char_device() {
            Some(RefusedFile::Special { kind: "a device" })
        } else {
            None
        };
        if let Some(reason) = refused {
            return Some(Found::Refused { shown, reason });
        }
        let name: &OsStr = path.file_name().unwrap_or_default();
        if self.is_metadata_evidence {
            let remark = subject_name(name).map(|_| Remark::MetadataAsEvidence);
            return Some(file(shown, path, None, remark));
        }
        match beside.standing(name) {
            Standing::None => {
                let sidecar = beside.sidecar_of(name);
                Some(file(shown, path, sidecar, None))
            }
            Standing::Of(_) => None,
            Standing::NotApplied(reason) => Some(Found::Refused { shown, reason }),
            Standing::Alone => Some(Found::Refused { shown, reason: RefusedFile::MetadataAlone }),
        }
    }
}

/// Where a root lies, without links in the folders above it; if it is a link itself, where the link lies.
fn place_of(root: &Path) -> Option<PathBuf> {
    let is_link = fs::symlink_metadata(root).is_ok_and(|found| found.is_symlink());
    match (is_link, root.file_name(), root.parent()) {
        (true, Some(name), Some(above)) => {
            let above = if above.as_os_str().is_empty() { Path::new(".") } else { above };
            Some(fs::canonicalize(above).ok()?.join(name))
        }
        _ => fs::canonicalize(root).ok(),
    }
}

fn file(shown: PathBuf, path: PathBuf, sidecar: Option<PathBuf>, remark: Option<Remark>) -> Found {
    let size_bytes = fs::symlink_metadata(&path).map_or(0, |metadata| metadata.len());
    Found::File(Candidate { shown, path, size_bytes, sidecar, remark })
}
