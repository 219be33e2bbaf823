//! `staple fixes`: which commits fixed which tickets, and where the fixes are.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use super::code::{self, Place};
use super::environment::Environment;
use super::error::CliError;
use super::shared::FormArgs;
use super::ui::{Style, Ui};
use crate::desk::links::Linked;
use crate::desk::{Desk, resolve};
use crate::link::{Change, Told};
use crate::record::Record;
use crate::record::commit_words::Bond;
use crate::record::shell::shell_word;
use crate::render::plain::clean_line;
use crate::render::table::Table;
use crate::report::fixes::{self, CommitRow, State, TicketFixes};
use crate::report::told::minute;
use crate::store::ObjectId;

/// Show which commits fixed which tickets, and which releases carry the fixes
///
/// A commit is linked by a line of its message, such as `Fixes: T-7k3mqp`, by changing the ticket and code at once, or by the
/// ticket's own links. Copies of a commit count as one, and a revert takes a fix out of whatever has the revert.
/// A commit or range is looked up in the repository one stands in, where the desk names it, else in the desk's own; with
/// NAME@ in front in the repository of that name. See `staple help linking`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  staple fixes\n  staple fixes 7k3\n  staple fixes main..fix-login\n  staple fixes website@v2.3..v2.4 --json"
)]
pub(crate) struct FixesArgs {
    /// A ticket, a commit, or a range of commits such as main..HEAD or website@v2.3..v2.4; every fixed ticket when left out
    #[arg(value_name = "ID|COMMIT|RANGE")]
    what: Option<String>,

    /// Also tickets that commits only speak of
    #[arg(long)]
    all: bool,

    #[command(flatten)]
    form: FormArgs,
}

pub(crate) fn cmd_fixes(ui: &mut Ui, environment: &Environment, desk: &Desk, args: &FixesArgs) -> Result<(), CliError> {
    let linked = read(ui, desk)?;
    let Some(what) = &args.what else { return all(ui, desk, &linked, args) };
    let no_ticket = match resolve::ticket(&linked.records, what) {
        Ok(ticket) => return of_ticket(ui, desk, &linked, ticket, &args.form),
        Err(error) => error,
    };
    let (place, rev) = Place::of(environment, desk, what)?;
    let commits = match place.range(rev)? {
        Some(commits) => commits.into_iter().collect(),
        None => match place.resolve(rev) {
            Ok(commit) => BTreeSet::from([commit]),
            Err(error) if code::named(what).is_some() => return Err(error.into()),
            Err(_) => return Err(no_ticket.into()),
        },
    };
    place.say(ui, desk, what);
    of_commits(ui, &linked, &place.name, &commits, &args.form)
}

/// Reads the commits, and says which repositories could not be.
pub(crate) fn read(ui: &mut Ui, desk: &Desk) -> Result<Linked, CliError> {
    let linked = desk.linked()?;
    for missing in &linked.missing {
        ui.warn(format!("{} was not read: {}", missing.name, missing.why));
        ui.hint(&missing.cure);
    }
    for code in linked.code.iter().filter(|code| code.commits.shallow) {
        let name = if code.name.is_empty() { "this clone" } else { &code.name };
        ui.warn(format!("the history of {name} is cut short, so older fixes are not seen"));
        ui.hint("fetch the rest: git fetch --unshallow");
    }
    Ok(linked)
}

fn all(ui: &mut Ui, desk: &Desk, linked: &Linked, args: &FixesArgs) -> Result<(), CliError> {
    let found = fixes::all(linked, args.all);
    if args.form.print(ui, "fixes", &found, item)? {
        return Ok(());
    }
    if found.is_empty() {
        ui.status("no commit says that it fixes a ticket");
        ui.hint("write a line such as `Fixes: T-7k3mqp` into the message: staple help linking");
        return Ok(());
    }
    let mut table = Table::new(&["ticket", "title", "customer", "commit", "fix"], 1).shrinking(&[(1, 24), (2, 10)]);
    for one in &found {
        let commit = one.changes.iter().rev().find(|change| change.bond == Bond::Fixes).or(one.changes.last());
        table.row([
            one.id.clone(),
            one.title.clone(),
            one.customer.clone(),
            commit.map(short).unwrap_or_default(),
            fixes::state_words(one, desk.zone()),
        ]);
    }
    let width = ui.table_width();
    for (i, line) in table.lines(width).into_iter().enumerate() {
        let untold = i > 0 && found.get(i - 1).is_some_and(|one| one.told == Told::No);
        let line = match i {
            0 => ui.style(Style::Dim, &line),
            _ if untold => ui.style(Style::Yellow, &line),
            _ => line,
        };
        ui.line(line);
    }
    Ok(())
}

fn of_ticket(ui: &mut Ui, desk: &Desk, linked: &Linked, ticket: &Record, form: &FormArgs) -> Result<(), CliError> {
    let Some(one) = fixes::of_ticket(linked, ticket) else { return Ok(()) };
    if form.print(ui, "fixes", [&one], item)? {
        return Ok(());
    }
    let heading = ui.style(Style::Bold, &clean_line(&format!("{}  {}", one.id, one.title)));
    ui.line(heading);
    for change in &one.changes {
        ui.line("");
        let line = format!(
            "{}  {}  {}",
            ui.style(Style::Yellow, &short(change)),
            minute(change.authored, desk.zone()),
            clean_line(&change.author)
        );
        ui.line(line);
        ui.line(format!("  {}", clean_line(&change.subject)));
        let bond = if change.bond == Bond::Fixes { "fixes it" } else { "has to do with it" };
        let evidence: Vec<String> = change.evidence.iter().map(fixes::evidence_words).collect();
        ui.line(format!("  {bond}: {}", clean_line(&evidence.join("; "))));
        for words in places(desk, change) {
            ui.line(format!("  {words}"));
        }
    }
    ui.line("");
    match one.state {
        State::Mentioned if one.changes.is_empty() => {
            ui.line("no commit names it");
            ui.hint(format!("write a line such as `Fixes: {}` into the message of the fix", one.id));
        }
        State::Mentioned => ui.line("no commit says that it fixes it"),
        State::Released => {
            let first = one.releases.first().map(|release| fixes::release_words(release, desk.zone()));
            ui.line(format!("the whole fix is out since {}", clean_line(&first.unwrap_or_default())));
        }
        _ => ui.line(fixes::state_words(&one, desk.zone())),
    }
    if one.told == Told::No
        && let Some(release) = one.releases.first()
    {
        let line = ui.style(Style::Yellow, "the customer was not told");
        ui.line(line);
        ui.hint(format!("when you have: staple ticket told {} --release {}", one.id, shell_word(&release.name())));
    }
    Ok(())
}

/// Where a change is, a line each.
fn places(desk: &Desk, change: &Change) -> Vec<String> {
    let mut out = Vec::new();
    let releases: Vec<String> =
        change.releases.iter().map(|release| fixes::release_words(release, desk.zone())).collect();
    if !releases.is_empty() {
        out.push(format!("in {}", few(&releases)));
    }
    if !change.branches.is_empty() {
        out.push(format!("on {}", few(&change.branches)));
    }
    if !change.copies.is_empty() {
        out.push(format!("also as {}", few(&change.copies.iter().map(short_id).collect::<Vec<_>>())));
    }
    if !change.reverts.is_empty() {
        let words = if change.reverted { "taken back by" } else { "taken back, and brought again, by" };
        out.push(format!("{words} {}", few(&change.reverts.iter().map(short_id).collect::<Vec<_>>())));
    }
    out
}

fn few(items: &[String]) -> String {
    const SHOWN: usize = 4;
    let more = items.len().saturating_sub(SHOWN);
    let shown = items.iter().take(SHOWN).map(|item| clean_line(item)).collect::<Vec<_>>().join(", ");
    if more > 0 { format!("{shown} and {more} more") } else { shown }
}

fn short(change: &Change) -> String {
    in_repository(&change.repo, &change.commit)
}

fn in_repository(repo: &str, commit: &ObjectId) -> String {
    let id = short_id(commit);
    if repo.is_empty() { id } else { format!("{repo}@{id}") }
}

pub(crate) fn short_id(id: &ObjectId) -> String {
    id.to_hex_with_len(7).to_string()
}

fn of_commits(
    ui: &mut Ui,
    linked: &Linked,
    repo: &str,
    commits: &BTreeSet<ObjectId>,
    form: &FormArgs,
) -> Result<(), CliError> {
    let found = fixes::of_commits(linked, repo, commits);
    if form.print(ui, "commits", &found, |row| commit_item(repo, row))? {
        return Ok(());
    }
    let told =
        |row: &&CommitRow| !row.fixes.is_empty() || !row.refers.is_empty() || row.unlinked || !row.unknown.is_empty();
    for row in found.iter().filter(told) {
        let id = ui.style(Style::Yellow, &in_repository(repo, &row.commit));
        ui.line(format!("{id}  {}", clean_line(&row.subject)));
        for (word, ids) in
            [("fixes", &row.fixes), ("has to do with", &row.refers), ("names no ticket of the desk:", &row.unknown)]
        {
            if !ids.is_empty() {
                ui.line(format!("         {word} {}", ids.join(", ")));
            }
        }
        for impact in &row.impacts {
            ui.line(format!("         customers will notice: {}", clean_line(impact)));
        }
        if row.unlinked {
            let line =
                ui.style(Style::Red, "         nothing linked: it says that it fixes something, and names no ticket");
            ui.line(line);
        }
    }
    let linked = found.iter().filter(|row| !row.fixes.is_empty() || !row.refers.is_empty()).count();
    let unlinked = found.iter().filter(|row| row.unlinked).count();
    let unlinked = if unlinked == 0 {
        String::new()
    } else {
        format!(", {unlinked} say that they fix something and name no ticket")
    };
    let of = if repo.is_empty() { String::new() } else { format!(" of {repo}") };
    ui.status(format!("{} commits{of}, {linked} linked to tickets{unlinked}", found.len()));
    Ok(())
}

fn item(one: &TicketFixes) -> Json {
    let release = |release: &crate::link::Release| json!({ "tag": release.tag, "repository": release.repo, "time": release.time.to_string() });
    let changes: Vec<Json> = one
        .changes
        .iter()
        .map(|change| {
            json!({
                "repository": change.repo,
                "commit": change.commit.to_string(),
                "copies": change.copies.iter().map(ToString::to_string).collect::<Vec<_>>(),
                "subject": change.subject,
                "authored": change.authored.to_string(),
                "fixes": change.bond == Bond::Fixes,
                "evidence": change.evidence.iter().map(fixes::evidence_words).collect::<Vec<_>>(),
                "releases": change.releases.iter().map(release).collect::<Vec<_>>(),
                "branches": change.branches,
                "reverts": change.reverts.iter().map(ToString::to_string).collect::<Vec<_>>(),
                "taken-back": change.reverted,
            })
        })
        .collect();
    let told = match one.told {
        Told::Yes => json!(true),
        Told::No => json!(false),
        Told::NoNeed => Json::Null,
    };
    json!({
        "ticket": one.id,
        "title": one.title,
        "status": one.status,
        "customer": one.customer,
        "state": one.state.word(),
        "releases": one.releases.iter().map(release).collect::<Vec<_>>(),
        "told": told,
        "changes": changes,
    })
}

fn commit_item(repo: &str, row: &CommitRow) -> Json {
    json!({
        "repository": repo,
        "commit": row.commit.to_string(),
        "authored": row.authored.to_string(),
        "subject": row.subject,
        "fixes": row.fixes,
        "refers": row.refers,
        "unknown": row.unknown,
        "unlinked": row.unlinked,
        "impacts": row.impacts,
    })
}
