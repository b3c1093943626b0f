//! `musamma man`.

use std::{
    fs,
    io::{self, Write},
    path::PathBuf,
};

use anyhow::Context;
use clap::Args as ClapArgs;

use super::Outcome;

/// Print the manual page, or write those of all commands
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  musamma man | man -l -
  musamma man -o ~/.local/share/man/man1

Exit status: 0 done; 2 wrong usage.")]
pub(super) struct Args {
    /// Folder to write a page for each command to
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
}

pub(super) fn run(args: &Args, command: clap::Command) -> anyhow::Result<Outcome> {
    match &args.output {
        None => {
            let mut page = Vec::new();
            clap_mangen::Man::new(command).render(&mut page)?;
            io::stdout().lock().write_all(&page)?;
        }
        Some(folder) => {
            fs::create_dir_all(folder).with_context(|| format!("cannot create `{}`", folder.display()))?;
            clap_mangen::generate_to(command, folder)
                .with_context(|| format!("cannot write the pages to `{}`", folder.display()))?;
        }
    }
    Ok(Outcome::Done)
}
