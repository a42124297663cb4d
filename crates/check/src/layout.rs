//! Texts and tables in columns, fitted to the terminal.

use std::io::{self, IsTerminal as _, Write};

use unicode_width::UnicodeWidthStr;

/// The width of the terminal in columns; none if the output is not a terminal.
pub fn terminal_width() -> Option<usize> {
    let out = io::stdout();
    let size = out.is_terminal().then(|| rustix::termios::tcgetwinsize(&out).ok()).flatten()?;
    Some(usize::from(size.ws_col)).filter(|width| *width >= 20)
}

/// Pads a text to a width in columns; Korean letters are two columns wide.
pub fn pad(text: &str, width: usize) -> String {
    let missing = width.saturating_sub(text.width());
    format!("{text}{}", " ".repeat(missing))
}

/// Shortens a text to a width in columns.
pub fn shorten(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut short = String::new();
    for c in text.chars() {
        if short.width() + 2 > width {
            break;
        }
        short.push(c);
    }
    while short.width() + 1 > width {
        short.pop();
    }
    short.truncate(short.trim_end().len());
    short.push('…');
    short
}

/// Rows in columns, two spaces apart; the last column is not padded. A line break in a cell is shown, not obeyed: no
/// text by people can look like a row. On a narrow terminal, the last cell is broken between words, or moves to the
/// next line with a deeper indent. So do the cells before it if they do not fit either. Nothing is left out.
pub fn table(out: &mut dyn Write, rows: &[Vec<String>]) -> io::Result<()> {
    rows_in(rows, terminal_width()).iter().try_for_each(|line| writeln!(out, "{}", line.trim_end()))
}

/// The lines of a table within a width.
fn rows_in(rows: &[Vec<String>], width: Option<usize>) -> Vec<String> {
    let one_line = |row: &Vec<String>| row.iter().map(|cell| cell.replace('\n', "\\n")).collect();
    let rows: Vec<Vec<String>> = rows.iter().map(one_line).collect();
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widest = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.width()).max();
    let widths: Vec<usize> = (0..columns).map(|column| widest(column).unwrap_or(0)).collect();
    let mut lines = Vec::new();
    for row in &rows {
        let Some((last, cells)) = row.split_last() else { continue };
        let indent = row[0].len() - row[0].trim_start().len();
        let before: String = cells.iter().zip(&widths).map(|(cell, width)| pad(cell, width + 2)).collect();
        match width {
            Some(width) if before.trim_end().width() > width => lines.extend(flowing(row, indent, width)),
            _ => lines.extend(beside_or_below(&before, last, indent, width)),
        }
    }
    lines
}

/// The smallest width in which a text is broken into lines, in columns.
const LEAST_ROOM: usize = 20;
/// The extra indent of what did not fit on its line.
const FURTHER_IN: usize = 4;

/// Puts a text after `before` on the same line if there is room, and otherwise below it.
fn beside_or_below(before: &str, text: &str, indent: usize, width: Option<usize>) -> Vec<String> {
    let start = before.width();
    let Some(width) = width.filter(|width| start + text.width() > *width) else {
        return vec![format!("{before}{text}")];
    };
    let room = width.saturating_sub(start);
    let longest = text.split(' ').map(|word| word.width()).max().unwrap_or(0);
    if before.trim().is_empty() || (room >= LEAST_ROOM && longest <= room) {
        let mut lines = words_in(text, room.max(LEAST_ROOM)).into_iter();
        let first = format!("{before}{}", lines.next().unwrap_or_default());
        return std::iter::once(first).chain(lines.map(|line| format!("{}{line}", " ".repeat(start)))).collect();
    }
    let begin = " ".repeat(indent + FURTHER_IN);
    let below = words_in(text, width.saturating_sub(begin.len()).max(LEAST_ROOM));
    std::iter::once(before.to_owned()).chain(below.into_iter().map(|line| format!("{begin}{line}"))).collect()
}

/// Cells in a row, as many on a line as fit.
fn flowing(cells: &[String], indent: usize, width: usize) -> Vec<String> {
    let begin = " ".repeat(indent + FURTHER_IN);
    let mut lines: Vec<String> = Vec::new();
    for (index, cell) in cells.iter().enumerate() {
        let cell = if index == 0 { cell.as_str() } else { cell.trim() };
        match lines.last_mut() {
            Some(line) if line.width() + 2 + cell.width() <= width => {
                line.push_str("  ");
                line.push_str(cell);
            }
            _ => {
                let begin = if lines.is_empty() { "" } else { begin.as_str() };
                lines.extend(beside_or_below(begin, cell, indent, Some(width)));
            }
        }
    }
    lines
}

/// A text in lines of at most this many columns. Words are not broken, so that digests and paths can be copied.
pub(super) fn words_in(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let Some(line) = lines.last_mut() else { break };
        if line.is_empty() || line.width() + 1 + word.width() <= width {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

/// A labelled text; further lines, and what does not fit on the terminal, are aligned with the first.
pub fn labelled(out: &mut dyn Write, indent: usize, label: &str, width: usize, text: &str) -> io::Result<()> {
    let terminal = terminal_width();
    let mut before = format!("{}{}  ", " ".repeat(indent), pad(label, width));
    for line in text.split('\n') {
        let lines = beside_or_below(&before, line, indent, terminal);
        lines.iter().try_for_each(|line| writeln!(out, "{}", line.trim_end()))?;
        before = " ".repeat(indent + width + 2);
    }
    Ok(())
}

/// A line of the program's own; what does not fit on the terminal continues below with this indent.
pub fn hanging(out: &mut dyn Write, text: &str, indent: usize) -> io::Result<()> {
    let begins = text.len() - text.trim_start().len();
    let (before, rest) = text.split_at(begins);
    let width = terminal_width().filter(|width| text.width() > *width);
    let Some(width) = width else { return writeln!(out, "{text}") };
    let mut lines = words_in(rest, width.saturating_sub(indent.max(begins)).max(LEAST_ROOM)).into_iter();
    writeln!(out, "{before}{}", lines.next().unwrap_or_default())?;
    lines.try_for_each(|line| writeln!(out, "{}{line}", " ".repeat(indent)))
}

/// A text in lines of at most 100 columns, or the width of the terminal; the first begins with `first`, the others with
/// `other`. Words are not broken, so that commands and paths can be copied.
pub fn wrapped(text: &str, first: &str, other: &str) -> String {
    let mut lines = vec![first.to_owned()];
    let mut begin = first.len();
    let width = terminal_width().map_or(100, |width| width.min(100));
    for word in text.split(' ') {
        let line = lines.last().map_or(0, |line| line.width());
        if line + 1 + word.width() > width && line > begin {
            lines.push(other.to_owned());
            begin = other.len();
        }
        if let Some(line) = lines.last_mut() {
            if line.len() > begin {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_of_a_table_becomes_a_row() {
        let mut out = Vec::new();
        let cells = |name: &str| vec![name.to_owned(), "person".to_owned()];
        table(&mut out, &[cells("Bea\nAdministrator"), cells("K.")]).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text.lines().collect::<Vec<_>>(), ["Bea\\nAdministrator  person", "K.                  person"]);
    }

    #[test]
    fn korean_letters_are_two_columns_wide() {
        assert_eq!(pad("증언", 6), "증언  ");
        assert_eq!(shorten("증언 목록", 6), "증언…");
        assert_eq!(shorten("short", 6), "short");
    }

    #[test]
    fn a_narrow_terminal_takes_nothing_from_a_table() {
        let row = |cells: &[&str]| cells.iter().map(|cell| (*cell).to_owned()).collect::<Vec<_>>();
        let rows = [row(&["관리자 김", "person", "administrator", "active since entry 0", "SHA256:abcdefghijklmnop"])];
        assert_eq!(rows_in(&rows, None)[0].width(), 79);
        assert_eq!(rows_in(&rows, Some(79)).len(), 1);
        let below = ["관리자 김  person  administrator  active since entry 0  ", "    SHA256:abcdefghijklmnop"];
        assert_eq!(rows_in(&rows, Some(60)), below);
        let flowing = ["관리자 김  person  administrator", "    active since entry 0", "    SHA256:abcdefghijklmnop"];
        assert_eq!(rows_in(&rows, Some(40)), flowing);
        let texts = [row(&["note", "the second page is missing"]), row(&["a", "b"])];
        assert_eq!(rows_in(&texts, Some(27)), ["note  the second page is", "      missing", "a     b"]);
        for width in 20..100 {
            let words = |lines: Vec<String>| lines.join(" ").split_whitespace().collect::<Vec<_>>().join(" ");
            assert_eq!(words(rows_in(&rows, Some(width))), words(rows_in(&rows, None)));
            assert!(rows_in(&rows, Some(width)).iter().all(|line| line.trim_end().width() <= width.max(27)), "{width}");
        }
    }
}
