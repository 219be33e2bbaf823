//! What every command takes that is asked with a query: who asks, words that nothing has, a name to save it under.

use super::error::CliError;
use super::shared::report;
use super::ui::Ui;
use crate::desk::{Desk, Records, WriteError, WriteOptions};
use crate::query::spelling::Correction;
use crate::query::{Query, QueryError};
use crate::record::change::{Change, Plan};
use crate::record::slug::Slug;
use crate::record::{Kind, Name, Record};

/// A name to save the query under.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct SaveArgs {
    /// Save the query under this name; query:NAME stands for it in any query
    #[arg(long, value_name = "NAME", help_heading = "Saving")]
    save: Option<String>,

    /// Why it is saved; it goes into the commit
    #[arg(long, value_name = "TEXT", requires = "save", help_heading = "Saving")]
    why: Option<String>,
}

impl SaveArgs {
    /// Saves the query, which has been read before, where a name was given.
    pub(crate) fn save(&self, ui: &mut Ui, desk: &Desk, text: &str) -> Result<(), CliError> {
        let Some(name) = &self.save else { return Ok(()) };
        if text.trim().is_empty() {
            return Err(CliError::usage("there is no query to save", "such as staple list older:14d --save stuck"));
        }
        let Some(slug) = Slug::parse(name) else {
            let hint = match Slug::from_title(name) {
                Some(slug) => format!("such as --save {slug}"),
                None => "lower case letters and digits, with hyphens between".to_owned(),
            };
            return Err(CliError::usage(format!("`{name}` is no name for a query"), hint));
        };
        let options = WriteOptions {
            action: "query new".to_owned(),
            why: self.why.clone().unwrap_or_default(),
            ..WriteOptions::default()
        };
        let done = desk.write(&options, |draft| {
            let name = Name::Slug(slug.clone());
            if draft.exists(Kind::Query, &name)? {
                let saved = draft.record(Kind::Query, &name)?;
                let message = format!("{} is saved already: {}", saved.reference(), saved.text("query"));
                let hint = format!("choose another name, or change it: staple set {} query=\"...\"", saved.reference());
                return Err(WriteError::usage(message, hint));
            }
            let record = Record::new(Kind::Query, name, "")
                .with("title", super::kind::words_of(slug.as_str()))
                .with("query", text.split_whitespace().collect::<Vec<_>>().join(" "));
            let (reference, summary) = (record.reference(), format!("new, {}", record.text("query")));
            let plan = Plan { changes: vec![Change::Create(Box::new(record))], summary, hints: Vec::new() };
            draft.carry_out(&reference, plan)
        })?;
        report(ui, desk, &done)
    }
}

/// The person who asks; an error where the query speaks of them and the desk does not know them.
pub(crate) fn asks(desk: &Desk, records: &Records, query: &Query) -> Result<Option<String>, CliError> {
    let me = desk.me(records);
    if query.needs_me() && me.is_none() {
        return Err(CliError::usage("the desk does not know who @me is", "make yourself known: staple setup"));
    }
    Ok(me)
}

/// The error with the query and a mark below the place.
pub(crate) fn query_error(error: &QueryError, text: &str) -> CliError {
    CliError::usage(format!("{error}\n{}", error.pointer(text)), "see staple help queries")
}

/// Says which words nothing has and what was searched for.
pub(crate) fn tell(ui: &mut Ui, corrections: &[Correction]) {
    for Correction { word, by } in corrections {
        let by: Vec<String> = by.iter().map(|word| format!("\"{word}\"")).collect();
        match by.split_last() {
            None => ui.status(format!("no \"{word}\" anywhere")),
            Some((only, [])) => ui.status(format!("no \"{word}\"; searched for {only}")),
            Some((last, more)) => ui.status(format!("no \"{word}\"; searched for {} or {last}", more.join(", "))),
        }
    }
}
