//! `staple digest`: what happened in a week, for people who were not there.

use super::environment::Environment;
use super::error::CliError;
use super::open::{self, Globals};
use super::shared::{ReadArgs, incomplete, warn_unreadable};
use super::template;
use super::ui::Ui;
use crate::desk::past::Past;
use crate::desk::{At, Desk};
use crate::record::time::Time;
use crate::record::week::Week;
use crate::record::when::{DayEdge, Direction, parse_when};
use crate::render::digest::{self as form, Form};
use crate::report::digest::{self, Digest, Material, Window};

/// Digests: what happened, ready to paste, mail or publish
#[derive(Debug, clap::Subcommand)]
pub(crate) enum DigestCommand {
    Managers(ManagersArgs),
}

/// For managers: what came in, what was resolved, what is open and waits, what needs a decision
///
/// Prints the last complete week. Everything is as it stood at the end of the window, so that the same commit and window give
/// the same bytes whenever it is run; only what other repositories announce is told as far as this clone knows them. No person is
/// counted.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  staple digest managers\n  staple digest managers --week 2026-W46 --format html > digest.html\n  staple digest managers --since 2026-11-01 --until 2026-11-30\n  staple digest managers --week this\n  staple template eject digest/managers.md     to change how it reads"
)]
pub(crate) struct ManagersArgs {
    /// A week: last, this, its number or 2026-W47
    #[arg(long, value_name = "WEEK", conflicts_with_all = ["since", "until"])]
    week: Option<String>,

    /// From the start of this day
    #[arg(long, value_name = "WHEN")]
    since: Option<String>,

    /// To the end of this day; yesterday when left out
    #[arg(long, value_name = "WHEN", requires = "since")]
    until: Option<String>,

    /// md, text, html or json
    #[arg(long, value_name = "FORM", value_parser = ["md", "text", "html", "json"], default_value = "md")]
    format: String,

    /// JSON in a versioned envelope; the same as --format json
    #[arg(long)]
    json: bool,

    /// From the desk as it was at a commit, or in effect on a date
    #[arg(long, value_name = "REV|DATE", help_heading = "Reading")]
    as_of: Option<String>,
}

pub(crate) fn cmd_digest(
    ui: &mut Ui,
    globals: &Globals,
    environment: &Environment,
    command: &DigestCommand,
) -> Result<(), CliError> {
    let desk = open::desk(ui, globals, environment)?;
    match command {
        DigestCommand::Managers(args) => cmd_managers(ui, &desk, args),
    }
}

fn cmd_managers(ui: &mut Ui, desk: &Desk, args: &ManagersArgs) -> Result<(), CliError> {
    let read = ReadArgs { as_of: args.as_of.clone(), ..ReadArgs::default() };
    let at = read.at(desk)?;
    let (past, window) = past_and_window(desk, args, &at)?;
    let (before, after) = (past.records_before(window.from)?, past.records_before(window.until)?);
    let lives = past.lives()?;
    let (coming, missing) = desk.coming(past.commit(), window.from, window.until)?;
    let material = Material { lives: &lives, before: &before, after: &after, coming: &coming };
    let commit = past.commit().map(|id| id.to_string()[..10].to_owned()).unwrap_or_default();
    let digest = digest::managers(&material, &window, commit);
    for one in &missing {
        ui.warn(format!("coming changes of {} are not told: {}", one.name, one.why));
        ui.hint(&one.cure);
    }
    let broken = desk.unreadable_in(&past)?;
    warn_unreadable(ui, &broken);
    if args.json || args.format == "json" {
        ui.json(&form::json(&digest));
        return incomplete(&broken);
    }
    let page = page(ui, desk, args, past.snapshot(), &digest)?;
    ui.text(&page);
    if digest.sections.is_empty() && args.week.is_none() && args.since.is_none() {
        ui.hint("the last complete week is told unless another is named: --week this, or --since DAY");
    }
    incomplete(&broken)
}

/// The desk's past as far as the digest asks for it, and its window.
fn past_and_window(desk: &Desk, args: &ManagersArgs, at: &At) -> Result<(Past, Window), CliError> {
    // What "last" means is seen from the moment that is asked about. A window that is named is whole once it is over, however
    // long before its end the commit was made. The moment counts itself, and a window ends right after what it holds.
    if let At::Rev(rev) = at {
        let past = desk.past(Some(rev), None)?;
        let today = past.time(desk.store())?.map_or(desk.now(), |time| time.min(desk.now()));
        let window = window(desk, args, today, desk.now().plus(1))?;
        return Ok((past, window));
    }
    let cut = if let At::Time(time) = at { Some(*time) } else { None };
    let now = cut.map_or(desk.now(), |time| time.min(desk.now()));
    let window = window(desk, args, now, now.plus(1))?;
    let mut past = desk.past(None, Some(window.from.min(now)))?;
    if let Some(time) = cut {
        past.cut(time);
    }
    Ok((past, window))
}

/// The digest in the form that is wanted, by the desk's own template where it has one.
fn page(
    ui: &mut Ui,
    desk: &Desk,
    args: &ManagersArgs,
    snapshot: &crate::store::Snapshot,
    digest: &Digest,
) -> Result<String, CliError> {
    let wanted = match args.format.as_str() {
        "html" => Form::Html,
        "text" => Form::Text,
        _ => Form::Markdown,
    };
    let Some(built_in) = form::built_in(digest.audience, wanted) else {
        return Err(CliError::usage(format!("there is no digest for {} in this form", digest.audience), ""));
    };
    let own = template::own(ui, desk, snapshot, built_in, args.as_of.is_none())?;
    let (name, source) = match &own {
        Some(source) => (built_in.path(), source.as_str()),
        None => (built_in.name.to_owned(), built_in.source),
    };
    form::page(digest, wanted, &name, source).map_err(|error| {
        let hint =
            format!("compare it with the one that comes with the program: staple template show {}", built_in.name);
        CliError::refused(error.to_string(), hint)
    })
}

/// The window that is asked about, as seen from `today`; one that is not over ends now.
fn window(desk: &Desk, args: &ManagersArgs, today: Time, now: Time) -> Result<Window, CliError> {
    let zone = desk.zone();
    let read = |text: &str| {
        parse_when(text, today, zone, Direction::Past).map_err(|error| CliError::usage(error.to_string(), ""))
    };
    let (from, until, week) = if let Some(since) = &args.since {
        let from = read(since)?.instant(zone, DayEdge::Start);
        let until = match &args.until {
            Some(until) => read(until)?.instant(zone, DayEdge::End),
            None => today.day_in(zone).start(zone),
        };
        if until <= from && from <= now {
            return Err(CliError::usage("the window ends before it begins", "--since comes before --until"));
        }
        (from, until, None)
    } else {
        let week = Week::parse_choice(args.week.as_deref().unwrap_or("last"), today, zone)
            .map_err(|error| CliError::usage(error.to_string(), ""))?;
        let (from, until) = week.window(zone);
        (from, until, Some(week))
    };
    let so_far = until > now;
    let until = until.min(now);
    if from >= until {
        let hint = "take one that has begun, such as --week last, or --since 2026-11-01 --until 2026-11-30";
        return Err(CliError::usage("there is no time in this window yet", hint));
    }
    Ok(Window { from, until, zone: zone.clone(), week, so_far })
}
