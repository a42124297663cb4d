//! The Merkle tree over the log (RFC 6962 §2.1, SHA-256), through `tlog_tiles`.
//!
//! The custody log is small in the middle: all that is needed to go on writing or checking it is the
//! [`Frontier`], one hash for each complete subtree.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::ops::Range;

use tlog_tiles::{Hash, HashReader};

use crate::digest::Digest;

/// The hash of a leaf: `SHA-256(0x00 ‖ line)`.
#[must_use]
pub fn leaf_hash(line: &[u8]) -> Digest {
    Digest::from_bytes(tlog_tiles::record_hash(line).0)
}

/// The roots of the complete subtrees of a tree of `size` leaves, largest first: enough to append
/// leaves and to know the root, in O(log n) memory.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Frontier {
    size: u64,
    /// One for each 1 among the binary digits of `size`, from the highest on: that is how [`Frontier::append_storing`] knows
    /// which to join.
    subtrees: Vec<Hash>,
}

impl Frontier {
    /// Number of leaves.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Appends a leaf and calls `store(number, hash)` for every hash that a stored tree keeps, in
    /// the order and with the numbers of `tlog_tiles::stored_hash_index`.
    pub fn append_storing(&mut self, leaf: Digest, mut store: impl FnMut(u64, Digest)) {
        let mut hash = Hash(*leaf.as_bytes());
        let mut number = tlog_tiles::tlog::stored_hash_index(0, self.size);
        store(number, leaf);
        // Every trailing one bit of the old size is a complete subtree that this leaf doubles.
        for _ in 0..self.size.trailing_ones() {
            let Some(left) = self.subtrees.pop() else { break };
            hash = tlog_tiles::tlog::node_hash(left, hash);
            number += 1;
            store(number, Digest::from_bytes(hash.0));
        }
        self.subtrees.push(hash);
        self.size += 1;
    }

    /// Appends a leaf.
    pub fn append(&mut self, leaf: Digest) {
        self.append_storing(leaf, |_, _| {});
    }

    /// The root of the tree; of the empty tree, the digest of nothing.
    #[must_use]
    pub fn root(&self) -> Digest {
        let mut subtrees = self.subtrees.iter().rev().copied();
        let Some(last) = subtrees.next() else { return Digest::of(b"") };
        Digest::from_bytes(subtrees.fold(last, |right, left| tlog_tiles::tlog::node_hash(left, right)).0)
    }

    /// The frontier of the first `size` leaves of a stored tree.
    ///
    /// # Errors
    /// A hash cannot be read.
    pub fn from_stored(size: u64, hashes: &impl StoredHashes) -> Result<Self, MerkleError> {
        // The same digits: each 1 is a subtree of so many leaves, after those of the higher ones.
        let mut numbers = Vec::new();
        let mut first = 0;
        for level in (0..u64::BITS).rev().filter(|level| size >> level & 1 == 1) {
            let level_u8 = u8::try_from(level).unwrap_or(u8::MAX);
            numbers.push(tlog_tiles::tlog::stored_hash_index(level_u8, first >> level));
            first += 1 << level;
        }
        let subtrees = hashes.read(&numbers)?.into_iter().map(|hash| Hash(*hash.as_bytes())).collect();
        Ok(Self { size, subtrees })
    }
}

/// A proof that cannot be made or does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MerkleError {
    /// A stored hash is not there.
    #[error("the index lacks hash {number} of the Merkle tree")]
    Missing {
        /// Its number, as `tlog_tiles::stored_hash_index` counts.
        number: u64,
    },
    /// The arguments make no sense together, or the proof does not lead to the root.
    #[error("the proof does not hold: {reason}")]
    Proof {
        /// What the checker said.
        reason: String,
    },
}

/// Where a stored tree's hashes are read from.
pub trait StoredHashes {
    /// The hashes with these numbers, in the same order.
    ///
    /// # Errors
    /// One of them is not there.
    fn read(&self, numbers: &[u64]) -> Result<Vec<Digest>, MerkleError>;
}

struct Reader<'a, S>(&'a S);

impl<S: StoredHashes> HashReader for Reader<'_, S> {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, tlog_tiles::tlog::Error> {
        match self.0.read(indexes) {
            Ok(hashes) => Ok(hashes.into_iter().map(|hash| Hash(*hash.as_bytes())).collect()),
            Err(_) => Err(tlog_tiles::tlog::Error::IndexesNotInTree),
        }
    }
}

/// The root of the first `size` leaves of a stored tree.
///
/// # Errors
/// A hash cannot be read.
pub fn root_at(size: u64, hashes: &impl StoredHashes) -> Result<Digest, MerkleError> {
    Frontier::from_stored(size, hashes).map(|frontier| frontier.root())
}

/// The audit path of leaf `index` in the tree of the first `size` leaves (RFC 6962 §2.1.1).
///
/// # Errors
/// `index` is not below `size`, or a hash cannot be read.
pub fn prove_inclusion(index: u64, size: u64, hashes: &impl StoredHashes) -> Result<Vec<Digest>, MerkleError> {
    let proof = tlog_tiles::prove_record(size, index, &Reader(hashes)).map_err(proof_error)?;
    Ok(proof.into_iter().map(|hash| Digest::from_bytes(hash.0)).collect())
}

/// Checks an audit path.
///
/// # Errors
/// The path does not lead from `leaf` at `index` to `root` of the tree of `size` leaves.
pub fn check_inclusion(index: u64, size: u64, leaf: Digest, root: Digest, path: &[Digest]) -> Result<(), MerkleError> {
    let path = path.iter().map(|hash| Hash(*hash.as_bytes())).collect();
    tlog_tiles::check_record(&path, size, Hash(*root.as_bytes()), index, Hash(*leaf.as_bytes())).map_err(proof_error)
}

/// The subtrees that an audit path shows, each by the leaves that it covers, with their roots. The path must lead to a
/// root that is believed.
///
/// The root of a subtree follows from its leaves alone (RFC 6962 §2.1), whatever the size of the tree around it: one at
/// the right edge of a smaller tree is a complete one of a larger. A log that only grows keeps its leaves for ever. So
/// two paths of one log, of whatever sizes, that show the same leaves with two roots prove that it was rewritten or
/// forked.
#[must_use]
pub fn shown_subtrees(index: u64, size: u64, leaf: Digest, path: &[Digest]) -> Vec<(Range<u64>, Digest)> {
    // In every round `hash` is the root of the subtree at `place` on `level`, which has the leaf; `last` is the last place there.
    let (mut place, mut last, mut level) = (index, size.saturating_sub(1), 0_u32);
    let mut hash = leaf;
    let covered = |level: u32, place: u64| {
        let width = 1_u64.checked_shl(level).unwrap_or(u64::MAX);
        let first = place.saturating_mul(width);
        first..first + size.saturating_sub(first).min(width)
    };
    let mut shown = vec![(covered(0, index), leaf)];
    for sibling in path {
        // The last node of a level that has no sibling is passed on to the level above.
        while place == last && place % 2 == 0 && place > 0 {
            (place, last, level) = (place / 2, last / 2, level + 1);
        }
        if last == 0 {
            break;
        }
        let is_right = place % 2 == 1;
        let other = if is_right { place - 1 } else { place + 1 };
        shown.push((covered(level, other), *sibling));
        let (left, right) = if is_right { (*sibling, hash) } else { (hash, *sibling) };
        hash = node_hash(left, right);
        (place, last, level) = (place / 2, last / 2, level + 1);
        shown.push((covered(level, place), hash));
    }
    shown
}

/// Adds the subtrees that follow from two that stand beside each other, and so on: where paths show both halves of a
/// subtree, they show all of it. So the path of the last leaf of a smaller tree, in a larger one, shows the root that the
/// smaller tree had (RFC 6962 §2.1.2). None is replaced. Returns how many pairs were looked at.
///
/// What stands on the right has one left half beside it, the largest complete subtree that can end there. So each subtree
/// that is shown is looked at once, and again for each that it leads to: fewer than 64.
pub fn join_subtrees(shown: &mut HashMap<Range<u64>, Digest>) -> u64 {
    let mut by_first: HashMap<u64, Vec<(u64, Digest)>> = HashMap::new();
    // By their level: the first leaves of complete subtrees, each of which may be a left half.
    let mut complete: Vec<Vec<u64>> = vec![Vec::new(); u64::BITS as usize];
    let note = |complete: &mut Vec<Vec<u64>>, first: u64, width: u64| {
        if width.is_power_of_two() && first.is_multiple_of(width) {
            complete[width.trailing_zeros() as usize].push(first);
        }
    };
    for (range, hash) in shown.iter() {
        let width = range.end - range.start;
        by_first.entry(range.start).or_default().push((width, *hash));
        note(&mut complete, range.start, width);
    }
    let mut looked_at = 0;
    // From below: when a level is looked at, everything smaller is there.
    for level in 0..u64::BITS as usize - 1 {
        let width = 1_u64 << level;
        for first in std::mem::take(&mut complete[level]) {
            let is_left = first.is_multiple_of(2 * width);
            let Some(middle) = first.checked_add(width).filter(|_| is_left) else { continue };
            let Some(left) = shown.get(&(first..middle)).copied() else { continue };
            // Nothing else has them on its right, and nothing is added to them any more.
            let rights = by_first.remove(&middle).unwrap_or_default();
            looked_at += rights.len() as u64;
            for (right_width, right) in rights.into_iter().filter(|(right_width, _)| *right_width <= width) {
                let Entry::Vacant(joined) = shown.entry(first..middle.saturating_add(right_width)) else { continue };
                let hash = node_hash(left, right);
                joined.insert(hash);
                by_first.entry(first).or_default().push((width + right_width, hash));
                note(&mut complete, first, width + right_width);
            }
        }
    }
    looked_at
}

fn node_hash(left: Digest, right: Digest) -> Digest {
    Digest::from_bytes(tlog_tiles::tlog::node_hash(Hash(*left.as_bytes()), Hash(*right.as_bytes())).0)
}

/// Whether the tree of `new_size` leaves with `new_root` begins with that of `old_size` leaves and
/// `old_root` (RFC 6962 §2.1.2). The stored hashes need not be believed: the proof made of them is checked.
///
/// # Errors
/// It does not, or a hash cannot be read.
pub fn check_consistency(
    (old_size, old_root): (u64, Digest),
    (new_size, new_root): (u64, Digest),
    hashes: &impl StoredHashes,
) -> Result<(), MerkleError> {
    let proof = tlog_tiles::prove_tree(new_size, old_size, &Reader(hashes)).map_err(proof_error)?;
    let (old_root, new_root) = (Hash(*old_root.as_bytes()), Hash(*new_root.as_bytes()));
    tlog_tiles::check_tree(&proof, new_size, new_root, old_size, old_root).map_err(proof_error)
}

#[allow(clippy::needless_pass_by_value)]
fn proof_error(error: tlog_tiles::tlog::Error) -> MerkleError {
    use tlog_tiles::tlog::Error;
    let reason = match error {
        Error::InvalidInput(_) => "the log that it speaks of is not so long".to_owned(),
        Error::InvalidProof => "its hashes do not lead to the root".to_owned(),
        other => other.to_string(),
    };
    MerkleError::Proof { reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl StoredHashes for Vec<Digest> {
        fn read(&self, numbers: &[u64]) -> Result<Vec<Digest>, MerkleError> {
            numbers
                .iter()
                .map(|&number| self.get(number as usize).copied().ok_or(MerkleError::Missing { number }))
                .collect()
        }
    }

    /// Anybody with a log can show trees of any number of sizes.
    #[test]
    fn subtrees_of_many_sizes_are_joined_with_work_in_proportion() {
        let work = |sizes: u64| {
            let middle = 1 << 20;
            // A left half, and beside it right halves of all widths; once more further up, on the right of another.
            let mut shown =
                HashMap::from([(0..middle, leaf_hash(b"left")), (2 * middle..3 * middle, leaf_hash(b"third"))]);
            shown.extend((1..=sizes).map(|width| (middle..middle + width, leaf_hash(&width.to_be_bytes()))));
            shown.extend((1..=sizes).map(|width| (3 * middle..3 * middle + width, leaf_hash(&width.to_le_bytes()))));
            let before = shown.len() as u64;
            let looked_at = join_subtrees(&mut shown);
            assert_eq!(shown.len() as u64, before + 2 * sizes);
            assert_eq!(shown[&(0..middle + sizes)], node_hash(leaf_hash(b"left"), leaf_hash(&sizes.to_be_bytes())));
            looked_at
        };
        let (some, many) = (work(1_000), work(100_000));
        assert!(some <= 64 * 2_000 && many <= 100 * some, "{some} and {many} pairs");
    }

    #[test]
    fn the_frontier_agrees_with_tlog_tiles_for_every_size() {
        let mut frontier = Frontier::default();
        let mut stored: Vec<Digest> = Vec::new();
        assert_eq!(frontier.root(), Digest::of(b""));
        for n in 0..130_u64 {
            let leaf = leaf_hash(&n.to_be_bytes());
            frontier.append_storing(leaf, |number, hash| {
                assert_eq!(number, stored.len() as u64);
                stored.push(hash);
            });
            let peer = tlog_tiles::tlog::tree_hash(n + 1, &Reader(&stored)).unwrap();
            assert_eq!(frontier.root().as_bytes(), &peer.0, "size {}", n + 1);
            assert_eq!(Frontier::from_stored(n + 1, &stored).unwrap(), frontier);
            for index in 0..=n {
                let path = prove_inclusion(index, n + 1, &stored).unwrap();
                let leaf = leaf_hash(&index.to_be_bytes());
                check_inclusion(index, n + 1, leaf, frontier.root(), &path).unwrap();
                assert!(check_inclusion(index, n + 1, leaf_hash(b"another"), frontier.root(), &path).is_err());
                let beyond = check_inclusion(n + 1, n + 1, leaf, frontier.root(), &path).unwrap_err();
                assert!(beyond.to_string().contains("is not so long"), "{beyond}");
                let old = (index + 1, root_at(index + 1, &stored).unwrap());
                check_consistency(old, (n + 1, frontier.root()), &stored).unwrap();
                let forged = (index + 1, leaf_hash(b"another"));
                assert!(check_consistency(forged, (n + 1, frontier.root()), &stored).is_err());
            }
        }
    }
}
