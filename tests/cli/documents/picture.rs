//! The picture in the README: a session in a terminal, drawn from what the program prints.

use std::fmt::Write as _;

use unicode_width::UnicodeWidthChar;

use super::shell::Shell;

/// A command of the session, and the lines to be shown of what it prints: those with one of these texts in them, or all.
struct Scene {
    command: &'static str,
    shown: &'static [&'static str],
    status: i32,
}

const SCENES: &[Scene] = &[
    Scene { command: "export VOUCHSAFE_ARCHIVE=\"$PWD/archive\"", shown: &[], status: 0 },
    Scene {
        command: "vouchsafe init archive --origin ngo.example/case-7 --passphrase-file passphrase",
        shown: &["Created", "fingerprint   "],
        status: 0,
    },
    Scene {
        command: "vouchsafe ingest deposit --collection \"Deposit 12\" --passphrase-file passphrase",
        shown: &["testimony-017", "증언", "11 seen"],
        status: 0,
    },
    Scene { command: "vouchsafe find 면담", shown: &[], status: 0 },
    Scene { command: "vouchsafe verify", shown: &["SOUND", "objects ", "Not proved"], status: 0 },
    Scene {
        command: "vouchsafe export --query testimony --to for-court.zip --purpose \"disclosure\" \\\n    \
                  --recipient \"Court 3\" --passphrase-file passphrase",
        shown: &["3 exhibits", "disclosed: ", "Wrote"],
        status: 0,
    },
    Scene {
        command: "vouchsafe check for-court.zip --trust FINGERPRINT",
        shown: &["SOUND", "As of entry", "The fingerprint matches"],
        status: 0,
    },
    Scene { command: "cp -r archive copy", shown: &[], status: 0 },
    Scene {
        command: "perl -pi -e 's/four long buildings/nine long buildings/' copy/volumes/000000.tar",
        shown: &[],
        status: 0,
    },
    Scene {
        command: "vouchsafe verify --archive copy",
        shown: &["FAILED", "V102", "The bytes of an object"],
        status: 1,
    },
];

/// The commands, as they are typed.
pub fn commands() -> impl Iterator<Item = &'static str> {
    SCENES.iter().map(|scene| scene.command)
}

/// What the terminal shows.
pub struct Picture {
    lines: Vec<Line>,
}

struct Line {
    is_typed: bool,
    text: String,
}

impl Picture {
    /// Plays the session.
    pub fn of(shell: &mut Shell) -> Self {
        let mut picture = Self { lines: Vec::new() };
        let mut fingerprint = String::new();
        for scene in SCENES {
            let command = scene.command.replace("FINGERPRINT", &fingerprint);
            let seen = shell.run(&command);
            assert_eq!(seen.status, scene.status, "`{command}` printed {:#?}", seen.output);
            let printed = seen.output.iter().find_map(|line| line.strip_prefix("fingerprint "));
            fingerprint = printed.map_or(fingerprint, |printed| printed.trim().to_owned());
            if picture.lines.last().is_some_and(|line| !line.is_typed) {
                picture.show(false, "");
            }
            for (number, line) in command.lines().enumerate() {
                picture.show(true, &format!("{}{line}", if number == 0 { "$ " } else { "" }));
            }
            picture.show_of(scene, &seen.output);
        }
        picture
    }

    fn show_of(&mut self, scene: &Scene, output: &[String]) {
        for text in scene.shown {
            assert!(
                output.iter().any(|line| line.contains(text)),
                "`{}` prints no {text:?}: {output:#?}",
                scene.command
            );
        }
        let is_shown = |line: &str| scene.shown.is_empty() || scene.shown.iter().any(|text| line.contains(text));
        let mut is_gap = false;
        for line in output {
            if is_shown(line) {
                self.show(false, line);
                is_gap = false;
            } else if !is_gap && !line.is_empty() {
                self.show(false, "…");
                is_gap = true;
            }
        }
    }

    /// Adds a line, broken as a terminal breaks it.
    fn show(&mut self, is_typed: bool, line: &str) {
        let mut text = String::new();
        let mut columns = 0;
        for c in line.chars() {
            if columns + width(c) > COLUMNS {
                self.lines.push(Line { is_typed, text: std::mem::take(&mut text) });
                columns = 0;
            }
            text.push(c);
            columns += width(c);
        }
        self.lines.push(Line { is_typed, text });
    }

    /// Draws it. Nothing in the drawing is run, and nothing is loaded from anywhere.
    pub fn svg(&self) -> String {
        let (wide, high) = (COLUMNS * CELL + 2 * MARGIN, self.lines.len() * LINE + 2 * MARGIN);
        let (wide, high) = (f64::from(u32::try_from(wide).unwrap()) / 10.0, high / 10);
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {wide} {high}\" width=\"{wide}\" height=\"{high}\" \
             role=\"img\">\n<title>A session with vouchsafe</title>\n<style>\n{STYLE}</style>\n\
             <rect x=\"0.5\" y=\"0.5\" width=\"{}\" height=\"{}\" rx=\"8\"/>\n",
            wide - 1.0,
            high - 1
        );
        for (number, line) in self.lines.iter().enumerate() {
            let y = (MARGIN + number * LINE + 13 * 10) / 10;
            let class = if line.is_typed { " class=\"typed\"" } else { "" };
            for (column, part) in parts(&line.text) {
                let columns: usize = part.chars().map(width).sum();
                let _ = writeln!(
                    svg,
                    "<text{class} x=\"{}\" y=\"{y}\" textLength=\"{}\" lengthAdjust=\"spacingAndGlyphs\">{}</text>",
                    tenths(MARGIN + column * CELL),
                    tenths(columns * CELL),
                    part.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
                );
            }
        }
        svg.push_str("</svg>\n");
        svg
    }
}

/// The columns of the terminal.
const COLUMNS: usize = 114;
/// Lengths in tenths of a pixel: a column, a line, and what is left free at the edge.
const CELL: usize = 78;
const LINE: usize = 180;
const MARGIN: usize = 160;

const STYLE: &str = "\
rect { fill: #f6f8fa; stroke: #d0d7de }
text { fill: #1f2328; font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', 'Liberation Mono', \
'Noto Sans Mono CJK KR', 'NanumGothicCoding', 'Noto Sans CJK KR', 'NanumGothic', monospace; white-space: pre }
.typed { fill: #0550ae; font-weight: 600 }
@media (prefers-color-scheme: dark) {
rect { fill: #0d1117; stroke: #30363d }
text { fill: #e6edf3 }
.typed { fill: #79c0ff }
}
";

fn width(c: char) -> usize {
    c.width().unwrap_or(0)
}

fn tenths(length: usize) -> String {
    format!("{}.{}", length / 10, length % 10)
}

/// The parts of a line with the columns at which they begin: letters of two columns apart from others, since no font is
/// known that has both in one measure, and what is aligned apart from what is before it.
fn parts(line: &str) -> Vec<(usize, String)> {
    let mut parts: Vec<(usize, String)> = Vec::new();
    let (mut column, mut blanks, mut was_wide) = (0, 2, false);
    for c in line.chars() {
        let is_wide = width(c) == 2;
        if c == ' ' {
            blanks += 1;
        } else {
            match parts.last_mut() {
                Some((_, part)) if blanks < 2 && is_wide == was_wide => {
                    part.push_str(&" ".repeat(blanks));
                    part.push(c);
                }
                _ => parts.push((column, c.to_string())),
            }
            (blanks, was_wide) = (0, is_wide);
        }
        column += width(c);
    }
    parts
}
