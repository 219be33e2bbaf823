//! The program: one file a command.
//!
//! `main` reads the arguments, opens the desk, runs one command and turns its error into words and an exit code. Commands
//! read their arguments, ask the desk and show a view; what they would have to think about lives lower down.

mod args;
mod asking;
mod bind;
mod check;
mod completions;
mod config;
mod demo;
mod diff;
mod digest;
mod edit;
mod editor;
mod environment;
mod error;
mod help;
mod history;
mod import;
mod init;
mod kind;
mod mail;
mod note;
mod open;
mod redact;
mod rename;
mod search;
mod set;
mod setup;
mod shared;
mod show;
mod sql;
mod template;
mod ticket;
mod today;
mod ui;
mod undo;

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
    let words = args::with_noun(environment.arguments.clone());
    let matches = match Cli::command().try_get_matches_from(words) {
        Ok(matches) => matches,
        Err(error) => return ui.clap(&error),
    };
    let cli = match Cli::from_arg_matches(&matches) {
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

fn fail(ui: &mut Ui, error: &CliError) -> ExitCode {
    ui.error(error);
    ExitCode::from(error.exit as u8)
}

/// The whole command line, for completions, man pages and the reference.
pub fn command() -> clap::Command {
    Cli::command()
}
