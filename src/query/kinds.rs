//! One text as a query about records of many kinds.
//!
//! Pure. Each kind has fields of its own: a kind that lacks one of those the text names is not asked about.

use super::ast::Query;
use super::error::QueryError;
use super::fields::{FieldKind, FieldSpec, FieldTable, of_kind};
use super::saved::SavedQueries;
use crate::record::Kind;

/// The query for each kind that it can be asked of.
pub type KindQueries = Vec<(Kind, Query)>;

/// Reads a query about records of these kinds; it may sort by `rank`.
///
/// # Errors
/// When it can be asked of none of them: what is wrong where most of them read furthest, and the nearest names of all.
pub fn parse(
    text: &str,
    kinds: impl IntoIterator<Item = Kind>,
    saved: &SavedQueries,
) -> Result<KindQueries, QueryError> {
    let mut queries = Vec::new();
    let mut furthest: Option<QueryError> = None;
    for kind in kinds {
        let mut fields = of_kind(kind);
        fields.push(FieldSpec::new("rank", FieldKind::Rank, "how well it answers the words; only to sort by"));
        match Query::parse_with(text, &FieldTable::new(&fields), saved) {
            Ok(query) => queries.push((kind, query)),
            Err(error) => furthest = Some(further(furthest, error)),
        }
    }
    match furthest {
        Some(error) if queries.is_empty() => Err(error),
        _ => Ok(queries),
    }
}

/// The error that lies further on; of two at one place the first, with what the other offers.
fn further(first: Option<QueryError>, other: QueryError) -> QueryError {
    match first {
        Some(mut first) if first.column == other.column => {
            if first.nearest.is_empty() && !other.nearest.is_empty() {
                return other;
            }
            first.nearest.extend(other.nearest);
            first.nearest.sort();
            first.nearest.dedup();
            first.nearest.truncate(3);
            first
        }
        Some(first) if first.column > other.column => first,
        _ => other,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::document::kinds;
    use super::*;

    fn asked(text: &str) -> Vec<Kind> {
        parse(text, kinds(), &SavedQueries::default()).unwrap().into_iter().map(|(kind, _)| kind).collect()
    }

    #[test]
    fn kinds_that_lack_a_field_are_not_asked() {
        assert_eq!(asked("invoice"), kinds().collect::<Vec<_>>());
        assert_eq!(asked("invoice customer:acme"), [Kind::Ticket]);
        assert_eq!(asked("is:open invoice sort:rank"), [Kind::Ticket, Kind::Proposal]);
        assert_eq!(asked("cause:cache"), [Kind::Ticket, Kind::Playbook]);
    }

    #[test]
    fn what_no_kind_has_is_refused_with_the_nearest_of_all() {
        let error = |text: &str| parse(text, kinds(), &SavedQueries::default()).unwrap_err();
        assert_eq!(
            (error("a topik:x").column, error("a topik:x").nearest),
            (3, vec!["topic".to_owned(), "topics".to_owned()])
        );
        assert_eq!(error("smal-test:x").nearest, ["small-test"]);
        assert_eq!(error("is:opne").nearest, ["open"]);
        assert_eq!(error("sort:rnak").nearest, ["rank"]);
        assert!(error("rank:3").message.contains("sort:rank"));
    }
}
