//! Card numbers, private keys and access tokens.

use std::collections::{BTreeMap, BTreeSet};

use super::{Held, Input, Rule, called, everything, texts};
use crate::record::finding::Finding;

pub(super) static RULE: Rule = Rule {
    name: "secret",
    what: "a text holds a card number, a private key or an access token",
    why: "history keeps it for ever, in every clone, and whoever reads the desk can use it",
    example: "a customer pastes a card number into a mail",
    cure: "take it back where it was issued, then out of the record: staple redact; see staple help erasure",
};

pub(super) fn find(input: &Input<'_>) -> Vec<Finding> {
    held(input).into_iter().map(|held| held.finding).collect()
}

/// The findings, each with the secrets it is about.
pub(super) fn held(input: &Input<'_>) -> Vec<Held> {
    let mut out = Vec::new();
    for record in everything(input.records) {
        for (key, text) in texts(record) {
            // Ids of other systems are long numbers by nature.
            if matches!(key, "origin-id" | "message-id" | "in-reply-to") {
                continue;
            }
            for (kind, what) in secrets(text) {
                let message = format!("`{key}` of {} holds {kind}", called(record));
                let hint = "have it revoked where it was issued, then take it out: staple redact";
                let finding = Finding::error(RULE.name, &record.path, message).hint(hint).about(&what);
                out.push(Held { finding, what });
            }
        }
    }
    out
}

/// The secrets in a text by their kinds; only the kinds are for anybody's eyes.
pub(super) fn secrets(text: &str) -> BTreeMap<&'static str, BTreeSet<String>> {
    let mut out: BTreeMap<&'static str, BTreeSet<String>> = BTreeMap::new();
    let cards = card_numbers(text);
    if !cards.is_empty() {
        out.insert("a card number", cards);
    }
    let mut rest = text;
    while let Some(at) = rest.find("-----BEGIN ") {
        rest = &rest[at + 11..];
        if rest.split("-----").next().is_some_and(|label| label.ends_with("PRIVATE KEY")) {
            out.entry("a private key").or_default().insert(rest.chars().take(KEY_BEGINS).collect());
        }
    }
    let is_part = |c: char| c.is_ascii_alphanumeric() || "_-./:".contains(c);
    for word in text.split(|c: char| !is_part(c)) {
        let token = word.char_indices().find(|(at, _)| {
            let starts = *at == 0 || !word.as_bytes()[at - 1].is_ascii_alphanumeric();
            starts && is_token(&word[*at..])
        });
        if let Some((at, _)) = token {
            out.entry("an access token").or_default().insert(word[at..].to_owned());
        }
    }
    out
}

/// Characters that tell one key from another: what all keys of a kind begin with is shorter.
const KEY_BEGINS: usize = 160;

/// Beginnings of tokens that their issuers chose to be found by, with the least length of what follows.
const TOKENS: &[(&str, usize)] = &[
    ("ghp_", 36),
    ("gho_", 36),
    ("ghs_", 36),
    ("ghu_", 36),
    ("github_pat_", 40),
    ("glpat-", 20),
    ("xoxb-", 20),
    ("xoxp-", 20),
    ("xoxa-", 20),
    ("xoxs-", 20),
    ("sk_live_", 20),
    ("rk_live_", 20),
    ("sk-ant-", 30),
    ("npm_", 36),
    ("AIza", 35),
    ("hooks.slack.com/services/T", 20),
];

/// Bytes of a JSON web token that are looked at; headers of servers take no longer ones.
const LONGEST_WEB_TOKEN: usize = 8 << 10;

fn is_token(word: &str) -> bool {
    let run = |text: &str| text.bytes().take_while(|b| b.is_ascii_alphanumeric() || b"_-/".contains(b)).count();
    let known = TOKENS.iter().any(|(start, least)| word.strip_prefix(start).is_some_and(|rest| run(rest) >= *least));
    let amazon = ["AKIA", "ASIA"].iter().any(|start| {
        word.strip_prefix(start)
            .is_some_and(|rest| rest.len() == 16 && rest.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()))
    });
    // A JSON web token: three parts, the first two of them JSON objects in base64. Words of megabytes are looked into all over.
    let parts: Vec<&str> = match word.starts_with("eyJ") {
        true => word[..word.len().min(LONGEST_WEB_TOKEN)].split('.').collect(),
        false => Vec::new(),
    };
    let web = matches!(parts.as_slice(), [a, b, c, ..]
        if a.starts_with("eyJ") && b.starts_with("eyJ") && a.len() > 10 && b.len() > 10 && c.len() > 10);
    known || amazon || web
}

/// The numbers in a text that card issuers give out, with the check digit of ISO/IEC 7812 (Luhn).
fn card_numbers(text: &str) -> BTreeSet<String> {
    let (bytes, mut found) = (text.as_bytes(), BTreeSet::new());
    let mut at = 0;
    while at < bytes.len() {
        let alone = at == 0 || !(bytes[at - 1].is_ascii_alphanumeric() || b"-._/".contains(&bytes[at - 1]));
        if !bytes[at].is_ascii_digit() || !alone {
            at += 1;
            continue;
        }
        let (mut digits, mut end) = (Vec::new(), at);
        while end < bytes.len() {
            let between = b" -".contains(&bytes[end]) && bytes.get(end + 1).is_some_and(u8::is_ascii_digit);
            let separator = between || bytes[end] == b'.' && parts_groups(bytes, end);
            if bytes[end].is_ascii_digit() {
                digits.push(bytes[end] - b'0');
            } else if !separator {
                break;
            }
            end += 1;
        }
        let closed = bytes.get(end).is_none_or(|b| !b.is_ascii_alphanumeric());
        if closed && is_card(&digits) {
            found.insert(digits.iter().map(|digit| char::from(b'0' + digit)).collect());
        }
        at = end.max(at + 1);
    }
    found
}

/// Whether a full stop stands between two groups of digits as cards have them, and not in a fraction or a version.
fn parts_groups(bytes: &[u8], at: usize) -> bool {
    let is_digit = |byte: &&u8| byte.is_ascii_digit();
    let before = bytes[..at].iter().rev().take_while(is_digit).take(7).count();
    let after = bytes[at + 1..].iter().take_while(is_digit).take(7).count();
    (4..=6).contains(&before) && (4..=6).contains(&after)
}

fn is_card(digits: &[u8]) -> bool {
    let start = |n: usize| digits.iter().take(n).fold(0u32, |sum, digit| sum * 10 + u32::from(*digit));
    let issued = match digits.len() {
        13 | 19 => start(1) == 4,
        14 => matches!(start(2), 30 | 36 | 38 | 39),
        15 => matches!(start(2), 34 | 37),
        16 => matches!(start(2), 40..=49 | 51..=55 | 35 | 65) || matches!(start(4), 2221..=2720 | 6011),
        _ => false,
    };
    issued && luhn(digits)
}

fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(i, digit)| {
            let doubled = u32::from(*digit) * if i % 2 == 1 { 2 } else { 1 };
            if doubled > 9 { doubled - 9 } else { doubled }
        })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, ticket};
    use super::*;

    fn kinds(text: &str) -> Vec<&'static str> {
        secrets(text).into_keys().collect()
    }

    #[test]
    fn card_numbers_are_told_by_issuer_length_and_check_digit() {
        for text in [
            "4111 1111 1111 1111",
            "pay with 4111-1111-1111-1111.",
            "4111.1111.1111.1111",
            "5555555555554444",
            "378282246310005",
        ] {
            assert_eq!(kinds(text), ["a card number"], "{text}");
        }
        for text in [
            "4111 1111 1111 1112",
            "call +49 30 1234 5678",
            "48.2081742123456",
            "4111.111111111111",
            "order 1234567890123456",
            "2026-11-22 09:15:00",
            "commit 3f4111111111111111a",
            "T-411111",
        ] {
            assert_eq!(kinds(text), Vec::<&str>::new(), "{text}");
        }
    }

    #[test]
    fn keys_and_tokens_are_told_by_their_shape() {
        let key = format!("-----BEGIN OPENSSH {} KEY-----\nabc", "PRIVATE");
        assert_eq!(kinds(&key), ["a private key"]);
        for start in ["ghp_", "glpat-", "sk_live_", "npm_"] {
            assert_eq!(kinds(&format!("token={start}{}", "a1B2".repeat(10))), ["an access token"], "{start}");
        }
        assert_eq!(kinds(&format!("AKIA{}", "ABCD2345".repeat(2))), ["an access token"]);
        assert_eq!(kinds(&format!("eyJ{0}.eyJ{0}.{0}", "abcdefgh")), Vec::<&str>::new());
        assert_eq!(kinds(&format!("eyJ{0}.eyJ{0}.{0}", "abcdefghijkl")), ["an access token"]);
        assert_eq!(kinds("-----BEGIN PUBLIC KEY----- the sk-ant colony, see npm_config"), Vec::<&str>::new());
    }

    #[test]
    fn the_secret_is_not_repeated() {
        let text = ticket("new", "cause = \"4111 1111 1111 1111\"\n");
        let expected = "error tickets/2026-11/7k3mqp.toml: `cause` of T-7k3mqp holds a card number";
        check(find, &[("tickets/2026-11/7k3mqp.toml", &text)], &[expected]);
    }
}
