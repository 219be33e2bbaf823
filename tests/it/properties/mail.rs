//! Any bytes as a mail: it is refused or read, the caps hold, and nothing of it can do harm.

use staple::exchange::mail::{LARGEST, MOST_PARTS, Mail};
use staple::record::time::Time;
use staple::store::layout::plain_file_name;

/// Reads the bytes as a mail as it came.
pub(crate) fn holds(bytes: &[u8]) {
    let Ok(mail) = Mail::read(bytes) else { return };
    assert!(bytes.len() <= LARGEST);
    for line in [&mail.subject, &mail.from, &mail.message_id, &mail.in_reply_to].into_iter().chain(&mail.references) {
        assert!(!line.chars().any(char::is_control), "{line:?} is no plain line");
    }
    let is_plain = |c: char| !c.is_control() || matches!(c, '\n' | '\t');
    assert!(mail.text.chars().all(is_plain), "{:?}", mail.text);
    // A byte of an old encoding may take three in UTF-8, and a part may be named twice as a body.
    assert!(mail.text.len() <= 8 * bytes.len(), "{} bytes of text of {}", mail.text.len(), bytes.len());
    assert!(mail.attachments.len() <= MOST_PARTS);
    let mut files: Vec<String> = Vec::new();
    for attachment in &mail.attachments {
        assert_eq!(plain_file_name(&attachment.file), attachment.file);
        assert!(!attachment.bytes.is_empty());
        files.push(attachment.file.to_lowercase());
    }
    files.sort();
    assert!(files.windows(2).all(|pair| pair[0] != pair[1]), "{files:?}");
    let attached: usize = mail.attachments.iter().map(|attachment| attachment.bytes.len()).sum();
    assert!(attached <= 4 * bytes.len(), "{attached} bytes attached of {}", bytes.len());
    let now = Time::from_unix(1_795_000_000);
    assert!(mail.words(now).at.is_some_and(|at| at <= now && at.unix() >= 0));
}
