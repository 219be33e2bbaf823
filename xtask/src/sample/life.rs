//! How one ticket goes: the verbs of the program, each at its time, from what the customer wrote to the answer.

use staple::record::change::ticket::{self as verbs, AfterReply, Case, Resolve, Wait, Words as Said};
use staple::record::change::{self, Change, Moment, Plan, Refusal};
use staple::record::id::TicketId;
use staple::record::ticket::is_done;
use staple::record::time::Time;
use staple::record::{Kind, Name, Record, Value};
use staple::store::layout;
use staple::text;

use super::chance::Chance;
use super::standing::{PRODUCTS, Standing};
use super::words::{About, Words};

/// What happens next to a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Take,
    Ask,
    Through,
    Wrote,
    Note,
    Resolve,
    Drop,
}

/// The ways tickets go, in tickets of a hundred. Together about four commits and three messages a ticket, the first included.
const WAYS: &[(usize, &[Step])] = &[
    (35, &[Step::Take, Step::Ask, Step::Resolve]),
    (30, &[Step::Take, Step::Wrote, Step::Resolve]),
    (10, &[Step::Resolve]),
    (17, &[Step::Take, Step::Ask, Step::Wrote, Step::Resolve]),
    (5, &[Step::Ask, Step::Wrote, Step::Note, Step::Through, Step::Resolve]),
    (3, &[Step::Drop]),
];

/// A ticket while something can still happen to it.
pub(super) struct Life {
    pub(super) ticket: Record,
    pub(super) messages: Vec<Record>,
    /// What is still to come, the last first, each with its time.
    steps: Vec<(Time, Step)>,
    about: About,
    person: usize,
}

/// One commit.
pub(super) struct Done {
    /// The command in few words.
    pub(super) action: &'static str,
    /// The first line after the ticket's id.
    pub(super) summary: String,
    /// Who did it; `None` is the mailbox.
    pub(super) person: Option<usize>,
    /// The records it made or changed, in the order of their names.
    pub(super) touched: Vec<Name>,
    /// The files with their new texts.
    pub(super) files: Vec<(String, String)>,
}

/// What every life is told with.
pub(super) struct Teller<'a> {
    pub(super) standing: &'a Standing,
    pub(super) words: &'a Words,
    pub(super) zone: jiff::tz::TimeZone,
    pub(super) end: Time,
}

impl Teller<'_> {
    /// Opens a ticket. One that stays open ends before its last step.
    pub(super) fn open(
        &self,
        id: TicketId,
        at: Time,
        stays_open: bool,
        chance: &mut Chance,
    ) -> Result<(Life, Done), Refusal> {
        let customer = chance.one(&self.standing.customers);
        let (contact, address) = chance.one(&customer.contacts).clone();
        let about = About {
            customer: customer.name.clone(),
            contact,
            product: chance.word(PRODUCTS).to_owned(),
            matter: self.words.name(chance).to_owned(),
        };
        let channel = Standing::channel(chance);
        let mut ticket = Record::new(Kind::Ticket, Name::Ticket(id), layout::ticket_path(id, at))
            .with("title", self.words.title(&about, chance))
            .with("status", "new")
            .with("opened", at)
            .with("customer", customer.slug.as_str())
            .with("contact", address.as_str())
            .with("channel", channel)
            .with("product", about.product.as_str());
        if chance.percent(70) {
            sorted(chance).into_iter().for_each(|(key, value)| ticket.set(key, value));
        }
        if chance.percent(20) {
            let label = chance.word(&["audit", "contract", "follow-up", "press", "pilot", "vip"]);
            ticket.set("labels", vec![label.to_owned()]);
        }
        let steps = self.steps(at, stays_open, chance);
        let person = chance.below(self.standing.people.len());
        let mut life = Life { ticket: ticket.clone(), messages: Vec::new(), steps, about, person };
        let words = Said { from: address, ..self.said(2, 6, channel, &life, chance) };
        let plan = self.moment(at, None, chance, |moment| Ok(verbs::new(ticket, Some(&words), moment)))?;
        let done = life.apply("ticket new", plan, None);
        Ok((life, done))
    }

    fn steps(&self, opened: Time, stays_open: bool, chance: &mut Chance) -> Vec<(Time, Step)> {
        let mut drawn = chance.below(100);
        let way = WAYS.iter().find(|(share, _)| {
            let found = drawn < *share;
            drawn = drawn.saturating_sub(*share);
            found
        });
        let way = way.map_or(WAYS[0].1, |(_, way)| *way);
        let count = if stays_open { chance.below(way.len()) } else { way.len() };
        let mut after = 0;
        let mut steps: Vec<(i64, Step)> = Vec::new();
        for (place, step) in way.iter().take(count).enumerate() {
            after += if place == 0 { chance.between(300, 30_000) } else { chance.between(3_600, 400_000) };
            steps.push((after, *step));
        }
        // Young tickets go faster, or they would not be where they are to be at the end.
        let left = (self.end.unix() - opened.unix() - 60).max(1);
        let last = steps.last().map_or(0, |last| last.0);
        let span = if last > left { left * chance.between(30, 100) / 100 } else { last };
        let scale = |after: i64| if last > left { after * span / last } else { after };
        let mut out: Vec<(Time, Step)> =
            steps.iter().map(|(after, step)| (opened.plus(scale(*after)), *step)).collect();
        out.reverse();
        out
    }

    /// Carries out the ticket's next step.
    pub(super) fn step(&self, life: &mut Life, chance: &mut Chance) -> Result<Option<Done>, Refusal> {
        let Some((at, step)) = life.steps.pop() else { return Ok(None) };
        self.carry_out(life, at, step, chance).map(Some)
    }

    /// Ends an open ticket at `at`, whatever it waited for.
    pub(super) fn end(&self, life: &mut Life, at: Time, chance: &mut Chance) -> Result<Done, Refusal> {
        self.carry_out(life, at, Step::Resolve, chance)
    }

    fn carry_out(&self, life: &mut Life, at: Time, step: Step, chance: &mut Chance) -> Result<Done, Refusal> {
        let person = Some(life.person).filter(|_| step != Step::Wrote);
        let channel = life.ticket.text("channel").to_owned();
        let words = match step {
            Step::Wrote => {
                Said { from: life.ticket.text("contact").to_owned(), ..self.said(1, 5, &channel, life, chance) }
            }
            Step::Note => self.said(1, 3, "", life, chance),
            _ => Said { to: life.ticket.text("contact").to_owned(), ..self.said(2, 5, &channel, life, chance) },
        };
        let after = self.after(step, at, chance);
        let topic = if life.ticket.text_of("topic").is_none() { sorted(chance) } else { Vec::new() };
        let slug = person.map(|person| self.standing.people[person].slug.clone());
        let messages: Vec<&Record> = life.messages.iter().collect();
        let case = Case { ticket: &life.ticket, messages: &messages };
        let plan = self.moment(at, slug.as_deref(), chance, |moment| match step {
            Step::Take => {
                let mut plan = verbs::take(case, slug.as_deref().unwrap_or_default())?;
                if let Some((_, topic)) = topic.first() {
                    plan.summary.push_str(&format!(", {topic}"));
                }
                let set = (!topic.is_empty()).then(|| change::set(case.ticket, topic.clone()));
                plan.changes.extend(set);
                Ok(plan)
            }
            Step::Wrote => Ok(verbs::received(case, &words, moment)),
            Step::Note => Ok(verbs::note(case, &words, moment)),
            Step::Drop => verbs::drop(case, "spam"),
            Step::Ask | Step::Through | Step::Resolve => verbs::reply(case, &words, &after, moment),
        })?;
        Ok(life.apply(action(step), plan, person))
    }

    fn after(&self, step: Step, at: Time, chance: &mut Chance) -> AfterReply {
        let next_update = Some(at.plus(chance.between(1, 6) * 86_400));
        match step {
            Step::Ask => {
                let what =
                    chance.word(&["the name of the device", "a screenshot", "the time it happened", "their answer"]);
                let wait = Wait { on: "customer".to_owned(), what: what.to_owned(), next_update };
                AfterReply { wait: Some(wait), ..AfterReply::default() }
            }
            Step::Through => {
                let on = chance.word(&["team:engineering", "team:accounts", "vendor:carrier"]);
                let wait = Wait { on: on.to_owned(), what: "a look at the log".to_owned(), next_update };
                AfterReply { wait: Some(wait), ..AfterReply::default() }
            }
            _ => {
                let playbook = chance.percent(40).then(|| chance.one(&self.standing.playbooks).clone());
                let cause = chance.percent(30).then(|| self.words.text(1, 1, &About::default(), chance));
                let resolution = chance.word(&["answered", "answered", "workaround", "fixed", "declined"]);
                AfterReply {
                    resolve: Some(Resolve { resolution: resolution.to_owned(), playbook, cause }),
                    ..AfterReply::default()
                }
            }
        }
    }

    fn said(&self, from: i64, until: i64, channel: &str, life: &Life, chance: &mut Chance) -> Said {
        let text = self.words.text(from, until, &life.about, chance);
        Said { channel: channel.to_owned(), ..Said::plain(text) }
    }

    fn moment(
        &self,
        at: Time,
        by: Option<&str>,
        chance: &mut Chance,
        f: impl FnOnce(&mut Moment<'_>) -> Result<Plan, Refusal>,
    ) -> Result<Plan, Refusal> {
        let mut bits = || chance.bits();
        let by = by.unwrap_or_default().to_owned();
        f(&mut Moment { at, by, zone: self.zone.clone(), random: &mut bits })
    }
}

impl Life {
    /// When the next step comes.
    pub(super) fn next(&self) -> Option<Time> {
        self.steps.last().map(|(at, _)| *at)
    }

    pub(super) fn is_done(&self) -> bool {
        is_done(self.ticket.text("status"))
    }

    /// The text of the ticket with all its messages in it, as `staple bind` leaves it.
    pub(super) fn bound(&self) -> String {
        text::bind(&text::create(&self.ticket), &self.messages)
    }

    fn apply(&mut self, action: &'static str, plan: Plan, person: Option<usize>) -> Done {
        let (mut touched, mut files) = (Vec::new(), Vec::new());
        let mut changed = false;
        for change in plan.changes {
            match change {
                Change::Create(message) if message.kind == Kind::Message => {
                    let mut message = *message;
                    if let Name::Message(_, id) = &message.name {
                        message.path = layout::message_path(&self.ticket.path, *id);
                    }
                    files.push((message.path.clone(), text::create(&message)));
                    touched.push(message.name.clone());
                    self.messages.push(message);
                }
                Change::Set { sets, .. } => {
                    sets.into_iter().for_each(|(key, value)| self.ticket.set(key, value));
                    changed = true;
                }
                Change::Create(_) => changed = true,
                Change::Attach { .. } => {}
            }
        }
        if changed {
            files.push((self.ticket.path.clone(), text::create(&self.ticket)));
            touched.push(self.ticket.name.clone());
        }
        touched.sort();
        files.sort();
        Done { action, summary: plan.summary, person, touched, files }
    }
}

fn action(step: Step) -> &'static str {
    match step {
        Step::Take => "ticket take",
        Step::Wrote => "ticket received",
        Step::Note => "note",
        Step::Drop => "ticket drop",
        Step::Ask | Step::Through | Step::Resolve => "ticket reply",
    }
}

/// What somebody sees at a first look.
fn sorted(chance: &mut Chance) -> Vec<(&'static str, Value)> {
    let severity = chance.word(&["stuck", "degraded", "degraded", "question", "question"]);
    vec![("topic", Standing::topic(chance).into()), ("severity", severity.into())]
}
