//! The page that a depositor takes home: which files it lists, and where it is written.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use vouchsafe_archive::ingest::{FileName, Outcome};
use vouchsafe_archive::{Environment as _, Reader, ReportError};
use vouchsafe_story::{Became, Deposit, DepositedFile, ReportLanguage, write_receipt_page};

use super::context::Context;
use super::error::CommandError;
use super::output::printable;
use super::places::check_outside;
use super::prove::write_new;
use super::say;

/// The page for the depositor.
#[derive(clap::Args)]
pub struct ReceiptPage {
    /// Write a page for the depositor into this file: their files under their own names, with hashes and times, and how
    /// to check them. It shows nothing else. To write it again, repeat the command with the same files and the same --source
    #[arg(long, value_name = "FILE", conflicts_with = "dry_run")]
    receipt_page: Option<PathBuf>,
    /// Name the agent on that page; by default, it shows only the agent's key
    #[arg(long, requires = "receipt_page")]
    receipt_names_agent: bool,
}

impl ReceiptPage {
    /// Checks that the page can be written, before anything is ingested.
    pub fn check(&self) -> Result<(), CommandError> {
        let Some(path) = &self.receipt_page else { return Ok(()) };
        check_outside(path)?;
        if path.symlink_metadata().is_ok() {
            return Err(CommandError::usage(format!("{}: something of this name already exists", path.display()))
                .hint("give the name of a new file"));
        }
        let parent = path.parent().filter(|parent| *parent != Path::new("")).unwrap_or(Path::new("."));
        if !parent.is_dir() {
            return Err(CommandError::usage(format!("{}: there is no such folder", parent.display())));
        }
        Ok(())
    }

    /// Whether somebody asked for it.
    pub const fn is_asked_for(&self) -> bool {
        self.receipt_page.is_some()
    }

    /// Writes the page about what was ingested from these places.
    pub fn write(
        &self,
        context: &Context,
        archive: &Reader,
        deposited: &Deposited,
        from: &[PathBuf],
    ) -> Result<(), CommandError> {
        let Some(path) = &self.receipt_page else { return Ok(()) };
        let files = deposited.files(from);
        let deposit = Deposit {
            files: &files,
            language: ReportLanguage::Both,
            names_agents: self.receipt_names_agent,
            made_at: context.environment.now(),
        };
        let mut page = Vec::new();
        write_receipt_page(archive, &deposit, &mut page).map_err(|error| match error {
            ReportError::Read(error) => CommandError::from(error),
            ReportError::Write(error) => CommandError::from(error),
        })?;
        write_new(path, &page)?;
        if !context.options.json {
            let path = printable(&path.display().to_string());
            say::progress(format_args!("Wrote {path}, a page for the depositor"));
        }
        Ok(())
    }
}

/// What became of the files of a deposit.
pub struct Deposited {
    /// Whether the command names the source.
    has_source: bool,
    files: Mutex<Vec<(PathBuf, Became)>>,
}

impl Deposited {
    /// Of a command that names the source, or does not.
    pub const fn new(has_source: bool) -> Self {
        Self { has_source, files: Mutex::new(Vec::new()) }
    }

    /// Notes what became of a file.
    pub fn note(&self, path: &FileName, outcome: &Outcome) {
        let became = match outcome {
            Outcome::Ingested { exhibit, .. } => Became::Taken(*exhibit),
            // With the same source, it is the same depositor's. Otherwise somebody else may have brought the same bytes, from a
            // medium that was mounted at the same place.
            Outcome::AlreadyHeld { exhibit, has_other_metadata: false, .. } if self.has_source => {
                Became::Taken(*exhibit)
            }
            Outcome::AlreadyHeld { object, .. } => Became::Held(*object),
            Outcome::Refused { .. } => Became::Refused,
        };
        if let Ok(mut noted) = self.files.lock() {
            noted.push((path.0.clone(), became));
        }
    }

    /// The files, each once, by their names within the given folders. Where those lie on this machine is nobody else's
    /// business.
    fn files(&self, from: &[PathBuf]) -> Vec<DepositedFile> {
        let Ok(noted) = self.files.lock() else { return Vec::new() };
        let within = |path: &Path| {
            let inner = from.iter().filter_map(|given| path.strip_prefix(given).ok());
            let inner = inner.filter(|inner| *inner != Path::new("")).min_by_key(|inner| inner.components().count());
            let name = inner.or_else(|| path.file_name().map(Path::new)).unwrap_or(path);
            name.to_string_lossy().into_owned()
        };
        // A file that was given twice is held already the second time.
        let taken: BTreeSet<_> =
            noted.iter().filter(|(_, became)| matches!(became, Became::Taken(_))).map(|(path, _)| path).collect();
        let is_said = |(path, became): &&(PathBuf, Became)| !matches!(became, Became::Held(_)) || !taken.contains(path);
        let mut files: Vec<_> = noted
            .iter()
            .filter(is_said)
            .map(|(path, became)| DepositedFile { name: within(path), became: *became })
            .collect();
        files.sort();
        files.dedup();
        files
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_called_as_whoever_brought_it_calls_it() {
        let deposited = Deposited::new(false);
        let paths = ["/home/archivist/incoming/K-21/b/면담.txt", "/home/archivist/incoming/K-21/a.txt", "alone/c.txt"];
        for path in paths {
            deposited.files.lock().unwrap().push((PathBuf::from(path), Became::Refused));
        }
        deposited.files.lock().unwrap().push((PathBuf::from(paths[0]), Became::Refused));
        let from = ["/home/archivist/incoming/K-21", "alone/c.txt"].map(PathBuf::from);
        let names: Vec<_> = deposited.files(&from).into_iter().map(|file| file.name).collect();
        assert_eq!(names, ["a.txt", "b/면담.txt", "c.txt"]);
    }
}
