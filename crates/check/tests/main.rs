//! The small program by itself: what it says of a genuine bundle, of one with another fingerprint, and of a damaged one. All that
//! it finds is tested with `vouchsafe check`, which is the same code.

// A test that fails may as well fail at an `unwrap`.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The fingerprint of the archive that the golden bundle is from, as its first exporter noted it.
const FINGERPRINT: &str = "a82d8d0e6ec0fdef3af6ff1a24f673f01abfc41fcdc94f90336fd76e6eb36b22";

/// The bundle that version 1 of the format was frozen with.
fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/archives/v1.bundle.zip")
}

fn check(arguments: &[&str]) -> (Option<i32>, String) {
    let Output { status, stdout, stderr } =
        Command::new(env!("CARGO_BIN_EXE_vouchsafe-check")).args(arguments).output().unwrap();
    (status.code(), String::from_utf8_lossy(&[stdout, stderr].concat()).into_owned())
}

#[test]
fn a_genuine_bundle_is_sound_with_its_fingerprint_and_unverifiable_without() {
    let path = golden();
    let path = path.to_str().unwrap();
    let (status, said) = check(&[path, "--trust", FINGERPRINT]);
    assert_eq!(status, Some(0), "{said}");
    assert!(said.contains("SOUND"), "{said}");
    let (status, said) = check(&[path]);
    assert_eq!(status, Some(3), "{said}");
    assert!(said.contains("UNVERIFIABLE"), "{said}");
}

#[test]
fn another_fingerprint_and_a_changed_byte_fail() {
    let other = format!("{:0<64}", "1");
    let (status, said) = check(&[golden().to_str().unwrap(), "--trust", &other]);
    assert_eq!(status, Some(1), "{said}");
    let folder = tempfile::tempdir().unwrap();
    let mut bytes = fs::read(golden()).unwrap();
    // The members are stored, so that a byte in the middle is one of a file.
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    let path = folder.path().join("changed.zip");
    fs::write(&path, bytes).unwrap();
    let (status, said) = check(&[path.to_str().unwrap(), "--trust", FINGERPRINT]);
    assert_eq!(status, Some(1), "{said}");
    assert!(said.contains("FAILED"), "{said}");
}

#[test]
fn what_is_no_bundle_is_no_verdict() {
    let (status, said) = check(&[env!("CARGO_MANIFEST_DIR")]);
    assert!(matches!(status, Some(2 | 3)), "{said}");
    assert!(said.starts_with("error: "), "{said}");
}

#[test]
fn it_reports_in_korean() {
    let path = golden();
    let path = path.to_str().unwrap();
    let (status, said) = check(&[path, "--trust", FINGERPRINT, "--language", "ko"]);
    assert_eq!(status, Some(0), "{said}");
    assert!(said.starts_with("이상 없음 (SOUND): 이 제출 묶음의 모든 내용이 서명된 그대로이며"), "{said}");
    for part in [
        "\n증거물\n  X-",
        "\n확인한 것\n  파일         ",
        "\n제출 묶음이 스스로에 대해 말하는 내용\n  보존소          ",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    for english in ["Exhibits", "Checked", "withheld", "entry", "given from outside"] {
        assert!(!said.contains(english), "{english}: {said}");
    }
    let (status, said) = check(&[path, "--language", "ko"]);
    assert_eq!(status, Some(3), "{said}");
    assert!(
        said.contains("확인 불가 (UNVERIFIABLE)") && said.contains("\n확인하지 않은 것\n  누구의 보존소인지: "),
        "{said}"
    );
    let other = format!("{:0<64}", "1");
    let (status, said) = check(&[path, "--trust", &other, "--language", "ko"]);
    assert_eq!(status, Some(1), "{said}");
    assert!(
        said.contains("  B305 bundle-key-differs, 보존소 지문 불일치 (불합격)  bundle.json\n      지문 "),
        "{said}"
    );
    let json = |language| check(&[path, "--json", "--language", language]).1;
    assert_eq!(json("ko"), json("en"));
}

#[test]
fn what_cannot_be_read_in_place_and_a_receipt_are_reported_in_korean() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cut.zip");
    let bytes = fs::read(golden()).unwrap();
    fs::write(&path, &bytes[..bytes.len() - 30]).unwrap();
    let (status, said) = check(&[path.to_str().unwrap(), "--language", "ko"]);
    assert_eq!(status, Some(3), "{said}");
    assert!(said.starts_with("검증하지 못함 (COULD NOT BE CHECKED): zip 파일의 끝부분이 없습니다"), "{said}");
    let head = golden().with_file_name("v1.head");
    let (status, said) = check(&[head.to_str().unwrap(), "--trust", FINGERPRINT, "--language", "ko"]);
    assert_eq!(status, Some(0), "{said}");
    assert!(
        said.starts_with(
            "이상 없음 (SOUND): 기록 항목이 주어진 지문의 보존소의 기록부에 들어 있습니다\n기록부의 항목 "
        ),
        "{said}"
    );
}
