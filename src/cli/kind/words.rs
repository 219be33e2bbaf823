//! The words of help for the commands that are made from a kind's table, and the names of their options.

use crate::record::Kind;
use crate::record::schema::{Key, Type};

/// The key that says what a record is called.
pub(super) fn label_key(kind: Kind) -> &'static str {
    match kind {
        Kind::Person | Kind::Team | Kind::Customer => "name",
        Kind::Channel => "address",
        _ => "title",
    }
}

/// The same as help shows it.
pub(super) fn label_name(kind: Kind) -> &'static str {
    match label_key(kind) {
        "name" => "NAME",
        "address" => "ADDRESS",
        _ => "TITLE",
    }
}

/// What `new` does, in a line.
pub(super) fn new_about(kind: Kind) -> &'static str {
    match kind {
        Kind::Playbook => "Begin a playbook for a problem that is to be solved once",
        Kind::Proposal => "Raise a proposal: what customers gain is all that must be said",
        Kind::Person => "Add a person, of ours or of a team that work crosses to",
        Kind::Role => "Add a role: a hat that people hold",
        Kind::Team => "Add a team: ours, or one that work crosses to",
        Kind::Customer => "Add a customer, with what we know of their context",
        Kind::Channel => "Add a channel: a way to reach us, with its job",
        Kind::Query => "Save a query, for query:NAME",
        _ => "Add a topic: what customers ask about, in their words",
    }
}

/// Examples of `new`.
pub(super) fn new_examples(kind: Kind) -> &'static str {
    match kind {
        Kind::Playbook => {
            "Examples:\n  staple playbook new \"Reset a password\" --topic cannot-log-in --step \"check the address\" --step \"send the link\"\n  staple playbook new --from T-7k3mqp\n  staple playbook new export-limit \"Exports over 2 GB stop\" --from 7k3"
        }
        Kind::Proposal => {
            "Examples:\n  staple proposal new \"Shorter intake form\" --benefit \"less to type before somebody listens\" --test \"two weeks on the web form\"\n  staple proposal new \"Second monitors\" --kind environment --benefit \"answers without switching windows\" --anonymous"
        }
        Kind::Person => {
            "Examples:\n  staple person new sam \"Sam Rivers\" --team support --email sam@example.org --expertise exports\n  staple person new \"Ada Jones\" --team engineering --zone Europe/Berlin"
        }
        Kind::Role => {
            "Examples:\n  staple role new first-line \"First line\" --purpose \"the first answer\" --holder sam --backup ada"
        }
        Kind::Team => {
            "Examples:\n  staple team new support --ours\n  staple team new engineering \"Engineering\" --channel \"#eng-help\" --liaison ada --liaison sam --meet-every-days 14"
        }
        Kind::Customer => {
            "Examples:\n  staple customer new acme --name \"Acme GmbH\" --mail-domain acme.example --segment trial --relationship-owner sam"
        }
        Kind::Channel => {
            "Examples:\n  staple channel new email help@example.org --kind mail --job \"questions that can wait a day\"\n  staple channel new form https://example.org/help --kind form --ask \"the order number because we look it up by it\""
        }
        Kind::Query => {
            "Examples:\n  staple query new stuck \"Open for two weeks\" --query \"is:open older:14d\"\n  staple list query:stuck topic:billing\n  staple list older:14d --save stuck"
        }
        _ => {
            "Examples:\n  staple topic new \"Cannot log in\" --demand failure --example \"it says my password is wrong\" --recommended-channel email"
        }
    }
}

/// What `list` does, in a line.
pub(super) fn list_about(kind: Kind) -> &'static str {
    match kind {
        Kind::Playbook => "List playbooks: what solved most comes first",
        Kind::Proposal => "List proposals that wait for something, the longest first",
        Kind::Person => "List people: who is here, away or at their limit today",
        Kind::Role => "List roles, who holds each and who stands in",
        Kind::Team => "List teams",
        Kind::Customer => "List customers, when we last had contact and what is open",
        Kind::Channel => "List channels and the job of each",
        Kind::Query => "List saved queries",
        _ => "List topics and what is open about each",
    }
}

/// Examples of `list`.
pub(super) fn list_examples(kind: Kind) -> &'static str {
    match kind {
        Kind::Playbook => {
            "Examples:\n  staple playbook list\n  staple playbook list is:flagged\n  staple playbook list topics:billing password\n  staple playbook list --template '{{ ref }} {{ solved }}'"
        }
        Kind::Proposal => {
            "Examples:\n  staple proposal list\n  staple proposal list is:proposed raised:..2026-11-15\n  staple proposal list --all teams:support"
        }
        Kind::Person => {
            "Examples:\n  staple person list\n  staple person list is:available team:support\n  staple person list expertise:exports"
        }
        Kind::Role => {
            "Examples:\n  staple role list\n  staple role list is:unheld\n  staple role list holders:sam --json"
        }
        Kind::Team => "Examples:\n  staple team list\n  staple team list is:ours",
        Kind::Customer => {
            "Examples:\n  staple customer list\n  staple customer list segment:trial sort:name\n  staple customer list --as-of 2026-11-01"
        }
        Kind::Channel => "Examples:\n  staple channel list\n  staple channel list kind:phone",
        Kind::Query => "Examples:\n  staple query list\n  staple query list invoice",
        _ => "Examples:\n  staple topic list\n  staple topic list demand:failure",
    }
}

/// What `list --all` adds.
pub(super) fn all_help(kind: Kind) -> &'static str {
    if kind == Kind::Proposal { "Those that came to an end too" } else { "Retired ones too" }
}

/// The option for a key in `new`; nothing for keys that a verb sets, and the one that the title sets.
pub(super) fn option(kind: Kind, key: &Key) -> Option<&'static str> {
    let by_a_verb: &[&str] = match kind {
        Kind::Playbook => &["status", "flags"],
        Kind::Proposal => &[
            "status",
            "raised",
            "answer",
            "trial-from",
            "trial-until",
            "what-happened",
            "reason",
            "would-reopen-if",
            "revisit",
            "superseded-by",
        ],
        Kind::Person => &["away", "available", "available-until"],
        _ => &[],
    };
    if key.name == "retired" || by_a_verb.contains(&key.name) {
        return None;
    }
    Some(match key.name {
        "customer-benefit" => "benefit",
        "small-test" => "test",
        "responsibilities" => "responsibility",
        // Words that are one and many alike, or say what someone does.
        "receives" | "gives" | "decides" => key.name,
        name if key.ty.is_list() || matches!(key.ty, Type::Rows(_)) => name.strip_suffix('s').unwrap_or(name),
        name => name,
    })
}

/// What to type for a value.
pub(super) fn value_name(key: &Key) -> &'static str {
    match key.ty {
        Type::Day => "DAY",
        Type::Time => "WHEN",
        Type::Number => "NUMBER",
        Type::Ref(_) | Type::Refs(_) => "SLUG",
        Type::Word(_) => "WORD",
        Type::Rows(_) => "ASK because WHY",
        _ => "TEXT",
    }
}

/// A meaning as a line of help.
pub(super) fn sentence(meaning: &str) -> String {
    let mut chars = meaning.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// The words of a slug, where nothing else says what a record is called: `first-line` reads `First line`.
pub(crate) fn words_of(slug: &str) -> String {
    sentence(&slug.replace('-', " "))
}
