//! Where published vectors and other programs are found, and what happens where they are not.

use std::env;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Output};

/// A folder or file of the published test data: `$VOUCHSAFE_TEST_DATA`, or `shared/data` beside the
/// checkout. Where it is not there, the test says so and ends; on the build server it fails.
pub fn published(test: &str, path: &str) -> Option<PathBuf> {
    let folder = env::var_os("VOUCHSAFE_TEST_DATA")
        .map_or_else(|| concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data").into(), PathBuf::from);
    let path = folder.join(path);
    if path.exists() {
        return Some(path);
    }
    not_run(test, &format!("{} is not here (set VOUCHSAFE_TEST_DATA)", path.display()));
    None
}

/// Whether another program is installed. Where it is not, this says so; on the build server it fails.
pub fn has_tool(test: &str, name: &str) -> bool {
    let found = is_installed(name);
    if !found {
        not_run(test, &format!("{name} is not installed"));
    }
    found
}

/// The same for a program that not even the build server needs to have.
pub fn has_optional_tool(test: &str, name: &str) -> bool {
    let found = is_installed(name);
    if !found {
        say_not_run(test, &format!("{name} is not installed"));
    }
    found
}

fn is_installed(name: &str) -> bool {
    let name = format!("{name}{}", env::consts::EXE_SUFFIX);
    env::var_os("PATH").is_some_and(|path| env::split_paths(&path).any(|folder| folder.join(&name).is_file()))
}

/// Says that a test did not run; on the build server, where everything is at hand, that is a failure.
pub fn not_run(test: &str, reason: &str) {
    assert!(env::var_os("CI").is_none_or(|ci| ci != "true"), "{test}: {reason}");
    say_not_run(test, reason);
}

/// Printed past the capture of the test harness: a test that did not run must not look like one that passed.
pub fn say_not_run(test: &str, reason: &str) {
    let _ = writeln!(std::io::stderr(), "NOT RUN: {test}: {reason}");
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
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Whether what the tests make is to be written into the project instead of compared with what is there.
pub fn is_blessed() -> bool {
    env::var_os("VOUCHSAFE_BLESS").is_some()
}
