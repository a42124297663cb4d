//! What the files for people are made from: every entry is read through the disclosure policy.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::checks::Checks;
use super::elsewhere::{Elsewhere, lines};
use super::labels;
use super::language::ReportLanguage;
use super::pictures::{self, Shown};
use super::told::{Ended, Told, ToldAgent, ToldExhibit};
use super::words;
use vouchsafe_archive::{ArchiveError, ExportPlan, Handover, Reader, ReportSource};
use vouchsafe_core::format::SignedCheckpoint;
use vouchsafe_core::format::bundle::{BundlePath, EntryFile, Subject};
use vouchsafe_core::model::{EntryIndex, Event, ExhibitId, FieldName, Timestamp};
use vouchsafe_core::sign::KeyId;
use vouchsafe_core::verify::bundle::walk::received_in;

/// What the files are made from.
pub(crate) struct Contents<'a> {
    pub(super) archive: &'a Reader,
    pub(super) plan: &'a ExportPlan,
    pub(super) head: &'a SignedCheckpoint,
    /// Who signs the bundle.
    pub(super) signer: KeyId,
    /// When the bundle is made.
    pub(super) created_at: Timestamp,
    /// In which languages they are.
    pub(super) language: ReportLanguage,
    /// What the bundle is for and who gets it, as far as it discloses that.
    pub(super) handover: Handover<'a>,
    /// The fields that are disclosed of at least one exhibit, in the order in which they are shown.
    pub(super) columns: Vec<FieldName>,
    /// When the first and the last of the exhibits was ingested.
    pub(super) ingested: Option<(Timestamp, Timestamp)>,
    /// What other archives' logs say of them.
    pub(super) elsewhere: Elsewhere,
    /// Of the exhibits that are pictures, a small one or why there is none.
    pub(super) pictures: BTreeMap<ExhibitId, Shown>,
    /// What the log records of checks of them, if that is known.
    pub(super) checks: Option<Checks>,
}

/// What a reader should know before anything else.
#[derive(Default)]
pub(super) struct Summary {
    /// Gaps in custody that are declared, and how many of them other archives declared.
    pub gaps: u64,
    pub gaps_elsewhere: u64,
    pub copies: u64,
    /// Bundles in which any of the exhibits was exported before.
    pub exports: u64,
    pub revoked_keys: u64,
}

impl<'a> Contents<'a> {
    pub fn new(source: &ReportSource<'a>, language: ReportLanguage) -> Result<Self, ArchiveError> {
        let ReportSource { archive, plan, signer, created_at, handover, watch } = *source;
        let head = archive.head()?;
        let (columns, elsewhere) = (Vec::new(), Elsewhere::default());
        let mut contents = Self {
            archive,
            plan,
            head,
            signer,
            created_at,
            language,
            handover,
            columns,
            ingested: None,
            elsewhere,
            pictures: BTreeMap::new(),
            checks: Checks::of(archive, plan)?,
        };
        let (mut names, mut received) = (BTreeSet::new(), Vec::new());
        for exhibit in contents.exhibits() {
            if watch.is_stopped() {
                return Err(ArchiveError::Stopped);
            }
            let exhibit = exhibit?;
            let read = |to: &mut Vec<u8>| {
                archive.copy_object(exhibit.planned.object, to, Path::new(exhibit.file.as_str())).map(drop)
            };
            if let Some(picture) = pictures::shown(&exhibit, read)? {
                contents.pictures.insert(exhibit.planned.exhibit, picture);
            }
            names.extend(exhibit.fields().map(|field| field.name().clone()));
            let name = |told: &Told| Some((received_in(&told.signed)?, exhibit.planned.exhibit));
            received.extend(exhibit.entries.iter().filter_map(name));
            let at = exhibit.ingest().signed.entry.recorded_at;
            let (first, last) = contents.ingested.unwrap_or((at, at));
            contents.ingested = Some((first.min(at), last.max(at)));
        }
        contents.columns = names.into_iter().collect();
        contents.columns.sort_by_key(labels::rank);
        contents.elsewhere = Elsewhere::read(archive, plan, received)?;
        Ok(contents)
    }

    /// The exhibits, in the order of their ingest, as verify.html shows them too. An exhibit has at least its ingest.
    pub(super) fn exhibits(&self) -> impl Iterator<Item = Result<ToldExhibit<'a>, ArchiveError>> + use<'a> {
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
    pub(super) fn summary(&self) -> Result<Summary, ArchiveError> {
        let mut summary = Summary::default();
        let mut exports = BTreeSet::new();
        for exhibit in self.exhibits() {
            let exhibit = exhibit?;
            let before = self.elsewhere.before(&exhibit);
            for line in lines(&exhibit.entries, &before) {
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
    pub(super) fn agents(&self) -> Result<Vec<ToldAgent>, ArchiveError> {
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

/// Reads an entry, without what is withheld.
fn tell(
    archive: &Reader,
    plan: &ExportPlan,
    subject: Subject,
    number: u64,
    index: EntryIndex,
) -> Result<Told, ArchiveError> {
    let logged = archive.entry(index)?;
    let mut fields = plan.disclosed_fields(&logged);
    labels::sort(&mut fields);
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
