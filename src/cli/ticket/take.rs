//! `staple take`.

use super::super::error::CliError;
use super::super::shared::WriteArgs;
use super::super::ui::Ui;
use crate::desk::{Desk, WriteError, resolve};
use crate::record::Kind;
use crate::record::change::ticket as verbs;
use crate::record::schema::Target;

/// Make yourself, or somebody, the one owner of a ticket
///
/// A new ticket is worked on from then.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  staple take 7k3\n  staple take 7k3 --for sam --why \"knows the importer\"")]
pub(crate) struct TakeArgs {
    /// The ticket
    id: String,

    /// Who owns it; you when left out
    #[arg(long = "for", value_name = "PERSON")]
    person: Option<String>,

    #[command(flatten)]
    write: WriteArgs,
}

pub(crate) fn cmd_take(ui: &mut Ui, desk: &Desk, args: &TakeArgs) -> Result<(), CliError> {
    let options = args.write.options(desk, "ticket take")?;
    super::change(ui, desk, &options, &args.id, |draft, case, moment| {
        let person = match &args.person {
            Some(person) => resolve::typed(draft, &[Target::Of(Kind::Person)], person)?,
            None if moment.by.is_empty() => {
                return Err(WriteError::usage("the desk does not know you yet", "make yourself known: staple setup"));
            }
            None => moment.by.clone(),
        };
        Ok(verbs::take(case, &person)?)
    })
}
