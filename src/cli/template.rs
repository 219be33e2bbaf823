//! `staple template`: the templates of digests, and a desk's own in their place.

use std::path::Path;

use serde_json::json;

use super::environment::Environment;
use super::error::CliError;
use super::open::{self, Globals};
use super::shared::FormArgs;
use super::ui::Ui;
use crate::desk::Desk;
use crate::render::digest::{BuiltIn, TEMPLATES};
use crate::render::table::Table;
use crate::store::Snapshot;

/// Templates: how digests read, to be changed file by file
#[derive(Debug, clap::Subcommand)]
pub(crate) enum TemplateCommand {
    List(ListArgs),
    Show(ShowArgs),
    Eject(EjectArgs),
}

/// List the templates, and which of them the desk has its own of
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  staple template list")]
pub(crate) struct ListArgs {
    #[command(flatten)]
    form: FormArgs,
}

/// Print the template that comes with the program
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  staple template show digest/managers.md")]
pub(crate) struct ShowArgs {
    /// The name, as the list has it
    name: String,
}

/// Copy a template into the desk, to change it there; it is not committed
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  staple template eject digest/managers.md")]
pub(crate) struct EjectArgs {
    /// The name, as the list has it
    name: String,
}

/// The largest template that is read, in bytes.
const MAX_BYTES: u64 = 1 << 20;

pub(crate) fn cmd_template(
    ui: &mut Ui,
    globals: &Globals,
    environment: &Environment,
    command: &TemplateCommand,
) -> Result<(), CliError> {
    match command {
        TemplateCommand::List(args) => {
            let desk = open::desk(ui, globals, environment)?;
            cmd_list(ui, &desk, &args.form)
        }
        TemplateCommand::Show(args) => {
            ui.text(named(&args.name)?.source);
            Ok(())
        }
        TemplateCommand::Eject(args) => {
            let desk = open::desk(ui, globals, environment)?;
            cmd_eject(ui, &desk, named(&args.name)?)
        }
    }
}

fn cmd_list(ui: &mut Ui, desk: &Desk, form: &FormArgs) -> Result<(), CliError> {
    let snapshot = desk.store().head_snapshot()?;
    let mut table = Table::new(&["template", "what it makes", "the desk's own"], 1);
    let mut items = Vec::new();
    for built_in in TEMPLATES {
        let path = built_in.path();
        let (own, uncommitted) = match (in_work_tree(desk, &path)?, snapshot.read(&path)?) {
            (Some(text), committed) => (Some(path), committed.is_none_or(|bytes| bytes != text.as_bytes())),
            (None, Some(_)) => (Some(path), false),
            (None, None) => (None, false),
        };
        let words = own.clone().unwrap_or_default() + if uncommitted { ", not committed" } else { "" };
        table.row([built_in.name.to_owned(), built_in.meaning.to_owned(), words]);
        let (name, meaning) = (built_in.name, built_in.meaning);
        items.push(json!({ "name": name, "meaning": meaning, "own": own, "uncommitted": uncommitted }));
    }
    if form.print(ui, "templates", items, |item| item)? {
        return Ok(());
    }
    for line in table.lines(ui.table_width()) {
        ui.line(line);
    }
    Ok(())
}

fn cmd_eject(ui: &mut Ui, desk: &Desk, built_in: &BuiltIn) -> Result<(), CliError> {
    let path = built_in.path();
    if in_work_tree(desk, &path)?.is_some() {
        return Err(CliError::refused(
            format!("{path} is there already"),
            format!("edit it: staple template show {} prints the one that comes with the program", built_in.name),
        ));
    }
    let file = desk.store().root().join(&path);
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    // Never over a file that came into being meanwhile, and never through a link.
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).open(file)?;
    std::io::Write::write_all(&mut file, built_in.source.as_bytes())?;
    let path = desk.store().repository_path(&path);
    ui.status(format!("{path} written, not committed; digests use it from now on"));
    if let Some(place) = ui.place() {
        let (git, path) = (&place.git, place.pathspec(&path));
        ui.hint(format!("when it reads as you like: {git} add {path} && {git} commit -m \"Change the digest\""));
    }
    Ok(())
}

/// The template of that name.
fn named(name: &str) -> Result<&'static BuiltIn, CliError> {
    let wanted = name.strip_prefix("templates/").unwrap_or(name);
    let wanted = wanted.strip_suffix(".j2").unwrap_or(wanted);
    TEMPLATES.iter().find(|template| template.name == wanted).ok_or_else(|| {
        CliError::usage(format!("there is no template `{name}`"), "see what there is: staple template list")
    })
}

/// The desk's own template in place of `built_in`: from the work tree if `uncommitted`, else from the commit.
pub(crate) fn own(
    ui: &mut Ui,
    desk: &Desk,
    snapshot: &Snapshot,
    built_in: &BuiltIn,
    uncommitted: bool,
) -> Result<Option<String>, CliError> {
    let path = built_in.path();
    let committed = match snapshot.read(&path)? {
        Some(bytes) => Some(String::from_utf8(bytes).map_err(|_| not_text(&path))?),
        None => None,
    };
    if uncommitted && let Some(text) = in_work_tree(desk, &path)? {
        if committed.as_ref() != Some(&text) {
            ui.status(format!("with {path} as it is in the work tree, not committed"));
        }
        return Ok(Some(text));
    }
    Ok(committed)
}

/// The text of a template in the work tree, if it is there.
fn in_work_tree(desk: &Desk, path: &str) -> Result<Option<String>, CliError> {
    let mut file = desk.store().root().to_owned();
    let mut size = 0;
    for part in Path::new(path).components() {
        file.push(part);
        match std::fs::symlink_metadata(&file) {
            Ok(found) if found.is_symlink() => {
                let hint = "put a real file or folder in its place";
                return Err(CliError::refused(
                    format!("{path} lies behind a symbolic link, which is never followed"),
                    hint,
                ));
            }
            Ok(found) => size = found.len(),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(CliError::refused(format!("{path} cannot be read: {error}"), "")),
        }
    }
    if size > MAX_BYTES {
        return Err(CliError::refused(format!("{path} is larger than 1 MB"), "see staple template show for its size"));
    }
    let bytes =
        std::fs::read(&file).map_err(|error| CliError::refused(format!("{path} cannot be read: {error}"), ""))?;
    String::from_utf8(bytes).map(Some).map_err(|_| not_text(path))
}

fn not_text(path: &str) -> CliError {
    CliError::refused(format!("{path} is not UTF-8 text"), "save it as UTF-8")
}
