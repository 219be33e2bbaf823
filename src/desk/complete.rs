//! References that begin as somebody types, for completion in a shell.
//!
//! As HEAD has the desk, from an index that is there already: who presses a key does not wait, and hears of nothing.

use super::Desk;
use crate::index::Index;
use crate::record::Kind;

/// What may stand somewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted<'a> {
    /// The kinds of record.
    pub kinds: &'a [Kind],
    /// Whether a slug stands with its kind before it: `team:engineering`.
    pub whole: bool,
}

/// More than these nobody looks through.
const MOST: usize = 200;

impl Desk {
    /// References that `typed` may become, each beginning with `typed` as it is, and what the record is called. Nothing where there
    /// is no index.
    pub fn references_beginning(&self, wanted: Wanted<'_>, typed: &str) -> Vec<(String, String)> {
        self.beginning(wanted, typed).unwrap_or_default()
    }

    fn beginning(&self, wanted: Wanted<'_>, typed: &str) -> Option<Vec<(String, String)>> {
        if !self.indexed {
            return None;
        }
        let index = Index::made(&self.store, self.store.head().ok()?.commit?, self.settings.text("branch"))?;
        let mut found = Vec::new();
        if wanted.kinds.contains(&Kind::Ticket) && !typed.contains(':') {
            found.extend(ids(&index, typed)?);
        }
        for kind in wanted.kinds.iter().filter(|kind| !matches!(kind, Kind::Ticket | Kind::Message)) {
            let start = format!("{}:", kind.word());
            // Where anything may stand it is mostly a ticket, and what has a time for a name is nothing one would type.
            let crowd = wanted.kinds.contains(&Kind::Ticket) && typed.is_empty();
            let stamped = matches!(kind, Kind::Talk | Kind::Jot | Kind::Sent);
            if (crowd || stamped) && !typed.starts_with(&start) {
                continue;
            }
            // `kind:` may always be typed; before it is, a slug alone will do where nothing else could be meant.
            let (before, slug) = match typed.strip_prefix(&start) {
                Some(slug) => (start.as_str(), slug),
                None if wanted.whole && start.starts_with(typed) => (start.as_str(), ""),
                None if !typed.contains(':') && (!wanted.whole || !typed.is_empty()) => ("", typed),
                None => continue,
            };
            let slugs = index.slugs_beginning(*kind, slug, MOST).ok()?;
            found.extend(slugs.into_iter().map(|(slug, label)| (format!("{before}{slug}"), label)));
        }
        Some(found)
    }
}

/// Tickets, in the form that was begun: `T-7k3mqp`, `7k3mqp`.
fn ids(index: &Index, typed: &str) -> Option<Vec<(String, String)>> {
    let bare = typed.strip_prefix("T-").or_else(|| typed.strip_prefix("t-"));
    let (before, bare) = match (bare, typed) {
        (Some(bare), _) => (&typed[..2], bare),
        (None, "" | "T") => ("T-", ""),
        (None, bare) => ("", bare),
    };
    // The shell puts what it is given in the place of what was typed, so that begins as it was typed.
    let start = bare.to_ascii_lowercase();
    let found = index.ids_beginning(&start, MOST).ok()?;
    Some(found.into_iter().map(|(id, title)| (format!("{before}{bare}{}", &id[start.len()..]), title)).collect())
}
