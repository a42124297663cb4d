//! Fields by their labels, choices, and how far an exhibit is described. All of it is invented.

use serde_json::{Value, json};

use crate::desk::Desk;

fn fields(desk: &Desk, exhibit: &str) -> Value {
    desk.run(["show", exhibit, "--json"]).well().json()["fields"].clone()
}

#[test]
fn fields_can_be_given_under_their_labels() {
    let desk = Desk::new();
    let exhibit = desk.ingest("a.txt", "a");
    let given = ["증인=K-17", "Made by=K-17", "언어=조선말", "면담자=A; B", "첫 진술 여부=예", "Sensitivity=제한"];
    desk.run(["describe", &exhibit].iter().copied().chain(given)).well();
    let found = fields(&desk, &exhibit);
    for (name, value) in [
        ("witness", json!("K-17")),
        ("creator", json!("K-17")),
        ("languages", json!(["ko"])),
        ("interviewers", json!(["A", "B"])),
        ("first_account", json!("yes")),
        ("sensitivity", json!("restricted")),
    ] {
        assert_eq!(found[name], value, "{name}");
    }
    assert!(desk.run(["find", "--field", "증인=k-17", "--json"]).well().out.contains(&exhibit));
    desk.run(["export", &exhibit, "--dry-run", "--disclose", "증인,Made by"]).well().says("K-17");
    desk.run(["describe", &exhibit, "--withdraw", "증인", "--reason", "it is another one"]).well();
    assert_eq!(fields(&desk, &exhibit)["witness"], Value::Null);
    // A name that could be somebody's own is never a label.
    desk.run(["describe", &exhibit, "made_by=x"]).misunderstood("no exhibit has a field made_by").hints("creator?");
    desk.run(["describe", &exhibit, "Wittness=x"]).misunderstood("did you mean Witness?");
}

#[test]
fn metadata_files_and_options_take_labels_lists_and_coordinates() {
    let desk = Desk::new();
    desk.write("a.txt", "a");
    let sheet = "제목: 진술 17\n유형: 진술서\n증인: K-17\nInterviewers: [A, 'B; C']\n면담일: 2005년 3월 17일\n\
                 좌표: '41.79, 128.88 ±500 m'\nfirst_account: yes\nfields:\n  상자: x\n";
    desk.write("a.txt.meta.yaml", sheet);
    desk.run(["ingest", "a.txt"]).code(1).notes("is not a field name");
    desk.write("a.txt.meta.yaml", sheet.replace("상자", "box"));
    desk.run(["ingest", "a.txt", "--field", "보이는 장소=투먼; 훈춘", "--field", "Source=K-17"]).well();
    let found = desk.run(["list", "--json"]).well().json();
    for (name, value) in [
        ("title", json!("진술 17")),
        ("object_category", json!("testimony_statement")),
        ("interviewers", json!(["A", "B; C"])),
        ("interview_date", json!("2005-03-17")),
        ("interview_date_as_written", json!("2005년 3월 17일")),
        ("coordinates", json!("41.79, 128.88 ±500 m")),
        ("first_account", json!("yes")),
        ("depicted_places", json!(["투먼", "훈춘"])),
        ("source", json!("K-17")),
        ("box", json!("x")),
    ] {
        assert_eq!(found["fields"][name], value, "{name}");
    }
}

#[test]
fn a_value_that_is_refused_comes_with_one_that_is_accepted() {
    let desk = Desk::new();
    let exhibit = desk.ingest("a.txt", "a");
    for (given, words) in [
        ("sensitivity=restrictd", "sensitivity: \"restrictd\" is none of the values: public, internal"),
        ("sensitivity=restrictd", "; write restricted"),
        ("coordinates=128.88, 41.79", "; write 41.79, 128.88"),
        ("first_account=unknown", "; write unknown:REASON"),
        ("languages=Koreanish", "neither a language tag"),
        ("title=", "the value is empty"),
    ] {
        desk.run(["describe", &exhibit, given]).misunderstood(words);
    }
    desk.run(["describe", &exhibit, "first_account=unknown:she did not say", "channel=by carrier pigeon"]).well();
    assert_eq!(fields(&desk, &exhibit)["first_account"], json!({"unknown": "she did not say"}));
}

#[test]
fn a_description_is_graded_and_the_open_questions_are_asked() {
    let desk = Desk::new();
    let thin = desk.ingest("a.txt", "a");
    let partial = desk.ingest("b.txt", "b");
    desk.ingest("c.txt", "c");
    desk.run(["describe", &thin, "title=A list"]).well();
    let four = ["source=K-17", "creator=K-17", "created_date=2003", "place=unknown:not said"];
    desk.run(["describe", &partial].iter().copied().chain(four)).well();
    desk.run(["show", &thin])
        .well()
        .says("Description: thin. A court would ask:\n    Who gave it? (source)\n    Who made it? (creator)\n")
        .says("more that are mandatory; --questions lists everything");
    desk.run(["show", &thin, "--questions"])
        .well()
        .says("Who gave it? / 누가 제공했는가? (source)")
        .says("When did the events happen? / 사건은 언제 일어났는가? (events_period, recommended)");
    let description = desk.run(["show", &partial, "--json"]).well().json()["description"].clone();
    assert_eq!(description["grade"], "partial");
    let question = json!({"english": "What is it?", "field": "title", "korean": "이것은 무엇인가?", "mandatory": true});
    assert_eq!(description["questions"][0], question);
    desk.run(["status"]).code(1).says("1 partial, 1 thin, 1 undescribed");
    let counts = desk.run(["status", "--json"]).code(1).json()["descriptions"].clone();
    assert_eq!(counts, json!({"complete": 0, "partial": 1, "thin": 1, "undescribed": 1}));
    let listed = desk.run(["list", "--grade", "thin", "--json"]).well().json_lines();
    assert_eq!(listed.len(), 1);
    assert_eq!((&listed[0]["exhibit"], &listed[0]["grade"]), (&json!(thin), &json!("thin")));
    desk.run(["list", "--grade", "complete"]).well().notes("has a description of the grade complete");
    desk.run(["list", "--grade", "good"]).code(2);
}
