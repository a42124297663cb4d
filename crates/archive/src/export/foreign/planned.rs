//! What is kept of a dossier that is handed on.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::ops::ControlFlow;

use super::super::disclosure::{DisclosurePolicy, PARTNER_LETTER};
use super::super::planned_letters::Named;
use vouchsafe_core::digest::{Digest, Hasher};
use vouchsafe_core::format::bundle::dossier::{self, DossierFile};
use vouchsafe_core::format::bundle::{
    BundlePath, EntryFile, MAX_MANIFEST_BYTES, Manifest, Part, Subject, TAG_MANIFEST,
};
use vouchsafe_core::format::fields::{self, MAX_FIELDS_BYTES};
use vouchsafe_core::format::letter::MAX_LETTER_BYTES;
use vouchsafe_core::format::volume::{BLOCK_BYTES, padding_bytes};
use vouchsafe_core::model::{Disclosure, EventKind, ExhibitId, FieldName, Origin};
use vouchsafe_core::verify::bundle::{BundleFiles as _, DossierBundle};
use vouchsafe_core::verify::letter;

/// What is handed on of a dossier.
#[derive(Clone)]
pub struct PlannedDossier {
    /// The bundle that it is of.
    pub bundle: Digest,
    /// Where it is read from: the dossier, or parts of it that came with different exhibits.
    dossiers: Vec<DossierBundle>,
    /// The files that are handed on: in which of the dossiers, and at which place there.
    kept: BTreeMap<BundlePath, (usize, usize)>,
    /// What is disclosed of each subject, and withheld.
    told: BTreeMap<Subject, Told>,
    /// The archive that the bundle is from, where that is known.
    pub origin: Option<Origin>,
    /// The exhibits of this archive that each exhibit in it has become.
    pub own: BTreeMap<ExhibitId, BTreeSet<ExhibitId>>,
}

/// What a dossier tells of one subject.
#[derive(Clone, Default)]
struct Told {
    /// Where the fields that are disclosed stand, with the number of the entry.
    places: Vec<(u64, usize, usize)>,
    /// Those of them that a newer value replaced.
    earlier: BTreeSet<(u64, FieldName)>,
    /// The letters that are handed on, by which custody of it passed.
    letters: Vec<HandedLetter>,
    counts: FieldCounts,
}

/// A letter in a dossier.
#[derive(Clone)]
struct HandedLetter {
    /// The archive that wrote it.
    origin: Origin,
    fields: Vec<Disclosure>,
}

/// A value that a dossier discloses.
pub struct Handed {
    /// The field.
    pub field: Disclosure,
    /// Whether a letter tells it, and not an entry.
    pub is_in_letter: bool,
    /// Whether a newer value replaced it.
    pub is_earlier: bool,
    /// The archive whose word it is, where that is known.
    pub origin: Option<Origin>,
}

impl std::fmt::Debug for PlannedDossier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PlannedDossier").field("bundle", &self.bundle).field("kept", &self.kept).finish_non_exhaustive()
    }
}

/// Names of fields that are disclosed, and that are withheld, with how often each is there.
#[derive(Debug, Clone, Default)]
pub(super) struct FieldCounts {
    pub disclosed: BTreeMap<String, u64>,
    pub withheld: BTreeMap<String, u64>,
}

/// What decides about the fields in a dossier.
pub(super) struct Keeping<'a> {
    /// The exhibits that are handed on, as the dossier calls them.
    pub exhibits: &'a BTreeSet<ExhibitId>,
    /// The fields that another value replaced.
    pub replaced: &'a BTreeSet<(ExhibitId, u64, FieldName)>,
    /// The letters that the entries about these exhibits name, with those exhibits.
    pub letters: &'a Named,
    pub policy: &'a DisclosurePolicy,
    /// Whether exhibits are left out: letters count what was handed over.
    pub leaves_out: bool,
}

impl PlannedDossier {
    /// Decides which files of a dossier, or of the parts of it that are here, are handed on: only those that its manifest
    /// lists as they are. Whatever else somebody put into it stays behind.
    ///
    /// # Errors
    /// It cannot be read.
    pub(super) fn reduce(bundle: Digest, dossiers: Vec<DossierBundle>, keeping: &Keeping<'_>) -> Result<Self, String> {
        let (mut kept, mut told) = (BTreeMap::new(), BTreeMap::<Subject, Told>::new());
        let text = dossiers.first().map(|dossier| dossier.read_file(TAG_MANIFEST, MAX_MANIFEST_BYTES)).transpose();
        let text = text.map_err(|error| error.to_string())?.unwrap_or_default();
        let manifest = Manifest::parse(&text).map_err(|error| error.to_string())?;
        for (number, dossier) in dossiers.iter().enumerate() {
            for (place, file) in dossier.files().iter().enumerate() {
                if kept.contains_key(&file.path) || !keeping.is_wanted(&file.path) {
                    continue;
                }
                let content = Content::read(dossier, place).map_err(|error| format!("{}: {error}", file.path))?;
                if !file.path.is_outside_of_manifests() && manifest.get(&file.path) != Some(content.digest) {
                    continue;
                }
                let is_kept = match file.path.part() {
                    Some(Part::Entry(subject, entry, EntryFile::Fields)) => {
                        let told = told.entry(subject).or_default();
                        let is_disclosed = keeping
                            .is_disclosed(&content.kept, subject, entry, told)
                            .map_err(|reason| format!("{}: {reason}", file.path))?;
                        if is_disclosed {
                            told.places.push((entry, number, place));
                        }
                        is_disclosed
                    }
                    Some(Part::Letter(letter)) => keeping.take_letter(letter, &content, &mut told),
                    _ => true,
                };
                if is_kept {
                    kept.insert(file.path.clone(), (number, place));
                }
            }
        }
        Ok(Self { bundle, dossiers, kept, told, origin: None, own: BTreeMap::new() })
    }

    /// How many fields of each name are disclosed, and withheld, of each subject.
    pub(super) fn counts(&self) -> impl Iterator<Item = &FieldCounts> {
        self.told.values().map(|told| &told.counts)
    }

    /// The names of the fields of a subject that stay behind, with how often each is there.
    pub fn withheld(&self, subject: Subject) -> Option<&BTreeMap<String, u64>> {
        self.told.get(&subject).map(|told| &told.counts.withheld)
    }

    /// The fields of a subject that are handed on, those in letters among them.
    ///
    /// # Errors
    /// They can no longer be read.
    pub fn disclosed(&self, subject: Subject) -> io::Result<Vec<Handed>> {
        let mut all = Vec::new();
        let Some(told) = self.told.get(&subject) else { return Ok(all) };
        for &(entry, number, place) in &told.places {
            let Some(dossier) = self.dossiers.get(number) else { continue };
            let content = Content::read(dossier, place)?;
            for field in fields::parse_line(&content.kept).map_err(io::Error::other)? {
                let is_earlier = told.earlier.contains(&(entry, field.name().clone()));
                all.push(Handed { field, is_in_letter: false, is_earlier, origin: self.origin.clone() });
            }
        }
        for HandedLetter { origin, fields } in &told.letters {
            let handed = |field: &Disclosure| Handed {
                field: field.clone(),
                is_in_letter: true,
                is_earlier: false,
                origin: Some(origin.clone()),
            };
            all.extend(fields.iter().map(handed));
        }
        Ok(all)
    }

    /// Its size.
    pub fn size_bytes(&self) -> u64 {
        let size = |file: &DossierFile| BLOCK_BYTES + file.size_bytes + padding_bytes(file.size_bytes);
        self.files().map(|(.., file)| size(file)).sum::<u64>() + dossier::DOSSIER_END.len() as u64
    }

    fn files(&self) -> impl Iterator<Item = (&DossierBundle, usize, &DossierFile)> {
        self.kept.values().filter_map(|&(number, place)| {
            let dossier = self.dossiers.get(number)?;
            Some((dossier, place, dossier.files().get(place)?))
        })
    }

    /// Writes it, piece by piece.
    pub fn write(&self, out: &mut dyn FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
        for (dossier, place, file) in self.files() {
            let too_large = || io::Error::other(format!("{} is too large for a dossier", file.path));
            out(&dossier::header(&file.path, file.size_bytes).ok_or_else(too_large)?)?;
            let mut written = Ok(());
            dossier.read(place, &mut |piece| {
                written = out(piece);
                if written.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            })?;
            written?;
            out(&dossier::padding(file.size_bytes))?;
        }
        out(&dossier::DOSSIER_END)
    }
}

/// The digest of a file, and its bytes where they decide whether it is handed on.
struct Content {
    digest: Digest,
    kept: Vec<u8>,
}

impl Content {
    fn read(dossier: &DossierBundle, place: usize) -> io::Result<Self> {
        let (mut hasher, mut kept) = (Hasher::default(), Vec::new());
        let file = &dossier.files()[place];
        let limit_bytes = match file.path.part() {
            Some(Part::Letter(_)) => MAX_LETTER_BYTES,
            _ => MAX_FIELDS_BYTES,
        };
        let keeps = file.size_bytes <= limit_bytes as u64;
        dossier.read(place, &mut |piece| {
            hasher.update(piece);
            if keeps {
                kept.extend_from_slice(piece);
            }
            ControlFlow::Continue(())
        })?;
        Ok(Self { digest: hasher.finish(), kept })
    }
}

impl Keeping<'_> {
    /// Whether a file is one that is handed on, fields apart.
    fn is_wanted(&self, path: &BundlePath) -> bool {
        match path.part() {
            Some(Part::Entry(Subject::Exhibit(exhibit), ..)) => self.exhibits.contains(&exhibit),
            Some(Part::Entry(Subject::Agents, ..) | Part::Required) => true,
            Some(Part::Letter(letter)) => self.letters.contains_key(&letter),
            // Texts for people may say of all exhibits what is disclosed of some, and a statement of completeness names
            // them. Dossiers within it stand beside it.
            Some(
                Part::Completeness | Part::Aid | Part::Addition | Part::Foreign(_) | Part::Object(_) | Part::Later(_),
            )
            | None => false,
        }
    }

    /// Whether a letter is handed on: where it holds, and letters are disclosed. Notes what it tells.
    fn take_letter(&self, letter: Digest, content: &Content, told: &mut BTreeMap<Subject, Told>) -> bool {
        let Some((exhibits, read)) = self.letters.get(&letter).zip(letter::check(&content.kept).ok()) else {
            return false;
        };
        let is_handed_on = content.digest == letter && !self.leaves_out && self.policy.discloses_letter(&read.fields);
        for exhibit in exhibits {
            let told = told.entry(Subject::Exhibit(*exhibit)).or_default();
            let counts = if is_handed_on { &mut told.counts.disclosed } else { &mut told.counts.withheld };
            *counts.entry(PARTNER_LETTER.to_owned()).or_default() += 1;
            if is_handed_on {
                let origin = read.archive().origin().clone();
                told.letters.push(HandedLetter { origin, fields: read.fields.clone() });
            }
        }
        is_handed_on
    }

    /// Whether every field of a file is disclosed. Counts them.
    fn is_disclosed(&self, line: &[u8], subject: Subject, entry: u64, told: &mut Told) -> Result<bool, String> {
        let disclosures = fields::parse_line(line).map_err(|error| error.to_string())?;
        let kind = match subject {
            Subject::Agents => Some(EventKind::AgentAdded),
            Subject::Exhibit(_) => Some(EventKind::ExhibitDescribed),
        };
        let is_replaced = |name: &FieldName| match subject {
            Subject::Exhibit(exhibit) => self.replaced.contains(&(exhibit, entry, name.clone())),
            Subject::Agents => false,
        };
        let may_be = |field: &Disclosure| {
            let (policy, name) = (self.policy, field.name());
            policy.discloses(kind, field) && (policy.discloses_earlier(name) || !is_replaced(name))
        };
        let is_disclosed = disclosures.iter().all(may_be);
        for field in &disclosures {
            if is_disclosed && is_replaced(field.name()) {
                told.earlier.insert((entry, field.name().clone()));
            }
            let counts = if is_disclosed { &mut told.counts.disclosed } else { &mut told.counts.withheld };
            *counts.entry(DisclosurePolicy::called(kind, field.name()).to_owned()).or_default() += 1;
        }
        Ok(is_disclosed)
    }
}
