//! Dates: published examples of EDTF (ISO 8601-2), read where they are kept beside the project.

use std::path::{Path, PathBuf};

use vouchsafe_archive::metadata::check_date;

/// The folder with published data, or a visible word that it is not there. Where it must be, it fails.
fn published(name: &str) -> Option<String> {
    let folder = std::env::var_os("VOUCHSAFE_TEST_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"), PathBuf::from);
    let path = folder.join(name);
    match std::fs::read_to_string(&path) {
        Ok(text) => Some(text),
        Err(error) => {
            assert!(std::env::var_os("CI").is_none(), "{}: {error}", path.display());
            eprintln!("NOT RUN: {name} is not here (set VOUCHSAFE_TEST_DATA)");
            None
        }
    }
}

fn lists() -> Option<serde_json::Value> {
    published("edtf/edtf-validate.json").map(|text| serde_json::from_str(&text).unwrap())
}

fn refused(lists: &serde_json::Value, name: &str) -> Vec<String> {
    let dates = lists[name].as_array().unwrap();
    dates.iter().map(|date| date.as_str().unwrap().to_owned()).filter(|date| check_date(date).is_err()).collect()
}

#[test]
fn dates_of_level_0_are_accepted() {
    let Some(lists) = lists() else { return };
    assert_eq!(refused(&lists, "Level0"), Vec::<String>::new());
    assert_eq!(refused(&lists, "L0_Intervals"), Vec::<String>::new());
}

/// Of level 1 only what no document about living memory needs: years before Christ with a season or a time
/// of day, and intervals without a known end that are written the old way.
#[test]
fn dates_of_level_1_are_accepted_but_for_a_few() {
    let Some(lists) = lists() else { return };
    let few = [
        "-2004-23",
        "-1985-04-12T23:20:30",
        "-1985-04-12T23:20:30Z",
        "-1985-04-12T23:20:30-04",
        "-1985-04-12T23:20:30+04:30",
    ];
    assert_eq!(refused(&lists, "Level1"), few);
    assert_eq!(refused(&lists, "L1_Intervals"), ["/1985-04", "/..", "../", "../..", "-1985/"]);
}

#[test]
fn what_is_no_date_is_refused() {
    let Some(lists) = lists() else { return };
    for name in ["invalid_edtf_dates", "invalid_edtf_datetimes"] {
        assert_eq!(refused(&lists, name).len(), lists[name].as_array().unwrap().len(), "{name}");
    }
    let accepted: Vec<_> = lists["invalid_edtf_intervals"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|date| check_date(date.as_str().unwrap()).is_ok())
        .collect();
    // These end on the day, or in the month or year, in which they may begin.
    assert_eq!(accepted, ["0000-01-03/0000-01", "0000-02/0000", "2004-06-11%/2004-06~"]);
}
