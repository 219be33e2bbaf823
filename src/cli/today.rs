//! `staple` alone: my day, or the first steps where there is no desk yet.

use super::environment::Environment;
use super::error::CliError;
use super::open::{self, Globals};
use super::shared::{ReadArgs, incomplete};
use super::show::print;
use super::ui::Ui;
use crate::record::Kind;
use crate::render::text::{Line, Lines, Tone};
use crate::report::day::{Day, day};
use crate::report::words::Clock;
use crate::store;

/// What a first run shows.
const FIRST_RUN: &str = "\
Staple keeps a support desk in a git repository: tickets, playbooks and people are
files, and every change is a commit. There is no desk here yet.

  staple init desk               make one in the folder desk, with a repository
  staple init                    make one here; beside code it goes into support/
  staple -C DIR                  look at one that is somewhere else
  git config staple.desk DIR     say in a code repository where its desk is

  staple help                    every command
";

pub(crate) fn cmd_today(
    ui: &mut Ui,
    globals: &Globals,
    environment: &Environment,
    as_of: Option<String>,
) -> Result<(), CliError> {
    let named = globals.folder.is_some() || environment.variable("STAPLE_DESK").is_some();
    let found = store::Store::open(&open::discover(globals, environment));
    if let Err(store::Error::NotARepository { .. } | store::Error::NoDesk { .. }) = found
        && !named
    {
        ui.text(FIRST_RUN);
        return Ok(());
    }
    let desk = open::desk(ui, globals, environment)?;
    let is_past = as_of.is_some();
    let (records, now) = ReadArgs { as_of, ..ReadArgs::default() }.read(&desk, ui, |at| desk.day(at))?;
    let me = desk.me(&records).filter(|me| records.slug(Kind::Person, me).is_some());
    let clock = Clock { now, zone: desk.zone() };
    let today = day(&records, me.as_deref(), &clock);
    let lines = lines(&today, &clock, ui.width);
    print(ui, &lines);
    if me.is_none() && !is_past {
        ui.hint("the desk does not know you yet, so this is everybody's day; make yourself known: staple setup");
    }
    if records.tickets().next().is_none() && !is_past {
        ui.hint("open a ticket: staple new \"what a customer needs\"");
    }
    incomplete(&records)
}

fn lines(today: &Day, clock: &Clock<'_>, width: usize) -> Vec<Line> {
    let mut out = Lines::new(width);
    let whose = today.name.as_deref().unwrap_or("The desk");
    let open = match today.open {
        0 => "no open tickets".to_owned(),
        1 => "1 open ticket".to_owned(),
        many => format!("{many} open tickets"),
    };
    let weekday = clock.today().date().strftime("%A");
    let open = if today.name.is_some() { format!("{open} on the desk") } else { open };
    out.add(Tone::Dim, &format!("{whose}, {weekday} {}: {open}", clock.day(clock.today())));
    for section in &today.sections {
        out.gap();
        out.add(if section.pressing { Tone::Pressing } else { Tone::Strong }, section.heading);
        for item in &section.items {
            out.wrapped(Tone::Plain, 2, &format!("{}  {}", item.reference, item.title));
            out.wrapped(Tone::Plain, 6, &item.why);
            // A command is one line whatever the width, so that it can be copied.
            out.add(Tone::Dim, &format!("      {}", item.act));
        }
    }
    if today.sections.is_empty() {
        out.gap();
        let nothing =
            if today.name.is_some() { "Nothing is due, and nothing waits for you." } else { "Nothing is due." };
        out.add(Tone::Plain, nothing);
    }
    if today.overdue_elsewhere > 0 {
        out.gap();
        let (many, verb) = (today.overdue_elsewhere, if today.overdue_elsewhere == 1 { "is" } else { "are" });
        out.add(Tone::Dim, &format!("{many} more {verb} overdue with others: staple list is:overdue"));
    }
    out.done()
}
