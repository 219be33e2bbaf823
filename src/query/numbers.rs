//! A set of small numbers, as bits: which documents have a word.

/// Numbers from 0 on; room is taken up to the greatest.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Numbers {
    bits: Vec<u64>,
}

impl Numbers {
    /// Adds a number.
    pub fn insert(&mut self, number: u32) {
        let (word, bit) = place(number);
        if self.bits.len() <= word {
            self.bits.resize(word + 1, 0);
        }
        self.bits[word] |= bit;
    }

    /// Whether the number is among them.
    pub fn contains(&self, number: u32) -> bool {
        let (word, bit) = place(number);
        self.bits.get(word).is_some_and(|bits| bits & bit != 0)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.bits.iter().map(|bits| bits.count_ones() as usize).sum()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.bits.iter().all(|bits| *bits == 0)
    }

    /// The numbers, the least first.
    pub fn iter(&self) -> impl Iterator<Item = u32> {
        self.bits.iter().zip(0u32..).flat_map(|(bits, word)| {
            let mut bits = *bits;
            std::iter::from_fn(move || {
                let bit = (bits != 0).then(|| bits.trailing_zeros())?;
                bits &= bits - 1;
                Some(word * u64::BITS + bit)
            })
        })
    }

    /// The set as bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.bits.iter().flat_map(|bits| bits.to_le_bytes()).collect()
    }

    /// The set of [`Numbers::to_bytes`]; what is left over at the end is dropped.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        Self { bits: bytes.as_chunks().0.iter().map(|bits| u64::from_le_bytes(*bits)).collect() }
    }

    /// Those that are in both.
    #[must_use]
    pub fn and(mut self, other: &Self) -> Self {
        self.bits.truncate(other.bits.len());
        self.bits.iter_mut().zip(&other.bits).for_each(|(bits, others)| *bits &= others);
        self
    }

    /// Those that are in either.
    #[must_use]
    pub fn or(mut self, other: &Self) -> Self {
        self.bits.resize(self.bits.len().max(other.bits.len()), 0);
        self.bits.iter_mut().zip(&other.bits).for_each(|(bits, others)| *bits |= others);
        self
    }
}

impl FromIterator<u32> for Numbers {
    fn from_iter<I: IntoIterator<Item = u32>>(numbers: I) -> Self {
        let mut set = Self::default();
        numbers.into_iter().for_each(|number| set.insert(number));
        set
    }
}

fn place(number: u32) -> (usize, u64) {
    ((number / u64::BITS) as usize, 1 << (number % u64::BITS))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(numbers: &[u32]) -> Numbers {
        numbers.iter().copied().collect()
    }

    #[test]
    fn numbers_come_back_in_order() {
        let some = set(&[700, 3, 63, 64, 0, 3]);
        assert_eq!(some.iter().collect::<Vec<_>>(), [0, 3, 63, 64, 700]);
        assert_eq!((some.len(), some.is_empty(), Numbers::default().is_empty()), (5, false, true));
        assert!(some.contains(64) && !some.contains(65) && !some.contains(70_000));
    }

    #[test]
    fn a_set_comes_back_from_its_bytes() {
        for some in [set(&[]), set(&[0]), set(&[63, 64, 4_000])] {
            assert_eq!(Numbers::from_bytes(&some.to_bytes()), some);
        }
    }

    #[test]
    fn sets_of_unlike_length_are_joined_either_way() {
        let (long, short) = (set(&[1, 5, 1_000]), set(&[5, 6]));
        for (a, b) in [(&long, &short), (&short, &long)] {
            assert_eq!(a.clone().and(b).iter().collect::<Vec<_>>(), [5]);
            assert_eq!(a.clone().or(b).iter().collect::<Vec<_>>(), [1, 5, 6, 1_000]);
        }
    }
}
