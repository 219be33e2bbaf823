//! Whether links of commits agree with what others say of the same history: the closing keywords that were found in it by other
//! means, and the tags that git finds for each fix.
//!
//! The history comes as a bundle in which issues are called `#123`; each becomes a ticket, and its messages name the tickets instead.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value as Json;

use crate::Failure;

/// What is compared.
pub struct Links {
    /// A bundle of the history.
    pub bundle: PathBuf,
    /// Lines of `commit,date,keyword,issue` below a head.
    pub csv: PathBuf,
    /// The program.
    pub program: PathBuf,
}

/// What came out.
pub struct Outcome {
    /// What does not agree, a line each.
    pub differences: Vec<String>,
    /// Counts.
    pub summary: String,
}

/// The date of a commit, and an issue that it fixes. Ids of commits are of no use: in the bundle they have no files.
type Claim = (String, u32);

/// Makes a desk beside the history and compares.
///
/// # Errors
/// When git or the program fails, or a file is not as described.
pub fn run(links: &Links) -> Result<Outcome, Failure> {
    let scratch = crate::torture::scratch(None, "links")?;
    let outcome = Comparison { scratch: scratch.clone(), links }.run();
    std::fs::remove_dir_all(scratch)?;
    outcome
}

struct Comparison<'a> {
    scratch: PathBuf,
    links: &'a Links,
}

impl Comparison<'_> {
    fn run(&self) -> Result<Outcome, Failure> {
        let told = claims(&std::fs::read_to_string(&self.links.csv)?)?;
        self.history()?;
        let issues: BTreeSet<u32> = told.iter().map(|(_, issue)| *issue).collect();
        self.desk(&issues)?;
        let dates = self.git(&self.repository(), &["log", "--all", "--format=%H %cI"])?;
        let dates: BTreeMap<&str, &str> = dates.lines().filter_map(|line| line.split_once(' ')).collect();
        let fixes: Json = serde_json::from_str(&self.staple(&["fixes", "--json"])?)?;
        let mut found: BTreeSet<Claim> = BTreeSet::new();
        let (mut changes, mut differences) = (0, Vec::new());
        for item in list(&fixes["items"]) {
            let ticket = text(&item["ticket"]);
            let issue: u32 = ticket.strip_prefix("T-n").unwrap_or_default().parse()?;
            for change in list(&item["changes"]).iter().filter(|change| change["fixes"] == Json::Bool(true)) {
                let commits: Vec<&str> =
                    [&change["commit"]].into_iter().chain(list(&change["copies"])).map(text).collect();
                found.extend(commits.iter().filter_map(|commit| Some(((*dates.get(commit)?).to_owned(), issue))));
                if !list(&change["reverts"]).is_empty() {
                    // Git does not know that a tag with the revert has no fix.
                    continue;
                }
                changes += 1;
                let ours: Vec<&str> = list(&change["releases"]).iter().map(|release| text(&release["tag"])).collect();
                let theirs = self.tags(&commits)?;
                if ours != theirs {
                    differences.push(format!("{ticket} {}: tags {ours:?}, by git {theirs:?}", commits.join(" ")));
                }
            }
        }
        let wrong_tags = differences.len();
        let missed: Vec<String> =
            told.difference(&found).map(|(date, issue)| format!("{date} #{issue}: not found")).collect();
        let more: Vec<String> =
            found.difference(&told).map(|(date, issue)| format!("{date} #{issue}: found besides")).collect();
        let summary = format!(
            "links: {} of {} claims found, {} besides; the tags of {} of {changes} fixes as git has them",
            told.len() - missed.len(),
            told.len(),
            more.len(),
            changes - wrong_tags,
        );
        more.iter().for_each(|line| println!("{line}"));
        differences.extend(missed);
        Ok(Outcome { differences, summary })
    }

    /// Takes the history over with other messages.
    fn history(&self) -> Result<(), Failure> {
        let source = self.scratch.join("source.git");
        let bundle = std::path::absolute(&self.links.bundle)?;
        self.git(&self.scratch, &["clone", "--quiet", "--mirror", path(&bundle)?, path(&source)?])?;
        self.git(&self.scratch, &["init", "--quiet", "-b", "desk", path(&self.repository())?])?;
        let export = ["fast-export", "--all", "--signed-tags=strip", "--tag-of-filtered-object=drop"];
        let mut export = self.command("git", &source).args(export).stdout(Stdio::piped()).spawn()?;
        let import = ["fast-import", "--quiet"];
        let mut import = self.command("git", &self.repository()).args(import).stdin(Stdio::piped()).spawn()?;
        let (Some(from), Some(to)) = (export.stdout.take(), import.stdin.take()) else { return Err("no pipe".into()) };
        rewrite(BufReader::new(from), to)?;
        if !export.wait()?.success() || !import.wait()?.success() {
            return Err("the history could not be taken over".into());
        }
        Ok(())
    }

    /// A desk with a ticket for each issue, on top of the branch with the most commits.
    fn desk(&self, issues: &BTreeSet<u32>) -> Result<(), Failure> {
        let repository = self.repository();
        let branches = self.git(&repository, &["for-each-ref", "--format=%(refname)", "refs/heads"])?;
        let mut longest = (0, String::new());
        for branch in branches.lines() {
            let count: usize = self.git(&repository, &["rev-list", "--count", branch])?.trim().parse()?;
            longest = longest.max((count, branch.to_owned()));
        }
        self.git(&repository, &["checkout", "--quiet", "-B", "desk", &longest.1])?;
        self.staple(&["init"])?;
        let folder = repository.join("tickets/2020-01");
        std::fs::create_dir_all(&folder)?;
        for issue in issues {
            let ticket = format!("title = \"Issue {issue}\"\n\nstatus = \"new\"\n\nopened = 2020-01-01T00:00:00Z\n");
            std::fs::write(folder.join(format!("n{issue:05}.toml")), ticket)?;
        }
        self.git(&repository, &["add", "-A"])?;
        self.git(&repository, &["commit", "--quiet", "-m", "Tickets for all issues"])?;
        Ok(())
    }

    /// The tags that have one of some commits, the oldest first.
    fn tags(&self, commits: &[&str]) -> Result<Vec<String>, Failure> {
        let contains: Vec<String> = commits.iter().map(|commit| format!("--contains={commit}")).collect();
        let arguments = ["tag", "--sort=creatordate"].into_iter().chain(contains.iter().map(String::as_str));
        let listed = self.git(&self.repository(), &arguments.collect::<Vec<_>>())?;
        Ok(listed.lines().map(str::to_owned).collect())
    }

    fn repository(&self) -> PathBuf {
        self.scratch.join("repository")
    }

    fn staple(&self, arguments: &[&str]) -> Result<String, Failure> {
        output(self.command(path(&self.links.program)?, &self.repository()).args(arguments))
    }

    fn git(&self, folder: &Path, arguments: &[&str]) -> Result<String, Failure> {
        output(self.command("git", folder).args(arguments))
    }

    fn command(&self, program: &str, folder: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(folder).env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("HOME", &self.scratch).env("GIT_CONFIG_NOSYSTEM", "1").env("STAPLE_NOW", "2026-11-22T09:00:00Z");
        for role in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{role}_NAME"), "Sam").env(format!("GIT_{role}_EMAIL"), "sam@example.org");
            command.env(format!("GIT_{role}_DATE"), "@1795338000 +0000");
        }
        command
    }
}

/// Copies a stream of git's fast-export, its commits' messages with tickets for issues.
fn rewrite(mut from: impl BufRead, mut to: impl Write) -> Result<(), Failure> {
    let mut is_commit = false;
    let mut line = Vec::new();
    while from.read_until(b'\n', &mut line)? > 0 {
        let words = String::from_utf8_lossy(&line).trim_end().to_owned();
        match words.split_once(' ') {
            Some(("commit", _)) => is_commit = true,
            Some(("blob" | "tag" | "reset", _)) => is_commit = false,
            Some(("data", length)) => {
                let mut data = vec![0; length.parse()?];
                from.read_exact(&mut data)?;
                if is_commit {
                    data = with_tickets(&data);
                }
                writeln!(to, "data {}", data.len())?;
                to.write_all(&data)?;
                line.clear();
                continue;
            }
            _ => {}
        }
        to.write_all(&line)?;
        line.clear();
    }
    Ok(())
}

/// The message with `T-n00123` for each `#123` that no letter or digit stands right before.
fn with_tickets(message: &[u8]) -> Vec<u8> {
    let mut out: Vec<u8> = Vec::with_capacity(message.len() + 16);
    let mut rest = message;
    while let Some((&first, after)) = rest.split_first() {
        let digits = after.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let stands_alone = !out.last().is_some_and(u8::is_ascii_alphanumeric);
        if first == b'#' && stands_alone && (1..=5).contains(&digits) {
            let number = String::from_utf8_lossy(&after[..digits]);
            out.extend_from_slice(format!("T-n{number:0>5}").as_bytes());
            rest = &after[digits..];
        } else {
            out.push(first);
            rest = after;
        }
    }
    out
}

/// What a table of closing keywords says.
fn claims(csv: &str) -> Result<BTreeSet<Claim>, Failure> {
    let pair = |line: &str| -> Result<Claim, Failure> {
        match line.split(',').collect::<Vec<_>>().as_slice() {
            [_, date, _, issue] => Ok(((*date).to_owned(), issue.parse()?)),
            _ => Err(format!("{line}: not commit,date,keyword,issue").into()),
        }
    };
    csv.lines().skip(1).map(pair).collect()
}

fn output(command: &mut Command) -> Result<String, Failure> {
    let out = command.output()?;
    if !out.status.success() {
        return Err(format!("{command:?}: {}", String::from_utf8_lossy(&out.stderr)).into());
    }
    Ok(String::from_utf8(out.stdout)?)
}

fn path(path: &Path) -> Result<&str, Failure> {
    path.to_str().ok_or_else(|| format!("{} is not UTF-8", path.display()).into())
}

fn list(json: &Json) -> &[Json] {
    json.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn text(json: &Json) -> &str {
    json.as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn issues_become_tickets() {
        let said = |message: &str| String::from_utf8(with_tickets(message.as_bytes())).unwrap_or_default();
        assert_eq!(
            said("Fixes #12, #3471 (see x#4, # and #123456)"),
            "Fixes T-n00012, T-n03471 (see x#4, # and #123456)"
        );
    }

    #[test]
    fn only_messages_of_commits_are_rewritten() {
        let stream = |said: &str, length: usize| {
            format!(
                "blob\nmark :1\ndata 3\n#1\n\ncommit refs/heads/x\nmark :2\ndata {length}\n{said}\nM 100644 :1 #1\n\ntag v1\ndata 3\n#1\n\n"
            )
        };
        let mut out = Vec::new();
        assert!(rewrite(stream("#1", 3).as_bytes(), &mut out).is_ok());
        assert_eq!(String::from_utf8_lossy(&out), stream("T-n00001", 9));
    }
}
