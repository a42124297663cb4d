//! The command line: the options of every command, and the commands with their arguments.

use clap::{Parser, Subcommand};

use super::options::Options;
use super::{
    agent, custody, demo, describe, exhibit, export, get, head, import, ingest, init, log, parity, prove, rebuild,
    repair, replicate, status, transfer, verify,
};

/// Keeps evidence so that it is still believed in twenty years.
///
/// Files are hashed (SHA-256) and kept unchanged; every act on them is a signed entry (Ed25519) in a
/// chain-of-custody log that nobody can rewrite unseen.
#[derive(Parser)]
#[command(name = "vouchsafe", version, max_term_width = 100, after_help = EXIT_STATUS)]
#[command(infer_subcommands = false, arg_required_else_help = true)]
pub struct Cli {
    #[command(flatten)]
    pub options: Options,
    #[command(subcommand)]
    pub command: Command,
}

const EXIT_STATUS: &str = "Exit status: 0 done, and sound; 1 findings, or files refused; \
2 the command was not understood; 3 it could not be completed.";

#[derive(Subcommand)]
pub enum Command {
    Init(init::Arguments),
    Ingest(ingest::Arguments),
    List(exhibit::ListArguments),
    Find(exhibit::FindArguments),
    Show(exhibit::ShowArguments),
    Get(get::Arguments),
    Custody(custody::Arguments),
    Note(custody::NoteArguments),
    Describe(describe::Arguments),
    Gap(custody::GapArguments),
    Log(log::Arguments),
    Head(head::Arguments),
    Prove(prove::Arguments),
    Verify(verify::Arguments),
    Export(export::Arguments),
    Check(vouchsafe_check::check::Arguments),
    Import(import::Arguments),
    Transfer(transfer::Arguments),
    Agent(agent::Arguments),
    Replicate(replicate::Arguments),
    Status(status::StatusArguments),
    Doctor(status::DoctorArguments),
    Parity(parity::Arguments),
    Repair(repair::Arguments),
    Rebuild(rebuild::Arguments),
    Demo(demo::Arguments),
    /// Print this reference as Markdown
    #[command(hide = true)]
    Reference,
}
