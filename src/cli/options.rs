//! The options of every command.

use std::path::PathBuf;

/// Options of every command.
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
    /// The private key to act with, an OpenSSH Ed25519 key [default: the one made at init]
    #[arg(long, global = true, value_name = "FILE", env = "VOUCHSAFE_KEY", hide_env_values = true)]
    pub key: Option<PathBuf>,
    /// The archive's log key [default: the one made at init]
    #[arg(long, global = true, value_name = "FILE", env = "VOUCHSAFE_LOG_KEY", hide_env_values = true)]
    pub log_key: Option<PathBuf>,
    /// Read the passphrase from the first line of a file instead of asking for it
    #[arg(long, global = true, value_name = "FILE", conflicts_with = "passphrase_fd")]
    pub passphrase_file: Option<PathBuf>,
    /// Read the passphrase from an open file descriptor
    #[arg(long, global = true, value_name = "N")]
    pub passphrase_fd: Option<u32>,
    /// Write although the clock is behind the log's last entry, after an earlier clock was wrong
    #[arg(long, global = true)]
    pub accept_clock: bool,
    /// Keep no index for the next time where the archive's own cannot be used: it holds fields
    #[arg(long, global = true)]
    pub no_cache: bool,
    /// Leave out progress, notes and hints; results, findings, warnings and errors are printed all the same
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Print JSON, for programs
    #[arg(long, global = true)]
    pub json: bool,
}
