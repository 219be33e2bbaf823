#![allow(clippy::unwrap_used)]
use super::*;

const MAP: &str = r#"
system = "helpdesk"
case = "id"
activity = "state#2"
time = "when"
time-format = "%d.%m.%Y %H:%M"
zone = "Europe/Stockholm"
separator = ";"
author = "who"
[ticket]
title = "{state}: {id}"
labels = ["group-{group}"]
[status]
"open" = "new"
"waits" = "waiting on customer"
"done" = "resolved workaround"
"note" = "same"
"#;

const HEADER: &str = "id;state;state;when;who;group;more\n";

fn now() -> Time {
    Time::parse("2026-11-22T09:15:00Z").unwrap()
}

fn log(rows: &str) -> Result<History, Error> {
    read(format!("{HEADER}{rows}").as_bytes(), &EventMap::read(MAP).unwrap(), now())
}

fn problems(rows: &str) -> Vec<(usize, String)> {
    match log(rows).unwrap_err() {
        Error::File(problems) | Error::Map(problems) => problems.into_iter().map(|p| (p.line, p.message)).collect(),
    }
}

#[test]
fn rows_become_events_in_order_of_time() {
    let history = log("7;Bug;done;02.07.2012 10:00;Ann;a;\n7;Bug;open;01.07.2012 10:00;Bo;a;x\n8;Ask;open;01.12.2012 10:00;;b;\n7;Bug;note;02.07.2012 09:00;Ann;b;\n").unwrap();
    let lines: Vec<String> = history
        .events
        .iter()
        .map(|e| format!("{} {} {} {:?} {}", e.at, e.offset_seconds, history.cases[e.case], e.author.name, e.summary))
        .collect();
    assert_eq!(
        lines,
        [
            "2012-07-01T08:00:00Z 7200 7 \"Bo\" new, Bug: 7",
            "2012-07-02T07:00:00Z 7200 7 \"Ann\" note",
            "2012-07-02T08:00:00Z 7200 7 \"Ann\" resolved, done",
            "2012-12-01T09:00:00Z 3600 8 \"\" new, Ask: 8",
        ]
    );
    let labels = Step::Labels { add: vec!["group-b".to_owned()], remove: vec!["group-a".to_owned()] };
    assert_eq!(history.events[1].steps, [labels]);
    let left: Vec<_> = history.left_out.lines().collect();
    assert_eq!(left, [("column more", "the map does not use it", 1)]);
}

#[test]
fn names_of_events_do_not_depend_on_the_rows_around_them() {
    let row = "7;Bug;open;01.07.2012 10:00;Bo;a;\n";
    let alone = log(row).unwrap().events[0].name.clone();
    let among = log(&format!("7;Bug;note;01.07.2012 09:00;Bo;a;\n{row}{row}")).unwrap();
    assert_eq!(among.events[1].name, alone);
    assert_eq!(among.events[2].name, format!("{alone}-2"));
}

#[test]
fn bad_rows_are_named_by_line() {
    let found = problems(
        "7;Bug;open;2012-07-01;Bo;a;\n7;Bug\n;Bug;open;01.07.2012 10:00;Bo;a;\n7;Bug;gone;01.07.2012 10:00;Bo;a;\n7;B;open;01.07.2060 10:00;Bo;a;\n7;B;open;01.07.1960 10:00;Bo;a;\n",
    );
    let expected = [
        (2, "`2012-07-01` is no time"),
        (3, "2 cells where the header has 7"),
        (4, "no case in `id`"),
        (5, "the map has no status for `gone`"),
        (6, "2060-07-01T08:00:00Z lies in the future"),
        (7, "1960-07-01T09:00:00Z is before 1970, which a commit cannot be dated"),
    ];
    assert_eq!(found, expected.map(|(line, message)| (line, message.to_owned())));
}

#[test]
fn an_empty_log_and_a_row_too_large_for_a_record_are_refused() {
    let map = EventMap::read(MAP).unwrap();
    let empty = Problem::new(1, "the log is empty", "its first row names the columns");
    assert_eq!(read(b"", &map, now()).unwrap_err(), Error::File(vec![empty]));
    let large = format!("7;{};open;01.07.2012 10:00;Bo;a;\n", "x".repeat(LARGEST_ROW));
    assert_eq!(problems(&large), [(2, "the row has over 1 MB, too much for a ticket".to_owned())]);
}

#[test]
fn a_quote_that_is_not_closed_swallows_no_rows() {
    let row = |number: u8, kind: &str| format!("{number};{kind};open;01.07.2012 10:00;Bo;a;\r\n");
    let open = [row(1, "Bug"), row(2, "\"Bug"), row(3, "Bug")].concat();
    assert_eq!(problems(&open).last().map(|(line, _)| *line), Some(3), "{:?}", problems(&open));
    let closed = [row(1, "Bug"), row(2, "\"Bug\nof \"\"ours\"\"\""), row(3, "Bug of 5\"")].concat();
    assert_eq!(log(&closed).unwrap().cases.len(), 3);
}

#[test]
fn a_column_that_is_not_there_is_named_in_the_map() {
    let map = EventMap::read(MAP).unwrap();
    let error = read(b"id;state;when;who;group\n", &map, now()).unwrap_err();
    let Error::Map(problems) = error else { panic!("{error:?}") };
    assert_eq!(problems[0].message, "the log has no column `state#2`");
    assert_eq!((problems[0].line, problems[0].hint.as_str()), (4, "it has: id, state, when, who, group"));
}

#[test]
fn the_example_map_fits_its_log() {
    let map = EventMap::read(include_str!("../../../examples/bpi-2013.toml")).unwrap();
    assert_eq!(map.labels.len(), 4);
}
