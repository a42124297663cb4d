//! Parity beside the closed volumes, so that scattered bad sectors heal without another copy.
//!
//! Parity is derived: it is made of the volumes and may be lost. It is made only of a volume that is right,
//! or it would keep the damage.

use std::path::{Path, PathBuf};

use super::environment::Environment;
use super::error::ArchiveError;
use super::layout::{PARITY, volumes_of};
use super::reader::Reader;
use super::session::Session;
use super::threads;
use crate::store::durable::RegularFile;
use crate::store::parity::{self, Parity};
use crate::store::{LogPoint, StoreError, Volumes, survey};
use vouchsafe_core::format::parity::{Geometry, ParityTable};
use vouchsafe_core::format::salvage::Salvaged;
use vouchsafe_core::format::volume::{self, Found, MemberName, ReadAt, VolumeNumber};
use vouchsafe_core::merkle::Frontier;
use vouchsafe_core::model::EntryIndex;
use vouchsafe_core::verify::Watch;

/// The default number of recovery blocks for a hundred blocks of a volume.
pub const DEFAULT_SHARE_PERCENT: u32 = 5;

/// What is to be done about the parity of a closed volume.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ParityState {
    /// It is there and whole, as far as was looked.
    Whole,
    /// There is none.
    Missing,
    /// It is damaged, or not of the volume as it is.
    Unfit,
    /// It is whole, but has another share than was asked for.
    OtherShare,
}

/// How closely to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// Whether there is a file.
    Name,
    /// Its tables, and enough blocks of the volume to notice one with other bytes.
    Table,
    /// Every byte of it, and some more blocks of the volume.
    Whole,
    /// Every byte of it, and of the volume.
    Volume,
}

/// How many blocks of a volume are compared with its parity, if not all are.
const COMPARED_BLOCKS: usize = 16;
/// The same where only a glance is wanted: parity of other bytes differs in every block.
const GLANCED_BLOCKS: usize = 2;

/// Where the parity of a volume is kept in an archive's folder.
#[must_use]
pub fn parity_path(folder: &Path, volume: VolumeNumber) -> PathBuf {
    folder.join(PARITY).join(format!("{:06}.par", volume.0))
}

/// The closed volumes of the archive in a folder, each with the state of its parity. The last volume is still
/// written to and has none.
///
/// # Errors
/// The volumes cannot be listed, a file cannot be read, or it was stopped.
pub fn parity_states(
    folder: &Path,
    share_percent: Option<u32>,
    look: Look,
    environment: &dyn Environment,
    watch: &dyn Watch,
) -> Result<Vec<(VolumeNumber, ParityState)>, ArchiveError> {
    let store = volumes_of(folder, environment.disk());
    let mut closed = store.numbers()?;
    closed.pop();
    closed.into_iter().map(|number| Ok((number, state(folder, &store, number, share_percent, look, watch)?))).collect()
}

fn state(
    folder: &Path,
    store: &dyn Volumes,
    number: VolumeNumber,
    share_percent: Option<u32>,
    look: Look,
    watch: &dyn Watch,
) -> Result<ParityState, ArchiveError> {
    let path = parity_path(folder, number);
    let file = match RegularFile::open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(ParityState::Missing),
        Err(_) => return Ok(ParityState::Unfit),
    };
    if look == Look::Name {
        return Ok(ParityState::Whole);
    }
    let volume = Salvaged::new(store.open_volume(number)?);
    let geometry = match fitting(&file, number, &volume, look, watch) {
        Ok(Some(geometry)) => geometry,
        Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {
            return Err(ArchiveError::io("read", &path)(error));
        }
        // One that a failing disk does not give back is rebuilt, too.
        Ok(None) | Err(_) => return Ok(ParityState::Unfit),
    };
    let wanted = share_percent.and_then(|share| Geometry::new(geometry.volume_bytes, share));
    let is_wanted = wanted.is_none_or(|wanted| wanted == geometry);
    Ok(if is_wanted { ParityState::Whole } else { ParityState::OtherShare })
}

/// How parity divides the volume, if it is whole and made of it, as far as is to be looked.
fn fitting(
    file: &RegularFile,
    number: VolumeNumber,
    volume: &dyn ReadAt,
    look: Look,
    watch: &dyn Watch,
) -> std::io::Result<Option<Geometry>> {
    let table = match look {
        Look::Name | Look::Table => ParityTable::read(file)?,
        Look::Whole | Look::Volume => Parity::read(file, watch)?.filter(Parity::is_whole).map(|parity| parity.table),
    };
    let is_whole = |table: &ParityTable| table.is_whole && file.size_bytes().ok() == Some(table.geometry.file_bytes());
    let Some(table) = table.filter(is_whole) else { return Ok(None) };
    let geometry = table.geometry;
    if table.volume != number || volume.size_bytes()? != geometry.volume_bytes {
        return Ok(None);
    }
    let blocks = geometry.data_blocks as usize;
    let step = match look {
        Look::Volume => 1,
        Look::Whole => blocks.div_ceil(COMPARED_BLOCKS),
        Look::Name | Look::Table => blocks.div_ceil(GLANCED_BLOCKS),
    };
    for block in (0..blocks).step_by(step).chain([blocks - 1]) {
        if !parity::is_right(&table, volume, block, watch)? {
            return Ok(None);
        }
    }
    Ok(Some(geometry))
}

/// Makes parity for a closed volume, in place of what is there. Gives the file and its size.
///
/// # Errors
/// The volume is damaged: parity of it would keep the damage. Or a file cannot be read or written, or it
/// was stopped; then there is no new parity.
pub fn make(
    session: &Session<'_>,
    number: VolumeNumber,
    share_percent: u32,
    watch: &dyn Watch,
) -> Result<(PathBuf, u64), ArchiveError> {
    let reader = &session.reader;
    let path = reader.store.place(number);
    // On a failing disk, what cannot be read is damage.
    let file = reader.store.open_volume(number)?;
    let volume = Salvaged::new(file.clone());
    let failed = || StoreError::io("read the volume", &path);
    let volume_bytes = volume.size_bytes().map_err(failed())?;
    watch.total(3 * volume_bytes);
    let start = log_before(reader, &volume, &path)?;
    let found = survey(&volume, &reader.signing(), start, false, watch).map_err(failed())?;
    let (true, Some(geometry)) = (found.is_right(false), Geometry::new(volume_bytes, share_percent)) else {
        let reason = "it is damaged, and parity would keep the damage".to_owned();
        return Err(ArchiveError::Damaged { place: number.to_string(), reason });
    };
    let folder = reader.folder.join(PARITY);
    let disk = session.environment.disk();
    disk.create_folder(&folder).map_err(ArchiveError::io("create the folder", &folder))?;
    let kept_in = parity_path(&reader.folder, number);
    parity::make(&*disk, (number, &*file), geometry, &kept_in, threads(0), watch)
        .map_err(ArchiveError::io("make parity in", &kept_in))?;
    Ok((kept_in, geometry.file_bytes()))
}

/// The log before a volume, as the index knows it.
fn log_before(reader: &Reader, volume: &dyn ReadAt, path: &Path) -> Result<Option<LogPoint>, ArchiveError> {
    let mut offset = 0;
    while let Found::Member(member) = volume::look_at(volume, offset).map_err(StoreError::io("read", path))? {
        offset = member.end();
        let MemberName::Log { first, .. } = member.name else { continue };
        let Some(last) = first.checked_sub(1).map(EntryIndex) else { return Ok(Some(LogPoint::start())) };
        let row = reader.index.entry(last)?.ok_or(ArchiveError::NoEntry { index: last })?;
        let frontier = Frontier::from_stored(first, &reader.index).map_err(super::index::IndexError::from)?;
        return Ok(Some(LogPoint {
            size: first,
            last_leaf: vouchsafe_core::digest::Digest::from_bytes(row.leaf),
            frontier: Some(frontier),
        }));
    }
    Ok(None)
}
