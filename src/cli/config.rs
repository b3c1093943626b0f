//! Defaults for options, from `musamma.toml`.
//!
//! A key is the long name of an option. One at the top is for every command that
//! has the option; one in a table with a command's name is for that command. What
//! is given on the command line goes before, and rules out what conflicts with it.

use std::{
    env,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context;
use clap::{ArgMatches, Command, error::ErrorKind, parser::ValueSource};
use toml::{Table, Value};

/// Names the file of defaults, instead of `musamma.toml` in the current folder.
pub(super) const CONFIG_VARIABLE: &str = "MUSAMMA_CONFIG";

const CONFIG_FILE: &str = "musamma.toml";

/// Parses the arguments, with the defaults of the file of defaults where there
/// is one. Ends the program where they are wrong or ask for help.
pub(super) fn parse(command: &Command) -> anyhow::Result<ArgMatches> {
    let arguments: Vec<OsString> = env::args_os().collect();
    let matches = command.clone().get_matches_from(&arguments);
    let named = matches.get_one::<PathBuf>("config").cloned();
    let variable = || env::var_os(CONFIG_VARIABLE).filter(|path| !path.is_empty()).map(PathBuf::from);
    let path = match named.or_else(variable) {
        Some(path) => path,
        None if Path::new(CONFIG_FILE).is_file() => CONFIG_FILE.into(),
        None => return Ok(matches),
    };
    let table = fs::read_to_string(&path).with_context(|| format!("cannot read `{}`", path.display()))?;
    table
        .parse::<Table>()
        .map_err(anyhow::Error::from)
        .and_then(|table| with_defaults(command, arguments, matches, &table))
        .with_context(|| format!("cannot use the defaults in `{}`", path.display()))
}

fn with_defaults(
    command: &Command,
    mut arguments: Vec<OsString>,
    mut matches: ArgMatches,
    table: &Table,
) -> anyhow::Result<ArgMatches> {
    let Some(name) = matches.subcommand_name().map(str::to_owned) else { return Ok(matches) };
    let position = arguments.iter().skip(1).position(|argument| *argument == *name).map_or(1, |at| at + 2);
    for (key, value, is_own) in entries(command, &name, table)? {
        let Some(subcommand) = command.find_subcommand(&name) else { continue };
        let options = subcommand.get_arguments().chain(command.get_arguments());
        let Some(option) = options.into_iter().find(|option| option.get_long() == Some(key)) else {
            anyhow::ensure!(!is_own, "`{name}` has no option `--{key}`");
            continue;
        };
        let given = |matches: &ArgMatches| {
            matches.try_contains_id(option.get_id().as_str()).is_ok_and(|known| known)
                && matches.value_source(option.get_id().as_str()) == Some(ValueSource::CommandLine)
        };
        if given(&matches) || matches.subcommand().is_some_and(|(_, own)| given(own)) {
            continue;
        }
        let mut tried = arguments.clone();
        tried.splice(position..position, written(key, value)?);
        match command.clone().try_get_matches_from(&tried) {
            Ok(found) => (arguments, matches) = (tried, found),
            // The command line has no room for it: it says something else, or does without.
            Err(error) if matches!(error.kind(), ErrorKind::ArgumentConflict | ErrorKind::MissingRequiredArgument) => {}
            Err(error) => {
                let message = error.to_string();
                let line = message.lines().next().unwrap_or_default();
                anyhow::bail!("`{key}`: {}", line.trim_start_matches("error: "));
            }
        }
    }
    Ok(matches)
}

/// The entries that are for a command: key, value, and whether they are for it alone.
fn entries<'table>(
    command: &Command,
    name: &str,
    table: &'table Table,
) -> anyhow::Result<Vec<(&'table str, &'table Value, bool)>> {
    let mut entries = Vec::new();
    for (key, value) in table {
        match value {
            Value::Table(own) => {
                anyhow::ensure!(command.find_subcommand(key).is_some(), "there is no command `{key}`");
                if key == name {
                    entries.extend(own.iter().map(|(key, value)| (key.as_str(), value, true)));
                }
            }
            value => {
                let has = |command: &Command| command.get_arguments().any(|option| option.get_long() == Some(key));
                let known = has(command) || command.get_subcommands().any(has);
                anyhow::ensure!(known, "no command has an option `--{key}`");
                entries.push((key.as_str(), value, false));
            }
        }
    }
    Ok(entries)
}

/// An option as it is written on a command line.
fn written(key: &str, value: &Value) -> anyhow::Result<Vec<OsString>> {
    let one = |value: &Value| match value {
        Value::String(text) => Ok(format!("--{key}={text}").into()),
        Value::Integer(number) => Ok(format!("--{key}={number}").into()),
        Value::Float(number) => Ok(format!("--{key}={number}").into()),
        Value::Datetime(date) => Ok(format!("--{key}={date}").into()),
        _ => anyhow::bail!("`{key}`: expected text, a number, a date, true or false, or a list of such"),
    };
    match value {
        Value::Boolean(true) => Ok(vec![format!("--{key}").into()]),
        Value::Boolean(false) => Ok(Vec::new()),
        Value::Array(values) => values.iter().map(one).collect(),
        value => Ok(vec![one(value)?]),
    }
}
