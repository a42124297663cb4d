//! Verifications that read a part: exhibits, samples, what is new, limits, rounds; and what is recorded of them.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::desk::{Desk, Said, copy_folder};
use crate::volume::{flip, member};

/// An archive with so many objects of 1,000 bytes, and their exhibits in the order of the objects.
fn archive(count: u64) -> (Desk, Vec<String>) {
    let desk = Desk::new();
    let exhibits = deposit(&desk, 0..count);
    (desk, exhibits)
}

fn deposit(desk: &Desk, numbers: std::ops::Range<u64>) -> Vec<String> {
    let folder = format!("deposit-{}", numbers.start);
    for number in numbers {
        desk.write(format!("{folder}/{number:04}.txt"), format!("{number:01000}"));
    }
    let said = desk.run(["ingest", "--json", &folder]).well();
    said.files().iter().map(|file| file["exhibit"].as_str().unwrap().to_owned()).collect()
}

fn verify(desk: &Desk, arguments: &[&str]) -> Value {
    desk.run([&["verify", "--json"], arguments].concat()).json()
}

/// Damages an object.
fn damage(desk: &Desk, number: usize) {
    flip(&desk.volume(0), member(&desk.volume(0), "objects/", number).content + 10, 0);
}

fn round_files(desk: &Desk) -> Vec<PathBuf> {
    let files = fs::read_dir(desk.path("home/known")).unwrap().map(|item| item.unwrap().path());
    files.filter(|path| path.file_name().unwrap().to_string_lossy().starts_with("round-")).collect()
}

/// When `show` says that an exhibit was last proved good, by which entry.
fn proven_by(desk: &Desk, exhibit: &str) -> Option<u64> {
    desk.run(["show", "--json", exhibit]).well().json()["last_proven_good"]["index"].as_u64()
}

#[test]
fn a_limit_of_bytes_ends_well_and_says_what_is_left() {
    let (desk, _) = archive(10);
    let said = desk.run(["verify", "--max-bytes", "3kB"]).well();
    let said =
        said.says("SOUND IN PART: the log, and the 3 of 10 objects that were read, are as they were committed to");
    let said = said.says("the bytes of 7 of 10 objects, from object number 3 on").says("vouchsafe verify --resume");
    said.says("Round of verifications\n  3 of 10 objects read since 20");
    let report = verify(&desk, &["--max-bytes", "3kB"]);
    assert_eq!(report["coverage"], json!({"objects_held": 10, "ranges": [[0, 3]]}));
    assert_eq!((&report["verdict"], &report["complete"]), (&json!("sound"), &json!(true)));
    assert_eq!(report["round"]["objects_read"], 3);
    assert_eq!(report["checked"]["entries"], 11, "the log is checked whole");
    // One object is read in any case.
    assert_eq!(verify(&desk, &["--max-bytes", "1B"])["coverage"]["ranges"], json!([[0, 1]]));
    // Enough for all is all.
    let said = desk.run(["verify", "--max-bytes", "1GB", "--max-time", "1h"]).well();
    said.says("SOUND: everything").says("complete: all of 10 objects have been read since");
}

#[test]
fn a_limit_of_time_reads_at_least_one_object() {
    let (desk, _) = archive(3);
    // A nanosecond is over before the log is read.
    let report = verify(&desk, &["--max-time", "1ns"]);
    assert_eq!(report["coverage"]["ranges"], json!([[0, 1]]));
    assert_eq!(verify(&desk, &["--max-time", "10m"])["coverage"]["ranges"], json!([[0, 3]]));
}

#[test]
fn three_runs_of_a_round_read_everything_exactly_once() {
    let (desk, exhibits) = archive(10);
    let mut read = Vec::new();
    for run in 0..3 {
        let report = desk.run(["verify", "--json", "--resume", "--max-bytes", "4kB", "--record"]).well().json();
        assert_eq!(report["round"]["complete"], run == 2, "{report}");
        assert_eq!(report["recorded_as"], 11 + run);
        read.push(report["coverage"]["ranges"].clone());
    }
    assert_eq!(read, [json!([[0, 4]]), json!([[4, 4]]), json!([[8, 2]])]);
    for (number, exhibit) in exhibits.iter().enumerate() {
        assert_eq!(proven_by(&desk, exhibit), Some(11 + number as u64 / 4));
    }
    // The next round begins anew, and what came in meanwhile belongs to it.
    deposit(&desk, 10..12);
    let said = desk.run(["verify", "--resume", "--max-bytes", "11kB"]).well();
    said.says("the bytes of 1 of 12 objects, from object number 11 on").says("11 of 12 objects read since");
    let said = desk.run(["verify", "--resume"]).well();
    let said = said.says("SOUND IN PART: the log, and the 1 of 12 objects").says("11 objects that this round has read");
    said.says("complete: all of 12 objects have been read since").says("the next run begins a new round");
    // Nothing is left over: without a limit, a new round is a whole verification.
    desk.run(["verify", "--resume"]).well().says("SOUND: everything").says("12 of 12");
}

#[test]
fn without_resume_a_limit_begins_a_new_round() {
    let (desk, _) = archive(6);
    verify(&desk, &["--max-bytes", "4kB"]);
    verify(&desk, &["--max-bytes", "2kB"]);
    assert_eq!(verify(&desk, &["--resume", "--max-bytes", "1kB"])["coverage"]["ranges"], json!([[2, 1]]));
    // A verification of everything ends the round, one of a part leaves it alone.
    verify(&desk, &["--sample", "50%"]);
    verify(&desk, &["--changed-since", "2020-01-01", "--max-bytes", "1kB"]);
    assert_eq!(verify(&desk, &["--resume", "--max-bytes", "1kB"])["coverage"]["ranges"], json!([[3, 1]]));
    verify(&desk, &[]);
    assert_eq!(verify(&desk, &["--resume", "--max-bytes", "1kB"])["coverage"]["ranges"], json!([[0, 1]]));
}

#[test]
fn damage_that_a_round_finds_is_not_forgotten_by_its_end() {
    let (desk, exhibits) = archive(6);
    damage(&desk, 3);
    let resume = ["verify", "--resume", "--max-bytes", "2kB", "--record"];
    desk.run(resume).well().says("SOUND IN PART").says("Recorded as entry 7");
    desk.run(resume).code(1).says("FAILED").says("V102").says(&exhibits[3]).says("Recorded as entry 8");
    let said = desk.run(resume).code(1).says("complete: all of 6 objects").says("Recorded as entry 9");
    said.says("NOT SOUND: earlier runs found 1 object missing, changed or unreadable");
    let proven: Vec<_> = exhibits.iter().map(|exhibit| proven_by(&desk, exhibit)).collect();
    assert_eq!(proven, [Some(7), Some(7), Some(8), None, Some(9), Some(9)]);
    let said = desk.run(["show", &exhibits[3]]).well();
    let said = said.says("no recorded verification has proved it good since it was ingested");
    said.says("DAMAGED").says("found by the verification in entry 8");
    desk.run(["log", "--last", "2"])
        .well()
        .says("verified a part of the archive: failed (8 entries, 2 of 6 objects, 1");
    // Read again in the next round, it is still not proven good.
    let report = desk.run(["verify", "--json", &exhibits[3], &exhibits[4], "--record"]).code(1).json();
    assert_eq!(report["coverage"]["ranges"], json!([[3, 2]]));
    assert_eq!((proven_by(&desk, &exhibits[3]), proven_by(&desk, &exhibits[4])), (None, Some(10)));
}

#[test]
fn every_scope_is_recorded_and_shown() {
    let (desk, exhibits) = archive(4);
    let said = desk.run(["show", &exhibits[0]]).well();
    said.says("no recorded verification has proved it good");
    assert_eq!(desk.run(["show", "--json", &exhibits[0]]).well().json()["last_proven_good"], Value::Null);
    desk.run(["verify"]).well();
    assert_eq!(proven_by(&desk, &exhibits[0]), None, "what is not recorded proves nothing later");

    desk.run(["verify", &exhibits[2], "--record"]).well().says("SOUND IN PART").says("Recorded as entry 5");
    assert_eq!(exhibits.iter().map(|id| proven_by(&desk, id)).collect::<Vec<_>>(), [None, None, Some(5), None]);
    desk.run(["verify", "--changed-since", "entry:4", "--record"]).well().says("3 objects that were ingested before");
    assert_eq!(exhibits.iter().map(|id| proven_by(&desk, id)).collect::<Vec<_>>(), [None, None, Some(5), Some(6)]);
    desk.run(["verify", "--record"]).well().says("SOUND: everything").says("Recorded as entry 7");
    let said = desk.run(["show", &exhibits[0]]).well().says("last proved good 20");
    said.says(" UTC, entry 7, by a verification of the whole archive");
    let shown = desk.run(["show", "--json", &exhibits[0]]).well().json();
    assert_eq!(shown["last_proven_good"]["coverage"], json!({"objects_held": 4, "ranges": [[0, 4]]}));
    desk.run(["log", "--last", "3"])
        .well()
        .says("verified a part of the archive: sound (5 entries, 1 of 4 objects, 0 findings)")
        .says("verified the whole archive: sound (7 entries, 4 objects, 0 findings)");
    // The index knows nothing that the volumes do not.
    desk.run(["rebuild"]).well();
    assert!(exhibits.iter().all(|id| proven_by(&desk, id) == Some(7)));
    desk.check_sound();
}

#[test]
fn a_sample_says_what_it_shows() {
    let (desk, exhibits) = archive(40);
    let said = desk.run(["verify", "--sample", "50%", "--record"]).well().says("SOUND IN PART");
    let said =
        said.says("objects that the sample leaves out").says("Sample\n  50 % of the objects, drawn with the seed ");
    let said = said.says("with 95 % confidence, fewer than ").says(" of 40 objects are damaged");
    assert!(!said.out.contains("--resume"), "a sample is no part of a round: {said:#?}");
    desk.run(["log", "--last", "1"]).well().says("verified a sample of 50 %: sound");
    let report = verify(&desk, &["--sample", "50%", "--record"]);
    let drawn = report["checked"]["objects"].as_u64().unwrap();
    assert_eq!(report["confidence"]["drawn"], drawn);
    assert_eq!(report["coverage"]["sample"]["per_million"], 500_000);
    let proven = exhibits.iter().filter(|id| proven_by(&desk, id) == Some(42)).count();
    assert_eq!(proven as u64, drawn, "only what was drawn was proven good");
    // Another one is drawn each time.
    let seeds: BTreeSet<_> =
        (0..3).map(|_| verify(&desk, &["--sample", "50%"])["coverage"]["sample"]["seed"].to_string()).collect();
    assert_eq!(seeds.len(), 3);
    desk.run(["verify", "--sample", "0.0001%"]).well().says("no object was drawn");
}

#[test]
fn what_came_in_since_a_day() {
    let (desk, _) = archive(3);
    desk.run(["verify", "--changed-since", "2020-01-01"]).well().says("SOUND: everything").says("3 of 3");
    let said = desk.run(["verify", "--changed-since", "9000-01-01"]).well().says("SOUND IN PART");
    said.says("of its 3 objects NONE was read").says("3 objects that were ingested before");
}

#[test]
fn exhibits_of_one_object_and_names_that_are_none() {
    let desk = Desk::new();
    let first = desk.ingest("a.txt", "the same");
    let second = desk.ingest("copy/a.txt", "the same");
    let other = desk.ingest("b.txt", "another");
    let said = desk.run(["verify", &first, &second, "--record"]).well().says("1 of 2");
    said.says("the bytes of 1 object of other exhibits");
    assert_eq!([&first, &second, &other].map(|id| proven_by(&desk, id)), [Some(4), Some(4), None]);
    desk.run(["verify", "X-0000-0000-0000-0000"]).misunderstood("there is no exhibit");
    desk.run(["verify", "nonsense!"]).misunderstood("is not the name of an exhibit");
}

#[test]
fn a_verification_that_read_no_object_says_so() {
    let desk = Desk::new();
    desk.run(["verify"]).well().says("SOUND: everything");
    desk.run(["verify", "--sample", "50%"]).well().says("SOUND: everything");
    desk.ingest("a.txt", "a");
    let said = desk.run(["verify", "--changed-since", "9000-01-01", "--record"]).well();
    said.says("SOUND IN PART: the log is as it was committed to; of its 1 object NONE was read");
    desk.run(["status"]).code(1).says("the last recorded verification read none of 1 object");
}

#[test]
fn values_that_make_no_sense_are_refused() {
    let (desk, exhibits) = archive(1);
    for (option, values) in [
        ("--sample", ["0%", "101%", "100%", "5", "-5%", "x"]),
        ("--max-time", ["-1h", "0s", "30", "", "soon", "1y1"]),
        ("--max-bytes", ["10", "0GB", "-1GB", "", "1.5GB", "GB"]),
        ("--changed-since", ["2026", "yesterday", "08/07/2003", "2026-02-30", "entry:", "7"]),
    ] {
        for value in values {
            desk.run(["verify", &format!("{option}={value}")]).misunderstood(option);
        }
    }
    for arguments in [
        ["--sample", "5%", "--resume"].as_slice(),
        &["--changed-since", "2026-01-01", "--resume"],
        &["--sample", "5%", "--changed-since", "2026-01-01"],
        &[&exhibits[0], "--resume"],
        &[&exhibits[0], "--sample", "5%"],
        &[&exhibits[0], "--changed-since", "2026-01-01"],
    ] {
        desk.run([&["verify"], arguments].concat()).misunderstood("cannot be used with");
    }
    assert_eq!(round_files(&desk), [] as [PathBuf; 0]);
}

fn resume_after(spoil: impl FnOnce(&Desk)) -> Said {
    let (desk, _) = archive(6);
    verify(&desk, &["--max-bytes", "4kB"]);
    spoil(&desk);
    desk.run(["verify", "--resume", "--max-bytes", "1kB"])
}

#[test]
fn a_round_that_does_not_read_back_is_an_error_that_names_the_file() {
    let spoils: [&dyn Fn(String) -> String; 6] = [
        &|_| String::new(),
        &|_| "nonsense\n".to_owned(),
        &|text| text.replace("vouchsafe-round/1", "vouchsafe-round/2"),
        &|text| text.replace("[[0,4]]", "[[0,7]]"),
        &|text| text.replacen("\"archive\":\"", "\"archive\":\"0", 1),
        &|text| text.replace("{\"archive\"", "{ \"archive\""),
    ];
    for spoil in spoils {
        let said = resume_after(|desk| {
            let file = &round_files(desk)[0];
            let text = fs::read_to_string(file).unwrap();
            assert_ne!(spoil(text.clone()), text);
            fs::write(file, spoil(text)).unwrap();
        });
        said.failed("/known/round-").hints("remove that file; the next run then begins a new round");
    }
    // Whoever does not ask to go on does not depend on it.
    let (desk, _) = archive(3);
    verify(&desk, &["--max-bytes", "1kB"]);
    fs::write(&round_files(&desk)[0], "nonsense").unwrap();
    desk.run(["verify"]).well();
    desk.run(["verify", "--max-bytes", "1kB"]).well();
    desk.run(["verify", "--resume"]).well().says("complete");
}

#[test]
fn a_round_belongs_to_one_copy() {
    let (desk, _) = archive(6);
    verify(&desk, &["--max-bytes", "4kB"]);
    copy_folder(&desk.archive(), &desk.path("copy"));
    let report = verify(&desk, &["--archive", "copy", "--resume", "--max-bytes", "1kB"]);
    assert_eq!(report["coverage"]["ranges"], json!([[0, 1]]), "what was read here says nothing of the copy");
    // Another disk at the same place is another archive, too.
    fs::rename(desk.archive(), desk.path("before")).unwrap();
    copy_folder(&desk.path("before"), &desk.archive());
    let report = verify(&desk, &["--resume", "--max-bytes", "1kB"]);
    assert_eq!(report["coverage"]["ranges"], json!([[0, 1]]));
}

#[test]
fn what_a_key_in_question_verified_proves_nothing() {
    let (desk, exhibits) = archive(2);
    let mut keygen = std::process::Command::new("ssh-keygen");
    keygen.args(["-q", "-t", "ed25519", "-N", "", "-C", "", "-f"]).arg(desk.path("b"));
    assert!(keygen.status().unwrap().success());
    desk.run(["agent", "add", "b.pub", "--name", "B", "--role", "investigator"]).well();
    let report = desk.run(["verify", "--record", "--json", "--key", "b"]).well().json();
    desk.run(["show", &exhibits[0]]).well().says("last proved good").says("(B)");
    let index = report["recorded_as"].to_string();
    desk.run(["agent", "revoke", "B", "--reason", "stolen", "--from-index", &index]).well();
    desk.run(["show", &exhibits[0]]).says("no recorded verification has proved it good");
}

#[test]
fn a_verification_reports_in_korean() {
    let (desk, exhibits) = archive(3);
    let said = desk.run(["verify", "--language", "ko"]).well();
    let said = said.says("이상 없음 (SOUND): 확인한 모든 것이 확정된 그대로입니다\n");
    let said = said.says("확인한 것\n  볼륨       1\n").says("  원본 객체  3개 가운데 3개, 3,000바이트\n");
    let said = said.says("확인의 기준\n  이 컴퓨터가 ").says("이 검증이 증명하지 않는 것: ");
    assert!(!said.out.contains("Checked") && !said.out.contains("entries"), "{}", said.out);
    let said = desk.run(["verify", "--language", "ko", "--max-bytes", "1kB"]).well();
    let said =
        said.says("일부 이상 없음 (SOUND IN PART): 기록부와, 원본 객체 3개 가운데 읽은 1개가 확정된 그대로입니다");
    said.says("확인하지 않은 것\n  3개 가운데 원본 객체 2개의 내용(1번부터)").says("검증 주기\n  20");
    damage(&desk, 1);
    let json = desk.run(["verify", "--json"]).code(1);
    let said = desk.run(["verify", "--language", "ko"]).code(1);
    let said = said.says("불합격 (FAILED): 누락되었거나 변경되었거나 표시된 것과 다른 것이 있습니다\n");
    let said = said.says("  V102 object-changed, 원본 객체 변경됨 (불합격)  volumes/000000.tar의 바이트 ");
    let said = said.says(&format!(", 증거물 {}\n", exhibits[1]));
    said.says("의 SHA-256은 ").says("\n      원본 객체의 SHA-256이 그 이름인 해시값과 다릅니다.\n");
    let korean = desk.run(["verify", "--json", "--language", "ko"]).code(1);
    assert_eq!(json.json(), korean.json(), "JSON has one language");
    desk.run(["verify", "--language", "de"]).code(2);
}

#[test]
fn a_verification_against_a_copy_or_without_an_index_reports_in_korean() {
    let (desk, _) = archive(2);
    let copy = desk.copy_archive("copy");
    deposit(&desk, 2..3);
    let said = desk.run(["verify", "--language", "ko", "--against", copy.to_str().unwrap()]).code(1);
    let said = said.says("주의 (DEGRADED): ").says("V812 copy-behind, 복제본이 뒤처짐 (주의)  ");
    said.says("할 수 있는 것\n  보존소에 쓸 수 있는 곳에서 `vouchsafe replicate`")
        .says("복제본과 바이트 단위로 비교함: 볼륨 1개");
    fs::remove_dir_all(desk.path("archive/index")).unwrap();
    let said = desk.run(["verify", "--language", "ko"]).well();
    said.says("V702 index-unread, 색인 비교 못 함 (참고)  색인\n      없습니다. 볼륨에서 만들 수 있으며");
}
