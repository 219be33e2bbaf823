//! The program: one file a command.
//!
//! `main` reads the arguments, opens the desk, runs one command and turns its error into words and an exit code. Commands
//! read their arguments, ask the desk and show a view; what they would have to think about lives lower down.

mod args;
mod asking;
mod bind;
mod check;
mod code;
mod completions;
mod config;
mod conflicts;
mod demo;
mod diff;
mod digest;
mod edit;
mod editor;
mod environment;
mod error;
mod fixes;
mod help;
mod history;
mod hooks;
mod import;
mod init;
mod kind;
mod later;
mod mail;
mod merge_driver;
mod note;
mod open;
mod place;
mod redact;
mod release;
mod rename;
mod review;
mod search;
mod set;
mod setup;
mod shared;
mod show;
mod sql;
mod sync;
mod template;
mod ticket;
mod today;
mod ui;
mod undo;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches};

use environment::Environment;
use error::CliError;
use ui::Ui;

pub use args::Cli;

/// Runs the program with the arguments and environment of the process.
pub fn main() -> ExitCode {
    environment::survive_signals();
    let environment = match Environment::of_process() {
        Ok(environment) => environment,
        Err(error) => return fail(&mut Ui::plain(), &error),
    };
    let mut ui = Ui::new(&environment);
    let cli = match parse(&args::with_noun(environment.arguments.clone())) {
        Ok(cli) => cli,
        Err(error) => return ui.clap(&error),
    };
    // What there is to show is shown even where something was wrong besides.
    let result = cli.run(&mut ui, &environment);
    let result = ui.finish().and(result);
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&mut ui, &error),
    }
}

fn parse(words: &[OsString]) -> Result<Cli, clap::Error> {
    let read = |mut command: clap::Command| Cli::from_arg_matches(&command.try_get_matches_from_mut(words)?);
    match read(later::put_off(Cli::command)) {
        // Help and the words of an error tell of all commands.
        Err(error) if error.kind() != clap::error::ErrorKind::DisplayVersion => read(Cli::command()),
        parsed => parsed,
    }
}

fn fail(ui: &mut Ui, error: &CliError) -> ExitCode {
    ui.error(error);
    ExitCode::from(error.exit as u8)
}

/// The whole command line, for completions, man pages and the reference.
pub fn command() -> clap::Command {
    Cli::command()
}
