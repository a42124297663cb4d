//! A disk that fails once, and loses what was not synced.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::Mutex;

use crate::disk::{Between, Effect};

/// The computer's disk, with failures.
#[derive(Debug, Default)]
pub struct FailingDisk(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    fails_after: Option<usize>,
    /// What each file held when it was last synced.
    synced: BTreeMap<PathBuf, Vec<u8>>,
}

impl FailingDisk {
    /// The effect that comes after so many further ones fails.
    pub fn fail_after(&self, effects: usize) {
        self.0.lock().unwrap().fails_after = Some(effects);
    }

    /// Nothing fails any more; whether something was still to fail.
    pub fn mend(&self) -> bool {
        self.0.lock().unwrap().fails_after.take().is_some()
    }

    /// Each file has what was synced, or everything.
    pub fn cut_power(&self, survives: bool) {
        for (path, content) in &self.0.lock().unwrap().synced {
            if !survives && path.exists() {
                fs::remove_file(path).unwrap();
                fs::write(path, content).unwrap();
            }
        }
    }
}

impl Between for FailingDisk {
    fn effect(&self, effect: Effect<'_>, work: &mut dyn FnMut() -> io::Result<()>) -> io::Result<()> {
        let mut state = self.0.lock().unwrap();
        let is_next = state.fails_after == Some(0);
        state.fails_after = state.fails_after.and_then(|effects| effects.checked_sub(1));
        if is_next {
            return Err(io::Error::other("the disk fails"));
        }
        work()?;
        let durable = match effect {
            Effect::Create(path) => Some((path, Vec::new())),
            Effect::Sync(path) | Effect::MakeReadOnly(path) => Some((path, fs::read(path)?)),
            _ => None,
        };
        state.synced.extend(durable.map(|(path, content)| (path.to_owned(), content)));
        Ok(())
    }
}
