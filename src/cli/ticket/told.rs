//! `staple ticket told` and `staple ticket link`.

use super::super::code::{self, Place};
use super::super::environment::Environment;
use super::super::error::CliError;
use super::super::shared::{TextArgs, WriteArgs};
use super::super::ui::Ui;
use super::super::{fixes, release};
use super::post::{PostArgs, mail, post};
use crate::desk::links::path_key;
use crate::desk::{Desk, WriteError, resolve};
use crate::record::change::ticket::{self as verbs, Words};
use crate::report::release::draft;

/// Record that a customer was told that their problem is fixed, and in which release
///
/// Without --release it is the first release with the whole fix. The words are recorded; they are sent only with --send.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  staple ticket told 7k3 -m \"2.4 is out and ends this\"\n  staple ticket told 7k3 --release v2.4 --draft --send\n  staple ticket told 7k3 --draft --eml -"
)]
pub(crate) struct ToldArgs {
    /// The ticket
    id: String,

    /// The words; `-` reads standard input
    words: Option<String>,

    /// The release, by its tag
    #[arg(long, value_name = "TAG")]
    release: Option<String>,

    /// The words of the draft that `staple release show` shows
    #[arg(long, conflicts_with_all = ["words", "message", "file"])]
    draft: bool,

    /// To whom exactly
    #[arg(long, value_name = "WHO")]
    to: Option<String>,

    /// The way it went
    #[arg(long, value_name = "CHANNEL")]
    channel: Option<String>,

    #[command(flatten)]
    post: PostArgs,

    #[command(flatten)]
    text: TextArgs,

    #[command(flatten)]
    write: WriteArgs,
}

pub(crate) fn cmd_told(ui: &mut Ui, environment: &Environment, desk: &Desk, args: &ToldArgs) -> Result<(), CliError> {
    let options = args.write.options(desk, "ticket told")?;
    let linked = fixes::read(ui, desk)?;
    let ticket = resolve::ticket(&linked.records, &args.id)?;
    let found = match &args.release {
        Some(tag) => release::tag_of(&linked, tag)?,
        None => {
            let id = ticket.ticket_id();
            let first = id.and_then(|id| linked.links.releases(id).into_iter().next());
            first.ok_or_else(|| {
                let id = ticket.reference();
                let hint = format!("name the release: staple ticket told {id} --release TAG; see staple fixes {id}");
                CliError::refused(format!("no release is known to have the fix of {id}"), hint)
            })?
        }
    };
    let of = ticket.ticket_id().map(|id| linked.links.releases(id)).unwrap_or_default();
    let has_the_fix = of.contains(&found);
    let text = if args.draft {
        draft(&linked.records, ticket, &found, desk.zone())
    } else {
        let about = format!("what the customer of {} was told of {}", args.id, found.tag);
        args.text.asked(args.words.as_deref(), ui, environment, desk, &about)?
    };
    let command = args.post.command(desk)?;
    let mut letter = None;
    super::change(ui, desk, &options, &args.id, |draft, case, moment| {
        let mut words = Words {
            to: args.to.clone().unwrap_or_default(),
            channel: super::reply::channel(draft, args.channel.as_deref())?,
            ..Words::plain(text.clone())
        };
        if args.post.wanted() {
            letter = Some(mail(desk, case, &mut words, moment)?);
        }
        let mut plan = verbs::told(case, &found.tag, &words, moment);
        if !has_the_fix {
            let id = case.ticket.reference();
            plan.hints.push(format!("{} is not known to have the whole fix of {id}: staple fixes {id}", found.tag));
        }
        if !args.post.wanted() {
            plan.hints.insert(0, "recorded, not sent".to_owned());
        }
        Ok(plan)
    })?;
    match letter {
        Some(letter) if !options.dry_run => post(ui, &args.post, command.as_deref(), &letter),
        _ => Ok(()),
    }
}

/// Link a ticket to a commit or an address
///
/// A commit of the repository one stands in, where the desk names it, else of the desk's own, or REPOSITORY@COMMIT of one that the
/// settings name; it counts as a fix. Any http or https address is kept as it is.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  staple ticket link 7k3 3f2a1b4\n  staple ticket link 7k3 website@9c8d7e6 https://forge.example.org/pull/12\n  staple ticket link 7k3 3f2a1b4 --remove"
)]
pub(crate) struct LinkArgs {
    /// The ticket
    id: String,

    /// Commits and addresses
    #[arg(required = true, value_name = "COMMIT|URL")]
    links: Vec<String>,

    /// Take them away
    #[arg(long)]
    remove: bool,

    #[command(flatten)]
    write: WriteArgs,
}

pub(crate) fn cmd_link(ui: &mut Ui, environment: &Environment, desk: &Desk, args: &LinkArgs) -> Result<(), CliError> {
    let options = args.write.options(desk, "ticket link")?;
    for text in args.links.iter().filter(|text| !args.remove && !is_address(text)) {
        let commit = text.strip_prefix("commit:").unwrap_or(text);
        if code::named(commit).is_none() {
            Place::of(environment, desk, commit)?.0.say(ui, desk, commit);
        }
    }
    super::change(ui, desk, &options, &args.id, |_, case, _| {
        let mut links = Vec::new();
        for text in &args.links {
            // What goes is found among what is there: the commit itself may be gone.
            let known = case.ticket.list("links").iter().find(|known| args.remove && is_meant(known, text));
            links.push(match known {
                Some(known) => known.clone(),
                None => link(environment, desk, text)
                    .map_err(|error| WriteError::usage(error.message, error.hints.join("; ")))?,
            });
        }
        Ok(verbs::link(case, &links, args.remove)?)
    })
}

/// Whether somebody who typed `text` means a link: the whole of it, or the beginning of a commit's id.
fn is_meant(known: &str, text: &str) -> bool {
    let bare = |text: &str| text.strip_prefix("commit:").unwrap_or(text).to_ascii_lowercase();
    known == text || known.starts_with("commit:") && text.len() >= 7 && bare(known).starts_with(&bare(text))
}

fn is_address(text: &str) -> bool {
    text.starts_with("https://") || text.starts_with("http://")
}

/// A link as the record holds it: an address, or a commit with its whole id where that is known.
fn link(environment: &Environment, desk: &Desk, text: &str) -> Result<String, CliError> {
    if is_address(text) {
        return Ok(text.to_owned());
    }
    let commit = text.strip_prefix("commit:").unwrap_or(text);
    let Some((repo, rev)) = code::named(commit) else {
        let (place, rev) = Place::of(environment, desk, commit)?;
        let id = place.resolve(rev)?;
        return Ok(if place.name.is_empty() { format!("commit:{id}") } else { format!("commit:{}@{id}", place.name) });
    };
    match code::clone_of(desk, repo)? {
        Some(found) => Ok(format!("commit:{repo}@{}", found.resolve(rev)?)),
        None if rev.len() >= 7 && rev.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
            Ok(format!("commit:{repo}@{}", rev.to_ascii_lowercase()))
        }
        None => {
            let hint = format!("say where a clone lies: git config --global {} PATH", path_key(repo));
            Err(CliError::usage(format!("`{rev}` is no commit id of 7 digits or more"), hint))
        }
    }
}
