//! The command line: the options of every command, and the commands with their arguments.

use clap::{Parser, Subcommand};

use super::options::Options;
use super::{
    agent, collections, completions, custody, demo, describe, doctor, export, fields, find, forget_index, gap, get,
    head, import, ingest, init, list, log, man, note, parity, prove, rebuild, repair, replicate, show, status,
    template, transfer, verify,
};

/// Keeps digital evidence so that it can still be verified decades from now.
///
/// Files are hashed (SHA-256) and kept unchanged. Every act on them is a signed entry (Ed25519) in a chain-of-custody
/// log that nobody can rewrite unnoticed.
#[derive(Parser)]
#[command(name = "vouchsafe", version, max_term_width = 100, after_help = EXIT_STATUS)]
#[command(infer_subcommands = false, arg_required_else_help = true)]
pub struct Cli {
    #[command(flatten)]
    pub options: Options,
    #[command(subcommand)]
    pub command: Command,
}

const EXIT_STATUS: &str = "Exit status: 0 done and sound; 1 findings, or files refused; 2 wrong usage; 3 not \
    completed.";

#[derive(Subcommand)]
pub enum Command {
    Init(init::Arguments),
    Ingest(ingest::Arguments),
    List(list::Arguments),
    Find(find::Arguments),
    Fields(fields::Arguments),
    Collections(collections::Arguments),
    Show(show::Arguments),
    Get(get::Arguments),
    Custody(custody::Arguments),
    Note(note::Arguments),
    Describe(describe::Arguments),
    Template(template::Arguments),
    Gap(gap::Arguments),
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
    Status(status::Arguments),
    Doctor(doctor::Arguments),
    Parity(parity::Arguments),
    Repair(repair::Arguments),
    Rebuild(rebuild::Arguments),
    ForgetIndex(forget_index::Arguments),
    Demo(demo::Arguments),
    Completions(completions::Arguments),
    Man(man::Arguments),
    /// Show the options that every command accepts
    #[command(name = "options", hide = true)]
    GlobalOptions,
    /// Print a page of reference as Markdown
    #[command(hide = true)]
    Reference {
        /// Which page
        #[arg(value_enum, default_value_t = Page::Commands)]
        page: Page,
    },
}

/// A page of reference.
#[derive(Clone, Copy, clap::ValueEnum)]
pub enum Page {
    /// All commands with their options, `docs/cli.md`.
    Commands,
    /// What commands print with --json, `docs/json.md`.
    Json,
}
