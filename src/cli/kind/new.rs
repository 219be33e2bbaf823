//! `staple KIND new`: one command for all kinds, with the kind's keys as options.

use std::marker::PhantomData;

use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};

use super::super::error::CliError;
use super::super::shared::{WriteArgs, report};
use super::super::ui::Ui;
use super::{Noun, words};
use crate::desk::{Desk, Draft, WriteError, WriteOptions, resolve};
use crate::record::change::{Change, Plan, Refusal};
use crate::record::schema::{Key, Type};
use crate::record::shell::shell_word;
use crate::record::slug::Slug;
use crate::record::when::{Direction, parse_when};
use crate::record::{Kind, Name, Record, Value};

/// What `staple KIND new` was given.
#[derive(Debug, Clone)]
pub(crate) struct NewArgs<K: Noun> {
    pub(super) given: Given,
    pub(super) write: WriteArgs,
    kind: PhantomData<K>,
}

/// Slug, title and keys as typed.
#[derive(Debug, Clone)]
pub(super) struct Given {
    first: Option<String>,
    second: Option<String>,
    /// Keys given by an option of their own, with each value.
    options: Vec<(&'static Key, Vec<String>)>,
    /// `KEY=VALUE`.
    sets: Vec<String>,
}

impl<K: Noun> Args for NewArgs<K> {
    fn augment_args(command: Command) -> Command {
        let kind = K::KIND;
        let label = words::label_key(kind);
        let command = command
            .arg(
                Arg::new("first")
                    .value_name("SLUG")
                    .help(format!("Its slug, or its {label}, which the slug is taken from")),
            )
            .arg(Arg::new("second").value_name(words::label_name(kind)).help(format!("Its {label}")));
        let command = kind.schema().keys.iter().fold(command, |command, key| match words::option(kind, key) {
            Some(option) => command.arg(argument(key, option)),
            None => command,
        });
        let set = Arg::new("set").long("set").value_name("KEY=VALUE").action(ArgAction::Append);
        let command = command.arg(set.help("Any key of a record of this kind"));
        WriteArgs::augment_args(command).about(words::new_about(kind)).after_help(words::new_examples(kind))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

fn argument(key: &'static Key, option: &'static str) -> Arg {
    let arg = Arg::new(key.name).long(option).help(words::sentence(key.meaning));
    let arg = if option == key.name { arg } else { arg.alias(key.name) };
    if key.ty == Type::Bool {
        return arg.action(ArgAction::SetTrue);
    }
    let arg = arg.value_name(words::value_name(key));
    match key.ty {
        Type::Word(known) => arg.value_parser(clap::builder::PossibleValuesParser::new(known.iter().copied())),
        ty if ty.is_list() => arg.action(ArgAction::Append),
        _ => arg,
    }
}

impl<K: Noun> FromArgMatches for NewArgs<K> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let one = |id: &str| matches.get_one::<String>(id).cloned();
        let mut options = Vec::new();
        for key in K::KIND.schema().keys.iter().filter(|key| words::option(K::KIND, key).is_some()) {
            if key.ty == Type::Bool {
                if matches.get_flag(key.name) {
                    options.push((key, vec!["true".to_owned()]));
                }
            } else if let Some(values) = matches.get_many::<String>(key.name) {
                options.push((key, values.cloned().collect()));
            }
        }
        let sets = matches.get_many::<String>("set").into_iter().flatten().cloned().collect();
        let given = Given { first: one("first"), second: one("second"), options, sets };
        Ok(Self { given, write: WriteArgs::from_arg_matches(matches)?, kind: PhantomData })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

pub(crate) fn cmd_new<K: Noun>(ui: &mut Ui, desk: &Desk, args: &NewArgs<K>) -> Result<(), CliError> {
    let options = args.write.options(desk, &format!("{} new", K::KIND.word()))?;
    make(ui, desk, &options, K::KIND, &args.given, |_| Ok(Start::default()))
}

/// What a record starts with before the keys that were given.
#[derive(Debug, Default)]
pub(super) struct Start {
    pub(super) values: Vec<(&'static str, Value)>,
    pub(super) hints: Vec<String>,
}

/// Makes one record of what was given, on top of what `start` says.
pub(super) fn make(
    ui: &mut Ui,
    desk: &Desk,
    options: &WriteOptions,
    kind: Kind,
    given: &Given,
    start: impl Fn(&Draft<'_>) -> Result<Start, WriteError>,
) -> Result<(), CliError> {
    let mut reference = String::new();
    let done = desk.write(options, |draft| {
        let start = start(draft)?;
        let record = record(desk, draft, kind, given, &start.values)?;
        reference = record.reference();
        let summary = format!("new, {}", record.label());
        let plan = Plan { changes: vec![Change::Create(Box::new(record))], summary, hints: start.hints };
        draft.carry_out(&reference, plan)
    })?;
    report(ui, desk, &done)?;
    if !done.dry_run {
        ui.line(&reference);
    }
    Ok(())
}

fn record(
    desk: &Desk,
    draft: &Draft<'_>,
    kind: Kind,
    given: &Given,
    start: &[(&'static str, Value)],
) -> Result<Record, WriteError> {
    let label_key = words::label_key(kind);
    let started = start.iter().find(|(key, _)| *key == label_key).map(|(_, value)| value.to_string());
    let (slug, label) = given.name(kind, started)?;
    let mut record = Record::new(kind, Name::Slug(slug), "");
    for (key, value) in start {
        record.set(key, value.clone());
    }
    record.set(label_key, label);
    for (key, texts) in given.options.iter().filter(|(key, _)| key.name != label_key) {
        let option = words::option(kind, key).unwrap_or(key.name);
        record.set(key.name, value(desk, draft, key, texts, &format!("--{option}"))?);
    }
    for text in &given.sets {
        let (key, text) = set_of(kind, text)?;
        let texts: Vec<String> = if key.ty.is_list() && !matches!(key.ty, Type::Rows(_)) {
            text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect()
        } else {
            vec![text.to_owned()]
        };
        record.set(key.name, value(desk, draft, key, &texts, key.name)?);
    }
    if kind == Kind::Playbook && record.text_of("problem").is_none() {
        record.set("problem", record.text("title").to_owned());
    }
    require(&record)?;
    Ok(record)
}

impl Given {
    /// Slug and label: one word that could be a slug is the slug, anything else the label that the slug is taken from.
    fn name(&self, kind: Kind, started: Option<String>) -> Result<(Slug, String), WriteError> {
        let label_key = words::label_key(kind);
        let option = self.options.iter().find(|(key, _)| key.name == label_key).and_then(|(_, texts)| texts.first());
        let slug_of = |text: &str| Slug::parse(text).ok_or_else(|| not_a_slug(kind, text));
        if let (Some(_), Some(_)) = (&self.second, option) {
            let message = format!("the {label_key} was given twice");
            return Err(WriteError::usage(message, format!("leave out --{label_key}, or what follows the slug")));
        }
        match (&self.first, self.second.as_ref().or(option)) {
            (Some(slug), Some(label)) => Ok((slug_of(slug)?, label.clone())),
            (Some(first), None) => match (Slug::parse(first), started) {
                (Some(slug), Some(label)) => Ok((slug, label)),
                (Some(slug), None) if kind == Kind::Channel => Ok((slug, String::new())),
                (Some(slug), None) => Ok((slug, words::words_of(first))),
                (None, _) => Ok((taken(kind, first)?, first.clone())),
            },
            (None, Some(label)) => Ok((taken(kind, label)?, label.clone())),
            (None, None) => match started {
                Some(label) => Ok((taken(kind, &label)?, label)),
                None => {
                    let word = kind.word();
                    let message = format!("a {word} needs a {label_key} or a slug");
                    Err(WriteError::usage(message, format!("staple {word} new \"its {label_key}\"")))
                }
            },
        }
    }
}

/// The slug nearest to a title, without the articles, which nobody types.
fn taken(kind: Kind, title: &str) -> Result<Slug, WriteError> {
    let is_article = |word: &&str| ["a", "an", "the"].contains(&word.to_lowercase().as_str());
    let short = title.split_whitespace().filter(|word| !is_article(word)).collect::<Vec<_>>().join(" ");
    Slug::from_title(&short).or_else(|| Slug::from_title(title)).ok_or_else(|| {
        let hint = format!("choose one: staple {} new SLUG {}", kind.word(), shell_word(title));
        WriteError::usage(format!("no slug can be taken from `{title}`"), hint)
    })
}

fn not_a_slug(kind: Kind, text: &str) -> WriteError {
    let hint = match Slug::from_title(text) {
        Some(slug) => format!("such as staple {} new {slug}", kind.word()),
        None => "lower case letters and digits, with hyphens between".to_owned(),
    };
    WriteError::usage(format!("`{text}` is not a slug"), hint)
}

/// The key and the text of `KEY=VALUE`.
fn set_of(kind: Kind, text: &str) -> Result<(&'static Key, &str), WriteError> {
    let keys = kind.schema().keys;
    let Some((name, value)) = text.split_once('=') else {
        return Err(WriteError::usage(format!("`{text}` sets nothing"), "write it as --set KEY=VALUE"));
    };
    let Some(key) = kind.schema().key(name.trim()) else {
        let near = crate::record::nearest::nearest(name.trim(), keys.iter().map(|key| key.name));
        let hint = match near.as_slice() {
            [] => format!("the keys are {}", keys.iter().map(|key| key.name).collect::<Vec<_>>().join(", ")),
            near => format!("did you mean {}?", near.join(" or ")),
        };
        return Err(WriteError::usage(format!("a {} has no key `{}`", kind.word(), name.trim()), hint));
    };
    Ok((key, value.trim()))
}

/// The value of a key from what was typed; references are looked up and days read as people write them.
fn value(
    desk: &Desk,
    draft: &Draft<'_>,
    key: &'static Key,
    texts: &[String],
    shown: &str,
) -> Result<Value, WriteError> {
    let text = texts.last().map(String::as_str).unwrap_or_default();
    let wrong = |words: String| WriteError::usage(format!("{shown}: `{text}` {words}"), "");
    Ok(match key.ty {
        _ if text.is_empty() => Value::Unset,
        Type::Ref(targets) => resolve::typed(draft, targets, text)?.into(),
        Type::Refs(targets) => {
            let found: Result<Vec<String>, _> = texts.iter().map(|text| resolve::typed(draft, targets, text)).collect();
            sorted(found?).into()
        }
        Type::List => sorted(texts.to_vec()).into(),
        Type::Ordered => texts.to_vec().into(),
        Type::Day => {
            let when = parse_when(text, desk.now(), desk.zone(), direction(key));
            when.map_err(|error| wrong(format!("is no day: {error}")))?.day(desk.zone()).into()
        }
        Type::Rows(_) if key.name == "asks" && shown.starts_with("--") => Value::Rows(asks(texts)?),
        ty => crate::text::typed(ty, text).map_err(wrong)?,
    })
}

/// Which way a day without a sign points: back for what has been, ahead for what is to come.
fn direction(key: &Key) -> Direction {
    if matches!(key.name, "confirmed" | "raised" | "retired") { Direction::Past } else { Direction::Future }
}

/// What is asked of customers, each with why, since an ask without a reason is not made.
fn asks(texts: &[String]) -> Result<Vec<crate::record::value::Row>, WriteError> {
    let read = |text: &String| match text.split_once(" because ") {
        Some((ask, why)) if !ask.trim().is_empty() && !why.trim().is_empty() => {
            Ok(vec![("ask".to_owned(), ask.trim().into()), ("why".to_owned(), why.trim().into())])
        }
        _ => {
            let hint = "such as --ask \"the order number because we look it up by it\"";
            Err(WriteError::usage(format!("`{text}` does not say why it is asked"), hint))
        }
    };
    texts.iter().map(read).collect()
}

fn sorted(mut items: Vec<String>) -> Vec<String> {
    items.sort();
    items.dedup();
    items
}

/// Refuses a record that lacks what every one of its kind must have, with the option that gives it.
fn require(record: &Record) -> Result<(), WriteError> {
    let kind = record.kind;
    let missing: Vec<&Key> =
        kind.schema().keys.iter().filter(|key| key.required && record.get(key.name).is_unset()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let names = missing.iter().map(|key| format!("`{}` ({})", key.name, key.meaning)).collect::<Vec<_>>().join(" and ");
    let options: Vec<String> = missing
        .iter()
        .map(|key| {
            let example = match key.ty {
                Type::Word(words) => words.join("|"),
                _ => format!("\"{}\"", key.meaning),
            };
            format!("--{} {example}", words::option(kind, key).unwrap_or(key.name))
        })
        .collect();
    let (word, slug, label) = (kind.word(), record.slug(), record.text(words::label_key(kind)));
    let label = if label.is_empty() { String::new() } else { format!(" {}", shell_word(label)) };
    let hint = format!("staple {word} new {slug}{label} {}", options.join(" "));
    Err(Refusal::new(format!("{} needs {names}", record.reference()), hint).into())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn named(kind: Kind, first: &str, second: &str, option: &str) -> String {
        let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let key = kind.schema().key(words::label_key(kind)).unwrap();
        let options = some(option).map(|text| (key, vec![text])).into_iter().collect();
        let given = Given { first: some(first), second: some(second), options, sets: Vec::new() };
        match given.name(kind, None) {
            Ok((slug, label)) => format!("{slug} / {label}"),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn one_word_is_a_slug_and_more_are_a_title() {
        assert_eq!(named(Kind::Playbook, "Reset a password", "", ""), "reset-password / Reset a password");
        assert_eq!(named(Kind::Playbook, "reset-password", "", ""), "reset-password / Reset password");
        assert_eq!(named(Kind::Customer, "acme", "", "Acme GmbH"), "acme / Acme GmbH");
        assert_eq!(named(Kind::Customer, "acme", "Acme GmbH", ""), "acme / Acme GmbH");
        assert_eq!(named(Kind::Customer, "", "", "Acme GmbH"), "acme-gmbh / Acme GmbH");
        assert_eq!(named(Kind::Topic, "The A", "", ""), "the-a / The A", "articles alone are a title too");
        assert_eq!(named(Kind::Channel, "phone", "", ""), "phone / ", "a word is no address");
    }

    #[test]
    fn what_cannot_be_a_name_is_refused() {
        assert_eq!(named(Kind::Customer, "Acme GmbH", "Acme", ""), "`Acme GmbH` is not a slug");
        assert_eq!(named(Kind::Customer, "acme", "Acme", "Acme"), "the name was given twice");
        assert_eq!(named(Kind::Role, "", "", ""), "a role needs a title or a slug");
        assert_eq!(named(Kind::Topic, "???", "", ""), "no slug can be taken from `???`");
    }

    #[test]
    fn every_key_has_one_option_or_a_verb() {
        for kind in [
            Kind::Playbook,
            Kind::Proposal,
            Kind::Person,
            Kind::Role,
            Kind::Team,
            Kind::Customer,
            Kind::Channel,
            Kind::Topic,
        ] {
            let options: Vec<&str> = kind.schema().keys.iter().filter_map(|key| words::option(kind, key)).collect();
            for (i, option) in options.iter().enumerate() {
                assert!(!options[..i].contains(option), "{kind:?} {option}");
                assert!(!["why", "at", "stage", "set", "from", "color", "desk"].contains(option), "{kind:?} {option}");
            }
        }
    }
}
