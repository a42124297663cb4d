//! What is told of entries, exhibits and agents: with nothing that the bundle withholds.

use super::language::ReportLanguage;
use super::notation::Bilingual;
use super::words;
use vouchsafe_archive::PlannedExhibit;
use vouchsafe_core::format::SignedEntry;
use vouchsafe_core::format::bundle::BundlePath;
use vouchsafe_core::model::{AgentRecord, Disclosure, EntryIndex, FieldName, FieldValue, Newest, Role, stated};
use vouchsafe_core::sign::KeyId;
use vouchsafe_core::verify::bundle::walk::received_in;

/// So much is shown of a title, and of an agent's name, where it stands for the exhibit or the agent. The whole is in
/// the custody history, and among the agents.
const MAX_CALLED_CHARS: usize = 160;

/// An entry as the bundle holds it: with its disclosed fields only.
pub(super) struct Told {
    pub signed: SignedEntry,
    pub fields: Vec<Disclosure>,
    pub withheld_fields: u64,
    /// Its message.
    pub message: BundlePath,
    /// Its receipt.
    pub receipt: BundlePath,
    /// What is to be said of it beside what it says itself.
    pub remarks: Vec<Bilingual>,
}

/// An exhibit with all its entries.
pub(super) struct ToldExhibit<'a> {
    /// Its place among the exhibits of the bundle, from 1 on.
    pub number: u64,
    pub planned: &'a PlannedExhibit,
    /// Its object.
    pub file: BundlePath,
    /// Oldest first; the first is the ingest.
    pub entries: Vec<Told>,
}

/// A key that signs in this bundle, and whose it is.
pub(super) struct ToldAgent {
    pub record: AgentRecord,
    /// If it is disclosed.
    pub name: Option<FieldValue>,
    /// The entry that introduced it.
    pub introduced: Told,
    /// What ended it, if something did.
    pub ended: Option<Ended>,
    /// The roles that it had before each entry that changed them, oldest first.
    pub earlier_roles: Vec<(EntryIndex, Vec<Role>)>,
}

/// What ended a key.
#[derive(Clone, Copy)]
pub(super) enum Ended {
    /// It was revoked by this entry, and is not to be trusted from this index on.
    Revoked(EntryIndex, EntryIndex),
    /// By this entry, another key took its place.
    Replaced(EntryIndex, KeyId),
}

impl Ended {
    /// What is said of it, in English and in Korean.
    pub fn told(self) -> (String, String) {
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

impl Told {
    /// The values that it gives the fields of its exhibit, as far as they are disclosed.
    fn stated(&self) -> &[Disclosure] {
        stated(self.signed.entry.event.kind(), &self.fields)
    }
}

impl ToldExhibit<'_> {
    /// The entry by which it came into custody.
    pub fn ingest(&self) -> &Told {
        &self.entries[0]
    }

    /// What a party calls it, if that is disclosed: its number in the case, and its title.
    pub fn called(&self) -> Vec<String> {
        let value = |name: &str| self.fields().find(|field| field.name().as_str() == name);
        let values = ["exhibit_no", "title"].into_iter().filter_map(value);
        values.map(|field| shortened(&field.value().to_string(), MAX_CALLED_CHARS)).collect()
    }

    /// Whether it was in another archive before.
    pub fn is_received(&self) -> bool {
        self.entries.iter().any(|told| received_in(&told.signed).is_some())
    }

    /// The program that read and hashed it.
    pub fn software(&self) -> &str {
        self.ingest().signed.entry.event.software().unwrap_or_default()
    }

    /// What is said about the exhibit: of each field the newest, if it was not withdrawn.
    pub fn fields(&self) -> impl Iterator<Item = &Disclosure> {
        self.entries.iter().flat_map(Told::stated).collect::<Newest<_>>().in_force()
    }

    /// How many fields of its entries are disclosed, and how many are not.
    pub fn counts(&self) -> (usize, u64) {
        let disclosed = self.entries.iter().map(|told| told.fields.len()).sum();
        (disclosed, self.entries.iter().map(|told| told.withheld_fields).sum())
    }

    pub fn field(&self, name: &FieldName) -> Option<&FieldValue> {
        self.fields().find(|field| field.name() == name).map(Disclosure::value)
    }
}

impl ToldAgent {
    /// The roles that it had when it signed the entry at this index.
    pub fn roles_at(&self, index: EntryIndex) -> &[Role] {
        let earlier = self.earlier_roles.iter().find(|(changed_at, _)| index <= *changed_at);
        earlier.map_or(&self.record.roles, |(_, roles)| roles)
    }

    /// All roles that it had, the last ones first, each with the entry that ended them, if one did.
    pub fn all_roles(&self) -> impl Iterator<Item = (&[Role], Option<EntryIndex>)> {
        let last = std::iter::once((self.record.roles.as_slice(), None));
        last.chain(self.earlier_roles.iter().rev().map(|(index, roles)| (roles.as_slice(), Some(*index))))
    }

    /// Who it is, beside the entry at this index: the name, if it is disclosed, and the roles that it had then.
    pub fn told_at(&self, index: EntryIndex, language: ReportLanguage) -> String {
        let name = self.name.as_ref().map_or_else(|| language.join(words::NAME_WITHHELD, " "), ToString::to_string);
        let roles = self.roles_at(index).iter().map(|role| language.join(words::role(*role), " "));
        let roles: Vec<_> = roles.collect();
        format!("{} ({})", shortened(&name, MAX_CALLED_CHARS), roles.join(", "))
    }
}

/// Who holds a key, as it is told beside the entry at this index, which the key signed or approved.
pub(super) fn signer(
    agents: &[ToldAgent],
    key: KeyId,
    index: EntryIndex,
    elsewhere: Option<&str>,
    language: ReportLanguage,
) -> String {
    match (elsewhere, agents.iter().find(|agent| agent.record.public_key.id() == key)) {
        (Some(archive), _) if language == ReportLanguage::Korean => format!("보존소 {archive}의 담당자"),
        (Some(archive), _) => language.join((&format!("an agent of {archive}"), "(그 보존소의 담당자)"), " "),
        (None, Some(agent)) => agent.told_at(index, language),
        (None, None) => String::new(),
    }
}

/// The beginning of a text that may be long.
pub(super) fn shortened(text: &str, most_chars: usize) -> String {
    match text.char_indices().nth(most_chars) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
