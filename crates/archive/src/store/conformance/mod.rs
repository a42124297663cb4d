//! What every store of volumes must do, one claim a function: whoever writes another store lists it below.
//!
//! The claims know nothing of what a store is made of. Its [`Bench`] lets its effects fail, and cuts the power.

mod disk;
mod local;
mod memory;

use std::io::ErrorKind;
use std::sync::Arc;

pub use local::LocalBench;
pub use memory::MemoryBench;

use super::volumes::{LastVolume, Position, TailCut, Volumes};
use vouchsafe_core::format::volume::{END_BYTES, Found, VolumeNumber, look_at, read_exact_at};

/// A store under test, and what can happen to it.
pub trait Bench: Sync {
    /// An empty store.
    fn new() -> Self;

    /// The store, opened again, as by another process.
    fn store(&self) -> Arc<dyn Volumes>;

    /// The effect on the store that comes after so many further ones fails. Only that one.
    fn fail_after(&self, effects: usize);

    /// The effect that was to fail has not come yet; it does not fail any more. Whether it was so.
    fn mend(&self) -> bool;

    /// The power goes off. What was not durable survives or does not.
    fn cut_power(&self, survives: bool);

    /// The bytes that were set aside.
    fn kept(&self, tail: &TailCut) -> Vec<u8>;
}

/// Makes a test of each claim for each store.
macro_rules! conformance {
    ($($claim:ident)*) => {
        mod of_local_volumes { $(#[test] fn $claim() { super::$claim::<super::LocalBench>(); })* }
        mod of_memory { $(#[test] fn $claim() { super::$claim::<super::MemoryBench>(); })* }
    };
}

conformance! {
    an_empty_store_has_no_volumes
    a_volume_is_begun_at_its_first_byte_and_nowhere_else
    a_begun_volume_is_listed_also_after_a_power_cut
    a_volume_that_cannot_be_begun_is_not_there
    a_volume_is_gone_on_with_exactly_where_it_ends
    what_is_written_is_read_by_whoever_opens_the_volume_later
    room_that_was_left_is_filled_in
    several_threads_read_a_volume_at_once
    a_synced_commit_survives_a_power_cut
    what_was_not_synced_harms_nothing_before_it
    a_commit_is_synced_by_another_thread_while_the_next_is_gathered
    bytes_are_synced_ahead_of_the_end_of_their_commit
    a_failed_write_is_reported
    a_failed_sync_is_reported_and_harms_nothing_before_it
    a_commit_that_cannot_end_is_reported
    a_commit_is_taken_back_and_another_one_made_in_its_place
    a_closed_volume_ends_as_a_tar_archive_also_after_a_power_cut
    a_volume_that_could_not_be_closed_is_open_again
    the_next_volume_leaves_those_before_it_alone
    what_can_be_read_is_made_durable
    what_is_set_aside_is_kept_and_cut
    nothing_is_cut_that_is_not_kept
    nothing_is_set_aside_over_something_else
    each_volume_has_a_place_of_its_own
}

const FIRST: VolumeNumber = VolumeNumber(0);

fn position(offset: u64) -> Position {
    Position { volume: FIRST, offset }
}

/// The whole content of a volume, for whoever opens the store now.
fn content<B: Bench>(bench: &B, number: VolumeNumber) -> Vec<u8> {
    let volume = bench.store().open_volume(number).unwrap();
    let mut bytes = vec![0; usize::try_from(volume.size_bytes().unwrap()).unwrap()];
    read_exact_at(&*volume, 0, &mut bytes).unwrap();
    bytes
}

/// Writes a commit and makes it durable.
fn commit(last: &mut dyn LastVolume, offset: u64, bytes: &[u8]) {
    last.write_at(offset, bytes).unwrap();
    last.end_commit().unwrap().sync().unwrap();
}

/// A store whose first volume has one durable commit; and that volume, open.
fn with_one_commit<B: Bench>() -> (B, Box<dyn LastVolume>) {
    let bench = B::new();
    let mut last = bench.store().append_to(Position::START).unwrap();
    commit(&mut *last, 0, b"first");
    (bench, last)
}

fn an_empty_store_has_no_volumes<B: Bench>() {
    let bench = B::new();
    assert_eq!(bench.store().list().unwrap(), (Vec::new(), Vec::new()));
    assert_eq!(bench.store().size_bytes().unwrap(), 0);
    assert_eq!(bench.store().open(FIRST).err().unwrap().kind(), ErrorKind::NotFound);
}

fn a_volume_is_begun_at_its_first_byte_and_nowhere_else<B: Bench>() {
    let bench = B::new();
    assert!(bench.store().append_to(position(5)).is_err());
    assert_eq!(bench.store().numbers().unwrap(), []);
    bench.store().append_to(Position::START).unwrap();
    assert_eq!(bench.store().numbers().unwrap(), [FIRST]);
    assert_eq!(content(&bench, FIRST), b"");
}

fn a_begun_volume_is_listed_also_after_a_power_cut<B: Bench>() {
    let bench = B::new();
    bench.store().append_to(Position::START).unwrap();
    bench.cut_power(false);
    assert_eq!(bench.store().numbers().unwrap(), [FIRST]);
    assert_eq!(content(&bench, FIRST), b"");
}

fn a_volume_that_cannot_be_begun_is_not_there<B: Bench>() {
    for effects in 0.. {
        let bench = B::new();
        bench.fail_after(effects);
        let begun = bench.store().append_to(Position::START);
        if bench.mend() {
            assert!(begun.is_ok() && effects > 0);
            break;
        }
        assert!(begun.is_err());
        assert_eq!(bench.store().numbers().unwrap(), [], "after {effects} effects");
    }
}

fn a_volume_is_gone_on_with_exactly_where_it_ends<B: Bench>() {
    let (bench, last) = with_one_commit::<B>();
    drop(last);
    for offset in [0, 4, 6] {
        assert!(bench.store().append_to(position(offset)).is_err(), "{offset}");
        assert_eq!(content(&bench, FIRST), b"first");
    }
    let mut last = bench.store().append_to(position(5)).unwrap();
    commit(&mut *last, 5, b", second");
    assert_eq!(content(&bench, FIRST), b"first, second");
}

fn what_is_written_is_read_by_whoever_opens_the_volume_later<B: Bench>() {
    let (bench, last) = with_one_commit::<B>();
    last.write_at(5, b", not durable").unwrap();
    assert_eq!(content(&bench, FIRST), b"first, not durable");
    let volume = bench.store().open_volume(FIRST).unwrap();
    let mut middle = [0; 6];
    read_exact_at(&*volume, 3, &mut middle).unwrap();
    assert_eq!(&middle, b"st, no");
    assert_eq!(volume.read_at(18, &mut middle).unwrap(), 0);
    assert_eq!(read_exact_at(&*volume, 15, &mut middle).unwrap_err().kind(), ErrorKind::UnexpectedEof);
    assert_eq!(bench.store().size_bytes().unwrap(), 18);
}

fn room_that_was_left_is_filled_in<B: Bench>() {
    let (bench, mut last) = with_one_commit::<B>();
    last.write_at(8, b"object").unwrap();
    last.write_at(5, b"of ").unwrap();
    last.end_commit().unwrap().sync().unwrap();
    bench.cut_power(false);
    assert_eq!(content(&bench, FIRST), b"firstof object");
}

fn several_threads_read_a_volume_at_once<B: Bench>() {
    let bench = B::new();
    let bytes: Vec<u8> = (0..100_000_u32).flat_map(u32::to_le_bytes).collect();
    let mut last = bench.store().append_to(Position::START).unwrap();
    commit(&mut *last, 0, &bytes);
    let volume = bench.store().open_volume(FIRST).unwrap();
    std::thread::scope(|scope| {
        for part in 0..4 {
            let (volume, bytes) = (volume.clone(), &bytes);
            scope.spawn(move || {
                let begin = part * 100_000;
                let mut read = vec![0; 100_000];
                read_exact_at(&*volume, begin as u64, &mut read).unwrap();
                assert_eq!(read, bytes[begin..begin + 100_000]);
            });
        }
    });
}

fn a_synced_commit_survives_a_power_cut<B: Bench>() {
    let (bench, mut last) = with_one_commit::<B>();
    commit(&mut *last, 5, b", second");
    drop(last);
    bench.cut_power(false);
    assert_eq!(content(&bench, FIRST), b"first, second");
}

fn what_was_not_synced_harms_nothing_before_it<B: Bench>() {
    for (survives, is_ended) in [(false, false), (false, true), (true, false), (true, true)] {
        let (bench, mut last) = with_one_commit::<B>();
        last.write_at(5, b", second").unwrap();
        let syncer = is_ended.then(|| last.end_commit().unwrap());
        drop((last, syncer));
        bench.cut_power(survives);
        let found = content(&bench, FIRST);
        assert_eq!(&found[..5], b"first");
        assert!(b"first, second".starts_with(&found), "{found:?}");
    }
}

fn a_commit_is_synced_by_another_thread_while_the_next_is_gathered<B: Bench>() {
    let (bench, mut last) = with_one_commit::<B>();
    last.write_at(5, b", second").unwrap();
    let syncer = last.end_commit().unwrap();
    std::thread::scope(|scope| {
        let syncing = scope.spawn(move || syncer.sync());
        last.write_at(13, b", third").unwrap();
        syncing.join().unwrap().unwrap();
    });
    let next = last.end_commit().unwrap();
    drop((last, next));
    bench.cut_power(false);
    assert!(content(&bench, FIRST).starts_with(b"first, second"));
}

fn bytes_are_synced_ahead_of_the_end_of_their_commit<B: Bench>() {
    let (bench, mut last) = with_one_commit::<B>();
    let ahead = last.sync_ahead().unwrap();
    last.write_at(5, b", a").unwrap();
    ahead.sync().unwrap();
    last.write_at(8, b" long one").unwrap();
    ahead.sync().unwrap();
    last.end_commit().unwrap().sync().unwrap();
    bench.cut_power(false);
    assert_eq!(content(&bench, FIRST), b"first, a long one");
}

fn a_failed_write_is_reported<B: Bench>() {
    let (bench, last) = with_one_commit::<B>();
    bench.fail_after(0);
    assert!(last.write_at(5, b", second").is_err());
    bench.cut_power(true);
    assert!(content(&bench, FIRST).starts_with(b"first"));
}

fn a_failed_sync_is_reported_and_harms_nothing_before_it<B: Bench>() {
    let (bench, mut last) = with_one_commit::<B>();
    last.write_at(5, b", second").unwrap();
    let syncer = last.end_commit().unwrap();
    bench.fail_after(0);
    assert!(syncer.sync().is_err());
    drop((last, syncer));
    bench.cut_power(false);
    assert!(content(&bench, FIRST).starts_with(b"first"));
}

fn a_commit_that_cannot_end_is_reported<B: Bench>() {
    for effects in 0.. {
        let (bench, mut last) = with_one_commit::<B>();
        last.write_at(5, b", second").unwrap();
        bench.fail_after(effects);
        let ended = last.end_commit();
        if bench.mend() {
            assert!(ended.is_ok());
            break;
        }
        assert!(ended.is_err());
        // It is taken back, and the next one does not suffer from it.
        last.cut(5).unwrap();
        commit(&mut *last, 5, b", third");
        bench.cut_power(false);
        assert_eq!(content(&bench, FIRST), b"first, third");
    }
}

fn a_commit_is_taken_back_and_another_one_made_in_its_place<B: Bench>() {
    let (bench, mut last) = with_one_commit::<B>();
    last.write_at(5, b", a long second one").unwrap();
    let syncer = last.end_commit().unwrap();
    bench.fail_after(0);
    assert!(syncer.sync().is_err());
    last.cut(5).unwrap();
    assert_eq!(content(&bench, FIRST), b"first");
    commit(&mut *last, 5, b", third");
    bench.cut_power(false);
    assert_eq!(content(&bench, FIRST), b"first, third");
}

fn a_closed_volume_ends_as_a_tar_archive_also_after_a_power_cut<B: Bench>() {
    let (bench, last) = with_one_commit::<B>();
    last.close(5).unwrap();
    last.protect();
    drop(last);
    bench.cut_power(false);
    let volume = bench.store().open_volume(FIRST).unwrap();
    assert_eq!(volume.size_bytes().unwrap(), 5 + END_BYTES);
    assert_eq!(look_at(&*volume, 5).unwrap(), Found::EndOfArchive);
}

fn a_volume_that_could_not_be_closed_is_open_again<B: Bench>() {
    for effects in 0.. {
        let (bench, mut last) = with_one_commit::<B>();
        bench.fail_after(effects);
        let closed = last.close(5);
        if bench.mend() {
            assert!(closed.is_ok() && effects > 0);
            break;
        }
        assert!(closed.is_err());
        last.cut(5).unwrap();
        commit(&mut *last, 5, b", second");
        bench.cut_power(false);
        assert_eq!(content(&bench, FIRST), b"first, second");
    }
}

fn the_next_volume_leaves_those_before_it_alone<B: Bench>() {
    let (bench, last) = with_one_commit::<B>();
    last.close(5).unwrap();
    let next = VolumeNumber(1);
    let mut second = bench.store().append_to(Position { volume: next, offset: 0 }).unwrap();
    last.protect();
    commit(&mut *second, 0, b"second");
    bench.cut_power(false);
    assert_eq!(bench.store().numbers().unwrap(), [FIRST, next]);
    assert_eq!(content(&bench, FIRST).len() as u64, 5 + END_BYTES);
    assert_eq!(content(&bench, next), b"second");
}

fn what_can_be_read_is_made_durable<B: Bench>() {
    let (bench, last) = with_one_commit::<B>();
    last.write_at(5, b", second").unwrap();
    drop(last);
    bench.store().make_durable(FIRST).unwrap();
    bench.cut_power(false);
    assert_eq!(content(&bench, FIRST), b"first, second");
    let last = bench.store().append_to(position(13)).unwrap();
    last.close(13).unwrap();
    last.protect();
    bench.store().make_durable(FIRST).unwrap();
}

fn what_is_set_aside_is_kept_and_cut<B: Bench>() {
    let (bench, last) = with_one_commit::<B>();
    let tail: Vec<u8> = (0..300_000_u32).flat_map(u32::to_le_bytes).collect();
    last.write_at(5, &tail).unwrap();
    drop(last);
    let cut = bench.store().set_aside(position(5), "tail").unwrap();
    assert_eq!((cut.from, cut.size_bytes), (position(5), tail.len() as u64));
    bench.cut_power(false);
    assert!(bench.kept(&cut) == tail);
    assert_eq!(content(&bench, FIRST), b"first");
    commit(&mut *bench.store().append_to(position(5)).unwrap(), 5, b", second");
}

fn nothing_is_cut_that_is_not_kept<B: Bench>() {
    for effects in 0.. {
        let (bench, mut last) = with_one_commit::<B>();
        commit(&mut *last, 5, b", tail");
        drop(last);
        bench.fail_after(effects);
        let cut = bench.store().set_aside(position(5), "tail");
        if bench.mend() {
            assert!(cut.is_ok() && effects > 0);
            break;
        }
        assert!(cut.is_err());
        bench.cut_power(false);
        assert_eq!(content(&bench, FIRST), b"first, tail", "after {effects} effects");
    }
}

fn nothing_is_set_aside_over_something_else<B: Bench>() {
    let (bench, last) = with_one_commit::<B>();
    last.write_at(5, b", one").unwrap();
    let one = bench.store().set_aside(position(5), "tail").unwrap();
    last.write_at(5, b", two").unwrap();
    assert!(bench.store().set_aside(position(5), "tail").is_err());
    assert_eq!(bench.kept(&one), b", one");
    assert_eq!(content(&bench, FIRST), b"first, two");
}

fn each_volume_has_a_place_of_its_own<B: Bench>() {
    let store = B::new().store();
    let places = [0, 1, 2].map(|number| store.place(VolumeNumber(number)));
    assert!(places.iter().all(|place| place.starts_with(store.root())));
    assert!(places[0] != places[1] && places[1] != places[2]);
}
