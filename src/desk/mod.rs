//! An opened desk: the one door for reading and editing.
//!
//! Reading gives [`Records`], as they are now (with uncommitted edits laid over), at a commit, or as of a time. Editing hands a
//! [`Draft`] to whoever knows what to change, checks what came of it, and makes one commit. The clock and the source of
//! random bits are given, so that a desk answers the same twice.

mod answer;
mod assign;
pub mod attributes;
pub mod bind;
pub mod bulk;
pub mod coming;
pub mod complete;
pub mod conflicts;
pub mod draft;
mod edits;
pub mod error;
pub mod links;
pub mod lives;
mod message;
pub mod past;
mod reading;
pub mod records;
pub mod redact;
pub mod rename;
pub mod resolve;
pub mod saved;
mod scan;
pub mod search;
pub mod settings_file;
pub mod sql;
pub mod subject;
pub mod sync;
pub mod undo;

use std::cell::RefCell;

pub use draft::Draft;
pub use error::WriteError;
pub use records::Records;

use crate::record::change::{Moment, Refusal};
use crate::record::desk_settings::FORMAT;
use crate::record::finding::Finding;
use crate::record::id::TicketId;
use crate::record::time::Time;
use crate::record::{Kind, Name, Record};
use crate::settings::Settings;
use crate::store::discover::MARKER;
use crate::store::transaction::{CommitSpec, Hooks, Operation, Outcome, Sign, TransactError, View, Write};
use crate::store::{self, Actor, Store};

/// Random bits for ids.
pub type Random = Box<dyn FnMut() -> u64>;

/// An opened desk.
pub struct Desk {
    store: Store,
    settings: Settings,
    zone: jiff::tz::TimeZone,
    now: Time,
    random: RefCell<Random>,
    indexed: bool,
    progress: RefCell<Option<Progress>>,
}

/// Told how far long work has come: steps done, steps in all.
pub type Progress = Box<dyn FnMut(usize, usize)>;

/// The moment a question is about.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum At {
    /// HEAD with the uncommitted edits of the work tree.
    #[default]
    Now,
    /// A commit.
    Rev(String),
    /// What was in effect at a time.
    Time(Time),
    /// The tree of a commit that is about to be made.
    Tree(store::ObjectId),
}

/// How a change is to be made.
#[derive(Debug, Clone, Default)]
pub struct WriteOptions {
    /// The command in few words, `ticket wait`; it goes into the commit.
    pub action: String,
    /// Why; it goes into the commit.
    pub why: String,
    /// When it happened; now when nothing.
    pub at: Option<Time>,
    /// Only works out what would change.
    pub dry_run: bool,
    /// Writes and stages, and leaves the commit to the user.
    pub stage: bool,
    /// The branch to commit on, where that is not the one that is checked out.
    pub branch: Option<String>,
    /// A name for the operation, so that a second try finds the first.
    pub op_id: Option<String>,
    /// A neutral author and committer, unsigned, dated to the day.
    pub anonymous: bool,
    /// More `Key: value` lines for the commit.
    pub trailers: Vec<(String, String)>,
    /// Lets card numbers, keys, tokens and personal data through.
    pub keep_secrets: bool,
    /// Lets the change through although it breaks rules of commands; for imported history.
    pub unguarded: bool,
}

/// One file's change, for people to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileChange {
    /// The path from the desk's root.
    pub path: String,
    /// The text before; nothing when the file is new.
    pub before: Option<Vec<u8>>,
    /// The text after; nothing when the file goes.
    pub after: Option<Vec<u8>>,
}

/// What a change came to.
#[derive(Debug, Clone)]
pub struct Done {
    /// Whether and where it was committed.
    pub outcome: Outcome,
    /// The first line of the commit's message.
    pub subject: String,
    /// What the user should know besides.
    pub hints: Vec<String>,
    /// The files that changed, or would.
    pub files: Vec<FileChange>,
    /// Nothing was written: it was only worked out.
    pub dry_run: bool,
}

impl Desk {
    /// A desk over an opened store.
    pub fn new(store: Store, settings: Settings, now: Time, random: Random) -> Self {
        let zone = settings.zone();
        let indexed = settings.text("index") != "off";
        Self { store, settings, zone, now, random: RefCell::new(random), indexed, progress: RefCell::new(None) }
    }

    /// Tells `progress` how far the making of an index has come.
    pub fn on_progress(&self, progress: Progress) {
        *self.progress.borrow_mut() = Some(progress);
    }

    fn progress(&self, done: usize, all: usize) {
        if let Some(progress) = self.progress.borrow_mut().as_mut() {
            progress(done, all);
        }
    }

    /// The repository.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The program's settings.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The desk's time zone.
    pub fn zone(&self) -> &jiff::tz::TimeZone {
        &self.zone
    }

    /// The moment of the command.
    pub fn now(&self) -> Time {
        self.now
    }

    /// Random bits.
    pub fn random(&self) -> u64 {
        (self.random.borrow_mut())()
    }

    /// The person who runs the command, by their addresses in `people/`, or by `staple.person` of the git configuration; nobody where
    /// it may be more than one.
    pub fn me(&self, records: &Records) -> Option<String> {
        if let Some(slug) = self.store.config_string("staple.person") {
            return Some(slug);
        }
        match people_of(records.of(Kind::Person), &self.names_of_mine().ok()?).as_slice() {
            [one] => Some(one.clone()),
            _ => None,
        }
    }

    /// Who git says that runs the command, and who that is by the mailmap. Anybody who may push writes the mailmap, so that it adds a
    /// name and takes none away.
    fn names_of_mine(&self) -> Result<[Actor; 2], store::Error> {
        let identity = self.store.identity()?;
        let mapped = self.store.mailmap().resolve(&identity.name, &identity.email);
        Ok([identity, mapped])
    }

    /// As [`Desk::me`], from the records a change sees; "" for nobody.
    ///
    /// # Errors
    /// When the repository cannot be read, or it may be more than one: one of them would get what another writes.
    pub fn me_in(&self, draft: &Draft<'_>) -> Result<String, WriteError> {
        if let Some(slug) = self.store.config_string("staple.person") {
            return Ok(slug);
        }
        let Ok(mine) = self.names_of_mine() else { return Ok(String::new()) };
        let mut people = Vec::new();
        for slug in draft.slugs(Kind::Person)? {
            match draft.record(Kind::Person, &Name::Slug(slug)) {
                Ok(person) => people.push(person),
                // Somebody's broken record hinders nobody; a file that could not be read may be of the one who asks.
                Err(WriteError::Unreadable(_)) => {}
                Err(error) => return Err(error),
            }
        }
        match people_of(people.iter(), &mine).as_slice() {
            [] => Ok(String::new()),
            [one] => Ok(one.clone()),
            several => {
                let known = mine.map(|identity| format!("{} <{}>", identity.name, identity.email));
                let known = if known[0] == known[1] { known[0].clone() } else { known.join(", by .mailmap ") };
                let message = format!(
                    "you may be {}: to git you are {known}, and the desk has that of each",
                    several.join(" or ")
                );
                let hint = "say who you are here: git config staple.person SLUG; an address that two have is told by staple check";
                Err(Refusal::new(message, hint).into())
            }
        }
    }

    /// A new ticket's id that no ticket in `draft` has.
    ///
    /// # Errors
    /// When the repository cannot be read.
    pub fn new_ticket_id(&self, draft: &Draft<'_>) -> Result<TicketId, WriteError> {
        loop {
            let Some(id) = TicketId::from_random(self.random()) else { continue };
            if !draft.is_taken(id)? {
                return Ok(id);
            }
        }
    }

    /// Runs `f` with the moment of the command: `at` and by whom.
    pub fn at_moment<T>(&self, at: Option<Time>, by: String, f: impl FnOnce(&mut Moment<'_>) -> T) -> T {
        let mut random = self.random.borrow_mut();
        let mut next = || (random)();
        let mut moment = Moment { at: at.unwrap_or(self.now), by, zone: self.zone.clone(), random: &mut next };
        f(&mut moment)
    }

    /// Makes one change: `build` says what changes, again from the start when HEAD moved meanwhile; rules are checked, and one
    /// commit is made (or the files are staged, or nothing is written, as `options` say).
    ///
    /// # Errors
    /// When `build` fails, a rule is broken, or the repository is not in a state for it. Nothing is written then.
    pub fn write(
        &self,
        options: &WriteOptions,
        mut build: impl FnMut(&mut Draft<'_>) -> Result<(), WriteError>,
    ) -> Result<Done, WriteError> {
        let mut done = Done {
            outcome: Outcome::Nothing,
            subject: String::new(),
            hints: Vec::new(),
            files: Vec::new(),
            dry_run: options.dry_run,
        };
        let operation = self.operation(options);
        let mut attempt = |view: &View| -> Result<Option<(Vec<Write>, String)>, WriteError> {
            let mut draft = Draft::new(view);
            draft.guarded = !options.unguarded;
            draft.keep_secrets = options.keep_secrets;
            draft.why.clone_from(&options.why);
            build(&mut draft)?;
            self.finish(&mut draft)?;
            if !options.stage && view.has_own_staged() {
                stands_alone(&draft, view)?;
            }
            done.subject = message::subject(draft.summaries());
            done.hints = draft.hints.clone();
            done.files = files_of(&draft, view)?;
            if draft.writes().is_empty() || options.dry_run {
                return Ok(None);
            }
            let message = message::message(&draft, options, Some(&operation.id));
            let writes = draft.writes().iter().map(|(path, bytes)| Write { path: path.clone(), bytes: bytes.clone() });
            Ok(Some((writes.collect(), message)))
        };
        let commit =
            |view: &View| Ok(attempt(view)?.map(|(writes, message)| (writes, self.commit_spec(options, message))));
        let outcome: Result<Outcome, TransactError<WriteError>> = if let Some(branch) = &options.branch {
            self.store.transact_on(branch, &operation, commit)
        } else if options.stage {
            self.store.stage(|view| Ok(attempt(view)?.map(|(writes, _)| writes)))
        } else {
            self.store.transact(&operation, commit)
        };
        done.outcome = outcome.map_err(|error| match error {
            TransactError::Build(error) => error,
            TransactError::Store(error) => error.into(),
        })?;
        if let Outcome::Committed { commit, already: true, .. } = done.outcome {
            done.subject = store::trailers::subject(&self.store.commit_info(commit)?.message).to_owned();
        }
        Ok(done)
    }

    /// Checks a finished draft.
    fn finish(&self, draft: &mut Draft<'_>) -> Result<(), WriteError> {
        draft.settle()?;
        self.known_settings(draft)?;
        let mut broken = Vec::new();
        if draft.guarded {
            draft.check_moves()?;
            broken = draft.broken_rules()?;
        }
        if !draft.keep_secrets {
            broken.extend(draft.new_secrets(self.now.day_in(&self.zone))?);
        }
        if broken.is_empty() { Ok(()) } else { Err(WriteError::Broken(broken)) }
    }

    /// Refuses to write into a desk whose settings cannot be read, or whose layout this program may misread: what they keep out of
    /// history would get into it. A change that leaves settings which can be read goes through.
    fn known_settings(&self, draft: &Draft<'_>) -> Result<(), WriteError> {
        if draft.writes().is_empty() {
            return Ok(());
        }
        let settings = draft.desk_settings()?;
        let unread = self.settings.unread().filter(|_| !draft.writes().contains_key(MARKER));
        if let Some(finding) = unread {
            return Err(unread_settings(finding).into());
        }
        match settings.and_then(|settings| settings.number("format")) {
            Some(format) if format != FORMAT => {
                let message = format!("staple.toml has format {format}, and this program knows {FORMAT}");
                Err(Refusal::new(message, "install a newer staple").into())
            }
            _ => Ok(()),
        }
    }

    fn operation(&self, options: &WriteOptions) -> Operation {
        match &options.op_id {
            Some(id) => Operation { id: id.clone(), given: true },
            None => Operation { id: format!("{:016x}", self.random()), given: false },
        }
    }

    fn commit_spec(&self, options: &WriteOptions, message: String) -> CommitSpec {
        let at = options.at.unwrap_or(self.now);
        let neutral = options.anonymous.then(Actor::anonymous);
        let to_the_day = |time: Time| if options.anonymous { time.day().start(&jiff::tz::TimeZone::UTC) } else { time };
        let offset = |time: Time| if options.anonymous { 0 } else { self.zone.to_offset(time.timestamp()).seconds() };
        CommitSpec {
            author: neutral.clone(),
            committer: neutral,
            author_time: to_the_day(at),
            committer_time: to_the_day(self.now),
            author_offset_seconds: offset(at),
            committer_offset_seconds: offset(self.now),
            message,
            // A hook that signs the message off would name who must stay unnamed.
            hooks: if options.anonymous { Hooks::None } else { self.hooks() },
            sign: if options.anonymous { Sign::Never } else { Sign::Config },
        }
    }

    fn hooks(&self) -> Hooks {
        match self.settings.text("hooks") {
            "all" => Hooks::All,
            "none" => Hooks::None,
            _ => Hooks::CommitMsg,
        }
    }
}

impl draft::Files for View {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, store::Error> {
        View::read(self, path)
    }

    fn names(&self, folder: &str, start: &str) -> Result<Vec<String>, store::Error> {
        let names = self.list(folder)?.into_iter().map(|entry| entry.name);
        Ok(names.filter(|name| name.starts_with(start)).collect())
    }

    fn is_likely(&self, path: &str) -> bool {
        self.is_staged(path)
    }
}

impl draft::Files for store::Snapshot {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, store::Error> {
        store::Snapshot::read(self, path)
    }

    fn names(&self, folder: &str, start: &str) -> Result<Vec<String>, store::Error> {
        let names = self.list(folder)?.into_iter().map(|entry| entry.name);
        Ok(names.filter(|name| name.starts_with(start)).collect())
    }

    fn is_likely(&self, _path: &str) -> bool {
        true
    }
}

/// Refuses a write of whatever kind, since what the desk's settings ask for is not known.
fn unread_settings(finding: &Finding) -> Refusal {
    let place = if finding.line > 0 { format!(":{}:{}", finding.line, finding.column) } else { String::new() };
    let message =
        format!("nothing is written while the desk's settings cannot be read: {MARKER}{place}: {}", finding.message);
    Refusal::new(message, "mend staple.toml by hand and commit it with git; staple check says whether it is right")
}

/// Refuses a commit that would name records, or follow from messages, which are only staged: the commit does not take them
/// along, and without them it breaks the rules.
fn stands_alone(draft: &Draft<'_>, view: &View) -> Result<(), WriteError> {
    let committed = draft.over(view.snapshot());
    let orphan = committed.orphans()?.first().map(|ticket| format!("{ticket} is not committed"));
    let broken = match orphan {
        Some(orphan) => Some(orphan),
        None => committed.broken_rules()?.into_iter().next().map(|finding| finding.message),
    };
    let Some(broken) = broken else { return Ok(()) };
    let message = format!("this builds on what is only staged, and a commit without that would be wrong: {broken}");
    Err(Refusal::new(message, "commit that first: git commit; or let this travel with it: add --stage").into())
}

/// The people who have an address of some identities; where nobody has one, those who have a name.
fn people_of<'a>(people: impl Iterator<Item = &'a Record>, identities: &[Actor]) -> Vec<String> {
    let (mut by_email, mut by_name) = (Vec::new(), Vec::new());
    for person in people {
        let has_address = |known: &Actor| person.list("emails").iter().any(|e| e.eq_ignore_ascii_case(&known.email));
        if identities.iter().any(has_address) {
            by_email.push(person.slug().to_owned());
        } else if identities.iter().any(|known| person.text("name").eq_ignore_ascii_case(&known.name)) {
            by_name.push(person.slug().to_owned());
        }
    }
    if by_email.is_empty() { by_name } else { by_email }
}

fn files_of(draft: &Draft<'_>, view: &View) -> Result<Vec<FileChange>, WriteError> {
    let mut out = Vec::new();
    for (path, after) in draft.writes() {
        out.push(FileChange { path: path.clone(), before: view.read(path)?, after: after.clone() });
    }
    Ok(out)
}
