//! `staple customer talked` and `staple team talked`.

use std::marker::PhantomData;

use clap::{ArgMatches, Args, Command, FromArgMatches};

use super::super::environment::Environment;
use super::super::error::CliError;
use super::super::shared::{TextArgs, WriteArgs};
use super::super::ui::Ui;
use super::{Noun, change_of};
use crate::desk::{Desk, resolve};
use crate::record::Kind;
use crate::record::change::stamped;

/// What `staple KIND talked` was given.
#[derive(Debug, Clone)]
pub(crate) struct TalkedArgs<K: Noun> {
    options: TalkedOptions,
    kind: PhantomData<K>,
}

#[derive(Debug, Clone, clap::Args)]
struct TalkedOptions {
    /// With whom
    slug: String,

    /// How: call, visit, meeting and so on
    #[arg(long, value_name = "WAY", default_value = "call")]
    via: String,

    /// Who of ours; you when left out
    #[arg(long, value_name = "PERSON")]
    by: Option<String>,

    #[command(flatten)]
    text: TextArgs,

    #[command(flatten)]
    write: WriteArgs,
}

impl<K: Noun> Args for TalkedArgs<K> {
    fn augment_args(command: Command) -> Command {
        let (about, examples) = if K::KIND == Kind::Customer {
            (
                "Keep what was said in a call, visit or meeting with a customer",
                "Examples:\n  staple customer talked acme -m \"they open a second office in May\"\n  staple customer talked acme --via visit --at \"yesterday 14:00\" -F notes.txt",
            )
        } else {
            (
                "Keep what was said in a call, visit or meeting with a team",
                "Examples:\n  staple team talked engineering --via meeting -m \"exports are rewritten in January\"",
            )
        };
        TalkedOptions::augment_args(command).about(about).after_help(examples)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl<K: Noun> FromArgMatches for TalkedArgs<K> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        Ok(Self { options: TalkedOptions::from_arg_matches(matches)?, kind: PhantomData })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

pub(crate) fn cmd_talked<K: Noun>(
    ui: &mut Ui,
    environment: &Environment,
    desk: &Desk,
    args: &TalkedArgs<K>,
) -> Result<(), CliError> {
    let args = &args.options;
    let options = args.write.options(desk, &format!("{} talked", K::KIND.word()))?;
    let text = args.text.asked(None, ui, environment, desk, "what was said")?;
    change_of(ui, desk, &options, K::KIND, &args.slug, |draft, with, moment| {
        if let Some(by) = &args.by {
            moment.by = resolve::slug_in(draft, Kind::Person, by)?.slug().to_owned();
        }
        Ok(stamped::talked(with, &args.via, &text, moment))
    })
}
