//! The exhibits that are left out of a bundle, each with its reason

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use vouchsafe_archive::Reader;
use vouchsafe_core::model::{ExhibitId, WithholdingReason};

use super::error::CommandError;
use super::exhibit_names::find_exhibit;

/// The largest file of exhibits that are left out, in bytes.
const MAX_LIST_BYTES: u64 = 64 * 1024 * 1024;

#[derive(clap::Args)]
pub struct LeftOut {
    /// Leave this exhibit of the collection out of the bundle, for one of these reasons: witness-identity, family,
    /// third-party, source-protection, consent, originator-condition, ongoing-investigation, privilege or court-order
    #[arg(long, value_name = "EXHIBIT=REASON", requires = "collection", conflicts_with_all = ["exhibits", "query"])]
    leave_out: Vec<String>,
    /// A file of exhibits to leave out: on each line an exhibit, a space and the reason
    #[arg(long, value_name = "FILE", requires = "collection", conflicts_with_all = ["exhibits", "query"])]
    leave_out_from: Option<PathBuf>,
}

impl LeftOut {
    /// The exhibits with their reasons.
    ///
    /// # Errors
    /// An exhibit is unknown or given twice, a reason is unknown, or the file cannot be read.
    pub fn read(&self, archive: &Reader) -> Result<BTreeMap<ExhibitId, WithholdingReason>, CommandError> {
        let mut given: Vec<(String, String, String)> = Vec::new();
        for text in &self.leave_out {
            let (exhibit, reason) = text.split_once('=').ok_or_else(|| {
                CommandError::usage(format!("{text:?}: no reason is given"))
                    .hint("give --leave-out EXHIBIT=REASON, such as --leave-out X-7K3M-9QRT-2WXY-4ABC=consent")
            })?;
            given.push((format!("{text:?}"), exhibit.to_owned(), reason.to_owned()));
        }
        if let Some(path) = &self.leave_out_from {
            for (number, line) in read_list(path)?.lines().enumerate() {
                let place = format!("{}, line {}", path.display(), number + 1);
                let words: Vec<_> = line.split_whitespace().collect();
                match words[..] {
                    [] => {}
                    [first, ..] if first.starts_with('#') => {}
                    [exhibit, reason] => given.push((place, exhibit.to_owned(), reason.to_owned())),
                    _ => {
                        let message = format!("{place}: a line must be an exhibit, a space and a reason");
                        return Err(CommandError::usage(message));
                    }
                }
            }
        }
        let mut left_out = BTreeMap::new();
        for (place, exhibit, reason) in given {
            let reason = reason.parse().map_err(|error| CommandError::usage(format!("{place}: the reason {error}")))?;
            if reason == WithholdingReason::Erased {
                let message = format!("{place}: {reason} cannot be given as a reason: this version erases nothing");
                return Err(CommandError::usage(message));
            }
            let exhibit = find_exhibit(archive, &exhibit)?;
            if left_out.insert(exhibit, reason).is_some() {
                return Err(CommandError::usage(format!("{place}: {exhibit} is already left out")));
            }
        }
        Ok(left_out)
    }
}

fn read_list(path: &Path) -> Result<String, CommandError> {
    let failed =
        |error: std::io::Error| CommandError::incomplete(format!("{}: cannot read it: {error}", path.display()));
    let mut text = String::new();
    let file = std::fs::File::open(path).map_err(failed)?;
    file.take(MAX_LIST_BYTES + 1).read_to_string(&mut text).map_err(failed)?;
    if text.len() as u64 > MAX_LIST_BYTES {
        return Err(CommandError::usage(format!("{}: the file has more than {MAX_LIST_BYTES} bytes", path.display())));
    }
    Ok(text)
}
