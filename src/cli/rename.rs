//! `staple rename`: another slug for a record.

use super::error::CliError;
use super::shared::{WriteArgs, report};
use super::ui::Ui;
use crate::desk::{Desk, WriteError, rename, resolve};
use crate::record::change::Refusal;
use crate::record::slug::Slug;
use crate::record::{Kind, Name};

/// Give a record another slug, and rewrite every reference to it in the same commit
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  staple rename playbook:reset-pw reset-password\n  staple rename sam sam-rivers --why \"there are two Sams now\""
)]
pub(crate) struct RenameArgs {
    /// The record
    reference: String,

    /// Its new slug: lower case letters, digits and single hyphens
    slug: String,

    #[command(flatten)]
    write: WriteArgs,
}

pub(crate) fn cmd_rename(ui: &mut Ui, desk: &Desk, args: &RenameArgs) -> Result<(), CliError> {
    let options = args.write.options(desk, "rename")?;
    let mut known_as = None;
    let done = desk.write(&options, |draft| {
        let (kind, name) = resolve::any_in(draft, &args.reference)?;
        let Name::Slug(from) = &name else {
            let message = format!("a {}'s id never changes", kind.word());
            return Err(Refusal::new(message, format!("its title may: staple set {name} title=\"...\"")).into());
        };
        let to = new_slug(kind, &args.slug)?;
        if to == *from {
            return Ok(());
        }
        let found = rename::rename(draft, kind, from, &to)?;
        let mut words = format!("renamed to {to}");
        match found.records {
            0 => {}
            1 => words.push_str(" and in 1 record that names it"),
            many => words.push_str(&format!(" and in {many} records that name it")),
        }
        draft.summary(format!("{}:{from}", kind.word()), words);
        for query in &found.queries {
            draft.hints.push(format!("{query} may still say {from}: staple edit {query}"));
        }
        for path in &found.unreadable {
            draft.hints.push(format!("{path} cannot be read and may still say {from}: staple check"));
        }
        if kind == Kind::Person {
            known_as = Some((from.to_string(), to.to_string()));
        }
        Ok(())
    })?;
    report(ui, desk, &done)?;
    if let Some((from, to)) = known_as
        && desk.store().config_string("staple.person").as_deref() == Some(from.as_str())
    {
        ui.hint(format!("git knows you as {from} here: git config staple.person {to}"));
    }
    Ok(())
}

fn new_slug(kind: Kind, text: &str) -> Result<Slug, WriteError> {
    let bare = text.strip_prefix(kind.word()).and_then(|rest| rest.strip_prefix(':')).unwrap_or(text);
    Slug::parse(bare).ok_or_else(|| {
        let hint = match Slug::from_title(bare) {
            Some(slug) => format!("such as {slug}"),
            None => "use lower case letters, digits and single hyphens, at most 50".to_owned(),
        };
        WriteError::usage(format!("`{bare}` is not a slug"), hint)
    })
}
