//! What the commits of this repository and of others say of the desk's tickets.

use std::collections::{BTreeSet, HashSet};
use std::path::Path;

use super::{At, Desk, Records};
use crate::link::{Code, Links, TicketFacts, Touched};
use crate::record::commit_words::{CLOSING_WORDS, CommitWords};
use crate::record::id::TicketId;
use crate::record::reference::Reference;
use crate::record::schema::Target;
use crate::record::shell::shell_word;
use crate::record::{Record, ticket};
use crate::store::code::CodeRepository;
use crate::store::layout::{Located, locate};
use crate::store::{self, ObjectId};

/// A repository with code, as the desk's settings name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeName {
    /// What the desk calls it.
    pub name: String,
    /// Where it is kept, for people; "" when nobody says.
    pub url: String,
}

/// Commits, and what they say of tickets.
#[derive(Debug)]
pub struct Linked {
    /// The changes of each ticket.
    pub links: Links,
    /// What each ticket says of commits and of what its customer was told, in order of id.
    pub facts: Vec<TicketFacts>,
    /// The tickets, with what customers and playbooks are called.
    pub records: Records,
    /// The repositories that were read.
    pub code: Vec<Code>,
    /// Repositories that could not be read here: why, and what to do.
    pub missing: Vec<Missing>,
}

/// A repository that the desk names and this clone does not know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// What the desk calls it.
    pub name: String,
    /// Why it was not read.
    pub why: String,
    /// What to do.
    pub cure: String,
}

/// Where a person says where their clone of a repository lies, as a command takes it.
pub fn path_key(name: &str) -> String {
    shell_word(&format!("staple.repo.{name}.path"))
}

impl Missing {
    /// A repository whose clone cannot be read.
    pub(super) fn because(name: String, error: &store::Error) -> Self {
        let cure = format!("name a clone of it: git config --global {} PATH", path_key(&name));
        Self { why: error.to_string(), cure, name }
    }
}

impl Linked {
    /// What of history is not seen here: of each repository its name, "" for the desk's own, and whether it is cut short
    /// (`true`), as in a shallow clone, or was not read at all.
    pub fn unseen(&self) -> Vec<(&str, bool)> {
        let cut = self.code.iter().filter(|code| code.commits.shallow).map(|code| (code.name.as_str(), true));
        cut.chain(self.missing.iter().map(|missing| (missing.name.as_str(), false))).collect()
    }
}

impl Desk {
    /// The repositories with code that the settings name.
    pub fn code_names(&self) -> Vec<CodeName> {
        let named = self.settings.items("repositories").into_iter().map(|item| {
            let (name, url) = item.trim().split_once(char::is_whitespace).unwrap_or((item.trim(), ""));
            CodeName { name: name.to_owned(), url: url.trim().to_owned() }
        });
        named.filter(|one| !one.name.is_empty()).collect()
    }

    /// The words that claim a fix before a ticket's id in a commit, in lower case.
    pub fn closing_words(&self) -> Vec<String> {
        let own = self.settings.items("closing-words");
        if own.is_empty() {
            return CLOSING_WORDS.map(str::to_owned).to_vec();
        }
        own.into_iter().map(|word| word.trim_end_matches(':').to_lowercase()).collect()
    }

    /// This person's clone of a repository that the settings name; nothing where they do not say where it lies. `~` is their home,
    /// and a relative path begins at the work tree's root.
    pub fn clone_of(&self, name: &str) -> Option<Result<CodeRepository, store::Error>> {
        let path = self.settings.repository_path(name)?;
        let path = match (path.strip_prefix("~/"), std::env::home_dir()) {
            (Some(rest), Some(home)) => home.join(rest),
            _ => self.store.work_dir().join(path),
        };
        Some(self.store.code_at(&path))
    }

    /// This person's clones of the repositories that the settings name, and those of which there is none.
    pub(super) fn clones(&self) -> (Vec<(String, CodeRepository)>, Vec<Missing>) {
        let (mut clones, mut missing) = (Vec::new(), Vec::new());
        for CodeName { name, .. } in self.code_names() {
            match self.clone_of(&name) {
                Some(Ok(found)) => clones.push((name, found)),
                Some(Err(error)) => missing.push(Missing::because(name, &error)),
                None => missing.push(Missing {
                    why: "no clone of it is known here".to_owned(),
                    cure: format!("say where it lies: git config --global {} PATH", path_key(&name)),
                    name,
                }),
            }
        }
        (clones, missing)
    }

    /// The repository that a folder lies in, and what the desk calls it, "" where it is the desk's own; nothing where the desk
    /// knows no such repository.
    pub fn code_around(&self, folder: &Path) -> Option<(String, CodeRepository)> {
        let here = self.store.code_around(folder).ok()?;
        if here.is_same(&self.store.code()) {
            return Some((String::new(), here));
        }
        let is_here = |name: &str| matches!(self.clone_of(name), Some(Ok(found)) if found.is_same(&here));
        let name = self.code_names().into_iter().map(|one| one.name).find(|name| is_here(name))?;
        Some((name, here))
    }

    /// The ids of all tickets with their titles, earlier ids among them.
    ///
    /// # Errors
    /// When the repository cannot be read.
    pub fn ticket_ids(&self) -> Result<Vec<(TicketId, String)>, store::Error> {
        let found = self.through_index(|reading| reading.told())?;
        let records = found.map_or_else(|| self.records(&At::Now), Ok)?;
        let ids = |ticket: &Record| {
            let title = ticket.text("title").to_owned();
            let all = [ticket.ticket_id(), TicketId::parse(ticket.text("was"))];
            all.into_iter().flatten().map(move |id| (id, title.clone())).collect::<Vec<_>>()
        };
        Ok(records.tickets().flat_map(ids).collect())
    }

    /// Whether any branch of this clone, or of a remote as this clone last saw it, has the ticket.
    ///
    /// # Errors
    /// When the repository cannot be read.
    pub fn is_on_a_branch(&self, ticket: TicketId) -> Result<bool, store::Error> {
        let file = format!("{}.toml", ticket.as_str());
        for tip in self.store.branch_tips()? {
            let snapshot = self.store.snapshot_of(tip)?;
            for month in snapshot.list("tickets")?.iter().rev() {
                if snapshot.find(&format!("tickets/{}/{file}", month.name))?.is_some() {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// Reads the commits of this repository and of those that the settings name, and links them to tickets.
    ///
    /// # Errors
    /// When this repository cannot be read.
    pub fn linked(&self) -> Result<Linked, store::Error> {
        let closing = self.closing_words();
        let (others, mut missing) = self.clones();
        let read = |repository: &CodeRepository, name: &str| {
            let commits = repository.commits(|message| CommitWords::read(message, &closing))?;
            let releases = self.settings.items("release-tags").into_iter().map(str::to_owned).collect();
            Ok::<_, store::Error>(Code { name: name.to_owned(), commits, releases, shared: BTreeSet::new() })
        };
        let mut code = vec![read(&self.store.code(), "")?];
        for (name, found) in others {
            match read(&found, &name) {
                Ok(found) => code.push(found),
                Err(error) => missing.push(Missing::because(name, &error)),
            }
        }
        Code::note_shared(&mut code);
        let (records, touched) = self.told_and_touched(&code[0])?;
        let facts: Vec<TicketFacts> = records.tickets().filter_map(|ticket| facts(&records, ticket)).collect();
        let links = Links::find(&code, &facts, &touched);
        Ok(Linked { links, facts, records, code, missing })
    }

    /// The tickets as links need them, and the commits of this repository that changed one together with other files. What Staple
    /// committed changed nothing but records.
    fn told_and_touched(&self, own: &Code) -> Result<(Records, Vec<Touched>), store::Error> {
        let theirs = own.commits.commits.iter().filter(|commit| !commit.said.of_the_desk);
        let theirs: Vec<ObjectId> = theirs.map(|commit| commit.id).collect();
        let outside = |commit| Ok(self.store.files_changed_outside(commit)? > 0);
        let found = self.through_index(|reading| Ok((reading.told()?, reading.touched(&theirs, outside)?)))?;
        if let Some(found) = found {
            return Ok(found);
        }
        let theirs: HashSet<ObjectId> = theirs.into_iter().collect();
        let mut touched = Vec::new();
        for position in self.timeline(None)?.map(|line| line.positions).unwrap_or_default() {
            if !theirs.contains(&position.commit) {
                continue;
            }
            let located: Vec<Option<Located>> = position.changes.iter().map(|change| locate(&change.path)).collect();
            let mut tickets: Vec<TicketId> = located.iter().flatten().filter_map(Located::ticket).collect();
            tickets.sort_unstable();
            tickets.dedup();
            if !tickets.is_empty() && (located.contains(&None) || outside(position.commit)?) {
                touched.extend(tickets.into_iter().map(|ticket| (position.commit, ticket)));
            }
        }
        Ok((self.records(&At::Now)?, touched))
    }
}

fn facts(records: &Records, ticket: &Record) -> Option<TicketFacts> {
    let commits = ticket.list("links").iter().filter_map(|link| {
        let commit = link.strip_prefix("commit:")?;
        let (repo, id) = commit.rsplit_once('@').unwrap_or(("", commit));
        Some((repo.to_owned(), id.to_owned()))
    });
    let told = records.messages_of(ticket).iter().filter(|message| message.text("kind") == "told");
    let told = told.filter_map(|message| {
        let release = match Reference::parse(message.text("release"), &[Target::Release]) {
            Some(Reference::Release(tag)) => Some(tag),
            _ => None,
        };
        Some((message.time("at")?, release))
    });
    let duplicate_of = match Reference::parse(ticket.text("duplicate-of"), &[Target::Ticket]) {
        Some(Reference::Ticket(id)) => Some(id),
        _ => None,
    };
    Some(TicketFacts {
        id: ticket.ticket_id()?,
        was: TicketId::parse(ticket.text("was")),
        commits: commits.collect(),
        told: told.collect(),
        dropped: ticket.text("status") == "dropped",
        duplicate_of: duplicate_of.filter(|_| ticket::is_done(ticket.text("status"))),
    })
}
