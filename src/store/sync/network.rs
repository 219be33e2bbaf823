//! Fetching and pushing through the git program, and what its words mean.
//!
//! Which protocol, address, proxy and credentials are used is git's business, so whatever git reaches is reached.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::{Command, Output};
use std::time::Duration;

use gix::ObjectId;
use gix::objs::tree::EntryKind;

use super::super::error::{Error, io_error};
use super::super::git::printed;
use super::super::hooks::GUARD;
use super::super::snapshot::tree_of;
use super::super::staging::PATIENCE;
use super::address::{without_secrets, without_secrets_of};
use super::{Store, Upstream};

/// How long to wait before a reference is tried again.
const STEP: Duration = Duration::from_millis(200);

/// What came of fetching.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fetched {
    /// The remote was asked; the commit its branch has, or nothing when it has no such branch.
    Done(Option<ObjectId>),
    /// The remote cannot be reached now; git's words.
    Offline(String),
    /// What it has cannot be kept in this clone: another git has the reference in hand, or one is in its way; git's words.
    NotKept(String),
    /// The remote, or git, said no; git's words.
    Refused(String),
}

/// What came of asking for branches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Listed {
    /// Those that the remote has, by name without `refs/heads/`, with their commits.
    Done(BTreeMap<String, ObjectId>),
    /// The remote cannot be reached now; git's words.
    Offline(String),
    /// The remote, or git, said no; git's words.
    Refused(String),
}

/// What to push.
#[derive(Debug, Clone)]
pub struct Push<'a> {
    /// The remote's name or address.
    pub remote: &'a str,
    /// The commit.
    pub commit: ObjectId,
    /// The branch there, without `refs/heads/`.
    pub branch: &'a str,
    /// Replace what the branch has there, if that is still this commit; nothing to only ever add to whatever is there.
    pub replacing: Option<ObjectId>,
}

/// What came of pushing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pushed {
    /// The remote has it; the address it answered with, such as that for opening a pull request.
    Done {
        /// The address.
        address: Option<String>,
    },
    /// The branch there has moved on meanwhile.
    Beaten,
    /// Somebody has the branch there in hand, or left it locked; the remote's words.
    Busy(String),
    /// The remote does not let anybody, or us, push to this branch; its words.
    Protected(String),
    /// The remote cannot be reached now; git's words.
    Offline(String),
    /// Something else failed; git's words.
    Refused(String),
}

impl Store {
    /// Asks the remote for the branch, and for nothing else: what becomes of its other branches is no matter of the desk's.
    /// `prompts` lets git ask for a password.
    ///
    /// # Errors
    /// When the git program is not there.
    pub fn fetch(&self, upstream: &Upstream, prompts: bool) -> Result<Fetched, Error> {
        let spec = format!("+refs/heads/{}:{}", upstream.branch, upstream.tracking);
        let mut waited = Duration::ZERO;
        let mut without_tags = false;
        let output = loop {
            let mut command = self.fetching(prompts, &[])?;
            command.args(without_tags.then_some("--no-tags"));
            command.args(["--end-of-options", &upstream.remote, &spec]);
            let output = command.output().map_err(io_error("git"))?;
            if output.status.success() {
                return Ok(Fetched::Done(self.reference(&upstream.tracking)?));
            }
            let words = printed(&output);
            // A tag that was moved there, and that `remote.NAME.tagOpt` asks for, is refused without a word. It is no matter of ours.
            if !without_tags && (words.is_empty() || words.contains("would clobber existing tag")) {
                without_tags = true;
                continue;
            }
            // Another git, perhaps one whose sync was cut off, has the references in hand.
            if waited >= PATIENCE || !is_race(&words) {
                break output;
            }
            std::thread::sleep(STEP);
            waited += STEP;
        };
        let words = printed(&output);
        if words.contains("couldn't find remote ref") {
            return Ok(Fetched::Done(None));
        }
        let said = self.essence(&upstream.remote, &words);
        Ok(match () {
            () if is_race(&words) || is_blocked(&words) => Fetched::NotKept(said),
            () if self.is_offline(&upstream.remote, &output)? => Fetched::Offline(said),
            () => Fetched::Refused(said),
        })
    }

    /// Gets what a partial clone lacks of what it takes to put `ours` on top of `theirs`, in a call or two. Whatever the remote does
    /// not give is found missing where it is read.
    ///
    /// # Errors
    /// When the git program is not there, or history cannot be read.
    pub fn get_lacking(&self, remote: &str, ours: ObjectId, theirs: ObjectId, prompts: bool) -> Result<(), Error> {
        if self.config_string(&format!("remote.{remote}.promisor")).is_none_or(|value| value != "true") {
            return Ok(());
        }
        // Folders that are lacking may hold more that is.
        for _ in 0..4 {
            let lacking = self.lacking(ours, theirs)?;
            if lacking.is_empty() {
                break;
            }
            let mut command = self.fetching(prompts, &["-c", "fetch.negotiationAlgorithm=noop"])?;
            command.args(["--no-tags", "--filter=blob:none", "--no-write-fetch-head", "--stdin"]);
            command.args(["--end-of-options", remote]);
            let lines: String = lacking.iter().map(|id| format!("{id}\n")).collect();
            if self.git()?.finish_with(&mut command, lines.as_bytes()).is_err() {
                break;
            }
        }
        Ok(())
    }

    /// What is not here of what theirs is made of besides ours, and of the files that either changed.
    fn lacking(&self, ours: ObjectId, theirs: ObjectId) -> Result<BTreeSet<ObjectId>, Error> {
        let mut command = self.git()?.command(self.work_dir());
        command.args(["rev-list", "--objects", "--missing=print", &theirs.to_string(), &format!("^{ours}")]);
        let listed = self.git()?.finish(&mut command)?;
        let listed = String::from_utf8_lossy(&listed);
        let ids = listed.lines().filter_map(|line| ObjectId::from_hex(line.strip_prefix('?')?.as_bytes()).ok());
        let mut lacking: BTreeSet<ObjectId> = ids.collect();
        let Some(base) = self.merge_base(ours, theirs)? else { return Ok(lacking) };
        let base = tree_of(self.repo(), base)?;
        for side in [ours, theirs] {
            // Where a folder is lacking, what it holds is looked for when it is there.
            let changes = self.tree_changes(Some(base), Some(tree_of(self.repo(), side)?)).unwrap_or_default();
            let entries = changes.iter().flat_map(|change| [change.was, change.is]).flatten();
            let blobs = entries.filter(|(kind, _)| *kind != EntryKind::Commit).map(|(_, id)| id);
            lacking.extend(blobs.filter(|id| !self.repo().has_object(*id)));
        }
        Ok(lacking)
    }

    /// The addresses to which a remote is pushed; none where that is the one from which it is fetched.
    ///
    /// # Errors
    /// When the git program is not there.
    pub fn push_addresses(&self, remote: &str) -> Result<Vec<String>, Error> {
        let named = self.config_section("remote");
        let mut named = named.iter().filter(|(name, key, _)| name.as_deref() == Some(remote) && key.ends_with("url"));
        let is_one = named.all(|(_, key, _)| key == "url") && named.count() < 2;
        let rules = self.config_section("url");
        if is_one && !rules.iter().any(|(_, key, _)| key.eq_ignore_ascii_case("pushInsteadOf")) {
            return Ok(Vec::new());
        }
        let git = self.git()?;
        let mut command = git.command(self.work_dir());
        // An address without a name has no others.
        let Ok(pushed) = git.finish(command.args(["remote", "get-url", "--push", "--all", remote])) else {
            return Ok(Vec::new());
        };
        let pushed: Vec<String> = String::from_utf8_lossy(&pushed).lines().map(str::to_owned).collect();
        Ok(if pushed == [self.address(remote)?] { Vec::new() } else { pushed })
    }

    /// The address from which a remote is fetched, as git reads it.
    fn address(&self, remote: &str) -> Result<String, Error> {
        let git = self.git()?;
        let mut command = git.command(self.work_dir());
        let address = git.finish(command.args(["ls-remote", "--get-url", "--end-of-options", remote]));
        Ok(address.map(|bytes| String::from_utf8_lossy(&bytes).trim().to_owned()).unwrap_or_default())
    }

    /// Asks the remote which branches it has.
    ///
    /// # Errors
    /// When the git program is not there.
    pub fn branches_at(&self, remote: &str, prompts: bool) -> Result<Listed, Error> {
        let mut command = self.network(prompts)?;
        command.args(["ls-remote", "--quiet", "--heads", "--end-of-options", remote]);
        let output = command.output().map_err(io_error("git"))?;
        if !output.status.success() {
            let said = self.essence(remote, &printed(&output));
            return Ok(match self.is_offline(remote, &output)? {
                true => Listed::Offline(said),
                false => Listed::Refused(said),
            });
        }
        let listed = String::from_utf8_lossy(&output.stdout);
        let branches = listed.lines().filter_map(|line| {
            let (id, name) = line.split_once("\trefs/heads/")?;
            Some((name.to_owned(), ObjectId::from_hex(id.as_bytes()).ok()?))
        });
        Ok(Listed::Done(branches.collect()))
    }

    /// Gets a commit that a branch of a remote has, and what it is built on; whether it is here then.
    ///
    /// # Errors
    /// When the git program is not there.
    pub fn get(&self, remote: &str, branch: &str, commit: ObjectId, prompts: bool) -> Result<bool, Error> {
        if !self.repo().has_object(commit) {
            let mut command = self.fetching(prompts, &[])?;
            command.args(["--no-tags", "--no-write-fetch-head"]);
            command.args(["--end-of-options", remote, &format!("refs/heads/{branch}")]);
            command.output().map_err(io_error("git"))?;
        }
        Ok(self.repo().has_object(commit))
    }

    /// Pushes a commit to a branch of a remote.
    ///
    /// # Errors
    /// When the git program is not there.
    pub fn push(&self, push: &Push<'_>, prompts: bool) -> Result<Pushed, Error> {
        let mut command = self.network(prompts)?;
        // A remote that mirrors takes everything or nothing.
        let mirror = format!("remote.{}.mirror", push.remote);
        if !mirror.contains('=') && self.config_string(&mirror).is_some() {
            command.args(["-c", &format!("{mirror}=false")]);
        }
        command.args(["push", "--porcelain", "--no-recurse-submodules", "--no-follow-tags"]);
        if let Some(old) = push.replacing {
            command.arg(format!("--force-with-lease=refs/heads/{}:{old}", push.branch));
        }
        command.args(["--end-of-options", push.remote, &format!("{}:refs/heads/{}", push.commit, push.branch)]);
        let output = command.output().map_err(io_error("git"))?;
        let said = outcome(&output);
        match said {
            Pushed::Refused(words) if self.is_offline(push.remote, &output)? => {
                Ok(Pushed::Offline(self.essence(push.remote, &words)))
            }
            Pushed::Refused(words) => Ok(Pushed::Refused(self.essence(push.remote, &words))),
            said => Ok(said),
        }
    }

    /// A fetch of what is named alone: the rules of the remote might have it overwrite branches of this clone.
    fn fetching(&self, prompts: bool, settings: &[&str]) -> Result<Command, Error> {
        let mut command = self.network(prompts)?;
        command.args(settings).args(["fetch", "--quiet", "--no-recurse-submodules", "--refmap="]);
        Ok(command)
    }

    fn network(&self, prompts: bool) -> Result<Command, Error> {
        let git = self.git()?;
        let mut command = git.command(self.work_dir());
        // What went wrong is read from git's words, so they must not be translated.
        command.env("LC_ALL", "C").env(GUARD, "1");
        if !prompts {
            command.env("GIT_TERMINAL_PROMPT", "0");
        }
        Ok(command)
    }

    fn is_offline(&self, remote: &str, output: &Output) -> Result<bool, Error> {
        if sounds_offline(output.status.code(), &printed(output)) {
            return Ok(true);
        }
        let address = self.address(remote)?;
        // A name that leads nowhere is taken for a folder by git; no waiting makes it one.
        if address == remote && !address.contains('/') {
            return Ok(false);
        }
        // A disk or a share that is not there now.
        Ok(folder(&address).is_some_and(|path| !self.work_dir().join(path).exists()))
    }

    /// Git's words about a remote without those that only say that it gave up, and without secrets.
    fn essence(&self, remote: &str, words: &str) -> String {
        let remotes =
            self.config_section("remote").into_iter().filter(|(_, key, _)| key.to_lowercase().ends_with("url"));
        // `[url "ADDRESS"] insteadOf = SHORT`
        let bases = self.config_section("url").into_iter().filter_map(|(base, _, _)| base);
        let addresses: Vec<String> = remotes.map(|(_, _, address)| address).chain(bases).collect();
        let addresses = addresses.iter().map(String::as_str).chain([remote]);
        match essence(&without_secrets_of(addresses, words)) {
            nothing if nothing.is_empty() => "git does not say why".to_owned(),
            said => said,
        }
    }
}

/// The folder of an address on this machine.
fn folder(address: &str) -> Option<&Path> {
    match address.strip_prefix("file://") {
        Some(path) => Some(Path::new(path)),
        None if address.contains("://") => None,
        // `host:path` is a host, unless a slash comes before.
        None => {
            let is_host = address.find(':').is_some_and(|colon| !address[..colon].contains('/'));
            (!address.is_empty() && !is_host).then(|| Path::new(address))
        }
    }
}

/// Whether git's words, or those of ssh and curl in them, are about a host that cannot be reached. What hooks say, here or there, is
/// no matter of reach, so it counts who says it, and with which code git ended.
fn sounds_offline(code: Option<i32>, words: &str) -> bool {
    const SAYINGS: [&str; 22] = [
        "could not resolve host",
        "could not resolve proxy",
        "couldn't resolve host",
        "name or service not known",
        "temporary failure in name resolution",
        "nodename nor servname",
        "network is unreachable",
        "no route to host",
        "host is down",
        "connection refused",
        "connection timed out",
        "operation timed out",
        "connection reset",
        "connection closed by",
        "failed to connect",
        "couldn't connect",
        "unable to connect",
        "timed out",
        "early eof",
        "unexpected disconnect",
        "the requested url returned error: 502",
        "the requested url returned error: 503",
    ];
    // `Connection closed by` a server that has said why is no matter of reach.
    const DENIALS: [&str; 4] = ["permission denied", "authentication", "host key", "access denied"];
    const OF_GIT_OR_SSH: [&str; 2] = ["fatal: ", "ssh: "];
    const OF_SSH: [&str; 7] = [
        "Connection ",
        "Timeout, server",
        "kex_exchange_identification:",
        "ssh_exchange_identification:",
        "client_loop:",
        "banner exchange:",
        "FATAL ERROR: ",
    ];
    const OF_TRANSFER: [&str; 3] = ["error: RPC failed", "send-pack: ", "fetch-pack: "];
    const HUNG_UP: [&str; 2] = ["fatal: Could not read from remote repository", "fatal: the remote end hung up"];
    let lines: Vec<&str> = words.lines().filter(|line| !line.starts_with("remote:")).collect();
    let begins = |line: &str, words: &[&str]| words.iter().any(|start| line.starts_with(start));
    let has_hung_up = lines.iter().any(|line| begins(line, &HUNG_UP));
    // Git dies of what it cannot reach; after a hook's no it only ends, with 1.
    let has_died = code != Some(1);
    let is_about_reach = |line: &str| {
        begins(line, &OF_TRANSFER) || has_died && begins(line, &OF_GIT_OR_SSH) || has_hung_up && begins(line, &OF_SSH)
    };
    let says = |line: &str, sayings: &[&str]| sayings.iter().any(|saying| line.to_lowercase().contains(saying));
    lines.iter().any(|line| is_about_reach(line) && says(line, &SAYINGS))
        && !lines.iter().any(|line| says(line, &DENIALS))
}

/// What the output of `git push --porcelain` means, before it is known whether the remote was reached at all.
fn outcome(output: &Output) -> Pushed {
    let stderr = String::from_utf8_lossy(&output.stderr);
    if output.status.success() {
        return Pushed::Done { address: address(&stderr) };
    }
    let stdout = String::from_utf8_lossy(&output.stdout);
    // `!<tab>from:to<tab>[remote rejected] (reason)`, once for each address that did not take it.
    let said = stdout.lines().filter_map(|line| line.strip_prefix("!\t")?.split_once('\t').map(|(_, said)| said));
    let mut all = said.map(|said| rejection(Some(said), &stderr, output));
    // Where one was only beaten, what another one says is not to be missed.
    let first = all.next().unwrap_or_else(|| rejection(None, &stderr, output));
    if first == Pushed::Beaten { all.find(|other| *other != Pushed::Beaten).unwrap_or(first) } else { first }
}

/// What an address said of a push, or git alone.
fn rejection(said: Option<&str>, stderr: &str, output: &Output) -> Pushed {
    let says = |sayings: &[&str]| said.is_some_and(|said| sayings.iter().any(|saying| said.contains(saying)));
    match said {
        Some(said) if said.starts_with("[remote rejected]") => {
            let reason = said.trim_start_matches("[remote rejected]").trim().trim_matches(['(', ')']).to_owned();
            let told = remote_lines(stderr).find(|line| !line.is_empty());
            let words = without_secrets(&told.map_or(reason.clone(), |told| format!("{reason}: {told}")));
            match () {
                () if is_blocked(&words) => Pushed::Refused(words),
                () if has_moved(&words) => Pushed::Beaten,
                () if is_race(said) => Pushed::Busy(words),
                () => Pushed::Protected(words),
            }
        }
        _ if says(&["fetch first", "non-fast-forward", "stale info", "remote ref updated"]) => Pushed::Beaten,
        // Hosts that check permissions before anything else answer without naming the branch.
        _ => Pushed::Refused(printed(output)),
    }
}

/// Whether two gits met at a reference: the other one has, or just had, it in hand, or left it locked.
fn is_race(words: &str) -> bool {
    const RACES: [&str; 3] = ["cannot lock ref", "failed to update ref", "failed to lock"];
    !is_blocked(words) && (has_moved(words) || RACES.iter().any(|saying| words.contains(saying)))
}

/// Whether a reference was found to be elsewhere when it was to be moved.
fn has_moved(words: &str) -> bool {
    const MOVES: [&str; 3] = ["but expected", "incorrect old value", "reference already exists"];
    MOVES.iter().any(|saying| words.contains(saying))
}

/// Whether a reference is in the way of another: `a` of `a/b`, or the other way round.
fn is_blocked(words: &str) -> bool {
    words.contains("exists; cannot create")
}

/// What the remote itself said, line by line.
fn remote_lines(stderr: &str) -> impl Iterator<Item = &str> {
    stderr.lines().filter_map(|line| line.strip_prefix("remote:")).map(str::trim)
}

/// The first address among what the remote said: forges answer a new branch with that for opening a pull request.
fn address(stderr: &str) -> Option<String> {
    let words = remote_lines(stderr).flat_map(str::split_whitespace);
    let mut addresses = words.filter(|word| word.starts_with("https://") || word.starts_with("http://"));
    addresses.next().map(without_secrets)
}

/// Git's words without those that only say that it gave up.
fn essence(words: &str) -> String {
    let lines = words.lines().map(str::trim).filter(|line| {
        const EMPTY: [&str; 9] = [
            "Please make sure you have the correct access rights",
            "and the repository exists.",
            "To ",
            "hint:",
            "Another git process seems to be running",
            "an editor opened by",
            "are terminated then try again",
            "may have crashed in this repository",
            "remove the file manually",
        ];
        !line.is_empty() && !["Done", "remote:"].contains(line) && !EMPTY.iter().any(|start| line.starts_with(start))
    });
    let lines: Vec<&str> = lines
        .map(|line| line.strip_prefix("fatal: ").or_else(|| line.strip_prefix("error: ")).unwrap_or(line))
        .take(4)
        .collect();
    lines.join("; ")
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::process::ExitStatusExt;

    use super::*;

    fn pushed(code: i32, stdout: &str, stderr: &str) -> Pushed {
        let status = std::process::ExitStatus::from_raw(code << 8);
        outcome(&Output { status, stdout: stdout.as_bytes().to_vec(), stderr: stderr.as_bytes().to_vec() })
    }

    #[test]
    fn what_a_push_says_is_understood() {
        let rejected = |said: &str| format!("To host:desk\n!\tabc:refs/heads/main\t{said}\nDone\n");
        for beaten in [
            "[rejected] (fetch first)",
            "[rejected] (non-fast-forward)",
            "[remote rejected] (cannot lock ref 'refs/heads/main': is at 1 but expected 2)",
            "[remote rejected] (incorrect old value provided)",
        ] {
            assert_eq!(pushed(1, &rejected(beaten), "error: failed to push some refs"), Pushed::Beaten, "{beaten}");
        }
        let unlocked = |why: &str| {
            let stderr = format!("remote: error: cannot lock ref 'refs/heads/main': {why}\nremote: \n");
            pushed(1, &rejected("[remote rejected] (failed to update ref)"), &stderr)
        };
        assert_eq!(unlocked("is at 1 but expected 2"), Pushed::Beaten);
        let held = unlocked("Unable to create '/x/main.lock': File exists.");
        assert!(matches!(held, Pushed::Busy(words) if words.contains("main.lock")));
        let blocked = unlocked("'refs/heads/main/x' exists; cannot create 'refs/heads/main'");
        assert!(matches!(blocked, Pushed::Refused(words) if words.contains("main/x")));
        let unexplained = pushed(1, &rejected("[remote rejected] (failed to update ref)"), "");
        assert_eq!(unexplained, Pushed::Busy("failed to update ref".to_owned()));
        let stderr = "remote: error: GH006: Protected branch update failed for refs/heads/main.\nremote:\n";
        let told = "protected branch hook declined: error: GH006: Protected branch update failed for refs/heads/main.";
        let protected = pushed(1, &rejected("[remote rejected] (protected branch hook declined)"), stderr);
        assert_eq!(protected, Pushed::Protected(told.to_owned()));
        let denied = "ERROR: Permission to a/b.git denied to sam.\nfatal: Could not read from remote repository.\n";
        assert!(matches!(pushed(128, "", denied), Pushed::Refused(words) if words.contains("denied to sam")));
    }

    #[test]
    fn the_address_for_a_pull_request_is_found() {
        let github = "remote: \nremote: Create a pull request for 'desk/sam-4hx2' on GitHub by visiting:        \n\
                      remote:      https://github.com/a/b/pull/new/desk/sam-4hx2        \nremote: \n";
        let found = pushed(0, "To x\n*\ta:b\t[new branch]\nDone\n", github);
        let address = Some("https://github.com/a/b/pull/new/desk/sam-4hx2".to_owned());
        assert_eq!(found, Pushed::Done { address });
        assert_eq!(pushed(0, "Done\n", "see https://elsewhere\n"), Pushed::Done { address: None });
    }

    #[test]
    fn a_host_out_of_reach_is_told_from_one_that_says_no() {
        for offline in [
            "ssh: Could not resolve hostname git.example.org: Name or service not known",
            "fatal: unable to access 'https://x/': Failed to connect to x port 443 after 3 ms: Couldn't connect to server",
            "ssh: connect to host x port 22: Network is unreachable",
            "fatal: unable to connect to x: x[0: 127.0.0.1]: errno=Connection refused",
            "Connection closed by 1.2.3.4 port 22\nfatal: Could not read from remote repository.",
        ] {
            assert!(sounds_offline(Some(128), offline), "{offline}");
        }
        let halfway = "error: RPC failed; curl 56 Recv failure: Connection reset by peer\n\
                       send-pack: unexpected disconnect while reading sideband packet\nfatal: the remote end hung up";
        assert!(sounds_offline(Some(1), halfway));
        // What a hook says, here or there.
        for (code, words) in [
            (1, "tests timed out\nerror: failed to push some refs to 'x'"),
            (1, "fatal: unable to access 'https://y/': Connection refused\nerror: failed to push some refs to 'x'"),
            (128, "Connection timed out\nfatal: ref updates aborted by hook"),
            (128, "remote: fatal: connection timed out\nfatal: Could not read from remote repository."),
            (128, "hook timed out\nfatal: Could not read from remote repository."),
        ] {
            assert!(!sounds_offline(Some(code), words), "{words}");
        }
        for refused in [
            "git@x: Permission denied (publickey).\nConnection closed by 1.2.3.4 port 22",
            "fatal: Authentication failed for 'https://x/'",
            "fatal: could not read Username for 'https://x': terminal prompts disabled",
            "Host key verification failed.",
            "remote: Repository not found.",
            "fatal: unable to access 'https://x/': The requested URL returned error: 403",
        ] {
            assert!(!sounds_offline(Some(128), refused), "{refused}");
        }
    }

    #[test]
    fn folders_of_this_machine_are_told_from_hosts() {
        for (address, expected) in [
            ("/srv/desk.git", Some("/srv/desk.git")),
            ("file:///srv/desk.git", Some("/srv/desk.git")),
            ("../desk.git", Some("../desk.git")),
            ("./a:b", Some("./a:b")),
            ("git@host:desk.git", None),
            ("https://host/desk.git", None),
            ("", None),
        ] {
            assert_eq!(folder(address), expected.map(Path::new), "{address}");
        }
    }
}
