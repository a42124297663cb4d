//! A file that no `mod` names is not compiled, and what it tests is never run: so every file must be reached from its program
//! or library. Of the tests there is one program a crate: each further one is linked anew after every change.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::pages::page;
use super::{CRATES, files, root};
use crate::desk::files_below;

/// The files below a crate's `src` and `tests` that lead into no program and no library.
fn forgotten_in(krate: &Path) -> Vec<PathBuf> {
    let krate = krate.canonicalize().unwrap();
    let programs = ["src/lib.rs", "src/main.rs"].map(|name| krate.join(name)).into_iter().filter(|path| path.exists());
    let reached: BTreeSet<_> =
        programs.chain(test_programs(&krate)).flat_map(|program| reached_from(&program)).collect();
    let own = ["src", "tests"].into_iter().flat_map(|folder| sources_below(&krate.join(folder)));
    own.filter(|file| !reached.contains(file)).collect()
}

/// The source files below a folder, which need not be there.
fn sources_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = if folder.exists() { files_below(folder) } else { Vec::new() };
    files.retain(|path| path.extension().is_some_and(|ending| ending == "rs"));
    files
}

/// The files of which cargo makes a program of tests each.
fn test_programs(krate: &Path) -> Vec<PathBuf> {
    let manifest = fs::read_to_string(krate.join("Cargo.toml")).unwrap();
    let tests = krate.join("tests");
    if manifest.contains("autotests = false") {
        let named = manifest.split("[[test]]\nname = \"").skip(1).filter_map(|rest| rest.split('"').next());
        return named.map(|name| tests.join(format!("{name}.rs"))).collect();
    }
    let is_program = |file: &PathBuf| file.parent() == Some(&tests) || file.ends_with("main.rs");
    sources_below(&tests).into_iter().filter(is_program).collect()
}

/// A file, and those that its `mod` lines lead to.
fn reached_from(program: &Path) -> BTreeSet<PathBuf> {
    let mut reached = BTreeSet::new();
    // With each file the folder of the modules that it names.
    let mut waiting = vec![(program.to_owned(), program.parent().unwrap().to_owned())];
    while let Some((file, below)) = waiting.pop() {
        let file = file.canonicalize().unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let text = fs::read_to_string(&file).unwrap();
        let folder = file.parent().unwrap();
        let mut path = None;
        for line in text.lines().map(str::trim_start) {
            if let Some(rest) = line.strip_prefix("#[path = \"") {
                path = rest.split('"').next();
            }
            let Some(name) = named_by(line) else { continue };
            let plain = (below.join(format!("{name}.rs")), below.join(name));
            let folded = (below.join(name).join("mod.rs"), below.join(name));
            waiting.push(match path.take() {
                // What is named by a path looks for its own modules beside itself.
                Some(path) => (folder.join(path), folder.join(path).parent().unwrap().to_owned()),
                None if plain.0.exists() => plain,
                None => folded,
            });
        }
        reached.insert(file);
    }
    reached
}

/// The name in a line such as `pub mod name;`.
fn named_by(line: &str) -> Option<&str> {
    let declared = line.split(';').next().filter(|declared| declared.len() < line.len())?;
    let (visibility, name) = declared.split_once("mod ")?;
    let is_visibility = visibility.is_empty() || (visibility.starts_with("pub") && visibility.ends_with(' '));
    let is_name = name.chars().all(|c| c.is_alphanumeric() || c == '_');
    (is_visibility && is_name).then_some(name)
}

#[test]
fn no_file_is_forgotten() {
    for krate in CRATES.iter().chain(&["crates/fs2"]) {
        let forgotten = forgotten_in(&root().join(krate));
        assert!(forgotten.is_empty(), "no `mod` leads to {forgotten:?}");
    }
}

#[test]
fn a_crate_has_one_program_of_tests() {
    let programs = CRATES.map(|krate| test_programs(&root().join(krate)));
    for programs in &programs {
        assert!(programs.len() <= 1, "{programs:?}");
    }
    assert_eq!(programs.iter().flatten().count(), 4);
}

/// A command that asks for tests which are not there ends well, and has tested nothing.
#[test]
fn the_commands_in_the_texts_run_tests_that_are_there() {
    let of_folders = ["docs", "fixtures", "src", "crates", "tests"].into_iter().flat_map(|of| files(of, &["md", "rs"]));
    let alone =
        ["README.md", "README.ko.md", "CONTRIBUTING.md", "test", ".ci/run"].map(|name| (name.into(), page(name)));
    let mut commands = 0;
    for (path, text) in of_folders.chain(alone) {
        for command in text.split(concat!("cargo ", "test ")).skip(1) {
            let command = command.split(['`', '"', ';', '\n']).next().unwrap();
            let Some((options, asked)) = command.split_once("--test ") else { continue };
            let krate = if options.contains("-p vouchsafe-") {
                root().join("crates").join(options.split("-p vouchsafe-").nth(1).unwrap().trim())
            } else {
                root()
            };
            let mut words = asked.split_whitespace();
            let program = krate.join("tests").join(words.next().unwrap()).with_extension("rs");
            assert!(test_programs(&krate).contains(&program), "{}: {command}", path.display());
            assert!(words.next().is_none_or(|word| word == "--"), "{}: {command}", path.display());
            let tests: String = reached_from(&program).iter().map(|file| fs::read_to_string(file).unwrap()).collect();
            let is_there = |name: &str| {
                let names_it =
                    |line: &str| line.contains(&format!("mod {name};")) || line.contains(&format!("fn {name}"));
                tests.lines().any(names_it)
            };
            let mut names = words.flat_map(|filter| filter.split("::")).filter(|name| !name.is_empty());
            assert!(names.all(is_there), "{}: {command}", path.display());
            commands += 1;
        }
    }
    assert!(commands > 12, "only {commands} were found");
}

#[test]
fn a_forgotten_file_is_seen() {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in [
        ("Cargo.toml", "[package]"),
        ("src/lib.rs", "pub mod a;\n#[cfg(test)]\n#[path = \"../tests/shared.rs\"]\nmod shared;"),
        ("src/a.rs", "mod b;\n// mod c;"),
        ("src/a/b.rs", ""),
        ("src/a/c.rs", ""),
        ("tests/main.rs", "#[path = \"cli/mod.rs\"]\nmod d;"),
        ("tests/cli/mod.rs", "mod e;"),
        ("tests/cli/e.rs", ""),
        ("tests/cli/f.rs", "mod e;"),
        ("tests/shared.rs", ""),
    ] {
        fs::create_dir_all(folder.path().join(name).parent().unwrap()).unwrap();
        fs::write(folder.path().join(name), content).unwrap();
    }
    let of_the_crate = |name| folder.path().canonicalize().unwrap().join(name);
    assert_eq!(forgotten_in(folder.path()), ["src/a/c.rs", "tests/cli/f.rs"].map(of_the_crate));
    assert_eq!(test_programs(folder.path()).len(), 2);
    fs::write(folder.path().join("Cargo.toml"), "[package]\nautotests = false\n[[test]]\nname = \"main\"\n").unwrap();
    assert_eq!(test_programs(folder.path()), [folder.path().join("tests/main.rs")]);
    // What cargo made a program of is now reached from the library alone.
    assert_eq!(forgotten_in(folder.path()).len(), 2);
}
