//! The options that every command accepts.

use std::path::PathBuf;

/// Options that every command accepts.
#[derive(clap::Args, Clone, Debug)]
#[command(next_help_heading = "Global options")]
pub struct Options {
    /// The archive's folder
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        env = "VOUCHSAFE_ARCHIVE",
        hide_env_values = true,
        default_value = "."
    )]
    pub archive: PathBuf,
    /// Your private key, an OpenSSH Ed25519 key [default: the one made by init]
    #[arg(long, global = true, value_name = "FILE", env = "VOUCHSAFE_KEY", hide_env_values = true)]
    pub key: Option<PathBuf>,
    /// The archive's log key [default: the one made by init]
    #[arg(long, global = true, value_name = "FILE", env = "VOUCHSAFE_LOG_KEY", hide_env_values = true)]
    pub log_key: Option<PathBuf>,
    /// Read the passphrase from the first line of this file instead of asking for it
    #[arg(long, global = true, value_name = "FILE", conflicts_with = "passphrase_fd")]
    pub passphrase_file: Option<PathBuf>,
    /// Read the passphrase from this open file descriptor
    #[arg(long, global = true, value_name = "N")]
    pub passphrase_fd: Option<u32>,
    /// Allow writing although the clock is earlier than the last entry (an earlier clock was wrong)
    #[arg(long, global = true)]
    pub accept_clock: bool,
    /// Do not keep a private index on this machine if the archive's own cannot be used
    #[arg(long, global = true)]
    pub no_cache: bool,
    /// Print no progress, notes or hints; still print results, findings, warnings and errors
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Print JSON, for programs
    #[arg(long, global = true)]
    pub json: bool,
}
