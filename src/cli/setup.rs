//! `staple setup`: makes the person who runs it known to the desk.

use super::environment::Environment;
use super::error::CliError;
use super::hooks;
use super::init;
use super::merge_driver;
use super::open::{self, Globals};
use super::shared::{WriteArgs, report};
use super::ui::Ui;
use crate::desk::{Desk, Draft, WriteError, attributes};
use crate::record::change::{Change, Plan, set};
use crate::record::slug::Slug;
use crate::record::{Kind, Name, Record};
use crate::store::Actor;

/// Make yourself known to the desk: find your person record, or make one
///
/// You are found by the address of your commits (`git config user.email`, with the mailmap), then by your name. Git is told
/// to merge records key by key in this clone (see staple help merging), and where the desk lies when it has a folder of its own.
/// The rest is printed as commands to paste, and run with --yes.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  staple setup\n  staple setup --yes")]
pub(crate) struct SetupArgs {
    /// Run the commands that are printed otherwise
    #[arg(short, long)]
    yes: bool,

    #[command(flatten)]
    write: WriteArgs,
}

pub(crate) fn cmd_setup(
    ui: &mut Ui,
    globals: &Globals,
    environment: &Environment,
    args: &SetupArgs,
) -> Result<(), CliError> {
    let desk = open::desk(ui, globals, environment)?;
    know_me(ui, &desk, args)?;
    if args.write.dry_run {
        return Ok(());
    }
    open::lead_to(ui, &desk)?;
    merge_driver::install(ui, &desk);
    let alias = alias(ui, &desk, args.yes)?;
    let hooks = hooks(ui, &desk, args.yes)?;
    let completions = completions(ui, environment, args.yes)?;
    let commands: Vec<String> = alias.into_iter().chain(hooks).chain(completions).collect();
    if !commands.is_empty() {
        ui.status("to have `git staple`, hooks and completions, paste (or run staple setup --yes):");
        commands.iter().for_each(|command| ui.line(command));
    }
    Ok(())
}

/// Finds or makes the person record of whoever runs the command.
fn know_me(ui: &mut Ui, desk: &Desk, args: &SetupArgs) -> Result<(), CliError> {
    let options = args.write.options(desk, "setup")?;
    let identity = desk.store().identity()?;
    let identity = desk.store().mailmap().resolve(&identity.name, &identity.email);
    let mut found = None;
    let mut is_put = false;
    let done = desk.write(&options, |draft| {
        is_put = attributes::put(draft)?;
        let me = desk.me_in(draft)?;
        let name = Slug::parse(&me).map(Name::Slug);
        let person = match name.filter(|name| draft.exists(Kind::Person, name).unwrap_or(false)) {
            Some(name) => draft.record(Kind::Person, &name)?,
            None => {
                let person = new_person(draft, &me, &identity)?;
                let (reference, summary) = (person.reference(), format!("new, {}", person.label()));
                found = Some(person.clone());
                let plan = Plan { changes: vec![Change::Create(Box::new(person))], summary, hints: Vec::new() };
                return draft.carry_out(&reference, plan);
            }
        };
        found = Some(person.clone());
        let mut emails = person.list("emails").to_vec();
        if emails.iter().any(|email| email.eq_ignore_ascii_case(&identity.email)) {
            if is_put {
                draft.summary("", "have git merge records key by key");
            }
            return Ok(());
        }
        emails.push(identity.email.clone());
        emails.sort();
        let changes = vec![set(&person, vec![("emails", emails.into())])];
        let plan = Plan { changes, summary: format!("commits as {}", identity.email), hints: Vec::new() };
        draft.carry_out(&person.reference(), plan)
    })?;
    if !done.files.is_empty() {
        report(ui, desk, &done)?;
    }
    if is_put && !done.dry_run {
        ui.status(format!("{} hands records to the merge driver, for every clone that has it", attributes::PATH));
    }
    if let Some(person) = found.filter(|_| !done.dry_run || done.files.is_empty()) {
        ui.status(format!("you are {} ({}, {})", person.reference(), person.label(), identity.email));
    }
    Ok(())
}

/// A person for an identity of git, under a slug that nobody has: the one chosen in `staple.person`, the first name, the
/// whole name, or the name and a number.
fn new_person(draft: &Draft<'_>, chosen: &str, identity: &Actor) -> Result<Record, WriteError> {
    let Some(person) = init::person(identity) else {
        let message = format!("no slug can be taken from `{}`", identity.name);
        let hint = format!("choose one: staple person new SLUG \"{}\" --email {}", identity.name, identity.email);
        return Err(WriteError::usage(message, hint));
    };
    let whole = Slug::from_title(&identity.name);
    let base = whole.clone().map_or_else(|| person.slug().to_owned(), |slug| slug.to_string());
    let numbered = (2..100).filter_map(|n| Slug::parse(&format!("{base}-{n}")));
    let first = [Slug::parse(chosen), Slug::parse(person.slug()), whole].into_iter().flatten();
    for slug in first.chain(numbered) {
        if !draft.exists(Kind::Person, &Name::Slug(slug.clone()))? {
            let mut person = person;
            person.name = Name::Slug(slug);
            return Ok(person);
        }
    }
    Err(WriteError::usage(format!("every slug like `{base}` is taken"), "choose one: staple person new SLUG"))
}

/// The command for `git staple`; nothing when it is there, or was made.
fn alias(ui: &mut Ui, desk: &Desk, yes: bool) -> Result<Option<String>, CliError> {
    match desk.store().config_string("alias.staple").as_deref() {
        Some("!staple") => ui.status("git staple is there already"),
        Some(other) => ui.warn(format!("git staple means `{other}` already, and is left alone")),
        None if yes => {
            desk.store().set_config("alias.staple", "!staple")?;
            ui.status("git staple works in this repository (git config alias.staple)");
        }
        None => return Ok(Some("git config alias.staple '!staple'".to_owned())),
    }
    Ok(None)
}

/// The command for hooks; nothing when they are there, were made, or cannot be in this clone.
fn hooks(ui: &mut Ui, desk: &Desk, yes: bool) -> Result<Option<String>, CliError> {
    match hooks::are_installed(desk) {
        None | Some(true) => Ok(None),
        Some(false) if yes => hooks::cmd_install(ui, desk).map(|()| None),
        Some(false) => Ok(Some("staple hooks install".to_owned())),
    }
}

/// The command for completions of the person's shell; nothing when they are there, were made, or the shell is unknown.
fn completions(ui: &mut Ui, environment: &Environment, yes: bool) -> Result<Option<String>, CliError> {
    let shell = environment.variable("SHELL").and_then(|path| path.rsplit('/').next()).unwrap_or_default();
    let (folder, file) = match shell {
        "bash" => (".local/share/bash-completion/completions", "staple"),
        "fish" => (".config/fish/completions", "staple.fish"),
        "zsh" => (".zfunc", "_staple"),
        _ => return Ok(None),
    };
    let Some(home) = environment.variable("HOME") else { return Ok(None) };
    let path = std::path::Path::new(home).join(folder).join(file);
    if path.exists() {
        ui.status(format!("completions for {shell} are there already (~/{folder}/{file})"));
        return Ok(None);
    }
    if !yes {
        return Ok(Some(format!("mkdir -p ~/{folder} && staple completions {shell} > ~/{folder}/{file}")));
    }
    let shell_of: clap_complete::Shell =
        shell.parse().map_err(|error: String| CliError::usage(error, "staple completions SHELL"))?;
    let mut text = Vec::new();
    clap_complete::generate(shell_of, &mut super::command(), "staple", &mut text);
    std::fs::create_dir_all(std::path::Path::new(home).join(folder))?;
    std::fs::write(&path, text)?;
    ui.status(format!("completions for {shell} are in ~/{folder}/{file}"));
    if shell == "zsh" {
        ui.hint("have zsh look there, in ~/.zshrc before compinit: fpath+=~/.zfunc");
    }
    Ok(None)
}
