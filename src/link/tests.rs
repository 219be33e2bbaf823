#![allow(clippy::unwrap_used)]

use super::*;
use crate::record::commit_words::CLOSING_WORDS;
use crate::store::Signature;
use crate::store::code::{CodeCommit, CodeRef, RefKind};

/// A repository in words, newest commit first: `c: parents: message`, then references `name=commit`; tags begin with v. A commit's
/// number is its time; a letter's last character names it.
fn code(commits: &[(u8, &[u8], &str)], refs: &[(&str, u8)]) -> Code {
    let place = |number: u8| commits.iter().position(|(own, ..)| *own == number).unwrap();
    let closing = CLOSING_WORDS.map(str::to_owned);
    let made = commits.iter().map(|(number, parents, message)| {
        let time = Time::from_unix(i64::from(*number) * 100);
        // A copy is written as the number of the original and a bar.
        let (author, message) =
            message.split_once('|').map_or((*number, *message), |(of, rest)| (of.parse().unwrap(), rest));
        CodeCommit {
            id: id(*number),
            parents: parents.iter().map(|parent| place(*parent)).collect(),
            author: Signature {
                name: "Ada".into(),
                email: "ada@example.org".into(),
                time: Time::from_unix(i64::from(author) * 100),
                offset_seconds: 0,
            },
            recorded: time,
            subject: message.lines().next().unwrap_or_default().to_owned(),
            said: CommitWords::read(message, &closing),
        }
    });
    let kind = |name: &str| if name.starts_with('v') { RefKind::Tag } else { RefKind::Branch };
    let mut found: Vec<CodeRef> = refs
        .iter()
        .map(|(name, commit)| CodeRef {
            name: (*name).to_owned(),
            kind: kind(name),
            commit: place(*commit),
            time: Time::from_unix(i64::from(*commit) * 100 + 50),
        })
        .collect();
    found.sort_by(|a, b| (a.kind, a.time, &a.name).cmp(&(b.kind, b.time, &b.name)));
    let head = refs.iter().find(|(name, _)| *name == "main").map(|(_, commit)| place(*commit));
    Code {
        name: String::new(),
        commits: Commits { commits: made.collect(), refs: found, head, shallow: false },
        releases: Vec::new(),
        shared: BTreeSet::new(),
    }
}

fn id(number: u8) -> ObjectId {
    ObjectId::from_bytes_or_panic(&[number; 20])
}

fn hex(number: u8) -> String {
    id(number).to_string()
}

fn ticket(text: &str) -> TicketFacts {
    TicketFacts {
        id: TicketId::parse(text).unwrap(),
        was: None,
        commits: Vec::new(),
        told: Vec::new(),
        dropped: false,
        duplicate_of: None,
    }
}

/// The changes of T-aaaaaa: commit, `!` for a fix, `-` when reverted, the releases, and in brackets how many copies.
fn check(code: Code, expected: &str) {
    let links = Links::find(&[code], &[ticket("T-aaaaaa")], &[]);
    let changes = links.of.get(&TicketId::parse("T-aaaaaa").unwrap()).cloned().unwrap_or_default();
    let told = changes.iter().map(|change| {
        let tags: Vec<&str> = change.releases.iter().map(|release| release.tag.as_str()).collect();
        let copies = if change.copies.is_empty() { String::new() } else { format!("({})", change.copies.len()) };
        format!(
            "{}{}{}{copies} {}",
            change.commit.as_bytes()[0],
            if change.bond == Bond::Fixes { "!" } else { "" },
            if change.reverted { "-" } else { "" },
            tags.join(",")
        )
    });
    assert_eq!(told.map(|one| one.trim().to_owned()).collect::<Vec<_>>().join("; "), expected);
}

use crate::record::commit_words::Bond;

#[test]
fn the_releases_that_hold_a_fix_come_by_time() {
    let commits: &[(u8, &[u8], &str)] =
        &[(4, &[3], "More"), (3, &[2], "Next"), (2, &[1], "Renew\n\nFixes: T-aaaaaa"), (1, &[], "Begin")];
    check(code(commits, &[("main", 4), ("v2", 4), ("v1", 3), ("v0", 1)]), "2! v1,v2");
}

#[test]
fn a_fix_on_a_branch_is_in_no_release_until_it_lands() {
    let commits: &[(u8, &[u8], &str)] = &[(3, &[1], "Other"), (2, &[1], "Renew, fixes T-aaaaaa"), (1, &[], "Begin")];
    let code = code(commits, &[("main", 3), ("topic", 2), ("v1", 3)]);
    let links = Links::find(&[code], &[ticket("T-aaaaaa")], &[]);
    let change = &links.of.values().next().unwrap()[0];
    assert_eq!((change.here, change.reverted, change.branches.as_slice()), (false, false, &["topic".to_owned()][..]));
    assert!(change.releases.is_empty() && links.fixes(ticket("T-aaaaaa").id).is_empty());
}

#[test]
fn a_revert_takes_the_fix_out_of_what_has_the_revert() {
    let revert = format!("Revert \"Renew\"\n\nThis reverts commit {}.", hex(2));
    let again = format!("Reapply \"Renew\"\n\nThis reverts commit {}.", hex(4));
    let mut commits: Vec<(u8, &[u8], &str)> =
        vec![(4, &[3], &revert), (3, &[2], "Next"), (2, &[1], "Renew\n\nFixes: T-aaaaaa"), (1, &[], "Begin")];
    check(code(&commits, &[("main", 4), ("v2", 4), ("v1", 3)]), "2!- v1");
    commits.insert(0, (5, &[4], &again));
    check(code(&commits, &[("main", 5), ("v3", 5), ("v2", 4), ("v1", 3)]), "2! v1,v3");
}

#[test]
fn a_revert_of_a_merge_takes_all_it_landed() {
    let revert = format!("Revert \"Merge\"\n\nThis reverts commit {}, reversing\nchanges made to {}.", hex(5), hex(4));
    let commits: &[(u8, &[u8], &str)] = &[
        (6, &[5], &revert),
        (5, &[4, 3], "Merge"),
        (4, &[1], "Main goes on, fixes T-bbbbbb"),
        (3, &[2], "More"),
        (2, &[1], "Renew\n\nFixes: T-aaaaaa"),
        (1, &[], "Begin, fixes T-bbbbbb"),
    ];
    check(code(commits, &[("main", 6), ("v1", 5), ("v2", 6)]), "2!- v1");
    let links = Links::find(&[code(commits, &[("main", 6)])], &[ticket("T-bbbbbb")], &[]);
    assert!(links.of.values().next().unwrap().iter().all(|change| !change.reverted));
}

#[test]
fn a_revert_from_a_forge_names_the_subject() {
    let commits: &[(u8, &[u8], &str)] = &[
        (3, &[2], "Revert \"Renew (#4)\" (#5)\n\nReverts a/b#4"),
        (2, &[1], "Renew (#4)\n\nFixes T-aaaaaa"),
        (1, &[], "Begin"),
    ];
    check(code(commits, &[("main", 3), ("v1", 3)]), "2!-");
}

#[test]
fn copies_are_one_change() {
    let picked = format!("Renew for 1.x\n\n(cherry picked from commit {})", hex(2));
    let commits: &[(u8, &[u8], &str)] = &[
        (5, &[1], &picked),
        (4, &[3], "2|Renew\n\nFixes: T-aaaaaa"),
        (3, &[1], "Other"),
        (2, &[1], "Renew\n\nFixes: T-aaaaaa"),
        (1, &[], "Begin"),
    ];
    check(code(commits, &[("main", 4), ("topic", 2), ("old", 5), ("v1.1", 5), ("v2", 4)]), "2!(2) v2,v1.1");
}

#[test]
fn a_whole_fix_is_every_change_that_counts() {
    let commits: &[(u8, &[u8], &str)] =
        &[(3, &[2], "Fixes T-aaaaaa for good"), (2, &[1], "Fixes T-aaaaaa"), (1, &[], "Begin")];
    let links = Links::find(&[code(commits, &[("main", 3), ("v1", 2), ("v2", 3)])], &[ticket("T-aaaaaa")], &[]);
    let tags = |releases: Vec<Release>| releases.into_iter().map(|release| release.tag).collect::<Vec<_>>();
    assert_eq!(tags(links.releases(ticket("T-aaaaaa").id)), ["v2"]);
}

#[test]
fn what_the_ticket_names_and_what_touches_it_are_evidence() {
    let commits: &[(u8, &[u8], &str)] = &[(2, &[1], "Renew"), (1, &[], "Begin")];
    let facts = TicketFacts { commits: vec![(String::new(), hex(2)[..7].to_owned())], ..ticket("T-aaaaaa") };
    let code = [code(commits, &[("main", 2)])];
    let links = Links::find(&code, &[facts], &[(id(1), ticket("T-aaaaaa").id), (id(9), ticket("T-aaaaaa").id)]);
    let told: Vec<_> = links.of.values().flatten().map(|change| (change.bond, change.evidence.clone())).collect();
    assert_eq!(told, [(Bond::Refers, vec![Evidence::Touches]), (Bond::Fixes, vec![Evidence::Recorded])]);
}

#[test]
fn who_was_not_told_is_listed_until_they_are() {
    let commits: &[(u8, &[u8], &str)] = &[(2, &[1], "Fixes T-aaaaaa"), (1, &[], "Begin")];
    let links = Links::find(&[code(commits, &[("main", 2), ("v1", 2)])], &[ticket("T-aaaaaa")], &[]);
    let check = |facts: TicketFacts, expected: usize| {
        let other = TicketFacts { duplicate_of: Some(facts.id), ..ticket("T-bbbbbb") };
        assert_eq!(untold(&links, &[facts, other]).len(), expected);
    };
    check(ticket("T-aaaaaa"), 2);
    check(TicketFacts { dropped: true, ..ticket("T-aaaaaa") }, 1);
    check(TicketFacts { told: vec![(Time::from_unix(1), Some("v1".into()))], ..ticket("T-aaaaaa") }, 1);
    check(TicketFacts { told: vec![(Time::from_unix(300), None)], ..ticket("T-aaaaaa") }, 1);
    check(TicketFacts { told: vec![(Time::from_unix(1), None)], ..ticket("T-aaaaaa") }, 2);
}

#[test]
fn a_fix_that_comes_back_as_a_copy_of_itself_is_there_again() {
    let revert = format!("Revert \"Renew\"\n\nThis reverts commit {}.", hex(2));
    let again = format!(
        "Renew for good\n\nThis reverts commit {}.\n\nFixes: T-aaaaaa\n(cherry picked from commit {})",
        hex(3),
        hex(2)
    );
    let commits: &[(u8, &[u8], &str)] =
        &[(4, &[3], &again), (3, &[2], &revert), (2, &[1], "Renew\n\nFixes: T-aaaaaa"), (1, &[], "Begin")];
    check(code(commits, &[("main", 4), ("v1", 2), ("v2", 3), ("v3", 4)]), "2!(1) v1,v3");
}

#[test]
fn a_revert_that_was_copied_takes_the_copy_back() {
    let (copy, revert) = (
        format!("2|Renew\n\nFixes: T-aaaaaa\n(cherry picked from commit {})", hex(2)),
        format!("Revert \"Renew\"\n\nThis reverts commit {}.", hex(2)),
    );
    let other = format!("4|{revert}\n(cherry picked from commit {})", hex(4));
    let commits: &[(u8, &[u8], &str)] = &[
        (5, &[3], &other),
        (4, &[2], &revert),
        (3, &[1], &copy),
        (2, &[1], "Renew\n\nFixes: T-aaaaaa"),
        (1, &[], "Begin"),
    ];
    check(code(commits, &[("main", 4), ("rel", 5), ("v1", 3), ("v2", 5), ("v3", 4)]), "2!-(1) v1");
}

#[test]
fn what_only_looks_alike_is_no_copy() {
    let commits: &[(u8, &[u8], &str)] =
        &[(3, &[2], "2|Sync\n\nFixes: T-aaaaaa"), (2, &[1], "Sync\n\nFixes: T-bbbbbb"), (1, &[], "Begin")];
    check(code(commits, &[("main", 3), ("v1", 2), ("v2", 3)]), "3! v2");
    let commits: &[(u8, &[u8], &str)] =
        &[(3, &[2], "2|Sync\n\nFixes: T-aaaaaa"), (2, &[1], "Sync\n\nFixes: T-aaaaaa"), (1, &[], "Begin")];
    check(code(commits, &[("main", 3), ("v1", 2), ("v2", 3)]), "2! v1,v2; 3! v2");
}

#[test]
fn a_revert_keeps_the_side_of_a_merge_that_it_names() {
    let revert = format!("Revert \"Merge\"\n\nThis reverts commit {}, reversing\nchanges made to {}.", hex(5), hex(3));
    let commits: &[(u8, &[u8], &str)] = &[
        (6, &[5], &revert),
        (5, &[4, 3], "Merge"),
        (4, &[1], "Other"),
        (3, &[2], "More"),
        (2, &[1], "Renew\n\nFixes: T-aaaaaa"),
        (1, &[], "Begin"),
    ];
    check(code(commits, &[("main", 6), ("v1", 5), ("v2", 6)]), "2! v1,v2");
}

#[test]
fn a_title_names_a_commit_below_the_revert() {
    let commits: &[(u8, &[u8], &str)] = &[
        (4, &[2], "Revert \"Bump\" (#5)\n\nReverts a/b#4"),
        (3, &[1], "Bump"),
        (2, &[1], "Bump\n\nFixes T-aaaaaa"),
        (1, &[], "Begin"),
    ];
    check(code(commits, &[("main", 4), ("side", 3)]), "2!-");
}

/// Reverts and copies in any tangle come to an end.
#[test]
fn no_tangle_of_reverts_and_copies_goes_on_for_ever() {
    let mut random = 7_u64;
    let mut next = |below: u8| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u8::try_from((random >> 33) % u64::from(below.max(1))).unwrap()
    };
    for _ in 0..300 {
        let mut commits: Vec<(u8, Vec<u8>, String)> = vec![(1, Vec::new(), "Begin".to_owned())];
        for number in 2..14_u8 {
            let mut parents = vec![1 + next(number - 1)];
            let second = 1 + next(number - 1);
            if next(4) == 0 && second != parents[0] {
                parents.push(second);
            }
            let (of, line) = (1 + next(number - 1), 1 + next(number - 1));
            let message = match next(5) {
                0 => format!("Undo\n\nThis reverts commit {}.", hex(of)),
                1 => format!("{of}|Same\n\nFixes: T-aaaaaa\n(cherry picked from commit {})", hex(line)),
                2 => {
                    format!("{of}|Undo\n\nThis reverts commit {}.\n(cherry picked from commit {})", hex(line), hex(of))
                }
                3 => "Revert \"Same\"".to_owned(),
                _ => "Same\n\nFixes: T-aaaaaa".to_owned(),
            };
            commits.insert(0, (number, parents, message));
        }
        let commits: Vec<(u8, &[u8], &str)> =
            commits.iter().map(|(number, parents, message)| (*number, parents.as_slice(), message.as_str())).collect();
        let code = code(&commits, &[("main", 13), ("v1", 7), ("v2", 10)]);
        let links = Links::find(&[code], &[ticket("T-aaaaaa")], &[]);
        // What was never taken back is where it was put.
        for change in links.of.values().flatten().filter(|change| change.reverts.is_empty()) {
            assert!(!change.reverted, "{change:?}");
        }
    }
}

#[test]
fn a_fix_in_two_repositories_is_out_when_both_are() {
    let one = code(&[(2, &[1], "Fixes T-aaaaaa"), (1, &[], "Begin")], &[("main", 2), ("v1", 2)]);
    let mut other = code(&[(6, &[5], "More"), (5, &[], "Fixes T-aaaaaa")], &[("main", 6)]);
    other.name = "web".to_owned();
    let tags = |code: &[Code]| {
        let links = Links::find(code, &[ticket("T-aaaaaa")], &[]);
        links.releases(ticket("T-aaaaaa").id).into_iter().map(|release| release.tag).collect::<Vec<_>>()
    };
    assert!(tags(&[one.clone(), other]).is_empty());
    let mut other = code(&[(6, &[5], "More"), (5, &[], "Fixes T-aaaaaa")], &[("main", 6), ("v9", 6)]);
    other.name = "web".to_owned();
    assert_eq!(tags(&[one, other]), ["v9"]);
}

#[test]
fn an_earlier_id_leads_to_its_ticket() {
    let commits: &[(u8, &[u8], &str)] = &[(1, &[], "Fixes T-bbbbbb")];
    let facts = TicketFacts { was: Some(ticket("T-bbbbbb").id), ..ticket("T-aaaaaa") };
    let links = Links::find(&[code(commits, &[("main", 1)])], &[facts], &[]);
    assert_eq!(links.of.keys().copied().collect::<Vec<_>>(), [ticket("T-aaaaaa").id]);
}

#[test]
fn patterns_say_which_tags_are_releases() {
    let is = |tag: &str, pattern: &str| links::is_release(tag, &[pattern.to_owned()]);
    assert!(is("v1.2", "v*") && is("v1.2", "v1.2") && is("app-1-rc", "app-*-rc") && links::is_release("x", &[]));
    assert!(!is("globset-1", "v*") && !is("v1.20", "v1.2"));
}
