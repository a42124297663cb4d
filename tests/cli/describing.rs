//! Describing exhibits: names, values that are there already, and fields that are withdrawn. All of it is invented.

use serde_json::{Value, json};

use crate::desk::Desk;

fn fields(desk: &Desk, exhibit: &str) -> Value {
    desk.run(["show", exhibit, "--json"]).well().json()["fields"].clone()
}

fn entries(desk: &Desk) -> usize {
    desk.run(["log", "--json"]).well().json_lines().len()
}

#[test]
fn a_mistyped_name_is_refused_and_a_new_one_must_be_meant() {
    let desk = Desk::new();
    let exhibit = desk.ingest("a.txt", "a");
    desk.run(["describe", &exhibit, "tittle=foo"])
        .misunderstood("no exhibit has a field tittle")
        .hints("did you mean title?");
    desk.run(["describe", &exhibit, "shelfmark=K-21"]).misunderstood("shelfmark").hints("--new-field");
    desk.run(["describe", &exhibit, "shelfmark=K-21", "--new-field"]).well();
    desk.run(["describe", &exhibit, "shelfmrak=K-22"]).misunderstood("shelfmrak").hints("did you mean shelfmark?");
    let other = desk.ingest("b.txt", "b");
    desk.run(["describe", &other, "shelfmark=K-22"]).well();
    for (name, words) in [
        ("sha256", "which the program itself uses"),
        ("size", "which the program itself uses"),
        ("size_bytes", "which the program itself uses"),
        ("exhibit", "which the program itself uses"),
        ("agent_name", "which the program itself uses"),
        ("date", "did you mean created_date?"),
        ("language", "did you mean languages?"),
        ("original_name", "the program writes this field itself"),
    ] {
        desk.run(["describe", &exhibit, "--new-field", &format!("{name}=x")]).misunderstood(words);
        desk.run(["ingest", "a.txt", "--field", &format!("{name}=x")]).misunderstood(words);
    }
    assert_eq!(fields(&desk, &exhibit)["shelfmark"], "K-21");
}

#[test]
fn a_value_that_is_there_already_is_not_recorded_again() {
    let desk = Desk::new();
    let exhibit = desk.ingest("a.txt", "a");
    desk.run(["describe", &exhibit, "title=Statement", "languages=ko"]).well();
    let before = entries(&desk);
    desk.run(["describe", &exhibit, "title=Statement", "languages=Korean"]).well().says("Nothing to record");
    let said = desk.run(["describe", &exhibit, "title=Statement", "--json"]).well().json();
    assert_eq!(said, json!({"exhibit": exhibit, "index": null, "unchanged": ["title"]}));
    assert_eq!(entries(&desk), before);
    let said = desk.run(["describe", &exhibit, "title=Statement", "place=Third gate"]).well();
    said.says("Recorded as entry").says("the exhibit already has these values: title");
    let log = desk.run(["custody", &exhibit, "--json"]).well().json_lines();
    assert_eq!(log.last().unwrap()["fields"], json!({"place": "Third gate"}));
}

#[test]
fn a_field_that_is_withdrawn_is_shown_no_more_and_the_log_says_why() {
    let desk = Desk::new();
    let exhibit = desk.ingest("a.txt", "a");
    desk.run(["describe", &exhibit, "title=Statement of K-21", "collection=Case 3"]).well();
    desk.run(["describe", &exhibit, "--withdraw", "title"]).code(2);
    desk.run(["describe", &exhibit, "--withdraw", "title", "--reason", " "]).misunderstood("the reason is empty");
    desk.run(["describe", &exhibit, "--withdraw", "titel", "--reason", "x"]).misunderstood("titel").hints("title");
    desk.run(["describe", &exhibit, "--withdraw", "source_path", "--reason", "x"]).misunderstood("source_path");
    let both = ["describe", &exhibit, "title=x", "--withdraw", "title", "--reason", "x"];
    desk.run(both).misunderstood("the same command both sets and withdraws this field");
    let withdraw = ["describe", &exhibit, "--withdraw", "title", "--reason", "it named somebody"];
    desk.run(withdraw).well().says("Recorded as entry");
    assert_eq!(fields(&desk, &exhibit)["title"], Value::Null);
    for command in [["show", exhibit.as_str()].as_slice(), &["list"], &["find", "Statement"], &["list", "--json"]] {
        let said = desk.run(command).well();
        assert!(!said.out.contains("Statement of") && !said.out.contains("withdrawn"), "{said:#?}");
    }
    desk.run(["custody", &exhibit]).well().says("withdrew what was said of it").says("withdrawn (it named somebody)");
    let before = entries(&desk);
    desk.run(withdraw).well().says("Nothing to record");
    assert_eq!(entries(&desk), before);
    // The index that is made anew says the same, and a withdrawn field may be given again.
    desk.run(["rebuild"]).well();
    assert_eq!(fields(&desk, &exhibit)["title"], Value::Null);
    desk.run(["describe", &exhibit, "title=Statement"]).well();
    assert_eq!(fields(&desk, &exhibit)["title"], "Statement");
    desk.run(["describe", &exhibit, "--withdraw", "collection", "--reason", "it belongs to none"]).well();
    desk.run(["export", "--dry-run", "--collection", "Case 3"]).misunderstood("no exhibit matches");
    desk.check_sound();
}

#[test]
fn a_date_and_its_words_are_corrected_together() {
    let desk = Desk::new();
    let exhibit = desk.ingest("a.txt", "a");
    let dates = || {
        let fields = fields(&desk, &exhibit);
        (fields["created_date"].clone(), fields["created_date_as_written"].clone())
    };
    desk.run(["describe", &exhibit, "created_date=c. 2003"]).well().notes("was read as 2003~");
    assert_eq!(dates(), (json!("2003~"), json!("c. 2003")));
    desk.run(["show", &exhibit]).well().says("created_date             2003~\n    created_date_as_written  c. 2003\n");
    let before = entries(&desk);
    desk.run(["describe", &exhibit, "created_date=2003~"]).well().says("Nothing to record");
    assert_eq!(entries(&desk), before);
    desk.run(["describe", &exhibit, "created_date=2004-02"]).well();
    assert_eq!(dates(), (json!("2004-02"), Value::Null));
    desk.run(["describe", &exhibit, "created_date=03/04/2005"]).well().notes("is ambiguous");
    assert_eq!(dates(), (Value::Null, json!("03/04/2005")));
    desk.run(["describe", &exhibit, "created_date=2005-04-03"]).well();
    assert_eq!(dates(), (json!("2005-04-03"), json!("03/04/2005")), "what was read later is read from these words");
    desk.run(["describe", &exhibit, "created_date=2005년 4월 4일"]).well();
    assert_eq!(dates(), (json!("2005-04-04"), json!("2005년 4월 4일")));
    desk.check_sound();
}

/// What a partner withdraws is no word of his any more, here too; what this archive says itself stays.
#[test]
fn what_the_sender_withdraws_is_withdrawn_where_it_was_taken_over() {
    let a = Desk::named("a.example/interviews");
    let exhibit = a.ingest("a.txt", "a");
    a.run(["describe", &exhibit, "title=Statement of K-21", "place=Third gate"]).well();
    let export = |to: &str| {
        let handing_over = ["export", &exhibit, "--to", to, "--purpose", "p", "--recipient", "r", "--disclose-all"];
        a.run(handing_over).well();
        a.path(to).to_str().unwrap().to_owned()
    };
    let b = Desk::named("b.example/case-7");
    let import = |bundle: &str| b.run(["import", bundle, "--json", "--accept-self-consistent"]).json();
    let own = import(&export("first"))["exhibits"][0]["exhibit"].as_str().unwrap().to_owned();
    assert_eq!(fields(&b, &own)["title"], "Statement of K-21");
    b.run(["describe", &own, "place=A camp"]).well();
    a.run(["describe", &exhibit, "--withdraw", "title", "--withdraw", "place", "--reason", "it named somebody"]).well();
    import(&export("second"));
    assert_eq!(fields(&b, &own)["title"], Value::Null);
    assert_eq!(fields(&b, &own)["place"], "A camp");
    // Who never had it takes nothing over.
    let c = Desk::named("c.example/case-7");
    let second = a.path("second");
    let said = c.run(["import", second.to_str().unwrap(), "--json", "--accept-self-consistent"]).json();
    let fields = fields(&c, said["exhibits"][0]["exhibit"].as_str().unwrap());
    assert_eq!((&fields["title"], &fields["place"]), (&Value::Null, &Value::Null));
}
