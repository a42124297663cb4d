//! Which programs of others the tests ask for, and what happens where one is not there.

use std::env;
use std::io::Write as _;

/// Whether a program is installed. Where it is not, this says so; on the build server it fails. The program must be
/// one that `./test` installs, or the test never runs on a machine that has not seen the project.
pub fn has_tool(test: &str, name: &str) -> bool {
    assert!(is_installed_by_the_test_command(name), "{name} is not among the programs that ./test installs");
    let file = format!("{name}{}", env::consts::EXE_SUFFIX);
    let is_there =
        env::var_os("PATH").is_some_and(|path| env::split_paths(&path).any(|folder| folder.join(&file).is_file()));
    if !is_there {
        not_run(test, &format!("{name} is not installed"));
    }
    is_there
}

/// Whether a line of the script `test` needs this program: `need NAME PACKAGE`, or `for program in NAME …; do need …`.
fn is_installed_by_the_test_command(name: &str) -> bool {
    include_str!("../../../../test").lines().any(|line| {
        let mut words = line.split([' ', ';']);
        match words.next() {
            Some("need") => words.next() == Some(name),
            Some("for") => line.contains("do need ") && words.skip(2).any(|word| word == name),
            _ => false,
        }
    })
}

/// Says that a test did not run; on the build server, where everything is at hand, that is a failure.
pub fn not_run(test: &str, reason: &str) {
    assert!(env::var_os("CI").is_none_or(|ci| ci != "true"), "{test}: {reason}");
    say_not_run(test, reason);
}

/// Printed past the capture of the test harness: a test that did not run must not look like one that passed. This
/// alone is for what not even every build server can do.
pub fn say_not_run(test: &str, reason: &str) {
    let _ = writeln!(std::io::stderr(), "NOT RUN: {test}: {reason}");
}
