//! The lives of tickets: every version a ticket had, and what follows from their order.
//!
//! Pure: versions in, answers out. A version holds no person, so that nothing counted from lives can rank people. A moment
//! `t` sees the versions that took effect before it, since windows hold their first instant and not their last.

use std::collections::BTreeMap;

use crate::record::id::TicketId;
use crate::record::ticket_state::TicketState;
use crate::record::time::Time;

/// What a ticket said from one moment on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// From when.
    pub effective: Time,
    /// When the customer first reached us; from when it holds, where the record does not say.
    pub opened: Time,
    /// What it said.
    pub said: TicketState,
}

impl Version {
    /// The version that says `said` from `effective` on.
    pub fn new(said: TicketState, effective: Time) -> Self {
        Self { effective, opened: said.opened.unwrap_or(effective), said }
    }

    /// Whether nothing is left to do.
    pub fn is_done(&self) -> bool {
        self.said.is_done()
    }

    /// Dropped as spam or as a mistake: it counts nowhere.
    pub fn counts_nowhere(&self) -> bool {
        self.said.status == "dropped" && matches!(self.said.resolution.as_str(), "spam" | "mistake")
    }

    /// Whether it is the same problem as another ticket.
    pub fn is_duplicate(&self) -> bool {
        self.said.status == "duplicate"
    }
}

/// A ticket's versions, in the order in which they took effect; at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Life {
    /// The ticket.
    pub id: TicketId,
    versions: Vec<Version>,
    removed: Option<Time>,
}

impl Life {
    /// A life of versions in the order in which commits made them; nothing without one.
    ///
    /// No version takes effect before the one it replaces, even where a ticket's file moved.
    pub fn new(id: TicketId, mut versions: Vec<Version>) -> Option<Self> {
        let mut last = versions.first()?.effective;
        for version in &mut versions {
            version.effective = version.effective.max(last);
            last = version.effective;
        }
        Some(Self { id, versions, removed: None })
    }

    /// The same, with its record taken away at `time`: from then on there is no such ticket.
    #[must_use]
    pub fn removed(mut self, time: Option<Time>) -> Self {
        self.removed = time;
        self
    }

    /// The versions, oldest first.
    pub fn versions(&self) -> &[Version] {
        &self.versions
    }

    /// The version seen at `t`. Between the customer's first contact and the first record of it, that first record.
    pub fn at(&self, t: Time) -> Option<&Version> {
        if self.removed.is_some_and(|removed| removed < t) {
            return None;
        }
        let seen = self.versions.partition_point(|version| version.effective < t);
        let version = self.versions.get(seen.saturating_sub(1))?;
        (seen > 0 || version.opened < t).then_some(version)
    }

    /// Whether the ticket goes on at `t`.
    pub fn is_open_at(&self, t: Time) -> bool {
        self.at(t).is_some_and(|version| !version.is_done() && version.opened < t)
    }

    /// Since when the version seen at `t` and those right before it have all been alike in `same`.
    pub fn since<K: PartialEq>(&self, t: Time, same: impl Fn(&Version) -> K) -> Option<Time> {
        let current = same(self.at(t)?);
        let seen = self.versions.partition_point(|version| version.effective < t).max(1);
        let run = self.versions[..seen].iter().rev().take_while(|version| same(version) == current);
        run.last().map(|version| version.effective)
    }

    /// When the ticket came to the end that still holds at `t`: resolved, dropped or a duplicate. An end that a reopen undid
    /// never was one.
    pub fn ended_at(&self, t: Time) -> Option<Time> {
        self.at(t).filter(|version| version.is_done())?;
        self.since(t, |version| version.said.status.clone())
    }

    /// When the ticket was opened again after an end, within the window.
    pub fn reopenings(&self, from: Time, until: Time) -> impl Iterator<Item = Time> {
        let pairs = self.versions.windows(2).filter(|pair| pair[0].is_done() && !pair[1].is_done());
        pairs.map(|pair| pair[1].effective).filter(move |at| (from..until).contains(at))
    }
}

/// The lives of a desk's tickets, in order of id.
#[derive(Debug, Clone, Default)]
pub struct Lives(BTreeMap<TicketId, Life>);

impl Lives {
    /// Lives by ticket.
    pub fn new(lives: impl IntoIterator<Item = Life>) -> Self {
        Self(lives.into_iter().map(|life| (life.id, life)).collect())
    }

    /// Every life.
    pub fn iter(&self) -> impl Iterator<Item = &Life> {
        self.0.values()
    }

    /// One ticket's.
    pub fn get(&self, id: TicketId) -> Option<&Life> {
        self.0.get(&id)
    }

    /// For each problem with duplicates at `t`, the earliest time that a customer reached us about it.
    pub fn first_contacts(&self, t: Time) -> BTreeMap<TicketId, Time> {
        let mut first: BTreeMap<TicketId, Time> = BTreeMap::new();
        for life in self.iter() {
            let Some(version) = life.at(t).filter(|version| version.is_duplicate()) else { continue };
            let survivor = self.survivor(life.id, t);
            let known = first.entry(survivor).or_insert(version.opened);
            *known = version.opened.min(*known);
        }
        for (id, time) in &mut first {
            let own = self.get(*id).and_then(|life| life.at(t)).map(|version| version.opened);
            *time = own.map_or(*time, |own| own.min(*time));
        }
        first
    }

    /// The ticket that stands for `id` at the end of its chain of duplicates.
    fn survivor(&self, id: TicketId, t: Time) -> TicketId {
        let mut at = id;
        // Two tickets may call each other the original.
        for _ in 0..16 {
            let next = self.get(at).and_then(|life| life.at(t)).filter(|version| version.is_duplicate());
            match next.and_then(|version| version.said.duplicate_of) {
                Some(next) => at = next,
                None => break,
            }
        }
        at
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn version(effective: i64, status: &str) -> Version {
        let record = crate::record::Record::new(
            crate::record::Kind::Ticket,
            crate::record::Name::Ticket(TicketId::parse("T-7k3mqp").unwrap()),
            "tickets/2026-03/7k3mqp.toml",
        );
        let record = record.with("status", status).with("opened", Time::from_unix(0));
        Version::new(TicketState::of(&record), Time::from_unix(effective))
    }

    fn life(versions: &[(i64, &str)]) -> Life {
        let versions = versions.iter().map(|(at, status)| version(*at, status)).collect();
        Life::new(TicketId::parse("T-7k3mqp").unwrap(), versions).unwrap()
    }

    fn at(seconds: i64) -> Time {
        Time::from_unix(seconds)
    }

    #[test]
    fn a_resolution_undone_by_a_reopen_never_was_an_end() {
        let life = life(&[(10, "new"), (20, "resolved"), (30, "working"), (40, "resolved"), (50, "resolved")]);
        assert_eq!(life.ended_at(at(25)), Some(at(20)));
        assert_eq!(life.ended_at(at(35)), None);
        assert_eq!(life.ended_at(at(60)), Some(at(40)));
        assert_eq!(life.reopenings(at(0), at(60)).collect::<Vec<_>>(), [at(30)]);
        assert_eq!(life.reopenings(at(0), at(30)).count(), 0);
    }

    #[test]
    fn a_window_holds_its_first_instant_and_not_its_last() {
        let life = life(&[(10, "new"), (20, "resolved")]);
        assert!(life.is_open_at(at(20)));
        assert!(!life.is_open_at(at(21)));
    }

    #[test]
    fn a_ticket_recorded_late_was_open_since_the_customer_reached_us() {
        let life = life(&[(100, "new")]);
        assert!(life.is_open_at(at(50)));
        assert!(!life.is_open_at(at(0)));
    }

    #[test]
    fn no_version_takes_effect_before_the_one_it_replaces() {
        let life = life(&[(10, "new"), (30, "working"), (20, "resolved")]);
        assert_eq!(life.ended_at(at(40)), Some(at(30)));
    }

    #[test]
    fn tickets_that_call_each_other_the_original_end_nowhere() {
        let (one, two) = (TicketId::parse("T-7k3mqp").unwrap(), TicketId::parse("T-7k3mqq").unwrap());
        let mut first = version(1, "duplicate");
        first.said.duplicate_of = Some(two);
        let mut second = version(1, "duplicate");
        second.said.duplicate_of = Some(one);
        let lives = Lives::new([Life::new(one, vec![first]).unwrap(), Life::new(two, vec![second]).unwrap()]);
        assert!(lives.first_contacts(at(5)).values().all(|first| *first == at(0)));
    }
}
