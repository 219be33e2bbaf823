//! `staple complete-refs`: what could stand where somebody types, for the hooks in the scripts.
//!
//! The words typed so far say which argument the cursor is at, and its name in the help says what may stand there.

use clap::{Arg, ArgAction, Command, ValueHint};

use crate::cli::args;
use crate::cli::environment::Environment;
use crate::cli::open::{self, Globals};
use crate::cli::ui::Ui;
use crate::desk::complete::Wanted;
use crate::record::schema::{Target, Type};
use crate::record::{Kind, ticket};
use crate::render::plain::clean_line;

/// Print the references that may stand at the end of a command line, for completion
#[derive(Debug, clap::Args)]
#[command(hide = true)]
pub(crate) struct CompleteRefsArgs {
    /// What is typed after the program's name; the last word is what is completed, empty where nothing of it is typed
    #[arg(last = true, value_name = "WORD")]
    words: Vec<String>,
}

/// Prints a reference a line, and after a tab what it is called. Whatever is wrong, there is nothing to complete.
pub(crate) fn cmd_complete_refs(ui: &mut Ui, globals: &Globals, environment: &Environment, args: &CompleteRefsArgs) {
    let mut command = args::with_ticket_verbs();
    command.build();
    let Some(place) = place(&command, &args.words) else { return };
    let folder = place.folder.map(Into::into).or_else(|| globals.folder.clone());
    let Ok(desk) = open::desk(ui, &Globals { folder, ..globals.clone() }, environment) else { return };
    let wanted = Wanted { kinds: &place.may.kinds, whole: place.may.whole };
    let found = desk.references_beginning(wanted, place.typed);
    let words = place.may.words.iter().filter(|(word, _)| word.starts_with(place.typed));
    let words = words.map(|(word, about)| ((*word).to_owned(), (*about).to_owned()));
    for (text, label) in words.chain(found) {
        ui.line(format!("{text}\t{}", clean_line(&label)).trim_end());
    }
}

/// What may stand at a place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct May {
    kinds: Vec<Kind>,
    /// With the kind before the slug.
    whole: bool,
    /// Words that stand for no record.
    words: &'static [(&'static str, &'static str)],
}

/// Where the cursor is.
#[derive(Debug, PartialEq, Eq)]
struct Place<'a> {
    may: May,
    /// What is typed of the reference.
    typed: &'a str,
    /// The desk that the command line names.
    folder: Option<&'a str>,
}

/// Finds the argument that the last word belongs to; nothing where no reference may stand.
fn place<'a>(command: &Command, words: &'a [String]) -> Option<Place<'a>> {
    let (typed, before) = words.split_last()?;
    let (mut at, mut noun, mut count, mut plain, mut folder) = (command, "", 0, false, None);
    let mut open: Option<&Arg> = None;
    for word in before {
        if let Some(arg) = open.take() {
            folder = if arg.get_id() == "folder" { Some(word.as_str()) } else { folder };
        } else if plain {
            count += 1;
        } else if word == "--" {
            plain = true;
        } else if word.len() > 1 && word.starts_with('-') {
            open = option(at, word).filter(|_| !word.contains('='));
        } else if let Some(inner) = at.find_subcommand(word).filter(|_| count == 0) {
            noun = at.get_name();
            at = inner;
        } else {
            count += 1;
        }
    }
    let (arg, typed) = match open {
        Some(arg) => (arg, typed.as_str()),
        None if typed.starts_with('-') && !plain => (option(at, typed)?, typed.split_once('=')?.1),
        None => {
            let last = || at.get_positionals().last().filter(|arg| takes_many(arg));
            (at.get_positionals().nth(count).or_else(last)?, typed.as_str())
        }
    };
    let may = may_stand(noun, at.get_name(), arg)?;
    // Files stand there as well, which the shell knows.
    let is_path = name(arg) == "REF|PATH" && !typed.starts_with("T-") && !typed.contains(':');
    // What is set follows the records.
    let is_value = name(arg) == "REF... KEY=VALUE" && typed.contains('=');
    (!is_path && !is_value).then_some(Place { may, typed, folder })
}

/// The option of a word that takes a value.
fn option<'c>(command: &'c Command, word: &str) -> Option<&'c Arg> {
    let takes = |arg: &&Arg| arg.get_action().takes_values();
    if let Some(long) = word.strip_prefix("--") {
        let long = long.split('=').next().unwrap_or_default();
        let named = |arg: &&Arg| {
            arg.get_long() == Some(long) || arg.get_all_aliases().is_some_and(|names| names.contains(&long))
        };
        return command.get_arguments().filter(named).find(takes);
    }
    // What follows the letter in the same word is its value already.
    let letter = word.chars().last().filter(|_| word.chars().count() == 2)?;
    command.get_arguments().filter(|arg| arg.get_short() == Some(letter)).find(takes)
}

fn takes_many(arg: &Arg) -> bool {
    matches!(arg.get_action(), ArgAction::Append)
}

fn name(arg: &Arg) -> &str {
    arg.get_value_names().and_then(<[_]>::first).map_or("", |name| name.as_str())
}

/// What may stand in an argument of a command, by the name of its value.
fn may_stand(noun: &str, verb: &str, arg: &Arg) -> Option<May> {
    let one = |kind: Kind| Some(May { kinds: vec![kind], ..May::default() });
    match name(arg) {
        "REFERENCE" if verb == "note" => one(Kind::Ticket),
        "REF" | "REFERENCE" if matches!(verb, "rename" | "retire") => {
            let kinds = kinds().filter(|kind| *kind != Kind::Ticket).collect();
            Some(May { kinds, whole: true, words: &[] })
        }
        "REF" | "REFERENCE" | "REF|PATH" | "REF... KEY=VALUE" => {
            Some(May { kinds: kinds().collect(), whole: true, words: &[] })
        }
        "ID" if arg.get_id() != "op_id" => one(Kind::Ticket),
        "PERSON" => one(Kind::Person),
        "CUSTOMER" => one(Kind::Customer),
        "CHANNEL" => one(Kind::Channel),
        "TOPIC" => one(Kind::Topic),
        "PROPOSAL" => one(Kind::Proposal),
        "PLAYBOOK" => one(Kind::Playbook),
        "PLAYBOOK|none" => Some(May {
            kinds: vec![Kind::Playbook],
            whole: false,
            words: &[("none", "no playbook fits, and none is missed")],
        }),
        "ON" => Some(May { kinds: of(ticket::WAITING_ON).kinds, whole: true, words: &[("customer", "")] }),
        "TO" if verb == "hand-off" => Some(May { kinds: vec![Kind::Team, Kind::Person], whole: true, words: &[] }),
        "SLUG" if verb == "talked" => one(Kind::from_word(noun)?),
        "SLUG" => match Kind::from_word(noun)?.schema().key(arg.get_id().as_str())?.ty {
            Type::Ref(targets) | Type::Refs(targets) => Some(of(targets)).filter(|may| !may.kinds.is_empty()),
            _ => None,
        },
        _ => None,
    }
}

/// Kinds that references name.
fn kinds() -> impl Iterator<Item = Kind> {
    crate::query::document::kinds()
}

fn of(targets: &[Target]) -> May {
    let kinds = targets.iter().filter_map(|target| match target {
        Target::Ticket => Some(Kind::Ticket),
        Target::Of(kind) => Some(*kind),
        Target::Release | Target::Vendor | Target::TheCustomer => None,
    });
    May { kinds: kinds.collect(), whole: targets.len() > 1, words: &[] }
}

/// The command with a hint where references may stand, which the scripts show as a completion of hosts: nothing here has hosts.
pub(super) fn marked(command: Command) -> Command {
    mark(command, "")
}

fn mark(command: Command, noun: &str) -> Command {
    let verb = command.get_name().to_owned();
    let command = command.mut_args(|arg| match may_stand(noun, &verb, &arg) {
        // The shell knows files best.
        Some(_) if name(&arg) != "REF|PATH" => arg.value_hint(ValueHint::Hostname),
        _ => arg,
    });
    command.mut_subcommands(|inner| mark(inner, &verb))
}
