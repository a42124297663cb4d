//! The line of custody of an exhibit: who had it, from one point to the next, for who wants to see it at a glance.
//!
//! It is not to scale. It says little of each point; the rows of the history say the rest.

use super::elsewhere::Line;
use super::html;
use super::language::ReportLanguage;
use super::notation::minute;
use super::told::shortened;
use super::words;
use html::Text;
use vouchsafe_core::model::{Event, GapBound};

/// The most points that are drawn. Of more, the first and the last are.
const MAX_POINTS: usize = 24;
/// The drawing shows this much of the name of another archive.
const MAX_NAME_CHARS: usize = 40;

/// What a point stands for. Each is drawn in a form of its own, beside its colour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Mark {
    /// An entry of this archive.
    Here,
    /// An entry of the archive of this name.
    Elsewhere(String),
    /// A time in which it is not known who had it: the line is broken.
    Gap,
    /// This many points are not drawn.
    Omitted(usize),
}

/// A point of the line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Point {
    pub mark: Mark,
    /// When it was, or from when to when.
    pub when: String,
    /// What happened, in the languages of the report.
    pub what: String,
}

impl Point {
    /// What stands beside the point.
    pub fn label(&self, language: ReportLanguage) -> String {
        let Self { mark, when, what } = self;
        match mark {
            Mark::Here => format!("{when}  {what}"),
            Mark::Elsewhere(archive) => {
                format!("{when}  {what} ({} {archive})", language.join(("in the archive", "보존소"), " "))
            }
            Mark::Gap => format!("{what}: {when}"),
            Mark::Omitted(count) => {
                let (english, korean) = (format!("{count} entries not drawn"), format!("기록 항목 {count}건 생략"));
                language.join((&english, &korean), " ")
            }
        }
    }
}

/// The points of the line, first to last. A gap lies where it ended, or began, and not where it was declared.
pub(super) fn points(lines: &[Line<'_>], language: ReportLanguage) -> Vec<Point> {
    let mut keyed: Vec<_> = lines.iter().map(|line| point(line, language)).collect();
    // Entries keep their order: they are sorted by the time at which they were recorded, and so are these keys.
    keyed.sort_by(|(a, _), (b, _)| a.cmp(b));
    let mut points: Vec<_> = keyed.into_iter().map(|(_, point)| point).collect();
    if points.len() > MAX_POINTS {
        let tail = points.split_off(points.len() - MAX_POINTS / 2);
        let count = points.len() - (MAX_POINTS / 2 - 1);
        points.truncate(MAX_POINTS / 2 - 1);
        points.push(Point { mark: Mark::Omitted(count), when: String::new(), what: String::new() });
        points.extend(tail);
    }
    points
}

fn point(line: &Line<'_>, language: ReportLanguage) -> (String, Point) {
    let entry = &line.signed.entry;
    let what = language.join(words::short(&entry.event), " ");
    let recorded = entry.recorded_at.to_string();
    if let Event::GapDeclared(body) = &entry.event {
        let is_known = |bound: &&GapBound| bound.to_string() != "..";
        let bound = [&body.to, &body.from].into_iter().find(is_known).map(ToString::to_string);
        let when = words::particulars(&entry.event, language);
        return (bound.unwrap_or(recorded), Point { mark: Mark::Gap, when, what });
    }
    let mark = match &line.elsewhere {
        Some(archive) => Mark::Elsewhere(shortened(archive, MAX_NAME_CHARS)),
        None => Mark::Here,
    };
    (recorded, Point { mark, when: minute(entry.recorded_at), what })
}

// In the units of the drawing, which is as wide as the column of the page.
const ROW: usize = 22;
const LINE: usize = 17;
const LINE_X: usize = 12;
const TEXT_X: usize = 30;
const WIDTH: usize = 860;

/// The line as a drawing in a page. It holds text, and nothing that acts or is loaded.
pub(super) fn drawing(points: &[Point], name: &str, language: ReportLanguage) -> String {
    let title = (format!("The line of custody of {name}"), format!("{name} 보관 연속성 도표"));
    let title = language.join((&title.0, &title.1), " ");
    let (mut marks, mut top) = (String::new(), 0);
    for (number, point) in points.iter().enumerate() {
        let lines = broken(&point.label(language));
        let height = ROW + (lines.len() - 1) * LINE;
        let (is_first, is_last) = (number == 0, number + 1 == points.len());
        marks.push_str(&mark(&point.mark, top, height, (is_first, is_last)));
        let first = top + ROW / 2 + 4;
        let lines: Vec<_> = (0..)
            .zip(lines)
            .map(|(at, line)| match at {
                0 => Text(line).to_string(),
                at => format!("<tspan x=\"{TEXT_X}\" y=\"{}\">{}</tspan>", first + at * LINE, Text(line)),
            })
            .collect();
        marks.push_str(&format!("<text x=\"{TEXT_X}\" y=\"{first}\">{}</text>\n", lines.concat()));
        top += height;
    }
    format!(
        "<svg class=\"line\" viewBox=\"0 0 {WIDTH} {top}\" role=\"img\" aria-label=\"{}\">\n{marks}</svg>\n",
        Text(&title)
    )
}

/// The mark of a point, with the line through it: from its top to its end, but not beyond the first and the last.
fn mark(mark: &Mark, top: usize, height: usize, (is_first, is_last): (bool, bool)) -> String {
    let middle = top + ROW / 2;
    let from = if is_first { middle } else { top };
    let to = if is_last { middle } else { top + height };
    match mark {
        // The line ends, and goes on later: two strokes across show that it is meant.
        Mark::Gap => {
            let stroke = |y: usize| format!("<path class=\"break\" d=\"M{} {} l12 -5\"/>", LINE_X - 6, y + 2);
            stroke(middle - 5) + &stroke(middle + 5)
        }
        Mark::Omitted(_) => format!("<path class=\"omitted\" d=\"M{LINE_X} {from} V{to}\"/>"),
        Mark::Elsewhere(_) => format!(
            "<path class=\"other\" d=\"M{LINE_X} {from} V{to}\"/><rect class=\"other\" x=\"{}\" y=\"{}\" width=\"10\" height=\"10\"/>",
            LINE_X - 5,
            middle - 5
        ),
        Mark::Here => format!(
            "<path class=\"own\" d=\"M{LINE_X} {from} V{to}\"/><circle class=\"own\" cx=\"{LINE_X}\" cy=\"{middle}\" r=\"5\"/>"
        ),
    }
}

/// The lines of a label: a drawing breaks none by itself. Letters are taken to be as wide as the widest fonts have them.
fn broken(label: &str) -> Vec<String> {
    const MOST: usize = (WIDTH - TEXT_X) * 100 / 14;
    let width = |text: &str| text.chars().map(|c| if c.is_ascii() { 58 } else { 100 }).sum::<usize>();
    let mut lines = vec![String::new()];
    for word in label.split_inclusive(' ') {
        match lines.last_mut() {
            Some(line) if line.is_empty() || width(line) + width(word) <= MOST => line.push_str(word),
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn here(when: &str) -> Point {
        Point { mark: Mark::Here, when: when.to_owned(), what: "came into custody".to_owned() }
    }

    #[test]
    fn each_kind_of_point_has_a_form_and_words_of_its_own() {
        let language = ReportLanguage::English;
        let elsewhere = Point { mark: Mark::Elsewhere("ngo.example/<b>".to_owned()), ..here("2026") };
        let gap = Point { mark: Mark::Gap, when: "from 2003 to 2005".to_owned(), what: "unknown".to_owned() };
        let svg = drawing(&[elsewhere, gap, here("2027")], "X-1", language);
        for part in [
            "<rect class=\"other\"",
            "(in the archive ngo.example/&lt;b&gt;)",
            "class=\"break\"",
            "unknown: from 2003 to 2005",
            "<circle class=\"own\"",
        ] {
            assert!(svg.contains(part), "{part}: {svg}");
        }
        assert!(!svg.contains("style=") && !svg.contains("<b>"));
    }

    #[test]
    fn a_long_label_is_broken_and_every_row_keeps_its_place() {
        let long = Point {
            what: "custody passed to another archive 다른 보존소로 보관 책임을 넘김 ".repeat(4),
            ..here("2026")
        };
        let svg = drawing(&[here("2025"), long, here("2027")], "X-1", ReportLanguage::English);
        assert_eq!((svg.matches("<text").count(), svg.matches("<tspan").count()), (3, 2), "{svg}");
        // Three rows, of which one has three lines.
        assert!(svg.contains(&format!("viewBox=\"0 0 860 {}\"", 3 * ROW + 2 * LINE)), "{svg}");
        assert!(svg.contains(&format!("cy=\"{}\"", 2 * ROW + 2 * LINE + ROW / 2)), "{svg}");
        // A word that is wider than the drawing stays whole, and nothing is lost.
        assert_eq!(broken(&"가".repeat(200)), ["가".repeat(200)]);
        assert_eq!(broken("a  b c").concat(), "a  b c");
    }
}
