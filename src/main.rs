//! The command line of vouchsafe.

mod cli;

fn main() -> std::process::ExitCode {
    cli::main()
}
