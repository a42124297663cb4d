//! The PDF with its tags: what is a heading, a paragraph, a row, so that it can be listened to, and found in fifty years.
//!
//! It is PDF/A-2a and PDF/UA-1 as far as the library can tell, which refuses what breaks their rules.

use std::collections::BTreeMap;
use std::io;
use std::num::NonZeroU16;
use std::sync::Arc;

use krilla::action::LinkAction;
use krilla::annotation::{Annotation, LinkAnnotation, Target};
use krilla::color::rgb;
use krilla::configure::{Accessibility, Archival, ConfigurationBuilder};
use krilla::destination::XyzDestination;
use krilla::geom::{Path, PathBuilder, Point, Rect, Size, Transform};
use krilla::image::{BitsPerComponent, CustomImage, Image, ImageColorspace};
use krilla::metadata::{DateTime, Metadata};
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::paint::{Fill, FillRule, Stroke};
use krilla::surface::Surface;
use krilla::tagging::{
    Artifact, ArtifactType, ContentTag, Identifier, Node, SpanTag, TableHeaderScope, Tag, TagGroup, TagTree,
};
use krilla::{Document, SerializeSettings};
use vouchsafe_core::SOFTWARE;
use vouchsafe_core::model::Timestamp;

use super::face::Face;
use super::line_of_custody::Mark;
use super::pictures::Picture;

/// What a stretch of the text is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Role {
    /// A heading of this level, from 1 on.
    Heading(u16, String),
    /// A paragraph in this language.
    Paragraph(&'static str),
    /// What something is, before its value.
    Name,
    /// The value of it, or a part of that.
    Value,
    /// A part of the value that leads to somewhere, with what it leads to in words.
    Link(Goal, String),
    /// A picture beside the value, with what it is in words.
    Picture(String),
}

/// To where a link leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Goal {
    /// A file of the bundle.
    ///
    /// It is a URI that is relative to the report: PDF/A-2 forbids actions that launch files (ISO 19005-2, 6.5.1) and allows
    /// this one. Readers resolve it by where the report lies. Some do not follow it, so the name of the file is what
    /// is printed.
    File(String),
    /// The history of the exhibit of this number.
    History(u64),
}

/// A line of text at its place; `y` is its foot, from the top of the page.
pub(super) struct Line {
    pub x: f32,
    pub y: f32,
    pub size: f32,
    pub text: String,
    pub is_bold: bool,
    /// The stretch of the text that it belongs to.
    pub part: usize,
}

/// Something that is drawn beside the text, and means nothing that the text does not say.
pub(super) enum Shape {
    /// A rule across a page.
    Rule { x: f32, y: f32, width: f32 },
    /// A thin one, in grey.
    Hair { x: f32, y: f32, width: f32 },
    /// A piece of the line of custody, from one height to another, with its point in the middle.
    Custody { mark: Mark, x: f32, top: f32, bottom: f32, is_first: bool, is_last: bool },
}

/// A picture at its place.
pub(super) struct Placed {
    pub picture: Picture,
    pub x: f32,
    pub y: f32,
    pub width: f32,
    pub height: f32,
    /// The stretch that it belongs to.
    pub part: usize,
}

/// A page: its lines, its pictures, and what is drawn.
#[derive(Default)]
pub(super) struct Sheet {
    pub lines: Vec<Line>,
    pub pictures: Vec<Placed>,
    pub shapes: Vec<Shape>,
}

/// A place: a page, and a height there.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Place {
    pub page: usize,
    pub y: f32,
}

/// A heading to which the outline leads: its text, its level, and where it is.
pub(super) struct Entry {
    pub text: String,
    pub is_below: bool,
    pub place: Place,
}

/// A document that is laid out.
pub(super) struct LaidOut {
    pub face: Face,
    pub sheets: Vec<Sheet>,
    /// What the stretches of the text are, in the order of reading.
    pub parts: Vec<Role>,
    pub outline: Vec<Entry>,
    /// Where the histories of the exhibits begin, by their numbers.
    pub histories: BTreeMap<u64, Place>,
}

/// What the PDF says of itself.
pub(super) struct About<'a> {
    pub title: &'a str,
    /// BCP 47.
    pub language: &'a str,
    /// What stands on each page, before the number.
    pub footer: &'a str,
    pub made_at: Timestamp,
}

pub(super) const WIDTH: f32 = 595.0;
pub(super) const HEIGHT: f32 = 842.0;
pub(super) const MARGIN: f32 = 50.0;
const FOOTER_SIZE: f32 = 7.5;

/// The PDF. What breaks a rule of the standards is an error: a character that must not be there never gets here.
pub(super) fn pdf(document: LaidOut, about: &About<'_>) -> io::Result<Vec<u8>> {
    let configuration = ConfigurationBuilder::new()
        .with_archival_validator(Archival::A2_A)
        .with_accessibility_validator(Accessibility::UA1)
        .finish()
        .map_err(|error| io::Error::other(format!("{error:?}")))?;
    let settings = SerializeSettings { configuration, enable_tagging: true, ..SerializeSettings::default() };
    let mut pdf = Document::new_with(settings);
    let metadata =
        Metadata::new().title(about.title.to_owned()).language(about.language.to_owned()).creator(SOFTWARE.to_owned());
    pdf.set_metadata(match date(about.made_at) {
        Some(date) => metadata.creation_date(date),
        None => metadata,
    });
    let count = document.sheets.len();
    let mut found: Vec<Vec<Identifier>> = document.parts.iter().map(|_| Vec::new()).collect();
    for (number, sheet) in document.sheets.iter().enumerate() {
        let settings = PageSettings::from_wh(WIDTH, HEIGHT).ok_or_else(unusable)?;
        let mut page = pdf.start_page_with(settings);
        let mut surface = page.surface();
        for shape in &sheet.shapes {
            surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::Layout)));
            draw(&mut surface, shape)?;
            surface.end_tagged();
        }
        let links = write_lines(&mut surface, &document, sheet, about, &mut found)?;
        for placed in &sheet.pictures {
            let identifier = surface.start_tagged(ContentTag::Other);
            show(&mut surface, placed)?;
            surface.end_tagged();
            belongs(&mut found, placed.part, identifier);
        }
        let text = document.face.readable(&format!("{}   {} / {count}", about.footer, number + 1)).concat();
        let foot = Line { x: MARGIN, y: HEIGHT - MARGIN / 2.0, size: FOOTER_SIZE, text, is_bold: false, part: 0 };
        surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::Footer)));
        write(&mut surface, &document.face, &foot, BLACK);
        surface.end_tagged();
        surface.finish();
        for (part, link) in links {
            let identifier = page.add_tagged_annotation(link);
            belongs(&mut found, part, identifier);
        }
    }
    pdf.set_outline(outline(document.outline));
    pdf.set_tag_tree(tags(document.parts, found));
    pdf.finish().map_err(|error| io::Error::other(format!("{error:?}")))
}

/// Writes the lines of a page. Returns the links to be laid over them, with the stretches that these belong to.
fn write_lines(
    surface: &mut Surface<'_>,
    document: &LaidOut,
    sheet: &Sheet,
    about: &About<'_>,
    found: &mut [Vec<Identifier>],
) -> io::Result<Vec<(usize, Annotation)>> {
    let mut links = Vec::new();
    for line in &sheet.lines {
        let role = document.parts.get(line.part);
        let language = match role {
            Some(Role::Paragraph(language)) if *language != about.language => Some(*language),
            _ => None,
        };
        let goal = match role {
            Some(Role::Link(goal, what)) => target(goal, &document.histories).map(|target| (target, what)),
            _ => None,
        };
        let color = if goal.is_some() { LINK } else { BLACK };
        let tag = ContentTag::Span(SpanTag::empty().with_lang(language));
        let identifier = surface.start_tagged(tag);
        let width = write(surface, &document.face, line, color);
        surface.end_tagged();
        belongs(found, line.part, identifier);
        if let Some((target, what)) = goal {
            surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::Layout)));
            surface.set_fill(Some(fill(LINK)));
            surface.draw_path(&rectangle(line.x, line.y + 1.2, width, 0.4)?);
            surface.end_tagged();
            let area = Rect::from_xywh(line.x, line.y - line.size, width, line.size * 1.3).ok_or_else(unusable)?;
            let link = LinkAnnotation::new(area, target);
            links.push((line.part, Annotation::new_link(link, Some(what.clone()))));
        }
    }
    Ok(links)
}

/// Notes that a piece of a page is of this stretch of the text.
fn belongs(found: &mut [Vec<Identifier>], part: usize, identifier: Identifier) {
    if let Some(pieces) = found.get_mut(part) {
        pieces.push(identifier);
    }
}

fn target(goal: &Goal, histories: &BTreeMap<u64, Place>) -> Option<Target> {
    match goal {
        Goal::File(path) => Some(Target::Action(LinkAction::new(format!("../{path}")).into())),
        Goal::History(number) => {
            let place = histories.get(number)?;
            Some(Target::Destination(destination(*place).into()))
        }
    }
}

fn destination(place: Place) -> XyzDestination {
    XyzDestination::new(place.page, Point::from_xy(0.0, place.y))
}

/// The headings, those of exhibits below that of their section.
fn outline(entries: Vec<Entry>) -> Outline {
    let mut outline = Outline::new();
    let mut open: Option<OutlineNode> = None;
    for entry in entries {
        let node = OutlineNode::new(entry.text, destination(entry.place));
        match &mut open {
            Some(parent) if entry.is_below => parent.push_child(node),
            _ => {
                if let Some(done) = open.replace(node) {
                    outline.push_child(done);
                }
            }
        }
    }
    if let Some(last) = open {
        outline.push_child(last);
    }
    outline
}

/// The tree of tags: names with their values are the rows of tables, and everything else is a child of the document.
fn tags(parts: Vec<Role>, found: Vec<Vec<Identifier>>) -> TagTree {
    let mut tree = TagTree::new();
    let mut table = OpenTable::default();
    for (part, identifiers) in parts.into_iter().zip(found) {
        let children: Vec<Node> = identifiers.into_iter().map(Node::Leaf).collect();
        match part {
            Role::Name => table.begin_row(children),
            Role::Value => table.add_to_value(children),
            Role::Link(..) => table.add_to_value([TagGroup::with_children(Tag::Link, children).into()]),
            Role::Picture(what) => {
                table.add_to_value([TagGroup::with_children(Tag::Figure(Some(what)), children).into()]);
            }
            Role::Heading(level, title) => {
                table.close(&mut tree);
                let level = NonZeroU16::new(level).unwrap_or(NonZeroU16::MIN);
                tree.push(TagGroup::with_children(Tag::Hn(level, Some(title)), children));
            }
            Role::Paragraph(language) => {
                table.close(&mut tree);
                tree.push(TagGroup::with_children(Tag::P.with_lang(Some(language.to_owned())), children));
            }
        }
    }
    table.close(&mut tree);
    tree
}

/// The table that is being put together, and its last row.
#[derive(Default)]
struct OpenTable {
    rows: Vec<TagGroup>,
    name: Vec<Node>,
    value: Vec<Node>,
}

impl OpenTable {
    fn begin_row(&mut self, name: Vec<Node>) {
        self.end_row();
        self.name = name;
    }

    fn add_to_value(&mut self, children: impl IntoIterator<Item = Node>) {
        self.value.extend(children);
    }

    fn end_row(&mut self) {
        let (name, value) = (std::mem::take(&mut self.name), std::mem::take(&mut self.value));
        if name.is_empty() && value.is_empty() {
            return;
        }
        let mut row = TagGroup::with_children(Tag::TR, Vec::new());
        row.push(TagGroup::with_children(Tag::TH(TableHeaderScope::Row), name));
        row.push(TagGroup::with_children(Tag::TD, value));
        self.rows.push(row);
    }

    fn close(&mut self, tree: &mut TagTree) {
        self.end_row();
        let rows = std::mem::take(&mut self.rows);
        if !rows.is_empty() {
            tree.push(TagGroup::with_children(Tag::Table, rows.into_iter().map(Node::from).collect()));
        }
    }
}

/// Writes a line. Returns how wide it is.
fn write(surface: &mut Surface<'_>, face: &Face, line: &Line, color: (u8, u8, u8)) -> f32 {
    surface.set_fill(Some(fill(color)));
    // The fonts have one weight: a thin outline makes a letter bold.
    surface.set_stroke(line.is_bold.then(|| Stroke { width: line.size / 35.0, ..Stroke::default() }));
    let mut x = line.x;
    for run in face.runs(&line.text) {
        let text = &line.text[run.range.clone()];
        surface.draw_glyphs(Point::from_xy(x, line.y), &run.glyphs, run.font, text, line.size, false);
        x += run.width * line.size;
    }
    surface.set_stroke(None);
    x - line.x
}

/// A picture as the PDF takes it.
#[derive(Clone, Hash)]
struct Pixels(Arc<Picture>);

impl CustomImage for Pixels {
    fn color_channel(&self) -> &[u8] {
        &self.0.pixels
    }

    fn alpha_channel(&self) -> Option<&[u8]> {
        None
    }

    fn bits_per_component(&self) -> BitsPerComponent {
        BitsPerComponent::Eight
    }

    fn size(&self) -> (u32, u32) {
        (self.0.width, self.0.height)
    }

    fn icc_profile(&self) -> Option<&[u8]> {
        None
    }

    fn color_space(&self) -> ImageColorspace {
        ImageColorspace::Rgb
    }
}

fn show(surface: &mut Surface<'_>, placed: &Placed) -> io::Result<()> {
    let image = Image::from_custom(Pixels(Arc::new(placed.picture.clone())), false).map_err(io::Error::other)?;
    let size = Size::from_wh(placed.width, placed.height).ok_or_else(unusable)?;
    surface.push_transform(&Transform::from_translate(placed.x, placed.y));
    surface.draw_image(image, size);
    surface.pop();
    // A white one has an edge all the same.
    surface.set_fill(None);
    surface.set_stroke(Some(Stroke { width: 0.4, ..stroke(HAIR) }));
    surface.draw_path(&rectangle(placed.x, placed.y, placed.width, placed.height)?);
    Ok(())
}

const BLACK: (u8, u8, u8) = (0, 0, 0);
/// Of what leads to somewhere, which is underlined too.
const LINK: (u8, u8, u8) = (0x1f, 0x3f, 0x7f);
/// Of the rules between rows, and around pictures.
const HAIR: (u8, u8, u8) = (0xa0, 0xa0, 0xa0);
/// Of what lies in other archives, beside a form of its own.
const OTHER: (u8, u8, u8) = (0xb3, 0x59, 0x00);
/// Half the size of a point of the line of custody.
const POINT: f32 = 3.4;

fn fill((red, green, blue): (u8, u8, u8)) -> Fill {
    Fill { paint: rgb::Color::new(red, green, blue).into(), rule: FillRule::NonZero, ..Fill::default() }
}

fn stroke((red, green, blue): (u8, u8, u8)) -> Stroke {
    Stroke { paint: rgb::Color::new(red, green, blue).into(), width: 1.4, ..Stroke::default() }
}

fn draw(surface: &mut Surface<'_>, shape: &Shape) -> io::Result<()> {
    match shape {
        Shape::Rule { x, y, width } => {
            surface.set_stroke(None);
            surface.set_fill(Some(fill(BLACK)));
            surface.draw_path(&rectangle(*x, *y, *width, 0.7)?);
        }
        Shape::Hair { x, y, width } => {
            surface.set_stroke(None);
            surface.set_fill(Some(fill(HAIR)));
            surface.draw_path(&rectangle(*x, *y, *width, 0.3)?);
        }
        Shape::Custody { mark, x, top, bottom, is_first, is_last } => {
            let middle = f32::midpoint(*top, *bottom);
            let from = if *is_first { middle } else { *top };
            let to = if *is_last { middle } else { *bottom };
            match mark {
                // The line ends, and goes on later: two strokes across show that it is meant.
                Mark::Gap => {
                    for y in [middle - 2.0, middle + 2.0] {
                        line(surface, BLACK, (*x - 4.0, y + 1.5), (*x + 4.0, y - 1.5))?;
                    }
                }
                Mark::Omitted(_) => {
                    for part in [0.2, 0.5, 0.8] {
                        let y = from + (to - from) * part;
                        line(surface, BLACK, (*x, y - 0.8), (*x, y + 0.8))?;
                    }
                }
                Mark::Elsewhere(_) => {
                    line(surface, OTHER, (*x, from), (*x, to))?;
                    surface.set_fill(Some(fill((255, 255, 255))));
                    surface.set_stroke(Some(stroke(OTHER)));
                    surface.draw_path(&rectangle(x - POINT, middle - POINT, 2.0 * POINT, 2.0 * POINT)?);
                }
                Mark::Here => {
                    line(surface, BLACK, (*x, from), (*x, to))?;
                    surface.set_fill(Some(fill(BLACK)));
                    surface.set_stroke(None);
                    surface.draw_path(&circle(*x, middle, POINT)?);
                }
            }
        }
    }
    Ok(())
}

fn line(surface: &mut Surface<'_>, color: (u8, u8, u8), from: (f32, f32), to: (f32, f32)) -> io::Result<()> {
    let mut path = PathBuilder::new();
    path.move_to(from.0, from.1);
    path.line_to(to.0, to.1);
    surface.set_fill(None);
    surface.set_stroke(Some(stroke(color)));
    surface.draw_path(&path.finish().ok_or_else(unusable)?);
    Ok(())
}

fn rectangle(x: f32, y: f32, width: f32, height: f32) -> io::Result<Path> {
    let mut path = PathBuilder::new();
    path.push_rect(Rect::from_xywh(x, y, width, height).ok_or_else(unusable)?);
    path.finish().ok_or_else(unusable)
}

fn circle(x: f32, y: f32, radius: f32) -> io::Result<Path> {
    // Four curves, with the usual distance of their handles.
    let handle = radius * 0.552_284_8;
    let mut path = PathBuilder::new();
    path.move_to(x + radius, y);
    path.cubic_to(x + radius, y + handle, x + handle, y + radius, x, y + radius);
    path.cubic_to(x - handle, y + radius, x - radius, y + handle, x - radius, y);
    path.cubic_to(x - radius, y - handle, x - handle, y - radius, x, y - radius);
    path.cubic_to(x + handle, y - radius, x + radius, y - handle, x + radius, y);
    path.close();
    path.finish().ok_or_else(unusable)
}

/// The time as PDFs have it.
fn date(at: Timestamp) -> Option<DateTime> {
    let text = at.to_string();
    let number = |range: std::ops::Range<usize>| text.get(range)?.parse::<u8>().ok();
    let date = DateTime::new(text.get(0..4)?.parse().ok()?).month(number(5..7)?).day(number(8..10)?);
    let date = date.hour(number(11..13)?).minute(number(14..16)?).second(number(17..19)?);
    Some(date.utc_offset_hour(0).utc_offset_minute(0))
}

fn unusable() -> io::Error {
    io::Error::other("the report cannot be laid out")
}
