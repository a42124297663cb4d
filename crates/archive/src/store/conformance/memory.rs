//! Volumes in memory: a store that is no file system.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use super::Bench;
use crate::store::volumes::{LastVolume, Position, StoreError, Syncer, TailCut, Volumes};
use vouchsafe_core::format::volume::{END_BYTES, ReadAt, VolumeNumber};
use vouchsafe_core::verify::Evidence;

/// A store in memory, and what survives a power cut.
#[derive(Debug, Clone, Default)]
pub struct MemoryBench(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    volumes: BTreeMap<VolumeNumber, Bytes>,
    kept: BTreeMap<PathBuf, Vec<u8>>,
    fails_after: Option<usize>,
}

#[derive(Debug, Clone, Default)]
struct Bytes {
    now: Vec<u8>,
    durable: Vec<u8>,
}

impl MemoryBench {
    fn look<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
        look(&mut self.0.lock().unwrap())
    }

    /// One effect, unless it is to fail.
    fn effect<T>(&self, effect: impl FnOnce(&mut State) -> io::Result<T>) -> io::Result<T> {
        self.look(|state| {
            let is_next = state.fails_after == Some(0);
            state.fails_after = state.fails_after.and_then(|effects| effects.checked_sub(1));
            if is_next { Err(io::Error::other("the store fails")) } else { effect(state) }
        })
    }

    fn change(&self, number: VolumeNumber, change: impl FnOnce(&mut Bytes)) -> io::Result<()> {
        self.effect(|state| {
            change(state.volumes.get_mut(&number).ok_or(io::ErrorKind::NotFound)?);
            Ok(())
        })
    }
}

impl Bench for MemoryBench {
    fn new() -> Self {
        Self::default()
    }

    fn store(&self) -> Arc<dyn Volumes> {
        Arc::new(self.clone())
    }

    fn fail_after(&self, effects: usize) {
        self.look(|state| state.fails_after = Some(effects));
    }

    fn mend(&self) -> bool {
        self.look(|state| state.fails_after.take().is_some())
    }

    fn cut_power(&self, survives: bool) {
        self.look(|state| {
            for bytes in state.volumes.values_mut() {
                let survived = if survives { &bytes.now } else { &bytes.durable }.clone();
                *bytes = Bytes { now: survived.clone(), durable: survived };
            }
        });
    }

    fn kept(&self, tail: &TailCut) -> Vec<u8> {
        self.look(|state| state.kept[&tail.kept_in].clone())
    }
}

impl Evidence for MemoryBench {
    fn volumes(&self) -> io::Result<(Vec<VolumeNumber>, Vec<String>)> {
        Ok((self.look(|state| state.volumes.keys().copied().collect()), Vec::new()))
    }

    fn open(&self, volume: VolumeNumber) -> io::Result<Arc<dyn ReadAt>> {
        match self.look(|state| state.volumes.contains_key(&volume)) {
            true => Ok(Arc::new(MemoryVolume { of: self.clone(), number: volume })),
            false => Err(io::ErrorKind::NotFound.into()),
        }
    }
}

impl Volumes for MemoryBench {
    fn root(&self) -> &Path {
        Path::new("memory")
    }

    fn append_to(&self, end: Position) -> Result<Box<dyn LastVolume>, StoreError> {
        let opened = self.effect(|state| {
            if end.offset == 0 {
                state.volumes.entry(end.volume).or_default();
            }
            let size = state.volumes.get(&end.volume).map(|bytes| bytes.now.len() as u64);
            if size == Some(end.offset) { Ok(()) } else { Err(io::Error::other("it ends elsewhere")) }
        });
        opened.map_err(StoreError::io("open the volume for writing", &self.place(end.volume)))?;
        Ok(Box::new(MemoryVolume { of: self.clone(), number: end.volume }))
    }

    fn make_durable(&self, volume: VolumeNumber) -> io::Result<()> {
        self.change(volume, |bytes| bytes.durable.clone_from(&bytes.now))
    }

    fn set_aside(&self, from: Position, name: &str) -> Result<TailCut, StoreError> {
        let kept_in = self.root().join(name);
        let kept = self.effect(|state| {
            let bytes = state.volumes.get_mut(&from.volume).ok_or(io::ErrorKind::NotFound)?;
            if state.kept.contains_key(&kept_in) {
                return Err(io::ErrorKind::AlreadyExists.into());
            }
            let tail = bytes.now.split_off(usize::try_from(from.offset).unwrap());
            bytes.durable.clone_from(&bytes.now);
            let size_bytes = tail.len() as u64;
            state.kept.insert(kept_in.clone(), tail);
            Ok(size_bytes)
        });
        let size_bytes = kept.map_err(StoreError::io("set aside", &kept_in))?;
        Ok(TailCut { from, size_bytes, kept_in })
    }
}

#[derive(Debug, Clone)]
struct MemoryVolume {
    of: MemoryBench,
    number: VolumeNumber,
}

impl ReadAt for MemoryVolume {
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        self.of.look(|state| state.volumes[&self.number].now.read_at(offset, buffer))
    }

    fn size_bytes(&self) -> io::Result<u64> {
        self.of.look(|state| state.volumes[&self.number].now.size_bytes())
    }
}

impl LastVolume for MemoryVolume {
    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.of.change(self.number, |volume| {
            let (from, to) = (usize::try_from(offset).unwrap(), usize::try_from(offset).unwrap() + bytes.len());
            volume.now.resize(volume.now.len().max(to), 0);
            volume.now[from..to].copy_from_slice(bytes);
        })
    }

    fn cut(&self, size_bytes: u64) -> io::Result<()> {
        self.of.change(self.number, |volume| volume.now.truncate(usize::try_from(size_bytes).unwrap()))
    }

    fn end_commit(&mut self) -> io::Result<Box<dyn Syncer>> {
        Ok(Box::new(self.clone()))
    }

    fn sync_ahead(&self) -> io::Result<Box<dyn Syncer>> {
        Ok(Box::new(self.clone()))
    }

    fn close(&self, size_bytes: u64) -> io::Result<()> {
        self.write_at(size_bytes, &[0; END_BYTES as usize])?;
        self.sync()
    }

    fn protect(&self) {}
}

impl Syncer for MemoryVolume {
    fn sync(&self) -> io::Result<()> {
        self.of.make_durable(self.number)
    }
}
