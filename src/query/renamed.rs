//! The words of a query when a record that it names gets another name.

use super::fields::of_kind;
use super::lex::{Piece, Token, lex};
use crate::record::Kind;
use crate::record::reference::Reference;
use crate::record::slug::Slug;

/// The query with `to` wherever a field names the record `kind:from`; every other sign stays. What cannot be read, or is written in
/// quotes, stays too: see [`still_says`].
pub fn renamed(text: &str, kind: Kind, from: &Slug, to: &Slug) -> String {
    let Ok(tokens) = lex(text) else { return text.to_owned() };
    let mut chars: Vec<char> = text.chars().collect();
    // From the end on, so that places before stay what they are.
    for (token, _) in tokens.iter().rev() {
        let Token::Field { name, values } = token else { continue };
        for piece in values.iter().rev().filter(|piece| !piece.quoted) {
            if let Some(new) = new_value(name, piece, kind, from, to) {
                let start = piece.column - 1;
                chars.splice(start..start + piece.text.chars().count(), new.chars());
            }
        }
    }
    chars.into_iter().collect()
}

fn new_value(field: &str, piece: &Piece, kind: Kind, from: &Slug, to: &Slug) -> Option<String> {
    if field.eq_ignore_ascii_case("query") {
        let is_it = kind == Kind::Query && piece.text.eq_ignore_ascii_case(from.as_str());
        return is_it.then(|| to.to_string());
    }
    let old = Reference::Record(kind, from.clone());
    let value = piece.text.to_lowercase();
    // A query does not say which kind it is asked of; fields of one name mean the same.
    let fields = Kind::ALL.into_iter().flat_map(of_kind).filter(|spec| spec.name.eq_ignore_ascii_case(field));
    let mut targets =
        fields.map(|spec| spec.refers).filter(|targets| Reference::parse(&value, targets).as_ref() == Some(&old));
    let kind_is_said = value.contains(':');
    targets.next().map(|_| if kind_is_said { format!("{}:{to}", kind.word()) } else { to.to_string() })
}

/// Whether the slug is still among the words of a query.
pub fn still_says(query: &str, slug: &Slug) -> bool {
    query.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').any(|word| word.eq_ignore_ascii_case(slug.as_str()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, kind: Kind, expected: &str) {
        let slug = |text| Slug::parse(text).unwrap();
        assert_eq!(renamed(text, kind, &slug("acme"), &slug("acme-north")), expected);
    }

    #[test]
    fn values_that_name_the_record_are_rewritten() {
        check("customer:acme", Kind::Customer, "customer:acme-north");
        check(
            "is:open  (Customer:bolt,ACME or -customer:acme)",
            Kind::Customer,
            "is:open  (Customer:bolt,acme-north or -customer:acme-north)",
        );
        check("customer:customer:acme x", Kind::Customer, "customer:customer:acme-north x");
        check("blocked-by:proposal:acme", Kind::Proposal, "blocked-by:proposal:acme-north");
        check("überfällig owner:acme sort:owner", Kind::Person, "überfällig owner:acme-north sort:owner");
        check("query:acme is:open", Kind::Query, "query:acme-north is:open");
    }

    #[test]
    fn other_words_stay() {
        for text in [
            "customer:acme-south",
            "topic:acme",
            "acme",
            "\"customer:acme\"",
            "customer:\"acme\"",
            "query:acme",
            "text:acme",
            "customer:(acme",
            "label:acme",
        ] {
            check(text, Kind::Customer, text);
        }
        check("customer:acme", Kind::Topic, "customer:acme");
    }

    #[test]
    fn what_stays_is_told() {
        let slug = Slug::parse("acme").unwrap();
        assert!(still_says("topic:x acme", &slug) && still_says("customer:\"Acme\"", &slug));
        assert!(!still_says("customer:acme-north acmes", &slug));
    }
}
