//! `staple hooks`: what git asks Staple when somebody commits or merges with git alone.

use std::collections::BTreeSet;
use std::path::Path;

use super::environment::Environment;
use super::error::{CliError, Exit};
use super::open::{self, Globals};
use super::ui::Ui;
use super::{check, merge_driver};
use crate::check::cross_edit::new_ones;
use crate::desk::{At, Desk};
use crate::record::finding::{Finding, Severity};
use crate::store::hook_files::HookState;
use crate::store::layout::locate;
use crate::store::{self, Store};

/// The hooks there are, and what each does.
const HOOKS: [(&str, &str); 3] = [
    ("pre-commit", "checks the records that are about to be committed"),
    ("commit-msg", "checks what the message says of tickets"),
    ("post-merge", "brings the index up to date"),
];

/// Hooks: have git check what you commit by hand, beside hooks that are there
#[derive(Debug, clap::Subcommand)]
pub(crate) enum HooksCommand {
    Install(InstallArgs),
    Remove(RemoveArgs),
    List(ListArgs),
    #[command(hide = true)]
    Run(RunArgs),
}

/// Install the hooks in this clone; a hook that is there runs first
///
/// pre-commit checks the records that are about to be committed, commit-msg what the message says of tickets, post-merge brings
/// the index up to date. To commit anyway: git commit --no-verify.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  staple hooks install\n  staple hooks list")]
pub(crate) struct InstallArgs {}

/// Take the hooks out of this clone; hooks that were there before are put back
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  staple hooks remove")]
pub(crate) struct RemoveArgs {}

/// Show which hooks are installed
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  staple hooks list")]
pub(crate) struct ListArgs {}

/// Do what a hook does, as git calls it
#[derive(Debug, clap::Args)]
pub(crate) struct RunArgs {
    /// The hook
    #[arg(value_parser = ["pre-commit", "commit-msg", "post-merge"])]
    name: String,

    /// What git gives it
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

pub(crate) fn cmd_hooks(
    ui: &mut Ui,
    globals: &Globals,
    environment: &Environment,
    command: &HooksCommand,
) -> Result<(), CliError> {
    if let HooksCommand::Run(args) = command {
        return run(ui, globals, environment, args);
    }
    let desk = open::desk(ui, globals, environment)?;
    if !open::stands_in(globals, environment, &desk) {
        let hint = "its message can be checked there: add to its hook commit-msg: staple hooks run commit-msg \"$1\"";
        return Err(CliError::refused(
            format!("the desk lies in another repository, {}", desk.store().work_dir().display()),
            hint,
        ));
    }
    match command {
        HooksCommand::Install(_) => cmd_install(ui, &desk),
        HooksCommand::Remove(_) => cmd_remove(ui, &desk),
        HooksCommand::List(_) => cmd_list(ui, &desk),
        HooksCommand::Run(_) => Ok(()),
    }
}

/// Runs a hook, which refuses because of what it finds and for no other reason: a branch may have no desk.
fn run(ui: &mut Ui, globals: &Globals, environment: &Environment, args: &RunArgs) -> Result<(), CliError> {
    if let Err(store::Error::NoDesk { .. }) = Store::open(&open::discover(globals, environment)) {
        return Ok(());
    }
    let ran = open::desk(ui, globals, environment).and_then(|desk| cmd_run(ui, globals, environment, &desk, args));
    match ran {
        Err(error) if error.exit != Exit::Findings => {
            ui.warn(format!("not checked: {}", error.message));
            Ok(())
        }
        other => other,
    }
}

pub(crate) fn cmd_install(ui: &mut Ui, desk: &Desk) -> Result<(), CliError> {
    let Some(folder) = desk.store().own_hooks_folder() else {
        let hint = "add a line to each of its hooks, such as to pre-commit: staple hooks run pre-commit \"$@\"";
        return Err(CliError::refused(
            "the hooks of this clone lie in a folder that others share (core.hooksPath)",
            hint,
        ));
    };
    for (name, what) in HOOKS {
        let words = match Store::install_hook(&folder, name)? {
            HookState::None => "installed",
            HookState::Theirs => "installed, and the one that was there runs first",
            HookState::Ours | HookState::Both => "there already",
        };
        ui.status(format!("{name}: {words}; it {what}"));
    }
    merge_driver::install(ui, desk);
    ui.hint("to commit anyway: git commit --no-verify; to take them away: staple hooks remove");
    Ok(())
}

/// Whether our hooks are in this clone; nothing where they cannot be.
pub(crate) fn are_installed(desk: &Desk) -> Option<bool> {
    let folder = desk.store().own_hooks_folder()?;
    let ours = |name: &str| matches!(Store::hook_state(&folder, name), HookState::Ours | HookState::Both);
    Some(HOOKS.iter().all(|(name, _)| ours(name)))
}

fn cmd_remove(ui: &mut Ui, desk: &Desk) -> Result<(), CliError> {
    let Some(folder) = desk.store().own_hooks_folder() else {
        ui.status("no hook of ours is here");
        return Ok(());
    };
    for (name, _) in HOOKS {
        let words = match Store::remove_hook(&folder, name)? {
            HookState::None | HookState::Theirs => "not ours, and left alone",
            HookState::Ours => "taken away",
            HookState::Both => "taken away, and the one before it put back",
        };
        ui.status(format!("{name}: {words}"));
    }
    Ok(())
}

fn cmd_list(ui: &mut Ui, desk: &Desk) -> Result<(), CliError> {
    let folder = desk.store().own_hooks_folder();
    for (name, what) in HOOKS {
        let words = match folder.as_deref().map_or(HookState::None, |folder| Store::hook_state(folder, name)) {
            HookState::None => "not installed",
            HookState::Theirs => "not installed; there is one of your own",
            HookState::Ours => "installed",
            HookState::Both => "installed, beside one of your own",
        };
        ui.line(format!("{name:12}{words}; it {what}"));
    }
    Ok(())
}

fn cmd_run(
    ui: &mut Ui,
    globals: &Globals,
    environment: &Environment,
    desk: &Desk,
    args: &RunArgs,
) -> Result<(), CliError> {
    if environment.variable("STAPLE_HOOK").is_some() {
        return Ok(());
    }
    match (args.name.as_str(), args.arguments.first()) {
        // What is committed elsewhere holds no records of this desk.
        ("pre-commit" | "post-merge", _) if !open::stands_in(globals, environment, desk) => Ok(()),
        ("pre-commit", _) => pre_commit(ui, environment, desk),
        ("commit-msg", Some(message)) => check::commits::check_message(ui, environment, desk, Path::new(message)),
        ("post-merge", _) => {
            desk.refresh_index();
            Ok(())
        }
        _ => Ok(()),
    }
}

/// Finds what is wrong with the records that are about to be committed and was not wrong before.
fn pre_commit(ui: &mut Ui, environment: &Environment, desk: &Desk) -> Result<(), CliError> {
    let store = desk.store();
    let Some(head) = store.head()?.commit else { return Ok(()) };
    let tree = store.staged_tree(environment.variable("GIT_INDEX_FILE"))?;
    let changes = store.changes_to(head, tree)?;
    let paths: BTreeSet<&str> = changes.iter().map(|change| change.path.as_str()).collect();
    let references: BTreeSet<String> = paths.iter().filter_map(|path| Some(locate(path)?.about())).collect();
    if references.is_empty() {
        return Ok(());
    }
    let references: Vec<String> = references.into_iter().collect();
    let found = |at: At| -> Result<Vec<Finding>, CliError> {
        let records = desk.around_known(&at, &references)?;
        let mut found = check::findings(desk, &records, &[], &at)?;
        found.retain(|finding| paths.contains(finding.path.as_str()));
        Ok(found)
    };
    let before = found(At::Rev(head.to_string()))?;
    let found = new_ones(found(At::Tree(tree))?, &before);
    check::show(ui, &found, true);
    if found.iter().any(|finding| finding.severity == Severity::Error) {
        ui.hint("nothing is committed; to commit anyway: git commit --no-verify");
        return Err(CliError::silent(Exit::Findings));
    }
    Ok(())
}
