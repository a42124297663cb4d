//! What an export discloses: listed before it is written, and by the same rules for what others said. All of it is invented.

use std::fs;

use serde_json::{Value, json};

use crate::desk::{Desk, Said, files_below};

const HANDING_OVER: [&str; 5] = ["export", "--purpose", "hearing", "--recipient", "Court Five"];

fn export<'a>(desk: &Desk, arguments: impl IntoIterator<Item = &'a str>) -> Said {
    desk.run(HANDING_OVER.into_iter().chain(arguments))
}

/// A new exhibit with this metadata.
fn described(desk: &Desk, name: &str, metadata: &str) -> String {
    desk.write(format!("in/{name}.meta.yaml"), metadata);
    desk.ingest(&format!("in/{name}"), format!("An invented document: {name}.\n"))
}

/// The values that a rehearsal lists of an exhibit, by field.
fn rehearsed(desk: &Desk, exhibit: &str, more: &[&str]) -> Vec<(String, Value)> {
    let said = desk.run(["export", "--dry-run", "--json", exhibit].iter().chain(more)).well().json();
    let values = said["exhibits"][0]["disclosed"].as_array().unwrap().clone();
    values.into_iter().map(|value| (value["field"].as_str().unwrap().to_owned(), value["value"].clone())).collect()
}

#[test]
fn a_rehearsal_lists_every_value_and_writes_nothing() {
    let desk = Desk::new();
    let first = described(&desk, "a.txt", "title: Statement of K-21\nlanguages: [ko]\nplace: Third gate\n");
    let second = described(&desk, "b.txt", "title: Letter\n");
    desk.run(["note", &first, "call her sister"]).well();
    let before = desk.volume_bytes();
    // Nobody's key is here, and nobody is asked for a passphrase.
    fs::rename(desk.path("home/keys"), desk.path("away")).unwrap();
    let said = desk.run(["export", "--dry-run", "--disclose", "title", &first, &second]).well();
    let said = said
        .says("languages  ko")
        .says("title      Statement of K-21")
        .says("title  Letter")
        .says("withheld: note (1), original_name (1), place (1)")
        .says("nothing was written or recorded")
        .notes("the key that would sign is not on this machine");
    assert!(!said.out.contains("Third gate") && !said.out.contains("sister"), "{said:#?}");
    let said = desk.run(["export", "--dry-run", "--json", "--disclose", "title", &first, &second]).well().json();
    assert_eq!(said["exhibits"][1]["exhibit"], *second);
    let title = json!({"field": "title", "value": "Letter", "is_earlier": false, "origin": null});
    assert_eq!(said["exhibits"][1]["disclosed"], json!([title]));
    assert_eq!(said["exhibits"][0]["withheld"]["place"], 1);
    assert_eq!(said["disclosed"], json!({"languages": 1, "title": 2}));
    fs::rename(desk.path("away"), desk.path("home/keys")).unwrap();
    assert_eq!(desk.volume_bytes(), before);
    // What is wrong with a command is told by its rehearsal.
    desk.run(["export", "--dry-run", "--disclose", "titel", &first]).misunderstood("has a field titel");
    desk.run(["export", "--dry-run", &first, "--to", "in"]).failed("in");
    desk.run(["export", &first, "--to", "bundle"]).code(2).notes("--purpose");
    desk.run(["export", "--dry-run", "X-0000"]).misunderstood("there is no exhibit");
}

#[test]
fn a_rehearsal_lists_the_names_of_agents_and_what_is_left_out() {
    let desk = Desk::bare();
    desk.run(["init", "archive", "--no-passphrase", "--origin", "test.example/a", "--name", "Archivist One"]).well();
    let first = described(&desk, "a.txt", "collection: Case 3\n");
    let second = described(&desk, "b.txt", "collection: Case 3\n");
    let leave_out = format!("{second}=consent");
    let arguments = ["--collection", "Case 3", "--leave-out", &leave_out, "--disclose", "agent_name"];
    let said = desk.run(["export", "--dry-run"].iter().chain(&arguments)).well();
    let said = said.says("agent_name  Archivist One").says(&format!("{second}: consent")).says("left out:  1 exhibit");
    assert!(!said.out.contains(&format!("  {second}\n")), "{said:#?}");
    let said = desk.run(["export", "--dry-run", "--json"].iter().chain(&arguments)).well().json();
    assert_eq!(said["left_out"], json!({second: "consent"}));
    assert_eq!(said["agents"]["disclosed"][0]["value"], "Archivist One");
    assert_eq!(said["exhibits"][0]["exhibit"], *first);
}

#[test]
fn an_export_prints_the_values_first_if_they_are_few() {
    let desk = Desk::new();
    let first = described(&desk, "a.txt", "title: Statement of K-21\nlanguages: [ko]\n");
    let said = export(&desk, ["--disclose", "title", "--to", "bundle", &first]).well();
    let said = said.says("title      Statement of K-21");
    assert!(said.out.find("Statement of K-21").unwrap() < said.out.find("Wrote").unwrap());
    for number in 0..25 {
        described(&desk, &format!("{number}.txt"), &format!("title: Number {number}\ncollection: Case 3\n"));
    }
    let said = export(&desk, ["--disclose", "title", "--to", "many", "--collection", "Case 3"]).well();
    let said = said.says("with --dry-run lists all 25 values");
    assert!(!said.out.contains("Number 7"), "{said:#?}");
    let said = desk.run(["export", "--dry-run", "--disclose", "title", "--collection", "Case 3"]).well();
    (0..25).fold(said, |said, number| said.says(&format!("title  Number {number}\n")));
}

#[test]
fn no_value_in_a_rehearsal_looks_like_the_programs_own_words() {
    let desk = Desk::new();
    let first = described(&desk, "a.txt", "title: \"x\\n    withheld: no fields\\u202e\"\n");
    let said = desk.run(["export", "--dry-run", "--disclose", "title", &first]).well();
    let said = said.says("      title  x\n                 withheld: no fields\\u{202e}\n");
    assert_eq!(said.out.lines().filter(|line| line.starts_with("    withheld:")).count(), 2, "{said:#?}");
}

/// What somebody types is a rule for nobody: what a partner sends is disclosed by the same.
#[test]
fn of_languages_nothing_but_registered_codes_goes_out_unasked() {
    let desk = Desk::new();
    let plain = described(&desk, "a.txt", "languages: [ko, zh-Hant, en-GB]\n");
    assert_eq!(rehearsed(&desk, &plain, &[]), [("languages".to_owned(), json!(["ko", "zh-Hant", "en-GB"]))]);
    for (number, tag) in ["x-kim", "ko-x-hoeryong", "de-DE-1996", "en-u-co-phonebk", "qaa", "ko-ZZ"].iter().enumerate()
    {
        let exhibit = described(&desk, &format!("{number}.txt"), &format!("languages: [ko, {tag}]\n"));
        assert_eq!(rehearsed(&desk, &exhibit, &[]), [], "the list is withheld whole: {tag}");
        assert_eq!(rehearsed(&desk, &exhibit, &["--disclose", "languages"]).len(), 1, "but where it is asked for");
    }
}

/// What import takes over was checked by nobody here, and a dossier is handed on as it came.
#[test]
fn what_a_partner_says_is_disclosed_by_the_same_rules() {
    let a = Desk::named("a.example/interviews");
    let exhibit = described(&a, "a.txt", "languages: [ko, x-told-by-kim]\n");
    export(&a, ["--disclose", "languages", "--to", "bundle", &exhibit]).well();
    let b = Desk::named("b.example/case-7");
    let bundle = a.path("bundle");
    let said = b.run(["import", bundle.to_str().unwrap(), "--json", "--accept-self-consistent"]).json();
    let own = said["exhibits"][0]["exhibit"].as_str().unwrap().to_owned();
    let shown = b.run(["show", &own, "--json"]).well().json();
    assert_eq!(shown["fields"]["languages"], json!(["ko", "x-told-by-kim"]), "it is taken over");
    assert_eq!(rehearsed(&b, &own, &[]), []);
    export(&b, ["--to", "bundle", &own]).well();
    for path in files_below(&b.path("bundle")) {
        let has_it = fs::read(&path).unwrap().windows(13).any(|part| part == b"x-told-by-kim");
        assert!(!has_it, "{}", path.display());
    }
    let listed = rehearsed(&b, &own, &["--disclose", "languages"]);
    assert_eq!(
        listed.iter().filter(|(field, _)| field == "languages").count(),
        2,
        "here and in the dossier: {listed:?}"
    );
    let said = b.run(["export", "--dry-run", "--disclose", "languages", &own]).code(0);
    said.says("languages of a.example/interviews");
}

/// The newest value of a field decides: no older one goes out in its place.
#[test]
fn an_older_value_never_hides_that_there_is_a_newer_one() {
    let desk = Desk::new();
    let exhibit = described(&desk, "a.txt", "languages: [ko]\ntitle: Statement of K-21\n");
    desk.run(["describe", &exhibit, "languages=ko-x-told-by-kim"]).well();
    assert_eq!(rehearsed(&desk, &exhibit, &[]), []);
    desk.run(["describe", &exhibit, "--withdraw", "title", "--reason", "it named somebody"]).well();
    let withdrawn = ("title".to_owned(), json!({"withdrawn": "it named somebody"}));
    assert_eq!(rehearsed(&desk, &exhibit, &["--disclose", "title"]), std::slice::from_ref(&withdrawn));
    let earlier = ("title".to_owned(), json!("Statement of K-21"));
    assert_eq!(rehearsed(&desk, &exhibit, &["--disclose-earlier", "title"]), [earlier, withdrawn]);
    let said = desk.run(["export", "--dry-run", &exhibit, "--disclose-earlier", "title"]).well();
    said.says("title, an earlier value  Statement of K-21").says("withdrawn (it named somebody)");
    export(&desk, ["--disclose", "title", "--to", "bundle", &exhibit]).well().says("withdrawn (it named somebody)");
    let page = fs::read_to_string(desk.path("bundle/report/report.html")).unwrap();
    assert!(page.contains("withdrawn 철회됨: <bdi>it named somebody</bdi>") && !page.contains("K-21"), "{page}");
    let table = fs::read_to_string(desk.path("bundle/report/exhibits.csv")).unwrap();
    assert!(!table.contains("withdrawn (") && !table.contains("K-21"), "{table}");
}

/// Withdrawn here, a partner's value goes out neither from here nor in the dossier.
#[test]
fn what_is_withdrawn_here_is_not_handed_on_as_another_archives_word() {
    let a = Desk::named("a.example/interviews");
    let exhibit = described(&a, "a.txt", "title: Statement of K-21\n");
    export(&a, ["--disclose", "title", "--to", "bundle", &exhibit]).well();
    let b = Desk::named("b.example/case-7");
    let bundle = a.path("bundle");
    let said = b.run(["import", bundle.to_str().unwrap(), "--json", "--accept-self-consistent"]).json();
    let own = said["exhibits"][0]["exhibit"].as_str().unwrap().to_owned();
    let title = |value: Value| ("title".to_owned(), value);
    let titles = |more: &[&str]| -> Vec<_> {
        rehearsed(&b, &own, more).into_iter().filter(|(field, _)| field == "title").collect()
    };
    let [said, withdrawn] = [json!("Statement of K-21"), json!({"withdrawn": "it named somebody"})].map(title);
    assert_eq!(titles(&["--disclose", "title"]), [said.clone(), said.clone()]);
    b.run(["describe", &own, "--withdraw", "title", "--reason", "it named somebody"]).well();
    assert_eq!(titles(&["--disclose", "title"]), std::slice::from_ref(&withdrawn));
    assert_eq!(titles(&["--disclose-earlier", "title"]), [said.clone(), withdrawn, said]);
}
