//! One mail: who wrote, what, when, and what came with it.
//!
//! A mail is text from outside. Its size and the number of its parts are bounded before it is parsed; `From` and `Date` are only
//! claims; file names become plain ones; nothing in it is a command.

use mail_parser::{HeaderValue, MessageParser, MimeHeaders, PartType};

use crate::desk::Records;
use crate::record::change::ticket::{Attachment, Words};
use crate::record::id::TicketId;
use crate::record::time::Time;
use crate::record::{Kind, Record};
use crate::store::layout::plain_file_name;

/// The largest mail that is read, in bytes.
pub const LARGEST: usize = 10 << 20;
/// The most parts a mail may have.
pub const MOST_PARTS: usize = 200;
/// How deep its parts may lie in one another.
pub const DEEPEST: usize = 20;

/// Why a mail was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// It is larger than [`LARGEST`].
    #[error("the mail is over {} MB", LARGEST >> 20)]
    Large,
    /// It has more parts than [`MOST_PARTS`].
    #[error("the mail has more than {MOST_PARTS} parts")]
    Parts,
    /// Its parts lie deeper than [`DEEPEST`].
    #[error("the parts of the mail lie more than {DEEPEST} deep")]
    Deep,
    /// It is too damaged to be read.
    #[error("the mail is damaged")]
    Damaged,
    /// It has no header of a mail.
    #[error("this is no mail: it has no From, Subject or Date")]
    NoMail,
}

/// A mail.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mail {
    /// The subject without Re: and Fwd:, on one line.
    pub subject: String,
    /// The address it claims to be from; "" when none can be read.
    pub from: String,
    /// When it claims to have been sent.
    pub date: Option<Time>,
    /// The text; HTML is reduced to text where there is nothing else.
    pub text: String,
    /// Its Message-ID without angle brackets; "" when it has none.
    pub message_id: String,
    /// The Message-ID it answers; "" when it says none.
    pub in_reply_to: String,
    /// The mails before it in the thread, the last first.
    pub references: Vec<String>,
    /// What came with it, under plain names.
    pub attachments: Vec<Attachment>,
}

impl Mail {
    /// Reads a mail as it came.
    ///
    /// # Errors
    /// When it is too large, has too many parts or lies too deep, or is no mail.
    pub fn read(bytes: &[u8]) -> Result<Self, MailError> {
        if bytes.len() > LARGEST {
            return Err(MailError::Large);
        }
        if likely_parts(bytes) > MOST_PARTS {
            return Err(MailError::Parts);
        }
        let message = parse(bytes)?;
        if message.from().is_none() && message.subject().is_none() && message.date().is_none() {
            return Err(MailError::NoMail);
        }
        // Parts in an encoded message inside show only now.
        let (mut parts, mut depth) = (0, 0);
        measure(&message, 1, &mut parts, &mut depth);
        if parts > MOST_PARTS {
            return Err(MailError::Parts);
        }
        if depth > DEEPEST {
            return Err(MailError::Deep);
        }
        let from = message.from().and_then(|from| from.first()).and_then(|from| from.address());
        let date = message.date().filter(|date| date.is_valid()).map(|date| Time::from_unix(date.to_timestamp()));
        let mut references = ids(message.in_reply_to());
        let in_reply_to = references.first().cloned().unwrap_or_default();
        references.extend(ids(message.references()).into_iter().rev());
        Ok(Self {
            subject: line(message.thread_name().or(message.subject()).unwrap_or_default()),
            from: line(from.filter(|from| from.contains('@')).unwrap_or_default()),
            date,
            text: text(&message),
            message_id: line(message.message_id().unwrap_or_default()),
            in_reply_to,
            references,
            attachments: attachments(&message),
        })
    }

    /// What it says, as words of a message at its own time; at `now` where it has none or claims one ahead.
    pub fn words(&self, now: Time) -> Words {
        Words {
            text: self.text.clone(),
            from: self.from.clone(),
            attachments: self.attachments.clone(),
            message_id: self.message_id.clone(),
            in_reply_to: self.in_reply_to.clone(),
            at: Some(self.date.filter(|date| *date <= now && date.unix() >= 0).unwrap_or(now)),
            ..Words::default()
        }
    }

    /// The ticket that has this mail already.
    pub fn ticket(&self, records: &Records) -> Option<TicketId> {
        ticket_with(records, &self.message_id)
    }

    /// The ticket that has the mail this one answers, or the last before it in the thread.
    pub fn answers(&self, records: &Records) -> Option<TicketId> {
        self.references.iter().find_map(|id| ticket_with(records, id))
    }

    /// The customer it is from: by a contact's address, else by the mail domain if only one customer has it.
    pub fn customer(&self, records: &Records) -> Option<String> {
        let from = self.from.to_lowercase();
        let (_, domain) = from.rsplit_once('@')?;
        let within = |of: &str| {
            let of = of.trim_start_matches(['@', '.']).to_lowercase();
            !of.is_empty() && (domain == of || domain.ends_with(&format!(".{of}")))
        };
        let customers = || records.of(Kind::Customer).filter(|customer| customer.day("retired").is_none());
        let knows = |customer: &&Record| customer.list("contacts").iter().any(|at| at.to_lowercase() == from);
        if let Some(customer) = customers().find(knows) {
            return Some(customer.slug().to_owned());
        }
        let mut of_domain = customers().filter(|c| c.list("mail-domains").iter().any(|d| within(d)));
        match (of_domain.next(), of_domain.next()) {
            (Some(customer), None) => Some(customer.slug().to_owned()),
            _ => None,
        }
    }
}

/// Parses a mail; a mail that the parser cannot get through is refused like any other bad one.
fn parse(bytes: &[u8]) -> Result<mail_parser::Message<'_>, MailError> {
    let parsed = std::panic::catch_unwind(|| MessageParser::default().parse(bytes));
    parsed.map_err(|_| MailError::Damaged)?.ok_or(MailError::NoMail)
}

fn ticket_with(records: &Records, message_id: &str) -> Option<TicketId> {
    if message_id.is_empty() {
        return None;
    }
    let has = |id: &TicketId| records.messages(*id).iter().any(|m| m.text("message-id") == message_id);
    records.tickets_with_messages().find(has)
}

/// How many parts the text of a mail announces, found without parsing it: lines that begin a part of a declared boundary, or
/// say that a mail lies inside.
fn likely_parts(bytes: &[u8]) -> usize {
    let text = String::from_utf8_lossy(bytes);
    let lower = text.to_ascii_lowercase();
    let inside = lower.matches("message/rfc822").count() + lower.matches("multipart/").count();
    let mut boundaries = std::collections::BTreeSet::new();
    for (at, _) in lower.match_indices("boundary") {
        let rest = text[at + "boundary".len()..].trim_start_matches(['*', '0', ' ', '\t']);
        let Some(value) = rest.strip_prefix('=') else { continue };
        let value = value.trim_start_matches([' ', '\t', '"']);
        let end = value.find(['"', ';', '\r', '\n']).unwrap_or(value.len());
        boundaries.insert(value[..end].trim_end());
        if boundaries.len() > MOST_PARTS {
            return boundaries.len();
        }
    }
    let begins = |line: &str| {
        let Some(rest) = line.strip_prefix("--") else { return false };
        let rest = rest.trim_end();
        boundaries.contains(rest)
    };
    inside.max(text.lines().filter(|line| begins(line)).count())
}

fn measure(message: &mail_parser::Message<'_>, level: usize, parts: &mut usize, depth: &mut usize) {
    *parts += message.parts.len();
    *depth = (*depth).max(level);
    if *parts > MOST_PARTS || *depth > DEEPEST {
        return;
    }
    let mut levels = vec![level; message.parts.len()];
    for (i, part) in message.parts.iter().enumerate() {
        *depth = (*depth).max(levels[i]);
        match &part.body {
            // A part stands before the parts inside it.
            PartType::Multipart(inner) => {
                let own = levels[i];
                inner.iter().for_each(|id| {
                    if let Some(inside) = levels.get_mut(*id as usize) {
                        *inside = own + 1;
                    }
                });
            }
            PartType::Message(inner) => measure(inner, levels[i] + 1, parts, depth),
            _ => {}
        }
    }
}

fn text(message: &mail_parser::Message<'_>) -> String {
    let bodies = (0..message.text_body_count()).filter_map(|i| message.body_text(i));
    let bodies: Vec<String> = bodies.map(|body| plain_text(&body)).filter(|body| !body.is_empty()).collect();
    bodies.join("\n\n")
}

/// Without carriage returns and control characters, and without blank lines around it.
fn plain_text(text: &str) -> String {
    let kept: String =
        text.replace("\r\n", "\n").chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect();
    kept.trim_matches('\n').trim_end().to_owned()
}

fn line(text: &str) -> String {
    let kept: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    kept.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn ids(value: &HeaderValue<'_>) -> Vec<String> {
    match value {
        HeaderValue::Text(id) => vec![line(id)],
        HeaderValue::TextList(ids) => ids.iter().map(|id| line(id)).collect(),
        _ => Vec::new(),
    }
}

fn attachments(message: &mail_parser::Message<'_>) -> Vec<Attachment> {
    let mut out: Vec<Attachment> = Vec::new();
    for (i, part) in message.attachments().enumerate() {
        let name = match (part.attachment_name(), &part.body) {
            (Some(name), _) => name.rsplit(['/', '\\']).next().unwrap_or(name).to_owned(),
            (None, PartType::Message(_)) => format!("mail-{}.eml", i + 1),
            (None, PartType::Html(_)) => format!("part-{}.html", i + 1),
            (None, PartType::Text(_)) => format!("part-{}.txt", i + 1),
            (None, _) => format!("part-{}", i + 1),
        };
        let bytes = part.contents().to_vec();
        if bytes.is_empty() {
            continue;
        }
        let mut file = plain_file_name(&name);
        let mut nth = 2;
        // Two names may become one, also on systems that are blind to case.
        while out.iter().any(|other| other.file.eq_ignore_ascii_case(&file)) {
            file = plain_file_name(&format!("{nth}-{name}"));
            nth += 1;
        }
        out.push(Attachment { file, bytes });
    }
    out
}

#[cfg(test)]
mod tests;
