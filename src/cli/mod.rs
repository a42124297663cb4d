//! The commands: arguments (their doc comments are the help), one call into the library, rendering.

mod agent;
mod agent_names;
mod check_command;
mod collection_names;
mod collections;
mod command_line;
mod completions;
mod conditions;
mod context;
mod copy_names;
mod custody;
mod demo;
mod describe;
mod describe_table;
mod disclosed;
mod doctor;
mod done;
mod entry;
mod error;
mod exhibit_names;
mod exhibit_rows;
mod export;
mod field_options;
mod fields;
mod find;
mod folders;
mod foreign;
mod forget_index;
mod gap;
mod get;
mod head;
mod help;
mod help_texts;
mod hints;
mod import;
mod ingest;
mod ingest_table;
mod init;
mod json;
mod keyring;
mod left_out;
mod list;
mod listing;
mod log;
mod man;
mod note;
mod nothing;
mod opening;
mod options;
mod output;
mod parity;
mod passed;
mod passphrases;
mod places;
mod prove;
mod rebuild;
mod receipt_page;
mod record;
mod remedy;
mod repair;
mod replicate;
mod risks;
mod say;
mod show;
mod status;
mod stop;
mod table_input;
mod table_output;
mod template;
mod times;
mod transfer;
mod typed_names;
mod verify;
mod watcher;
mod world;

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};

use clap::FromArgMatches;
use vouchsafe_archive::index_error_in;
use vouchsafe_archive::{ArchiveError, forget_index};

use command_line::{Cli, Command, Page};
use context::Context;
use done::Done;
use error::CommandError;
use vouchsafe_check::text::{PRIVATE_KEY, is_private_key};

/// Runs the command that was typed.
pub fn main() -> ExitCode {
    if std::env::args_os().len() <= 1 {
        // clap would count options from the environment as arguments, and print no help.
        let _ = help::print_program();
        return ExitCode::from(2);
    }
    // Errors repeat what was typed.
    let mut arguments = std::env::args_os().skip(1).chain(VARIABLES.iter().filter_map(std::env::var_os));
    if arguments.any(|argument| is_private_key(&argument.to_string_lossy())) {
        let error = CommandError::usage(PRIVATE_KEY.0).hint(PRIVATE_KEY.1);
        return error.report(asks_for_json());
    }
    let parsed = help::command(None).try_get_matches().and_then(|matches| {
        let cli = Cli::from_arg_matches(&matches).map_err(|error| error.format(&mut help::command(None)))?;
        Ok((cli, matches.subcommand_name().map(str::to_owned)))
    });
    let (cli, name) = match parsed {
        Ok(parsed) => parsed,
        Err(error) if error.use_stderr() && asks_for_json() => {
            return CommandError::usage(error.to_string().trim_end().trim_start_matches("error: ")).report(true);
        }
        Err(error) => {
            // Help, version and a closed pipe are not errors.
            let (text, is_error) = (error.render(), error.use_stderr());
            let _ = match is_error {
                true => help::print(&mut std::io::stderr(), &text),
                false => help::print(&mut std::io::stdout(), &text),
            };
            return ExitCode::from(if is_error { 2 } else { 0 });
        }
    };
    if cli.options.quiet {
        say::be_quiet();
    }
    let is_json = cli.options.json;
    let previous_hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if is_of_the_database(panic.location()) {
            let message = panic.payload_as_str().unwrap_or_default().to_owned();
            DATABASE_PANIC.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(message);
        } else {
            previous_hook(panic);
        }
    }));
    let result = catch_unwind(|| run(cli, name)).unwrap_or_else(|_| {
        Err(CommandError::incomplete("an internal check failed; what was acknowledged is safe")
            .hint("if the index is damaged, `vouchsafe rebuild` rebuilds it. If this happens again, please report it"))
    });
    match result {
        Ok(done) => done.into(),
        Err(error) if error.is_broken_pipe() => ExitCode::SUCCESS,
        Err(error) => error.report(is_json),
    }
}

/// The width of the reference, in columns.
const REFERENCE_WIDTH: usize = 100;

/// The variables that stand for options.
const VARIABLES: [&str; 3] = ["VOUCHSAFE_ARCHIVE", "VOUCHSAFE_KEY", "VOUCHSAFE_LOG_KEY"];

/// Whether to print errors as JSON if the arguments could not be read.
fn asks_for_json() -> bool {
    std::env::args_os().any(|argument| argument == "--json")
}

/// The message that the database panicked with, if it did.
static DATABASE_PANIC: Mutex<Option<String>> = Mutex::new(None);

/// The database panics on damaged files. The panic is caught and reported in our own words.
fn is_of_the_database(place: Option<&std::panic::Location<'_>>) -> bool {
    place.is_some_and(|place| place.file().contains("/sled-"))
}

fn run(cli: Cli, name: Option<String>) -> Result<Done, CommandError> {
    let context = Context::new(cli.options, name)?;
    let archive = context.archive().to_owned();
    let forget = |message: String| {
        let is_forgotten = forget_index(&archive, &context.environment).is_ok();
        Err(CommandError::damaged_index(message, is_forgotten))
    };
    match catch_unwind(AssertUnwindSafe(|| run_command(&context, cli.command))) {
        Ok(Err(error)) if error.is_damaged_index() => forget(error.into_message()),
        Ok(done) => done,
        Err(panic) => match DATABASE_PANIC.lock().unwrap_or_else(PoisonError::into_inner).take() {
            Some(message) => match index_error_in(&message) {
                Some(error) => Err(ArchiveError::from(error).into()),
                None => forget("the index (the folder index/) cannot be read: its files are damaged".to_owned()),
            },
            None => resume_unwind(panic),
        },
    }
}

fn run_command(context: &Context, command: Command) -> Result<Done, CommandError> {
    let done = match command {
        Command::Init(arguments) => init::run(context, &arguments),
        Command::Ingest(arguments) => ingest::run(context, &arguments),
        Command::List(arguments) => list::run(context, &arguments),
        Command::Find(arguments) => find::run(context, &arguments),
        Command::Fields(arguments) => fields::run(context, &arguments),
        Command::Collections(arguments) => collections::run(context, &arguments),
        Command::Show(arguments) => show::run(context, &arguments),
        Command::Get(arguments) => get::run(context, &arguments),
        Command::Custody(arguments) => custody::run(context, &arguments),
        Command::Note(arguments) => note::run(context, &arguments),
        Command::Describe(arguments) => describe::run(context, &arguments),
        Command::Template(arguments) => template::run(context, &arguments),
        Command::Gap(arguments) => gap::run(context, &arguments),
        Command::Log(arguments) => log::run(context, &arguments),
        Command::Head(arguments) => head::run(context, &arguments),
        Command::Prove(arguments) => prove::run(context, &arguments),
        Command::Verify(arguments) => verify::run(context, &arguments),
        Command::Export(arguments) => export::run(context, &arguments),
        Command::Check(arguments) => check_command::run(context, &arguments),
        Command::Import(arguments) => import::run(context, &arguments),
        Command::Transfer(arguments) => transfer::run(context, &arguments),
        Command::Agent(arguments) => agent::run(context, &arguments),
        Command::Replicate(arguments) => replicate::run(context, &arguments),
        Command::Status(arguments) => status::run(context, &arguments),
        Command::Doctor(arguments) => doctor::run(context, &arguments),
        Command::Parity(arguments) => parity::run(context, &arguments),
        Command::Repair(arguments) => repair::run(context, &arguments),
        Command::Rebuild(arguments) => rebuild::run(context, &arguments),
        Command::ForgetIndex(arguments) => forget_index::run(context, &arguments),
        Command::Demo(arguments) => demo::run(&arguments),
        Command::Completions(arguments) => completions::run(&arguments, help::visible_command()),
        Command::Man(arguments) => man::run(context, &arguments, help::visible_command()),
        Command::GlobalOptions => help::print_global_options(),
        Command::Reference { page: Page::Commands } => output::reference(help::command(Some(REFERENCE_WIDTH))),
        Command::Reference { page: Page::Json } => output::json_page(),
    };
    let done = done.map_err(|error| match context.what_is_done() {
        Some(what) if error.is_of_output() => error
            .preceded_by(&format!("{what}, but "))
            .hint("do not repeat the command: it did its work, and only its output is lost"),
        _ => error,
    });
    done.map(|done| if context.has_warned() { done.max(Done::WithFindings) } else { done })
}
