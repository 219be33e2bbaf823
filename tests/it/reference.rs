//! The help of every command, so that none changes unseen.

use crate::common::check_snapshot;

#[test]
fn the_help_of_every_command_is_as_it_was() {
    let mut command = staple::cli::command().term_width(100);
    command.build();
    let mut out = String::new();
    collect(&command, &mut out);
    check_snapshot("reference", out);
}

fn collect(command: &clap::Command, out: &mut String) {
    let help = command.clone().render_long_help().to_string();
    let help: Vec<&str> = help.lines().map(str::trim_end).collect();
    out.push_str(&format!("==== {}\n{}\n\n", command.get_bin_name().unwrap_or(command.get_name()), help.join("\n")));
    // clap adds `help` to every noun; what it says is the same everywhere.
    for inner in command.get_subcommands().filter(|inner| inner.get_name() != "help" || command.get_name() == "staple")
    {
        collect(inner, out);
    }
}
