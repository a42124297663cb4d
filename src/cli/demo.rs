//! `vouchsafe demo`
/// Build a small archive from sample documents and show what can be done with it
#[derive(clap::Args)]
pub struct Arguments {
    /// The folder to build it in; must be empty or not exist [default: vouchsafe-demo]
    #[arg(value_name = "DIR", default_value = "vouchsafe-demo")]
    folder: std::path::PathBuf,
}
pub fn run(_arguments: &Arguments) -> Result<super::Done, super::error::CommandError> {
    Ok(super::Done::Well)
}
