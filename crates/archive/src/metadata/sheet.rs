//! The YAML of a metadata file. Errors are reported in the terms of people who write such files, with the line.
//!
//! Such a file is a short list, so it is read event by event: nothing is nested below what is read here, and what YAML would
//! make of a value without quotation marks (a number, a date, a truth value) stays the text that was written.

use std::collections::{HashMap, HashSet};

use granit_parser::{ErrorKind, Event, Marker, Parser, ScalarStyle, ScanError, Span, StrInput};

use super::labels::{name_of, named};
use super::names::{check_name, is_reserved};
use crate::nearest::nearest;
use vouchsafe_core::model::FieldValue;
use vouchsafe_core::model::vocabulary::{FieldKind, date_of_words, described_fields, field};

/// A field as it is written, with its line.
pub(super) struct Written {
    pub name: String,
    pub value: FieldValue,
    pub line: u64,
}

const OWN_FIELDS: &str = "fields";
const EMPTY: &str = "the value is empty; omit the field, or write unknown:REASON if the value is not known";
const TAG: &str = "a value that begins with ! is not accepted; put it in quotation marks";
const REPETITIONS: &str = "it is nested too deeply or has too many repetitions; a metadata file is a short list";
/// References may repeat as much as a metadata file may hold.
const MAX_REPEATED_BYTES: u64 = 1024 * 1024;
const NOT_A_LIST: &str = "a metadata file consists of lines such as `title: a title`";

/// Reads the fields of a metadata file, in their order.
///
/// # Errors
/// What is wrong, as a sentence that begins with the line.
pub(super) fn read(text: &str) -> Result<Vec<Written>, String> {
    let says_nothing = |line: &str| {
        let line = line.trim_start_matches('\u{feff}').trim();
        line.is_empty() || line.starts_with('#') || line == "---" || line == "..."
    };
    if text.split(['\n', '\r']).all(says_nothing) {
        return Err("the metadata file is empty: write the fields into it, or remove it".to_owned());
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut sheet = Sheet {
        text,
        events: Parser::new_from_str(text),
        anchored: HashMap::new(),
        repeated_bytes: 0,
        fields: Vec::new(),
    };
    sheet.read()?;
    Ok(sheet.fields)
}

#[derive(Clone, Copy, PartialEq)]
enum Part {
    Top,
    /// Below `fields`.
    Own,
}

/// A text with the marks that decide what it means.
#[derive(Clone)]
struct Scalar {
    text: String,
    /// Without quotation marks.
    is_plain: bool,
    is_tagged: bool,
}

enum Node {
    Scalar(Scalar),
    List {
        is_tagged: bool,
    },
    Mapping {
        is_tagged: bool,
    },
    /// A reference to a list or a mapping.
    Elsewhere,
    End,
}

struct Sheet<'a> {
    text: &'a str,
    events: Parser<'a, StrInput<'a>>,
    /// The texts that a reference may lead to.
    anchored: HashMap<usize, Scalar>,
    /// How many bytes references have repeated.
    repeated_bytes: u64,
    fields: Vec<Written>,
}

impl<'a> Sheet<'a> {
    fn read(&mut self) -> Result<(), String> {
        let (root, span) = self.node()?;
        let at = place(span.start);
        match root {
            Node::Mapping { is_tagged: false } => self.mapping(Part::Top)?,
            Node::Mapping { .. } => return Err(format!("{at}{TAG}")),
            _ => return Err(format!("{at}{NOT_A_LIST}")),
        }
        loop {
            match self.event()? {
                (Event::StreamEnd, _) => return Ok(()),
                (Event::DocumentStart(..), _) => {
                    let (_, span) = self.event()?;
                    let at = place(span.start);
                    return Err(format!("{at}a second document begins here; a metadata file is a single document"));
                }
                _ => {}
            }
        }
    }

    /// The fields up to the end of a mapping that has begun.
    fn mapping(&mut self, part: Part) -> Result<(), String> {
        let mut names = HashSet::new();
        loop {
            let (key, span) = self.node()?;
            let at = place(span.start);
            let key = match key {
                Node::End => return Ok(()),
                Node::Scalar(key) if key.is_tagged => return Err(format!("{at}{TAG}")),
                Node::Scalar(key) => key,
                _ => return Err(format!("{at}{NOT_A_LIST}")),
            };
            if key.is_plain && key.text == "<<" {
                return Err(format!("{at}<< is not accepted; write the fields themselves"));
            }
            let line = span.start.line() as u64;
            let name = match key.text.as_str() {
                OWN_FIELDS if part == Part::Top => key.text,
                typed => name_of(typed).map_err(|error| format!("line {line}: {error}"))?.to_string(),
            };
            if !names.insert(name.clone()) {
                return Err(format!("{at}{name}: the field is given twice"));
            }
            if is_reserved(&name)
                && let Err(error) = check_name(&name)
            {
                return Err(format!("line {line}: {error}"));
            }
            let known = described_fields().find(|known| known.name == name);
            let value = match (part, name.as_str(), known.map(|known| known.kind)) {
                (Part::Top, OWN_FIELDS, _) => {
                    self.own_fields(line)?;
                    continue;
                }
                (_, _, Some(FieldKind::Languages | FieldKind::List)) => self.list(line, &name)?,
                (Part::Top, _, None) if date_of_words(&name).is_none() => {
                    return Err(of_field(line, &name, &unknown_field(&name)));
                }
                _ => FieldValue::Text(self.value(line, &name)?),
            };
            self.fields.push(Written { name, value, line });
        }
    }

    /// The text of a field.
    fn value(&mut self, line: u64, name: &str) -> Result<String, String> {
        match self.node()?.0 {
            Node::Scalar(value) if value.is_tagged => Err(of_field(line, name, TAG)),
            Node::Scalar(value) if value.is_null() => Err(of_field(line, name, &self.why_empty(line))),
            Node::Scalar(value) => Ok(value.text),
            _ => Err(wrong_shape(line, name)),
        }
    }

    /// The value of a field that takes several, such as languages: one text, or a list.
    fn list(&mut self, line: u64, name: &str) -> Result<FieldValue, String> {
        let is_of_languages = is_of_languages(name);
        match self.node()?.0 {
            Node::Scalar(Scalar { is_tagged: true, .. }) | Node::List { is_tagged: true } => {
                Err(of_field(line, name, TAG))
            }
            Node::Scalar(value) if value.is_null() => Err(of_field(line, name, &self.why_empty(line))),
            // What other readers of YAML take for a truth value, as the tag of Norwegian.
            Node::Scalar(value) if is_of_languages && value.is_truth_value() => {
                let problem = "YAML reads this word as yes or no; write it in brackets, such as [no]";
                Err(of_field(line, name, problem))
            }
            Node::Scalar(value) if is_of_languages && value.is_number() => Err(wrong_shape(line, name)),
            Node::Scalar(value) => Ok(FieldValue::Text(value.text)),
            Node::List { .. } => {
                let mut items = Vec::new();
                loop {
                    match self.node()?.0 {
                        Node::End => return Ok(FieldValue::List(items)),
                        Node::Scalar(item) if item.is_tagged => return Err(of_field(line, name, TAG)),
                        Node::Scalar(item) if item.is_null() => {
                            let what = if is_of_languages { "a language" } else { "an item" };
                            return Err(of_field(line, name, &format!("{what} in the list is empty")));
                        }
                        Node::Scalar(item) => items.push(item.text),
                        _ => return Err(wrong_shape(line, name)),
                    }
                }
            }
            _ => Err(wrong_shape(line, name)),
        }
    }

    /// The fields below `fields`.
    fn own_fields(&mut self, line: u64) -> Result<(), String> {
        match self.node()?.0 {
            Node::Mapping { is_tagged: false } => self.mapping(Part::Own),
            Node::Mapping { .. } | Node::Scalar(Scalar { is_tagged: true, .. }) => Err(of_field(line, OWN_FIELDS, TAG)),
            Node::Scalar(value) if value.is_null() => Err(of_field(line, OWN_FIELDS, &self.why_empty(line))),
            _ => Err(wrong_shape(line, OWN_FIELDS)),
        }
    }

    /// The next text, or beginning or end of a list or a mapping, and where it is.
    fn node(&mut self) -> Result<(Node, Span), String> {
        loop {
            let (event, span) = self.event()?;
            let node = match event {
                Event::Scalar(text, style, anchor, tag) => {
                    let is_plain = style == ScalarStyle::Plain;
                    let scalar = Scalar { text: text.into_owned(), is_plain, is_tagged: tag.is_some() };
                    if anchor != 0 {
                        self.anchored.insert(anchor, scalar.clone());
                    }
                    Node::Scalar(scalar)
                }
                Event::Alias(anchor) => match self.anchored.get(&anchor) {
                    Some(scalar) => {
                        self.repeated_bytes += scalar.text.len() as u64 + 1;
                        if self.repeated_bytes > MAX_REPEATED_BYTES {
                            return Err(format!("{}{REPETITIONS}", place(span.start)));
                        }
                        Node::Scalar(scalar.clone())
                    }
                    None => Node::Elsewhere,
                },
                Event::SequenceStart(_, _, tag) => Node::List { is_tagged: tag.is_some() },
                Event::MappingStart(_, _, tag) => Node::Mapping { is_tagged: tag.is_some() },
                Event::SequenceEnd | Event::MappingEnd | Event::DocumentEnd | Event::StreamEnd => Node::End,
                _ => continue,
            };
            return Ok((node, span));
        }
    }

    fn event(&mut self) -> Result<(Event<'a>, Span), String> {
        match self.events.next_event() {
            Some(event) => event.map_err(|error| sentence(&error)),
            None => Ok((Event::StreamEnd, Span::default())),
        }
    }

    /// Why a field has no value although something may stand there.
    fn why_empty(&self, line: u64) -> String {
        let number = usize::try_from(line).unwrap_or_default().saturating_sub(1);
        let line = self.text.lines().nth(number).unwrap_or_default();
        let value = line.split_once(':').map_or("", |(_, value)| value.trim());
        let first = value.split_whitespace().next().unwrap_or_default();
        match first {
            _ if value.starts_with('#') => {
                "what follows # is a comment, so the value is empty; put it in quotation marks".to_owned()
            }
            _ if is_null(first) => format!(
                "YAML reads {first} as no value, so the value is empty; if it is a name, put it in quotation marks"
            ),
            _ => EMPTY.to_owned(),
        }
    }
}

impl Scalar {
    fn is_null(&self) -> bool {
        self.is_plain && (self.text.is_empty() || is_null(&self.text))
    }

    /// In YAML 1.1, which many programs still read.
    fn is_truth_value(&self) -> bool {
        let words = ["y", "yes", "true", "on", "n", "no", "false", "off"];
        self.is_plain && words.iter().any(|word| self.text.eq_ignore_ascii_case(word))
    }

    /// Or something else that no language begins like.
    fn is_number(&self) -> bool {
        self.is_plain && self.text.starts_with(|first: char| first.is_ascii_digit() || "+-.".contains(first))
    }
}

fn is_null(value: &str) -> bool {
    matches!(value, "~" | "null" | "Null" | "NULL")
}

fn place(at: Marker) -> String {
    format!("line {}, column {}: ", at.line(), at.col() + 1)
}

fn of_field(line: u64, name: &str, problem: &str) -> String {
    let name: String = name.chars().take(80).collect();
    format!("line {line}: {name}: {problem}")
}

fn is_of_languages(name: &str) -> bool {
    field(name).is_some_and(|known| known.kind == FieldKind::Languages)
}

/// What to do about a name that stands among the known fields and is none.
fn unknown_field(name: &str) -> String {
    let own = "write a field of your own under `fields`";
    let label = named(name).map(|known| known.name);
    match label.or_else(|| nearest(name, described_fields().map(|known| known.name))) {
        Some(near) => format!("unknown field; did you mean {near}? Otherwise, {own}"),
        None => format!("unknown field; docs/fields.md lists the known ones; {own}"),
    }
}

/// A list or a mapping where a text is asked for, or the other way round.
fn wrong_shape(line: u64, name: &str) -> String {
    match name {
        _ if is_of_languages(name) => {
            format!("line {line}: {name} must be a language such as ko, or a list of them such as [ko, en]")
        }
        _ if field(name).is_some_and(|known| known.kind == FieldKind::List) => {
            format!("line {line}: {name} must be a text, or a list of texts such as [one, two]")
        }
        OWN_FIELDS => format!("line {line}: below `fields`, write your own fields in lines such as `box: 17`"),
        _ => {
            let name: String = name.chars().take(80).collect();
            format!("line {line}: {name} must be a text; put it in quotation marks")
        }
    }
}

/// What the reader of YAML found, in plain words.
fn sentence(error: &ScanError) -> String {
    use ErrorKind as E;
    let problem = match error.kind() {
        E::UnknownAnchor => "YAML reads a value that begins with * as a reference; put it in quotation marks",
        E::RecursionLimitExceeded => REPETITIONS,
        E::UndeclaredTagHandle
        | E::ExpectedTagBang
        | E::InvalidTagTerminator
        | E::MissingTagUri
        | E::UnclosedVerbatimTag
        | E::InvalidTagEscape => TAG,
        E::TabNotAllowed
        | E::TabInBlockIndentation
        | E::TabAtBlockScalarStart
        | E::TabInIndentation
        | E::TabInPlainScalar => "there is a tab where only spaces are allowed",
        E::UnknownQuotedScalarEscape
        | E::InvalidQuotedScalarHexEscape
        | E::InvalidLowSurrogateHexEscape
        | E::InvalidLowSurrogate
        | E::MissingLowSurrogate
        | E::UnpairedLowSurrogate
        | E::InvalidUnicodeEscape => "in double quotes, what follows this \\ means nothing; write \\\\ for a backslash",
        E::DocumentIndicatorInQuotedScalar
        | E::UnclosedQuotedScalar
        | E::InvalidQuotedScalarIndent
        | E::InvalidTrailingSingleQuotedScalar
        | E::InvalidTrailingDoubleQuotedScalar => {
            "a quotation mark is not closed, or something follows it; inside quotation marks, write \" as \\\""
        }
        E::UnexpectedEofFlowSequence
        | E::UnexpectedEofFlowMapping
        | E::UnexpectedEofImplicitFlowMapping
        | E::ExpectedFlowMappingSeparator
        | E::ExpectedFlowSequenceSeparator
        | E::MisplacedFlowCollectionEnd
        | E::MismatchedFlowCollectionEnd { .. }
        | E::UnclosedFlowCollection { .. }
        | E::BlockEntryInFlowCollection
        | E::InvalidFlowScalarIndent
        | E::FlowMappingValueAdjacentCollection
        | E::PlainScalarStartsWithDashFlowIndicator => {
            "a bracket is not closed; put a text that begins with [ or { in quotation marks"
        }
        E::InvalidIndentation
        | E::ExpectedBlockMappingKey
        | E::ExpectedBlockSequenceEntry
        | E::SimpleKeyExpected
        | E::InvalidSimpleKey
        | E::BlockSequenceEntryNotAllowed
        | E::InvalidBlockEntryWhitespace
        | E::MappingKeyNotAllowed
        | E::InvalidMappingValueWhitespace
        | E::InvalidColonPlacement
        | E::MappingValueNotAllowed
        | E::ZeroBlockScalarIndent
        | E::InvalidBlockScalarHeader
        | E::InvalidBlockScalarIndent
        | E::UnexpectedEofBlockSequence
        | E::UnexpectedEofBlockMapping => {
            "this line does not match those above it: begin it in the same column, and put a text with a colon in \
             quotation marks"
        }
        E::BomInsideDocument => "there is a character here that is not allowed in a text",
        E::UnexpectedEof => "the file ends too early",
        _ => "this is not YAML; put texts with characters such as : # * & ! % @ in quotation marks",
    };
    format!("{}{problem}", place(*error.marker()))
}
