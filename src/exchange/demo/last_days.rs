//! The last days before the history ends, told on purpose: what is new, late, offered and hoped for when the desk is first seen.

use super::history::{Verb, Who};
use super::people::ME;
use super::ticket_story::{Teller, Telling};
use crate::record::change::ticket::{AfterReply, HandOffWords, Wait, Words};
use crate::record::time::Time;

/// Nobody has them yet: the problem, how many minutes before the end it came, and whether the customer is upset.
const NEW: &[(&str, i64, bool)] = &[
    ("sign-in-link-late", 41, false),
    ("breaks-not-deducted", 133, false),
    ("charged-twice", 318, true),
    ("payroll-export", 1_190, false),
    ("api-key-refused", 1_512, false),
];

/// Tells them.
pub(super) fn tell(teller: &mut Teller<'_>) {
    for (slug, minutes, upset) in NEW {
        let opened = teller.calendar.end.plus(-minutes * 60);
        if let Some(problem) = named(teller, slug) {
            teller.open(problem, opened, *upset);
        }
    }
    late_on_team(teller, "large-export-fails", "ada", -6);
    late_on_team(teller, "charged-twice", "june", -7);
    late_on_customer(teller);
    hoping_for_release(teller, "breaks-not-deducted", "ada", -10);
    hoping_for_release(teller, "large-export-fails", ME.0, -11);
    offered_to_me(teller);
    mine(teller, "no-push", -4);
    mine(teller, "staff-list-rejected", -3);
    out_and_not_told(teller, "week-view-slow", "theo", -16);
}

fn named(teller: &Teller<'_>, slug: &str) -> Option<super::data::Problem> {
    teller.problems.iter().find(|problem| problem.slug == slug).cloned()
}

/// A ticket that `owner` took on a day.
fn taken(teller: &mut Teller<'_>, slug: &str, owner: &'static str, day: i32) -> Option<Telling> {
    let problem = named(teller, slug)?;
    let opened = teller.calendar.work(teller.calendar.at(day, 9 * 60 + 20), 7);
    let mut told = teller.open(problem, opened, false);
    told.now = teller.calendar.work(told.now, 35);
    told.owner = owner;
    teller.take(&mut told);
    Some(told)
}

/// With another team, and the customer should have heard by now.
fn late_on_team(teller: &mut Teller<'_>, slug: &str, owner: &'static str, day: i32) {
    let Some(mut told) = taken(teller, slug, owner, day) else { return };
    let next = teller.calendar.promise(told.now, 2);
    let text = teller.phrase(&told, "looking", Some(next));
    teller.reply(&told, text, AfterReply { next_update: Some(next), ..AfterReply::default() });
    told.now = teller.calendar.work(told.now, 20);
    teller.offer(&mut told, next);
}

/// Asked, and forgotten since.
fn late_on_customer(teller: &mut Teller<'_>) {
    let Some(told) = taken(teller, "new-phone-codes", "noor", -7) else { return };
    let next = teller.calendar.promise(told.now, 3);
    let wait = Wait {
        on: "customer".to_owned(),
        what: "a yes from a second administrator".to_owned(),
        next_update: Some(next),
    };
    let text = teller.text(&told, "ask");
    teller.reply(&told, text, AfterReply { wait: Some(wait), ..AfterReply::default() });
}

fn hoping_for_release(teller: &mut Teller<'_>, slug: &str, owner: &'static str, day: i32) {
    let Some(mut told) = taken(teller, slug, owner, day) else { return };
    let next = teller.calendar.promise(told.now, 3);
    let text = teller.phrase(&told, "looking", Some(next));
    teller.reply(&told, text, AfterReply { next_update: Some(next), ..AfterReply::default() });
    told.now = teller.calendar.work(told.now, 900);
    teller.until_release(&mut told);
}

/// The release is out, and nobody has told the customer yet.
fn out_and_not_told(teller: &mut Teller<'_>, slug: &str, owner: &'static str, day: i32) {
    let Some(mut told) = taken(teller, slug, owner, day) else { return };
    told.now = teller.calendar.work(told.now, 600);
    teller.await_release(&mut told);
}

/// A colleague goes away and asks for help.
fn offered_to_me(teller: &mut Teller<'_>) {
    let Some(mut told) = taken(teller, "calendar-feed-stops", "theo", -5) else { return };
    if !teller.ask(&mut told) {
        return;
    }
    told.now = told.now.max(teller.calendar.at(-4, 16 * 60));
    let words = HandOffWords {
        to: format!("person:{}", ME.0),
        situation: "The new calendar link is out, and I could not yet see whether it works for all of them.".to_owned(),
        background: "Links ended with a change of password. They answered my question.".to_owned(),
        assessment: "It should be done; somebody should look once more.".to_owned(),
        request: "Please ask them whether the shifts are back, and end it.".to_owned(),
        text: "I am away from tomorrow.".to_owned(),
        next_update: Some(teller.calendar.promise(teller.calendar.end, 1)),
        ..HandOffWords::default()
    };
    teller.push(told.now, Who::Person("theo"), "ticket hand-off", told.id, Verb::HandOff(words));
}

/// On my desk, with a word due soon.
fn mine(teller: &mut Teller<'_>, slug: &str, day: i32) {
    let Some(mut told) = taken(teller, slug, ME.0, day) else { return };
    let next: Time = teller.calendar.promise(teller.calendar.end.plus(-86_400), 1);
    let text = teller.phrase(&told, "looking", Some(next));
    teller.reply(&told, text, AfterReply { next_update: Some(next), ..AfterReply::default() });
    told.now = teller.calendar.work(told.now, 60);
    let text = teller.phrase(&told, "note", None);
    teller.push(told.now, Who::Person(ME.0), "note", told.id, Verb::Note(Words::plain(text)));
}
