//! Which bytes of a volume are right, where it is known that some are not.
//!
//! A survey is what repair goes by. It believes nothing but the log's keys: an object is right if it hashes
//! to its name, the lines of a commit if they are the entries and fields that a checkpoint of the log's key
//! speaks of. What is not shown to be right is what may be replaced.

use std::borrow::Cow;
use std::io;
use std::ops::Range;

use vouchsafe_core::digest::Digest;
use vouchsafe_core::format::checkpoint::MAX_CHECKPOINT_BYTES;
use vouchsafe_core::format::volume::{self, Found, MAX_LINES_BYTES, Member, MemberName, ReadAt, pieces};
use vouchsafe_core::format::{SignedCheckpoint, SignedEntry, fields};
use vouchsafe_core::merkle::Frontier;
use vouchsafe_core::verify::{Agents, Watch, commits_behind, hash_pieces};

/// The log up to some entry.
#[derive(Debug, Clone)]
pub struct LogPoint {
    /// How many entries.
    pub size: u64,
    /// The leaf hash of the last one.
    pub last_leaf: Digest,
    /// The tree, where all entries before are known.
    pub frontier: Option<Frontier>,
}

impl LogPoint {
    /// The log before its first entry.
    #[must_use]
    pub fn start() -> Self {
        Self { size: 0, last_leaf: Digest::ZERO, frontier: Some(Frontier::default()) }
    }
}

/// What a volume holds.
#[derive(Debug, Clone)]
pub struct Survey {
    /// The size of the file.
    pub size_bytes: u64,
    /// The bytes that are right: ascending, with gaps between them.
    pub right: Vec<Range<u64>>,
    /// Whether it ends with the end-of-archive blocks.
    pub is_closed: bool,
    /// Where bytes begin that were never committed, as far as is known; only in the last volume.
    pub tail_from: Option<u64>,
    /// Whether these bytes are not what an interrupted writer leaves: they may have been committed and then damaged.
    pub is_tail_unreadable: bool,
    /// Whether it is the first volume and holds no commit, though every archive begins with one.
    pub lacks_first_commit: bool,
    /// Whether a commit in it, after a log that is not known, is signed by a key with the log's name that is not known.
    pub has_unknown_key: bool,
    /// The log after its last commit, if that is right.
    pub end: Option<LogPoint>,
}

impl Survey {
    /// Of a volume that is not there.
    #[must_use]
    pub const fn missing() -> Self {
        Self {
            size_bytes: 0,
            right: Vec::new(),
            is_closed: false,
            tail_from: None,
            is_tail_unreadable: false,
            lacks_first_commit: false,
            has_unknown_key: false,
            end: None,
        }
    }

    /// The bytes up to `size_bytes` that are not shown to be right.
    #[must_use]
    pub fn wrong(&self, size_bytes: u64) -> Vec<Range<u64>> {
        let mut wrong = Vec::new();
        let mut at = 0;
        for right in &self.right {
            if right.start > at {
                wrong.push(at..right.start.min(size_bytes));
            }
            at = right.end;
        }
        wrong.push(at..size_bytes);
        wrong.retain(|range| range.start < range.end);
        wrong
    }

    /// Whether all of these bytes are right.
    #[must_use]
    pub fn holds(&self, range: &Range<u64>) -> bool {
        self.right.iter().any(|right| right.start <= range.start && range.end <= right.end)
    }

    /// Whether nothing is damaged: what is not right was never committed.
    #[must_use]
    pub fn is_right(&self, is_last: bool) -> bool {
        let end = self.tail_from.unwrap_or(self.size_bytes);
        (is_last || self.is_closed) && !self.lacks_first_commit && self.wrong(end).is_empty()
    }
}

/// Reads a volume from its first byte to its last. `agents` is who may sign in the log, as far as that is known; `start` is the log before it, where it is known.
///
/// # Errors
/// It cannot be read.
pub fn survey(
    reader: &dyn ReadAt,
    agents: &Agents,
    start: Option<LogPoint>,
    is_last: bool,
    watch: &dyn Watch,
) -> io::Result<Survey> {
    let survey = Survey { size_bytes: reader.size_bytes()?, end: start, ..Survey::missing() };
    let agents = agents.clone();
    let mut reading = Reading { reader, agents, survey, objects: Vec::new(), lines: Vec::new(), watch };
    reading.run(is_last)?;
    Ok(reading.survey)
}

struct Reading<'a> {
    reader: &'a dyn ReadAt,
    agents: Agents,
    survey: Survey,
    /// Right objects since the last commit.
    objects: Vec<Range<u64>>,
    /// `fields/` and `log/` since the last commit.
    lines: Vec<Member>,
    watch: &'a dyn Watch,
}

impl Reading<'_> {
    fn run(&mut self, is_last: bool) -> io::Result<()> {
        let (mut offset, mut committed) = (0, 0);
        let is_first = self.survey.end.as_ref().is_some_and(|point| point.size == 0);
        loop {
            match volume::look_at(self.reader, offset)? {
                Found::Member(member) => {
                    if self.take(member)? {
                        committed = member.end();
                    }
                    offset = member.end();
                }
                Found::EndOfArchive if !is_first || committed > 0 => {
                    self.survey.is_closed = true;
                    self.flush();
                    self.add(offset..self.survey.size_bytes);
                    return Ok(());
                }
                _ if is_last && self.is_tail(offset)? => {
                    // Not evidence: whoever has a commit in this place has more.
                    self.survey.tail_from = (committed < self.survey.size_bytes).then_some(committed);
                    self.survey.is_tail_unreadable = !volume::is_begun_commit(self.reader, committed)?;
                    self.survey.lacks_first_commit = is_first && committed == 0;
                    return Ok(());
                }
                Found::EndOfFile => {
                    self.flush();
                    return Ok(());
                }
                Found::Torn | Found::Damaged | Found::EndOfArchive => {
                    self.survey.end = None;
                    let Some(next) = volume::find_member_after(self.reader, offset)? else {
                        self.flush();
                        return Ok(());
                    };
                    offset = next;
                }
            }
        }
    }

    fn is_tail(&self, offset: u64) -> io::Result<bool> {
        let size = self.survey.end.as_ref().map_or(0, |point| point.size);
        Ok(commits_behind(self.reader, offset, &self.agents, size)?.is_empty())
    }

    fn flush(&mut self) {
        for range in std::mem::take(&mut self.objects) {
            self.add(range);
        }
    }

    fn add(&mut self, range: Range<u64>) {
        match self.survey.right.last_mut() {
            Some(last) if last.end == range.start => last.end = range.end,
            _ => self.survey.right.push(range),
        }
    }

    /// Takes in a member; true if it ends a commit.
    fn take(&mut self, member: Member) -> io::Result<bool> {
        if self.watch.is_stopped() {
            return Err(io::ErrorKind::Interrupted.into());
        }
        match member.name {
            MemberName::Object(digest) => {
                if hash_range(self.reader, member.content(), self.watch)? == Some(digest) {
                    self.objects.push(member.header_offset..member.end());
                }
                return Ok(false);
            }
            MemberName::Fields { .. } | MemberName::Log { .. } => {
                self.lines.push(member);
                return Ok(false);
            }
            MemberName::Checkpoint { .. } => {}
        }
        self.flush();
        let lines = std::mem::take(&mut self.lines);
        self.survey.end = self.check_commit(&lines, &member)?;
        if self.survey.end.is_some() {
            let begin = lines.first().map_or(member.header_offset, |member| member.header_offset);
            self.add(begin..member.end());
        }
        Ok(true)
    }

    /// The log after a commit, if its lines and its checkpoint are right.
    fn check_commit(&mut self, lines: &[Member], last: &Member) -> io::Result<Option<LogPoint>> {
        let ([fields, log], MemberName::Checkpoint { size }) = (lines, last.name) else { return Ok(None) };
        let MemberName::Log { first, count } = log.name else { return Ok(None) };
        let is_whole = fields.name == MemberName::Fields { first, count }
            && first + count == size
            && fields.end() == log.header_offset
            && log.end() == last.header_offset;
        if !is_whole {
            return Ok(None);
        }
        let Some(text) = volume::read_member(self.reader, last, MAX_CHECKPOINT_BYTES as u64)? else { return Ok(None) };
        let Ok(signed) = SignedCheckpoint::parse(&text) else { return Ok(None) };
        let (Some(fields), Some(log)) = (
            volume::read_member(self.reader, fields, MAX_LINES_BYTES)?,
            volume::read_member(self.reader, log, MAX_LINES_BYTES)?,
        ) else {
            return Ok(None);
        };
        let before = self.survey.end.clone().filter(|point| point.size == first);
        if self.survey.end.is_some() && before.is_none() {
            return Ok(None);
        }
        let point = check_lines(first, count, &log, &fields, before);
        let behind = self.agents.behind(&log);
        let point = point.filter(|point| {
            let has_root = point.frontier.as_ref().is_none_or(|tree| tree.root() == signed.checkpoint.root);
            signed.checkpoint.size == point.size && has_root
        });
        // The entry that changed the key may lie where the log cannot be read.
        self.survey.has_unknown_key |=
            point.is_some() && self.survey.end.is_none() && signed.names_another_key(behind.log_keys());
        let point = point.filter(|_| behind.may_have_signed(&signed));
        if let (Some(_), Cow::Owned(behind)) = (&point, behind) {
            self.agents = behind;
        }
        Ok(point)
    }
}

/// The log after these lines, if each entry names the one before it and its fields are those that it
/// commits to.
fn check_lines(first: u64, count: u64, log: &[u8], fields: &[u8], before: Option<LogPoint>) -> Option<LogPoint> {
    let mut previous = before.as_ref().map(|point| point.last_leaf);
    let mut frontier = before.and_then(|point| point.frontier);
    let mut field_lines = fields.split_inclusive(|&byte| byte == b'\n');
    let mut index = first;
    for line in log.split_inclusive(|&byte| byte == b'\n') {
        let signed = SignedEntry::parse(line.strip_suffix(b"\n")?).ok()?;
        fields::parse_line_of(&signed.entry, field_lines.next()?.strip_suffix(b"\n")?).ok()?;
        let is_right =
            signed.entry.index.0 == index && previous.is_none_or(|previous| signed.entry.previous == previous);
        if !is_right {
            return None;
        }
        previous = Some(signed.leaf());
        if let Some(tree) = &mut frontier {
            tree.append(signed.leaf());
        }
        index += 1;
    }
    (index == first + count && field_lines.next().is_none()).then_some(LogPoint {
        size: index,
        last_leaf: previous?,
        frontier,
    })
}

/// The SHA-256 of a part of a file; none if the file ends before it does.
pub(super) fn hash_range(reader: &dyn ReadAt, range: Range<u64>, watch: &dyn Watch) -> io::Result<Option<Digest>> {
    match hash_pieces(pieces(reader, range), watch) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
        hashed => hashed.map(Some),
    }
}
