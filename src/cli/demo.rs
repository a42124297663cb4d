//! `vouchsafe demo`: this program on its own sample documents, command by command.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use super::done::Done;
use super::error::CommandError;
use vouchsafe_archive::shell_word;
use vouchsafe_check::paint::{Tone, on_stdout};

/// Build a small archive from sample documents and demonstrate the commands
///
/// Each command is printed before it runs, so you can type it yourself. Nothing outside the folder is touched. Even the
/// keys lie inside it, without a passphrase; never do that with a real archive.
#[derive(clap::Args)]
pub struct Arguments {
    /// The folder to build it in: a new or empty one
    #[arg(value_name = "DIR", default_value = "vouchsafe-demo")]
    folder: PathBuf,
}

macro_rules! documents {
    ($($name:literal)*) => {
        &[$(($name, include_bytes!(concat!("../../fixtures/documents/", $name)).as_slice()),)*]
    };
}

/// All of it is invented.
const DOCUMENTS: &[(&str, &[u8])] = documents![
    "message.eml"
    "recording-017.wav"
    "satellite/2026-03-14 overview.png"
    "satellite/2026-09-02 overview.png"
    "statement-017.pdf"
    "statement-017.pdf.meta.yaml"
    "testimony-017.en.txt"
    "testimony-017.ko.txt"
    "testimony-017.ko.txt.meta.yaml"
    "it's \"quoted\".txt"
    "-notes (copy).txt"
    "증언 목록.csv"
];

/// A Korean name as macOS writes it, in decomposed letters (NFD): it is kept as it is, and found all the same.
const DECOMPOSED_NAME: &str = "\u{110c}\u{1175}\u{1103}\u{1169} \u{1106}\u{1166}\u{1106}\u{1169}.txt";
const DECOMPOSED_CONTENT: &[u8] = "지어낸 견본. INVENTED SAMPLE: a remark on a map.\n".as_bytes();

const COMMON_METADATA: &[u8] = include_bytes!("../../fixtures/documents-meta.yaml");

/// The forgery in the demonstration: same length, different meaning.
const TRUE_WORDS: &str = "four long buildings";
const FALSE_WORDS: &str = "nine long buildings";

/// Runs commands and shows them.
struct Stage {
    program: PathBuf,
    folder: PathBuf,
}

pub fn run(arguments: &Arguments) -> Result<Done, CommandError> {
    let failed = |error| CommandError::incomplete(format!("{}: {error}", arguments.folder.display()));
    if fs::read_dir(&arguments.folder).is_ok_and(|mut items| items.next().is_some()) {
        return Err(CommandError::incomplete(format!("{}: the folder is not empty", arguments.folder.display())).hint(
            format!(
                "if it is an earlier demonstration, remove it (rm -r {}); or name another folder: vouchsafe demo DIR",
                shell_word(&arguments.folder)
            ),
        ));
    }
    fs::create_dir_all(&arguments.folder).map_err(failed)?;
    let stage = Stage {
        program: std::env::current_exe().map_err(failed)?,
        folder: fs::canonicalize(&arguments.folder).map_err(failed)?,
    };
    write_documents(&stage.folder).map_err(failed)?;
    stage.play()?;
    Ok(Done::Well)
}

fn write_documents(folder: &Path) -> std::io::Result<()> {
    let documents = folder.join("documents");
    for (name, content) in DOCUMENTS {
        let path = documents.join(name);
        fs::create_dir_all(path.parent().unwrap_or(&documents))?;
        fs::write(path, content)?;
    }
    fs::write(documents.join(DECOMPOSED_NAME), DECOMPOSED_CONTENT)?;
    fs::write(folder.join("collection.yaml"), COMMON_METADATA)
}

impl Stage {
    fn play(&self) -> Result<(), CommandError> {
        self.say("vouchsafe: a demonstration on invented documents")?;
        let program_folder = self.program.parent().unwrap_or(Path::new("."));
        println!("Everything is in this folder. To type the commands yourself, start with these:\n");
        println!("  cd {}", quoted(&self.folder.to_string_lossy()));
        println!("  export PATH={}:\"$PATH\"", quoted(&program_folder.to_string_lossy()));
        println!("  export VOUCHSAFE_HOME=\"$PWD/home\" VOUCHSAFE_ARCHIVE=\"$PWD/archive\"");

        self.say("1. Create an archive")?;
        self.run(
            &["init", "archive", "--origin", "demo.example/archive", "--name", "Archivist A", "--no-passphrase"],
            0,
        )?;

        self.say("2. Take a deposit into custody")?;
        println!("Each file is read once, hashed and kept unchanged, and gets a signed entry in the log.");
        self.run(&["ingest", "documents", "--meta", "collection.yaml"], 0)?;
        println!("\nRepeating the command changes nothing, so repeating it also finishes an interrupted ingest:");
        self.run(&["ingest", "documents", "--meta", "collection.yaml"], 0)?;

        self.say("3. Find and describe")?;
        self.run(&["find", "testimony-017"], 0)?;
        let exhibit = self.exhibit_named("testimony-017.en.txt")?;
        println!("\nFields are added, never changed. The log holds only salted digests of them, not their values.");
        self.run(
            &["describe", &exhibit, "languages=en", "created_date=2026-03", "title=Testimony 017, English translation"],
            0,
        )?;
        self.run(&["note", &exhibit, "Compared with the Korean original, paragraph by paragraph."], 0)?;
        self.run(
            &["get", &exhibit, "--to", "copy.txt", "--purpose", "translation review", "--recipient", "Reviewer B"],
            0,
        )?;

        self.say("4. Show the chain of custody, as a court will ask for it")?;
        self.run(&["custody", &exhibit], 0)?;

        self.say("5. Verify every byte, signature and commitment, from the volumes themselves")?;
        self.run(&["verify"], 0)?;

        self.say("6. Somebody changes one word of the testimony in a copy of the archive")?;
        self.show(&["cp -r archive forged"]);
        copy_folder(&self.folder.join("archive"), &self.folder.join("forged")).map_err(|error| self.failed(&error))?;
        self.show(&[&format!("perl -pi -e 's/{TRUE_WORDS}/{FALSE_WORDS}/' forged/volumes/000000.tar")]);
        self.forge()?;
        self.run(&["verify", "--archive", "forged"], 1)?;

        self.say("7. Somebody cuts off the end of the log, to hide that the working copy was issued")?;
        let size_bytes = self.size_before_last_commit()?;
        self.show(&[
            "cp -r archive cut",
            &format!("head -c {size_bytes} archive/volumes/000000.tar > cut/volumes/000000.tar"),
        ]);
        self.cut(size_bytes)?;
        println!(
            "\nThe rest is consistent. The cut is found because this machine remembers the newest head it has seen:"
        );
        self.run(&["verify", "--archive", "cut"], 1)?;

        self.say("8. Without this program")?;
        println!(
            "Objects lie in ordinary tar files, named by their SHA-256. The signatures are those of \
            ssh-keygen:\n"
        );
        self.show(&["tar -tf archive/volumes/000000.tar | head -n 5"]);
        let listed = self.members(5)?;
        print!("{listed}");
        self.run(&["prove", &exhibit, "--kit", "kit"], 0)?;
        println!(
            "\nkit/README.txt explains how to check it with ssh-keygen and openssl. For the rest, see the README and \
             docs/README.md."
        );
        Ok(())
    }

    fn failed(&self, error: &std::io::Error) -> CommandError {
        CommandError::incomplete(format!("{}: {error}", self.folder.display()))
    }

    fn say(&self, heading: &str) -> Result<(), CommandError> {
        let mut out = std::io::stdout().lock();
        Ok(writeln!(out, "\n{}\n{}", on_stdout(Tone::Heading, heading), "-".repeat(heading.chars().count()))?)
    }

    fn show(&self, commands: &[&str]) {
        for command in commands {
            println!("\n{}", on_stdout(Tone::Heading, &format!("$ {command}")));
        }
    }

    fn command(&self, arguments: &[&str]) -> Result<Output, CommandError> {
        let mut command = Command::new(&self.program);
        command.args(arguments).current_dir(&self.folder);
        command.env("VOUCHSAFE_HOME", self.folder.join("home")).env("VOUCHSAFE_ARCHIVE", self.folder.join("archive"));
        for name in ["VOUCHSAFE_KEY", "VOUCHSAFE_LOG_KEY"] {
            command.env_remove(name);
        }
        command.output().map_err(|error| self.failed(&error))
    }

    /// Shows a command, runs it and shows what it prints. Any other exit status than the expected one
    /// ends the demonstration as a failure.
    fn run(&self, arguments: &[&str], expected: i32) -> Result<(), CommandError> {
        let words: Vec<_> = arguments.iter().map(|word| quoted(word)).collect();
        self.show(&[&format!("vouchsafe {}", words.join(" "))]);
        let output = self.command(arguments)?;
        let mut out = std::io::stdout().lock();
        out.write_all(&output.stdout)?;
        out.write_all(&output.stderr)?;
        if expected != 0 {
            writeln!(out, "(exit status {expected})")?;
        }
        if output.status.code() == Some(expected) {
            return Ok(());
        }
        Err(CommandError::incomplete(format!("`vouchsafe {}` ended with {}", words.join(" "), output.status)))
    }

    fn exhibit_named(&self, name: &str) -> Result<String, CommandError> {
        let output = self.command(&["find", name, "--json"])?;
        let found: serde_json::Value = serde_json::from_slice(&output.stdout).map_err(std::io::Error::from)?;
        match found["exhibit"].as_str() {
            Some(exhibit) => Ok(exhibit.to_owned()),
            None => Err(CommandError::incomplete(format!("{name} was not found"))),
        }
    }

    fn forge(&self) -> Result<(), CommandError> {
        let path = self.folder.join("forged/volumes/000000.tar");
        let mut bytes = fs::read(&path).map_err(|error| self.failed(&error))?;
        let found = bytes.windows(TRUE_WORDS.len()).position(|window| window == TRUE_WORDS.as_bytes());
        let at = found.ok_or_else(|| CommandError::incomplete("the words to forge are not in the archive"))?;
        bytes[at..at + FALSE_WORDS.len()].copy_from_slice(FALSE_WORDS.as_bytes());
        fs::write(&path, bytes).map_err(|error| self.failed(&error))
    }

    /// Where the last commit begins: after the last checkpoint but one.
    fn size_before_last_commit(&self) -> Result<u64, CommandError> {
        use vouchsafe_core::format::volume::{Found, MemberName, look_at};
        let bytes = fs::read(self.folder.join("archive/volumes/000000.tar")).map_err(|error| self.failed(&error))?;
        let (mut offset, mut last, mut before_last) = (0, 0, 0);
        while let Found::Member(member) = look_at(&bytes, offset).map_err(|error| self.failed(&error))? {
            offset = member.end();
            if matches!(member.name, MemberName::Checkpoint { .. }) {
                (before_last, last) = (last, offset);
            }
        }
        debug_assert_eq!(last, offset);
        Ok(before_last)
    }

    fn cut(&self, size_bytes: u64) -> Result<(), CommandError> {
        let cut = || {
            copy_folder(&self.folder.join("archive"), &self.folder.join("cut"))?;
            let volume = fs::OpenOptions::new().write(true).open(self.folder.join("cut/volumes/000000.tar"))?;
            volume.set_len(size_bytes)
        };
        cut().map_err(|error| self.failed(&error))
    }

    /// The names of the first members, as `tar -tf` prints them.
    fn members(&self, count: usize) -> Result<String, CommandError> {
        use vouchsafe_core::format::volume::{Found, look_at};
        let bytes = fs::read(self.folder.join("archive/volumes/000000.tar")).map_err(|error| self.failed(&error))?;
        let (mut offset, mut names) = (0, String::new());
        for _ in 0..count {
            let Found::Member(member) = look_at(&bytes, offset).map_err(|error| self.failed(&error))? else { break };
            names.push_str(&format!("{}\n", member.name));
            offset = member.end();
        }
        Ok(names)
    }
}

/// A word as a shell reads it back.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,@+".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    shell_word(Path::new(word))
}

fn copy_folder(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir(to)?;
    for item in fs::read_dir(from)? {
        let item = item?;
        let target = to.join(item.file_name());
        if item.file_type()?.is_dir() {
            copy_folder(&item.path(), &target)?;
        } else {
            fs::copy(item.path(), target)?;
        }
    }
    Ok(())
}
