//! What the report says in both of its forms, as a page and as a PDF.

use std::collections::BTreeSet;

use super::contents::Contents;
use super::elsewhere::Before;
use super::language::ReportLanguage;
use super::notation::{Bilingual, Number, time};
use vouchsafe_archive::ArchiveError;
use vouchsafe_core::SOFTWARE;
use vouchsafe_core::format::LogKey;
use vouchsafe_core::model::{ExhibitId, Fingerprint, WithholdingReason};
use vouchsafe_core::sign::KeyId;

/// The sections of the report, by the anchors of their headings.
pub(super) const SECTIONS: &[(&str, Bilingual)] = &[
    ("bundle", ("The bundle", "제출 묶음")),
    ("verification", ("Verification", "검증")),
    ("withheld", ("What is withheld, and why", "비공개 사항과 그 이유")),
    ("not-proven", ("What is not proven", "증명되지 않는 것")),
    ("exhibits", ("The exhibits", "증거물 목록")),
    ("custody", ("Custody history", "보관 이력 (관리 연속성, chain of custody)")),
    ("agents", ("Agents and keys", "담당자와 키")),
];

/// The number of a section, and its heading.
pub(super) fn section(anchor: &str) -> (usize, Bilingual) {
    let found = SECTIONS.iter().zip(1..).find(|((found, _), _)| *found == anchor);
    found.map_or((0, ("", "")), |((_, title), number)| (number, *title))
}

/// What stands above the exhibits that the first page names.
pub(super) const COVER_EXHIBITS: Bilingual = ("The exhibits", "증거물");

/// What stands above the files to which the first page leads.
pub(super) const COVER_FILES: Bilingual = ("Where to go next", "다음으로 볼 것");

/// The name of the report on paper in the bundle.
pub(super) const PDF: &str = "report/report.pdf";

/// The files to which the first page leads.
pub(super) const FILES: &[(&str, Bilingual)] = &[
    (
        "verify.html",
        ("checks this bundle, in a browser without a network", "인터넷 없이 브라우저에서 이 제출 묶음을 검증"),
    ),
    (
        "README-VERIFY.txt",
        ("how to check it, also with ordinary tools alone", "일반 도구만으로 검증하는 방법을 포함한 안내"),
    ),
    (PDF, ("this report for printing", "인쇄용 보고서")),
    ("report/exhibits.csv", ("the exhibits as a table", "증거물 목록 표")),
];

/// With what the bundle is checked.
pub(super) const CHECK_WITH: Bilingual = ("Check it with", "검증 도구");

/// What leads to the history of an exhibit.
pub(super) const HISTORY_OF: Bilingual = ("custody history:", "보관 이력:");

/// What a small picture is of this exhibit.
pub(super) fn picture_of(language: ReportLanguage, exhibit: &ExhibitId) -> String {
    language.join((&format!("Small picture of {exhibit}"), &format!("축소 이미지: {exhibit}")), " / ")
}

/// What stands before the number of a page, and after it.
pub(super) const fn page_of(language: ReportLanguage) -> (&'static str, &'static str) {
    match language {
        ReportLanguage::Korean => ("", "쪽"),
        ReportLanguage::English | ReportLanguage::Both => ("p. ", ""),
    }
}

/// The number of something in a list.
pub(super) const NUMBER: Bilingual = ("No.", "번호");

/// The place of an entry in the log.
pub(super) const LOG_INDEX: Bilingual = ("log index", "기록부 번호");

/// How the line of custody is to be read.
pub(super) const LINE: Bilingual = (
    "The line before each table shows who had the exhibit, from the top down; it is not to scale. A circle is an entry of this \
     archive, a square is one of another archive. Where the line is broken, it is not known who had it.",
    "각 표 앞의 선은 누가 증거물을 보관하였는지를 위에서 아래로 보여 주며, 간격은 시간에 비례하지 않습니다. 원은 이 보존소의 기록 항목, \
     사각형은 다른 보존소의 기록 항목이고, 선이 끊긴 곳은 보관자를 알 수 없는 기간입니다.",
);

/// What a bundle does not prove.
pub(super) const NOT_PROVEN: &[Bilingual] = &[
    (
        "What an exhibit shows, who made it, and what happened to it before it was ingested.",
        "증거물이 무엇을 보여 주는지, 누가 만들었는지, 수록되기 전에 무슨 일이 있었는지는 증명되지 않습니다.",
    ),
    (
        "That an exhibit's history does not go on after the last entry shown: if entries at its end were left out, no \
         trace remains.",
        "표시된 마지막 기록 항목 뒤에 이력이 더 없다는 점은 증명되지 않습니다. 이력의 마지막 부분이 빠지면 빠졌다는 흔적이 \
         남지 않습니다.",
    ),
    (
        "That these are all exhibits there are: a bundle is a selection.",
        "이것이 존재하는 모든 증거물이라는 점은 증명되지 않습니다. 제출 묶음은 선별된 것입니다.",
    ),
    (
        "That nothing happened to an exhibit after the checkpoint, and that no key was revoked after it.",
        "기준점 이후에 증거물에 아무 일도 없었다는 점, 그 이후에 폐지된 키가 없다는 점은 증명되지 않습니다.",
    ),
    (
        "That whoever held the archive's keys did not rewrite its log before this checkpoint. Only an earlier \
         checkpoint or receipt held by somebody else can show that.",
        "보존소의 키를 가진 사람이 이 기준점 이전에 기록부를 다시 만들지 않았다는 점은 증명되지 않습니다. 이는 다른 사람이 \
         보관한 이전 기준점이나 수록 증명서로만 확인할 수 있습니다.",
    ),
    (
        "When something happened: all times are those of the archive's own clock.",
        "어떤 일이 언제 있었는지는 증명되지 않습니다. 모든 시각은 보존소 자체 시계의 시각입니다.",
    ),
    (
        "Whose archive it is, unless the archive's fingerprint reached the reader by a separate, independent channel and \
         not with this bundle.",
        "보존소의 지문이 이 제출 묶음이 아닌 다른 경로로 전달되지 않았다면, 누구의 보존소인지는 증명되지 않습니다.",
    ),
    (
        "That a media type is right: it was recognised from the content by a program.",
        "매체 유형이 정확하다는 점은 증명되지 않습니다. 프로그램이 내용을 보고 식별한 것입니다.",
    ),
];

/// What the report is.
pub(super) const MADE: Bilingual = (
    "A program made this report from the files of the bundle that it is in. It is for reading: nothing depends on it, and what \
     it says can be checked against the files that it names.",
    "이 문서는 프로그램이 제출 묶음 안의 파일로 만든 것입니다. 이 문서는 열람용이고 검증의 \
     근거로는 쓰이지 않으며, 내용은 여기에 적힌 파일과 대조하여 확인할 수 있습니다.",
);

/// The heading of the summary.
pub(super) const SUMMARY: Bilingual = ("Summary", "요약");

/// What it means that a check finds nothing.
pub(super) const SOUND: Bilingual = (
    "If the check says SOUND: each file is, byte for byte, the one recorded on the date shown.",
    "검증 판정이 “이상 없음”이면 각 파일은 표시된 시각에 기록된 파일과 한 바이트도 다르지 않습니다.",
);

/// What whoever hands the bundle in writes down, where the bundle does not say it.
pub(super) fn submission(contents: &Contents<'_>) -> Vec<Bilingual> {
    let mut blanks = vec![("Court and case no.", "법원·사건번호"), ("Submitted by", "제출자")];
    if contents.handover.purpose.is_none() {
        blanks.push(("Purpose", "제출 목적"));
    }
    blanks
}

/// What is said of an exhibit whose file is named and not linked.
pub(super) const NOT_LINKED: Bilingual =
    ("not linked: a browser would run what it holds", "연결하지 않음: 브라우저가 그 내용을 실행할 수 있음");

/// What a reader should know before anything else.
pub(super) fn summary(contents: &Contents<'_>) -> Result<Vec<(Bilingual, String)>, ArchiveError> {
    let (plan, counted) = (contents.plan, contents.summary()?);
    let gaps = match counted.gaps_elsewhere {
        0 => Number(counted.gaps).to_string(),
        elsewhere => {
            let of_them =
                (format!("{} in other archives", Number(elsewhere)), format!("다른 보존소 {}건", Number(elsewhere)));
            format!("{} ({})", Number(counted.gaps), contents.language.join((&of_them.0, &of_them.1), ", "))
        }
    };
    Ok(vec![
        (("Exhibits", "증거물 수"), Number(plan.exhibits.len() as u64).to_string()),
        (("Gaps in custody that are declared", "기록된 보관 공백"), gaps),
        (("Copies of exhibits that were issued", "발급된 작업용 사본"), Number(counted.copies).to_string()),
        (
            ("Earlier bundles in which any of them was exported", "이 증거물이 반출된 이전 제출 묶음"),
            Number(counted.exports).to_string(),
        ),
        (
            ("Revoked keys among those that sign here", "여기에 서명한 키 가운데 폐지된 키"),
            Number(counted.revoked_keys).to_string(),
        ),
        (("Fields withheld", "비공개 항목 수"), Number(plan.withheld_fields).to_string()),
    ])
}

/// Which zone times are in.
pub(super) const TIMES: Bilingual = (
    "All times in this report are in UTC (Coordinated Universal Time). Korea Standard Time is UTC+09:00.",
    "이 보고서의 모든 시각은 협정 세계시(UTC)입니다. 한국 표준시는 UTC+09:00입니다.",
);

/// What was checked, and by whom the rest is to be checked.
pub(super) const CHECKED: Bilingual = (
    "When the bundle was made, the program computed the SHA-256 of every exhibit again while copying it. Each matched the \
     value that was recorded at ingest; otherwise the program makes no bundle. The finished bundle is read once more and \
     checked before it gets its name. This report is part of the bundle, so it cannot state the outcome of that check. \
     Whoever receives the bundle can repeat it, without trusting whoever made it:",
    "이 제출 묶음을 만들 때 모든 증거물의 SHA-256을 복사하면서 다시 계산하였고, 그 값은 수록할 때 기록된 값과 같았습니다. \
             같지 않으면 프로그램은 제출 묶음을 만들지 않습니다. 완성된 제출 묶음은 이름이 붙기 전에 다시 읽어 검증합니다. 이 문서는 \
             제출 묶음의 일부이므로 그 검증의 결과를 담을 수 없습니다. 제출 묶음을 받은 사람은 만든 사람을 믿지 않고도 다음과 같이 \
             다시 검증할 수 있습니다.",
);

/// Where the keys must come from.
pub(super) const FINGERPRINT: Bilingual = (
    "The fingerprint must come from somewhere other than this bundle: a sworn statement, paper, the organisation's own \
     site. The same check is done by verify.html in this bundle, opened in a browser without \
             a network; README-VERIFY.txt says in English and Korean how to do it, also with ordinary tools alone.",
    "보존소의 지문은 이 제출 묶음이 아닌 다른 곳(선서 진술서, 종이 문서, 기관의 누리집)에서 받아야 합니다. 이 제출 묶음의 verify.html을 \
             인터넷 연결 없이 브라우저에서 열어도 같은 검증을 할 수 있으며, 일반 도구만으로 검증하는 방법을 포함한 안내가 \
             README-VERIFY.txt에 영어와 한국어로 있습니다.",
);

/// What is withheld, and why.
pub(super) const WITHHELD: Bilingual = (
    "The exhibits themselves are in the bundle whole. What was said about them is in fields. A field that may identify a \
     person is withheld, unless it was disclosed for this bundle: names, titles, places, dates, remarks, and to whom copies \
     were issued. The report states how many fields are withheld, not what they are called. If a field is disclosed later, \
     anybody can check that it was the same all along. If a field was corrected, only the newest value is disclosed, unless \
     earlier ones were asked for; those are withheld and counted.",
    "증거물 자체는 제출 묶음에 온전히 들어 있습니다. 증거물에 관한 서술 정보 가운데 사람을 식별할 수 있는 항목(이름, 제목, \
             장소, 날짜, 비고, 사본을 받은 사람 등)은 이 제출 묶음을 위하여 공개된 것을 제외하고 모두 비공개입니다. 비공개 항목의 \
             수는 밝히지만 항목의 이름은 밝히지 않습니다. 나중에 공개되는 항목은 처음부터 같은 내용이었는지 확인할 수 있습니다. \
             나중에 정정된 항목은 따로 요청하지 않는 한 최신 값만 공개되며, 이전 값은 비공개 항목 수에 포함됩니다.",
);

/// What the statement of completeness is.
pub(super) const COMPLETENESS: Bilingual = (
    "The exhibits of this bundle are from one collection. completeness.json, which is signed with the bundle, states how many \
             exhibits the collection held at the checkpoint. Those that are withheld are counted by commitments, which reveal nothing about them. If one is disclosed later, anybody \
     can check whether it was counted \
             (vouchsafe-check LATER-BUNDLE --earlier THIS-BUNDLE). The number is the word of the archive, which such a \
             disclosure can contradict; what was never put into the collection is not counted.",
    "이 제출 묶음의 증거물은 하나의 모음에서 나온 것입니다. 제출 묶음과 함께 서명된 completeness.json은 기준점에서 그 모음에 \
             증거물이 몇 건 있었는지를 밝힙니다. 비공개 증거물은 내용을 드러내지 않는 확약값(commitment)으로 개수에 포함합니다. 그중 하나가 \
             나중에 공개되면 그것이 이때의 개수에 포함되어 있었는지 확인할 수 있습니다(vouchsafe-check LATER-BUNDLE --earlier \
             THIS-BUNDLE). 이 수는 보존소의 진술이며, 나중의 공개가 이와 모순될 수 있습니다. 처음부터 모음에 넣지 않은 것은 \
             세지 않습니다.",
);

/// How many exhibits the collection holds, and what became of them.
pub(super) fn completeness(contents: &Contents<'_>) -> Vec<(Bilingual, String)> {
    let Some(stated) = &contents.plan.completeness else { return Vec::new() };
    let here = contents.plan.exhibits.len() as u64;
    let mut rows = vec![
        (("Exhibits in the collection", "모음의 증거물 수"), Number(here + stated.withheld_exhibits()).to_string()),
        (("In this bundle", "이 제출 묶음에 있는 것"), Number(here).to_string()),
        (("Withheld", "비공개"), Number(stated.withheld_exhibits()).to_string()),
    ];
    let reason = |(reason, count): (&WithholdingReason, &u64)| {
        format!("{}: {}", contents.language.join(reason.told(), " "), Number(*count))
    };
    let reasons: Vec<_> = stated.withheld.iter().map(reason).collect();
    if !reasons.is_empty() {
        rows.push((("Why these are withheld", "비공개 사유"), reasons.join("; ")));
    }
    rows
}

/// What the rows of the history are.
pub(super) const CUSTODY: Bilingual = (
    "The archive's custody of an exhibit begins with its ingest. Each row is an entry of the custody log, signed by the \
             agent whose key is named, with a receipt that proves that it is in the log. Checks of the \
             whole archive are in its log, not in this bundle.",
    "증거물에 대한 이 보존소의 보관은 수록으로 시작합니다. 각 행은 보관 기록부의 기록 항목이며, 표시된 키를 가진 담당자가 \
             서명하였고, 기록부에 들어 있음을 증명하는 수록 증명서가 있습니다. \
             보존소 전체 검증 기록은 이 제출 묶음에 들어 있지 않습니다.",
);

/// What is said where an exhibit's history in another archive is not in the bundle.
const NOT_HERE: Bilingual = (
    "Before that, this exhibit was in another archive. Its history there is not in this bundle.",
    "그 이전에 이 증거물은 다른 보존소에 있었습니다. 그곳에서의 이력은 이 제출 묶음에 들어 있지 않습니다.",
);

/// What is said of the time that an exhibit was in another archive, before the rows of its history.
pub(super) fn before(before: &Before<'_>) -> (String, String) {
    let (history, called, through) = match before {
        Before::NotHere => return (NOT_HERE.0.to_owned(), NOT_HERE.1.to_owned()),
        Before::Unread(path) => {
            return (
                format!(
                    "Before that, this exhibit was in another archive. Its history there is in {path} and not shown."
                ),
                format!(
                    "그 이전에 이 증거물은 다른 보존소에 있었습니다. 그곳에서의 이력은 {path}에 있으며 여기에는 표시하지 않습니다."
                ),
            );
        }
        Before::Told { history, called, through } => (history, called, through),
    };
    let fingerprint = history.archive.fingerprint().paper();
    let (english, korean) = match (through, history.anchored) {
        (Some(through), true) => (
            format!(
                "The history was handed on by {through}; the fingerprint of {called} is one that this archive compared."
            ),
            format!("이 이력을 전달한 보존소: {through}. {called}의 지문은 이 보존소가 대조한 지문과 같습니다."),
        ),
        (Some(through), false) => (
            format!(
                "The history was handed on by {through}; the fingerprint of {called} was not compared by this archive."
            ),
            format!("이 이력을 전달한 보존소: {through}. 이 보존소는 {called}의 지문을 대조하지 않았습니다."),
        ),
        (None, true) => (
            "Its fingerprint was compared with one from outside by this archive.".to_owned(),
            "이 보존소는 그 지문을 외부에서 받은 지문과 대조하였습니다.".to_owned(),
        ),
        (None, false) => (
            "Its fingerprint was NOT compared with one from outside by this archive.".to_owned(),
            "이 보존소는 그 지문을 외부에서 받은 지문과 대조하지 않았습니다.".to_owned(),
        ),
    };
    let codes: BTreeSet<_> = history.findings.iter().map(|finding| finding.code.to_string()).collect();
    let codes: Vec<_> = codes.into_iter().collect();
    let (found, korean_found) = match codes.is_empty() {
        true => (String::new(), String::new()),
        false => (
            format!(" This history does NOT hold as it stands: {}.", codes.join(", ")),
            format!(" 이 이력은 검증에서 문제가 발견되었습니다: {}.", codes.join(", ")),
        ),
    };
    (
        format!(
            "Before that, this exhibit was in the archive {called}. Rows that are marked with this name are entries of \
             its log, not of this archive's. The fingerprint of that archive is {fingerprint}. {english}{found}"
        ),
        format!(
            "그 이전에 이 증거물은 보존소 {called}에 있었습니다. 이 이름이 표시된 행은 이 보존소가 아니라 그 보존소의 기록 \
             항목입니다. 그 보존소의 지문은 {fingerprint}입니다. {korean}{korean_found}"
        ),
    )
}

/// What the bundle is.
pub(super) fn bundle(contents: &Contents<'_>) -> Vec<(Bilingual, String)> {
    let (plan, description, checkpoint) = (contents.plan, contents.archive.description(), &contents.head.checkpoint);
    vec![
        (("Archive (name of its log)", "보존소 (기록부 이름)"), description.origin().to_string()),
        (("Made at", "작성 시각"), time(contents.created_at)),
        (("Made by the program", "작성 프로그램"), SOFTWARE.to_owned()),
        (("Exhibits", "증거물 수"), Number(plan.exhibits.len() as u64).to_string()),
        (("Entries about them", "관련 기록 항목 수"), Number(plan.entries).to_string()),
        (("Bytes of the exhibits", "증거물의 바이트 수"), Number(plan.size_bytes).to_string()),
        (("Fields withheld", "비공개 항목 수"), Number(plan.withheld_fields).to_string()),
        (("Fingerprint of the archive", "보존소의 지문"), description.fingerprint.paper()),
        (("Key of the first administrator", "최초 관리자의 키"), description.administrator.id().to_string()),
        (("Key of the log", "기록부 키"), description.log_key.to_string()),
        (
            ("Fingerprint of the key that signed the bundle", "제출 묶음에 서명한 키의 지문"),
            contents.signer.to_string(),
        ),
        (("Checkpoint: entries in the log", "기준점: 기록부의 기록 항목 수"), Number(checkpoint.size).to_string()),
        (("Checkpoint: root of the log", "기준점: 기록부의 루트"), checkpoint.root.to_string()),
    ]
}

/// Whether a value is a key, a fingerprint or a digest, which people compare letter by letter.
pub(super) fn is_code(value: &str) -> bool {
    value.parse::<KeyId>().is_ok() || value.parse::<LogKey>().is_ok() || value.parse::<Fingerprint>().is_ok()
}

/// What whoever checks the bundle writes down.
pub(super) const BLANKS: &[Bilingual] = &[
    ("Checked by, and when (with time zone)", "검증한 사람과 검증 시각 (시간대 포함)"),
    ("Fingerprint of the archive was received from", "보존소의 지문을 받은 곳"),
    ("Verdict of the check", "검증 판정"),
];

/// The command with which the bundle is checked.
pub(super) fn command(contents: &Contents<'_>) -> String {
    format!("vouchsafe-check BUNDLE --trust {}", contents.archive.description().fingerprint.paper())
}
