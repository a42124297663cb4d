//! Where published vectors are found, and other programs are run.

use std::env;
use std::path::PathBuf;
use std::process::{Command, Output};

/// A folder or file of the published test data: `$VOUCHSAFE_TEST_DATA`, or `shared/data` beside the
/// checkout. Where it is not there, the test says so and ends; on the build server it fails.
pub fn published(test: &str, path: &str) -> Option<PathBuf> {
    let folder = env::var_os("VOUCHSAFE_TEST_DATA").map_or_else(|| project_file("../shared/data"), PathBuf::from);
    let path = folder.join(path);
    if path.exists() {
        return Some(path);
    }
    crate::programs::not_run(test, &format!("{} is not here (set VOUCHSAFE_TEST_DATA)", path.display()));
    None
}

/// Runs a program and returns what it printed; it must succeed.
pub fn run(command: &mut Command) -> String {
    let Output { status, stdout, stderr } = command.output().unwrap();
    let (out, err) = (String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
    assert!(status.success(), "{command:?} ended with {status}\n{out}{err}");
    // A warning would mean that the program does not quite like what it was given.
    assert!(err.is_empty(), "{command:?} warns: {err}");
    out.into_owned()
}

/// A file that belongs to the project.
pub fn project_file(path: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).join(path)
}

/// Whether what the tests make is to be written into the project instead of compared with what is there.
pub fn is_blessed() -> bool {
    env::var_os("VOUCHSAFE_BLESS").is_some()
}
