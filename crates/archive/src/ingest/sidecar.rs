//! Metadata files beside files: which file each of them speaks of, however the two are written.
//!
//! `NAME.meta.yaml` speaks of `NAME` beside it. The ending may be `.meta.yml` and in capital letters, and the two names may
//! be in different Unicode forms, as they are after a way over another system. Both questions (whose metadata file is
//! this, which is the metadata file of this) are answered by [`Beside::owner`] alone, so that the answers fit.

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use unicode_normalization::UnicodeNormalization as _;

use super::super::metadata::SIDECAR_SUFFIX;
use super::refused::RefusedFile;

const ENDINGS: [&str; 2] = [SIDECAR_SUFFIX, ".meta.yml"];
/// At most this many metadata files of a folder are remembered; in folders with more, only names that are exactly alike
/// belong together.
const MAX_REMEMBERED: usize = 100_000;

/// The name of the file that a metadata file speaks of, by its own name.
pub(super) fn subject_name(name: &OsStr) -> Option<&OsStr> {
    let bytes = name.as_bytes();
    let ending = ENDINGS.iter().find(|ending| {
        bytes.len() > ending.len() && bytes[bytes.len() - ending.len()..].eq_ignore_ascii_case(ending.as_bytes())
    })?;
    Some(OsStr::from_bytes(&bytes[..bytes.len() - ending.len()]))
}

/// A name in one Unicode form.
fn key(name: &OsStr) -> Vec<u8> {
    match name.to_str() {
        Some(text) if !text.is_ascii() => text.nfc().collect::<String>().into_bytes(),
        _ => name.as_bytes().to_vec(),
    }
}

/// What a file is that is called like a metadata file.
pub(super) enum Standing {
    /// It is not called like one.
    None,
    /// It is the metadata file of this file.
    Of(PathBuf),
    /// It is one, and is not applied.
    NotApplied(RefusedFile),
    /// Nothing beside it has the name that it speaks of.
    Alone,
}

/// The metadata files of one folder.
pub(super) struct Beside {
    pub folder: PathBuf,
    /// By the name that each speaks of, in one Unicode form; none if they are too many or cannot be listed.
    by_subject: Option<HashMap<Vec<u8>, Vec<OsString>>>,
}

impl Beside {
    /// Lists a folder.
    pub fn list(folder: &Path) -> Self {
        let names = fs::read_dir(folder).map(|items| items.flatten().map(|item| item.file_name()));
        let by_subject = names.ok().and_then(|names| group(names.filter(|name| subject_name(name).is_some())));
        Self { folder: folder.to_owned(), by_subject }
    }

    /// Of the names in a folder, if these are all.
    pub fn of_names<'a>(folder: &Path, names: impl Iterator<Item = &'a OsString>) -> Self {
        let names = names.filter(|name| subject_name(name).is_some()).cloned();
        Self { folder: folder.to_owned(), by_subject: group(names) }
    }

    /// The file that a metadata file speaks of: the one that is written alike, or else one in another Unicode form.
    pub fn owner(&self, sidecar: &OsStr) -> Option<PathBuf> {
        let subject = subject_name(sidecar)?;
        let exact = self.folder.join(subject);
        let is_there = |path: &PathBuf| fs::symlink_metadata(path).is_ok();
        let text = subject.to_str().filter(|text| !text.is_ascii());
        let in_form = |name: String| self.folder.join(name);
        let others = text.map(|text| [in_form(text.nfc().collect()), in_form(text.nfd().collect())]);
        [exact].into_iter().chain(others.into_iter().flatten()).find(is_there)
    }

    /// The metadata file of a file.
    pub fn sidecar_of(&self, name: &OsStr) -> Option<PathBuf> {
        let own = Some(self.folder.join(name));
        let Some(by_subject) = &self.by_subject else {
            let mut exact = name.to_owned();
            exact.push(SIDECAR_SUFFIX);
            let exact = self.folder.join(exact);
            return fs::symlink_metadata(&exact).is_ok().then_some(exact);
        };
        let candidates = by_subject.get(&key(name))?.iter().filter(|sidecar| self.owner(sidecar) == own);
        // The usual ending first; a folder is no metadata file.
        let is_unusual = |sidecar: &&OsString| !sidecar.as_bytes().ends_with(SIDECAR_SUFFIX.as_bytes());
        let mut candidates: Vec<_> = candidates.collect();
        candidates.sort_by_key(|sidecar| (is_unusual(sidecar), (*sidecar).clone()));
        let paths = candidates.into_iter().map(|sidecar| self.folder.join(sidecar));
        paths.into_iter().find(|path| fs::symlink_metadata(path).is_ok_and(|found| !found.is_dir()))
    }

    /// What a file is, by its name and what lies beside it.
    pub fn standing(&self, name: &OsStr) -> Standing {
        if subject_name(name).is_none() {
            return Standing::None;
        }
        let Some(owner) = self.owner(name) else { return Standing::Alone };
        let owner_name = owner.file_name().unwrap_or_default();
        match fs::symlink_metadata(&owner).map(|metadata| metadata.file_type()) {
            Ok(kind) if kind.is_dir() => return Standing::NotApplied(RefusedFile::MetadataOfFolder),
            Ok(kind) if kind.is_file() => {}
            _ => return Standing::NotApplied(RefusedFile::MetadataOfOther),
        }
        if !matches!(self.standing(owner_name), Standing::None) {
            return Standing::NotApplied(RefusedFile::MetadataOfMetadata);
        }
        match self.sidecar_of(owner_name) {
            Some(applied) if applied.file_name() == Some(name) => Standing::Of(owner),
            Some(applied) => {
                let applied = applied.file_name().unwrap_or_default().to_string_lossy().into_owned();
                Standing::NotApplied(RefusedFile::MetadataTwice { applied })
            }
            None => Standing::NotApplied(RefusedFile::MetadataNotFound),
        }
    }
}

fn group(names: impl Iterator<Item = OsString>) -> Option<HashMap<Vec<u8>, Vec<OsString>>> {
    let mut by_subject: HashMap<Vec<u8>, Vec<OsString>> = HashMap::new();
    for (number, name) in names.enumerate() {
        if number >= MAX_REMEMBERED {
            return None;
        }
        if let Some(subject) = subject_name(&name) {
            by_subject.entry(key(subject)).or_default().push(name);
        }
    }
    Some(by_subject)
}
