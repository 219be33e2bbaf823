//! `staple completions`: scripts for shells.
//!
//! Commands and options stand in the script; references come from the desk, which a hook in the script asks as one types.

pub(crate) mod refs;

use clap_complete::Shell;

use super::args;
use super::error::CliError;
use super::ui::Ui;

/// Print a script that completes commands, options, ids and slugs in your shell
///
/// In bash, zsh and fish, ids and slugs come from the index of the desk: open tickets with their titles, and whatever fits the place.
/// Before the first list of a desk there is no index, and so there are none.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  staple completions bash > ~/.local/share/bash-completion/completions/staple\n  staple completions zsh > ~/.zfunc/_staple\n  staple completions fish > ~/.config/fish/completions/staple.fish"
)]
pub(crate) struct CompletionsArgs {
    /// The shell
    shell: Shell,
}

pub(crate) fn cmd_completions(ui: &mut Ui, args: &CompletionsArgs) -> Result<(), CliError> {
    ui.text(&script(args.shell));
    Ok(())
}

fn script(shell: Shell) -> String {
    let mut command = refs::marked(args::with_ticket_verbs());
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command, "staple", &mut script);
    let script = String::from_utf8_lossy(&script);
    match shell {
        Shell::Bash => {
            let start = "complete -F _staple ";
            let own = script.replace(start, "complete -F _staple_with_references ");
            format!("{}\n{own}", include_str!("completions/hook.bash"))
        }
        Shell::Zsh => {
            let own = script.replace(":_hosts'", ":_staple_references'");
            // What is typed is kept before the parser of arguments takes parts of it away.
            let start = "_staple() {\n";
            let own =
                own.replacen(start, &format!("{start}    local -a staple_words=(\"${{(@)words[2,CURRENT]}}\")\n"), 1);
            let (first, rest) = own.split_once('\n').unwrap_or((&own, ""));
            format!("{first}\n\n{}{rest}", include_str!("completions/hook.zsh"))
        }
        Shell::Fish => {
            let own = script.replace("(__fish_print_hostnames)", "(__staple_references)");
            format!("{}\n{own}", include_str!("completions/hook.fish"))
        }
        _ => script.into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hook_is_in_the_scripts() {
        for (shell, hook) in [
            (Shell::Bash, "complete -F _staple_with_references -o nosort"),
            (Shell::Zsh, ":CUSTOMER:_staple_references'"),
            (Shell::Zsh, "local -a staple_words="),
            (Shell::Fish, "-l customer -d 'Whose it is'"),
        ] {
            assert!(script(shell).contains(hook), "{shell}: {hook}");
        }
        let fish = script(Shell::Fish);
        let customer = fish.lines().find(|line| line.contains("-l customer ")).unwrap_or_default();
        assert!(customer.ends_with("-r -f -a \"(__staple_references)\""), "{customer}");
        for shell in [Shell::Bash, Shell::Zsh, Shell::Fish, Shell::Elvish, Shell::PowerShell] {
            let script = script(shell);
            assert!(!script.contains("_hosts") && !script.contains("hostnames"), "{shell}");
            assert!(!script.contains("complete -F _staple "), "{shell}");
        }
    }
}
