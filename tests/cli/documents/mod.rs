//! What the documents show is what the program does: sessions that are typed again, and commands that exist.

mod commands;
mod page;
mod picture;
mod shell;

use std::fs;
use std::path::{Path, PathBuf};

use page::Page;
use picture::Picture;
use shell::{Shell, masked};

use crate::desk::{Desk, copy_folder, documents};

/// A file of this repository.
fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn text_of(name: &str) -> String {
    fs::read_to_string(file(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Every page that people read, but the reference, which the program writes itself.
fn pages() -> Vec<String> {
    let mut pages: Vec<String> =
        ["README.md", "README.ko.md", "CONTRIBUTING.md", "SECURITY.md"].map(str::to_owned).into();
    for folder in ["docs", "docs/guide"] {
        let names = fs::read_dir(file(folder)).unwrap().map(|item| item.unwrap().file_name().into_string().unwrap());
        let names = names.filter(|name| name.ends_with(".md") && name != "cli.md");
        pages.extend(names.map(|name| format!("{folder}/{name}")));
    }
    pages.sort();
    assert!(pages.len() > 15, "{pages:?}");
    pages
}

#[test]
fn what_start_here_shows_is_what_happens() {
    let desk = Desk::bare();
    let mut shell = Shell::on(&desk);
    shell.gives_the_passphrase();
    let page = Page::read(&text_of("docs/guide/start-here.md"));
    let steps: Vec<_> = page.steps().filter(|step| !step.installs_the_program()).collect();
    assert!(steps.len() > 12, "only {} commands", steps.len());
    for step in steps {
        let seen = shell.run(&step.command);
        shell.learn(step, &seen).unwrap_or_else(|error| {
            panic!(
                "docs/guide/start-here.md shows after `{}`:\n{}\nbut the program prints:\n{}\n{error}",
                step.command,
                step.output.join("\n"),
                seen.output.join("\n")
            )
        });
    }
}

#[test]
fn the_picture_is_a_real_run() {
    let desk = Desk::bare();
    copy_folder(&documents(), &desk.path("deposit"));
    desk.write("passphrase", "the pale river keeps its bed\n");
    let fresh = Picture::of(&mut Shell::on(&desk)).svg();
    let path = file("docs/session.svg");
    if std::env::var_os("UPDATE_DOCS").is_some_and(|update| update == "1") {
        fs::write(&path, &fresh).unwrap();
    }
    let kept = text_of("docs/session.svg");
    let difference = kept.lines().zip(fresh.lines()).find(|(kept, fresh)| masked(kept) != masked(fresh));
    assert!(
        difference.is_none() && kept.lines().count() == fresh.lines().count(),
        "docs/session.svg is not what the program prints; `UPDATE_DOCS=1 cargo test --test main -- picture` draws it anew; \
         first difference: {difference:?}"
    );
}

#[test]
fn the_readmes_show_the_commands_of_the_picture() {
    let blocks = |name: &str| Page::read(&text_of(name)).blocks;
    let english = blocks("README.md");
    let session: Vec<String> = picture::commands().map(masked).collect();
    let of_block = |block: &[page::Step]| block.iter().map(|step| masked(&step.command)).collect::<Vec<_>>();
    assert!(
        english.iter().any(|block| of_block(block) == session),
        "README.md has no block of commands that is the session in docs/session.svg: {session:#?}"
    );
    let typed = |name: &str| blocks(name).iter().map(|block| of_block(block)).collect::<Vec<_>>();
    assert_eq!(typed("README.md"), typed("README.ko.md"), "README.md and README.ko.md show other commands");
    let all: Vec<String> = typed("README.md").into_iter().flatten().collect();
    for command in ["cargo run --release -- demo", "./test"] {
        assert!(all.iter().any(|shown| shown == command), "README.md does not show {command}");
    }
}

#[test]
fn every_command_in_the_documents_exists() {
    let known = commands::Known::from(&Desk::bare().run(["reference"]).well().out);
    let mut count = 0;
    for name in pages() {
        for command in commands::in_text(&text_of(&name)) {
            known.check(&command).unwrap_or_else(|error| panic!("{name}: `{command}`: {error}"));
            count += 1;
        }
    }
    assert!(count > 100, "only {count} commands were found");
}
