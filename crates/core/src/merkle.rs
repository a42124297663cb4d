//! The Merkle tree over the log (RFC 6962 §2.1, SHA-256).
//!
//! The custody log is small in the middle: all that is needed to go on writing or checking it is the
//! [`Frontier`], one hash for each complete subtree.
//!
//! A stored tree keeps the hash of every complete subtree under a [`stored_number`]. Any other range of leaves that occurs in
//! proofs is a few of them joined. The tests compare all of it with `tlog_tiles`, the port of what Go's checksum database uses.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::ops::Range;

use crate::digest::{Digest, Hasher};

/// The hash of a leaf: `SHA-256(0x00 ‖ line)`.
#[must_use]
pub fn leaf_hash(line: &[u8]) -> Digest {
    let mut hasher = Hasher::default();
    hasher.update(&[0]);
    hasher.update(line);
    hasher.finish()
}

/// The hash of an inner node: `SHA-256(0x01 ‖ left ‖ right)`.
fn node_hash(left: Digest, right: Digest) -> Digest {
    let mut hasher = Hasher::default();
    hasher.update(&[1]);
    hasher.update(left.as_bytes());
    hasher.update(right.as_bytes());
    hasher.finish()
}
/// The number under which a stored tree keeps the root of the complete subtree at `place` on `level`: the leaves are level 0,
/// and the subtree has the leaves from `place << level` on, `1 << level` of them.
///
/// A leaf is followed by the roots of the subtrees that it completes, so that a tree is only ever added to.
const fn stored_number(level: u32, place: u64) -> u64 {
    // Its last leaf follows `last` leaves, and they have completed `last >> 1` subtrees of two leaves, and so on.
    let mut before = ((place + 1) << level) - 1;
    let mut number = level as u64;
    while before > 0 {
        number += before;
        before >>= 1;
    }
    number
}

/// The level and the place that [`stored_number`] gave this number.
#[must_use]
pub const fn stored_place(number: u64) -> (u32, u64) {
    // The last leaf whose own number is not larger: a leaf has a number of at least its place, and less than twice that.
    let mut leaf = number / 2;
    loop {
        let next = stored_number(0, leaf + 1);
        if next > number {
            break;
        }
        leaf += 1;
    }
    let level = number - stored_number(0, leaf);
    (level as u32, leaf >> level)
}

/// Where the left half of a range of so many leaves ends, at least two: at the largest power of two that is less.
const fn left_half(leaves: u64) -> u64 {
    1 << (leaves - 1).ilog2()
}

/// The roots of the complete subtrees of a tree of `size` leaves, largest first: enough to append
/// leaves and to know the root, in O(log n) memory.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Frontier {
    size: u64,
    /// One for each 1 among the binary digits of `size`, from the highest on: that is how [`Frontier::append_storing`] knows
    /// which to join.
    subtrees: Vec<Digest>,
}

impl Frontier {
    /// Number of leaves.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Appends a leaf and calls `store(number, hash)` for every hash that a stored tree keeps, in
    /// their order, with numbers that begin at 0 and have no gap.
    pub fn append_storing(&mut self, leaf: Digest, mut store: impl FnMut(u64, Digest)) {
        let mut hash = leaf;
        let mut number = stored_number(0, self.size);
        store(number, leaf);
        // Every trailing one bit of the old size is a complete subtree that this leaf doubles.
        for _ in 0..self.size.trailing_ones() {
            let Some(left) = self.subtrees.pop() else { break };
            hash = node_hash(left, hash);
            number += 1;
            store(number, hash);
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
        joined(&self.subtrees).unwrap_or_else(|| Digest::of(b""))
    }

    /// The frontier of the first `size` leaves of a stored tree.
    ///
    /// # Errors
    /// A hash cannot be read.
    pub fn from_stored(size: u64, hashes: &impl StoredHashes) -> Result<Self, MerkleError> {
        let subtrees = hashes.read(&complete_subtrees(0..size))?;
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
        /// Its number in the stored tree.
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

/// The numbers of the complete subtrees that make up a range of leaves, largest first. The range begins where a complete
/// subtree of at least its length may begin, as every range in a proof does.
fn complete_subtrees(leaves: Range<u64>) -> Vec<u64> {
    let (mut first, len) = (leaves.start, leaves.end - leaves.start);
    let mut numbers = Vec::new();
    for level in (0..u64::BITS).rev().filter(|level| len >> level & 1 == 1) {
        numbers.push(stored_number(level, first >> level));
        first += 1 << level;
    }
    numbers
}

/// The root over complete subtrees that stand side by side, largest first; none of nothing.
fn joined(subtrees: &[Digest]) -> Option<Digest> {
    subtrees.iter().copied().rev().reduce(|right, left| node_hash(left, right))
}

/// The root over a range of leaves that occurs in a proof.
fn root_over(leaves: Range<u64>, hashes: &impl StoredHashes) -> Result<Digest, MerkleError> {
    joined(&hashes.read(&complete_subtrees(leaves))?).ok_or_else(too_long)
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
    if index >= size {
        return Err(too_long());
    }
    // From the root down to the leaf: at each step, the half beside the one that the leaf is in.
    let (mut around, mut beside) = (0..size, Vec::new());
    while around.end - around.start > 1 {
        let middle = around.start + left_half(around.end - around.start);
        let (inside, other) = if index < middle {
            (around.start..middle, middle..around.end)
        } else {
            (middle..around.end, around.start..middle)
        };
        beside.push(other);
        around = inside;
    }
    beside.into_iter().rev().map(|leaves| root_over(leaves, hashes)).collect()
}

/// Checks an audit path.
///
/// # Errors
/// The path does not lead from `leaf` at `index` to `root` of the tree of `size` leaves.
pub fn check_inclusion(index: u64, size: u64, leaf: Digest, root: Digest, path: &[Digest]) -> Result<(), MerkleError> {
    if index >= size {
        return Err(too_long());
    }
    // RFC 9162 §2.1.3.2: `place` is that of `hash` on its level, `last` the last one there.
    let (mut place, mut last, mut hash) = (index, size - 1, leaf);
    for sibling in path {
        if last == 0 {
            return Err(leads_elsewhere());
        }
        if place % 2 == 1 || place == last {
            hash = node_hash(*sibling, hash);
            // The last node of a level that has no sibling is passed on to the level above.
            while place % 2 == 0 && place > 0 {
                (place, last) = (place / 2, last / 2);
            }
        } else {
            hash = node_hash(hash, *sibling);
        }
        (place, last) = (place / 2, last / 2);
    }
    if last == 0 && hash == root { Ok(()) } else { Err(leads_elsewhere()) }
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

/// Whether the tree of `new_size` leaves with `new_root` begins with that of `old_size` leaves and
/// `old_root` (RFC 6962 §2.1.2). The stored hashes need not be believed: both roots are made of the same few of them.
///
/// # Errors
/// It does not, or a hash cannot be read.
pub fn check_consistency(
    (old_size, old_root): (u64, Digest),
    (new_size, new_root): (u64, Digest),
    hashes: &impl StoredHashes,
) -> Result<(), MerkleError> {
    if old_size == 0 || old_size > new_size {
        return Err(too_long());
    }
    if both_roots(old_size, 0..new_size, hashes)? == (old_root, new_root) { Ok(()) } else { Err(leads_elsewhere()) }
}

/// The roots over these leaves, as they were when the log ended with leaf `old_size - 1`, which is one of them, and as they
/// are: from the hashes that a proof of consistency has (RFC 6962 §2.1.2).
fn both_roots(old_size: u64, leaves: Range<u64>, hashes: &impl StoredHashes) -> Result<(Digest, Digest), MerkleError> {
    if old_size == leaves.end {
        let root = root_over(leaves, hashes)?;
        return Ok((root, root));
    }
    let middle = leaves.start + left_half(leaves.end - leaves.start);
    if old_size <= middle {
        let (old, left) = both_roots(old_size, leaves.start..middle, hashes)?;
        return Ok((old, node_hash(left, root_over(middle..leaves.end, hashes)?)));
    }
    let left = root_over(leaves.start..middle, hashes)?;
    let (old, new) = both_roots(old_size, middle..leaves.end, hashes)?;
    Ok((node_hash(left, old), node_hash(left, new)))
}

fn too_long() -> MerkleError {
    MerkleError::Proof { reason: "the log that it speaks of is not so long".to_owned() }
}

fn leads_elsewhere() -> MerkleError {
    MerkleError::Proof { reason: "its hashes do not lead to the root".to_owned() }
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

    use tlog_tiles::{Hash, HashReader, tlog};

    struct Peer<'a>(&'a [Digest]);

    impl HashReader for Peer<'_> {
        fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, tlog::Error> {
            let read = |&index: &u64| self.0.get(index as usize).map(peer).ok_or(tlog::Error::IndexesNotInTree);
            indexes.iter().map(read).collect()
        }
    }

    fn peer(digest: &Digest) -> Hash {
        Hash(*digest.as_bytes())
    }

    fn peers(path: &[Digest]) -> Vec<Hash> {
        path.iter().map(peer).collect()
    }

    fn leaf(index: u64) -> Digest {
        leaf_hash(&index.to_be_bytes())
    }

    /// A stored tree of so many leaves.
    fn stored(size: u64) -> (Frontier, Vec<Digest>) {
        let (mut frontier, mut stored) = (Frontier::default(), Vec::new());
        for index in 0..size {
            frontier.append_storing(leaf(index), |number, hash| {
                assert_eq!(number, stored.len() as u64);
                stored.push(hash);
            });
        }
        (frontier, stored)
    }

    #[test]
    fn hashes_and_their_numbers_are_those_of_tlog_tiles() {
        assert_eq!(peer(&leaf_hash(b"line")), tlog_tiles::record_hash(b"line"));
        assert_eq!(peer(&node_hash(leaf(1), leaf(2))), tlog::node_hash(peer(&leaf(1)), peer(&leaf(2))));
        for number in (0..5_000).chain((1 << 53) - 100..(1 << 53) + 100) {
            let (level, place) = stored_place(number);
            assert_eq!((u8::try_from(level).unwrap(), place), tlog::split_stored_hash_index(number), "{number}");
            assert_eq!(stored_number(level, place), number);
        }
    }

    #[test]
    fn every_tree_and_every_proof_is_that_of_tlog_tiles() {
        assert_eq!(Frontier::default().root(), Digest::of(b""));
        for size in 1..=130_u64 {
            let (frontier, stored) = stored(size);
            let root = frontier.root();
            assert_eq!(peer(&root), tlog::tree_hash(size, &Peer(&stored)).unwrap(), "size {size}");
            assert_eq!(Frontier::from_stored(size, &stored).unwrap(), frontier);
            for index in 0..size {
                let path = prove_inclusion(index, size, &stored).unwrap();
                assert_eq!(peers(&path), tlog_tiles::prove_record(size, index, &Peer(&stored)).unwrap());
                check_inclusion(index, size, leaf(index), root, &path).unwrap();
                assert!(check_inclusion(index, size, leaf_hash(b"another"), root, &path).is_err());
                let beyond = check_inclusion(size, size, leaf(index), root, &path).unwrap_err();
                assert!(beyond.to_string().contains("is not so long"), "{beyond}");
                let old = (index + 1, root_at(index + 1, &stored).unwrap());
                check_consistency(old, (size, root), &stored).unwrap();
                assert!(check_consistency((index + 1, leaf_hash(b"another")), (size, root), &stored).is_err());
                assert!(check_consistency(old, (size, leaf_hash(b"another")), &stored).is_err());
            }
            assert!(prove_inclusion(size, size, &stored).is_err());
            assert!(check_consistency((0, Digest::of(b"")), (size, root), &stored).is_err());
            assert!(check_consistency((size + 1, root), (size, root), &stored).is_err());
        }
        assert!(check_inclusion(0, 0, leaf(0), leaf(0), &[]).is_err());
    }

    /// What somebody else wrote: paths of other leaves and sizes, too short, too long, with a hash in another place.
    #[test]
    fn a_path_is_good_for_what_tlog_tiles_takes_it_for() {
        let (_, stored) = stored(40);
        let mut good = 0;
        for (size, index) in (1..=40_u64).flat_map(|size| (0..size).map(move |index| (size, index))) {
            let path = prove_inclusion(index, size, &stored).unwrap();
            let mut paths = vec![path.clone(), [path.as_slice(), &[leaf(0)]].concat(), Vec::new()];
            paths.extend((0..path.len()).map(|gone| [&path[..gone], &path[gone + 1..]].concat()));
            paths.extend((1..path.len()).map(|swapped| {
                let mut path = path.clone();
                path.swap(swapped - 1, swapped);
                path
            }));
            for (path, claimed_size) in paths.iter().flat_map(|path| (1..=41).map(move |size| (path, size))) {
                for claimed in [index, index ^ 1, index + 1, index / 2] {
                    let root = root_at(size, &stored).unwrap();
                    let ours = check_inclusion(claimed, claimed_size, leaf(index), root, path).is_ok();
                    let theirs =
                        tlog_tiles::check_record(&peers(path), claimed_size, peer(&root), claimed, peer(&leaf(index)));
                    assert_eq!(ours, theirs.is_ok(), "leaf {claimed} of {claimed_size} by {path:?}");
                    good += u32::from(ours);
                }
            }
        }
        assert!(good >= 820);
    }
}
