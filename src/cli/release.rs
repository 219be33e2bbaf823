//! `staple release`: what releases fixed, and who must be told.

use serde_json::{Value as Json, json};

use super::error::{CliError, Exit};
use super::fixes::read;
use super::shared::FormArgs;
use super::ui::{Style, Ui};
use super::{environment::Environment, open};
use crate::desk::Desk;
use crate::desk::links::Linked;
use crate::link::{Release, Told};
use crate::record::id::TicketId;
use crate::record::shell::shell_word;
use crate::render::plain::{clean_line, wrap};
use crate::render::table::Table;
use crate::report::fixes::release_words;
use crate::report::release::{self, ReleaseTicket};

/// Releases: what each fixed, and the customers who must be told
#[derive(Debug, clap::Subcommand)]
pub(crate) enum ReleaseCommand {
    List(ListArgs),
    Show(ShowArgs),
    Untold(UntoldArgs),
}

/// List releases, newest first, with how many tickets each fixed and how many customers were not told
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  staple release list\n  staple release list -n 5 --json")]
pub(crate) struct ListArgs {
    /// At most so many; 20 unless said
    #[arg(short = 'n', long, value_name = "N", default_value_t = 20)]
    limit: usize,

    #[command(flatten)]
    form: FormArgs,
}

/// Show what a release fixed, the customers to tell, and a message to each
///
/// A ticket belongs to the first release that has its whole fix. The messages are drafts: nothing is sent or recorded.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  staple release show v2.4\n  staple release show v2.4 --json\n  staple release show website@v2.4"
)]
pub(crate) struct ShowArgs {
    /// The tag, or NAME@TAG where several repositories have one of that name
    tag: String,

    #[command(flatten)]
    form: FormArgs,
}

/// List tickets whose fixes are out and whose customers were not told, longest out first
///
/// Where a clone has only a part of history, older fixes are not seen: that is said, stands in the JSON as unseen, and the exit
/// code is 3.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  staple release untold\n  staple release untold --template '{{ ticket }} {{ contact }}'"
)]
pub(crate) struct UntoldArgs {
    #[command(flatten)]
    form: FormArgs,
}

pub(crate) fn cmd_release(
    ui: &mut Ui,
    globals: &open::Globals,
    environment: &Environment,
    command: &ReleaseCommand,
) -> Result<(), CliError> {
    let desk = open::desk(ui, globals, environment)?;
    match command {
        ReleaseCommand::List(args) => cmd_list(ui, &desk, args),
        ReleaseCommand::Show(args) => cmd_show(ui, &desk, args),
        ReleaseCommand::Untold(args) => cmd_untold(ui, &desk, args),
    }
}

fn cmd_list(ui: &mut Ui, desk: &Desk, args: &ListArgs) -> Result<(), CliError> {
    let linked = read(ui, desk)?;
    let mut found = release::list(&linked);
    let all = found.len();
    found.truncate(args.limit);
    let item = |row: &release::ReleaseRow| {
        let Release { tag, repo, time, .. } = &row.release;
        json!({ "tag": tag, "repository": repo, "time": time.to_string(), "fixed": row.fixed, "untold": row.untold })
    };
    if args.form.print(ui, "releases", &found, item)? {
        return Ok(());
    }
    if found.is_empty() {
        ui.status("no tag of the repositories is a release");
        ui.hint("make one: git tag v1.0; which tags count: staple config get release-tags");
        return Ok(());
    }
    let mut table = Table::new(&["release", "day", "fixed", "not told"], 0);
    let count = |count: usize| if count == 0 { String::new() } else { count.to_string() };
    for row in &found {
        let day = row.release.time.day_in(desk.zone()).to_string();
        table.row([row.release.name(), day, count(row.fixed), count(row.untold)]);
    }
    let width = ui.table_width();
    for (i, line) in table.lines(width).into_iter().enumerate() {
        let untold = i > 0 && found.get(i - 1).is_some_and(|row| row.untold > 0);
        let line = match i {
            0 => ui.style(Style::Dim, &line),
            _ if untold => ui.style(Style::Yellow, &line),
            _ => line,
        };
        ui.line(line);
    }
    if all > found.len() {
        ui.hint(format!("{} older: staple release list -n {all}", all - found.len()));
    }
    Ok(())
}

fn cmd_show(ui: &mut Ui, desk: &Desk, args: &ShowArgs) -> Result<(), CliError> {
    let linked = read(ui, desk)?;
    let release = tag_of(&linked, &args.tag)?;
    let found = release::of_release(&linked, &release);
    if args.form.print(ui, "tickets", &found, |one| item(desk, &linked, one))? {
        return Ok(());
    }
    let heading = ui.style(Style::Bold, &clean_line(&release_words(&release, desk.zone())));
    ui.line(heading);
    let others = all_releases(&linked).into_iter().filter(|other| other.tag == release.tag && *other != release);
    for other in others.collect::<Vec<_>>() {
        ui.hint(format!("a tag of that name is elsewhere too: staple release show {}", shell_word(&other.name())));
    }
    if found.is_empty() {
        ui.line("no ticket's fix came out with it");
        return Ok(());
    }
    let heads = [(Told::No, "To tell"), (Told::Yes, "Told"), (Told::NoNeed, "Nobody to tell")];
    for (told, head) in heads {
        let of = || found.iter().filter(|one| one.told == told);
        if of().next().is_none() {
            continue;
        }
        ui.line("");
        let head = ui.style(Style::Bold, head);
        ui.line(head);
        for one in of() {
            ui.line(format!("  {}", line(one)));
            if told == Told::No {
                print_draft(ui, desk, &linked, one);
            }
        }
    }
    if found.iter().any(|one| one.told == Told::No) {
        ui.hint(format!("when you have written: staple ticket told ID --release {}", shell_word(&release.name())));
    }
    Ok(())
}

fn cmd_untold(ui: &mut Ui, desk: &Desk, args: &UntoldArgs) -> Result<(), CliError> {
    let linked = read(ui, desk)?;
    let found = release::all_untold(&linked);
    let unseen = linked.unseen();
    // The answer may lack somebody, which a script must not take for "nobody".
    let is_cut = unseen.iter().any(|(_, is_cut)| *is_cut);
    let done = if is_cut { Err(CliError::silent(Exit::Refused)) } else { Ok(()) };
    let place = |(name, is_cut): &(&str, bool)| json!({ "repository": name, "why": if *is_cut { "cut short" } else { "not read" } });
    let more = json!({ "unseen": unseen.iter().map(place).collect::<Vec<_>>() });
    if args.form.print_with(ui, "tickets", &found, |one| item(desk, &linked, one), more)? {
        return done;
    }
    if found.is_empty() {
        ui.status(everybody(&unseen));
        return done;
    }
    let mut table = Table::new(&["ticket", "title", "customer", "contact", "fixed in", "note"], 1).shrinking(&[
        (1, 24),
        (3, 12),
        (2, 10),
    ]);
    for one in &found {
        table.row([
            one.id.clone(),
            one.title.clone(),
            one.customer.clone(),
            one.contact.clone(),
            release_words(&one.release, desk.zone()),
            one.note.clone(),
        ]);
    }
    let width = ui.table_width();
    for (i, line) in table.lines(width).into_iter().enumerate() {
        let line = if i == 0 { ui.style(Style::Dim, &line) } else { line };
        ui.line(line);
    }
    ui.hint("a message to each: staple release show TAG");
    done
}

/// That everybody was told, as far as can be seen.
fn everybody(unseen: &[(&str, bool)]) -> String {
    if unseen.is_empty() {
        return "everybody whose fix is out was told".to_owned();
    }
    let why = unseen.iter().map(|(name, is_cut)| match (*name, *is_cut) {
        ("", _) => "the history of this clone is cut short".to_owned(),
        (name, true) => format!("the history of {name} is cut short"),
        (name, false) => format!("{name} was not read"),
    });
    format!("everybody whose fix is seen here was told, but {}", why.collect::<Vec<_>>().join(", and "))
}

/// The release of a tag, or of `NAME@TAG` in the repository of that name. A tag alone that several repositories have is the
/// desk's own; an error names the choices, or near ones where there is none.
pub(crate) fn tag_of(linked: &Linked, text: &str) -> Result<Release, CliError> {
    let text = text.strip_prefix("release:").unwrap_or(text);
    let mut all = all_releases(linked);
    let mut found: Vec<&Release> = all.iter().filter(|release| release.tag == text).collect();
    if found.is_empty()
        && let Some((repo, tag)) = super::code::named(text)
    {
        found = all.iter().filter(|release| release.repo == repo && release.tag == tag).collect();
    }
    match found.as_slice() {
        [one] => Ok((*one).clone()),
        [] => {
            all.sort();
            let names: Vec<String> = all.iter().map(Release::name).collect();
            let hint = match crate::record::nearest::nearest(text, names.iter().map(String::as_str)).first() {
                Some(near) => format!("did you mean {near}?"),
                None => "see them all: staple release list".to_owned(),
            };
            Err(CliError::usage(format!("there is no release `{text}`"), hint))
        }
        several => match several.iter().find(|release| release.repo.is_empty()) {
            Some(own) => Ok((*own).clone()),
            None => {
                let names: Vec<String> = several.iter().map(|release| release.name()).collect();
                let message = format!("more than one repository has a release `{text}`");
                Err(CliError::usage(message, format!("say which: {}", names.join(", "))))
            }
        },
    }
}

fn all_releases(linked: &Linked) -> Vec<Release> {
    linked.code.iter().flat_map(crate::link::Code::tags).collect()
}

fn line(one: &ReleaseTicket) -> String {
    let parts = [&one.customer, &one.contact, &one.note].into_iter().filter(|part| !part.is_empty());
    let more: Vec<String> = parts.map(|part| clean_line(part)).collect();
    let more = if more.is_empty() { String::new() } else { format!("  ({})", more.join(", ")) };
    format!("{}  {}{more}", one.id, clean_line(&one.title))
}

fn draft(desk: &Desk, linked: &Linked, one: &ReleaseTicket) -> String {
    let ticket = TicketId::parse(&one.id).and_then(|id| linked.records.ticket(id));
    ticket.map(|ticket| release::draft(&linked.records, ticket, &one.release, desk.zone())).unwrap_or_default()
}

fn print_draft(ui: &mut Ui, desk: &Desk, linked: &Linked, one: &ReleaseTicket) {
    for line in wrap(&draft(desk, linked, one), ui.width.min(92).saturating_sub(4)) {
        let line = clean_line(&line);
        ui.line(if line.is_empty() { String::new() } else { format!("    {line}") });
    }
    ui.line("");
}

fn item(desk: &Desk, linked: &Linked, one: &ReleaseTicket) -> Json {
    json!({
        "ticket": one.id,
        "title": one.title,
        "customer": one.customer,
        "contact": one.contact,
        "note": one.note,
        "release": one.release.tag,
        "repository": one.release.repo,
        "time": one.release.time.to_string(),
        "told": match one.told { Told::Yes => json!(true), Told::No => json!(false), Told::NoNeed => Json::Null },
        "draft": draft(desk, linked, one),
    })
}
