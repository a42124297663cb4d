//! A folder on a disk that fails and loses what was not synced.

use std::fs;
use std::sync::Arc;

use super::Bench;
use super::disk::FailingDisk;
use crate::disk::DelegatingDisk;
use crate::store::local::LocalVolumes;
use crate::store::volumes::{TailCut, Volumes};

/// A folder of volumes.
pub struct LocalBench {
    folder: tempfile::TempDir,
    disk: Arc<FailingDisk>,
}

impl Bench for LocalBench {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("volumes")).unwrap();
        Self { folder, disk: Arc::default() }
    }

    fn store(&self) -> Arc<dyn Volumes> {
        let [volumes, quarantine] = ["volumes", "quarantine"].map(|name| self.folder.path().join(name));
        Arc::new(LocalVolumes::new(volumes, quarantine, Arc::new(DelegatingDisk(self.disk.clone()))))
    }

    fn fail_after(&self, effects: usize) {
        self.disk.fail_after(effects);
    }

    fn mend(&self) -> bool {
        self.disk.mend()
    }

    fn cut_power(&self, survives: bool) {
        self.disk.cut_power(survives);
    }

    fn kept(&self, tail: &TailCut) -> Vec<u8> {
        fs::read(&tail.kept_in).unwrap()
    }
}
