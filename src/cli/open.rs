//! Opening the desk with the settings of every layer.

use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};

use super::environment::Environment;
use super::error::CliError;
use super::ui::Ui;
use crate::desk::{Desk, settings_file};
use crate::record::shell::shell_word;
use crate::settings::{Layers, Settings};
use crate::store::{Discover, Error, Store};

/// What every command takes.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct Globals {
    /// Work on the desk in this folder
    #[arg(short = 'C', long = "desk", value_name = "DIR", global = true, help_heading = "Everywhere")]
    pub(crate) folder: Option<PathBuf>,

    /// Colour: auto, always or never
    #[arg(long, value_name = "WHEN", global = true, hide_short_help = true, help_heading = "Everywhere")]
    pub(crate) color: Option<String>,
}

/// Where to look for the desk.
pub(crate) fn discover(globals: &Globals, environment: &Environment) -> Discover {
    let named = globals.folder.clone().or_else(|| environment.variable("STAPLE_DESK").map(PathBuf::from));
    Discover {
        start: environment.folder.clone(),
        explicit: named.map(|folder| environment.folder.join(folder)),
        isolated: None,
    }
}

/// Opens the desk that the user means.
pub(crate) fn desk(ui: &mut Ui, globals: &Globals, environment: &Environment) -> Result<ManuallyDrop<Desk>, CliError> {
    let store = Store::open(&discover(globals, environment))?;
    let settings = settings(Some(&store), globals, environment)?;
    ui.about(store.work_dir());
    ui.color(settings.text("color"));
    ui.page_with(settings.text("pager"));
    let desk = Desk::new(store, settings, environment.now, environment.random());
    desk.on_progress(ui.slow_progress("indexing", "commits"));
    Ok(left_to_the_system(desk))
}

/// A value that is not given back piece by piece: the program ends with the command, and the system takes all of it at once.
pub(crate) fn left_to_the_system<T>(value: T) -> ManuallyDrop<T> {
    ManuallyDrop::new(value)
}

/// Has the desk found from anywhere in this clone where it lies in a folder to which nothing leads; whether that had to be said.
pub(crate) fn lead_to(ui: &mut Ui, desk: &Desk) -> Result<bool, CliError> {
    let (store, key) = (desk.store(), "staple.desk");
    let folder = store.prefix();
    // A setting may lead nowhere any more, as after the desk was moved.
    let found = Store::open(&Discover::at(store.work_dir()));
    if folder.is_empty() || !matches!(found, Err(Error::NoDesk { repo, .. }) if repo == store.work_dir()) {
        return Ok(false);
    }
    store.set_config(key, folder)?;
    ui.status(format!("the desk is found from anywhere in this clone (git config {key} {})", shell_word(folder)));
    Ok(true)
}

/// Whether the desk is of the repository one stands in, or was named by the command; a code repository may have its desk
/// elsewhere.
pub(crate) fn stands_in(globals: &Globals, environment: &Environment, desk: &Desk) -> bool {
    let here = environment.folder.canonicalize().unwrap_or_else(|_| environment.folder.clone());
    globals.folder.is_some() || here.starts_with(desk.store().work_dir())
}

/// The settings of every layer; without a desk those of the person.
///
/// # Errors
/// When the desk's file is there and cannot be read: what all have agreed on would silently not hold.
pub(crate) fn settings(
    store: Option<&Store>,
    globals: &Globals,
    environment: &Environment,
) -> Result<Settings, CliError> {
    let (desk, unread) = store.map(settings_file::read).transpose()?.unwrap_or_default();
    let user = user_file(environment);
    let user_text = user.as_deref().and_then(|path| std::fs::read_to_string(path).ok());
    let user_name = user.as_deref().map(Path::to_string_lossy).unwrap_or_default().into_owned();
    let git: Vec<(String, String, String)> = store
        .map(|store| store.config_section("staple"))
        .unwrap_or_default()
        .into_iter()
        .map(|(sub, name, value)| match sub {
            Some(sub) => (format!("staple.{sub}.{name}"), value, "git config".to_owned()),
            None => (format!("staple.{name}"), value, "git config".to_owned()),
        })
        .collect();
    let flags: Vec<(String, String)> = globals.color.iter().map(|color| ("color".to_owned(), color.clone())).collect();
    let mut settings = Settings::resolve(&Layers {
        desk: &desk,
        user: user_text.as_deref().map(|text| (user_name.as_str(), text)),
        git: &git,
        environment: Some(&environment.variables),
        flags: &flags,
    });
    if let Some(finding) = unread {
        settings.note_unread(finding);
    }
    Ok(settings)
}

/// The person's own settings file, whether it is there or not.
pub(crate) fn user_file(environment: &Environment) -> Option<PathBuf> {
    let base = match environment.variable("XDG_CONFIG_HOME") {
        Some(folder) => PathBuf::from(folder),
        None => PathBuf::from(environment.variable("HOME")?).join(".config"),
    };
    Some(base.join("staple").join("config.toml"))
}
