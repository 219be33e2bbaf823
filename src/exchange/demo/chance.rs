//! Chance that falls the same way for the same seed.

/// A source of random bits (splitmix64; Steele, Lea and Flood 2014).
#[derive(Debug, Clone)]
pub(super) struct Chance(u64);

impl Chance {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number from `low` to `high`, both in it.
    pub(super) fn between(&mut self, low: i64, high: i64) -> i64 {
        let span = high.abs_diff(low) + 1;
        low + (self.bits() % span) as i64
    }

    /// True `percent` times in a hundred.
    pub(super) fn percent(&mut self, percent: i64) -> bool {
        self.between(0, 99) < percent
    }

    /// One of `items`, which must not be empty.
    pub(super) fn one<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.between(0, items.len() as i64 - 1) as usize]
    }

    /// The place in `weights` that is drawn, each as often as it weighs.
    pub(super) fn weighted(&mut self, weights: &[i64]) -> usize {
        let mut left = self.between(0, weights.iter().sum::<i64>().max(1) - 1);
        for (place, weight) in weights.iter().enumerate() {
            if left < *weight {
                return place;
            }
            left -= weight;
        }
        0
    }
}

/// A text's own way through a list: every item once, in random order, before any comes again.
#[derive(Debug, Clone)]
pub(super) struct Deck {
    items: Vec<&'static str>,
    left: Vec<&'static str>,
}

impl Deck {
    pub(super) fn new(items: Vec<&'static str>) -> Self {
        Self { items, left: Vec::new() }
    }

    pub(super) fn draw(&mut self, chance: &mut Chance) -> &'static str {
        if self.left.is_empty() {
            self.left.clone_from(&self.items);
        }
        if self.left.is_empty() {
            return "";
        }
        let place = chance.between(0, self.left.len() as i64 - 1) as usize;
        self.left.swap_remove(place)
    }
}
