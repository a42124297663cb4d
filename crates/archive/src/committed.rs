//! The volumes as far as they were committed at one moment: what is appended later is not there.

use std::io;
use std::sync::Arc;

use crate::store::Position;
use vouchsafe_core::format::volume::{ReadAt, VolumeNumber};
use vouchsafe_core::verify::Evidence;

/// The evidence up to a commit. With no end, all that is there.
pub(super) struct Committed<'a> {
    pub store: &'a dyn Evidence,
    pub end: Option<Position>,
}

impl Committed<'_> {
    fn holds(&self, volume: VolumeNumber) -> bool {
        self.end.is_none_or(|end| volume < end.volume || (volume == end.volume && end.offset > 0))
    }
}

impl Evidence for Committed<'_> {
    fn volumes(&self) -> io::Result<(Vec<VolumeNumber>, Vec<String>)> {
        let (numbers, others) = self.store.volumes()?;
        Ok((numbers.into_iter().filter(|number| self.holds(*number)).collect(), others))
    }

    fn open(&self, volume: VolumeNumber) -> io::Result<Arc<dyn ReadAt>> {
        let reader = self.store.open(volume)?;
        Ok(match self.end.filter(|end| end.volume == volume) {
            Some(end) => Arc::new(Beginning { reader, size_bytes: end.offset }),
            None => reader,
        })
    }
}

/// The beginning of a volume.
struct Beginning {
    reader: Arc<dyn ReadAt>,
    size_bytes: u64,
}

impl ReadAt for Beginning {
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let rest = self.size_bytes.saturating_sub(offset).min(buffer.len() as u64);
        self.reader.read_at(offset, &mut buffer[..usize::try_from(rest).unwrap_or_default()])
    }

    fn size_bytes(&self) -> io::Result<u64> {
        Ok(self.reader.size_bytes()?.min(self.size_bytes))
    }
}
