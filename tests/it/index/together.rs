//! Readers beside a writer: each answer is a state that the desk had, and the last one is seen by all.

use std::process::{Command, Stdio};

use super::desks::small;
use super::questions::ask;

const READERS: usize = 10;
const READS: usize = 12;
const COMMITS: usize = 40;

#[test]
fn readers_beside_a_writer_see_states_that_the_desk_had() {
    let (e, ids) = small();
    let id = ids[0].clone();
    let list = ["list", "--all", id.as_str(), "--template", "{{ title }}"];
    e.staple_ok(&["set", &id, "title=State 0"]);
    let commands: Vec<Vec<Command>> = (0..READERS)
        .map(|reader| {
            let ask = |turn| match (reader + turn) % 3 {
                0 => e.staple_command(&["show", &id, "--template", "{{ title }}"]),
                1 => e.staple_command(&["list", "state", "--template", "{{ title }}"]),
                _ => e.staple_command(&["list", "--all", "title:state", "--template", "{{ title }}"]),
            };
            (0..READS).map(ask).collect()
        })
        .collect();
    std::thread::scope(|scope| {
        let readers: Vec<_> = commands.into_iter().map(|commands| scope.spawn(|| read(commands))).collect();
        for number in 1..=COMMITS {
            e.staple_ok(&["set", &id, &format!("title=State {number}")]);
            if number % 5 == 0 {
                // HEAD goes back and comes again, as when somebody changes their mind.
                let head = e.git(&["rev-parse", "HEAD"]);
                e.git(&["update-ref", "refs/heads/main", "HEAD~2"]);
                e.staple_ok(&list);
                e.git(&["update-ref", "refs/heads/main", head.trim()]);
            }
        }
        for reader in readers {
            for title in reader.join().unwrap() {
                let number = title.trim().strip_prefix("State ").and_then(|number| number.parse::<usize>().ok());
                assert!(number.is_some_and(|number| number <= COMMITS), "{title}");
            }
        }
    });
    for _ in 0..READERS {
        let shown = e.staple_ok(&["list", "--all", "title:state", "--template", "{{ title }}"]);
        assert_eq!(shown, format!("State {COMMITS}\n"));
    }
    ask(&e, &[&id]);
    e.assert_clean();
}

fn read(commands: Vec<Command>) -> Vec<String> {
    let mut titles = Vec::new();
    for mut command in commands {
        let output = command.stdin(Stdio::null()).output().unwrap();
        let (said, complaint) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success() && complaint.is_empty(), "{} {said} {complaint}", output.status);
        titles.push(said.into_owned());
    }
    titles
}
