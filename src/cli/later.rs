//! Commands whose options are made known to the parser only when they are the one that is run.
//!
//! Building the options of all commands costs more than many of them do: nearly a millisecond, at each start. Help, completions
//! and the words of errors tell of all commands; for those the command line is made whole.

use std::cell::Cell;

use clap::{ArgMatches, Args, Command, Error, FromArgMatches, Subcommand};

thread_local! {
    static PUT_OFF: Cell<bool> = const { Cell::new(false) };
}

/// What `make` builds, with nothing but a name of each command in a [`Later`] until the parser meets it.
pub(crate) fn put_off(make: impl FnOnce() -> Command) -> Command {
    let before = PUT_OFF.replace(true);
    let command = make();
    PUT_OFF.set(before);
    command
}

/// The arguments of a command, or its subcommands, that [`put_off`] leaves for later.
#[derive(Debug)]
pub(crate) struct Later<T>(pub(crate) T);

impl<T: FromArgMatches> FromArgMatches for Later<T> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        T::from_arg_matches(matches).map(Self)
    }

    fn from_arg_matches_mut(matches: &mut ArgMatches) -> Result<Self, Error> {
        T::from_arg_matches_mut(matches).map(Self)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        self.0.update_from_arg_matches(matches)
    }
}

impl<T: Args> Args for Later<T> {
    fn augment_args(command: Command) -> Command {
        if PUT_OFF.get() { command.defer(T::augment_args) } else { T::augment_args(command) }
    }

    fn augment_args_for_update(command: Command) -> Command {
        T::augment_args_for_update(command)
    }
}

impl<T: Subcommand> Subcommand for Later<T> {
    fn augment_subcommands(command: Command) -> Command {
        if PUT_OFF.get() {
            command.defer(|command| put_off(|| T::augment_subcommands(command)))
        } else {
            T::augment_subcommands(command)
        }
    }

    fn augment_subcommands_for_update(command: Command) -> Command {
        T::augment_subcommands_for_update(command)
    }

    fn has_subcommand(name: &str) -> bool {
        T::has_subcommand(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Cli;

    #[test]
    fn a_command_that_is_not_run_is_only_a_name() {
        let size = |command: &Command| command.find_subcommand("show").map(|show| show.get_arguments().count());
        assert_eq!(size(&put_off(<Cli as clap::CommandFactory>::command)), Some(0));
        assert!(size(&<Cli as clap::CommandFactory>::command()) > Some(0));
    }

    #[test]
    fn both_command_lines_read_the_same() {
        for line in
            ["list owner:@me --all", "ticket take 7k3 --why x", "show 7k3 --json", "-C x role list", "config get zone"]
        {
            let words = || std::iter::once("staple").chain(line.split(' ')).map(Into::into);
            let words = crate::cli::args::with_noun(words().collect());
            let read = |mut command: Command| {
                Cli::from_arg_matches(
                    &command.try_get_matches_from_mut(&words).unwrap_or_else(|error| panic!("{line}: {error}")),
                )
                .map(|cli| format!("{cli:?}"))
                .unwrap_or_default()
            };
            let whole = read(<Cli as clap::CommandFactory>::command());
            assert_eq!(read(put_off(<Cli as clap::CommandFactory>::command)), whole);
            assert!(!whole.is_empty());
        }
    }
}
