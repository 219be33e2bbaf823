//! Desks of any size to measure with, made from the product's own records, verbs and layout.
//!
//! Size and seed decide every byte: the same two give the same commits on every machine. `spread` says when tickets are
//! opened, `words` what people write, `standing` who and what there is besides tickets, `life` how a ticket goes, `desk` puts
//! them into one order of time, and `repository` carries them into git. Nothing here is measured and nothing is real.

pub(crate) mod chance;
mod desk;
mod life;
mod repository;
mod spread;
mod standing;
mod words;

use staple::store::bulk::BulkCommit;

use crate::Failure;
pub(crate) use repository::{FEW_OPEN, git};
pub use repository::{Made, make};

/// Raised whenever the same size and seed would give other bytes, so that desks kept from before are not taken for new ones.
pub const VERSION: u32 = 1;

/// The moment every sample ends at: a Monday, so that the week before is complete.
pub const END: &str = "2026-06-29T00:00:00Z";

/// The moment measurements take place at, as `STAPLE_NOW` takes it: the day after, when `few-open` has happened too.
pub const NOW: &str = "2026-06-30T09:00:00Z";

/// The week of the digest that has all of a desk's last days.
pub const LAST_WEEK: &str = "2026-W26";

/// What a desk is to be like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sample {
    /// How many tickets it has.
    pub tickets: usize,
    /// What chance begins from.
    pub seed: u64,
}

impl Sample {
    /// A desk of `tickets` with the seed that measurements use.
    pub fn of(tickets: usize) -> Self {
        Self { tickets, seed: 20_260_629 }
    }

    /// How many months it spreads over: a year for a thousand tickets, five for ten thousand, ten for a hundred thousand.
    pub fn months(&self) -> usize {
        match self.tickets {
            0..3_000 => 12,
            3_000..30_000 => 60,
            _ => 120,
        }
    }

    /// How many tickets are not done at the end: one in twenty.
    pub fn open(&self) -> usize {
        self.tickets / 20
    }

    /// How many are not done on the branch `few-open`: as many as a desk of a tenth the size has.
    pub fn few_open(&self) -> usize {
        self.tickets / 200
    }
}

/// Tells a sample's commits one after another, without a repository.
pub(crate) fn tell(sample: Sample, sink: &mut dyn FnMut(BulkCommit) -> Result<(), Failure>) -> Result<(), Failure> {
    desk::Desk::new(sample)?.tell(sink)
}
