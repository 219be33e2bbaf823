//! `staple init`: makes a desk.

use std::path::{Path, PathBuf};

use super::environment::Environment;
use super::error::CliError;
use super::merge_driver;
use super::open::{self, Globals};
use super::shared::report;
use super::ui::Ui;
use crate::desk::{Desk, WriteOptions, attributes};
use crate::record::change::Change;
use crate::record::shell::shell_word;
use crate::record::slug::Slug;
use crate::record::{Kind, Name, Record};
use crate::store::discover::FOLDER;
use crate::store::{Actor, Discover, Error, Store};

/// Make a desk here or in DIR
///
/// In a new folder or an empty repository the desk takes the root. In a repository with other things it makes the folder
/// support/, or DIR where you name one, so that fixes and tickets can share a commit. Your own person record is made with it.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  staple init desk\n  cd my-code && staple init\n  staple init desk --zone Europe/Berlin --name \"Acme support\""
)]
pub(crate) struct InitArgs {
    /// The folder; this one when left out
    dir: Option<PathBuf>,

    /// What the desk is called
    #[arg(long)]
    name: Option<String>,

    /// The time zone of days and weeks, such as Europe/Berlin
    #[arg(long, value_name = "ZONE")]
    zone: Option<String>,
}

pub(crate) fn cmd_init(
    ui: &mut Ui,
    globals: &Globals,
    environment: &Environment,
    args: &InitArgs,
) -> Result<(), CliError> {
    if let Some(zone) = &args.zone
        && crate::record::time::zone(zone).is_none()
    {
        return Err(CliError::usage(format!("`{zone}` is not a time zone"), "write it as Europe/Berlin or UTC"));
    }
    let typed = match (&globals.folder, &args.dir) {
        (Some(from), Some(dir)) => Some(from.join(dir)),
        (from, dir) => dir.as_ref().or(from.as_ref()).cloned(),
    };
    let folder = environment.folder.join(typed.as_deref().unwrap_or(Path::new("")));
    std::fs::create_dir_all(&folder)?;
    // Without the dots that were typed.
    let folder = folder.canonicalize()?;
    let discover = Discover { start: folder.clone(), ..Discover::default() };
    let store = open_or_make(ui, &discover, &folder, args.dir.is_some())?;
    ui.about(store.work_dir());
    let settings = open::settings(Some(&store), globals, environment)?;
    let desk = Desk::new(store, settings, environment.now, environment.random());
    let identity = desk.store().identity()?;
    let me = person(&identity);
    let options = WriteOptions { action: "init".into(), ..WriteOptions::default() };
    let done = desk.write(&options, |draft| {
        let settings = Record::new(Kind::Settings, Name::Desk, "")
            .with("format", 1i64)
            .with("name", args.name.clone())
            .with("zone", args.zone.clone());
        draft.apply(Change::Create(Box::new(settings)))?;
        if let Some(me) = &me
            && !draft.exists(Kind::Person, &me.name)?
        {
            draft.apply(Change::Create(Box::new(me.clone())))?;
        }
        attributes::put(draft)?;
        draft.summary("", "make a desk");
        Ok(())
    })?;
    report(ui, &desk, &done)?;
    merge_driver::install(ui, &desk);
    if open::lead_to(ui, &desk)? {
        ui.hint("in another clone staple setup does the same, run in that folder");
    }
    if !desk.store().prefix().is_empty() {
        ui.hint("in a public repository customers' words stay for ever; a desk elsewhere keeps them apart: staple init ../DIR");
    }
    let elsewhere = typed.filter(|_| environment.folder.canonicalize().ok().as_ref() != Some(&folder));
    let here = elsewhere.map(|dir| format!("cd {} && ", shell_word(&dir.to_string_lossy()))).unwrap_or_default();
    ui.hint(format!("next: {here}staple ticket new \"what a customer needs\", or staple help start"));
    Ok(())
}

/// The repository the desk goes into, made when there is none; with the folder of the desk in it. A folder that was named is
/// the desk's own where it lies within a repository.
fn open_or_make(ui: &mut Ui, discover: &Discover, folder: &Path, is_named: bool) -> Result<Store, CliError> {
    match Store::open(discover) {
        Ok(store) => {
            let root = store.root().display().to_string();
            return Err(CliError::refused(format!("there is a desk already: {root}"), "see it: staple list --all"));
        }
        Err(Error::NoDesk { repo, other: Some(other) }) if !is_named => {
            return Err(CliError::refused(
                format!("there is a desk already: {other}"),
                format!(
                    "have it found from anywhere: staple -C {} setup",
                    shell_word(&repo.join(&other).to_string_lossy())
                ),
            ));
        }
        Err(Error::NoDesk { .. }) => {}
        Err(Error::NotARepository { .. }) => {
            Store::init_repo(folder, discover)?;
            ui.status(format!("made a repository in {}", folder.display()));
        }
        Err(other) => return Err(other.into()),
    }
    let at_root = Store::open_at(discover, "")?;
    let prefix = at_root.path_below(folder)?;
    if is_named && !prefix.is_empty() {
        return Ok(Store::open_at(discover, &prefix)?);
    }
    let snapshot = at_root.head_snapshot()?;
    let has_files = std::fs::read_dir(at_root.work_dir())?
        .filter_map(Result::ok)
        .any(|entry| !matches!(entry.file_name().to_str(), Some(".git" | "README.md" | "LICENSE" | ".gitignore")));
    let is_empty = snapshot.commit().is_none() || !has_files;
    if is_empty && !has_files { Ok(at_root) } else { Ok(Store::open_at(discover, FOLDER)?) }
}

/// The person record of whoever makes the desk.
pub(crate) fn person(identity: &Actor) -> Option<Record> {
    let slug = Slug::from_title(identity.name.split_whitespace().next()?)
        .or_else(|| Slug::from_title(identity.email.split('@').next()?))?;
    Some(
        Record::new(Kind::Person, Name::Slug(slug), "")
            .with("name", identity.name.as_str())
            .with("emails", vec![identity.email.clone()]),
    )
}
