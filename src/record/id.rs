//! Ids of tickets and messages: random Crockford base32, read forgivingly.

use std::fmt;

use super::time::Time;

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// One character of an id as it is stored: lower case, `o` as 0, `i` and `l` as 1. Nothing for others (`u` among them).
pub fn normal_char(c: char) -> Option<char> {
    let c = match c.to_ascii_lowercase() {
        'o' => '0',
        'i' | 'l' => '1',
        c => c,
    };
    u8::try_from(c).is_ok_and(is_stored).then_some(c)
}

/// Whether ids hold this character as they are stored; the same as looking it up in [`ALPHABET`], which a list does thousands of times.
fn is_stored(c: u8) -> bool {
    matches!(c, b'0'..=b'9' | b'a'..=b'h' | b'j' | b'k' | b'm' | b'n' | b'p'..=b't' | b'v'..=b'z')
}

fn encode<const N: usize>(mut random: u64) -> [u8; N] {
    let mut out = [b'0'; N];
    for slot in &mut out {
        *slot = ALPHABET[(random & 31) as usize];
        random >>= 5;
    }
    out
}

/// A ticket's id: six characters, at least one a letter. Shown `T-7k3mqp`, in paths `7k3mqp`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TicketId([u8; 6]);

impl TicketId {
    /// The id made of 30 random bits; nothing when they hold no letter, so that no id reads as a number.
    pub fn from_random(random: u64) -> Option<Self> {
        let id = encode::<6>(random);
        id.iter().any(u8::is_ascii_alphabetic).then_some(Self(id))
    }

    /// Reads a whole id, with or without `T-`, case-blind, o as 0, i and l as 1.
    pub fn parse(text: &str) -> Option<Self> {
        let prefix = TicketPrefix::parse(text)?;
        Self::parse_path(&prefix.0)
    }

    /// Reads the form in paths, strictly.
    pub fn parse_path(text: &str) -> Option<Self> {
        let id: [u8; 6] = text.as_bytes().try_into().ok()?;
        (id.iter().all(|c| is_stored(*c)) && id.iter().any(u8::is_ascii_alphabetic)).then_some(Self(id))
    }

    /// The form in paths, without `T-`.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("")
    }
}

impl fmt::Display for TicketId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "T-{}", self.as_str())
    }
}

impl fmt::Debug for TicketId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// The first characters of a ticket's id, as typed: three to six, with or without `T-`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TicketPrefix(String);

impl TicketPrefix {
    /// Reads a prefix; nothing when it is too short, too long or holds other characters.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.strip_prefix("T-").or_else(|| text.strip_prefix("t-")).unwrap_or(text);
        let normal: Option<String> = text.chars().map(normal_char).collect();
        normal.filter(|n| (3..=6).contains(&n.len())).map(Self)
    }

    /// The characters, in the form of ids.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether `id` begins with it.
    pub fn matches(&self, id: TicketId) -> bool {
        id.as_str().starts_with(&self.0)
    }
}

/// The id of a message, talk or jot: its time and four random characters, `20261122T091500Z-4hx2`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageId {
    at: Time,
    tail: [u8; 4],
}

impl MessageId {
    /// The id of something at `at`, with 20 random bits.
    pub fn new(at: Time, random: u64) -> Self {
        Self { at, tail: encode::<4>(random) }
    }

    /// Reads an id, strictly.
    pub fn parse(text: &str) -> Option<Self> {
        let (stamp, tail) = text.split_once('-')?;
        let at = Time::parse_compact(stamp)?;
        let tail: [u8; 4] = tail.as_bytes().try_into().ok()?;
        tail.iter().all(|c| is_stored(*c)).then_some(Self { at, tail })
    }

    /// The time in the id; the record's own `at` is what counts.
    pub fn at(self) -> Time {
        self.at
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.at.compact(), std::str::from_utf8(&self.tail).unwrap_or(""))
    }
}

impl fmt::Debug for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn ids_are_read_forgivingly_and_written_one_way() {
        for text in ["T-7k3mqp", "t-7K3MQP", "7k3mqp"] {
            assert_eq!(TicketId::parse(text).unwrap().to_string(), "T-7k3mqp");
        }
        assert_eq!(TicketId::parse("T-oil0aa").unwrap().as_str(), "0110aa");
    }

    #[test]
    fn what_is_stored_is_what_ids_are_made_of() {
        for c in u8::MIN..=u8::MAX {
            assert_eq!(is_stored(c), ALPHABET.contains(&c), "{c}");
        }
    }

    #[test]
    fn a_path_holds_an_id_in_one_form() {
        for text in ["7k3mqP", "7k3mqo", "7k3mqu", "T-7k3mqp", "7k3mq", "7k3mqé"] {
            assert_eq!(TicketId::parse_path(text), None, "{text}");
        }
        assert_eq!(TicketId::parse_path("7k3mqp"), TicketId::parse("T-7K3MQP"));
    }

    #[test]
    fn an_id_without_a_letter_is_none() {
        assert_eq!(TicketId::parse("123456"), None);
        assert_eq!(TicketId::from_random(0), None);
    }

    #[test]
    fn prefixes_need_three_characters() {
        assert_eq!(TicketPrefix::parse("7k"), None);
        let id = TicketId::parse("7k3mqp").unwrap();
        assert!(TicketPrefix::parse("T-7K3").unwrap().matches(id));
        assert!(!TicketPrefix::parse("7k4").unwrap().matches(id));
    }

    #[test]
    fn message_ids_hold_their_time() {
        let at = Time::parse("2026-11-22T09:15:00Z").unwrap();
        let id = MessageId::new(at, 7);
        assert_eq!(MessageId::parse(&id.to_string()), Some(id));
        assert!(id.to_string().starts_with("20261122T091500Z-"));
        assert_eq!(MessageId::parse("20261322T091500Z-4hx2"), None);
    }

    #[test]
    fn a_message_has_one_id() {
        // Each was read as the id of another message, whose file is another.
        for text in ["20261122T235960Z-4hx2", "00000101T000000Z-4hx2", "99991231T235959Z-4hx2"] {
            assert_eq!(MessageId::parse(text), None, "{text}");
        }
    }
}
