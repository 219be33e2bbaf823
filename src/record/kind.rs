//! The kinds of records and the folders they live in.

use super::{
    Schema, baseline, channel, comms, customer, desk_settings, jot, message, person, playbook, proposal, query, role,
    talk, team, ticket, topic,
};

/// A kind of record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// One thing a customer needs.
    Ticket,
    /// What was said or done on a ticket.
    Message,
    /// A problem solved once.
    Playbook,
    /// A wish to change how we work.
    Proposal,
    /// Someone we work for.
    Customer,
    /// One of us, or of a team we work with.
    Person,
    /// A hat that people hold.
    Role,
    /// Ours, or one that work crosses to.
    Team,
    /// A way to reach us.
    Channel,
    /// What customers ask about, in their words.
    Topic,
    /// A call, visit or meeting.
    Talk,
    /// A high, a low or a story as it happened.
    Jot,
    /// Whom a digest goes to and how often.
    Plan,
    /// A digest that was sent.
    Sent,
    /// Locked process limits.
    Baseline,
    /// A saved query.
    Query,
    /// The settings of the desk.
    Settings,
}

impl Kind {
    /// Every kind, in the order `check` walks them.
    pub const ALL: [Self; 17] = [
        Self::Settings,
        Self::Ticket,
        Self::Message,
        Self::Playbook,
        Self::Proposal,
        Self::Customer,
        Self::Person,
        Self::Role,
        Self::Team,
        Self::Channel,
        Self::Topic,
        Self::Talk,
        Self::Jot,
        Self::Plan,
        Self::Sent,
        Self::Baseline,
        Self::Query,
    ];

    /// The word in references and output.
    pub fn word(self) -> &'static str {
        match self {
            Self::Ticket => "ticket",
            Self::Message => "message",
            Self::Playbook => "playbook",
            Self::Proposal => "proposal",
            Self::Customer => "customer",
            Self::Person => "person",
            Self::Role => "role",
            Self::Team => "team",
            Self::Channel => "channel",
            Self::Topic => "topic",
            Self::Talk => "talk",
            Self::Jot => "jot",
            Self::Plan => "plan",
            Self::Sent => "sent",
            Self::Baseline => "baseline",
            Self::Query => "query",
            Self::Settings => "settings",
        }
    }

    /// The kind of a word; singular or plural.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word || kind.plural() == word)
    }

    /// The word for many.
    pub fn plural(self) -> &'static str {
        match self {
            Self::Person => "people",
            Self::Query => "queries",
            Self::Settings => "settings",
            Self::Sent => "sent",
            Self::Ticket => "tickets",
            Self::Message => "messages",
            Self::Playbook => "playbooks",
            Self::Proposal => "proposals",
            Self::Customer => "customers",
            Self::Role => "roles",
            Self::Team => "teams",
            Self::Channel => "channels",
            Self::Topic => "topics",
            Self::Talk => "talks",
            Self::Jot => "jots",
            Self::Plan => "plans",
            Self::Baseline => "baselines",
        }
    }

    /// The folder its files lie in, from the desk's root; "" for the settings.
    pub fn folder(self) -> &'static str {
        match self {
            Self::Message => "tickets",
            Self::Jot => "comms/jots",
            Self::Plan => "comms/plan",
            Self::Sent => "comms/sent",
            Self::Settings => "",
            other => other.plural(),
        }
    }

    /// Whether its records are named by slugs that people choose.
    pub fn has_slug(self) -> bool {
        !matches!(self, Self::Ticket | Self::Message | Self::Talk | Self::Jot | Self::Settings)
    }

    /// Whether its records can be ended with `retired`.
    pub fn can_retire(self) -> bool {
        self.schema().key("retired").is_some()
    }

    /// Its keys.
    pub fn schema(self) -> &'static Schema {
        match self {
            Self::Ticket => &ticket::SCHEMA,
            Self::Message => &message::SCHEMA,
            Self::Playbook => &playbook::SCHEMA,
            Self::Proposal => &proposal::SCHEMA,
            Self::Customer => &customer::SCHEMA,
            Self::Person => &person::SCHEMA,
            Self::Role => &role::SCHEMA,
            Self::Team => &team::SCHEMA,
            Self::Channel => &channel::SCHEMA,
            Self::Topic => &topic::SCHEMA,
            Self::Talk => &talk::SCHEMA,
            Self::Jot => &jot::SCHEMA,
            Self::Plan => &comms::PLAN,
            Self::Sent => &comms::SENT,
            Self::Baseline => &baseline::SCHEMA,
            Self::Query => &query::SCHEMA,
            Self::Settings => &desk_settings::SCHEMA,
        }
    }
}
