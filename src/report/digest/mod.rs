//! A digest: what happened at a desk in a window of time, for people who were not there.
//!
//! [`facts`] finds what is true, [`words`] says it. Everything is as it stood at the window's end, whenever the digest is made.
//! No person is counted; people appear only where they are away and who covers.

pub mod facts;
pub mod line;
mod numbers;
pub mod words;

use serde::Serialize;

use crate::record::time::{Day, Time};
use crate::record::week::Week;
pub use facts::{Facts, Material};
pub use line::{Line, Span};

/// The window of a digest: from its first instant up to, not including, its last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// The first instant.
    pub from: Time,
    /// The first instant after it.
    pub until: Time,
    /// The zone of its days.
    pub zone: jiff::tz::TimeZone,
    /// The week it is.
    pub week: Option<Week>,
    /// It is not over yet, and ends where it is cut.
    pub so_far: bool,
}

impl Window {
    /// The window in words: `2 to 8 March 2026`.
    pub fn words(&self) -> String {
        let (from, last) = (self.from.day_in(&self.zone), self.until.plus(-1).day_in(&self.zone));
        let whole = from.start(&self.zone) == self.from && last.end(&self.zone) == self.until;
        let days = days_words(from, last);
        if whole {
            return days;
        }
        let clock = |time: Time| time.timestamp().to_zoned(self.zone.clone()).strftime("%-d %B %Y %H:%M").to_string();
        let so_far = if self.so_far { ", so far" } else { "" };
        format!("{} to {}{so_far}", clock(self.from), clock(self.until))
    }
}

/// `8 March 2026`, `2 to 8 March 2026`, `30 March to 5 April 2026`.
fn days_words(from: Day, last: Day) -> String {
    let (a, b) = (from.date(), last.date());
    let end = b.strftime("%-d %B %Y");
    if a == b {
        end.to_string()
    } else if a.year() != b.year() {
        format!("{} to {end}", a.strftime("%-d %B %Y"))
    } else if a.month() != b.month() {
        format!("{} to {end}", a.strftime("%-d %B"))
    } else {
        format!("{} to {end}", a.strftime("%-d"))
    }
}

/// A part of a digest. Sections without anything to say do not exist.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Section {
    /// A name that stays, for templates: `came-in`.
    pub key: &'static str,
    /// The heading.
    pub title: &'static str,
    /// Sentences.
    pub sentences: Vec<Line>,
    /// One thing a line.
    pub items: Vec<Line>,
}

/// A digest, ready for a template.
#[derive(Debug, Clone, PartialEq)]
pub struct Digest {
    /// For whom: `managers`.
    pub audience: &'static str,
    /// What the desk is called; "" when it has no name.
    pub desk: String,
    /// When.
    pub window: Window,
    /// The commit it was made from; "" before the first.
    pub commit: String,
    /// What is true.
    pub facts: Facts,
    /// The whole in one or two sentences.
    pub headline: Vec<Line>,
    /// The parts.
    pub sections: Vec<Section>,
}

/// The digest for managers.
pub fn managers(material: &Material<'_>, window: &Window, commit: String) -> Digest {
    let facts = facts::gather(material, window);
    let today = window.until.plus(-1).day_in(&window.zone);
    let headline = words::headline(&facts);
    let sections = words::sections(&facts, today);
    let desk = material.after.settings().map(|settings| settings.text("name").to_owned()).unwrap_or_default();
    Digest { audience: "managers", desk, window: window.clone(), commit, facts, headline, sections }
}
