//! `vouchsafe init`

use std::io::Write;
use std::path::{Path, PathBuf};

use vouchsafe_archive::keys::{self, KeyFile};
use vouchsafe_archive::{Keys, NewArchive, Reader, check_empty, create};
use vouchsafe_core::model::{AgentKind, Origin};

use super::context::Context;
use super::done::Done;
use super::error::CommandError;
use super::json;
use super::opening::describe_keys;
use super::output::{self, printable};
use super::places::check_outside;
use super::say;

/// Create an archive
///
/// Creates the folder, the archive's log key and the first administrator's key. The keys are OpenSSH key files in your
/// configuration folder (or $VOUCHSAFE_HOME/keys), never in the archive. With --key, that key becomes the
/// administrator's, and only the log key is created.
///
/// Both new keys get the same passphrase. With --key, the command asks for a separate passphrase for the log key. A
/// passphrase from --passphrase-file or --passphrase-fd applies to both keys.
#[derive(clap::Args)]
pub struct Arguments {
    /// The folder of the new archive: a new or empty one
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// The archive's name, such as ngo.example/archive; it cannot be changed later. Random letters are appended, so
    /// that no two archives share a name
    #[arg(long, value_name = "NAME")]
    origin: Option<Origin>,
    /// Name or pseudonym of the first administrator
    #[arg(long, value_name = "NAME", default_value = "Administrator")]
    name: String,
    /// What the administrator is: person, organisation or software
    #[arg(long, value_name = "KIND", default_value = "person")]
    kind: AgentKind,
    /// Store the new keys without a passphrase
    #[arg(long, conflicts_with_all = ["passphrase_file", "passphrase_fd"])]
    no_passphrase: bool,
}

pub fn run(context: &Context, arguments: &Arguments) -> Result<Done, CommandError> {
    let origin = unique_origin(arguments, context)?;
    if arguments.origin.is_none() {
        say::note(format_args!(
            "no --origin was given, so the archive is named {origin}; this cannot be changed \
            later"
        ));
    }
    if arguments.name.trim().is_empty() {
        return Err(CommandError::usage("the name is empty").hint("give a name or a pseudonym, or omit --name"));
    }
    if let Some(above) = std::path::absolute(&arguments.folder).ok().as_deref().and_then(Path::parent) {
        check_outside(above)?;
    }
    check_empty(&arguments.folder)?;
    let folder = context.folders.keys_of(&origin);
    let inside = std::path::absolute(&folder).ok().zip(std::path::absolute(&arguments.folder).ok());
    if inside.is_some_and(|(keys, archive)| keys.starts_with(archive)) {
        return Err(CommandError::usage("the keys would be stored inside the archive")
            .hint("a copy of the archive must not contain the keys; set VOUCHSAFE_HOME to another folder"));
    }
    let (log_path, agent_path) = (folder.join("log"), folder.join("agent"));
    for path in [&log_path, &agent_path] {
        if path.exists() {
            return Err(CommandError::incomplete(format!(
                "{}: a key for an archive of this name already exists",
                path.display()
            ))
            .hint("choose another --origin; or, if you are sure that no archive needs the old keys, move them away"));
        }
    }
    let given_key = context.options.key.as_ref().map(|path| context.keyring.open(path)).transpose()?;
    if let Some(path) = &context.options.key
        && !arguments.no_passphrase
        && !KeyFile::read(path)?.is_protected()
    {
        say::caution(format_args!("{} has no passphrase; `ssh-keygen -p -f FILE` adds one", path.display()));
    }
    let passphrase = match arguments.no_passphrase {
        true => None,
        false => Some(context.keyring.new_passphrase(if given_key.is_some() { "the log key" } else { "the keys" })?),
    };
    let passphrase = passphrase.as_ref().map(|text| text.as_str());
    let no_randomness = |error| CommandError::incomplete(format!("the system provides no randomness: {error}"));
    let make = || keys::generate(&context.environment).map_err(no_randomness);
    let keys = Keys {
        agent: match given_key {
            Some(key) => key,
            None => make()?,
        },
        log: make()?,
    };
    let new = NewArchive { origin, administrator_name: arguments.name.clone(), administrator_kind: arguments.kind };
    // Keys first: an archive whose keys were lost before they were written would be of no use.
    let comment = |what: &str| format!("{what} of {}", new.origin);
    keys::write(&log_path, &keys.log, &comment("log key"), passphrase, &context.environment)?;
    if context.options.key.is_none() {
        keys::write(&agent_path, &keys.agent, &comment("administrator"), passphrase, &context.environment)?;
    }
    let created = create(&arguments.folder, &new, &keys, Some(context.known()), &context.environment);
    if created.is_err() && !arguments.folder.join("archive.json").exists() {
        // Keys of an archive that was never created would only block the next attempt.
        let made = if context.options.key.is_none() { &[&log_path, &agent_path][..] } else { &[&log_path] };
        for path in made {
            let _ = std::fs::remove_file(path);
            let _ = std::fs::remove_file(path.with_extension("pub"));
        }
        let _ = std::fs::remove_dir(&folder);
    }
    let session = created?;
    let archive = session.reader();
    context.done(format!("the archive {} is created", archive.description().origin()));
    render(context, arguments, &folder, archive, passphrase.is_none())
}

fn render(
    context: &Context,
    arguments: &Arguments,
    key_folder: &std::path::Path,
    archive: &Reader,
    is_unprotected: bool,
) -> Result<Done, CommandError> {
    let mut out = std::io::stdout().lock();
    let description = archive.description();
    if context.options.json {
        output::json(
            &mut out,
            &json::Created {
                administrator: description.administrator.id(),
                archive: arguments.folder.display().to_string(),
                fingerprint: description.fingerprint,
                fingerprint_on_paper: description.fingerprint.paper(),
                keys: key_folder.display().to_string(),
                log_key: description.log_key.to_string(),
                origin: description.origin(),
            },
        )?;
        return Ok(Done::Well);
    }
    writeln!(
        out,
        "Created the archive {} in {}\n",
        description.origin(),
        printable(&arguments.folder.display().to_string())
    )?;
    write!(out, "{}", describe_keys(description))?;
    writeln!(out, "keys in       {}", printable(&key_folder.display().to_string()))?;
    writeln!(
        out,
        "\nWrite the fingerprint down and keep it apart from the archive: others check the archive against \
        it."
    )?;
    writeln!(out, "Back up the keys, apart from the archive: without them, nothing more can be added.")?;
    if is_unprotected {
        writeln!(out, "The keys have no passphrase: anybody who can read the files can act in your name.")?;
    }
    Ok(Done::Well)
}

/// The archive's name: the one that was given, or the folder's, with 40 random bits, so that no two logs share a name.
fn unique_origin(arguments: &Arguments, context: &Context) -> Result<Origin, CommandError> {
    use vouchsafe_archive::Environment;
    let mut random = [0; 5];
    let failed = |error| CommandError::incomplete(format!("the system provides no randomness: {error}"));
    context.environment.fill_random(&mut random).map_err(failed)?;
    let name = match &arguments.origin {
        Some(origin) => origin.to_string(),
        None => folder_name(&arguments.folder),
    };
    format!("{name}-{}", base32(random)).parse().map_err(|error| CommandError::usage(format!("{error}")))
}

/// The name of a folder, as far as it can stand in an origin.
fn folder_name(folder: &Path) -> String {
    let name = std::path::absolute(folder).ok().and_then(|path| Some(path.file_name()?.to_string_lossy().into_owned()));
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    let name: String = name.unwrap_or_default().chars().filter(|c| plain(*c)).take(60).collect();
    if name.is_empty() { "archive.local".to_owned() } else { format!("{name}.local") }
}

/// 40 bits as eight letters and digits of Crockford's base 32, in lower case.
fn base32(bytes: [u8; 5]) -> String {
    let bits = bytes.iter().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
    (0..8)
        .rev()
        .map(|digit| char::from(b"0123456789abcdefghjkmnpqrstvwxyz"[(bits >> (5 * digit) & 31) as usize]))
        .collect()
}
