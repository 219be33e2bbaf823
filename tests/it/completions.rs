//! References in the shell: what fits the place, and the scripts in the shells that are there.

use std::process::Command;

use crate::common::TestEnvironment;

/// Sam at a desk with two open tickets, a done one, and records of other kinds.
fn desk() -> (TestEnvironment, [String; 3]) {
    let sam = TestEnvironment::new();
    sam.staple_ok(&["init"]);
    sam.staple_ok(&["customer", "new", "acme", "--name", "Acme GmbH"]);
    sam.staple_ok(&["customer", "new", "ace", "--name", "Ace Ltd"]);
    sam.staple_ok(&["team", "new", "engineering", "Engineering"]);
    sam.staple_ok(&["playbook", "new", "Reset a password", "--answer", "Follow the link."]);
    sam.staple_ok(&["topic", "new", "login", "Logging in"]);
    sam.staple_ok(&["topic", "new", "legacy", "Old things"]);
    sam.staple_ok(&["retire", "topic:legacy"]);
    let ids = ["Cannot log \u{1b}in", "Invoice is wrong", "Asked twice before"].map(|title| {
        sam.at(&format!("2026-11-22T10:{}:00Z", title.len()));
        sam.staple_ok(&["new", title, "--text", "x"]).trim().to_owned()
    });
    sam.staple_ok(&["drop", &ids[2], "mistake"]);
    sam.staple_ok(&["list"]);
    (sam, ids)
}

/// What may stand at the end of a line; words are parted by single spaces.
#[track_caller]
fn begun(sam: &TestEnvironment, line: &str) -> Vec<String> {
    let words: Vec<&str> = line.split(' ').collect();
    let all = [&["complete-refs", "--"], words.as_slice()].concat();
    let output = sam.staple(&all);
    assert!(output.status == 0 && output.stderr.is_empty(), "{line}\n{output}");
    output.stdout.lines().map(str::to_owned).collect()
}

#[test]
fn tickets_are_offered_with_titles_and_open_ones_first() {
    let (sam, [login, invoice, twice]) = desk();
    let open = [format!("{invoice}\tInvoice is wrong"), format!("{login}\tCannot log in")];
    for line in ["show ", "reply ", "ticket reply ", "-C . note ", "--desk . take ", "show T-", "redact ", "set "] {
        assert_eq!(begun(&sam, line)[..2], open, "{line}");
    }
    assert_eq!(begun(&sam, &format!("reply {}", &twice[..5])), [format!("{twice}\tAsked twice before")]);
    assert_eq!(begun(&sam, &format!("reply {}", &login[2..5])), [format!("{}\tCannot log in", &login[2..])]);
    let loud = login[..5].to_uppercase();
    assert_eq!(begun(&sam, &format!("reply {loud}")), [format!("{loud}{}\tCannot log in", &login[5..])]);
    assert_eq!(begun(&sam, "new Title --follows T-")[..2], open);
    assert_eq!(begun(&sam, &format!("show {login} T-"))[..2], open);
}

#[test]
fn what_is_offered_fits_the_place() {
    let (sam, [login, ..]) = desk();
    let acme = ["ace\tAce Ltd", "acme\tAcme GmbH"];
    assert_eq!(begun(&sam, "new Title --customer a"), acme);
    assert_eq!(begun(&sam, "new Title --customer=ac"), acme);
    assert_eq!(begun(&sam, "new --customer acme Title --topic "), ["login\tLogging in"]);
    assert_eq!(begun(&sam, "customer talked acm"), ["acme\tAcme GmbH"]);
    assert_eq!(begun(&sam, "show playbook:"), ["playbook:reset-password\tReset a password"]);
    assert_eq!(begun(&sam, "show res"), ["reset-password\tReset a password"]);
    assert_eq!(begun(&sam, "show pl"), ["playbook:reset-password\tReset a password"]);
    assert_eq!(begun(&sam, "retire topic:"), ["topic:login\tLogging in"]);
    assert_eq!(begun(&sam, &format!("wait {login} ")), ["customer", "team:engineering\tEngineering"]);
    assert_eq!(begun(&sam, "playbook new X --topics lo"), ["login\tLogging in"]);
    assert_eq!(begun(&sam, "playbook publish r"), ["reset-password\tReset a password"]);
    assert_eq!(begun(&sam, &format!("check {}", &login[..4])), [format!("{login}\tCannot log in")]);
    for line in
        ["", "sh", "list ", "show -", "show --as-of ", "new ", "check ", "set x title=", "reply x ", "nonsense "]
    {
        assert_eq!(begun(&sam, line), [""; 0], "{line}");
    }
    assert_eq!(begun(&sam, "undo --op-id "), [""; 0]);
}

#[test]
fn nothing_is_said_where_nothing_can_be_completed() {
    let sam = TestEnvironment::new();
    assert_eq!(begun(&sam, "show "), [""; 0]);
    let (sam, _) = desk();
    std::fs::remove_file(sam.dir().join(".git/staple/index.sqlite")).unwrap();
    assert_eq!(begun(&sam, "show "), [""; 0]);
    assert!(!sam.dir().join(".git/staple/index.sqlite").exists(), "nobody waits for an index at a key");
    sam.staple_ok(&["list"]);
    assert_eq!(begun(&sam, "show ").len(), 2);
    sam.git(&["config", "staple.index", "off"]);
    assert_eq!(begun(&sam, "show "), [""; 0]);
    sam.git(&["config", "staple.index", "auto"]);
    std::fs::write(sam.dir().join(".git/staple/index.sqlite"), "garbage").unwrap();
    assert_eq!(begun(&sam, "show "), [""; 0]);
    assert_eq!(sam.staple(&["complete-refs"]).to_string(), "--- status 0\n");
}

/// What a script for a shell prints, with this program as `staple`; nothing where the shell is not there.
fn in_shell(sam: &TestEnvironment, shell: &str, script: &str) -> Option<String> {
    Command::new(shell).arg("--version").output().ok()?;
    let folder = sam.home().join("bin");
    std::fs::create_dir_all(&folder).unwrap();
    let program = folder.join("staple");
    if !program.exists() {
        std::fs::hard_link(env!("CARGO_BIN_EXE_staple"), &program)
            .or_else(|_| std::fs::copy(env!("CARGO_BIN_EXE_staple"), &program).map(drop))
            .unwrap();
    }
    let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap_or_default());
    let output = Command::new(shell)
        .args(["-c", script])
        .current_dir(sam.dir())
        .env("PATH", path)
        .env("HOME", sam.home())
        .env("STAPLE_NOW", "2026-11-22T12:00:00Z")
        .output()
        .unwrap();
    assert!(
        output.status.success() && output.stderr.is_empty(),
        "{shell}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    Some(String::from_utf8(output.stdout).unwrap())
}

#[test]
fn bash_puts_references_where_the_cursor_is() {
    let (sam, [login, invoice, _]) = desk();
    let complete = |words: &str, kind: u32| {
        // As bash sets it: words and signs apart.
        let script = format!(
            "eval \"$(staple completions bash)\"; COMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); COMP_TYPE={kind}
             COMP_LINE=\"${{COMP_WORDS[*]}}\"; COMP_POINT=${{#COMP_LINE}}; COMPREPLY=(); COLUMNS=60
             _staple_with_references staple \"${{COMP_WORDS[COMP_CWORD]}}\" \"${{COMP_WORDS[COMP_CWORD-1]}}\"
             printf '%s\\n' \"${{COMPREPLY[@]}}\"; complete -p staple"
        );
        in_shell(&sam, "bash", &script)
    };
    let Some(found) = complete("staple show ''", 9) else { return };
    let (found, registered) = found.trim_end().rsplit_once('\n').unwrap();
    assert_eq!(found, format!("{invoice}\n{login}"));
    assert!(registered.contains("-F _staple_with_references staple"), "{registered}");
    let first = |words: &str, kind| {
        let found = complete(words, kind).unwrap();
        found.trim_end().rsplit_once('\n').unwrap().0.to_owned()
    };
    assert_eq!(first("staple show ''", 63), format!("{invoice}  Invoice is wrong\n{login}  Cannot log in"));
    assert_eq!(first("staple show playbook : re", 9), "reset-password");
    assert_eq!(first("staple show playbook :", 9), "reset-password");
    assert_eq!(first("staple new x --customer = ac", 9), "ace\nacme");
    assert_eq!(first("staple reply 'a b'", 9), "", "quoted words are one word");
    assert_eq!(first("staple sea", 9), "search");
    assert_eq!(first("staple show --as", 9), "--as-of");
}

#[test]
fn zsh_and_fish_take_the_scripts() {
    let (sam, [login, invoice, _]) = desk();
    let zsh = "autoload -U compinit; compinit -u -D; eval \"$(staple completions zsh)\"; print $_comps[staple]
         compadd() { print -l -- $texts; print -l -- $shown }
         staple_words=(show ''); _staple_references";
    if let Some(found) = in_shell(&sam, "zsh", zsh) {
        assert_eq!(
            found,
            format!("_staple\n{invoice}\n{login}\n{invoice}  Invoice is wrong\n{login}  Cannot log in\n")
        );
    }
    let fish = "staple completions fish | source; complete -C 'staple show '; complete -C 'staple new x --customer ac'";
    if let Some(found) = in_shell(&sam, "fish", fish) {
        assert_eq!(
            found,
            format!("{invoice}\tInvoice is wrong\n{login}\tCannot log in\nace\tAce Ltd\nacme\tAcme GmbH\n")
        );
    }
}
