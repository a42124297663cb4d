//! The logs of the archive and of the copy beside each other, before anything is healed: which of them continues where
//! the other ends, and whether they are one log at all.

use std::collections::BTreeMap;
use std::path::Path;

use crate::error::ArchiveError;
use crate::replicate::CopyError;
use crate::store::{Committed, Known, Position, ScanError, Volumes, scan};
use vouchsafe_core::digest::Digest;
use vouchsafe_core::merkle::{Frontier, leaf_hash};
use vouchsafe_core::verify::Agents;

/// A log as far as it can be read from its beginning.
struct History {
    /// The first entry of each commit: its index and its leaf hash.
    begins: BTreeMap<u64, Digest>,
    size: u64,
    is_whole: bool,
}

/// By how many entries the copy's log is longer, if the archive's can be read to its end and the copy's continues there.
///
/// # Errors
/// Both have a commit after the same entries, signed by the log's key, and it is not the same one.
pub(super) fn compare(
    own: &dyn Volumes,
    (folder, copy): (&Path, &dyn Volumes),
    agents: &Agents,
) -> Result<u64, ArchiveError> {
    let (own, copy) = (read(own, agents), read(copy, agents));
    let is_other = |(first, leaf): &(&u64, &Digest)| copy.begins.get(first).is_some_and(|other| other != *leaf);
    if let Some((first, _)) = own.begins.iter().find(is_other) {
        return Err(CopyError::Forked { path: folder.to_owned(), size: first + 1 }.into());
    }
    Ok(if own.is_whole { copy.size.saturating_sub(own.size) } else { 0 })
}

fn read(store: &dyn Volumes, agents: &Agents) -> History {
    let mut history = History { begins: BTreeMap::new(), size: 0, is_whole: false };
    let mut tree = Frontier::default();
    let known = Known { from: Position::START, size: 0, durable_size: 0 };
    let scanned = scan(store, agents, known, |commit| {
        let first = tree.size();
        let begin = take(&mut tree, &commit).ok_or_else(|| damaged(store, &commit))?;
        history.begins.insert(first, begin);
        history.size = tree.size();
        Ok::<(), ScanError>(())
    });
    history.is_whole = scanned.is_ok();
    history
}

/// The leaf hash of the first entry, if the entries have the root that the checkpoint states.
fn take(tree: &mut Frontier, commit: &Committed) -> Option<Digest> {
    let mut first = None;
    for line in commit.log_text.split_inclusive(|&byte| byte == b'\n') {
        let leaf = leaf_hash(line.strip_suffix(b"\n")?);
        first.get_or_insert(leaf);
        tree.append(leaf);
    }
    let checkpoint = &commit.checkpoint.checkpoint;
    first.filter(|_| checkpoint.size == tree.size() && checkpoint.root == tree.root())
}

fn damaged(store: &dyn Volumes, commit: &Committed) -> ScanError {
    let reason = "its entries do not have the root that its checkpoint states".to_owned();
    ScanError::Damaged { path: store.place(commit.volume), offset: commit.log.header_offset, reason }
}
