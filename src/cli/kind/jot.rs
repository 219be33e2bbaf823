//! `staple jot`.

use super::super::environment::Environment;
use super::super::error::CliError;
use super::super::open::{self, Globals};
use super::super::shared::{TextArgs, WriteArgs, report};
use super::super::ui::Ui;
use crate::desk::resolve;
use crate::record::change::stamped;
use crate::record::{Name, jot};

/// Keep a high, a low or a customer's story as it happens, for the next digest
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  staple jot high \"nobody waited longer than a day this week\"\n  staple jot low \"the status page was down\" --about T-7k3mqp\n  staple jot story \"Acme shipped on time because the export worked\" --about customer:acme"
)]
pub(crate) struct JotArgs {
    /// What it is
    #[arg(value_name = "high|low|story", value_parser = clap::builder::PossibleValuesParser::new(jot::KINDS))]
    kind: String,

    /// The words
    #[arg(value_name = "TEXT")]
    words: Option<String>,

    /// What it is about: a ticket, a customer, a playbook
    #[arg(long, value_name = "REF")]
    about: Vec<String>,

    #[command(flatten)]
    text: TextArgs,

    #[command(flatten)]
    write: WriteArgs,
}

pub(crate) fn cmd_jot(
    ui: &mut Ui,
    globals: &Globals,
    environment: &Environment,
    args: &JotArgs,
) -> Result<(), CliError> {
    let desk = open::desk(ui, globals, environment)?;
    let options = args.write.options(&desk, "jot")?;
    let text = args.text.asked(args.words.as_deref(), ui, environment, &desk, "the jot")?;
    let done = desk.write(&options, |draft| {
        let mut about = Vec::new();
        for text in &args.about {
            let (kind, name) = resolve::any_in(draft, text)?;
            about.push(match name {
                Name::Ticket(id) => id.to_string(),
                name => format!("{}:{name}", kind.word()),
            });
        }
        about.sort();
        about.dedup();
        let me = desk.me_in(draft)?;
        let plan = desk.at_moment(options.at, me, |moment| stamped::jot(&args.kind, &text, about, moment));
        draft.carry_out("jot", plan)
    })?;
    report(ui, &desk, &done)
}
