//! The page that a depositor takes home: her own files under the names that she gave them, and how to check them.
//!
//! It is made from the list of one deposit and from what the log says of these files. It names no other file, no other
//! exhibit, and nobody else; who took the files in only where that is asked for.

use std::io::Write;

use super::html::{Kind, Output, Page, Text, with_letters};
use super::language::ReportLanguage;
use super::notation::{Bilingual, Number, time};
use vouchsafe_archive::{ArchiveError, Reader, ReportError as Failure};
use vouchsafe_core::digest::Digest;
use vouchsafe_core::model::vocabulary::NAME;
use vouchsafe_core::model::{ExhibitId, Timestamp};
use vouchsafe_core::sign::KeyId;

/// A file of a deposit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DepositedFile {
    /// What whoever brought it calls it.
    pub name: String,
    /// What became of it.
    pub became: Became,
}

/// What became of a file of a deposit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Became {
    /// It is this exhibit, which this depositor brought.
    Taken(ExhibitId),
    /// The archive held this object already. From whom and since when is nobody's business: somebody else may have brought it.
    Held(Digest),
    /// It was refused.
    Refused,
}

/// What the page is made from.
#[derive(Debug)]
pub struct Deposit<'a> {
    /// The files, in the order in which they are listed.
    pub files: &'a [DepositedFile],
    /// In which languages the page is.
    pub language: ReportLanguage,
    /// Whether the page names the agents who took the files in. Their keys do not tell who they are.
    pub names_agents: bool,
    /// When the page is made.
    pub made_at: Timestamp,
}

/// How a file is checked without anything of this program.
const CHECK: &[Bilingual] = &[
    (
        "Compute the SHA-256 of your own copy of a file, and compare it with this page: <code>sha256sum FILE</code> (Linux), \
         <code>shasum -a 256 FILE</code> (macOS), <code>certutil -hashfile FILE SHA256</code> (Windows). If it is the same, the \
         archive recorded exactly this file.",
        "가지고 있는 파일의 SHA-256을 계산하여 이 문서의 값과 비교하십시오: <code>sha256sum 파일</code> (Linux), \
         <code>shasum -a 256 파일</code> (macOS), <code>certutil -hashfile 파일 SHA256</code> (Windows). 같으면 보존소가 바로 그 파일을 \
         기록한 것입니다.",
    ),
    (
        "If you were given the receipt of a file (its name in the archive, with the ending <code>.tlog-proof</code>), \
         <code>vouchsafe-check RECEIPT --trust FINGERPRINT</code> shows that the log of the archive holds it. The fingerprint is \
         above.",
        "파일의 수록 증명서(보존소에서의 이름에 <code>.tlog-proof</code>가 붙은 파일)를 받았다면, <code>vouchsafe-check 증명서 \
         --trust 지문</code>으로 보존소의 기록부에 들어 있음을 확인할 수 있습니다. 지문은 위에 있습니다.",
    ),
];

/// What the page is, and is not.
const SCOPE: Bilingual = (
    "This page is a list, and no proof by itself: whoever gave it to you signs it below. It says nothing of what the files show.",
    "이 문서는 목록이며 그 자체로 증명이 되지는 않습니다. 건네준 사람이 아래에 서명합니다. 파일이 무엇을 보여 주는지에 대해서는 \
     아무것도 말하지 않습니다.",
);

/// What whoever takes it home must know.
const WARNING: Bilingual = (
    "Whoever finds this page sees what you handed over. Keep it where it cannot endanger you or others, or leave it here.",
    "이 문서를 발견한 사람은 무엇을 제출했는지 알게 됩니다. 본인이나 다른 사람이 위험해지지 않을 곳에 보관하거나, 가져가지 마십시오.",
);

/// What the page says of a file that was taken in.
struct Taken {
    object: Digest,
    size_bytes: u64,
    recorded_at: Timestamp,
    by: KeyId,
}

/// Writes the page of a deposit.
///
/// # Errors
/// An exhibit cannot be read, or the page cannot be written.
pub fn write_receipt_page(archive: &Reader, deposit: &Deposit<'_>, out: &mut dyn Write) -> Result<(), Failure> {
    let mut taken = Vec::new();
    for file in deposit.files {
        if let Became::Taken(exhibit) = file.became {
            taken.push((file, exhibit, look_up(archive, exhibit)?));
        }
    }
    with_letters(out, |output| write_page(archive, deposit, &taken, output))
}

fn write_page(
    archive: &Reader,
    deposit: &Deposit<'_>,
    taken: &[(&DepositedFile, ExhibitId, Taken)],
    output: Output<'_>,
) -> Result<(), Failure> {
    let title = ("Receipt for a deposit", "자료 수령 확인서");
    let page = &mut Page::begin(output, deposit.language, title, Kind::Sheet)?;
    let origin = archive.description().origin();
    page.paragraph((
        &format!(
            "The evidence archive {} took these files into custody and recorded each by its SHA-256.",
            Text(&origin)
        ),
        &format!("증거 보존소 {}에서 다음 파일을 수록하고 각 파일의 SHA-256을 기록하였습니다.", Text(&origin)),
    ))?;
    write_summary(archive, deposit, &taken.iter().map(|(_, _, taken)| taken).collect::<Vec<_>>(), page)?;
    page.write_all(b"<table>\n")?;
    let caption = page.language.join(("The files", "파일"), " ");
    page.table_head(
        &caption,
        &[
            (("No.", "번호"), true),
            (("File, name in the archive", "파일, 보존소에서의 이름"), false),
            (("SHA-256", "해시값"), false),
            (("Bytes", "바이트"), true),
            (("Taken in at", "수록 시각"), false),
        ],
    )?;
    for (number, (file, exhibit, taken)) in (1..).zip(taken) {
        writeln!(
            page,
            "<tr><td>{}</td><td><bdi>{}</bdi><br><code class=\"name\">{exhibit}</code></td><td><code class=\"digest\">{}</code></td>\
             <td class=\"number\">{}</td><td class=\"time\">{}</td></tr>",
            Number(number),
            Text(&file.name),
            taken.object,
            Number(taken.size_bytes),
            time(taken.recorded_at).replacen(' ', "<br>", 1),
        )?;
    }
    page.write_all(b"</table>\n")?;
    let held = deposit.files.iter().filter_map(|file| match file.became {
        Became::Held(object) => {
            Some(format!("<bdi>{}</bdi><br><code class=\"digest\">{object}</code>", Text(&file.name)))
        }
        Became::Taken(_) | Became::Refused => None,
    });
    write_list(("Received, and already held by the archive", "제출되었으나 보존소에 이미 있는 파일"), held, page)?;
    let refused = deposit.files.iter().filter(|file| file.became == Became::Refused);
    let refused = refused.map(|file| format!("<bdi>{}</bdi>", Text(&file.name)));
    write_list(("Not taken in", "수록하지 않은 파일"), refused, page)?;
    let heading = page.inline(("How to check it", "확인하는 방법"));
    writeln!(page, "<h2>{heading}</h2>")?;
    page.list(CHECK)?;
    page.paragraph(SCOPE)?;
    page.paragraph(WARNING)?;
    page.write_all(b"<table>\n")?;
    for name in [("Handed out by, signature", "건네준 사람, 서명"), ("Place and date", "장소와 날짜")] {
        page.blank_row(name)?;
    }
    page.write_all(b"</table>\n")?;
    page.end()?;
    Ok(())
}

/// A list of pieces of HTML under a heading, if there are any.
fn write_list(heading: Bilingual, items: impl Iterator<Item = String>, page: &mut Page<'_>) -> Result<(), Failure> {
    let items: Vec<_> = items.collect();
    if !items.is_empty() {
        let heading = page.inline(heading);
        write!(page, "<h2>{heading}</h2>\n<ul>\n")?;
        for item in items {
            writeln!(page, "<li>{item}</li>")?;
        }
        page.write_all(b"</ul>\n")?;
    }
    Ok(())
}

fn look_up(archive: &Reader, exhibit: ExhibitId) -> Result<Taken, ArchiveError> {
    let row = archive.exhibit(exhibit)?;
    let (object, size_bytes, recorded_at, by) = (row.object, row.size_bytes, row.recorded_at, row.actor);
    Ok(Taken { object, size_bytes, recorded_at, by })
}

fn write_summary(
    archive: &Reader,
    deposit: &Deposit<'_>,
    taken: &[&Taken],
    page: &mut Page<'_>,
) -> Result<(), Failure> {
    page.write_all(b"<table>\n")?;
    let description = archive.description();
    page.row(("Archive (name of its log)", "보존소 (기록부 이름)"), description.origin())?;
    page.code_row(("Fingerprint of the archive", "보존소의 지문"), &description.fingerprint.paper())?;
    page.row(("Files", "파일 수"), Number(taken.len() as u64))?;
    page.row(("Bytes", "바이트 수"), Number(taken.iter().map(|taken| taken.size_bytes).sum()))?;
    let mut keys: Vec<_> = taken.iter().map(|taken| taken.by).collect();
    keys.sort_unstable();
    keys.dedup();
    for key in keys {
        if let Some(name) = agent_name(archive, key)?.filter(|_| deposit.names_agents) {
            page.row(("Taken in by", "수록한 사람"), name)?;
        }
        page.code_row(("Key that signed it", "서명한 키"), &key.to_string())?;
    }
    page.row(("This page was made at", "이 문서의 작성 시각"), time(deposit.made_at))?;
    page.write_all(b"</table>\n")?;
    Ok(())
}

fn agent_name(archive: &Reader, key: KeyId) -> Result<Option<String>, ArchiveError> {
    let agent = archive.agent(key)?;
    let name = agent.and_then(|agent| agent.fields.into_iter().find(|(name, _)| name.as_str() == NAME));
    Ok(name.map(|(_, value)| value.to_string()))
}
