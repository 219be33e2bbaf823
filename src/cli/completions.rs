//! `staple completions`.

use super::error::CliError;
use super::ui::Ui;

/// Print what makes a shell complete commands and options
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  staple completions bash > ~/.local/share/bash-completion/completions/staple\n  staple completions fish > ~/.config/fish/completions/staple.fish\n  staple completions zsh > ~/.zfunc/_staple"
)]
pub(crate) struct CompletionsArgs {
    /// The shell
    shell: clap_complete::Shell,
}

pub(crate) fn cmd_completions(ui: &mut Ui, args: &CompletionsArgs) -> Result<(), CliError> {
    let mut out = Vec::new();
    clap_complete::generate(args.shell, &mut super::command(), "staple", &mut out);
    ui.text(&String::from_utf8_lossy(&out));
    Ok(())
}
