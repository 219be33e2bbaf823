//! Tickets that cross to another team and come back.

use std::collections::BTreeMap;

use super::history::{Act, Event, Verb, Who};
use super::people;
use super::ticket_story::{Teller, Telling};
use crate::record::change::ticket::{AfterReply, HandOffWords, Wait, Words};
use crate::record::time::Time;

impl Teller<'_> {
    /// Offers the ticket to the problem's team. The customer hears first that it is in other hands.
    pub(super) fn offer(&mut self, told: &mut Telling, next: Time) {
        let who = self.owner(told);
        let words = HandOffWords {
            to: format!("team:{}", told.problem.text("to")),
            situation: self.text(told, "situation"),
            background: self.text(told, "background"),
            assessment: self.text(told, "assessment"),
            request: self.text(told, "request"),
            evidence: self.text(told, "evidence"),
            text: String::new(),
            outside: true,
            next_update: Some(next),
        };
        self.push(told.now, who, "ticket hand-off", told.id, Verb::HandOff(words));
    }

    /// The whole way through another team, to the end.
    pub(super) fn through_team(&mut self, told: &mut Telling) {
        let days = self.chance.between(2, 4);
        let next = self.calendar.promise(told.now, days);
        let text = self.phrase(told, "looking", Some(next));
        self.reply(told, text, AfterReply { next_update: Some(next), ..AfterReply::default() });
        let minutes = self.chance.between(5, 60);
        told.now = self.calendar.work(told.now, minutes);
        self.offer(told, next);
        let team = told.problem.text("to");
        if self.chance.percent(18) {
            self.missing(told, team);
        }
        let next = self.accepted(told, team, next);
        // What comes back was looked at; some take the promised days and longer.
        let minutes = *self.chance.one(&[90, 200, 340, 700, 1100, 1700, 2600]);
        let back = self.calendar.work(told.now, minutes);
        self.keep_word(told, next, back);
        told.now = told.now.max(back);
        let (by, at) = people::of_team(self.calendar, team, told.problem.text("product"), told.now);
        told.now = at;
        let text = self.text(told, "back");
        self.push(at, Who::Person(by), "ticket hand-back", told.id, Verb::HandBack("done", text));
        let minutes = self.chance.between(10, 150);
        told.now = self.calendar.work(told.now, minutes);
        if told.problem.text("fix") == "yes" && self.chance.percent(70) {
            self.until_release(told);
        } else {
            let own_words = team == "billing" || told.problem.text("own-words") == "yes";
            self.resolve_with(told, if own_words { "answer" } else { "mended" }, "fixed");
        }
    }

    /// Comes back because something is missing: the customer is asked, and it is offered again.
    fn missing(&mut self, told: &mut Telling, team: &str) {
        let minutes = self.chance.between(60, 400);
        told.now = self.calendar.work(told.now, minutes);
        let (by, at) = people::of_team(self.calendar, team, told.problem.text("product"), told.now);
        told.now = at;
        let text = self.text(told, "missing");
        self.push(at, Who::Person(by), "ticket hand-back", told.id, Verb::HandBack("missing-information", text));
        let minutes = self.chance.between(15, 90);
        told.now = self.calendar.work(told.now, minutes);
        let next = self.calendar.promise(told.now, 3);
        let wait = Wait {
            on: "customer".to_owned(),
            what: "one thing our colleagues still need".to_owned(),
            next_update: Some(next),
        };
        let text = self.text(told, "ask");
        self.reply(told, text, AfterReply { wait: Some(wait), ..AfterReply::default() });
        let hours = self.chance.between(2, 26);
        told.now = told.now.plus(hours * 3600 + 140);
        let answer = self.text(told, "told");
        self.received(told, answer);
        let minutes = self.chance.between(15, 90);
        told.now = self.calendar.work(told.now, minutes);
        self.offer(told, next.max(self.calendar.promise(told.now, 2)));
    }

    /// Somebody of the other team accepts, sometimes after a nudge. Gives when the customer hears next.
    fn accepted(&mut self, told: &mut Telling, team: &str, next: Time) -> Time {
        let minutes = *self.chance.one(&[20, 45, 90, 150, 300, 520, 900]);
        let (by, at) =
            people::of_team(self.calendar, team, told.problem.text("product"), self.calendar.work(told.now, minutes));
        let asked = self.calendar.work(told.now, 500);
        if at > asked {
            told.now = asked;
            let text = self.phrase(told, "nudge", Some(next));
            let who = self.owner(told);
            self.push(asked, who, "ticket nudge", told.id, Verb::Nudge(Words::plain(text), None));
        }
        told.now = at;
        let text = self.phrase(told, "accept", None);
        self.push(at, Who::Person(by), "ticket accept", told.id, Verb::Accept { ours: false, text });
        next
    }

    /// Tells the customer on each promised day that it is not done yet, until `back`; now and then a day late.
    fn keep_word(&mut self, told: &mut Telling, mut next: Time, back: Time) {
        while next < back {
            let late = if self.chance.percent(12) { self.chance.between(400, 900) } else { 0 };
            let at = self.calendar.work(next.plus(-2 * 3600), late);
            if at >= back {
                return;
            }
            told.now = at.max(told.now);
            let again = self.calendar.promise(told.now, 3);
            let text = self.phrase(told, "update", Some(again));
            self.reply(told, text, AfterReply { next_update: Some(again), ..AfterReply::default() });
            next = again;
        }
    }

    /// Mended, but in a release to come: the customer hears when it is out.
    pub(super) fn until_release(&mut self, told: &mut Telling) {
        let (tag, out) = self.await_release(told);
        let minutes = self.chance.between(30, 420);
        told.now = self.calendar.work(out, minutes);
        let text = self.phrase(told, "told", None).replace(told.version(), &tag[1..]);
        let cause = told.problem.text("cause").to_owned();
        let who = self.owner(told);
        self.push(told.now, who, "ticket told", told.id, Verb::Told { tag, text, cause });
    }

    /// Mended, and the customer knows in which release it will be. Gives its tag, and when it is out.
    pub(super) fn await_release(&mut self, told: &mut Telling) -> (&'static str, Time) {
        let (tag, out) = self.next_release(told.now);
        let text = self.phrase(told, "found", None).replace(told.version(), &tag[1..]);
        let wait = Wait {
            on: format!("release:{tag}"),
            what: "the release that mends it".to_owned(),
            next_update: Some(self.calendar.promise(out, 1)),
        };
        self.reply(told, text, AfterReply { wait: Some(wait), ..AfterReply::default() });
        if told.now <= self.calendar.end {
            self.mended.entry((tag, told.problem.slug)).or_default().push((told.now, told.id));
        }
        (tag, out)
    }

    /// What engineers committed for the tickets that wait on a release: one change for each problem, once all of them wrote.
    pub(super) fn commit_changes(&mut self) {
        let mut told: BTreeMap<&str, usize> = BTreeMap::new();
        for ((tag, slug), waiting) in std::mem::take(&mut self.mended) {
            let Some(problem) = self.problems.iter().find(|problem| problem.slug == slug) else { continue };
            let wordings = problem.texts("change");
            let nth = told.entry(slug).or_default();
            let Some(change) = wordings.get(*nth % wordings.len().max(1)) else { continue };
            *nth += 1;
            let (subject, impact) = change.split_once('|').unwrap_or((change, ""));
            let last = waiting.iter().map(|(at, _)| *at).max().unwrap_or(self.calendar.end);
            let (by, at) = people::of_team(self.calendar, "engineering", problem.text("product"), last.plus(45 * 60));
            let fixes = waiting.iter().map(|(_, id)| format!("Fixes: {id}\n"));
            let impact = if impact.is_empty() { String::new() } else { format!("Support-Impact: {impact}\n") };
            let message = format!("{subject}\n\n{}{impact}", fixes.collect::<String>());
            let line = format!("{} {}: {subject}\n", problem.text("product"), &tag[1..]);
            let act = Act::Code { message, line };
            self.events.push(Event { at, who: Who::Person(by), action: "", why: String::new(), act });
        }
    }
}
