//! Comparing the index with what the volumes hold.

use std::fmt::Display;

use super::index::{EntryRow, ExhibitRow, Index, IndexError, ObjectRow};
use crate::store::Position;
use vouchsafe_core::digest::Digest;
use vouchsafe_core::format::SignedEntry;
use vouchsafe_core::format::volume::{Member, VolumeNumber};
use vouchsafe_core::language::Text;
use vouchsafe_core::model::{Bilingual, EntryIndex, Event, ExhibitId};
use vouchsafe_core::text;
use vouchsafe_core::verify::{Code, Finding, Observer, Place, Report, ReportVerdict};

/// What the index is called where something was found in it.
pub(super) const INDEX_PLACE: Bilingual = ("index", "색인");
/// At most this many differences are reported one by one.
const MAX_DIFFERENCES: usize = 20;

/// Something that the volumes hold, and that the index should hold under this key.
struct Seen<K, V> {
    key: K,
    /// Whether the index has come so far: a crash leaves it behind, and it catches up when it is opened.
    is_due: bool,
    value: V,
}

/// Where an object lies: volume, offset, size, number.
type ObjectPlace = (u32, u64, u64, u64);

/// What the rows of a table of the index are about.
#[derive(Clone, Copy)]
struct Kind {
    /// What many of them are called.
    many: Bilingual,
    /// What stands before the name of one.
    one: Bilingual,
}

const OBJECTS: Kind = Kind { many: ("objects", "원본 객체"), one: ("objects/", "objects/") };
const EXHIBITS: Kind = Kind { many: ("exhibits", "증거물"), one: ("exhibit ", "증거물 ") };

impl Kind {
    fn named(self, key: impl Display) -> Text {
        text!([one = Text::from(self.one)] "{one}{key}", "{one}{key}")
    }
}

/// Compares the index with what the volumes hold.
///
/// Entries are compared as they come. Objects and exhibits have random names; they are put in order and compared
/// at the end, since looking them up one by one would read the whole index again and again.
pub(super) struct IndexCheck<'a> {
    index: Option<&'a Index>,
    records: u64,
    objects: Vec<Seen<Digest, ObjectPlace>>,
    exhibits: Vec<Seen<ExhibitId, (Digest, EntryIndex)>>,
    /// The entries that were looked up last, and the index of the first of them.
    rows: (u64, Vec<EntryRow>),
    differences: Vec<Finding>,
    more: u64,
}

impl<'a> IndexCheck<'a> {
    pub fn new(index: Option<&'a Index>) -> Self {
        Self {
            index,
            records: 0,
            objects: Vec::new(),
            exhibits: Vec::new(),
            rows: (0, Vec::new()),
            differences: Vec::new(),
            more: 0,
        }
    }

    /// Whether the index is so far.
    fn is_due(&self, volume: VolumeNumber, offset: u64) -> bool {
        self.index.is_some_and(|index| Position { volume, offset } < index.position())
    }

    fn differ(&mut self, what: impl Into<Place>, message: impl Into<Text>) {
        if self.differences.len() >= MAX_DIFFERENCES {
            self.more += 1;
            return;
        }
        self.differences.push(Finding::new(Code::IndexDiffers, what, message));
    }

    fn differ_unread(&mut self, error: &IndexError) {
        self.differ(Text::from(INDEX_PLACE), text!("{error}", "색인을 읽을 수 없습니다: “{error}”"));
    }

    fn compare<T: PartialEq>(&mut self, what: impl Into<Place>, indexed: Option<T>, found: &T) {
        self.records += 1;
        match indexed {
            None => self.differ(what, ("the index does not hold it", "색인에 없습니다")),
            Some(indexed) if indexed != *found => {
                self.differ(what, ("the index differs", "색인의 내용이 볼륨과 다릅니다"));
            }
            Some(_) => {}
        }
    }

    /// Goes through what was seen and the rows of the index side by side; `kind` says what the keys are.
    fn compare_in_order<K: Ord + Copy + Display, V: PartialEq>(
        &mut self,
        kind: Kind,
        mut seen: Vec<Seen<K, V>>,
        rows: impl Iterator<Item = Result<(K, V), IndexError>>,
    ) {
        seen.sort_unstable_by_key(|seen| seen.key);
        let (mut seen, mut surplus) = (seen.into_iter().peekable(), 0_u64);
        for row in rows {
            let (key, value) = match row {
                Ok(row) => row,
                Err(error) => return self.differ_unread(&error),
            };
            while let Some(missing) = seen.next_if(|seen| seen.key < key) {
                self.miss(kind, &missing);
            }
            match seen.next_if(|seen| seen.key == key) {
                Some(seen) if seen.is_due => self.compare(kind.named(key), Some(value), &seen.value),
                Some(_) => {}
                None => surplus += 1,
            }
        }
        for missing in seen {
            self.miss(kind, &missing);
        }
        if surplus > 0 {
            let message = text!(
                [things = Text::from(kind.many)] "it holds {surplus} {things} that the volumes do not",
                "볼륨에 없는 {things} {surplus}건이 있습니다"
            );
            self.differ(Text::from(INDEX_PLACE), message);
        }
    }

    fn miss<K: Display, V: PartialEq>(&mut self, kind: Kind, missing: &Seen<K, V>) {
        if missing.is_due {
            self.compare(kind.named(&missing.key), None, &missing.value);
        }
    }

    pub fn report_to(mut self, report: &mut Report) {
        if let Some(index) = self.index
            && report.complete
        {
            self.compare_all(index, report);
        }
        report.checked.index_records = self.records;
        if self.more > 0 {
            let message = text!("{more} further differences", "그 밖에 {more}건이 다릅니다"; more = self.more);
            self.differences.push(Finding::new(Code::IndexDiffers, Text::from(INDEX_PLACE), message));
        }
        self.differences.into_iter().for_each(|finding| report.add(finding));
    }

    fn compare_all(&mut self, index: &Index, report: &mut Report) {
        let behind = report.size.saturating_sub(index.frontier().size());
        if behind > 0 {
            let message = text!(
                "it lacks {behind} of {size} entries and catches up when the archive is next opened",
                "기록 항목 {size}건 가운데 {behind}건이 없으며, 보존소를 다음에 열 때 따라잡습니다";
                size = report.size
            );
            report.add(Finding::new(Code::IndexUnread, Text::from(INDEX_PLACE), message));
        }
        match index.entries_end() {
            Ok(rows) if rows > report.size => {
                let message = text!(
                    "it holds {rows} entries, the volumes {size}",
                    "색인에는 기록 항목이 {rows}건, 볼륨에는 {size}건 있습니다";
                    size = report.size
                );
                self.differ(Text::from(INDEX_PLACE), message);
            }
            Ok(_) => {}
            Err(error) => self.differ_unread(&error),
        }
        // Where a part of a volume is not readable, the objects after it cannot be numbered.
        let are_numbered = report.log_verdict != ReportVerdict::Failed;
        let number = |number: u64| if are_numbered { number } else { 0 };
        let mut objects = std::mem::take(&mut self.objects);
        objects.iter_mut().for_each(|seen| seen.value.3 = number(seen.value.3));
        let place = |row: ObjectRow| (row.volume, row.offset, row.size_bytes, number(row.number));
        let rows = index.objects_in_order().map(|row| row.map(|(digest, row)| (digest, place(row))));
        self.compare_in_order(OBJECTS, objects, rows);
        let exhibits = std::mem::take(&mut self.exhibits);
        let said = |row: &ExhibitRow| (row.object, row.ingested_at);
        let rows = index.exhibits_in_order().map(|row| row.map(|(exhibit, row)| (exhibit, said(&row))));
        self.compare_in_order(EXHIBITS, exhibits, rows);
    }

    fn row_of(&mut self, index: &Index, entry: EntryIndex) -> Option<EntryRow> {
        let (first, rows) = &self.rows;
        let is_among = entry.0.checked_sub(*first).is_some_and(|place| place < rows.len() as u64);
        if !is_among {
            self.rows = index.rows_with(entry.0).ok()??;
        }
        let place = usize::try_from(entry.0 - self.rows.0).ok()?;
        self.rows.1.get(place).copied()
    }
}

impl Observer for IndexCheck<'_> {
    fn object(&mut self, digest: Digest, volume: VolumeNumber, member: &Member) {
        if self.index.is_some() {
            let number = self.objects.len() as u64;
            let value = (volume.0, member.offset, member.size_bytes, number);
            self.objects.push(Seen { key: digest, is_due: self.is_due(volume, member.offset), value });
        }
    }

    fn entry(&mut self, entry: &SignedEntry, volume: VolumeNumber, offset: u64, leaf: Digest) {
        let Some(index) = self.index else { return };
        let (is_due, number) = (self.is_due(volume, offset), entry.entry.index);
        if is_due {
            let of_row = |row: EntryRow| (row.leaf, row.volume, row.offset, row.length_bytes as usize);
            let indexed = self.row_of(index, number).map(of_row);
            let place = (*leaf.as_bytes(), volume.0, offset, entry.line().len());
            self.compare(number, indexed, &place);
        }
        if let (Event::ExhibitIngested(body), Some(key)) = (&entry.entry.event, entry.entry.exhibit) {
            self.exhibits.push(Seen { key, is_due, value: (body.object, number) });
        }
    }
}
