//! A workbook (.xlsx, ECMA-376) with one sheet of texts: a spreadsheet changes nothing in them, not even dates and numbers.

use std::fmt::Write as _;
use std::io::{self, Seek, Write};

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::row::{TemplateColumn, column_letters};

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";
/// The last row that a sheet can have.
const LAST_ROW: u64 = 1_048_576;
/// The sheet with the values that are offered, which is hidden.
pub(super) const CHOICES: &str = "choices";

/// A workbook that is being written, row by row.
pub(super) struct WorkbookWriter<W: Write + Seek> {
    zip: ZipWriter<W>,
    columns: Vec<TemplateColumn>,
    row: u64,
}

impl<W: Write + Seek> WorkbookWriter<W> {
    /// Begins the workbook with its header.
    pub fn begin(out: W, columns: &[TemplateColumn]) -> io::Result<Self> {
        let mut made = Self { zip: ZipWriter::new(out), columns: columns.to_vec(), row: 0 };
        made.member("[Content_Types].xml", &made.content_types())?;
        let relation = |id: usize, kind: &str, target: &str| {
            format!("<Relationship Id=\"rId{id}\" Type=\"{RELATIONS}/{kind}\" Target=\"{target}\"/>")
        };
        let relations =
            |inner: &str| format!("<Relationships xmlns=\"{PACKAGE}/relationships\">{inner}</Relationships>");
        made.member("_rels/.rels", &relations(&relation(1, "officeDocument", "xl/workbook.xml")))?;
        let mut inner = relation(1, "worksheet", "worksheets/sheet1.xml") + &relation(2, "styles", "styles.xml");
        let mut sheets = "<sheet name=\"exhibits\" sheetId=\"1\" r:id=\"rId1\"/>".to_owned();
        if made.has_choices() {
            inner += &relation(3, "worksheet", "worksheets/sheet2.xml");
            let _ = write!(sheets, "<sheet name=\"{CHOICES}\" sheetId=\"2\" state=\"hidden\" r:id=\"rId3\"/>");
        }
        made.member("xl/_rels/workbook.xml.rels", &relations(&inner))?;
        let workbook =
            format!("<workbook xmlns=\"{MAIN}\" xmlns:r=\"{RELATIONS}\"><sheets>{sheets}</sheets></workbook>");
        made.member("xl/workbook.xml", &workbook)?;
        made.member("xl/styles.xml", &styles())?;
        if made.has_choices() {
            made.member("xl/worksheets/sheet2.xml", &made.choices())?;
        }
        made.start("xl/worksheets/sheet1.xml")?;
        let columns = made.columns.iter().enumerate();
        let widths: String = columns
            .map(|(at, column)| {
                let width = column.title.chars().count().clamp(12, 40) + 2;
                format!("<col min=\"{0}\" max=\"{0}\" width=\"{width}\" style=\"1\" customWidth=\"1\"/>", at + 1)
            })
            .collect();
        let head = format!(
            "{HEAD}<worksheet xmlns=\"{MAIN}\"><sheetViews><sheetView workbookViewId=\"0\"><pane ySplit=\"1\" \
             topLeftCell=\"A2\" activePane=\"bottomLeft\" state=\"frozen\"/></sheetView></sheetViews><cols>{widths}</cols>\
             <sheetData>"
        );
        made.zip.write_all(head.as_bytes())?;
        let titles: Vec<String> = made.columns.iter().map(|column| column.title.clone()).collect();
        made.styled_row(&titles, 2)?;
        Ok(made)
    }

    /// Adds a row.
    pub fn row(&mut self, cells: &[String]) -> io::Result<()> {
        self.styled_row(cells, 1)
    }

    /// Ends the workbook.
    pub fn finish(mut self) -> io::Result<()> {
        self.zip.write_all(b"</sheetData>")?;
        let offered = self.columns.iter().filter(|column| !column.choices.is_empty());
        let rules: Vec<String> = offered.enumerate().map(|(list, column)| {
            let at = self.columns.iter().position(|other| other == column).unwrap_or_default();
            let (cells, list) = (column_letters(at), column_letters(list));
            // They are suggestions: `unknown:REASON` and lists are right, too.
            format!(
                "<dataValidation type=\"list\" allowBlank=\"1\" showErrorMessage=\"0\" sqref=\"{cells}2:{cells}{LAST_ROW}\">\
                 <formula1>{CHOICES}!${list}$1:${list}${}</formula1></dataValidation>",
                column.choices.len()
            )
        }).collect();
        if !rules.is_empty() {
            let all = format!("<dataValidations count=\"{}\">{}</dataValidations>", rules.len(), rules.concat());
            self.zip.write_all(all.as_bytes())?;
        }
        self.zip.write_all(b"</worksheet>")?;
        self.zip.finish()?.flush()
    }

    fn styled_row(&mut self, cells: &[String], style: u8) -> io::Result<()> {
        self.row += 1;
        if self.row > LAST_ROW {
            return Err(io::Error::other("a sheet has at most 1,048,576 rows; write the table as CSV"));
        }
        let mut line = format!("<row r=\"{}\">", self.row);
        for (at, cell) in cells.iter().enumerate().filter(|(_, cell)| !cell.is_empty()) {
            line.push_str(&cell_of(at, self.row, cell, style));
        }
        line.push_str("</row>");
        self.zip.write_all(line.as_bytes())
    }

    fn has_choices(&self) -> bool {
        self.columns.iter().any(|column| !column.choices.is_empty())
    }

    /// The sheet with a column for each list of values.
    fn choices(&self) -> String {
        let lists: Vec<_> = self.columns.iter().map(|column| &column.choices).filter(|list| !list.is_empty()).collect();
        let longest = lists.iter().map(|list| list.len()).max().unwrap_or_default();
        let mut rows = String::new();
        for row in 0..longest {
            let _ = write!(rows, "<row r=\"{}\">", row + 1);
            for (at, value) in lists.iter().enumerate().filter_map(|(at, list)| Some((at, list.get(row)?))) {
                rows.push_str(&cell_of(at, row as u64 + 1, value, 1));
            }
            rows.push_str("</row>");
        }
        format!("<worksheet xmlns=\"{MAIN}\"><sheetData>{rows}</sheetData></worksheet>")
    }

    fn content_types(&self) -> String {
        let part = |name: &str, kind: &str| {
            format!(
                "<Override PartName=\"/xl/{name}\" ContentType=\"application/vnd.openxmlformats-officedocument.\
                 spreadsheetml.{kind}+xml\"/>"
            )
        };
        let mut parts = part("workbook.xml", "sheet.main")
            + &part("worksheets/sheet1.xml", "worksheet")
            + &part("styles.xml", "styles");
        if self.has_choices() {
            parts += &part("worksheets/sheet2.xml", "worksheet");
        }
        format!(
            "<Types xmlns=\"{PACKAGE}/content-types\"><Default Extension=\"rels\" \
             ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Default Extension=\"xml\" \
             ContentType=\"application/xml\"/>{parts}</Types>"
        )
    }

    fn start(&mut self, name: &str) -> io::Result<()> {
        let options = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
        Ok(self.zip.start_file(name, options)?)
    }

    fn member(&mut self, name: &str, content: &str) -> io::Result<()> {
        self.start(name)?;
        self.zip.write_all(HEAD.as_bytes())?;
        self.zip.write_all(content.as_bytes())
    }
}

/// Three styles: the usual one; text, so that nothing that is typed becomes a number or a date; and bold text.
fn styles() -> String {
    let border = "<borders count=\"1\"><border><left/><right/><top/><bottom/><diagonal/></border></borders>";
    let fills = "<fills count=\"2\"><fill><patternFill patternType=\"none\"/></fill><fill><patternFill \
                 patternType=\"gray125\"/></fill></fills>";
    let font = |bold: &str| format!("<font>{bold}<sz val=\"11\"/><name val=\"Calibri\"/></font>");
    let style = |format: u8, font: u8| {
        format!(
            "<xf numFmtId=\"{format}\" fontId=\"{font}\" fillId=\"0\" borderId=\"0\" xfId=\"0\" applyNumberFormat=\"1\" \
             applyFont=\"1\"/>"
        )
    };
    format!(
        "<styleSheet xmlns=\"{MAIN}\"><fonts count=\"2\">{}{}</fonts>{fills}{border}<cellStyleXfs count=\"1\"><xf \
         numFmtId=\"0\" fontId=\"0\" fillId=\"0\" borderId=\"0\"/></cellStyleXfs><cellXfs count=\"3\">{}{}{}</cellXfs>\
         </styleSheet>",
        font(""),
        font("<b/>"),
        style(0, 0),
        style(49, 0),
        style(49, 1)
    )
}

fn cell_of(at: usize, row: u64, text: &str, style: u8) -> String {
    format!(
        "<c r=\"{}{row}\" s=\"{style}\" t=\"inlineStr\"><is><t xml:space=\"preserve\">{}</t></is></c>",
        column_letters(at),
        escaped(text)
    )
}

/// A text within XML. A carriage return is written as workbooks write it, and a text that looks like that is protected.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for (at, letter) in text.char_indices() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\r' => out.push_str("_x000D_"),
            '_' if looks_escaped(&text[at..]) => out.push_str("_x005F_"),
            other => out.push(other),
        }
    }
    out
}

fn looks_escaped(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() >= 7 && bytes[1] == b'x' && bytes[6] == b'_' && bytes[2..6].iter().all(u8::is_ascii_hexdigit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_cannot_hold_is_escaped() {
        assert_eq!(escaped("a<b>&\"c\""), "a&lt;b&gt;&amp;\"c\"");
        assert_eq!(escaped("a\rb _x000D_ _x"), "a_x000D_b _x005F_x000D_ _x");
    }
}
