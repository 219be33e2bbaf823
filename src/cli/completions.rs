//! `staple completions`: scripts for shells.

use super::args;
use super::error::CliError;
use super::ui::Ui;

/// Print a script that completes commands and options in your shell
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  staple completions bash > ~/.local/share/bash-completion/completions/staple\n  staple completions zsh > ~/.zfunc/_staple\n  staple completions fish > ~/.config/fish/completions/staple.fish"
)]
pub(crate) struct CompletionsArgs {
    /// The shell
    shell: clap_complete::Shell,
}

pub(crate) fn cmd_completions(ui: &mut Ui, args: &CompletionsArgs) -> Result<(), CliError> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut args::with_ticket_verbs(), "staple", &mut script);
    ui.text(&String::from_utf8_lossy(&script));
    Ok(())
}
