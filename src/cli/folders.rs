//! The folders of a user's keys, and of what this machine remembers of archives.

use std::path::PathBuf;

use etcetera::BaseStrategy;
use vouchsafe_core::digest::Digest;
use vouchsafe_core::model::Origin;

use super::error::CommandError;

/// The folders of one user, all outside of any archive.
pub struct Folders {
    /// Private keys, one folder per archive.
    pub keys: PathBuf,
    /// What is remembered of archives.
    pub known: PathBuf,
    /// Indexes that are built for a single command.
    pub scratch: PathBuf,
    /// Indexes that are kept for archives whose own index cannot be used.
    pub cache: PathBuf,
}

impl Folders {
    /// Finds them: under `VOUCHSAFE_HOME` if that is set, otherwise where this platform keeps configuration and state.
    ///
    /// # Errors
    /// The home folder is not known.
    pub fn find() -> Result<Self, CommandError> {
        let (keys, known, cache) = match std::env::var_os("VOUCHSAFE_HOME").filter(|home| !home.is_empty()) {
            Some(home) => {
                let home = PathBuf::from(home);
                (home.join("keys"), home.join("known"), home.join("cache"))
            }
            None => {
                let base = etcetera::choose_base_strategy().map_err(|_| {
                    CommandError::incomplete("the home folder is not known").hint("set VOUCHSAFE_HOME to a folder")
                })?;
                let state = base.state_dir().unwrap_or_else(|| base.data_dir());
                let cache = base.cache_dir().join("vouchsafe");
                (base.config_dir().join("vouchsafe/keys"), state.join("vouchsafe/known"), cache)
            }
        };
        Ok(Self { scratch: known.with_file_name("scratch"), keys, known, cache })
    }

    /// Where the keys of an archive are, unless options name them.
    pub fn keys_of(&self, origin: &Origin) -> PathBuf {
        let plain = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '_' };
        let name: String = origin.as_str().chars().map(plain).take(60).collect();
        self.keys.join(format!("{name}-{}", Digest::of(origin.as_str().as_bytes()).short()))
    }
}
