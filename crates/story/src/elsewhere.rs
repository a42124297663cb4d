//! What other archives' logs say of the exhibits, as far as the bundle hands it on.

use super::labels;
use super::notation::Bilingual;
use super::told::{Told, ToldExhibit};
use super::words;
use vouchsafe_archive::{
    ArchiveError, ExportPlan, ForeignHistory, Histories, HistoryElsewhere, LoggedEntry, Reader, WhyUnread,
    histories_handed_on, in_one_line_of_time,
};
use vouchsafe_core::format::SignedEntry;
use vouchsafe_core::format::bundle::{BundlePath, EntryFile, Subject};
use vouchsafe_core::format::identity::ArchiveNames;
use vouchsafe_core::model::{Disclosure, ExhibitId};
use vouchsafe_core::verify::bundle::walk::Name;

/// The histories that the bundle hands on.
#[derive(Default)]
pub(super) struct Elsewhere {
    histories: Histories,
    /// What the archives are called that are spoken of, this one among them.
    names: ArchiveNames,
}

/// What is told of the time that an exhibit was in another archive.
pub(super) enum Before<'a> {
    /// Its history there, what the archive is called, and by which archive it was handed on, if not by the one that this
    /// archive had it from.
    Told { history: &'a ForeignHistory, called: String, through: Option<String> },
    /// It is in this file and is not shown.
    Unread(BundlePath),
    /// It is not in the bundle.
    NotHere,
}

/// An entry in the line of time of an exhibit.
pub(super) struct Line<'a> {
    pub signed: &'a SignedEntry,
    /// In the order in which they are shown.
    pub fields: Vec<&'a Disclosure>,
    pub withheld_fields: u64,
    /// Where it is in the bundle.
    pub files: Vec<String>,
    /// What the archive is called, if it is another one's.
    pub elsewhere: Option<String>,
    /// What is to be said of it beside what it says itself.
    pub remarks: Vec<Bilingual>,
}

impl Elsewhere {
    /// Reads the histories that entries about these exhibits name, and those behind them.
    pub fn read(archive: &Reader, plan: &ExportPlan, received: Vec<(Name, ExhibitId)>) -> Result<Self, ArchiveError> {
        let (histories, mut names) = (histories_handed_on(archive, plan, received)?, ArchiveNames::default());
        names.add(&archive.identity());
        histories.archives().for_each(|archive| names.add(archive));
        Ok(Self { histories, names })
    }

    /// What is told of the time before this archive had an exhibit.
    pub fn before(&self, exhibit: &ToldExhibit<'_>) -> Vec<Before<'_>> {
        let exhibit = exhibit.planned.exhibit;
        let told = |HistoryElsewhere { history, through }| Before::Told {
            called: self.names.called(&history.archive),
            history,
            through: through.map(|archive| self.names.called(archive)),
        };
        let rest = self.histories.unread(exhibit).map(|unread| match unread.why {
            WhyUnread::NotHandedOn => Before::NotHere,
            WhyUnread::TooLarge | WhyUnread::Unreadable { .. } => Before::Unread(BundlePath::foreign(unread.bundle)),
        });
        self.histories.of(exhibit).into_iter().map(told).chain(rest).collect()
    }
}

/// All entries about an exhibit in one line of time.
pub(super) fn lines<'a>(own: &'a [Told], before: &[Before<'a>]) -> Vec<Line<'a>> {
    let mut elsewhere = Vec::new();
    for part in before {
        if let Before::Told { history, called, .. } = part {
            elsewhere.extend(history.entries.iter().map(|entry| line(history, called, entry)));
        }
    }
    let own = own.iter().map(|told| Line {
        signed: &told.signed,
        fields: told.fields.iter().collect(),
        withheld_fields: told.withheld_fields,
        files: vec![told.message.to_string(), told.receipt.to_string()],
        elsewhere: None,
        remarks: told.remarks.clone(),
    });
    in_one_line_of_time(elsewhere, own, |line| &line.signed.entry)
}

fn line<'a>(history: &ForeignHistory, called: &str, logged: &'a LoggedEntry) -> Line<'a> {
    let entry = &logged.entry.entry;
    let file = entry.exhibit.zip(entry.exhibit_sequence).map(|(exhibit, number)| {
        let message = BundlePath::entry(Subject::Exhibit(exhibit), number, EntryFile::Message);
        format!("{}: {message}", BundlePath::foreign(history.bundle))
    });
    let mut fields: Vec<_> = logged.fields.iter().collect();
    labels::sort(&mut fields);
    Line {
        signed: &logged.entry,
        fields,
        withheld_fields: logged.withheld_fields(),
        files: file.into_iter().collect(),
        elsewhere: Some(called.to_owned()),
        remarks: history.other_sides.get(&entry.index).copied().map(words::other_side).into_iter().collect(),
    }
}
