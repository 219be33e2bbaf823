//! Addresses and numbers of customers, where the desk keeps them out.

use std::collections::BTreeSet;

use super::{Held, Input, Rule, called, everything, texts};
use crate::record::finding::Finding;
use crate::record::{Kind, Record};

pub(super) static RULE: Rule = Rule {
    name: "personal-data",
    what: "a mail address or telephone number of a customer, in a desk with privacy = \"references\"",
    why: "the desk promises that personal data stays in another system; history would keep it for ever",
    example: "contact = \"ann@customer.example\"",
    cure: "write a reference into the other system, such as crm:contact/4711",
};

pub(super) fn find(input: &Input<'_>) -> Vec<Finding> {
    held(input).into_iter().map(|held| held.finding).collect()
}

/// The findings, each with the data it is about.
pub(super) fn held(input: &Input<'_>) -> Vec<Held> {
    if !keeps_out(input) {
        return Vec::new();
    }
    let ours: BTreeSet<String> = own_addresses(input);
    let mut out = Vec::new();
    for record in everything(input.records).filter(|record| about_customers(record.kind)) {
        for (key, text) in texts(record) {
            if matches!(key, "message-id" | "in-reply-to" | "mail-domains" | "links" | "origin-id" | "origin-url") {
                continue;
            }
            let Some((kind, what)) = data_in(text, &ours) else { continue };
            let message = format!("`{key}` of {} holds {kind}, and this desk keeps them out", called(record));
            let hint = "write a reference into the other system, such as crm:contact/4711";
            let finding = Finding::error(RULE.name, &record.path, message).hint(hint).about(&what);
            out.push(Held { finding, what });
        }
    }
    out
}

/// What of it a text holds that is in no record.
pub(super) fn in_text(input: &Input<'_>, text: &str) -> Option<(&'static str, BTreeSet<String>)> {
    if keeps_out(input) { data_in(text, &own_addresses(input)) } else { None }
}

/// Whether the desk keeps personal data elsewhere.
fn keeps_out(input: &Input<'_>) -> bool {
    input.records.settings().is_some_and(|settings| settings.text("privacy") == "references")
}

/// What a text holds, addresses and numbers, and what it is called: by the first kind there is.
fn data_in(text: &str, ours: &BTreeSet<String>) -> Option<(&'static str, BTreeSet<String>)> {
    let addresses = mail_addresses(text).map(str::to_lowercase).filter(|address| !ours.contains(address));
    let mut what: BTreeSet<String> = addresses.collect();
    let kind = if what.is_empty() { "a telephone number" } else { "a mail address" };
    what.extend(phone_numbers(text));
    (!what.is_empty()).then_some((kind, what))
}

fn about_customers(kind: Kind) -> bool {
    matches!(kind, Kind::Ticket | Kind::Message | Kind::Customer | Kind::Talk | Kind::Jot)
}

/// The desk's own addresses, which are no secret.
fn own_addresses(input: &Input<'_>) -> BTreeSet<String> {
    let people = input.records.of(Kind::Person).flat_map(|person: &Record| person.list("emails").iter().cloned());
    let channels = input.records.of(Kind::Channel).map(|channel| channel.text("address").to_owned());
    people.chain(channels).map(|address| address.to_lowercase()).collect()
}

fn mail_addresses(text: &str) -> impl Iterator<Item = &str> {
    let is_part = |c: char| c.is_alphanumeric() || "@._%+-".contains(c);
    text.split(move |c: char| !is_part(c)).map(|word| word.trim_matches(['.', '-'])).filter(|word| {
        word.split_once('@').is_some_and(|(local, domain)| {
            let ending = domain.rsplit('.').next().unwrap_or_default();
            !local.is_empty()
                && domain.contains('.')
                && !domain.starts_with('.')
                && !domain.contains('@')
                && ending.len() >= 2
                && ending.chars().all(char::is_alphabetic)
        })
    })
}

/// The numbers in a text that start with + or 0 and have as many digits as a telephone number.
fn phone_numbers(text: &str) -> impl Iterator<Item = String> {
    let bytes = text.as_bytes();
    let separators = b" -/().";
    (0..bytes.len()).filter_map(move |start| {
        let alone = start == 0 || b" \n:(,;".contains(&bytes[start - 1]);
        if !alone || !matches!(bytes[start], b'+' | b'0') {
            return None;
        }
        let (mut digits, mut gap) = (String::new(), 0);
        for byte in &bytes[start + usize::from(bytes[start] == b'+')..] {
            if byte.is_ascii_digit() {
                digits.push(char::from(*byte));
                gap = 0;
                // Longer ones are none, and a file may hold millions of digits.
                if digits.len() > LONGEST {
                    break;
                }
            } else if separators.contains(byte) && gap < 2 {
                gap += 1;
            } else {
                // A letter right after digits makes it an id.
                if gap == 0 && byte.is_ascii_alphabetic() {
                    return None;
                }
                break;
            }
        }
        (8..=LONGEST).contains(&digits.len()).then_some(digits)
    })
}

/// Digits of a telephone number at most (E.164).
const LONGEST: usize = 15;

#[cfg(test)]
mod tests {
    use super::super::testing::{check, message, ticket};
    use super::*;

    #[test]
    fn addresses_and_numbers_of_customers_stay_out_where_the_desk_says_so() {
        let one = ticket("new", "contact = \"ann@customer.example\"\n");
        let said = message("note", "").replace("\"x\"", "\"call +49 30 1234 5678; I am sam@example.org\"");
        let files = [
            ("people/sam.toml", "name = \"Sam\"\nemails = [\"sam@example.org\"]\n"),
            ("tickets/2026-11/7k3mqp.toml", one.as_str()),
            ("tickets/2026-11/7k3mqp.20261102T080000Z-4hx2.toml", said.as_str()),
        ];
        check(find, &files, &[]);
        let mut private = files.to_vec();
        private.push(("staple.toml", "format = 1\nprivacy = \"references\"\n"));
        check(
            find,
            &private,
            &[
                "error tickets/2026-11/7k3mqp.toml: `contact` of T-7k3mqp holds a mail address, and this desk keeps them out",
                "error tickets/2026-11/7k3mqp.20261102T080000Z-4hx2.toml: `text` of message T-7k3mqp \
                 20261102T080000Z-4hx2 holds a telephone number, and this desk keeps them out",
            ],
        );
    }

    #[test]
    fn dates_versions_and_references_are_no_numbers() {
        for text in ["2026-11-22 09:15", "version 0.12.3", "crm:contact/4711", "0x12345678ab", "T-012345", "me@home"] {
            assert!(phone_numbers(text).next().is_none() && mail_addresses(text).next().is_none(), "{text}");
        }
        for text in ["030 1234567 8", "(030) 123 456 78", "+1 202 555 0100"] {
            assert!(phone_numbers(text).next().is_some(), "{text}");
        }
    }
}
