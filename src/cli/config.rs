//! `staple config`: the settings that hold, where they come from, and setting one in its right place.

use std::path::Path;

use serde_json::{Value as Json, json};

use super::environment::Environment;
use super::error::CliError;
use super::open::{self, Globals};
use super::shared::{FormArgs, WriteArgs, report};
use super::ui::{Style, Ui};
use crate::record::shell::shell_word;
use crate::record::{Kind, Name};
use crate::render::plain::clean_line;
use crate::settings::{self, Form, Key, Layer, Scope, Setting, SettingError, Settings};
use crate::store::{Error, Store};
use crate::text;

/// Show and change settings
///
/// The desk decides what must be the same for everybody, in staple.toml; each person decides the rest, in their own file,
/// git's configuration (staple.*) or the environment (STAPLE_*). See staple help settings.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum ConfigCommand {
    List(ListArgs),
    Get(GetArgs),
    Set(SetArgs),
}

/// List every setting
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  staple config list\n  staple config list --show-origin")]
pub(crate) struct ListArgs {
    /// Say where each value comes from
    #[arg(long)]
    show_origin: bool,

    #[command(flatten)]
    form: FormArgs,
}

/// Print one setting
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  staple config get zone\n  staple config get editor --show-origin")]
pub(crate) struct GetArgs {
    /// The setting
    key: String,

    /// Say where the value comes from
    #[arg(long)]
    show_origin: bool,
}

/// Change a setting, where it belongs: the desk's with a commit, your own in your file
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  staple config set zone Europe/Berlin --why \"we moved\"\n  staple config set products \"app, api\"\n  staple config set editor \"code --wait\"\n  staple config set branch \"\""
)]
pub(crate) struct SetArgs {
    /// The setting
    key: String,

    /// The value; "" unsets it
    value: String,

    #[command(flatten)]
    write: WriteArgs,
}

pub(crate) fn cmd_config(
    ui: &mut Ui,
    globals: &Globals,
    environment: &Environment,
    command: &ConfigCommand,
) -> Result<(), CliError> {
    match command {
        ConfigCommand::List(args) => list(ui, &settings_here(globals, environment)?, args),
        ConfigCommand::Get(args) => get(ui, &settings_here(globals, environment)?, args),
        ConfigCommand::Set(args) => set(ui, globals, environment, args),
    }
}

/// The settings of the desk, or outside one those of the person.
fn settings_here(globals: &Globals, environment: &Environment) -> Result<Settings, CliError> {
    let store = match Store::open(&open::discover(globals, environment)) {
        Ok(store) => Some(store),
        Err(Error::NotARepository { .. } | Error::NoDesk { .. }) if globals.folder.is_none() => None,
        Err(other) => return Err(other.into()),
    };
    open::settings(store.as_ref(), globals, environment)
}

fn list(ui: &mut Ui, settings: &Settings, args: &ListArgs) -> Result<(), CliError> {
    let item = |s: &Setting| -> Json {
        json!({ "key": s.name, "value": s.text, "layer": s.origin.layer.word(), "origin": s.origin.to_string() })
    };
    if args.form.print(ui, "settings", settings.list(), item)? {
        return Ok(());
    }
    let all = settings.list();
    let width = all.iter().map(|s| s.name.len() + s.text.chars().count() + 3).max().unwrap_or(0).min(50);
    for setting in all {
        let line = clean_line(&format!("{} = {}", setting.name, setting.text));
        let line = line.trim_end();
        if args.show_origin {
            let origin = ui.style(Style::Dim, &clean_line(&setting.origin.to_string()));
            ui.line(format!("{line:width$}  {origin}"));
        } else {
            ui.line(line);
        }
    }
    for finding in settings.findings() {
        let line = if finding.line > 0 { format!(":{}", finding.line) } else { String::new() };
        ui.warn(format!("{}{line}: {}", finding.path, finding.message));
        if !finding.hint.is_empty() {
            ui.hint(&finding.hint);
        }
    }
    Ok(())
}

fn get(ui: &mut Ui, settings: &Settings, args: &GetArgs) -> Result<(), CliError> {
    settings::lookup(&args.key).map_err(refused)?;
    let Some(setting) = settings.get(&args.key) else { return Ok(()) };
    let line = clean_line(&setting.text);
    ui.line(&line);
    if args.show_origin {
        ui.status(format!("from {}", setting.origin));
    }
    Ok(())
}

fn set(ui: &mut Ui, globals: &Globals, environment: &Environment, args: &SetArgs) -> Result<(), CliError> {
    let key = settings::lookup(&args.key).map_err(refused)?;
    let layer = if key.scope == Scope::Desk { Layer::Desk } else { Layer::User };
    // In the desk's file "" is unset, whatever the form.
    if layer != Layer::Desk || !args.value.is_empty() {
        settings::check(&args.key, &args.value, layer).map_err(refused)?;
    }
    match layer {
        Layer::Desk => set_desk(ui, globals, environment, key, args),
        _ => set_own(ui, globals, environment, key, args),
    }
}

fn set_desk(
    ui: &mut Ui,
    globals: &Globals,
    environment: &Environment,
    key: &'static Key,
    args: &SetArgs,
) -> Result<(), CliError> {
    let desk = open::desk(ui, globals, environment)?;
    let field = Kind::Settings.schema().key(key.name);
    let field = field.ok_or_else(|| CliError::usage(format!("staple.toml has no key {}", key.name), ""))?;
    let value = text::typed(field.ty, &args.value).map_err(|why| CliError::usage(format!("{} {why}", key.name), ""))?;
    let done = desk.write(&args.write.options(&desk, "config set")?, |draft| {
        draft.set(Kind::Settings, &Name::Desk, &[(key.name, value.clone())])?;
        let words = if args.value.is_empty() { "unset".to_owned() } else { args.value.clone() };
        draft.summary("staple.toml", format!("{} {words}", key.name));
        Ok(())
    })?;
    report(ui, &desk, &done)
}

fn set_own(
    ui: &mut Ui,
    globals: &Globals,
    environment: &Environment,
    key: &'static Key,
    args: &SetArgs,
) -> Result<(), CliError> {
    let name = &args.key;
    if args.write.stage || args.write.at.is_some() || args.write.why.is_some() {
        let hint = format!("staple config set {} VALUE", shell_word(name));
        return Err(CliError::usage(format!("{name} is your own setting, and setting it makes no commit"), hint));
    }
    let Some(path) = open::user_file(environment) else {
        let hint = format!(
            "set it in git's configuration: git config --global {} VALUE",
            shell_word(&format!("staple.{name}"))
        );
        return Err(CliError::refused("neither XDG_CONFIG_HOME nor HOME is set, so you have no settings file", hint));
    };
    let before = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(CliError::refused(format!("{}: {error}", path.display()), "")),
    };
    let after = settings::set(&before, name, key, &args.value)
        .map_err(|error| CliError::refused(format!("{}: {error}", path.display()), "mend the file by hand"))?;
    if args.write.dry_run {
        ui.status(format!("would set {name} in {} (nothing was written)", path.display()));
        return Ok(());
    }
    write_whole(&path, &after)?;
    ui.status(format!("{name} set in {}", path.display()));
    if let Some(holds) = settings_here(globals, environment)?.get(name)
        && holds.origin.layer > Layer::User
    {
        ui.warn(format!("{} says `{}`, which counts before your file", holds.origin, holds.text));
        if holds.origin.layer == Layer::Git {
            ui.hint(format!("set it there: git config --global {} VALUE", shell_word(&format!("staple.{name}"))));
        }
    }
    if key.form == Form::Path && !Path::new(&args.value).is_absolute() && !args.value.is_empty() {
        ui.hint("the folder is taken as written; an absolute path works from everywhere");
    }
    Ok(())
}

/// Replaces a file, so that a full disk leaves the old one.
fn write_whole(path: &Path, text: &str) -> Result<(), CliError> {
    let failed = |error: std::io::Error| CliError::refused(format!("{}: {error}", path.display()), "");
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    let fresh = path.with_extension("toml.new");
    std::fs::write(&fresh, text).and_then(|()| std::fs::rename(&fresh, path)).map_err(failed)
}

fn refused(error: SettingError) -> CliError {
    CliError::usage(error.to_string(), error.hint())
}
