//! `report/report.pdf`: what the page says, on paper.

use std::io::Write;

use super::contents::Contents;
use super::cover::Cover;
use super::elsewhere::{self, Line};
use super::language::ReportLanguage;
use super::notation::{Bilingual, Number, time};
use super::pictures::Shown;
use super::sheets::{Piece, Sheets};
use super::tagged::About;
use super::told::{Ended, ToldAgent, ToldExhibit, signer};
use super::{labels, line_of_custody, links, texts, words};
use vouchsafe_archive::ReportError as Failure;
use vouchsafe_core::model::Fingerprint;

/// A PDF is put together in memory, and nobody reads ten thousand pages: a bundle of more exhibits has none.
pub(super) const MAX_EXHIBITS: usize = 1_000;
/// The PDF has this much of a disclosed text. The page has the whole.
const MAX_TEXT_CHARS: usize = 2_000;

pub(super) fn write(contents: &Contents<'_>, out: &mut dyn Write) -> Result<(), Failure> {
    let mut paper = Paper { sheets: Sheets::new()?, language: contents.language };
    let agents = contents.agents()?;
    let title = ("Evidence report", "증거 보고서");
    paper.sheets.title(&contents.language.join(title, "  "));
    paper.put_cover(&Cover::of(contents, &agents)?);
    let summary = contents.language.join(texts::SUMMARY, "  ");
    paper.sheets.heading(&summary);
    paper.put_rows(texts::summary(contents)?);
    paper.paragraph(texts::SOUND);
    paper.put_blanks(&texts::submission(contents));
    paper.heading("bundle");
    paper.put_rows(texts::bundle(contents));
    paper.paragraph(texts::TIMES);
    paper.heading("verification");
    paper.paragraph(texts::CHECKED);
    paper.sheets.paragraph("en", &texts::command(contents));
    paper.paragraph(texts::FINGERPRINT);
    paper.put_files(texts::CHECK_WITH, &texts::FILES[..2]);
    paper.put_blanks(texts::BLANKS);
    paper.put_withheld(contents)?;
    paper.heading("not-proven");
    for sentence in texts::NOT_PROVEN {
        paper.paragraph(*sentence);
    }
    paper.heading("exhibits");
    for exhibit in contents.exhibits() {
        paper.put_exhibit(contents, &exhibit?)?;
    }
    paper.put_custody(contents, &agents)?;
    paper.heading("agents");
    for agent in &agents {
        paper.put_agent(agent);
    }
    let footer = format!("{}   {}", contents.archive.description().origin(), time(contents.created_at));
    let about = About {
        title: &contents.language.join(title, " · "),
        language: contents.language.main(),
        footer: &footer,
        made_at: contents.created_at,
    };
    out.write_all(&paper.sheets.into_pdf(&about)?)?;
    Ok(())
}

/// The sheets, and the languages that they are in.
struct Paper {
    sheets: Sheets,
    language: ReportLanguage,
}

impl Paper {
    fn say(&self, text: (&str, &str)) -> String {
        self.language.join(text, " ")
    }

    fn heading(&mut self, anchor: &str) {
        let (number, title) = texts::section(anchor);
        self.sheets.heading(&format!("{number}. {}", self.language.join(title, "  ")));
    }

    fn paragraph(&mut self, text: (&str, &str)) {
        self.sheets.paragraphs(&self.language.each(text));
    }

    fn pair(&mut self, name: Bilingual, value: &str) {
        self.sheets.pair(&self.language.join(name, "\n"), value);
    }

    fn put_rows(&mut self, rows: Vec<(Bilingual, String)>) {
        for (name, value) in rows {
            let value = match value.parse::<Fingerprint>() {
                // Seven groups on each of two lines are easier to compare.
                Ok(fingerprint) if value == fingerprint.paper() => {
                    let (first, second) = value.split_at(value.len() / 2);
                    format!("{first}\n{}", second.trim_start_matches('-'))
                }
                _ => shortened(&value, self.language),
            };
            self.pair(name, &value);
        }
    }

    fn put_blanks(&mut self, blanks: &[Bilingual]) {
        for blank in blanks {
            self.pair(*blank, &"_".repeat(40));
        }
    }

    /// Files of the bundle, with what each is.
    fn put_files(&mut self, name: Bilingual, files: &[(&str, Bilingual)]) {
        let named = files.iter().map(|(file, what)| (*file, format!("{file}: {}", self.say(*what))));
        let named: Vec<_> = named.collect();
        let pieces = named.iter().map(|(path, text)| Piece::File { text, path });
        self.sheets.row(&self.language.join(name, "\n"), &pieces.collect::<Vec<_>>(), None);
    }

    /// The first page.
    fn put_cover(&mut self, cover: &Cover) {
        let (english, korean) = &cover.sentence;
        self.paragraph((english, korean));
        self.put_rows(cover.rows.clone());
        let heading = self.language.join(texts::COVER_EXHIBITS, "\n");
        let (page, after) = texts::page_of(self.language);
        let named = cover.exhibits.iter().map(|(number, exhibit, called)| {
            (*number, exhibit.to_string(), format!("{number}. {exhibit}  {}  {page}", called.join("  ")))
        });
        let named: Vec<_> = named.collect();
        let mut pieces: Vec<_> = named
            .iter()
            .map(|(number, what, before)| Piece::History { number: *number, before, after, what })
            .collect();
        let more = (format!("and {} more", Number(cover.more)), format!("그 밖에 {}건", Number(cover.more)));
        let more = self.say((&more.0, &more.1));
        if cover.more > 0 {
            pieces.push(Piece::Text(&more));
        }
        self.sheets.row(&heading, &pieces, None);
        let files: Vec<_> = texts::FILES.iter().copied().filter(|(file, _)| *file != texts::PDF).collect();
        self.put_files(texts::COVER_FILES, &files);
        self.paragraph(texts::MADE);
        self.sheets.next_sheet();
    }

    fn put_withheld(&mut self, contents: &Contents<'_>) -> Result<(), Failure> {
        self.heading("withheld");
        self.paragraph(texts::WITHHELD);
        if contents.plan.completeness.is_some() {
            self.paragraph(texts::COMPLETENESS);
            self.put_rows(texts::completeness(contents));
        }
        for exhibit in contents.exhibits() {
            let exhibit = exhibit?;
            let (disclosed, withheld) = exhibit.counts();
            let disclosed = format!("{disclosed} {}", self.say(("disclosed", "공개")));
            let counts = format!("{disclosed}, {withheld} {}", self.say(("withheld", "비공개")));
            let called: String = exhibit.called().iter().map(|text| format!("{text}\n")).collect();
            self.sheets.pair(&numbered(&exhibit), &(called + &counts));
        }
        Ok(())
    }

    fn put_exhibit(&mut self, contents: &Contents<'_>, exhibit: &ToldExhibit<'_>) -> Result<(), Failure> {
        let planned = exhibit.planned;
        let bytes = (format!("{} bytes", Number(planned.size_bytes)), format!("{}바이트", Number(planned.size_bytes)));
        let said = format!(
            "{}, {}\nSHA-256\n{}\n{} {}{}",
            planned.media_type,
            if self.language == ReportLanguage::Korean { bytes.1 } else { bytes.0 },
            planned.object,
            self.say(("in this archive since", "이 보존소의 보관 시작")),
            time(exhibit.ingest().signed.entry.recorded_at),
            match exhibit.is_received() {
                true => format!("; {}", self.say(("before that elsewhere", "이전에는 다른 보존소"))),
                false => String::new(),
            },
        );
        let called = exhibit.called().join("\n");
        let file = exhibit.file.to_string();
        let (page, after) = texts::page_of(self.language);
        let before = format!("{} {page}", self.say(texts::HISTORY_OF));
        let (picture, not_shown) = match contents.pictures.get(&planned.exhibit) {
            None => (None, String::new()),
            Some(Shown::Not(why)) => (None, self.say(*why)),
            Some(Shown::Small(picture)) => (Some(picture.clone()), String::new()),
        };
        let not_linked = self.say(texts::NOT_LINKED);
        let mut pieces = vec![Piece::Text(&called)];
        match links::is_active(exhibit) {
            true => pieces.extend([Piece::Text(&file), Piece::Text(&not_linked)]),
            false => pieces.push(Piece::File { text: &file, path: &file }),
        }
        let what = planned.exhibit.to_string();
        pieces.extend([Piece::Text(&not_shown), Piece::Text(&said)]);
        pieces.push(Piece::History { number: exhibit.number, before: &before, after, what: &what });
        pieces.retain(|piece| !matches!(piece, Piece::Text("")));
        let alternative = texts::picture_of(self.language, &planned.exhibit);
        self.sheets.row(&numbered(exhibit), &pieces, picture.map(|picture| (picture, alternative)));
        Ok(())
    }

    fn put_custody(&mut self, contents: &Contents<'_>, agents: &[ToldAgent]) -> Result<(), Failure> {
        self.heading("custody");
        self.paragraph(texts::CUSTODY);
        self.paragraph(texts::LINE);
        for exhibit in contents.exhibits() {
            let exhibit = exhibit?;
            let before = contents.elsewhere.before(&exhibit);
            let lines = elsewhere::lines(&exhibit.entries, &before);
            let points = line_of_custody::points(&lines, self.language);
            let mut heading = vec![numbered(&exhibit)];
            heading.extend(exhibit.called());
            self.sheets.history(exhibit.number, &heading.join("   "), points.len());
            for (english, korean) in before.iter().map(texts::before) {
                self.paragraph((&english, &korean));
            }
            self.sheets.custody(&points, self.language);
            for line in &lines {
                self.put_entry(line, agents);
            }
        }
        Ok(())
    }

    fn put_entry(&mut self, told: &Line<'_>, agents: &[ToldAgent]) {
        let (entry, language) = (&told.signed.entry, self.language);
        let mut when = time(entry.recorded_at);
        if entry.occurred_at != entry.recorded_at {
            when.push_str(&format!("\n{} {}", self.say(("happened", "발생")), time(entry.occurred_at)));
        }
        let elsewhere = told.elsewhere.as_ref().map(|archive| {
            let there = entry.exhibit.map(|exhibit| exhibit.to_string()).unwrap_or_default();
            match language {
                ReportLanguage::Korean => format!("보존소 {archive}의 기록 항목, 그곳에서의 이름 {there}"),
                _ => {
                    self.say((&format!("In the archive {archive}, there called {there}"), "(다른 보존소의 기록 항목)"))
                }
            }
        });
        let mut said: Vec<_> = elsewhere.into_iter().collect();
        said.extend([language.join(words::event(&entry.event), "  "), words::particulars(&entry.event, language)]);
        said.extend(told.remarks.iter().map(|remark| self.say(*remark)));
        said.extend(told.fields.iter().map(|field| {
            let (before, value, meaning) = labels::value(field.name(), field.value(), language);
            shortened(&format!("{}: {before}{value}{meaning}", labels::field(field.name(), language)), language)
        }));
        if told.withheld_fields > 0 {
            let count = told.withheld_fields;
            said.push(self.say((&format!("{count} withheld"), &format!("비공개 {count}건"))));
        }
        for signature in &told.signed.signatures {
            let who = signer(agents, signature.key, entry.index, told.elsewhere.as_deref(), language);
            said.push(format!("{} {who}\n{}", self.say(("signed by", "서명")), signature.key));
        }
        for approval in &entry.attached.approvals {
            let who = signer(agents, approval.key, entry.index, told.elsewhere.as_deref(), language);
            said.push(format!("{} {who}\n{}", self.say(("approved by", "승인")), approval.key));
        }
        let log = told.elsewhere.as_ref().map(|archive| format!("{} {archive}, ", self.say(("log", "기록부"))));
        said.push(format!("{}{} {}", log.unwrap_or_default(), self.say(texts::LOG_INDEX), entry.index));
        said.push(told.files.join(", "));
        said.retain(|line| !line.is_empty());
        self.sheets.pair(&when, &said.join("\n"));
    }

    fn put_agent(&mut self, agent: &ToldAgent) {
        let language = self.language;
        let name = agent
            .name
            .as_ref()
            .map_or_else(|| self.say(words::NAME_WITHHELD), |name| shortened(&name.to_string(), language));
        let roles = agent.all_roles().map(|(roles, until)| {
            let roles: Vec<_> = roles.iter().map(|role| self.say(words::role(*role))).collect();
            let until = until.map(|index| match language {
                ReportLanguage::Korean => format!("기록부 번호 {index}까지: "),
                _ => format!("{} {index}: ", self.say(("until log index", "기록부 번호"))),
            });
            format!("{}{}", until.unwrap_or_default(), roles.join(", "))
        });
        let roles: Vec<_> = roles.collect();
        let introduced = &agent.introduced.signed.entry;
        let mut said = format!(
            "{}\n{}: {}\n{} {}, {} {}",
            agent.record.public_key.id(),
            self.say(words::agent_kind(agent.record.kind)),
            roles.join("; "),
            self.say(("introduced", "등록")),
            time(introduced.recorded_at),
            self.say(texts::LOG_INDEX),
            introduced.index,
        );
        if let Some((english, korean)) = agent.ended.map(Ended::told) {
            let english = match english.split_once(' ') {
                Some((how, rest)) => format!("{} {rest}", how.to_uppercase()),
                None => english,
            };
            said.push_str(&format!("\n{}", self.say((&english, &korean))));
        }
        self.sheets.pair(&name, &said);
    }
}

/// An exhibit with its number in the bundle.
fn numbered(exhibit: &ToldExhibit<'_>) -> String {
    format!("{}. {}", exhibit.number, exhibit.planned.exhibit)
}

/// The beginning of a text that is too long to be printed, and that it is no more than that.
fn shortened(text: &str, language: ReportLanguage) -> String {
    match text.char_indices().nth(MAX_TEXT_CHARS) {
        Some((end, _)) => {
            let rest = language.join(("the whole is in report.html", "전문은 report.html에 있음"), ", ");
            format!("{} […] ({rest})", &text[..end])
        }
        None => text.to_owned(),
    }
}
