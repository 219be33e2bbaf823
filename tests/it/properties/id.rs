//! Any text as an id, a prefix, a slug, a time, a reference or a path: what is read is written so that it reads the same.

use staple::record::id::{MessageId, TicketId, TicketPrefix};
use staple::record::reference::{Reference, parse_any};
use staple::record::schema::{Key, Target, Type};
use staple::record::slug::Slug;
use staple::record::time::{Day, Time};
use staple::record::{Kind, Name};
use staple::store::layout::{Located, jot_path, locate, message_path, plain_file_name, ticket_path};

/// Reads the bytes, as far as they are text, as each of them.
pub(crate) fn holds(bytes: &[u8]) {
    let text = &*String::from_utf8_lossy(bytes);
    if let Some(id) = TicketId::parse(text) {
        assert_eq!(TicketId::parse(&id.to_string()), Some(id));
        assert_eq!(TicketId::parse_path(id.as_str()), Some(id));
        assert!(TicketPrefix::parse(text).is_some_and(|prefix| prefix.matches(id)), "{text:?}");
    }
    if let Some(id) = TicketId::parse_path(text) {
        assert_eq!(id.as_str(), text, "a path is read strictly");
    }
    if let Some(prefix) = TicketPrefix::parse(text) {
        assert_eq!(TicketPrefix::parse(prefix.as_str()), Some(prefix));
    }
    if let Some(id) = MessageId::parse(text) {
        assert_eq!(id.to_string(), text, "a message has one name");
    }
    if let Some(slug) = Slug::parse(text) {
        assert_eq!(slug.as_str(), text);
    }
    if let Some(slug) = Slug::from_title(text) {
        assert_eq!(Slug::parse(slug.as_str()).as_ref(), Some(&slug), "{text:?}");
        assert_eq!(Slug::from_title(slug.as_str()).as_ref(), Some(&slug), "{text:?}");
    }
    if let Some(time) = Time::parse(text) {
        assert_eq!(Time::parse(&time.to_string()), Some(time), "{text:?}");
        assert_eq!(Time::parse_compact(&time.compact()), Some(time), "{text:?}");
    }
    if let Some(day) = Day::parse(text) {
        assert_eq!(day.to_string(), text, "a day is written in one way");
    }
    for targets in targets() {
        if let Some(reference) = Reference::parse(text, targets) {
            let written = reference.written(targets);
            assert_eq!(Reference::parse(&written, targets).as_ref(), Some(&reference), "{text:?} as {written:?}");
            let whole = reference.to_string();
            assert_eq!(Reference::parse(&whole, targets).as_ref(), Some(&reference), "{text:?} as {whole:?}");
        }
    }
    if let Some((kind, name)) = parse_any(text) {
        let written = match &name {
            Name::Ticket(id) => id.to_string(),
            name => format!("{}:{name}", kind.word()),
        };
        assert_eq!(parse_any(&written), Some((kind, name)), "{text:?} as {written:?}");
    }
    paths(text);
    let plain = plain_file_name(text);
    assert_eq!(plain_file_name(&plain), plain, "{text:?}");
    assert!(
        !plain.is_empty() && !plain.starts_with('.') && !plain.contains(['/', '\\', '\0']),
        "{text:?} as {plain:?}"
    );
}

/// What may stand in any key of any kind.
fn targets() -> Vec<&'static [Target]> {
    fn of(key: &'static Key) -> Vec<&'static [Target]> {
        match key.ty {
            Type::Ref(targets) | Type::Refs(targets) => vec![targets],
            Type::Rows(fields) => fields.iter().flat_map(of).collect(),
            _ => Vec::new(),
        }
    }
    Kind::ALL.into_iter().flat_map(|kind| kind.schema().keys).flat_map(of).collect()
}

/// A path that holds a record is the one that the record's name gives.
fn paths(text: &str) {
    let Some(Located::Record(kind, name)) = locate(text) else { return };
    let expected = match &name {
        Name::Ticket(id) => {
            let month = text.split('/').nth(1).unwrap_or_default();
            let opened = Time::parse(&format!("{month}-01T00:00:00Z")).unwrap_or_else(|| panic!("{text:?}"));
            ticket_path(*id, opened)
        }
        Name::Message(id, message) => {
            let folder = text.rsplit_once('/').map_or("", |(folder, _)| folder);
            message_path(&format!("{folder}/{}.toml", id.as_str()), *message)
        }
        Name::Slug(slug) if kind != Kind::Sent => format!("{}/{slug}.toml", kind.folder()),
        Name::Stamp(id) if kind == Kind::Jot => {
            let (week, file) = (text.split('/').nth(2), jot_path(*id));
            file.split('/')
                .enumerate()
                .map(|(at, part)| if at == 2 { week.unwrap_or(part) } else { part })
                .collect::<Vec<_>>()
                .join("/")
        }
        Name::Slug(_) | Name::Stamp(_) | Name::Desk => return,
    };
    assert_eq!(expected, text);
}
