//! A desk to work at: an archive, a home for the keys, and the program at hand.

use std::ffi::OsStr;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;
use vouchsafe_archive::{Environment, Keys, KnownArchives, NewArchive, SystemEnvironment, create, keys};
use vouchsafe_core::digest::Digest;
use vouchsafe_core::model::AgentKind;

pub use crate::programs::{has_tool, not_run, say_not_run};

/// The program under test.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_vouchsafe");

/// The small program that checks bundles, which another package builds into the same folder.
pub fn checker() -> PathBuf {
    let path = Path::new(PROGRAM).with_file_name(format!("vouchsafe-check{}", std::env::consts::EXE_SUFFIX));
    assert!(path.is_file(), "{} is not here; `cargo build -p vouchsafe-check` makes it", path.display());
    path
}

/// A folder of its own for one test, with an archive in `archive` and the keys in `home`.
pub struct Desk {
    folder: TempDir,
}

impl Desk {
    /// A desk without an archive.
    pub fn bare() -> Self {
        Self { folder: TempDir::new().unwrap() }
    }

    /// A desk with a new archive, whose keys have no passphrase.
    pub fn new() -> Self {
        let desk = Self::bare();
        desk.run(["init", "archive", "--no-passphrase", "--origin", "test.example/archive"]).well();
        desk
    }

    /// The same with an archive of exactly this origin, which `init` would end with random letters: what somebody makes
    /// who wants it to have another's name.
    pub fn named(origin: &str) -> Self {
        let (desk, environment) = (Self::bare(), SystemEnvironment);
        let [agent, log] = [(); 2].map(|()| keys::generate(&environment).unwrap());
        let plain = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '_' };
        let name: String = origin.chars().map(plain).collect();
        let folder = desk.path("home/keys").join(format!("{name}-{}", Digest::of(origin.as_bytes()).short()));
        keys::write(&folder.join("agent"), &agent, "administrator", None, &environment).unwrap();
        keys::write(&folder.join("log"), &log, "log key", None, &environment).unwrap();
        let new = NewArchive {
            origin: origin.parse().unwrap(),
            administrator_name: "Administrator".to_owned(),
            administrator_kind: AgentKind::Person,
        };
        let known = KnownArchives::new(desk.path("home/known"), environment.disk());
        create(&desk.archive(), &new, &Keys { agent, log }, Some(known), &environment).unwrap();
        desk
    }

    /// What `archive.json` says.
    pub fn description(&self) -> Value {
        serde_json::from_slice(&fs::read(self.archive().join("archive.json")).unwrap()).unwrap()
    }

    /// The archive's fingerprint, in hexadecimal digits.
    pub fn fingerprint(&self) -> String {
        self.description()["archive"].as_str().unwrap().to_owned()
    }

    /// The same in the form for paper.
    pub fn paper(&self) -> String {
        self.fingerprint().parse::<vouchsafe_core::model::Fingerprint>().unwrap().paper()
    }

    /// What the archive calls itself.
    pub fn origin(&self) -> String {
        self.description()["origin"].as_str().unwrap().to_owned()
    }

    /// A path on the desk.
    pub fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Where the archive is.
    pub fn archive(&self) -> PathBuf {
        self.path("archive")
    }

    /// Waits until nobody has the archive.
    pub fn wait_until_free(&self) {
        wait_until_unlocked(&self.archive().join("lock"));
    }

    /// The keys of the archive's first administrator, and of its log.
    pub fn keys(&self) -> Keys {
        let open = |name: &str| keys::KeyFile::read(&self.key(name)).unwrap().open(None).unwrap();
        Keys { agent: open("agent"), log: open("log") }
    }

    /// A volume of the archive.
    pub fn volume(&self, number: u32) -> PathBuf {
        self.archive().join(format!("volumes/{number:06}.tar"))
    }

    /// All volumes, one after the other.
    pub fn volume_bytes(&self) -> Vec<u8> {
        let mut names: Vec<_> =
            fs::read_dir(self.archive().join("volumes")).unwrap().map(|item| item.unwrap().path()).collect();
        names.sort();
        names.iter().flat_map(|path| fs::read(path).unwrap()).collect()
    }

    /// The private key of an agent (`agent`) or of the log (`log`).
    pub fn key(&self, name: &str) -> PathBuf {
        let mut folders = fs::read_dir(self.path("home/keys")).unwrap();
        folders.next().unwrap().unwrap().path().join(name)
    }

    /// Writes a file on the desk, with the folders above it.
    pub fn write(&self, name: impl AsRef<Path>, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }

    /// The program, to be run on this desk and nowhere else.
    pub fn command<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Command {
        self.prepare(Command::new(PROGRAM), arguments)
    }

    /// The same through another program that starts it, such as a shell.
    pub fn prepare<S: AsRef<OsStr>>(&self, mut command: Command, arguments: impl IntoIterator<Item = S>) -> Command {
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("VOUCHSAFE_") {
                command.env_remove(name);
            }
        }
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env("VOUCHSAFE_HOME", self.path("home"))
            .env("VOUCHSAFE_ARCHIVE", self.archive())
            .env("RUST_BACKTRACE", "0")
            .env("TZ", "UTC")
            .stdin(Stdio::null());
        command
    }

    /// Runs the program to its end.
    pub fn run<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Said {
        Said::by(self.command(arguments))
    }

    /// Runs the program with something on its standard input.
    pub fn run_with_input<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>, input: &[u8]) -> Said {
        let mut command = self.command(arguments);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut pipe = child.stdin.take().unwrap();
        let input = input.to_owned();
        let feeder = std::thread::spawn(move || {
            // The program may not want all of it.
            let _ = pipe.write_all(&input);
        });
        let output = child.wait_with_output().unwrap();
        feeder.join().unwrap();
        Said::of(&command, &output)
    }

    /// Starts the program; its output is to be read.
    pub fn start<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Child {
        self.command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    /// Ingests one file with this content and tells the exhibit's name.
    pub fn ingest(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        self.write(name, content);
        let said = self.run(["ingest", "--json", name]).well();
        said.json_lines()[0]["exhibit"].as_str().unwrap().to_owned()
    }

    /// The exhibits as `list --json` tells them.
    pub fn exhibits(&self) -> Vec<Value> {
        self.run(["list", "--json"]).well().json_lines()
    }

    /// The archive is sound in every respect, the index included.
    pub fn check_sound(&self) {
        let report = self.run(["verify", "--json"]).well().json();
        assert_eq!(report["verdict"], "sound", "{report}");
        assert_eq!(report["complete"], true, "{report}");
        assert_eq!(report["findings"], serde_json::json!([]), "{report}");
        assert_eq!(report["not_checked"], serde_json::json!([]), "{report}");
    }

    /// The codes of what `verify` finds, each once, with its exit status.
    pub fn findings(&self) -> (i32, Vec<String>) {
        let said = self.run(["verify", "--json"]);
        assert!(said.err.is_empty() || !said.err.contains("panicked"), "{said:?}");
        let report = said.json();
        let codes = report["findings"].as_array().unwrap().iter().map(|finding| finding["code"].as_str().unwrap());
        let mut codes: Vec<_> = codes.map(str::to_owned).collect();
        codes.sort();
        codes.dedup();
        (said.code, codes)
    }

    /// Asserts that `verify` fails and names at least this finding.
    pub fn check_found(&self, code: &str) {
        let (exit, codes) = self.findings();
        assert_eq!(exit, 1, "{codes:?}");
        assert!(codes.iter().any(|found| found == code), "{code} is not among {codes:?}");
    }

    /// Puts a copy of the archive's folder aside, and takes it back.
    pub fn copy_archive(&self, to: &str) -> PathBuf {
        let to = self.path(to);
        copy_folder(&self.archive(), &to);
        to
    }
}

/// What the program said, and how it ended.
#[derive(Debug, Clone)]
pub struct Said {
    /// The command, for messages.
    #[allow(dead_code, reason = "it is read by whoever reads a failed test")]
    pub command: String,
    /// The exit status; -1 if it was ended by a signal.
    pub code: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Said {
    /// Runs a command to its end.
    pub fn by(mut command: Command) -> Self {
        let output = command.output().unwrap();
        Self::of(&command, &output)
    }

    /// What a command said that has ended.
    pub fn of(command: &Command, output: &Output) -> Self {
        let said = Self {
            command: format!("{command:?}"),
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        };
        assert!(!said.err.contains("panicked at"), "the program panicked: {said:#?}");
        assert!(!said.err.contains(".rs:"), "a place in the source is no message for users: {said:#?}");
        said
    }

    /// It ended with this status.
    #[track_caller]
    pub fn code(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self:#?}");
        self
    }

    /// It ended well.
    #[track_caller]
    pub fn well(self) -> Self {
        self.code(0)
    }

    /// It could not do its work (status 3) and said so on stderr: an error with these words.
    #[track_caller]
    pub fn failed(self, words: &str) -> Self {
        self.error(3, words)
    }

    /// What it was given speaks against itself, or against what is held (status 1), and it said so on stderr.
    #[track_caller]
    pub fn found(self, words: &str) -> Self {
        self.error(1, words)
    }

    /// It did not understand the command (status 2) and said so on stderr.
    #[track_caller]
    pub fn misunderstood(self, words: &str) -> Self {
        self.error(2, words)
    }

    #[track_caller]
    fn error(self, code: i32, words: &str) -> Self {
        let said = self.code(code);
        // Programs get the same as JSON.
        let error = said.err.lines().find(|line| line.starts_with("error: ") || line.starts_with("{\"error\":"));
        assert!(error.is_some_and(|line| line.contains(words)), "no error with {words:?}: {said:#?}");
        said
    }

    /// It shows a way out.
    #[track_caller]
    pub fn hints(self, words: &str) -> Self {
        // Programs get the same as JSON.
        let is_hint = |line: &&str| line.starts_with("hint: ") || line.starts_with("{\"error\":");
        let mut hints = self.err.lines().filter(is_hint);
        assert!(hints.any(|line| line.contains(words)), "no hint with {words:?}: {self:#?}");
        self
    }

    /// Its output contains these words.
    #[track_caller]
    pub fn says(self, words: &str) -> Self {
        assert!(self.out.contains(words), "{words:?} is not in the output: {self:#?}");
        self
    }

    /// It tells something aside, on stderr.
    #[track_caller]
    pub fn notes(self, words: &str) -> Self {
        assert!(self.err.contains(words), "{words:?} is not on stderr: {self:#?}");
        self
    }

    /// The output as one JSON value.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:#?}"))
    }

    /// The output as JSON, one value a line.
    #[track_caller]
    pub fn json_lines(&self) -> Vec<Value> {
        let parse = |line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {self:#?}"));
        self.out.lines().map(parse).collect()
    }

    /// The line with the sum at the end of an ingest, as four numbers: seen, ingested, held, refused.
    #[track_caller]
    pub fn summary(&self) -> [u64; 4] {
        let line = self.json_lines().into_iter().find(|line| line["summary"] == true).unwrap();
        let counts = ["seen", "ingested", "already_held", "refused"].map(|name| line[name].as_u64().unwrap());
        assert_eq!(counts[0], counts[1] + counts[2] + counts[3], "the reconciliation does not add up: {line}");
        counts
    }

    /// What an ingest said of each file.
    #[track_caller]
    pub fn files(&self) -> Vec<Value> {
        self.json_lines().into_iter().filter(|line| line["status"].is_string()).collect()
    }
}

/// A part of a name in the sample documents.
pub fn documents() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/documents")
}

/// Copies a folder with everything in it.
pub fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for item in fs::read_dir(from).unwrap() {
        let item = item.unwrap();
        let (kind, target) = (item.file_type().unwrap(), to.join(item.file_name()));
        if kind.is_dir() {
            copy_folder(&item.path(), &target);
        } else if kind.is_symlink() {
            symlink(fs::read_link(item.path()).unwrap(), target).unwrap();
        } else {
            fs::copy(item.path(), target).unwrap();
        }
    }
}

/// Waits until nobody has a lock: programs that other tests start in this moment inherit it until they begin to run.
pub fn wait_until_unlocked(path: &Path) {
    fs::File::open(path).unwrap().lock().unwrap();
}

/// All files below a folder, in the order of their paths.
pub fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for item in fs::read_dir(folder).unwrap() {
        let path = item.unwrap().path();
        if path.is_dir() { files.extend(files_below(&path)) } else { files.push(path) }
    }
    files.sort();
    files
}

/// Bytes that look like nothing, the same for the same seed.
pub fn noise(seed: u64, size_bytes: usize) -> Vec<u8> {
    // SplitMix64.
    let mut state = seed;
    let mut next = move || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)).to_le_bytes()
    };
    let mut bytes = Vec::with_capacity(size_bytes + 8);
    while bytes.len() < size_bytes {
        bytes.extend_from_slice(&next());
    }
    bytes.truncate(size_bytes);
    bytes
}

/// Whether the test runs as root, whom no permission stops.
pub fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|metadata| std::os::unix::fs::MetadataExt::uid(&metadata) == 0)
}

/// Whether the long tests are asked for (`./test --long`): the same, many more times.
pub fn is_long() -> bool {
    std::env::var_os("VOUCHSAFE_LONG").is_some()
}

/// Sends a signal to a process that this test started.
pub fn signal(child: &Child, name: &str) {
    let status = Command::new("kill").args(["-s", name, &child.id().to_string()]).status().unwrap();
    assert!(status.success());
}
