//! `staple review`: what a branch does to the desk, in words, for a comment on its pull request.

use serde_json::{Value as Json, json};

use super::error::CliError;
use super::shared::FormArgs;
use super::ui::Ui;
use crate::desk::{At, Desk};
use crate::record::id::TicketId;
use crate::render::markdown;
use crate::report::review::{self, Ends, Reviewed};
use crate::store::ObjectId;

/// Say in words what a branch does to the desk, as Markdown for a comment on its pull request
///
/// Compares the end of the branch with the commit it parted from. What is not committed is not looked at. Names with @ and
/// numbers of issues in titles and texts notify nobody and link to nothing.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  staple review --base main\n  staple review --base origin/main fix-login > comment.md\n  staple review --base main --json"
)]
pub(crate) struct ReviewArgs {
    /// The branch that it is to land on
    #[arg(long, value_name = "REV")]
    base: String,

    /// The branch; HEAD when left out
    #[arg(value_name = "REV", default_value = "HEAD")]
    branch: String,

    #[command(flatten)]
    form: FormArgs,
}

pub(crate) fn cmd_review(ui: &mut Ui, desk: &Desk, args: &ReviewArgs) -> Result<(), CliError> {
    let store = desk.store();
    let (base, head) = (store.resolve(&args.base)?, store.resolve(&args.branch)?);
    let Some(common) = store.merge_base(base, head)? else {
        let hint = "a shallow clone may lack it: git fetch --unshallow";
        let message = format!("{} and {} have no commit in common here", args.base, args.branch);
        return Err(CliError::refused(message, hint));
    };
    let found = reviewed(desk, common, head)?;
    if args.form.print(ui, "records", &found, item)? {
        return Ok(());
    }
    for line in lines(&found) {
        ui.line(line);
    }
    Ok(())
}

fn reviewed(desk: &Desk, common: ObjectId, head: ObjectId) -> Result<Vec<Reviewed>, CliError> {
    let (before, after) = (desk.store().snapshot_of(common)?, desk.store().snapshot_of(head)?);
    let mut files = Vec::new();
    for change in desk.store().changes_between(common, head)? {
        let read = |snapshot: &crate::store::Snapshot, id: Option<ObjectId>| id.map(|id| snapshot.blob(id)).transpose();
        files.push(Ends { before: read(&before, change.old)?, after: read(&after, change.new)?, path: change.path });
    }
    let records = desk.records(&At::Rev(head.to_string()))?;
    let title = |reference: &str| {
        TicketId::parse(reference).and_then(|id| records.ticket(id)).map(|ticket| ticket.label().to_owned())
    };
    Ok(review::review(&files, title, desk.zone()))
}

/// A comment in Markdown: a line a record, longer ones as a list below it.
fn lines(found: &[Reviewed]) -> Vec<String> {
    if found.is_empty() {
        return vec!["No record of the desk changes.".to_owned()];
    }
    let count = match found.len() {
        1 => "1 record of the desk changes".to_owned(),
        count => format!("{count} records of the desk change"),
    };
    let mut out = vec![format!("**{count}**"), String::new()];
    for one in found {
        let label = if one.label.is_empty() { String::new() } else { format!(" ({})", markdown::escape(&one.label)) };
        let reference = markdown::escape(&one.reference);
        match one.words.as_slice() {
            [] => out.push(format!("- {reference}{label}")),
            [only] => out.push(format!("- {reference}{label}: {}", markdown::escape(only))),
            many => {
                out.push(format!("- {reference}{label}"));
                out.extend(many.iter().map(|words| format!("  - {}", markdown::escape(words))));
            }
        }
    }
    out
}

fn item(one: &Reviewed) -> Json {
    json!({
        "ref": one.reference,
        "kind": one.kind.map(crate::record::Kind::word),
        "label": one.label,
        "what": one.words,
    })
}
