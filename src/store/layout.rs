//! Where records lie: paths from the desk's root to kinds and names, and back.

use crate::record::id::{MessageId, TicketId};
use crate::record::slug::Slug;
use crate::record::time::Time;
use crate::record::{Kind, Name};

/// What a path of the desk holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Located {
    /// A record.
    Record(Kind, Name),
    /// A file that belongs to a message.
    Attachment {
        /// The ticket.
        ticket: TicketId,
        /// The message.
        message: MessageId,
        /// Its plain name.
        file: String,
    },
}

impl Located {
    /// The ticket that the file is, or belongs to.
    pub fn ticket(&self) -> Option<TicketId> {
        match self {
            Self::Record(_, Name::Ticket(id) | Name::Message(id, _)) => Some(*id),
            Self::Attachment { ticket, .. } => Some(*ticket),
            Self::Record(..) => None,
        }
    }

    /// The record that the file is about, as one would type it; of a message or attachment its ticket.
    pub fn about(&self) -> String {
        match self {
            Self::Record(_, Name::Ticket(id) | Name::Message(id, _)) => id.to_string(),
            Self::Attachment { ticket, .. } => ticket.to_string(),
            Self::Record(kind, Name::Slug(slug)) => format!("{}:{slug}", kind.word()),
            Self::Record(kind, Name::Stamp(id)) => format!("{}:{id}", kind.word()),
            Self::Record(_, Name::Desk) => "staple.toml".to_owned(),
        }
    }
}

/// The folders that hold records; everything else in a desk is left alone.
pub const FOLDERS: &[&str] = &[
    "tickets",
    "playbooks",
    "proposals",
    "customers",
    "people",
    "roles",
    "teams",
    "channels",
    "topics",
    "talks",
    "comms",
    "baselines",
    "queries",
];

/// What lies at `path`; nothing for files that are no records.
pub fn locate(path: &str) -> Option<Located> {
    if path == "staple.toml" {
        return Some(Located::Record(Kind::Settings, Name::Desk));
    }
    let parts: Vec<&str> = path.split('/').collect();
    match parts.as_slice() {
        ["tickets", month, file] if is_month(month) => ticket_file(file),
        ["talks", month, file] if is_month(month) => stamp(Kind::Talk, file),
        ["comms", "jots", _week, file] => stamp(Kind::Jot, file),
        ["comms", "plan", file] => slug(Kind::Plan, file),
        ["comms", "sent", file] => {
            let name = file.strip_suffix(".toml")?.to_lowercase();
            Slug::parse(&name).map(|slug| Located::Record(Kind::Sent, Name::Slug(slug)))
        }
        [folder, file] => {
            let kinds = Kind::ALL.into_iter().filter(|kind| kind.has_slug());
            let kind = kinds.into_iter().find(|kind| kind.folder() == *folder)?;
            slug(kind, file)
        }
        _ => None,
    }
}

fn is_month(text: &str) -> bool {
    text.len() == 7 && crate::record::time::Day::parse(&format!("{text}-01")).is_some()
}

fn slug(kind: Kind, file: &str) -> Option<Located> {
    let slug = Slug::parse(file.strip_suffix(".toml")?)?;
    Some(Located::Record(kind, Name::Slug(slug)))
}

fn stamp(kind: Kind, file: &str) -> Option<Located> {
    let id = MessageId::parse(file.strip_suffix(".toml")?)?;
    Some(Located::Record(kind, Name::Stamp(id)))
}

fn ticket_file(file: &str) -> Option<Located> {
    let (id, rest) = file.split_once('.')?;
    let ticket = TicketId::parse_path(id)?;
    if rest == "toml" {
        return Some(Located::Record(Kind::Ticket, Name::Ticket(ticket)));
    }
    let (message, rest) = rest.split_once('.')?;
    let message = MessageId::parse(message)?;
    if rest == "toml" {
        return Some(Located::Record(Kind::Message, Name::Message(ticket, message)));
    }
    Some(Located::Attachment { ticket, message, file: rest.to_owned() })
}

/// The file of a ticket opened at `opened`: the month folder is fixed at creation.
pub fn ticket_path(id: TicketId, opened: Time) -> String {
    format!("tickets/{}/{}.toml", month(opened), id.as_str())
}

/// The file of a message beside its ticket's file.
pub fn message_path(ticket_path: &str, id: MessageId) -> String {
    format!("{}.{id}.toml", ticket_path.strip_suffix(".toml").unwrap_or(ticket_path))
}

/// The file of an attachment beside its ticket's file.
pub fn attachment_path(ticket_path: &str, id: MessageId, file: &str) -> String {
    format!("{}.{id}.{file}", ticket_path.strip_suffix(".toml").unwrap_or(ticket_path))
}

/// The file of a record named by a slug.
pub fn slug_path(kind: Kind, slug: &Slug) -> String {
    match kind {
        // Weeks are written as ISO writes them.
        Kind::Sent => format!("{}/{}.toml", kind.folder(), sent_name(slug.as_str())),
        kind => format!("{}/{slug}.toml", kind.folder()),
    }
}

fn sent_name(slug: &str) -> String {
    let week = slug.len() > 8 && slug.as_bytes()[4] == b'-' && slug.as_bytes()[5] == b'w';
    if week { format!("{}W{}", &slug[..5], &slug[6..]) } else { slug.to_owned() }
}

/// The file of a talk.
pub fn talk_path(id: MessageId) -> String {
    format!("talks/{}/{id}.toml", month(id.at()))
}

/// The file of a jot, in the folder of its ISO week.
pub fn jot_path(id: MessageId) -> String {
    let week = id.at().day().date().iso_week_date();
    format!("comms/jots/{:04}-W{:02}/{id}.toml", week.year(), week.week())
}

fn month(time: Time) -> String {
    time.to_string()[..7].to_owned()
}

/// Whether `file` can be an attachment's name: plain, visible, no path, not the ending of a record.
pub fn is_plain_file_name(file: &str) -> bool {
    !file.is_empty()
        && file.len() <= 100
        && file != "toml"
        && !file.starts_with(['.', '-'])
        && !file.ends_with(['.', ' '])
        && file.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
}

/// The nearest plain name: everything but letters, digits, dots, hyphens and underscores as a hyphen.
pub fn plain_file_name(name: &str) -> String {
    let plain: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '-' }).collect();
    let plain: String = plain.trim_start_matches(['.', '-']).chars().take(100).collect();
    let plain = plain.trim_end_matches(['.', ' ']);
    if is_plain_file_name(plain) { plain.to_owned() } else { format!("file-{plain}") }
}

/// A path as a single name, another one for each: what has it is in the way of nothing below it.
pub fn flat(path: &str) -> String {
    path.replace('%', "%25").replace('/', "%2F")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn paths_and_names_are_one_to_one() {
        let at = Time::parse("2026-11-22T09:15:00Z").unwrap();
        let ticket = TicketId::parse("7k3mqp").unwrap();
        let message = MessageId::new(at, 99);
        let path = ticket_path(ticket, at);
        assert_eq!(path, "tickets/2026-11/7k3mqp.toml");
        assert_eq!(locate(&path), Some(Located::Record(Kind::Ticket, Name::Ticket(ticket))));
        let loose = message_path(&path, message);
        assert_eq!(locate(&loose), Some(Located::Record(Kind::Message, Name::Message(ticket, message))));
        let file = attachment_path(&path, message, "screenshot.png");
        assert!(matches!(locate(&file), Some(Located::Attachment { file, .. }) if file == "screenshot.png"));
        assert_eq!(jot_path(message).split('/').nth(2), Some("2026-W47"));
        assert!(matches!(locate(&jot_path(message)), Some(Located::Record(Kind::Jot, _))));
        let sent = Slug::parse("2026-w47-managers").unwrap();
        assert_eq!(slug_path(Kind::Sent, &sent), "comms/sent/2026-W47-managers.toml");
        assert_eq!(locate("comms/sent/2026-W47-managers.toml"), Some(Located::Record(Kind::Sent, Name::Slug(sent))));
    }

    #[test]
    fn other_files_are_no_records() {
        for path in
            ["README.md", "tickets/7k3mqp.toml", "tickets/2026-13/7k3mqp.toml", "playbooks/A.toml", "people/x/y.toml"]
        {
            assert_eq!(locate(path), None, "{path}");
        }
    }
}
