//! Chance that falls the same way for the same seed.

/// A source of random bits (splitmix64; Steele, Lea and Flood 2014).
#[derive(Debug, Clone)]
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `end`, which must not be 0.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.bits() % end as u64) as usize
    }

    /// A number from `low` to `high`, both in it.
    pub(crate) fn between(&mut self, low: i64, high: i64) -> i64 {
        low + (self.bits() % (high.abs_diff(low) + 1)) as i64
    }

    /// True `percent` times in a hundred.
    pub(crate) fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// From 0 up to but not including 1.
    pub(crate) fn share(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// One of `items`, which must not be empty.
    pub(crate) fn one<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }

    /// All of `items`, each order as likely as any other (Fisher and Yates 1938).
    pub(crate) fn order<'a, T>(&mut self, items: &'a [T]) -> Vec<&'a T> {
        let mut out: Vec<&T> = items.iter().collect();
        for left in (2..=out.len()).rev() {
            out.swap(left - 1, self.below(left));
        }
        out
    }

    /// One of `words`, which must not be empty.
    pub(crate) fn word<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[self.below(words.len())]
    }
}

/// Draws places as often as Zipf's law has words: the place `n` (from 0) weighs 1/(n + 2.7) (Mandelbrot 1953).
#[derive(Debug, Clone)]
pub(crate) struct Zipf(Vec<f64>);

impl Zipf {
    pub(crate) fn new(places: usize) -> Self {
        let mut sum = 0.0;
        let sums = (0..places).map(|place| {
            sum += 1.0 / (place as f64 + 2.7);
            sum
        });
        Self(sums.collect())
    }

    pub(crate) fn draw(&self, chance: &mut Chance) -> usize {
        let whole = self.0.last().copied().unwrap_or_default();
        let drawn = chance.share() * whole;
        self.0.partition_point(|sum| *sum <= drawn).min(self.0.len().saturating_sub(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zipf_draws_the_first_place_most_and_every_place_now_and_then() {
        let (zipf, mut chance) = (Zipf::new(50), Chance::new(1));
        let mut drawn = [0; 50];
        for _ in 0..20_000 {
            drawn[zipf.draw(&mut chance)] += 1;
        }
        assert!(drawn[0] > 3 * drawn[9] && drawn[9] > drawn[49], "{drawn:?}");
        assert!(drawn.iter().all(|count| *count > 0));
    }
}
