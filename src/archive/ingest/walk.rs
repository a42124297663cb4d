//! Finds the files, in a stable order, without following links.

use std::ffi::OsString;
use std::fs::{self, FileType};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};

use super::super::metadata::SIDECAR_SUFFIX;
use super::read::RefusedFile;

/// So many names of a folder are sorted at a time: bounded, whatever the size of the folder.
const SORTED_NAMES: usize = 100_000;
/// Folders deeper than this are refused; no real collection is that deep.
const MAX_DEPTH: usize = 256;

/// A file that was found.
#[derive(Debug)]
pub(super) struct Candidate {
    /// As the user named it.
    pub shown: PathBuf,
    /// From the root, without links in the folders.
    pub path: PathBuf,
    /// Size at the time it was found.
    pub size_bytes: u64,
    /// The metadata file beside it.
    pub sidecar: Option<PathBuf>,
}

impl Candidate {
    /// The last part of its path.
    pub fn name(&self) -> &[u8] {
        self.path.file_name().unwrap_or_default().as_bytes()
    }
}

pub(super) enum Found {
    File(Candidate),
    Refused { shown: PathBuf, reason: RefusedFile },
}

/// Walks through a file or folder and hands everything to `each`, until it answers false. What lies in
/// one of the `excluded` files and folders (without links in their paths) is refused.
pub(super) fn walk(root: &Path, excluded: &[PathBuf], each: &mut dyn FnMut(Found) -> bool) {
    let metadata = match fs::symlink_metadata(root) {
        Ok(metadata) => metadata,
        Err(error) => {
            each(Found::Refused { shown: root.to_owned(), reason: RefusedFile::Unreadable { source: error } });
            return;
        }
    };
    if metadata.is_symlink() {
        each(Found::Refused { shown: root.to_owned(), reason: RefusedFile::Link });
        return;
    }
    // Only the folders above the root may be reached through links; below it nothing is followed.
    let real = match fs::canonicalize(root) {
        Ok(real) => real,
        Err(error) => {
            each(Found::Refused { shown: root.to_owned(), reason: RefusedFile::Unreadable { source: error } });
            return;
        }
    };
    if excluded.iter().any(|folder| real.starts_with(folder)) {
        each(Found::Refused { shown: root.to_owned(), reason: RefusedFile::Own });
        return;
    }
    if metadata.is_dir() {
        walk_folder(root, &real, 0, excluded, each);
    } else if let Some(found) = look_at(root.to_owned(), real.clone(), metadata.file_type()) {
        each(found);
    } else {
        // Somebody asks for a metadata file by its name: then it is evidence like any other.
        each(file(root.to_owned(), real));
    }
}

fn walk_folder(
    shown: &Path,
    path: &Path,
    depth: usize,
    excluded: &[PathBuf],
    each: &mut dyn FnMut(Found) -> bool,
) -> bool {
    let refuse = |each: &mut dyn FnMut(Found) -> bool, reason| each(Found::Refused { shown: shown.to_owned(), reason });
    if excluded.iter().any(|folder| folder == path) {
        return refuse(each, RefusedFile::Own);
    }
    if depth > MAX_DEPTH {
        return refuse(each, RefusedFile::TooDeep);
    }
    let mut items = match fs::read_dir(path) {
        Ok(items) => items,
        Err(error) => return refuse(each, RefusedFile::Unreadable { source: error }),
    };
    loop {
        let mut names: Vec<(OsString, FileType)> = Vec::new();
        let mut problem: Option<io::Error> = None;
        for item in items.by_ref().take(SORTED_NAMES) {
            match item.and_then(|item| Ok((item.file_name(), item.file_type()?))) {
                Ok(name) => names.push(name),
                Err(error) => problem = Some(error),
            }
        }
        if let Some(error) = problem
            && !refuse(each, RefusedFile::Unreadable { source: error })
        {
            return false;
        }
        if names.is_empty() {
            return true;
        }
        names.sort_by(|(a, _), (b, _)| a.cmp(b));
        for (name, kind) in names {
            let (shown, path) = (shown.join(&name), path.join(&name));
            if !kind.is_dir() && excluded.contains(&path) {
                if !each(Found::Refused { shown, reason: RefusedFile::Own }) {
                    return false;
                }
                continue;
            }
            let goes_on = match kind.is_dir() {
                true => walk_folder(&shown, &path, depth + 1, excluded, each),
                false => look_at(shown, path, kind).is_none_or(&mut *each),
            };
            if !goes_on {
                return false;
            }
        }
    }
}

/// What a name in a folder is; nothing, if it is the metadata file of a file beside it.
fn look_at(shown: PathBuf, path: PathBuf, kind: FileType) -> Option<Found> {
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
    if let Some(name) = path.file_name().and_then(|name| name.as_bytes().strip_suffix(SIDECAR_SUFFIX.as_bytes())) {
        let subject = path.with_file_name(std::ffi::OsStr::from_bytes(name));
        if name.is_empty() || fs::symlink_metadata(&subject).is_err() {
            return Some(Found::Refused { shown, reason: RefusedFile::MetadataAlone });
        }
        return None;
    }
    Some(file(shown, path))
}

fn file(shown: PathBuf, path: PathBuf) -> Found {
    let mut sidecar = path.clone().into_os_string();
    sidecar.push(SIDECAR_SUFFIX);
    let sidecar = PathBuf::from(sidecar);
    let sidecar = fs::symlink_metadata(&sidecar).is_ok().then_some(sidecar);
    let size_bytes = fs::symlink_metadata(&path).map_or(0, |metadata| metadata.len());
    Found::File(Candidate { shown, path, size_bytes, sidecar })
}
