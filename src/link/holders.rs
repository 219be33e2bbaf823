//! Which branches and tags hold a commit.

use crate::store::code::Commits;

/// A set of branches and tags, as bits by their places in [`Commits::refs`]; the bit after the last is HEAD.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Holders(Vec<u64>);

impl Holders {
    pub(super) fn has(&self, place: usize) -> bool {
        self.0.get(place / 64).is_some_and(|word| word >> (place % 64) & 1 == 1)
    }

    fn set(&mut self, place: usize) {
        if self.0.len() <= place / 64 {
            self.0.resize(place / 64 + 1, 0);
        }
        self.0[place / 64] |= 1 << (place % 64);
    }

    pub(super) fn add(&mut self, other: &Self) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        self.0.iter_mut().zip(&other.0).for_each(|(mine, theirs)| *mine |= theirs);
    }

    pub(super) fn without(mut self, other: &Self) -> Self {
        self.0.iter_mut().zip(&other.0).for_each(|(mine, theirs)| *mine &= !theirs);
        self
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }
}

/// Of each commit for which `wanted` says so, what holds it; nothing of others. Commits come before their parents, so one pass hands
/// down to the parents what holds a commit.
pub(super) fn holders<T>(commits: &Commits<T>, wanted: impl Fn(usize) -> bool) -> Vec<Option<Holders>> {
    let mut all = vec![Holders::default(); commits.commits.len()];
    for (place, reference) in commits.refs.iter().enumerate() {
        all[reference.commit].set(place);
    }
    if let Some(head) = commits.head {
        all[head].set(commits.refs.len());
    }
    let mut found = Vec::with_capacity(all.len());
    for (at, commit) in commits.commits.iter().enumerate() {
        let own = std::mem::take(&mut all[at]);
        commit.parents.iter().for_each(|parent| all[*parent].add(&own));
        found.push(wanted(at).then_some(own));
    }
    found
}
