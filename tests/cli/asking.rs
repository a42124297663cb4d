//! Asking: the examples of `docs/query.md`, and a question to a table of 200 rows.

use std::collections::BTreeSet;
use std::fs;

use vouchsafe_archive::ingest::{IngestRequest, Unfollowed, ingest};
use vouchsafe_archive::query::Query;
use vouchsafe_archive::{Filter, Order, Session, SystemEnvironment, select};

use crate::desk::Desk;

/// Ingests files with these fields, in one go. Whatever is empty is not given.
fn table(desk: &Desk, rows: impl IntoIterator<Item = (String, Vec<(&'static str, String)>)>) {
    for (name, fields) in rows {
        desk.write(format!("deposit/{name}"), format!("an invented document, {name}"));
        let given = fields.iter().filter(|(_, value)| !value.is_empty());
        let line = |(field, value): &(&str, String)| {
            let known = ["title", "place", "events_period", "created_date"].contains(field);
            let value = serde_json::to_string(value).unwrap();
            if known { format!("{field}: {value}\n") } else { format!("fields:\n  {field}: {value}\n") }
        };
        desk.write(format!("deposit/{name}.meta.yaml"), given.map(line).collect::<String>());
    }
    let (mut session, _) = Session::open(&desk.archive(), None, &SystemEnvironment).unwrap();
    let summary = ingest(&mut session, IngestRequest::of([desk.path("deposit")]), &desk.keys(), &Unfollowed).unwrap();
    assert_eq!((summary.refused, summary.ingested), (0, summary.seen));
}

/// The first letters of the names of what a command found, up to the dot.
fn found(desk: &Desk, arguments: &[&str]) -> BTreeSet<String> {
    let rows = desk.run(["find", "--json"].iter().chain(arguments)).well().json_lines();
    let name = |row: &serde_json::Value| {
        row["fields"]["original_name"].as_str().unwrap().split('.').next().unwrap().to_owned()
    };
    rows.iter().map(name).collect()
}

/// The rows of the table of a page whose heading begins so.
fn rows_of(page: &str, heading: &str) -> Vec<Vec<String>> {
    let rows = page.lines().skip_while(|line| !line.starts_with(heading)).skip(2);
    let rows = rows.take_while(|line| line.starts_with('|'));
    let cells =
        |line: &str| line.trim_matches('|').split('|').map(|cell| cell.trim().trim_matches('`').to_owned()).collect();
    rows.map(cells).collect()
}

/// What people see of a value is its label; the archive keeps its code.
#[test]
fn a_value_is_found_by_its_label() {
    let desk = Desk::new();
    let restricted = desk.ingest("a.txt", "a");
    let open = desk.ingest("b.txt", "b");
    desk.run(["describe", &restricted, "sensitivity=제한", "languages=한국어"]).well();
    desk.run(["describe", &open, "sensitivity=public", "languages=en"]).well();
    for query in ["sensitivity:제한", "민감도:Restricted", "언어:한국어", "languages:Korean", "-sensitivity:공개"]
    {
        let said = desk.run(["find", "--json", "--", query]).well();
        assert!(said.out.contains(&restricted) && !said.out.contains(&open), "{query}: {}", said.out);
    }
    let said = desk.run(["find", "--json", "--", "-sensitivity:제한"]).well();
    assert!(said.out.contains(&open) && !said.out.contains(&restricted), "{}", said.out);
}

#[test]
fn every_example_of_the_page_about_queries_finds_what_it_says() {
    let page = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/query.md")).unwrap();
    let desk = Desk::new();
    let names = ["title", "place", "events_period", "witness"];
    let exhibits = rows_of(&page, "| exhibit | title |");
    let fields = |row: &Vec<String>| names.into_iter().zip(row[1..].iter().cloned()).collect();
    table(&desk, exhibits.iter().map(|row| (format!("{}.txt", row[0]), fields(row))));
    let examples = rows_of(&page, "| query | finds |");
    assert!(exhibits.len() > 5 && examples.len() > 20, "{examples:?}");
    let (session, _) = Session::open(&desk.archive(), None, &SystemEnvironment).unwrap();
    let reader = session.reader();
    for example in examples {
        let (query, finds) = (&example[0], &example[1]);
        let selected = Query::parse(query)
            .map_err(Into::into)
            .and_then(|query| select(reader, &Filter::asking(query), &Order::default()));
        let name =
            |exhibit| reader.exhibit(exhibit).unwrap().field("original_name").unwrap().to_string()[..1].to_owned();
        let found = match selected {
            Ok(selected) => selected.exhibits.into_iter().map(name).collect::<Vec<_>>().join(" "),
            Err(_) => "error".to_owned(),
        };
        assert_eq!(found, *finds, "{query}");
    }
}

/// A table as a documentation organisation keeps it: dates in many forms, four spellings of one place, witnesses by their codes.
#[test]
fn one_command_answers_a_question_to_a_table_of_200_rows() {
    const PLACES: [&str; 6] = ["tumen", "투먼", "图们", "도문", "회령", "Dandong"];
    // Each with whether it has a day in common with 2003 to 2005.
    const DATES: [(&str, bool); 14] = [
        ("2004", true),
        ("2003-2005", true),
        ("2003년 가을", true),
        ("2005. 3. 17.", true),
        ("c. 2003", true),
        ("17/03/2005", true),
        ("200X", true),
        ("1999/2010", true),
        ("2005-12-31", true),
        ("2002", false),
        ("2006-01", false),
        ("199X", false),
        ("2006/..", false),
        ("", false),
    ];
    const TITLES: [(&str, bool); 5] = [
        ("강제북송 관련 진술", true),
        ("강제 북송 목격자", true),
        ("Statement on forced REPATRIATION", true),
        ("Market prices", false),
        ("시장 사진", false),
    ];
    let desk = Desk::new();
    let mut expected = BTreeSet::new();
    let mut undated = 0;
    let rows = (0..200_usize).map(|number| {
        let (place, (date, is_then), (title, is_about)) =
            (PLACES[number % 6], DATES[number % 14], TITLES[number / 6 % 5]);
        // Some name the place only in their title.
        let (title, place) = match number % 7 {
            0 => (format!("{title}, {place}"), String::new()),
            _ => (title.to_owned(), place.to_owned()),
        };
        let is_there = number % 6 < 4;
        if is_there && is_about && is_then {
            expected.insert(format!("{number:03}"));
        }
        undated += u32::from(is_there && is_about && date.is_empty());
        let fields = vec![
            ("title", title),
            ("place", place),
            ("events_period", date.to_owned()),
            ("witness", format!("K-{}", number % 30)),
        ];
        (format!("{number:03}.txt"), fields)
    });
    table(&desk, rows.collect::<Vec<_>>());
    assert!(expected.len() > 40 && undated > 0, "{} {undated}", expected.len());
    let question = "tumen OR 투먼 OR 图们 OR 도문 강제북송 OR repatriation";
    assert_eq!(found(&desk, &[question, "--during", "2003/2005"]), expected);
    assert_eq!(found(&desk, &[&format!("{question} during:2003/2005")]), expected);
    desk.run(["find", question, "--during", "2003/2005"])
        .well()
        .notes(&format!("{undated} other exhibits would fit, but for the period"));
    // The same with options.
    let places = ["place=tumen", "place=투먼", "place=图们", "place=도문"].iter().flat_map(|place| ["--field", place]);
    let options: Vec<&str> =
        ["강제북송 OR repatriation", "--field", "events_period=2003/2005"].into_iter().chain(places).collect();
    let with_place: BTreeSet<String> =
        expected.iter().filter(|name| name.parse::<usize>().unwrap() % 7 != 0).cloned().collect();
    assert_eq!(found(&desk, &options), with_place);
}
