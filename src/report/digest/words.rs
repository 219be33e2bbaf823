//! Facts to sentences. Each is true by itself, and a section without a sentence or an item does not exist.

use super::Section;
use super::facts::{CameIn, ComingChange, Decision, Facts, Open, OpenTicket, ProposalNews, Resolved, Wait};
use super::line::Line;
use super::numbers::{and, count, days, verb};
use crate::record::age::{age_long_words, short_day};
use crate::record::time::Day;

/// Below this many values each is printed, since a median of so few says little.
const FEW: usize = 5;
/// The longest list before the rest is only counted.
const LONGEST_LIST: usize = 10;

/// The whole in one or two sentences.
pub fn headline(facts: &Facts) -> Vec<Line> {
    let (came, done, open) = (&facts.came_in, &facts.resolved, &facts.open);
    let duplicates = came.contacts - came.problems;
    // A duplicate may be of a problem that came in before the window, so contacts are never said to be about so many problems.
    let own = match (duplicates, came.problems) {
        (0, _) => String::new(),
        (n, 0) => format!(", {}", verb(n, "a duplicate", "all of them duplicates")),
        (_, n) => format!(", {n} of them {}", verb(n, "a problem of its own", "problems of their own")),
    };
    let came_in = match came.contacts {
        0 => "Nothing came in".to_owned(),
        n => format!("{} came in{own}", count(n, "contact", "contacts")),
    };
    let resolved = match done.problems {
        0 => "nothing was resolved".to_owned(),
        n => format!("{} {} resolved", problems(n), verb(n, "was", "were")),
    };
    if *facts == quiet() {
        return vec![Line::of("Nothing came in, nothing was resolved and nothing is open.")];
    }
    let joint = if came.contacts + done.problems == 0 { " and " } else { ", and " };
    let mut lines = vec![Line::of(format!("{came_in}{joint}{resolved}."))];
    let mut now = match (open.problems, open.oldest.first()) {
        (1, Some(oldest)) => format!("1 problem is open, for {}", age_long_words(oldest.age_seconds)),
        (n, Some(oldest)) => format!("{} are open, the oldest for {}", problems(n), age_long_words(oldest.age_seconds)),
        _ => "Nothing is open".to_owned(),
    };
    let overdue = facts.overdue.len();
    if overdue > 0 {
        now.push_str(&format!(
            "; {} {} overdue",
            count(overdue, "next update", "next updates"),
            verb(overdue, "is", "are")
        ));
    }
    let decisions = facts.decisions.len();
    if decisions > 0 {
        let needs = verb(decisions, "needs", "need");
        now.push_str(&format!("; {} {needs} a decision", count(decisions, "proposal", "proposals")));
    }
    now.push('.');
    lines.push(Line::of(now));
    lines
}

/// Facts with nothing in them.
fn quiet() -> Facts {
    Facts {
        came_in: CameIn { contacts: 0, problems: 0, topics: Vec::new(), other: 0, unsorted: 0 },
        resolved: Resolved {
            problems: 0,
            by_resolution: Vec::new(),
            with_playbook: 0,
            customer_seconds: Vec::new(),
            median_seconds: None,
            reopened: 0,
            no_longer_needed: 0,
        },
        open: Open { problems: 0, without_owner: 0, oldest: Vec::new() },
        waits: Vec::new(),
        overdue: Vec::new(),
        playbooks: Vec::new(),
        coming: Vec::new(),
        proposals: Vec::new(),
        away: Vec::new(),
        jots: Vec::new(),
        decisions: Vec::new(),
    }
}

/// The parts, in the order of a reader's questions.
pub fn sections(facts: &Facts, today: Day) -> Vec<Section> {
    let items = |key, title, items| Section { key, title, sentences: Vec::new(), items };
    let mut sections = vec![
        came_in(&facts.came_in),
        resolved(&facts.resolved),
        open(&facts.open, today),
        items("waits", "Who waits on whom", facts.waits.iter().map(wait).collect()),
        items("overdue", "Next updates that are overdue", overdue(&facts.overdue, today)),
        items("playbooks", "Playbooks", playbooks(facts)),
        items("coming", "Coming changes that customers will notice", coming(&facts.coming, today)),
        items("proposals", "Proposals", facts.proposals.iter().map(|news| proposal(news, today)).collect()),
        items("away", "Away in the coming week", away(facts)),
        items("jots", "Highs, lows and stories", jots(facts)),
        items("decisions", "What needs a decision", facts.decisions.iter().map(|d| decision(d, today)).collect()),
    ];
    sections.retain(|section| !section.sentences.is_empty() || !section.items.is_empty());
    sections
}

fn problems(n: usize) -> String {
    count(n, "problem", "problems")
}

fn ago(seconds: i64) -> String {
    format!("{} ago", age_long_words(seconds))
}

fn came_in(facts: &CameIn) -> Section {
    let mut section = Section { key: "came-in", title: "What came in", sentences: Vec::new(), items: Vec::new() };
    if facts.contacts == 0 {
        return section;
    }
    let duplicates = facts.contacts - facts.problems;
    let contacts = count(facts.contacts, "contact", "contacts");
    section.sentences.push(Line::of(match (duplicates, facts.problems) {
        (0, n) => format!("{contacts}, {}.", verb(n, "a problem of its own", "each a problem of its own")),
        (n, 0) => format!("{contacts}, {} of a problem known already.", verb(n, "a duplicate", "each a duplicate")),
        (n, own) => {
            let duplicates = format!("{n} {}", verb(n, "a duplicate", "duplicates"));
            let own = format!("{own} {}", verb(own, "a problem of its own", "problems of their own"));
            format!("{contacts}: {own}, {duplicates} of a problem known already.")
        }
    }));
    for topic in &facts.topics {
        section.items.push(Line::default().title(&topic.title).say(format!(": {}", problems(topic.problems))));
    }
    if facts.other > 0 {
        section.items.push(Line::of(format!("Other topics: {}", problems(facts.other))));
    }
    if facts.unsorted > 0 && facts.unsorted == facts.problems {
        let none = verb(facts.problems, "It has no topic yet.", "None of them has a topic yet.");
        section.sentences.push(Line::of(none));
    } else if facts.unsorted > 0 {
        let verb = verb(facts.unsorted, "has", "have");
        let line = format!("{} of {} {verb} no topic yet", facts.unsorted, problems(facts.problems));
        section.items.push(Line::of(line));
    }
    section
}

fn resolved(facts: &Resolved) -> Section {
    let mut sentences = Vec::new();
    if facts.problems > 0 {
        let n = facts.problems;
        let ways: Vec<String> = facts.by_resolution.iter().map(|(word, n)| format!("{n} {}", how(word))).collect();
        let ways = match facts.by_resolution.as_slice() {
            [(word, _)] => format!("{} {} {}", problems(n), verb(n, "was", "were"), how(word)),
            _ => format!("{} {} resolved: {}", problems(n), verb(n, "was", "were"), and(&ways)),
        };
        sentences.push(Line::of(format!("{ways}.")));
        sentences.push(Line::of(match facts.with_playbook {
            0 => verb(n, "No playbook was used.", "None of them was solved with a playbook.").to_owned(),
            1 if n == 1 => "It was solved with a playbook.".to_owned(),
            with => format!("{with} of {n} {} solved with a playbook.", verb(with, "was", "were")),
        }));
        sentences.extend(customer_time(facts));
    }
    if facts.reopened > 0 {
        let verb = verb(facts.reopened, "was", "were");
        sentences.push(Line::of(format!("{} {verb} opened again.", count(facts.reopened, "ticket", "tickets"))));
    }
    if facts.no_longer_needed > 0 {
        let n = count(facts.no_longer_needed, "ticket", "tickets");
        let verb = verb(facts.no_longer_needed, "was", "were");
        sentences.push(Line::of(format!("{n} {verb} dropped, no longer needed.")));
    }
    Section { key: "resolved", title: "What was resolved", sentences, items: Vec::new() }
}

/// The resolution as the end of "1 problem was ...".
fn how(resolution: &str) -> &str {
    match resolution {
        "workaround" => "solved with a workaround",
        "" => "resolved without saying how",
        other => other,
    }
}

fn customer_time(facts: &Resolved) -> Option<Line> {
    let longest = facts.customer_seconds.last()?;
    let values: Vec<String> = facts.customer_seconds.iter().map(|seconds| days(*seconds)).collect();
    let unit = |value: &str| if value == "1.0" { "day" } else { "days" };
    let text = if values.len() < FEW {
        let last = values.last().map_or("", String::as_str);
        let took = if values.len() == 1 { "It took" } else { "From first contact to the answer that held, they took" };
        let from = if values.len() == 1 { " from first contact" } else { "" };
        format!("{took} {} {}{from}.", and(&values), unit(last))
    } else {
        let (median, longest) = (days(facts.median_seconds?), days(*longest));
        let (m, l) = (unit(&median), unit(&longest));
        format!("Half of them took {median} {m} or less from first contact; the longest took {longest} {l}.")
    };
    Some(Line::of(text))
}

fn open(facts: &Open, today: Day) -> Section {
    let mut section = Section { key: "open", title: "What is open", sentences: Vec::new(), items: Vec::new() };
    let n = facts.problems;
    if n == 0 {
        return section;
    }
    let mut text = format!("{} {} open", problems(n), verb(n, "is", "are"));
    match facts.without_owner {
        0 => {}
        1 if n == 1 => text.push_str(", and has no owner yet"),
        free if free == n => text.push_str(", and none of them has an owner yet"),
        free => text.push_str(&format!("; {free} of them {} no owner yet", verb(free, "has", "have"))),
    }
    text.push('.');
    if n > facts.oldest.len() {
        text.push_str(&format!(" The oldest {}:", facts.oldest.len()));
    }
    section.sentences.push(Line::of(text));
    section.items = facts.oldest.iter().map(|ticket| open_ticket(ticket, today)).collect();
    section
}

/// **Title** (T-7k3mqp, Acme): open for 3 days, waits on Engineering for the log, next update 12 Mar.
fn open_ticket(ticket: &OpenTicket, today: Day) -> Line {
    let mut line = named(ticket).say(format!(": open for {}", age_long_words(ticket.age_seconds)));
    line = match ticket.waiting_on.as_str() {
        "" => line.say(", waits"),
        "us" => line.say(", with us"),
        _ => line.say(", waits on ").quote(&ticket.waiting_on_words),
    };
    if !ticket.waiting_for.trim().is_empty() {
        line = line.say(" for: ").quote(&ticket.waiting_for);
    }
    match (ticket.next_update_day, ticket.overdue_seconds) {
        (Some(day), None) => line.say(format!("; next update {}", short_day(day, today))),
        (Some(day), Some(_)) => line.say(format!("; next update was due {}", short_day(day, today))),
        _ => line,
    }
}

fn named(ticket: &OpenTicket) -> Line {
    let line = Line::default().title(&ticket.title).say(format!(" ({}", ticket.id));
    let line = if ticket.customer.is_empty() { line } else { line.say(", ").quote(&ticket.customer) };
    line.say(")")
}

fn wait(wait: &Wait) -> Line {
    let n = wait.problems;
    let line = Line::of(format!("{} {} ", problems(n), verb(n, "waits on", "wait on")));
    let line = match wait.on.as_str() {
        "" => line.say("somebody who is not named"),
        "customer" => line.say(verb(n, "the customer", "their customers")),
        _ => line.quote(&wait.words),
    };
    let longest = age_long_words(wait.longest_seconds);
    line.say(format!(", {}for {longest}", verb(n, "", "the longest ")))
}

fn overdue(tickets: &[OpenTicket], today: Day) -> Vec<Line> {
    let line = |ticket: &OpenTicket| {
        let due = ticket.next_update_day.map(|day| short_day(day, today)).unwrap_or_default();
        named(ticket).say(format!(": due {due}, {}", ago(ticket.overdue_seconds.unwrap_or_default())))
    };
    let mut lines: Vec<Line> = tickets.iter().take(LONGEST_LIST).map(line).collect();
    lines.extend(rest(tickets.len()));
    lines
}

fn playbooks(facts: &Facts) -> Vec<Line> {
    let word = |what| match what {
        "published" => "Published: ",
        "new" => "New: ",
        "retired" => "Retired: ",
        _ => "Changed: ",
    };
    facts.playbooks.iter().map(|news| Line::of(word(news.what)).title(&news.title)).collect()
}

/// **Menus move to the left** (website, 12 Mar)
fn coming(changes: &[ComingChange], today: Day) -> Vec<Line> {
    let line = |change: &ComingChange| {
        let line = Line::default().title(&change.text).say(" (");
        let line = if change.repository.is_empty() { line } else { line.quote(&change.repository).say(", ") };
        line.say(format!("{})", short_day(change.on, today)))
    };
    let mut lines: Vec<Line> = changes.iter().take(LONGEST_LIST).map(line).collect();
    lines.extend(rest(changes.len()));
    lines
}

/// That a list is longer than what of it is told.
fn rest(length: usize) -> Option<Line> {
    let more = length.saturating_sub(LONGEST_LIST);
    (more > 0).then(|| Line::of(format!("and {more} more")))
}

fn proposal(news: &ProposalNews, today: Day) -> Line {
    let answer = match news.status.as_str() {
        "proposed" => "",
        "heard" => "heard",
        "trial" => "on trial",
        "deferred" => "put off",
        other => other,
    };
    let line = match (news.new, answer) {
        (true, "") => Line::of("New: ").title(&news.title),
        (true, answer) => Line::of("New, and ").say(answer).say(": ").title(&news.title),
        (false, "") => Line::of("Proposed again: ").title(&news.title),
        (false, answer) => Line::of(capital(answer)).say(": ").title(&news.title),
    };
    let line = match news.until_day {
        Some(day) => line.say(format!(", until {}", short_day(day, today))),
        None => line,
    };
    let line = if news.instead.is_empty() { line } else { line.say(", by ").title(&news.instead) };
    let line = if news.because.trim().is_empty() { line } else { line.say(". ").quote(&news.because) };
    if news.would_reopen_if.trim().is_empty() {
        return line;
    }
    line.say(" Taken up again if: ").quote(&news.would_reopen_if)
}

fn capital(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

fn away(facts: &Facts) -> Vec<Line> {
    let line = |away: &super::facts::Away| {
        let line = Line::default().title(&away.name).say(format!(": {}", away.days));
        if away.cover.is_empty() {
            line.say("; nobody covers yet")
        } else {
            line.say("; ").quote(&away.cover).say(" covers")
        }
    };
    facts.away.iter().map(line).collect()
}

fn jots(facts: &Facts) -> Vec<Line> {
    facts.jots.iter().map(|jot| Line::of(capital(&jot.kind)).say(": ").quote(&jot.text)).collect()
}

fn decision(decision: &Decision, today: Day) -> Line {
    let since = short_day(decision.since_day, today);
    let line = Line::default().title(&decision.title);
    match decision.what {
        "answer" => line.say(format!(": raised on {since}, and still waits for an answer")),
        "end-of-trial" => line.say(format!(": its trial ended on {since}; adopt it or go back")),
        _ => line.say(format!(": put off until {since}; take it up again or decline it")),
    }
}
