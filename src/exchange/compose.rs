//! A reply as a mail (RFC 5322), ready for a mail command or a file.

use mail_builder::MessageBuilder;
use mail_builder::headers::address::Address;

use crate::record::change::ticket::Attachment;
use crate::record::time::Time;

/// A mail to be written.
#[derive(Debug, Clone, Default)]
pub struct Outgoing {
    /// Our name.
    pub from_name: String,
    /// Our address.
    pub from: String,
    /// The customer's address.
    pub to: String,
    /// The subject.
    pub subject: String,
    /// The words.
    pub text: String,
    /// When it is written.
    pub at: Option<Time>,
    /// Its own id, without angle brackets.
    pub message_id: String,
    /// The id of the mail it answers, "" when it answers none.
    pub in_reply_to: String,
    /// What goes with it.
    pub attachments: Vec<Attachment>,
}

/// Why a mail could not be written.
#[derive(Debug, thiserror::Error)]
pub enum ComposeError {
    /// A header would hold a line end or another control character, by which a record could add headers of its own.
    #[error("the {0} of the mail holds a line end or a control character")]
    Control(&'static str),
    /// Not an address.
    #[error("`{0}` is not a mail address")]
    Address(String),
    /// The mail could not be put together.
    #[error("the mail could not be written: {0}")]
    Write(#[from] std::io::Error),
}

/// Whether a text is a plain mail address: something, one @, a domain, no spaces or brackets.
pub fn is_address(text: &str) -> bool {
    let plain = |part: &str| {
        !part.is_empty() && !part.chars().any(|c| c.is_whitespace() || c.is_control() || "<>()[],;:\"".contains(c))
    };
    text.split_once('@').is_some_and(|(name, domain)| plain(name) && plain(domain) && !domain.contains('@'))
}

/// The bytes of the mail.
///
/// # Errors
/// When an address is none, or a header would hold a control character.
pub fn compose(mail: &Outgoing) -> Result<Vec<u8>, ComposeError> {
    let headers = [
        ("sender", &mail.from_name),
        ("subject", &mail.subject),
        ("id", &mail.message_id),
        ("id it answers", &mail.in_reply_to),
    ];
    if let Some((name, _)) = headers.iter().find(|(_, text)| text.chars().any(char::is_control)) {
        return Err(ComposeError::Control(name));
    }
    for address in [&mail.from, &mail.to] {
        if !is_address(address) {
            return Err(ComposeError::Address(address.clone()));
        }
    }
    let bare = |id: &str| id.trim_matches(['<', '>']).to_owned();
    let mut builder = MessageBuilder::new()
        .from(Address::new_address(Some(mail.from_name.as_str()), mail.from.as_str()))
        .to(Address::new_address(None::<&str>, mail.to.as_str()))
        .subject(mail.subject.as_str())
        .date(mail.at.map_or(0, Time::unix))
        .message_id(bare(&mail.message_id))
        .text_body(format!("{}\n", mail.text));
    if !mail.in_reply_to.is_empty() {
        builder = builder.in_reply_to(bare(&mail.in_reply_to)).references(bare(&mail.in_reply_to));
    }
    for attachment in &mail.attachments {
        builder = builder.attachment("application/octet-stream", attachment.file.as_str(), attachment.bytes.as_slice());
    }
    Ok(builder.write_to_vec()?)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn mail() -> Outgoing {
        Outgoing {
            from_name: "Sam Rivers".into(),
            from: "sam@example.org".into(),
            to: "kim@acme.example".into(),
            subject: "Re: Cannot log in [T-7k3mqp]".into(),
            text: "Please try again.".into(),
            at: Time::parse("2026-11-22T09:15:00Z"),
            message_id: "t-7k3mqp.1@example.org".into(),
            in_reply_to: "<abc@acme.example>".into(),
            attachments: Vec::new(),
        }
    }

    #[test]
    fn a_reply_names_the_mail_it_answers() {
        let text = String::from_utf8(compose(&mail()).unwrap()).unwrap();
        for line in [
            "To: <kim@acme.example>",
            "In-Reply-To: <abc@acme.example>",
            "Subject: Re: Cannot log in [T-7k3mqp]",
            "Please try again.",
        ] {
            assert!(text.contains(line), "{line} in\n{text}");
        }
    }

    #[test]
    fn a_title_cannot_add_headers() {
        let hostile = Outgoing { subject: "x\r\nBcc: all@example.org".into(), ..mail() };
        assert!(matches!(compose(&hostile), Err(ComposeError::Control("subject"))));
        let hostile = Outgoing { to: "a@b>\r\nBcc: c@d".into(), ..mail() };
        assert!(matches!(compose(&hostile), Err(ComposeError::Address(_))));
    }
}
