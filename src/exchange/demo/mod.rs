//! A desk to try things on: a year of a small invented software company, made from the product's own changes.
//!
//! Everything is decided by the clock and a seed, so the same two give the same commits on every machine. The texts lie in
//! data/; `year` says what happens on which day, `ticket_story` how a ticket goes, and `history` carries it out through the
//! same changes as the commands. People, customers and addresses are invented.

mod calendar;
mod chance;
mod data;
mod history;
mod last_days;
mod people;
mod teams;
mod ticket_story;
mod year;

use crate::desk::Desk;
use crate::desk::bulk::BulkFailure;
use crate::record::time::Time;
use crate::store::Outcome;

pub use people::ME;

/// The settings of the sample company's desk, as its `staple.toml` has them.
pub const SETTINGS: &[(&str, &str)] =
    &[("name", "Larkspur support (sample data)"), ("zone", "Europe/Dublin"), ("language", "en")];

/// What was made.
#[derive(Debug, Clone)]
pub struct Made {
    /// Tickets.
    pub tickets: usize,
    /// Commits.
    pub commits: usize,
    /// Customers.
    pub customers: usize,
    /// Playbooks.
    pub playbooks: usize,
    /// Proposals.
    pub proposals: usize,
    /// Releases, each a tag.
    pub releases: usize,
    /// Where it landed.
    pub outcome: Outcome,
}

/// Fills an empty desk with a year that ends at `now`, and lands it.
///
/// # Errors
/// When the repository cannot be written, or a change is refused, which would be a fault of ours.
pub fn make(desk: &Desk, now: Time, seed: u64) -> Result<Made, BulkFailure> {
    let zone = crate::record::time::zone("Europe/Dublin").unwrap_or(jiff::tz::TimeZone::UTC);
    let calendar = calendar::Calendar::new(zone, now);
    let mut events = year::events(&calendar, seed)?;
    ticket_story::tell(&calendar, seed, &mut events);
    history::write(desk, &calendar, seed, events)
}
