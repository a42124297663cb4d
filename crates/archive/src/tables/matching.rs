//! Which exhibit, or which file, a row speaks of.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use unicode_normalization::UnicodeNormalization as _;
use vouchsafe_core::digest::Digest;
use vouchsafe_core::model::vocabulary::{EXHIBIT_NO, ORIGINAL_NAME, SOURCE_PATH};
use vouchsafe_core::model::{ExhibitId, FieldValue};

use super::columns::Match;
use crate::error::ArchiveError;
use crate::old_names::as_cp949;
use crate::reader::Reader;
use crate::selecting::Filter;

/// At most this many candidates of a row are named.
pub(super) const NAMED_CANDIDATES: usize = 5;

/// The exhibits of an archive by what a table names them with.
pub(super) struct Exhibits {
    matched: Match,
    /// By name or number, or by the parts of their paths, the last first; sorted.
    by_text: Vec<(String, ExhibitId)>,
    by_digest: Vec<(Digest, ExhibitId)>,
    /// What the paths of the table begin with.
    common: CommonBeginning,
}

/// What a row speaks of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Named {
    One(ExhibitId),
    None,
    /// More than one, with the first of them.
    Several(Vec<ExhibitId>, usize),
}

impl Exhibits {
    /// The exhibits of an archive. `common` is what the paths of the table begin with, if rows are matched by them.
    pub fn of(archive: &Reader, matched: Match, common: CommonBeginning) -> Result<Self, ArchiveError> {
        let (mut by_text, mut by_digest) = (Vec::new(), Vec::new());
        let field = match matched {
            Match::Exhibit => return Ok(Self { matched, by_text, by_digest, common }),
            Match::Sha256 => None,
            Match::SourcePath => Some(SOURCE_PATH),
            Match::OriginalName => Some(ORIGINAL_NAME),
            Match::ExhibitNo => Some(EXHIBIT_NO),
        };
        archive.find(&Filter::default(), |exhibit, row| {
            match field {
                None => by_digest.push((row.object, exhibit)),
                Some(field) => {
                    if let Some(text) = row.field(field).map(text_of) {
                        let key = if matched == Match::SourcePath { from_the_end(&text) } else { normal(&text) };
                        by_text.push((key, exhibit));
                    }
                }
            }
            true
        })?;
        by_text.sort_unstable();
        by_digest.sort_unstable();
        Ok(Self { matched, by_text, by_digest, common })
    }

    /// The exhibit that a cell names.
    ///
    /// # Errors
    /// The cell is no name or digest at all, as a sentence; or the index cannot be read.
    pub fn named(&self, archive: &Reader, cell: &str) -> Result<Result<Named, String>, ArchiveError> {
        let found = match self.matched {
            Match::Exhibit => {
                let Ok(exhibit) = cell.parse::<ExhibitId>() else {
                    return Ok(Err(format!("{cell:?} is no exhibit's name, such as X-7K3M-…, in full")));
                };
                match archive.index.exhibit(exhibit)? {
                    Some(_) => vec![exhibit],
                    None => Vec::new(),
                }
            }
            Match::Sha256 => {
                let Ok(digest) = cell.to_ascii_lowercase().parse::<Digest>() else {
                    return Ok(Err(format!("{cell:?} is no SHA-256, which has 64 hexadecimal digits")));
                };
                equal(&self.by_digest, &digest)
            }
            Match::SourcePath => self.with_this_end(cell),
            Match::OriginalName | Match::ExhibitNo => equal(&self.by_text, &normal(cell)),
        };
        Ok(Ok(match found[..] {
            [] => Named::None,
            [one] => Named::One(one),
            ref several => Named::Several(several.iter().take(NAMED_CANDIDATES).copied().collect(), several.len()),
        }))
    }

    /// The exhibits whose paths end as this one does, with at least all that stands below the place of the deposit.
    fn with_this_end(&self, path: &str) -> Vec<ExhibitId> {
        let key = from_the_end(path);
        let parts = count_parts(&key);
        let least = parts.saturating_sub(self.common.parts_of(path)).max(1);
        longest_common(&self.by_text, &key, least).iter().map(|(_, exhibit)| *exhibit).collect()
    }
}

fn equal<K: Ord, V: Copy>(sorted: &[(K, V)], key: &K) -> Vec<V> {
    let first = sorted.partition_point(|(other, _)| other < key);
    sorted[first..].iter().take_while(|(other, _)| other == key).map(|(_, value)| *value).collect()
}

/// What begins with most parts of a key, if that is at least so many, or all of it.
pub(super) fn longest_common<'a, V>(sorted: &'a [(String, V)], key: &str, least: usize) -> &'a [(String, V)] {
    let place = sorted.partition_point(|(other, _)| other.as_str() < key);
    let neighbours = [place.checked_sub(1), Some(place)].into_iter().flatten().filter_map(|at| sorted.get(at));
    let Some(most) = neighbours.map(|(other, _)| common_parts(other, key)).max() else { return &[] };
    if most < least || most == 0 {
        return &[];
    }
    let end: usize = key.split_inclusive('\0').take(most).map(str::len).sum();
    let beginning = &key[..end];
    let first = sorted.partition_point(|(other, _)| other.as_str() < beginning);
    let count = sorted[first..].partition_point(|(other, _)| other.starts_with(beginning));
    &sorted[first..first + count]
}

fn common_parts(one: &str, other: &str) -> usize {
    one.split_inclusive('\0').zip(other.split_inclusive('\0')).take_while(|(one, other)| one == other).count()
}

/// How many parts a path has, as [`from_the_end`] gives it.
pub(super) fn count_parts(key: &str) -> usize {
    key.matches('\0').count()
}

/// The parts of a path, the last first, each ended by a zero: so paths with the same end stand together. Both kinds of
/// slashes part it, and its letters are composed.
pub(super) fn from_the_end(path: &str) -> String {
    let mut key = String::with_capacity(path.len() + 1);
    for part in path.rsplit(['/', '\\']).filter(|part| !part.is_empty() && *part != ".") {
        key.extend(part.nfc().filter(|letter| *letter != '\0'));
        key.push('\0');
    }
    key
}

/// How many parts at the beginning are the same in all paths that begin at the same place, the last part of each left aside:
/// they name the place of the deposit, which is another one on each computer.
#[derive(Debug, Default)]
pub(super) struct CommonBeginning(HashMap<String, Vec<String>>);

/// Paths that begin at more places than this must fit in full.
const MAX_PLACES: usize = 64;

impl CommonBeginning {
    pub fn add(&mut self, path: &str) {
        let parts = parts_before_the_name(path);
        if parts.is_empty() {
            return;
        }
        let places = self.0.len();
        match self.0.entry(place_of(path)) {
            Entry::Vacant(_) if places >= MAX_PLACES => {}
            Entry::Vacant(new) => drop(new.insert(parts)),
            Entry::Occupied(mut known) => {
                let same = known.get().iter().zip(&parts).take_while(|(one, other)| one == other).count();
                known.get_mut().truncate(same);
            }
        }
    }

    /// How many parts of this path are those of the place.
    pub fn parts_of(&self, path: &str) -> usize {
        if parts_before_the_name(path).is_empty() { 0 } else { self.0.get(&place_of(path)).map_or(0, Vec::len) }
    }
}

fn parts_before_the_name(path: &str) -> Vec<String> {
    let key = from_the_end(path);
    let mut parts: Vec<_> = key.split_terminator('\0').skip(1).map(str::to_owned).collect();
    parts.reverse();
    parts
}

/// Where a path begins: at a drive, at a folder below the root, or nowhere, if it is relative.
fn place_of(path: &str) -> String {
    let first = path.split(['/', '\\']).find(|part| !part.is_empty()).unwrap_or_default();
    let is_absolute = path.starts_with(['/', '\\']) || first.ends_with(':');
    if is_absolute { first.nfc().collect() } else { String::new() }
}

/// The two paths without the end that they have in common: where a deposit lies in the table, and where in the archive.
pub(super) fn places(in_table: &str, in_archive: &str) -> (String, String) {
    let common = common_parts(&from_the_end(in_table), &from_the_end(in_archive));
    let without_end = |path: &str| {
        let mut rest = path;
        for _ in 0..common {
            rest = rest.trim_end_matches(['/', '\\']);
            rest = rest.rfind(['/', '\\']).map_or("", |at| &rest[..=at]);
        }
        rest.to_owned()
    };
    (without_end(in_table), without_end(in_archive))
}

/// A name or path as text; one that is in no Unicode is read as Korean from before it, if it can be.
pub(super) fn text_of(value: &FieldValue) -> String {
    match value {
        FieldValue::Bytes(bytes) => as_cp949(bytes).unwrap_or_else(|| String::from_utf8_lossy(bytes).into_owned()),
        other => other.to_string(),
    }
}

fn normal(text: &str) -> String {
    text.trim().nfc().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_matched_by_their_ends() {
        let mut paths: Vec<_> = ["/media/usb/a/b.jpg", "/media/usb/c/b.jpg", "/media/usb/c/d.jpg", "/x/한글.txt"]
            .map(|path| (from_the_end(path), path))
            .into();
        paths.sort_unstable();
        let find = |path: &str, least: usize| -> Vec<&str> {
            longest_common(&paths, &from_the_end(path), least).iter().map(|(_, path)| *path).collect()
        };
        assert_eq!(find("C:\\deposit\\a\\b.jpg", 2), ["/media/usb/a/b.jpg"]);
        assert_eq!(find("c/b.jpg", 2), ["/media/usb/c/b.jpg"]);
        assert_eq!(find("./d.jpg", 1), ["/media/usb/c/d.jpg"]);
        assert_eq!(find("b.jpg", 1).len(), 2);
        assert_eq!(find("x/b.jpg", 2), Vec::<&str>::new());
        assert_eq!(find("/media/usb/a/b.jpg", 4), ["/media/usb/a/b.jpg"]);
        // The same name, decomposed as on a Mac.
        assert_eq!(find("\u{1112}\u{1161}\u{11ab}\u{1100}\u{1173}\u{11af}.txt", 1), ["/x/한글.txt"]);
        assert!(find("", 1).is_empty() && find("e.jpg", 1).is_empty());
    }

    #[test]
    fn what_all_paths_begin_with_is_the_place_of_the_deposit() {
        let mut common = CommonBeginning::default();
        assert_eq!(common.parts_of("C:\\deposit\\a\\b.jpg"), 0);
        for (path, parts) in [
            ("C:\\deposit\\a\\b.jpg", 3),
            ("C:\\deposit\\a\\c.jpg", 3),
            ("C:\\deposit\\d.jpg", 2),
            // Neither a name alone nor a path that begins elsewhere changes what is known of the others.
            ("e", 0),
            ("/media/usb/e", 2),
            ("f/g", 1),
        ] {
            common.add(path);
            assert_eq!(common.parts_of(path), parts, "{path}");
        }
        assert_eq!(common.parts_of("C:\\deposit\\a\\b.jpg"), 2);
    }

    #[test]
    fn the_place_of_a_deposit_is_what_stands_before_the_common_end() {
        assert_eq!(places("C:\\dep\\a\\b.jpg", "/media/usb/a/b.jpg"), ("C:\\dep\\".into(), "/media/usb/".into()));
        assert_eq!(places("a/b.jpg", "/media/a/b.jpg"), (String::new(), "/media/".into()));
    }
}
