//! Commands and outputs as a page shows them.

/// What one command prints, as a page has it.
#[derive(Debug)]
pub struct Step {
    /// The command, with its further lines if it has any.
    pub command: String,
    /// The lines after it. `…` stands for any number of lines.
    pub output: Vec<String>,
}

/// The console blocks of a page, each a list of commands.
pub struct Page {
    pub blocks: Vec<Vec<Step>>,
}

impl Page {
    /// Reads the blocks that are marked as `console`. In a block in which no line begins with `$ `, every line is a command.
    pub fn read(text: &str) -> Self {
        let mut blocks = Vec::new();
        let mut block: Option<Vec<&str>> = None;
        for line in text.lines() {
            match (&mut block, line.trim()) {
                (None, "```console") => block = Some(Vec::new()),
                (Some(lines), "```") => {
                    blocks.push(steps(lines));
                    block = None;
                }
                (Some(lines), _) => lines.push(line),
                (None, _) => {}
            }
        }
        Self { blocks }
    }

    /// All commands, in their order.
    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        self.blocks.iter().flatten()
    }
}

fn steps(lines: &[&str]) -> Vec<Step> {
    let has_prompts = lines.iter().any(|line| line.trim_start().starts_with("$ "));
    let mut steps: Vec<Step> = Vec::new();
    let mut goes_on = false;
    for line in lines {
        let begins = if has_prompts { line.trim_start().strip_prefix("$ ") } else { Some(*line) };
        match (goes_on, begins, steps.last_mut()) {
            (true, _, Some(step)) => {
                step.command.push('\n');
                step.command.push_str(line);
            }
            (_, Some(command), _) if !command.trim().is_empty() => {
                steps.push(Step { command: without_comment(command).to_owned(), output: Vec::new() });
            }
            (_, None, Some(step)) => step.output.push((*line).to_owned()),
            _ => {}
        }
        goes_on = line.ends_with('\\');
    }
    steps
}

/// A command without the remark after it.
fn without_comment(command: &str) -> &str {
    command.split_once("  # ").map_or(command, |(command, _)| command).trim_end()
}

impl Step {
    /// Whether it installs the program, which a test has at hand.
    pub fn installs_the_program(&self) -> bool {
        self.command.starts_with("cargo ")
    }
}
