//! Queries that were saved under a name, for the term `query:NAME`.
//!
//! Pure: names and texts. Where they are kept is decided in `desk`; what one means depends on the fields of the records that
//! are asked about, so it is read anew in each query.

use std::collections::BTreeMap;

/// Saved queries by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SavedQueries {
    texts: BTreeMap<String, String>,
}

impl SavedQueries {
    /// Adds one.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<String>) {
        self.texts.insert(name.into(), text.into());
    }

    /// The name as it was saved and the text, blind to case.
    pub fn find(&self, name: &str) -> Option<(&str, &str)> {
        let (name, text) = self.texts.get_key_value(&name.to_lowercase())?;
        Some((name, text))
    }

    /// The names, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.texts.keys().map(String::as_str)
    }

    /// The names as the end of an error.
    pub(super) fn those_there_are(&self) -> String {
        const SHOWN: usize = 12;
        let names: Vec<&str> = self.names().take(SHOWN).collect();
        let more = if self.texts.len() > SHOWN { " and more" } else { "" };
        if names.is_empty() { String::new() } else { format!(": there are {}{more}", names.join(", ")) }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::Query;
    use super::super::fields::TICKETS;
    use super::*;

    fn saved(queries: &[(&str, &str)]) -> SavedQueries {
        let mut saved = SavedQueries::default();
        queries.iter().for_each(|(name, text)| saved.add(*name, *text));
        saved
    }

    #[track_caller]
    fn check(text: &str, queries: &[(&str, &str)], same_as: &str) {
        let query =
            Query::parse_with(text, &TICKETS, &saved(queries)).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(query, Query::parse(same_as, &TICKETS).unwrap(), "{text}");
    }

    #[track_caller]
    fn refused(text: &str, queries: &[(&str, &str)], expected: &str) {
        let error = Query::parse_with(text, &TICKETS, &saved(queries)).unwrap_err();
        assert_eq!(error.to_string(), expected);
    }

    #[test]
    fn a_saved_query_stands_for_its_text() {
        let queries = [("stuck", "is:open older:14d"), ("ours", "invoice or query:stuck"), ("news", "sort:-opened")];
        check("query:stuck", &queries, "is:open older:14d");
        check("not query:stuck vip", &queries, "not (is:open older:14d) vip");
        check("vip QUERY:Ours", &queries, "vip (invoice or (is:open older:14d))");
        check("query:stuck,ours", &queries, "(is:open older:14d) or (invoice or (is:open older:14d))");
        let sorted = Query::parse_with("sort:title query:news", &TICKETS, &saved(&queries)).unwrap();
        let keys: Vec<&str> = sorted.sort_keys().iter().map(|key| key.field).collect();
        assert_eq!(keys, ["title", "opened"]);
    }

    #[test]
    fn what_cannot_stand_there_is_said_with_its_place() {
        let queries = [("stuck", "is:open"), ("bad", "is:opne"), ("out", "query:bad")];
        refused("a query:stukc", &queries, "column 9: no query is saved as `stukc`; did you mean stuck?");
        refused("query:x", &queries, "column 7: no query is saved as `x`: there are bad, out, stuck");
        refused("query:x", &[], "column 7: no query is saved as `x`");
        let inner = "query:bad cannot be used here: column 4: no `is:opne`";
        let error = Query::parse_with("query:out", &TICKETS, &saved(&queries)).unwrap_err().to_string();
        assert!(error.starts_with("column 7: ") && error.contains(inner) && !error.contains("query:out"), "{error}");
    }

    #[test]
    fn circles_are_refused_with_their_names() {
        let queries = [("a", "x query:b"), ("b", "query:a"), ("self", "not query:self")];
        let error = Query::parse_with("query:a", &TICKETS, &saved(&queries)).unwrap_err().to_string();
        assert_eq!(error, "column 7: these queries stand for each other: query:a, query:b, query:a");
        assert!(Query::parse_with("query:self", &TICKETS, &saved(&queries)).is_err());
    }

    #[test]
    fn queries_that_double_each_other_are_refused_and_not_reckoned_out() {
        let names: Vec<(String, String)> =
            (0..60).map(|i| (format!("q{i}"), format!("query:q{n} query:q{n}", n = i + 1))).collect();
        let mut saved = SavedQueries::default();
        names.into_iter().for_each(|(name, text)| saved.add(name, text));
        saved.add("q60", "x");
        assert!(Query::parse_with("query:q0", &TICKETS, &saved).is_err());
    }
}
