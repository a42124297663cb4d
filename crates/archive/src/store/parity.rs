//! Parity on disk: making it for a volume, and computing damaged blocks from it.
//!
//! One Reed-Solomon code spans the whole volume: whichever blocks are damaged, in one place or scattered,
//! they can be computed as long as they are not more than the recovery blocks. The code works on a column of
//! all blocks at a time, a few kilobytes of each, so that memory does not grow with the volume.

use std::io;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use reed_solomon_simd::engine::DefaultEngine;
use reed_solomon_simd::rate::{HighRateDecoder, HighRateEncoder, RateDecoder, RateEncoder};

use super::durable::{Disk, DiskFile, RegularFile};
use super::survey::hash_range;
use vouchsafe_core::format::parity::{Geometry, ParityTable, write_table};
use vouchsafe_core::format::volume::{ReadAt, VolumeNumber, pieces, read_exact_at};
use vouchsafe_core::threads;
use vouchsafe_core::verify::{Watch, hash_pieces};

/// The memory of all columns that are worked on at once.
const MEMORY_BYTES: u64 = 256 << 20;
/// The code works on units of so many bytes.
const UNIT_BYTES: u64 = 64;

/// Makes a parity file. It appears under its name when it is whole and durable.
///
/// # Errors
/// The volume cannot be read or the file not be written, or it was stopped (`Interrupted`).
pub fn make(
    disk: &dyn Disk,
    (number, volume): (VolumeNumber, &dyn ReadAt),
    geometry: Geometry,
    path: &Path,
    threads: usize,
    watch: &dyn Watch,
) -> io::Result<()> {
    // A name that is no parity file's, and that an interrupted run leaves for the next one.
    let temporary = path.with_extension("par.new");
    disk.remove(&temporary)?;
    let file = disk.create(&temporary)?;
    let made = write(&*file, (number, volume), geometry, &temporary, threads, watch);
    drop(file);
    made.and_then(|()| disk.rename(&temporary, path)).inspect_err(|_| {
        let _ = disk.remove(&temporary);
    })
}

fn write(
    file: &dyn DiskFile,
    (number, volume): (VolumeNumber, &dyn ReadAt),
    geometry: Geometry,
    path: &Path,
    threads: usize,
    watch: &dyn Watch,
) -> io::Result<()> {
    let mut hashes = Vec::with_capacity(geometry.blocks());
    for block in 0..geometry.data_blocks as usize {
        let (offset, length) = geometry.data_block(block);
        hashes.push(hash_pieces(pieces(volume, offset..offset + length), watch)?);
    }
    encode(volume, geometry, file, threads, watch)?;
    let written = RegularFile::open(path)?;
    for block in 0..geometry.recovery_blocks as usize {
        let offset = geometry.recovery_offset(block);
        hashes.push(hash_pieces(pieces(&written, offset..offset + geometry.block_bytes), watch)?);
    }
    let (front, back) = write_table(number, geometry, &hashes);
    file.write_at(0, &front)?;
    file.write_at(geometry.file_bytes() - back.len() as u64, &back)?;
    file.make_read_only()
}

/// How a code of so many shards is cut into columns that fit into memory, and how many threads share them.
struct Columns {
    next: AtomicU64,
    width_bytes: u64,
    block_bytes: u64,
    threads: u64,
}

impl Columns {
    fn new(block_bytes: u64, shards: u64, threads: usize) -> Self {
        let threads = (threads as u64).max(1);
        let width_bytes = MEMORY_BYTES / threads / shards / UNIT_BYTES * UNIT_BYTES;
        Self { next: AtomicU64::new(0), width_bytes: width_bytes.clamp(UNIT_BYTES, block_bytes), block_bytes, threads }
    }

    /// The next column: where it begins in each block, and how wide it is.
    fn take(&self) -> Option<(u64, usize)> {
        let begin = self.next.fetch_add(self.width_bytes, Relaxed);
        let width = self.block_bytes.checked_sub(begin).filter(|&left| left > 0)?.min(self.width_bytes);
        Some((begin, usize::try_from(width).ok()?))
    }

    /// Works on all columns; the first error ends it.
    fn each(&self, work: impl Fn(u64, usize) -> io::Result<()> + Sync) -> io::Result<()> {
        let failed = Mutex::new(None);
        let run = || {
            while let Some((begin, width)) = self.take() {
                if let Err(error) = work(begin, width) {
                    self.next.store(self.block_bytes, Relaxed);
                    if let Ok(mut failed) = failed.lock() {
                        failed.get_or_insert(error);
                    }
                }
            }
        };
        threads::share(usize::try_from(self.threads).unwrap_or(1), run);
        failed.into_inner().ok().flatten().map_or(Ok(()), Err)
    }
}

fn encode(
    volume: &dyn ReadAt,
    geometry: Geometry,
    file: &dyn DiskFile,
    threads: usize,
    watch: &dyn Watch,
) -> io::Result<()> {
    let (data, recovery) = (geometry.data_blocks as usize, geometry.recovery_blocks as usize);
    let columns =
        Columns::new(geometry.block_bytes, data.next_multiple_of(recovery.next_power_of_two()) as u64, threads);
    columns.each(|begin, width| {
        let mut encoder =
            HighRateEncoder::new(data, recovery, width, DefaultEngine::new(), None).map_err(io::Error::other)?;
        let mut shard = vec![0; width];
        for block in 0..data {
            if watch.is_stopped() {
                return Err(io::ErrorKind::Interrupted.into());
            }
            read_shard(volume, geometry, block, begin, &mut shard)?;
            encoder.add_original_shard(&shard).map_err(io::Error::other)?;
        }
        let encoded = encoder.encode().map_err(io::Error::other)?;
        for (block, shard) in encoded.recovery_iter().enumerate() {
            file.write_at(geometry.recovery_offset(block) + begin, shard)?;
        }
        watch.advance(width as u64 * data as u64);
        Ok(())
    })
}

/// A column of a block; after the end of the volume there are zeros.
fn read_shard(volume: &dyn ReadAt, geometry: Geometry, block: usize, begin: u64, shard: &mut [u8]) -> io::Result<()> {
    let (offset, length) = geometry.data_block(block);
    let there = usize::try_from(length.saturating_sub(begin)).unwrap_or(usize::MAX).min(shard.len());
    read_exact_at(volume, offset + begin, &mut shard[..there])?;
    shard[there..].fill(0);
    Ok(())
}

/// Whether a block of the volume is the one that parity was made of. Of a block whose hash is lost, nobody knows.
///
/// # Errors
/// It cannot be read.
pub fn is_right(table: &ParityTable, volume: &dyn ReadAt, block: usize, watch: &dyn Watch) -> io::Result<bool> {
    let Some(hash) = table.data_hash(block) else { return Ok(false) };
    let (offset, length) = table.geometry.data_block(block);
    Ok(hash_range(volume, offset..offset + length, watch)? == Some(hash))
}

/// A parity file, opened: its table, and which of its recovery blocks are whole.
pub struct Parity<'a> {
    /// The table.
    pub table: ParityTable,
    file: &'a dyn ReadAt,
    whole: Vec<usize>,
}

impl<'a> Parity<'a> {
    /// Reads a parity file from end to end; `None` if nothing of it can be used.
    ///
    /// # Errors
    /// It cannot be read, or it was stopped (`Interrupted`).
    pub fn read(file: &'a dyn ReadAt, watch: &dyn Watch) -> io::Result<Option<Self>> {
        let Some(table) = ParityTable::read(file)? else { return Ok(None) };
        let mut whole = Vec::new();
        for block in 0..table.geometry.recovery_blocks as usize {
            let offset = table.geometry.recovery_offset(block);
            let Some(hash) = table.recovery_hash(block) else { continue };
            if hash_range(file, offset..offset + table.geometry.block_bytes, watch)? == Some(hash) {
                whole.push(block);
            }
        }
        Ok(Some(Self { table, file, whole }))
    }

    /// How many damaged blocks it can heal.
    #[must_use]
    pub const fn heals(&self) -> usize {
        self.whole.len()
    }

    /// Whether nothing of it is damaged.
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        self.table.is_whole && self.whole.len() == self.table.geometry.recovery_blocks as usize
    }

    /// Whether a block of the volume is the one that parity was made of.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn is_right(&self, volume: &dyn ReadAt, block: usize, watch: &dyn Watch) -> io::Result<bool> {
        is_right(&self.table, volume, block, watch)
    }

    /// Computes the damaged blocks from the others, which `volume` holds, and writes them to `target`. Damaged
    /// blocks are in ascending order.
    ///
    /// # Errors
    /// There are too many of them, or a file cannot be read or written.
    pub fn heal(
        &self,
        volume: &dyn ReadAt,
        damaged: &[usize],
        target: &dyn DiskFile,
        threads: usize,
        watch: &dyn Watch,
    ) -> io::Result<()> {
        let geometry = self.table.geometry;
        let (data, recovery) = (geometry.data_blocks as usize, geometry.recovery_blocks as usize);
        if damaged.len() > self.whole.len() {
            return Err(io::Error::other("more blocks are damaged than there is parity for"));
        }
        let shards = (recovery.next_power_of_two() + data).next_power_of_two() as u64;
        Columns::new(geometry.block_bytes, shards, threads).each(|begin, width| {
            let mut decoder =
                HighRateDecoder::new(data, recovery, width, DefaultEngine::new(), None).map_err(io::Error::other)?;
            let mut shard = vec![0; width];
            for block in (0..data).filter(|block| damaged.binary_search(block).is_err()) {
                if watch.is_stopped() {
                    return Err(io::ErrorKind::Interrupted.into());
                }
                read_shard(volume, geometry, block, begin, &mut shard)?;
                decoder.add_original_shard(block, &shard).map_err(io::Error::other)?;
            }
            for &block in self.whole.iter().take(damaged.len()) {
                read_exact_at(self.file, geometry.recovery_offset(block) + begin, &mut shard)?;
                decoder.add_recovery_shard(block, &shard).map_err(io::Error::other)?;
            }
            let decoded = decoder.decode().map_err(io::Error::other)?;
            for &block in damaged {
                let computed = decoded.restored_original(block).unwrap_or_default();
                let (offset, length) = geometry.data_block(block);
                let there = usize::try_from(length.saturating_sub(begin)).unwrap_or(usize::MAX).min(computed.len());
                if there > 0 {
                    target.write_at(offset + begin, &computed[..there])?;
                }
            }
            Ok(())
        })
    }
}
