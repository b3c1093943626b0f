//! `musamma completions`.

use std::io::{self, Write};

use clap::Args as ClapArgs;
use clap_complete::Shell;

use super::Outcome;

/// Print completions for a shell
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  musamma completions bash > ~/.local/share/bash-completion/completions/musamma
  musamma completions zsh > ~/.zfunc/_musamma
  musamma completions fish > ~/.config/fish/completions/musamma.fish

Exit status: 0 done; 2 wrong usage.")]
pub(super) struct Args {
    /// Shell that reads them
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

pub(super) fn run(args: &Args, mut command: clap::Command) -> anyhow::Result<Outcome> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command, "musamma", &mut script);
    io::stdout().lock().write_all(&script)?;
    Ok(Outcome::Done)
}
