//! The verbs of a proposal, from the proposal as it stands to the changes of one commit.

use super::{Moment, Plan, Refusal, set};
use crate::record::lifecycle::{may_move, refused_move};
use crate::record::slug::Slug;
use crate::record::time::Day;
use crate::record::{Kind, Record, Value};

/// The keys and their new values, and what happened in a few words.
type Step = (Vec<(&'static str, Value)>, String);

/// Refuses a move that the lifecycle does not allow.
fn require(proposal: &Record, to: &str) -> Result<(), Refusal> {
    let from = proposal.text("status");
    if may_move(Kind::Proposal, from, to) { Ok(()) } else { Err(refused_move(proposal, from, to)) }
}

/// Refuses a text that says nothing; `verb` is the command that would say it.
fn said(proposal: &Record, what: &str, text: &str, verb: &str) -> Result<Value, Refusal> {
    if text.trim().is_empty() {
        let reference = proposal.reference();
        let word = verb.split(' ').next().unwrap_or_default();
        let message = format!("{reference} cannot be {} without {what}", participle(word));
        return Err(Refusal::new(
            message,
            format!("staple proposal {}", verb.replacen(' ', &format!(" {reference} "), 1)),
        ));
    }
    Ok(text.trim_end().into())
}

fn participle(verb: &str) -> &'static str {
    match verb {
        "hear" => "heard",
        "trial" => "tried",
        "adopt" => "adopted",
        "revert" => "reverted",
        "decline" => "declined",
        "defer" => "deferred",
        _ => "superseded",
    }
}

/// The step as a plan. Words of a state that is left behind go; the history keeps them.
fn plan(proposal: &Record, to: &'static str, (mut sets, summary): Step) -> Plan {
    let leftovers: &[&'static str] = match proposal.text("status") {
        "deferred" => &["revisit"],
        "declined" if to == "heard" => &["reason", "would-reopen-if"],
        _ => &[],
    };
    for key in leftovers {
        if !proposal.get(key).is_unset() && to != proposal.text("status") {
            sets.push((key, Value::Unset));
        }
    }
    sets.insert(0, ("status", to.into()));
    Plan { changes: vec![set(proposal, sets)], summary, hints: Vec::new() }
}

/// Records that a proposal was heard, and what was said.
///
/// # Errors
/// When the move is not open, or nothing is said.
pub fn hear(proposal: &Record, answer: &str) -> Result<Plan, Refusal> {
    require(proposal, "heard")?;
    let answer = said(proposal, "an answer", answer, "hear --answer \"what was said\"")?;
    Ok(plan(proposal, "heard", (vec![("answer", answer)], "heard".to_owned())))
}

/// Puts a proposal on trial from a day to a day, both in it; from today when the first is left out.
///
/// # Errors
/// When the move is not open, or the trial has no end or ends before it begins.
pub fn trial(proposal: &Record, from: Option<Day>, until: Option<Day>, moment: &Moment<'_>) -> Result<Plan, Refusal> {
    require(proposal, "trial")?;
    let reference = proposal.reference();
    let today = moment.at.day_in(&moment.zone);
    let from = from.or_else(|| proposal.day("trial-from")).unwrap_or(today);
    let Some(until) = until else {
        let message = format!("{reference} cannot be tried without a last day");
        return Err(Refusal::new(message, format!("staple proposal trial {reference} --until 3w")));
    };
    if until < from {
        let message = format!("the trial of {reference} would end on {until}, before it begins on {from}");
        return Err(Refusal::new(message, format!("staple proposal trial {reference} --from {from} --until 3w")));
    }
    let words = format!("on trial until {}", crate::record::age::short_day(until, today));
    let mut plan = plan(proposal, "trial", (vec![("trial-from", from.into()), ("trial-until", until.into())], words));
    if proposal.text_of("measure").is_none() {
        let hint = format!("say which measure would show it: staple set {reference} measure=\"...\"");
        plan.hints.push(hint);
    }
    Ok(plan)
}

/// Adopts a proposal.
///
/// # Errors
/// When the move is not open, or what happened is not said.
pub fn adopt(proposal: &Record, what_happened: &str) -> Result<Plan, Refusal> {
    require(proposal, "adopted")?;
    let said = said(proposal, "saying what happened", what_happened, "adopt --what-happened \"what it brought\"")?;
    Ok(plan(proposal, "adopted", (vec![("what-happened", said)], "adopted".to_owned())))
}

/// Takes a trial or an adopted change back.
///
/// # Errors
/// When the move is not open, or what happened is not said.
pub fn revert(proposal: &Record, what_happened: &str) -> Result<Plan, Refusal> {
    require(proposal, "reverted")?;
    let said = said(proposal, "saying what happened", what_happened, "revert --what-happened \"what it brought\"")?;
    Ok(plan(proposal, "reverted", (vec![("what-happened", said)], "reverted".to_owned())))
}

/// Declines a proposal, with an honest reason and what would open it again.
///
/// # Errors
/// When the move is not open, or either is not said.
pub fn decline(proposal: &Record, reason: &str, would_reopen_if: &str) -> Result<Plan, Refusal> {
    require(proposal, "declined")?;
    let cure = "decline --reason \"why\" --would-reopen-if \"what would have to change\"";
    let reason = said(proposal, "an honest reason", reason, cure)?;
    let reopen = said(proposal, "saying what would open it again", would_reopen_if, cure)?;
    let sets = vec![("reason", reason), ("would-reopen-if", reopen)];
    Ok(plan(proposal, "declined", (sets, "declined".to_owned())))
}

/// Puts a proposal off to a day.
///
/// # Errors
/// When the move is not open, or the day is missing or not ahead.
pub fn defer(proposal: &Record, revisit: Option<Day>, moment: &Moment<'_>) -> Result<Plan, Refusal> {
    require(proposal, "deferred")?;
    let reference = proposal.reference();
    let today = moment.at.day_in(&moment.zone);
    let cure = format!("staple proposal defer {reference} --revisit 3mo");
    let Some(revisit) = revisit else {
        let message = format!("{reference} cannot be deferred without a day when it is taken up again");
        return Err(Refusal::new(message, cure));
    };
    if revisit <= today {
        return Err(Refusal::new(format!("{reference} cannot be deferred to {revisit}, which is not ahead"), cure));
    }
    let words = format!("deferred to {}", crate::record::age::short_day(revisit, today));
    Ok(plan(proposal, "deferred", (vec![("revisit", revisit.into())], words)))
}

/// Takes a proposal back.
///
/// # Errors
/// When the move is not open.
pub fn withdraw(proposal: &Record) -> Result<Plan, Refusal> {
    require(proposal, "withdrawn")?;
    Ok(plan(proposal, "withdrawn", (Vec::new(), "withdrawn".to_owned())))
}

/// Ends a proposal for another that stands for it now.
///
/// # Errors
/// When the move is not open, or the other is not named or is the same.
pub fn supersede(proposal: &Record, by: Option<&Slug>) -> Result<Plan, Refusal> {
    require(proposal, "superseded")?;
    let reference = proposal.reference();
    let cure = format!("staple proposal supersede {reference} --by OTHER");
    let Some(by) = by else {
        let message = format!("{reference} cannot be superseded without the proposal that stands for it now");
        return Err(Refusal::new(message, cure));
    };
    if by.as_str() == proposal.slug() {
        return Err(Refusal::new(format!("{reference} cannot be superseded by itself"), cure));
    }
    let sets = vec![("superseded-by", Value::from(by.as_str()))];
    Ok(plan(proposal, "superseded", (sets, format!("superseded by {by}"))))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::tests::{at, done};
    use super::*;
    use crate::record::Name;

    fn proposal(status: &str) -> Record {
        Record::new(Kind::Proposal, Name::Slug(Slug::parse("shorter-form").unwrap()), "")
            .with("title", "Shorter form")
            .with("status", status)
            .with("customer-benefit", "less to type")
    }

    fn day(text: &str) -> Option<Day> {
        Day::parse(text)
    }

    fn refused(result: Result<Plan, Refusal>) -> String {
        let refusal = result.unwrap_err();
        assert!(!refusal.hint.is_empty(), "{}", refusal.message);
        format!("{} | {}", refusal.message, refusal.hint)
    }

    #[test]
    fn a_proposal_goes_from_raised_to_adopted() {
        let p = proposal("proposed");
        let p = done(&p, hear(&p, "let us try it").unwrap());
        let (p, summary) = at("2026-11-22T09:15:00Z", "sam", |moment| {
            let plan = trial(&p, None, day("2026-12-13"), moment).unwrap();
            assert!(plan.hints[0].contains("measure"));
            (done(&p, plan.clone()), plan.summary)
        });
        assert_eq!(summary, "on trial until 13 Dec");
        assert_eq!(p.day("trial-from"), day("2026-11-22"));
        let p = done(&p, adopt(&p, "half the questions are gone").unwrap());
        assert_eq!((p.text("status"), p.text("answer")), ("adopted", "let us try it"));
        assert_eq!(done(&p, revert(&p, "they came back").unwrap()).text("status"), "reverted");
    }

    #[test]
    fn what_must_be_said_is_asked_for_with_the_command() {
        let p = proposal("proposed");
        assert_eq!(
            refused(hear(&p, " ")),
            "proposal:shorter-form cannot be heard without an answer | \
             staple proposal hear proposal:shorter-form --answer \"what was said\""
        );
        assert!(refused(adopt(&p, "")).contains("--what-happened"));
        assert!(refused(revert(&proposal("trial"), "")).contains("--what-happened"));
        assert!(refused(decline(&p, "too dear", "")).contains("what would open it again"));
        assert!(refused(decline(&p, "", "x")).contains("honest reason"));
        assert!(refused(supersede(&p, None)).contains("--by OTHER"));
        assert!(refused(supersede(&p, Slug::parse("shorter-form").as_ref())).contains("by itself"));
        at("2026-11-22T09:15:00Z", "sam", |moment| {
            assert!(refused(trial(&p, None, None, moment)).contains("--until"));
            assert!(refused(trial(&p, None, day("2026-11-21"), moment)).contains("before it begins"));
            assert!(refused(defer(&p, None, moment)).contains("--revisit"));
            assert!(refused(defer(&p, day("2026-11-22"), moment)).contains("not ahead"));
        });
    }

    #[test]
    fn a_declined_proposal_is_heard_again_before_it_is_tried() {
        let p = done(&proposal("heard"), decline(&proposal("heard"), "no time", "two more people").unwrap());
        at("2026-11-22T09:15:00Z", "sam", |moment| {
            assert!(refused(trial(&p, None, day("2026-12-13"), moment)).contains("hear it again first"));
        });
        let other = Slug::parse("no-form").unwrap();
        let superseded = done(&p, supersede(&p, Some(&other)).unwrap());
        assert_eq!(superseded.text("reason"), "no time", "why it was declined still holds");
        let p = done(&p, hear(&p, "two people came").unwrap());
        assert!(p.get("reason").is_unset() && p.get("would-reopen-if").is_unset());
        assert!(refused(hear(&proposal("adopted"), "x")).contains("cannot move from adopted to heard"));
    }

    #[test]
    fn a_deferred_proposal_has_no_day_once_it_goes_on() {
        let p = proposal("proposed");
        let p = at("2026-11-22T09:15:00Z", "sam", |moment| done(&p, defer(&p, day("2027-02-01"), moment).unwrap()));
        assert_eq!(p.day("revisit"), day("2027-02-01"));
        let gone = done(&p, withdraw(&p).unwrap());
        assert!(gone.get("revisit").is_unset());
        let other = Slug::parse("no-form").unwrap();
        assert_eq!(done(&gone, supersede(&gone, Some(&other)).unwrap()).text("superseded-by"), "no-form");
    }
}
