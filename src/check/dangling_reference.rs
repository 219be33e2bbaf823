//! References to records that are not there.

use std::collections::BTreeSet;

use super::{Input, Rule, called, everything};
use crate::record::finding::Finding;
use crate::record::nearest::nearest;
use crate::record::reference::{self, Reference};
use crate::record::{Kind, Name, Record};

pub(super) static RULE: Rule = Rule {
    name: "dangling-reference",
    what: "a key names a record that is not there",
    why: "lists, digests and journeys leave out what they cannot follow, and nobody notices",
    example: "owner = \"smith\" without people/smith.toml",
    cure: "make the record, or name the right one; a retired record is still there and may be named",
};

pub(super) fn find(input: &Input<'_>) -> Vec<Finding> {
    // A record that cannot be read is there, and a finding of its own.
    let unreadable: BTreeSet<&str> = input.records.findings.iter().map(|finding| finding.path.as_str()).collect();
    everything(input.records).flat_map(|record| of(input, record, &unreadable)).collect()
}

fn of(input: &Input<'_>, record: &Record, unreadable: &BTreeSet<&str>) -> Vec<Finding> {
    let mut out = Vec::new();
    for place in reference::places(record) {
        let hint = match &place.reference {
            Some(Reference::Record(kind, slug)) => {
                let name = Name::Slug(slug.clone());
                if input.records.get(*kind, &name).is_some()
                    || unreadable.contains(format!("{}/{slug}.toml", kind.folder()).as_str())
                {
                    continue;
                }
                let near = nearest(slug.as_str(), input.records.of(*kind).map(Record::slug));
                let make = format!("make it: staple {} new {slug}", kind.word());
                near.first().map_or(make, |near| format!("did you mean {near}?"))
            }
            // An earlier id has no record any more.
            Some(Reference::Ticket(id)) if place.key != "was" => {
                let home = format!("/{}.toml", id.as_str());
                if input.records.ticket(*id).is_some() || unreadable.iter().any(|path| path.ends_with(&home)) {
                    continue;
                }
                "see what there is: staple ticket list --all".to_owned()
            }
            _ => continue,
        };
        let whose = if record.kind == Kind::Message { format!(" of {}", called(record)) } else { String::new() };
        let message = format!("`{}`{whose} names {}, which is not there", place.key, place.text);
        out.push(Finding::error(RULE.name, &record.path, message).hint(hint));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, message, ticket};
    use super::*;

    #[test]
    fn what_cannot_be_read_is_there_all_the_same() {
        let one = ticket("new", "topic = \"login\"\nfollows = \"T-a00000\"\n");
        let broken = [("topics/login.toml", "= x"), ("tickets/2026-10/a00000.toml", "= x")];
        check(find, &[("tickets/2026-11/7k3mqp.toml", &one), broken[0], broken[1]], &[]);
    }

    #[test]
    fn what_is_missing_is_told_and_what_is_retired_is_not() {
        let sam = "name = \"Sam\"\nretired = 2026-01-01\n";
        let one = ticket("working", "owner = \"sam\"\ntopic = \"login\"\nfollows = \"T-a00000\"\nwas = \"T-b00000\"\n");
        let said = message("note", "by = \"smith\"\n");
        check(
            find,
            &[
                ("people/sam.toml", sam),
                ("tickets/2026-11/7k3mqp.toml", &one),
                ("tickets/2026-11/7k3mqp.20261102T080000Z-4hx2.toml", &said),
            ],
            &[
                "error tickets/2026-11/7k3mqp.toml: `topic` names login, which is not there",
                "error tickets/2026-11/7k3mqp.toml: `follows` names T-a00000, which is not there",
                "error tickets/2026-11/7k3mqp.20261102T080000Z-4hx2.toml: `by` of message T-7k3mqp \
                 20261102T080000Z-4hx2 names smith, which is not there",
            ],
        );
    }
}
