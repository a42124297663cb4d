//! Files for people and for other people's programs: a report, drafts of statements, tables, and metadata in the
//! words of others.
//!
//! They are made from nothing but what is in the bundle: the entries as they were signed, and of their fields those
//! that are disclosed. What is withheld never gets as far as here, since [`Contents`] reads every entry through the
//! policy. Nothing depends on these files; who checks a bundle need not believe them.
//!
//! Each file is written exhibit by exhibit, so that a bundle of ten thousand needs no more memory than one of ten.

mod case;
mod elsewhere;
mod html;
mod labels;
mod page;
mod pdf;
mod premis;
mod sheets;
mod statements;
mod table;
mod texts;
mod words;

use std::collections::BTreeSet;
use std::io::{self, Write};

use elsewhere::Elsewhere;
use words::Bilingual;

use super::plan::{ExportPlan, PlannedExhibit};
use crate::archive::{Archive, ArchiveError};
use crate::format::bundle::{BundlePath, EntryFile, Subject};
use crate::format::{SignedCheckpoint, SignedEntry};
use crate::model::{AgentRecord, Disclosure, EntryIndex, Event, FieldName, FieldValue, Role, Timestamp};
use crate::sign::KeyId;

/// Why a file was not written.
pub(super) enum Failure {
    /// What it is made from cannot be read.
    Read(ArchiveError),
    /// It cannot be written.
    Write(io::Error),
}

impl From<ArchiveError> for Failure {
    fn from(error: ArchiveError) -> Self {
        Self::Read(error)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Write(error)
    }
}

/// So much is shown of a title, and of an agent's name, where it stands for the exhibit or the agent. The whole is in
/// the custody history, and among the agents.
const MAX_CALLED_CHARS: usize = 160;

/// Writes one of the files.
pub(super) type WriteFile = fn(&Contents<'_>, &mut dyn Write) -> Result<(), Failure>;

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
const PDF: (&str, WriteFile) = ("report/report.pdf", pdf::write);

/// The files of a bundle of so many exhibits.
pub(super) fn files(exhibits: usize) -> impl Iterator<Item = (&'static str, WriteFile)> {
    FILES.iter().copied().chain((exhibits <= pdf::MAX_EXHIBITS).then_some(PDF))
}

/// What the files are made from.
pub(super) struct Contents<'a> {
    archive: &'a Archive,
    plan: &'a ExportPlan,
    head: &'a SignedCheckpoint,
    /// Who signs the bundle.
    signer: KeyId,
    /// When the bundle is made.
    created_at: Timestamp,
    /// The fields that are disclosed of at least one exhibit, by name.
    columns: Vec<FieldName>,
    /// When the first and the last of the exhibits was ingested.
    ingested: Option<(Timestamp, Timestamp)>,
    /// What other archives' logs say of them.
    elsewhere: Elsewhere,
}

/// An entry as the bundle holds it: with its disclosed fields only.
struct Told {
    signed: SignedEntry,
    fields: Vec<Disclosure>,
    withheld_fields: u64,
    /// Its message.
    message: BundlePath,
    /// Its receipt.
    receipt: BundlePath,
    /// What is to be said of it beside what it says itself.
    remarks: Vec<Bilingual>,
}

/// An exhibit with all its entries.
struct ToldExhibit<'a> {
    /// Its place among the exhibits of the bundle, from 1 on.
    number: u64,
    planned: &'a PlannedExhibit,
    /// Its object.
    file: BundlePath,
    /// Oldest first; the first is the ingest.
    entries: Vec<Told>,
}

/// What a reader should know before anything else.
#[derive(Default)]
struct Summary {
    /// Gaps in custody that are declared, and how many of them other archives declared.
    gaps: u64,
    gaps_elsewhere: u64,
    copies: u64,
    /// Bundles in which any of the exhibits was exported before.
    exports: u64,
    revoked_keys: u64,
}

/// A key that signs in this bundle, and whose it is.
struct ToldAgent {
    record: AgentRecord,
    /// If it is disclosed.
    name: Option<FieldValue>,
    /// The entry that introduced it.
    introduced: Told,
    /// What ended it, if something did.
    ended: Option<Ended>,
    /// The roles that it had before each entry that changed them, oldest first.
    earlier_roles: Vec<(EntryIndex, Vec<Role>)>,
}

/// What ended a key.
#[derive(Clone, Copy)]
enum Ended {
    /// It was revoked by this entry, and is not to be trusted from this index on.
    Revoked(EntryIndex, EntryIndex),
    /// By this entry, another key took its place.
    Replaced(EntryIndex, KeyId),
}

impl Ended {
    /// What is said of it, in English and in Korean.
    fn told(self) -> (String, String) {
        match self {
            Self::Revoked(index, from) => (
                format!("revoked by entry {index}, not to be trusted from log index {from} on"),
                format!("폐지 (기록부 번호 {from}부터 신뢰할 수 없음)"),
            ),
            Self::Replaced(index, by) => (
                format!("replaced by entry {index}: {by} took its place"),
                format!("교체 (기록부 번호 {index}, 새 키 {by})"),
            ),
        }
    }
}

impl<'a> Contents<'a> {
    pub fn new(
        archive: &'a Archive,
        plan: &'a ExportPlan,
        signer: KeyId,
        created_at: Timestamp,
    ) -> Result<Self, ArchiveError> {
        let head = archive.head()?;
        let (columns, elsewhere) = (Vec::new(), Elsewhere::default());
        let mut contents = Self { archive, plan, head, signer, created_at, columns, ingested: None, elsewhere };
        let (mut names, mut received) = (BTreeSet::new(), Vec::new());
        for exhibit in contents.exhibits() {
            let exhibit = exhibit?;
            names.extend(exhibit.fields().map(|field| field.name().clone()));
            received.extend(exhibit.entries.iter().filter_map(|told| elsewhere::received(&told.signed)));
            let at = exhibit.ingest().signed.entry.recorded_at;
            let (first, last) = contents.ingested.unwrap_or((at, at));
            contents.ingested = Some((first.min(at), last.max(at)));
        }
        contents.columns = names.into_iter().collect();
        contents.elsewhere = Elsewhere::read(archive, plan, received)?;
        Ok(contents)
    }

    /// The exhibits, in the order of their ingest, as verify.html shows them too. An exhibit has at least its ingest.
    fn exhibits(&self) -> impl Iterator<Item = Result<ToldExhibit<'a>, ArchiveError>> + use<'a> {
        let (archive, plan) = (self.archive, self.plan);
        let mut order: Vec<_> = plan.exhibits.iter().collect();
        order.sort_by_key(|planned| planned.entries.first().copied());
        (1..).zip(order).map(move |(number, planned)| {
            let subject = Subject::Exhibit(planned.exhibit);
            let entries =
                (0..).zip(&planned.entries).map(|(number, index)| tell(archive, plan, subject, number, *index));
            let entries = entries.collect::<Result<Vec<_>, _>>()?;
            if entries.is_empty() {
                return Err(ArchiveError::NoExhibit { exhibit: planned.exhibit });
            }
            let file = BundlePath::object(planned.exhibit, &planned.media_type);
            Ok(ToldExhibit { number, planned, file, entries })
        })
    }

    /// Counts what the histories of the exhibits hold.
    fn summary(&self) -> Result<Summary, ArchiveError> {
        let mut summary = Summary::default();
        let mut exports = BTreeSet::new();
        for exhibit in self.exhibits() {
            let exhibit = exhibit?;
            let before = self.elsewhere.before(&exhibit);
            for line in elsewhere::lines(&exhibit.entries, &before) {
                match &line.signed.entry.event {
                    Event::GapDeclared(_) => {
                        summary.gaps += 1;
                        summary.gaps_elsewhere += u64::from(line.elsewhere.is_some());
                    }
                    Event::CopyIssued(_) => summary.copies += 1,
                    Event::ExhibitExported(body) => drop(exports.insert(body.bundle)),
                    _ => {}
                }
            }
        }
        summary.exports = exports.len() as u64;
        summary.revoked_keys =
            self.agents()?.iter().filter(|agent| matches!(agent.ended, Some(Ended::Revoked(..)))).count() as u64;
        Ok(summary)
    }

    /// The agents whose keys sign, in the order in which they were introduced.
    fn agents(&self) -> Result<Vec<ToldAgent>, ArchiveError> {
        let mut agents: Vec<ToldAgent> = Vec::new();
        for index in &self.plan.agent_entries {
            let told = tell(self.archive, self.plan, Subject::Agents, index.0, *index)?;
            for agent in &mut agents {
                let key = agent.record.public_key.id();
                match &told.signed.entry.event {
                    Event::AgentRevoked(body) if body.key == key => {
                        agent.ended = Some(Ended::Revoked(*index, body.from_index));
                    }
                    Event::AgentRotated(body) if body.key == key => {
                        agent.ended = Some(Ended::Replaced(*index, body.agent.public_key.id()));
                    }
                    Event::AgentChanged(body) if body.key == key => {
                        let before = std::mem::replace(&mut agent.record.roles, body.roles.clone());
                        agent.earlier_roles.push((*index, before));
                    }
                    _ => {}
                }
            }
            let Some(record) = told.signed.entry.event.introduces().cloned() else { continue };
            let name = told.fields.iter().find(|field| field.name().as_str() == "name");
            agents.push(ToldAgent {
                record,
                name: name.map(|field| field.value().clone()),
                introduced: told,
                ended: None,
                earlier_roles: Vec::new(),
            });
        }
        Ok(agents)
    }
}

/// Reads an entry, and leaves what is withheld behind.
fn tell(
    archive: &Archive,
    plan: &ExportPlan,
    subject: Subject,
    number: u64,
    index: EntryIndex,
) -> Result<Told, ArchiveError> {
    let logged = archive.entry(index)?;
    let fields = plan.disclosed_fields(&logged);
    let withheld_fields = (logged.fields.len() - fields.len()) as u64;
    let remarks = match &logged.entry.entry.event {
        Event::CustodyPassed(body) => {
            let is_anchored = !plan.unanchored_passings.contains(&index);
            vec![words::other_side(plan.other_side(body, &fields)), words::compared(is_anchored)]
        }
        _ => Vec::new(),
    };
    Ok(Told {
        remarks,
        signed: logged.entry,
        fields,
        withheld_fields,
        message: BundlePath::entry(subject, number, EntryFile::Message),
        receipt: BundlePath::entry(subject, number, EntryFile::Receipt),
    })
}

impl ToldExhibit<'_> {
    /// The entry by which it came into custody.
    fn ingest(&self) -> &Told {
        &self.entries[0]
    }

    /// What a party calls it, if that is disclosed: its number in the case, and its title.
    fn called(&self) -> Vec<String> {
        let value = |name: &str| self.fields().find(|field| field.name().as_str() == name);
        let values = ["exhibit_no", "title"].into_iter().filter_map(value);
        values.map(|field| shortened(&field.value().to_string(), MAX_CALLED_CHARS)).collect()
    }

    /// Whether it was in another archive before.
    fn is_received(&self) -> bool {
        self.entries.iter().any(|told| elsewhere::received(&told.signed).is_some())
    }

    /// The program that read and hashed it.
    fn software(&self) -> &str {
        self.ingest().signed.entry.event.software().unwrap_or_default()
    }

    /// What is said about the exhibit: of each field the newest, if it was not withdrawn.
    fn fields(&self) -> impl Iterator<Item = &Disclosure> {
        let said = self
            .entries
            .iter()
            .filter(|told| matches!(told.signed.entry.event, Event::ExhibitIngested(_) | Event::ExhibitDescribed(_)));
        let mut newest: Vec<&Disclosure> = Vec::new();
        for field in said.flat_map(|told| &told.fields) {
            newest.retain(|earlier| earlier.name() != field.name());
            newest.push(field);
        }
        newest.into_iter().filter(|field| !matches!(field.value(), FieldValue::Withdrawn(_)))
    }

    /// How many fields of its entries are disclosed, and how many are not.
    fn counts(&self) -> (usize, u64) {
        let disclosed = self.entries.iter().map(|told| told.fields.len()).sum();
        (disclosed, self.entries.iter().map(|told| told.withheld_fields).sum())
    }

    fn field(&self, name: &FieldName) -> Option<&FieldValue> {
        self.fields().find(|field| field.name() == name).map(Disclosure::value)
    }
}

/// The beginning of a text that may be long.
fn shortened(text: &str, most_chars: usize) -> String {
    match text.char_indices().nth(most_chars) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

impl ToldAgent {
    /// The roles that it had when it signed the entry at this index.
    fn roles_at(&self, index: EntryIndex) -> &[Role] {
        let earlier = self.earlier_roles.iter().find(|(changed_at, _)| index <= *changed_at);
        earlier.map_or(&self.record.roles, |(_, roles)| roles)
    }

    /// All roles that it had, the last ones first, each with the entry that ended them, if one did.
    fn all_roles(&self) -> impl Iterator<Item = (&[Role], Option<EntryIndex>)> {
        let last = std::iter::once((self.record.roles.as_slice(), None));
        last.chain(self.earlier_roles.iter().rev().map(|(index, roles)| (roles.as_slice(), Some(*index))))
    }

    /// Who it is, beside the entry at this index: the name, if it is disclosed, and the roles that it had then.
    fn told_at(&self, index: EntryIndex) -> String {
        let name = self.name.as_ref().map_or("name withheld 이름 비공개".to_owned(), ToString::to_string);
        let roles = self.roles_at(index).iter().map(|role| words::role(*role));
        let roles: Vec<_> = roles.map(|(english, korean)| format!("{english} {korean}")).collect();
        format!("{} ({})", shortened(&name, MAX_CALLED_CHARS), roles.join(", "))
    }
}

/// Who holds a key, as it is told beside the entry at this index, which the key signed or approved.
fn signer(agents: &[ToldAgent], key: KeyId, index: EntryIndex, elsewhere: Option<&str>) -> String {
    match (elsewhere, agents.iter().find(|agent| agent.record.public_key.id() == key)) {
        (Some(archive), _) => format!("an agent of {archive} (그 보존소의 담당자)"),
        (None, Some(agent)) => agent.told_at(index),
        (None, None) => String::new(),
    }
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
