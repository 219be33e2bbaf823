//! What the message of a commit says of tickets, of other commits and of customers.
//!
//! Every line is read, the subject too: forges squash the messages of a branch into one, move trailers up, put bullets before
//! them, and write the title of a pull request into the subject of the merge. Only whole ids link, so that no word is taken
//! for a ticket.

use super::id::{TicketId, normal_char};

/// The words after which a ticket counts as fixed, where the desk names none of its own.
pub const CLOSING_WORDS: [&str; 9] =
    ["close", "closes", "closed", "fix", "fixes", "fixed", "resolve", "resolves", "resolved"];

/// Words that may stand between a word that closes and the id.
const GOING_ON: [&str; 6] = ["and", "ticket", "tickets", "issue", "issues", "bug"];

/// What a commit claims about a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Bond {
    /// It has to do with it.
    Refers,
    /// It ends its cause.
    Fixes,
}

/// A ticket that a message names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// The ticket.
    pub ticket: TicketId,
    /// What is claimed.
    pub bond: Bond,
    /// The line it stands on, trimmed: the evidence.
    pub line: String,
    /// It is written with a digit; else it may be a word, such as T-shirt.
    pub sure: bool,
}

/// What a message says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CommitWords {
    /// The tickets it names, each once, with the strongest claim.
    pub tickets: Vec<Named>,
    /// What stands where an id was meant, after a closing word, and is none: the beginning of one, or one too long.
    pub not_whole: Vec<String>,
    /// Commits it takes back, as written: ids of 7 digits or more.
    pub reverts: Vec<String>,
    /// Commits that stay when it takes back a merge: what was merged into, as written.
    pub keeps: Vec<String>,
    /// The subject of what it takes back, where it names no commit.
    pub reverts_subject: Option<String>,
    /// Commits it was copied from, as written.
    pub copies: Vec<String>,
    /// It says that it fixes something, whether it names what or not.
    pub says_fix: bool,
    /// Staple wrote it, or a part of it, for a change of records.
    pub of_the_desk: bool,
    /// What customers will notice, from lines `Support-Impact: …`.
    pub impacts: Vec<String>,
}

impl CommitWords {
    /// Reads a message; `closing` are the words that claim a fix, in lower case.
    pub fn read(message: &str, closing: &[String]) -> Self {
        let mut words = Self::default();
        // Most messages name no ticket.
        let names_tickets = message.contains("T-") || message.contains("t-");
        for line in message.lines().map(str::trim) {
            if names_tickets {
                words.read_tickets(line, closing);
            }
            words.read_commits(line);
            if let Some(impact) = after_word(line, "support-impact:").filter(|impact| !impact.is_empty()) {
                words.impacts.push(impact.to_owned());
            }
        }
        words.of_the_desk = is_of_the_desk(message);
        if words.of_the_desk {
            // What such a commit says of its ticket is a sentence, and the reason somebody gave; squashed into another, that one's
            // claims stay.
            words.tickets.retain(|named| named.bond == Bond::Fixes);
        }
        let subject = message.lines().next().unwrap_or_default().trim();
        let quoted = quoted_by_a_revert(subject);
        let takes_back = !subject.starts_with("Reapply");
        if words.reverts.is_empty() && takes_back {
            words.reverts_subject = quoted.filter(|subject| !subject.is_empty()).map(str::to_owned);
        }
        words.says_fix = quoted.is_none() && says_fix(subject);
        words
    }

    fn read_tickets(&mut self, line: &str, closing: &[String]) {
        // The subject of what is taken back claims nothing any more.
        let quotes = quoted_by_a_revert(line).is_some();
        let mut closes = false;
        for token in line.split_whitespace().flat_map(|token| token.split(',')) {
            let bare = token.trim_matches(|c: char| !c.is_alphanumeric());
            let ids = ids(token);
            // Forges put the number of the pull request in brackets behind a title: `Fix T-7k3mqp (T-2abcde)`.
            closes &= !token.starts_with(['(', '[']);
            if !ids.is_empty() {
                // `Fixes:T-7k3mqp`, `fix(T-7k3mqp): ...`
                let before = token.split("T-").next().unwrap_or_default();
                let before = if before.ends_with([':', '(']) { before } else { "" };
                let before = before.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
                closes |= closing.contains(&before);
                let bond = if closes && !quotes { Bond::Fixes } else { Bond::Refers };
                ids.into_iter()
                    .for_each(|(ticket, sure)| self.name(Named { ticket, bond, line: line.to_owned(), sure }));
                closes &= !token.ends_with([')', ']', '.', ';']);
            } else if closes && looks_like_an_id(bare) {
                self.not_whole.push(bare.to_owned());
            } else {
                let goes_on = bare.is_empty()
                    || token.starts_with('#')
                    || GOING_ON.iter().any(|word| bare.eq_ignore_ascii_case(word));
                closes = if goes_on { closes } else { closing.contains(&bare.to_lowercase()) };
            }
        }
    }

    fn name(&mut self, new: Named) {
        match self.tickets.iter_mut().find(|named| named.ticket == new.ticket) {
            Some(named) if named.bond >= new.bond => {}
            Some(named) => *named = new,
            None => self.tickets.push(new),
        }
    }

    fn read_commits(&mut self, line: &str) {
        let of = |rest: &str| {
            let id: String = rest.trim_start().chars().take_while(char::is_ascii_hexdigit).collect();
            (7..=64).contains(&id.len()).then(|| id.to_ascii_lowercase())
        };
        self.reverts.extend(line.split("This reverts commit ").skip(1).filter_map(of));
        self.reverts.extend(line.strip_prefix("Undoes:").and_then(of));
        self.keeps.extend(line.split("changes made to ").skip(1).filter_map(of));
        self.copies.extend(line.split("(cherry picked from commit ").skip(1).filter_map(of));
    }
}

/// The subject that a line quotes, where it is the title of a revert, or of the revert of one.
fn quoted_by_a_revert(line: &str) -> Option<&str> {
    let line = line.trim_start_matches(['*', '-', ' ']);
    let quoted = ["Revert \"", "Revert: \"", "Reapply \""].iter().find_map(|start| line.strip_prefix(start))?;
    Some(quoted.rsplit_once('"')?.0)
}

/// Whether Staple wrote the message of a change of records, or a part of it.
fn is_of_the_desk(message: &str) -> bool {
    message.lines().skip(1).any(|line| ["Action: ", "Op-Id: ", "Imported: "].iter().any(|key| line.starts_with(key)))
}

/// What follows a word at the beginning of a line, any bullet before it left out; case does not count.
fn after_word<'l>(line: &'l str, word: &str) -> Option<&'l str> {
    let line = line.trim_start_matches(['*', '-', ' ']);
    line.get(..word.len()).filter(|start| start.eq_ignore_ascii_case(word)).map(|_| line[word.len()..].trim())
}

/// The whole ids in a token, which may be part of a path or the name of a branch: `fix/T-7k3mqp-login`; and whether each has a digit.
fn ids(token: &str) -> Vec<(TicketId, bool)> {
    let mut found = Vec::new();
    for (at, _) in token.match_indices("T-") {
        let starts = token[..at].chars().next_back().is_none_or(|before| !before.is_alphanumeric());
        let id: String = token[at + 2..].chars().take_while(char::is_ascii_alphanumeric).collect();
        if starts && id.len() == 6 {
            let sure = id.bytes().any(|byte| byte.is_ascii_digit());
            found.extend(TicketId::parse(&id).map(|id| (id, sure)));
        }
    }
    found
}

/// Whether somebody meant an id of a ticket: `T-` and letters or digits that an id may have, and a digit among them.
fn looks_like_an_id(token: &str) -> bool {
    let rest = token.strip_prefix("T-").or_else(|| token.strip_prefix("t-")).unwrap_or_default();
    rest.len() >= 2 && rest.chars().all(|c| normal_char(c).is_some()) && rest.chars().any(|c| c.is_ascii_digit())
}

/// Whether a subject says that something is fixed: `Fix the export`, `fix(api): …`, `export: fix …`, `bugfix …`.
fn says_fix(subject: &str) -> bool {
    const FIXING: [&str; 5] = ["fix", "fixes", "fixed", "bugfix", "hotfix"];
    let fixing = |text: &str| {
        let word: String = text.trim_start().chars().take_while(|c| c.is_alphanumeric()).collect();
        FIXING.contains(&word.to_lowercase().as_str())
    };
    fixing(subject) || subject.split_once(": ").is_some_and(|(_, rest)| fixing(rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(message: &str) -> CommitWords {
        CommitWords::read(message, &CLOSING_WORDS.map(str::to_owned))
    }

    fn check(message: &str, expected: &str) {
        let words = read(message);
        let named = words.tickets.iter().map(|named| match named.bond {
            Bond::Fixes => format!("{}!", named.ticket),
            Bond::Refers => named.ticket.to_string(),
        });
        assert_eq!(named.collect::<Vec<_>>().join(" "), expected, "{message}");
    }

    #[test]
    fn a_ticket_is_named_on_any_line() {
        check("Renew the session\n\nFixes: T-7k3mqp", "T-7k3mqp!");
        check("Renew the session (fixes T-7K3MQP)", "T-7k3mqp!");
        check("Renew\n\n* Fixes: T-7k3mqp\n\nCo-authored-by: A <a@example.org>", "T-7k3mqp!");
        check("Renew\n\nRefs: T-7k3mqp", "T-7k3mqp");
        check("Merge pull request #4 from ada/fix/T-7k3mqp-login\n\nRenew the session", "T-7k3mqp");
        check("Resolves T-7k3mqp: the export fails", "T-7k3mqp!");
    }

    #[test]
    fn several_tickets_follow_one_word() {
        check("Renew\n\nFixes: T-7k3mqp, T-2abcde and T-3bcdef", "T-7k3mqp! T-2abcde! T-3bcdef!");
        check("Fixes T-7k3mqp,T-2abcde", "T-7k3mqp! T-2abcde!");
        check("Fixes T-7k3mqp, see T-2abcde", "T-7k3mqp! T-2abcde");
        check("Renew (closes T-7k3mqp) (T-2abcde)", "T-7k3mqp! T-2abcde");
        check("A bug fix (T-7k3mqp)", "T-7k3mqp");
        check("Fixes:T-7k3mqp", "T-7k3mqp!");
        check("fix(T-7k3mqp): renew", "T-7k3mqp!");
        check("Fixes ticket T-7k3mqp", "T-7k3mqp!");
        check("In my fix for T-7k3mqp", "T-7k3mqp");
        check("Fixes #12, T-7k3mqp", "T-7k3mqp!");
        check("Renew. Fixes T-7k3mqp. T-2abcde is another.", "T-7k3mqp! T-2abcde");
        check("See T-7k3mqp\n\nFixes: T-7k3mqp", "T-7k3mqp!");
    }

    #[test]
    fn only_whole_ids_link() {
        check("Fixes: T-7k3", "");
        check("Fixes: T-7k3mqpx", "");
        check("Fixes: 7k3mqp", "");
        check("AT-7k3mqp and T-123456", "");
        assert_eq!(read("Fixes: T-7k3").not_whole, ["T-7k3"]);
        assert_eq!(read("Fixes: T-7k3mqpx, T-2abcde").not_whole, ["T-7k3mqpx"]);
        assert!(read("Fixes: T-shirts\n\nT-7k3 is odd").not_whole.is_empty());
        assert!(!read("Fix T-shirts page").tickets[0].sure && read("Fix T-7k3mqp").tickets[0].sure);
    }

    #[test]
    fn what_a_change_of_records_says_of_its_ticket_is_no_link() {
        check("T-7k3mqp: note added\n\nlike T-2abcde\n\nAction: note\nRecord: T-7k3mqp\nOp-Id: 1", "");
        check("Renew (#4)\n\n* Renew\n\nFixes: T-7k3mqp\n\n* T-2abcde: new, x\n\nAction: ticket new", "T-7k3mqp!");
    }

    #[test]
    fn words_of_the_desk_take_the_place_of_the_usual_ones() {
        let words = CommitWords::read("behebt T-7k3mqp, fixes T-2abcde", &["behebt".to_owned()]);
        assert_eq!(words.tickets.iter().map(|named| named.bond).collect::<Vec<_>>(), [Bond::Fixes, Bond::Refers]);
    }

    #[test]
    fn reverts_and_copies_name_commits() {
        let words = read("Revert \"Fix it\"\n\nThis reverts commit 1234567890abcdef.\nThis reverts commit abc.");
        assert_eq!(
            (words.reverts, words.reverts_subject, words.says_fix),
            (vec!["1234567890abcdef".into()], None, false)
        );
        assert_eq!(read("Revert \"Fix it (#4)\"\n\nReverts a/b#4").reverts_subject.as_deref(), Some("Fix it (#4)"));
        check(
            "Revert \"Renew, fixes T-7k3mqp\"\n\nThis reverts commit 1234567.\n\nFixes T-2abcde",
            "T-7k3mqp T-2abcde!",
        );
        check("Reapply \"Renew, fixes T-7k3mqp\"\n\nThis reverts commit 1234567.", "T-7k3mqp");
        assert_eq!(
            read("Revert \"Merge\"\n\nThis reverts commit 1234567, reversing\nchanges made to 89abcde.").keeps,
            ["89abcde"]
        );
        assert_eq!(read("Fix it\n\n(cherry picked from commit ABCDEF1)").copies, ["abcdef1"]);
        assert_eq!(read("Undo\n\nUndoes: 1234567").reverts, ["1234567"]);
    }

    #[test]
    fn a_fix_says_so_in_its_subject() {
        for subject in ["Fix the export", "fix(api): renew", "export: fixed the date", "Bugfix: dates", "api: Fix x"] {
            assert!(read(subject).says_fix, "{subject}");
        }
        for subject in ["Add a fixture", "Prefix all names", "Update docs: fixtures", "Revert \"Fix it\""] {
            assert!(!read(subject).says_fix, "{subject}");
        }
    }

    #[test]
    fn what_customers_will_notice_is_kept() {
        assert_eq!(read("Add x\n\nsupport-impact: Menus move to the left").impacts, ["Menus move to the left"]);
    }
}
