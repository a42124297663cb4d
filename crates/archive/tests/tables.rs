//! Tables through out, edit and in: what goes out comes back unchanged, and an edit is exactly one change.

use std::fs;
use std::path::Path;

use proptest::prelude::*;
use tempfile::TempDir;
use vouchsafe_archive::ingest::{IngestRequest, Unfollowed, ingest};
use vouchsafe_archive::tables::{
    ColumnOptions, Columns, Table, TableOptions, TableReport, TableWriter, TemplateColumn, cells_of, check,
    fields_in_use, in_order, record,
};
use vouchsafe_archive::{Draft, Filter, Keys, NewArchive, Session, SystemEnvironment, create, keys};
use vouchsafe_core::model::{AgentKind, ExhibitDescribed, ExhibitId, FieldName, FieldValue};

const ENVIRONMENT: SystemEnvironment = SystemEnvironment;

struct Archive {
    folder: TempDir,
    keys: Keys,
}

impl Archive {
    /// With so many exhibits.
    fn of(exhibits: usize) -> Self {
        let folder = TempDir::new().unwrap();
        let generate = || keys::generate(&ENVIRONMENT).unwrap();
        let keys = Keys { agent: generate(), log: generate() };
        let new = NewArchive {
            origin: "test.example/tables".parse().unwrap(),
            administrator_name: "Administrator".to_owned(),
            administrator_kind: AgentKind::Person,
        };
        drop(create(&folder.path().join("archive"), &new, &keys, None, &ENVIRONMENT).unwrap());
        let deposit = folder.path().join("deposit");
        fs::create_dir(&deposit).unwrap();
        for number in 0..exhibits {
            fs::write(deposit.join(format!("{number}.txt")), format!("invented {number}")).unwrap();
        }
        let made = Self { folder, keys };
        ingest(&mut made.session(), IngestRequest::of([deposit]), &made.keys, &Unfollowed).unwrap();
        made
    }

    fn session(&self) -> Session<'static> {
        Session::open(&self.folder.path().join("archive"), None, &ENVIRONMENT).unwrap().0
    }

    fn exhibits(session: &Session<'_>) -> Vec<ExhibitId> {
        let mut exhibits = Vec::new();
        session
            .reader()
            .find(&Filter::default(), |exhibit, _| {
                exhibits.push(exhibit);
                true
            })
            .unwrap();
        exhibits
    }
}

/// Writes all exhibits; the cell of one of them may be changed on the way. Returns how many values no cell can hold.
fn write(session: &Session<'_>, path: &Path, change: Option<(ExhibitId, &str, &str)>) -> usize {
    let archive = session.reader();
    let columns = in_order(&fields_in_use(archive, &Filter::default()).unwrap());
    let titles: Vec<_> =
        columns.iter().map(|name| TemplateColumn { title: name.clone(), choices: Vec::new() }).collect();
    let mut writer = TableWriter::create(path, &titles).unwrap();
    let mut left_out = 0;
    archive
        .find(&Filter::default(), |exhibit, row| {
            let (mut cells, not_held) = cells_of(exhibit, &row, &columns);
            left_out += not_held.len();
            if let Some((changed, name, text)) = change
                && changed == exhibit
            {
                cells[columns.iter().position(|column| column == name).unwrap()] = text.to_owned();
            }
            writer.row(&cells).unwrap();
            true
        })
        .unwrap();
    writer.finish().unwrap();
    left_out
}

fn read(session: &mut Session<'_>, keys: &Keys, path: &Path) -> (TableReport, u64) {
    let table = Table::open(path, &TableOptions::default()).unwrap();
    let columns = Columns::of(&table, session.reader(), &ColumnOptions::default()).unwrap();
    let mut checked = check(session.reader(), &table, &columns).unwrap();
    let report = checked.report.clone();
    let recorded = record(session, keys, &table, &columns, &mut checked, &mut |_| {}).unwrap();
    assert!(report.adds_up());
    (report, recorded.entries)
}

/// Values as people, other programs and attackers write them.
fn value() -> impl Strategy<Value = FieldValue> {
    let text = prop_oneof![
        "\\PC{1,40}",
        "[=+@'; \t\n\r\"a,|\\\\-]{1,12}",
        "[가-힣 .|;,]{1,20}",
        "_x00[0-9A-F]{2}_.{0,3}",
        "(unknown|withdrawn):[a-z]{0,4}",
        ".{0,30}",
        Just("가".repeat(40_000)),
        Just("# a title".to_owned()),
        Just("#1".to_owned()),
    ];
    prop_oneof![
        8 => text.prop_map(FieldValue::Text),
        1 => prop::collection::vec("[a-z|\\\\ ,;]{0,6}", 1..4).prop_map(FieldValue::List),
        1 => any::<i32>().prop_map(|number| FieldValue::Integer(number.into())),
        1 => "[a-z]{1,8}".prop_map(FieldValue::Unknown),
        1 => prop::collection::vec(any::<u8>(), 0..6).prop_map(|bytes| FieldValue::from_bytes(&bytes)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_goes_out_comes_back_unchanged_and_an_edit_is_one_change(
        values in prop::collection::vec((0..5_usize, 0..6_usize, value()), 1..25),
        edited in 0..5_usize,
        new in "[=+@'a-z가-힣;| -]{0,10}[a-z가-힣=]",
    ) {
        let archive = Archive::of(5);
        let mut session = archive.session();
        let exhibits = Archive::exhibits(&session);
        let names = ["title", "place", "box", "created_date_as_written", "source", "description"];
        for (exhibit, name, value) in values {
            let name: FieldName = names[name].parse().unwrap();
            let draft = Draft {
                event: ExhibitDescribed { fields: Vec::new() }.into(),
                exhibit: Some(exhibits[exhibit]),
                occurred_at: None,
                fields: vec![(name, value)],
            };
            session.record(&archive.keys, vec![draft]).unwrap();
        }
        let mark = Draft {
            event: ExhibitDescribed { fields: Vec::new() }.into(),
            exhibit: Some(exhibits[edited]),
            occurred_at: None,
            fields: vec![("title".parse().unwrap(), FieldValue::Text("before the edit".to_owned()))],
        };
        session.record(&archive.keys, vec![mark]).unwrap();
        let before: Vec<_> = exhibits.iter().map(|exhibit| session.reader().exhibit(*exhibit).unwrap()).collect();
        for ending in ["csv", "xlsx"] {
            let path = archive.folder.path().join(format!("out.{ending}"));
            write(&session, &path, None);
            let (report, entries) = read(&mut session, &archive.keys, &path);
            prop_assert_eq!((report.rows, report.unchanged, entries), (5, 5, 0), "{:?}", report.problems);
        }
        let path = archive.folder.path().join("edited.csv");
        write(&session, &path, Some((exhibits[edited], "title", &new)));
        let (report, entries) = read(&mut session, &archive.keys, &path);
        prop_assert_eq!((report.applied, report.unchanged, entries), (1, 4, 1), "{:?}", report.problems);
        for (at, exhibit) in exhibits.iter().enumerate() {
            let mut expected = before[at].clone();
            if at == edited {
                let place = expected.fields.iter().position(|(name, _)| name.as_str() == "title").unwrap();
                expected.fields[place].1 = FieldValue::Text(new.trim().to_owned());
            }
            prop_assert_eq!(&session.reader().exhibit(*exhibit).unwrap().fields, &expected.fields);
        }
    }
}

#[test]
fn more_rows_than_a_commit_holds_are_recorded_in_the_fewest_commits_and_once() {
    let archive = Archive::of(4_200);
    let mut session = archive.session();
    let path = archive.folder.path().join("in.csv");
    let rows: String = (0..4_200).map(|number| format!("{number}.txt,Title {number}\n")).collect();
    fs::write(&path, format!("original_name,title\n{rows}")).unwrap();
    let table = Table::open(&path, &TableOptions::default()).unwrap();
    let columns = Columns::of(&table, session.reader(), &ColumnOptions::default()).unwrap();
    let mut checked = check(session.reader(), &table, &columns).unwrap();
    assert_eq!((checked.report.rows, checked.report.applied), (4_200, 4_200));
    let recorded = record(&mut session, &archive.keys, &table, &columns, &mut checked, &mut |_| {}).unwrap();
    assert_eq!((recorded.entries, recorded.commits), (4_200, 2));
    let (report, entries) = read(&mut session, &archive.keys, &path);
    assert_eq!((report.unchanged, entries), (4_200, 0));
}

#[test]
fn a_table_that_changes_between_the_check_and_the_recording_records_nothing_of_the_change() {
    let archive = Archive::of(2);
    let mut session = archive.session();
    let path = archive.folder.path().join("in.csv");
    fs::write(&path, "original_name,title\n0.txt,One\n1.txt,Two\n").unwrap();
    let table = Table::open(&path, &TableOptions::default()).unwrap();
    let columns = Columns::of(&table, session.reader(), &ColumnOptions::default()).unwrap();
    let mut checked = check(session.reader(), &table, &columns).unwrap();
    fs::write(&path, "original_name,title\n0.txt,One\n1.txt,Three\n").unwrap();
    let error = record(&mut session, &archive.keys, &table, &columns, &mut checked, &mut |_| {}).unwrap_err();
    assert!(error.to_string().contains("changed while it was read"), "{error}");
    assert_eq!(error.recorded.entries, 0);
}

#[test]
fn a_workbook_that_unpacks_to_more_than_the_limit_is_refused() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("bomb.xlsx");
    let mut writer =
        TableWriter::create(&path, &[TemplateColumn { title: "title".to_owned(), choices: Vec::new() }]).unwrap();
    let row = ["a".repeat(32_000)];
    for _ in 0..17_000 {
        writer.row(&row).unwrap();
    }
    writer.finish().unwrap();
    assert!(fs::metadata(&path).unwrap().len() < 4_000_000, "it is small");
    let error = Table::open(&path, &TableOptions::default()).unwrap_err().to_string();
    assert!(error.contains("unpacks to more than"), "{error}");
}
