//! Files for people and for other people's programs: a report, drafts of statements, tables, and metadata in the
//! words of others.
//!
//! They are made from nothing but what is in the bundle: the entries as they were signed, and of their fields those
//! that are disclosed. What is withheld never gets as far as here, since [`Contents`] reads every entry through the
//! policy. Nothing depends on these files; who checks a bundle need not believe them.
//!
//! Each file is written exhibit by exhibit, so that a bundle of ten thousand needs no more memory than one of ten.

mod case;
mod checks;
mod contents;
mod cover;
mod elsewhere;
mod face;
mod html;
mod labels;
mod language;
mod letters;
mod line_of_custody;
mod links;
mod notation;
mod page;
mod pdf;
mod pictures;
mod premis;
mod receipt_page;
mod sheets;
mod statements;
mod table;
mod tagged;
mod texts;
mod told;
mod words;

use std::io::Write;

use contents::Contents;
pub use language::{ReportLanguage, UnknownLanguage};
pub use receipt_page::{Became, Deposit, DepositedFile, write_receipt_page};
use vouchsafe_archive::{ArchiveError, ReportError as Failure, ReportSource, Reports, WriteReport};
use vouchsafe_core::format::bundle::BundlePath;

/// Writes one of the files.
type WriteFile = fn(&Contents<'_>, &mut dyn Write) -> Result<(), Failure>;

/// The files for people, as every bundle has them.
#[derive(Debug, Clone, Copy, Default)]
pub struct Story {
    /// In which languages the report and the custodian's statement are.
    pub language: ReportLanguage,
}

impl Reports for Story {
    fn write(
        &self,
        source: &ReportSource<'_>,
        add: &mut dyn FnMut(BundlePath, WriteReport<'_>) -> Result<(), ArchiveError>,
    ) -> Result<(), ArchiveError> {
        let contents = Contents::new(source, self.language)?;
        for (name, write) in files(source.plan.exhibits.len()) {
            add(name.parse()?, &mut |out| write(&contents, out))?;
        }
        Ok(())
    }
}

/// The files that every bundle has, in the order in which they are written.
const FILES: &[(&str, WriteFile)] = &[
    ("report/exhibits.csv", table::write_csv),
    ("report/loadfile.dat", table::write_load_file),
    ("report/report.html", page::write),
    ("report/certificate-902.html", statements::write_certificate),
    ("report/custodian-statement.html", statements::write_custodian),
    ("metadata/premis.xml", premis::write),
    ("metadata/case.jsonld", case::write),
];

/// The report on paper, which small bundles have.
const PDF: (&str, WriteFile) = (texts::PDF, pdf::write);

/// The files of a bundle of so many exhibits.
fn files(exhibits: usize) -> impl Iterator<Item = (&'static str, WriteFile)> {
    FILES.iter().copied().chain((exhibits <= pdf::MAX_EXHIBITS).then_some(PDF))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_bundle_has_no_pdf_and_everything_else() {
        let names = |exhibits| files(exhibits).map(|(name, _)| name).collect::<Vec<_>>();
        assert!(names(pdf::MAX_EXHIBITS).contains(&"report/report.pdf"));
        assert_eq!(names(pdf::MAX_EXHIBITS + 1).len() + 1, names(1).len());
        assert!(!names(pdf::MAX_EXHIBITS + 1).contains(&"report/report.pdf"));
    }
}
