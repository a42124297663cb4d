//! `vouchsafe prove`

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use vouchsafe_archive::store::durable::{create_private_file, create_private_folder};
use vouchsafe_archive::{ArchiveError, LoggedEntry, Reader, receipt, receipts};
use vouchsafe_core::model::{EntryIndex, ExhibitId};
use vouchsafe_core::sign::{ENTRY_NAMESPACE, KeyId, PublicKey};

use super::context::Context;
use super::done::Done;
use super::error::CommandError;
use super::exhibit_names::find_exhibit;
use super::json;
use super::output::{self, count, printable};
use super::places::check_outside;
use super::say;

/// Write a receipt: proof that an entry about an exhibit is in the log
///
/// A receipt (C2SP tlog-proof) holds the entry, the path to the root, and the signed checkpoint. The receipts of the
/// archive's first entry and of the entries that introduced the keys come before it, so that anybody with the archive's
/// fingerprint can check it: `vouchsafe check RECEIPT --trust FINGERPRINT`. With --kit, the command writes everything
/// that ssh-keygen, openssl and sha256sum need to check all entries of the exhibit.
#[derive(clap::Args)]
pub struct Arguments {
    /// The exhibit's name, or the beginning of it
    #[arg(value_name = "EXHIBIT")]
    exhibit: String,
    /// The entry to prove [default: the entry that ingested the exhibit]
    #[arg(long, value_name = "INDEX")]
    entry: Option<u64>,
    /// The file to write [default: standard output]
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,
    /// Write entries, signatures, receipts and keys into this new folder
    #[arg(long, value_name = "DIR", conflicts_with_all = ["entry", "to"])]
    kit: Option<PathBuf>,
}

pub fn run(context: &Context, arguments: &Arguments) -> Result<Done, CommandError> {
    for to in [&arguments.to, &arguments.kit].into_iter().flatten() {
        check_outside(to)?;
    }
    let archive = context.open()?;
    let exhibit = find_exhibit(&archive, &arguments.exhibit)?;
    if let Some(folder) = &arguments.kit {
        return write_kit(context, &archive, exhibit, folder);
    }
    let history = archive.history(exhibit)?;
    let index = match arguments.entry.map(EntryIndex) {
        Some(index) if !history.contains(&index) => {
            return Err(CommandError::usage(format!("entry {index} is not about {exhibit}")));
        }
        Some(index) => index,
        None => archive.exhibit(exhibit)?.ingested_at,
    };
    let receipt = receipts(&archive, index)?.to_string();
    match &arguments.to {
        Some(path) => {
            write_new(path, receipt.as_bytes())?;
            if !context.options.json {
                say::progress(format_args!("Wrote {}", printable(&path.display().to_string())));
            }
        }
        None if !context.options.json => std::io::stdout().lock().write_all(receipt.as_bytes())?,
        None => {}
    }
    if context.options.json {
        let (to, receipt) = (&arguments.to, arguments.to.is_none().then_some(receipt));
        output::json(&mut std::io::stdout().lock(), &json::Proved { exhibit, index, receipt, to })?;
    }
    Ok(Done::Well)
}

/// Writes a new file that only this user can read.
pub fn write_new(path: &Path, content: &[u8]) -> Result<(), CommandError> {
    create_private_file(path, content).map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => ArchiveError::Exists { path: path.to_owned() }.into(),
        _ => CommandError::incomplete(format!("{}: cannot write the file: {error}", path.display())),
    })
}

fn write_kit(context: &Context, archive: &Reader, exhibit: ExhibitId, folder: &Path) -> Result<Done, CommandError> {
    let history = archive.custody(exhibit)?;
    create_private_folder(folder).map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => ArchiveError::Exists { path: folder.to_owned() }.into(),
        _ => CommandError::incomplete(format!("{}: cannot create the folder: {error}", folder.display())),
    })?;
    let mut keys: BTreeMap<KeyId, PublicKey> = BTreeMap::new();
    for logged in &history {
        write_entry(archive, logged, folder, &mut keys)?;
    }
    let signers: String =
        keys.iter().map(|(id, key)| format!("{id} namespaces=\"{ENTRY_NAMESPACE}\" {key}\n")).collect();
    write_new(&folder.join("allowed_signers"), signers.as_bytes())?;
    let log_key = archive.log_key();
    write_new(&folder.join("checkpoint"), archive.head()?.text().as_bytes())?;
    write_new(&folder.join("log.pub.pem"), log_key.to_pem().as_bytes())?;
    write_new(&folder.join("log.vkey"), format!("{log_key}\n").as_bytes())?;
    write_new(&folder.join("check-receipt.sh"), CHECK_RECEIPT.as_bytes())?;
    write_new(&folder.join("README.txt"), KIT_README.as_bytes())?;
    if context.options.json {
        let value = json::ProofKit { entries: history.len(), exhibit, kit: folder };
        output::json(&mut std::io::stdout().lock(), &value)?;
        return Ok(Done::Well);
    }
    let shown = printable(&folder.display().to_string());
    let entries = count(history.len() as u64, "entry");
    writeln!(std::io::stdout(), "Wrote {entries} with signatures and receipts into {shown}")?;
    Ok(Done::Well)
}

fn write_entry(
    archive: &Reader,
    logged: &LoggedEntry,
    folder: &Path,
    keys: &mut BTreeMap<KeyId, PublicKey>,
) -> Result<(), CommandError> {
    let signed = &logged.entry;
    let index = signed.entry.index;
    let file = |suffix: &str| folder.join(format!("entry-{index}{suffix}"));
    write_new(&file(".json"), &signed.message())?;
    for (number, signature) in signed.signatures.iter().enumerate() {
        let agent = archive.agent(signature.key)?;
        let Some(agent) = agent else { continue };
        let key = agent.standing.record.public_key;
        let armored = signature
            .signature
            .to_sshsig(ENTRY_NAMESPACE, &key)
            .map_err(|error| CommandError::incomplete(format!("entry {index}: {error}")))?;
        let suffix = if number == 0 { ".json.sig".to_owned() } else { format!(".json.{number}.sig") };
        write_new(&file(&suffix), armored.as_bytes())?;
        keys.insert(signature.key, key);
    }
    write_new(&file(".line"), signed.line())?;
    write_new(&file(".tlog-proof"), receipt(archive, index)?.to_string().as_bytes())
}

const CHECK_RECEIPT: &str = include_str!("check-receipt.sh");

const KIT_README: &str = "\
How to check these entries without vouchsafe

entry-N.json        what was signed
entry-N.json.sig    its signature (SSHSIG)
entry-N.line        the whole line of the log: entry-N.json with its signatures inside
entry-N.tlog-proof  proof that the line is in the log (C2SP tlog-proof)
checkpoint          the signed statement of the log's size and root
allowed_signers     the agents' keys, by fingerprint
log.pub.pem         the log's key; log.vkey is the same key in another form
check-receipt.sh    a short script for the last of the checks below

The keys in this folder came with the data. What shows whose they are is the archive's fingerprint, which you have
from a separate channel (check-receipt.sh takes it); without that, these checks show only that the files agree with each other.

1. The signature of an entry (N is its number; SHA256:... is the value of \"actor\" in entry-N.json):
     ssh-keygen -Y verify -f allowed_signers -I SHA256:... -n vouchsafe-entry@1 -s entry-N.json.sig < entry-N.json

2. The signature of the checkpoint:
     sed '/^$/,$d' checkpoint > body.txt
     sed -n 's/^\u{2014} [^ ]* //p' checkpoint | head -n 1 | openssl base64 -d -A | tail -c +5 > note.sig
     openssl pkeyutl -verify -pubin -inkey log.pub.pem -rawin -in body.txt -sigfile note.sig

3. That the line is in the log which the checkpoint speaks of:
     sh check-receipt.sh entry-N.tlog-proof log.pub.pem
";
