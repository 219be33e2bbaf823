//! `staple check` and `staple bind` as a user meets them.

use crate::common::TestEnvironment;

/// The golden desk in a repository.
fn golden() -> TestEnvironment {
    let sam = TestEnvironment::with_repository();
    let from = std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    for (path, _) in crate::golden::files() {
        sam.write(&path, std::fs::read(from.join(&path)).unwrap());
    }
    sam.git(&["add", "."]);
    sam.git(&["commit", "--quiet", "-m", "Begin"]);
    sam
}

#[test]
fn the_golden_desk_is_in_order() {
    let sam = golden();
    let checked = sam.staple(&["check"]);
    assert_eq!((checked.stdout.as_str(), checked.status), ("", 0), "{checked}");
}

#[cfg(unix)]
#[test]
fn every_finding_names_its_place_and_cure_and_only_errors_fail() {
    let sam = golden();
    let path = "tickets/2026-08/4fz8rk.toml";
    sam.write(path, sam.read(path).replace("owner = \"sam\"", "owner = \"sma\""));
    let bad = "tickets/2026-11/9d2wxa.toml";
    sam.write(bad, sam.read(bad).replace("title = ", "title "));
    std::fs::remove_dir_all(sam.dir().join("queries")).unwrap();
    std::os::unix::fs::symlink("topics", sam.dir().join("queries")).unwrap();
    let checked = sam.staple(&["check"]);
    let expected = [
        "queries: error: this is a symbolic link, which is never followed [symlink]",
        "tickets/2026-08/4fz8rk.toml:21:1: error: `owner` names sma, which is not there [dangling-reference]",
        "  did you mean sam?",
        "tickets/2026-11/9d2wxa.toml:1:7: error:",
    ];
    for line in expected {
        assert!(checked.stdout.contains(line), "{line}\n{checked}");
    }
    assert_eq!(checked.status, 1);
    // Only what is asked about counts.
    assert_eq!(sam.staple(&["check", "people", "playbook:reset-password"]).status, 0);
    assert_eq!(sam.staple(&["check", "4fz"]).status, 1);
    let json = sam.staple(&["check", "4fz", "--format", "json"]);
    assert!(json.stdout.contains("\"rule\":\"dangling-reference\",\"severity\":\"error\""), "{json}");
}

/// The file was read only as the last commit has it, so that the error came when it was too late.
#[test]
fn settings_are_checked_as_they_are_edited() {
    let sam = golden();
    sam.write("staple.toml", sam.read("staple.toml") + "x = [\n");
    let checked = sam.staple(&["check"]);
    assert!(checked.status == 1 && checked.stdout.starts_with("staple.toml:"), "{checked}");
    sam.git(&["checkout", "--quiet", "staple.toml"]);
    assert_eq!(sam.staple(&["check"]).stdout, "");
    std::fs::remove_file(sam.dir().join("staple.toml")).unwrap();
    let listed = sam.staple(&["-C", ".", "check"]);
    assert_eq!(listed.status, 3, "{listed}");
}

#[test]
fn fix_adds_keys_and_sorts_lists_and_leaves_what_it_does_not_know() {
    let sam = golden();
    let path = "customers/brightwater.toml";
    let mended = sam.read(path);
    let text = mended.replace("segment = \"small business\"\n\n", "mine = 1 # keep\n\n");
    let text = text.replace("  \"crm:contact/4711\",\n  \"crm:contact/4712\",\n", "  \"b\", # two\n  \"a\",\n");
    sam.write(path, text);
    let left = sam.staple(&["check", "--fix"]);
    assert!(left.stderr.contains("customers/brightwater.toml has edits that are not committed"), "{left}");
    sam.git(&["commit", "--quiet", "-am", "By hand"]);
    sam.staple_ok(&["check", "--fix"]);
    let text = sam.read(path);
    assert!(text.contains("mine = 1 # keep\n") && text.contains("segment = \"\"\nzone = "), "{text}");
    assert!(text.contains("  \"a\",\n  \"b\", # two\n"), "{text}");
    sam.assert_clean();
    assert!(sam.staple(&["check", "--fix"]).stderr.contains("nothing to do"));
}

#[test]
fn rules_explain_themselves() {
    let sam = TestEnvironment::new();
    assert!(sam.staple_ok(&["check", "--rules"]).lines().count() > 40);
    assert!(sam.staple_ok(&["check", "--explain", "no-targets"]).contains("serve the number"));
    let unknown = sam.staple(&["check", "--explain", "no-target"]);
    assert!(unknown.status == 2 && unknown.stderr.contains("did you mean no-targets?"), "{unknown}");
}

/// A rule that reports something and is not documented could not be explained.
#[test]
fn every_rule_that_code_reports_is_documented() {
    let mut reported = Vec::new();
    let mut folders = vec![std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                reported.extend(rules_in(&std::fs::read_to_string(path).unwrap()));
            }
        }
    }
    assert!(reported.len() > 30, "{reported:?}");
    let known: Vec<&str> = staple::check::rules().iter().map(|rule| rule.name).collect();
    // Laid over a listing, never a finding.
    let missing: Vec<&String> =
        reported.iter().filter(|rule| *rule != "uncommitted" && !known.contains(&rule.as_str())).collect();
    assert!(missing.is_empty(), "no documentation: {missing:?}");
}

/// The names that code gives to what it finds.
fn rules_in(source: &str) -> Vec<String> {
    let flat = source.split_whitespace().collect::<Vec<_>>().join(" ").replace("( ", "(");
    let calls = [
        "Finding::error(\"",
        "Finding::warning(\"",
        "Finding::note(\"",
        ".need(\"",
        ".broken(\"",
        ".failed(\"",
        "(Severity::Error, \"",
        "(Severity::Warning, \"",
        "(Severity::Note, \"",
    ];
    let names = calls.iter().flat_map(|call| flat.split(call).skip(1));
    names.filter_map(|rest| rest.split('"').next()).map(str::to_owned).collect()
}

#[test]
fn binding_keeps_to_the_branch_and_to_tickets_done_for_a_while() {
    let sam = golden();
    let path = "tickets/2026-11/7k3mqp.toml";
    let done = sam.read(path).replace("status = \"waiting\"", "status = \"resolved\"");
    sam.write(path, done.replace("resolution = \"\"", "resolution = \"fixed\""));
    sam.git(&["commit", "--quiet", "-am", "Resolve"]);
    assert!(sam.staple(&["bind"]).stderr.contains("nothing to do"));
    sam.at("2027-02-21T09:15:00Z");
    sam.git(&["switch", "--quiet", "-c", "aside"]);
    let refused = sam.staple(&["bind"]);
    assert!(refused.status == 3 && refused.stderr.contains("git switch main && staple bind"), "{refused}");
    sam.git(&["switch", "--quiet", "main"]);
    assert!(sam.staple_ok(&["bind", "-n"]).contains("+[[message]]"));
    sam.staple_ok(&["bind"]);
    let files = sam.files();
    let loose: Vec<&String> = files.iter().filter(|path| path.starts_with("tickets/2026-11/7k3mqp.2")).collect();
    assert_eq!(loose.len(), 2, "attachments stay: {loose:?}");
    assert_eq!(sam.read(path).matches("\n[[message]]\n").count(), 9);
    sam.assert_clean();
    assert_eq!(sam.staple(&["check"]).status, 0);
}
