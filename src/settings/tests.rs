//! How the layers lie over each other, and what they may not say.

use super::*;

fn flat(text: &str) -> Vec<FlatKey> {
    flatten(text).expect("TOML")
}

fn pair(name: &str, text: &str) -> (String, String) {
    (name.to_owned(), text.to_owned())
}

fn git(key: &str, text: &str, origin: &str) -> (String, String, String) {
    (key.to_owned(), text.to_owned(), origin.to_owned())
}

fn shown(settings: &Settings, name: &str) -> String {
    settings.get(name).map_or("none".to_owned(), |s| format!("{} ({})", s.text, s.origin))
}

fn messages(settings: &Settings) -> Vec<String> {
    settings.findings().iter().map(|f| format!("{f} {}", f.hint)).collect()
}

#[test]
fn with_nothing_said_every_key_has_its_default() {
    let settings = Settings::resolve(&Layers::default());
    assert_eq!(messages(&settings), [""; 0]);
    let names: Vec<&str> = settings.list().iter().map(|s| s.name.as_str()).collect();
    let keys: Vec<&str> = KEYS.iter().map(|k| k.name).filter(|name| !name.contains("NAME")).collect();
    assert_eq!(names, keys);
    assert_eq!(shown(&settings, "color"), "auto (default)");
    assert_eq!(settings.number("bind-after-days"), 90);
    assert_eq!(settings.items("products"), [""; 0]);
}

#[test]
fn a_later_layer_wins_and_says_where_it_came_from() {
    let user = "color = \"never\"\n";
    let git_values = [git("staple.color", "auto", "file:.git/config"), git("staple.COLOR", "always", "file:b")];
    let environment = BTreeMap::from([pair("STAPLE_COLOR", "never"), pair("HOME", "/home/sam")]);
    let flags = [pair("color", "always")];
    let mut layers = Layers { user: Some(("~/.config/staple/config.toml", user)), ..Layers::default() };
    assert_eq!(shown(&Settings::resolve(&layers), "color"), "never (~/.config/staple/config.toml:1)");
    layers.git = &git_values;
    assert_eq!(shown(&Settings::resolve(&layers), "color"), "always (file:b)");
    layers.environment = Some(&environment);
    assert_eq!(shown(&Settings::resolve(&layers), "color"), "never (STAPLE_COLOR)");
    layers.flags = &flags;
    let settings = Settings::resolve(&layers);
    assert_eq!(shown(&settings, "color"), "always (--config color)");
    assert_eq!(messages(&settings), [""; 0]);
}

#[test]
fn the_desk_decides_what_all_must_share() {
    let desk = flat(
        "format = 1\n\nname = \"Help\"\n\nzone = \"Europe/Berlin\"\n\nlanguage = \"\"\n\nproducts = [\"app\", \"api\"]\n",
    );
    let user = "zone = \"Asia/Tokyo\"\n";
    let layers = Layers { desk: &desk, user: Some(("config.toml", user)), ..Layers::default() };
    let settings = Settings::resolve(&layers);
    assert_eq!(shown(&settings, "zone"), "Europe/Berlin (staple.toml:5)");
    assert_eq!(shown(&settings, "language"), "en (default)");
    assert_eq!(settings.items("products"), ["app", "api"]);
    assert_eq!(settings.zone().iana_name(), Some("Europe/Berlin"));
    assert_eq!(
        messages(&settings),
        [
            "config.toml:1:1: warning: zone is decided by the desk, so that everybody reads the same [misplaced-setting] \
          set it in staple.toml: staple config set zone VALUE"
        ]
    );
}

#[test]
fn a_program_or_path_named_by_the_repository_is_refused() {
    let desk =
        flat("pager = \"rm -rf ~\"\neditor = \"x\"\nmail-command = \"x\"\ndesk = \"/etc\"\n[repo.a]\npath = \"/b\"\n");
    let settings = Settings::resolve(&Layers { desk: &desk, ..Layers::default() });
    for name in ["pager", "editor", "mail-command", "desk", "repo.a.path"] {
        assert_eq!(settings.text(name), "", "{name}");
    }
    let found = messages(&settings);
    assert_eq!(found.len(), 5);
    assert!(found.iter().all(|f| f.contains("must not choose what runs") && f.contains("[setting-not-allowed]")));
    assert!(found[0].starts_with("staple.toml:1:1: error: pager"), "{}", found[0]);
}

#[test]
fn a_persons_choice_in_the_desks_file_is_misplaced() {
    let desk = flat("hooks = \"none\"\n");
    let settings = Settings::resolve(&Layers { desk: &desk, ..Layers::default() });
    assert_eq!(shown(&settings, "hooks"), "commit-msg (default)");
    assert!(messages(&settings)[0].contains("hooks is for each person to choose"));
}

#[test]
fn a_person_says_where_the_code_lies() {
    let environment = BTreeMap::from([pair("STAPLE_MAIL_COMMAND", "sendmail -t")]);
    let layers = Layers {
        user: Some(("config.toml", "[repo.web]\npath = \"~/src/web\"\n")),
        git: &[git("staple.repo.Api.path", "~/src/api", "file:a"), git("staple.desk", "../desk", "file:a")],
        environment: Some(&environment),
        ..Layers::default()
    };
    let settings = Settings::resolve(&layers);
    assert_eq!(settings.repository_path("web"), Some("~/src/web"));
    assert_eq!(settings.repository_path("Api"), Some("~/src/api"));
    assert_eq!(settings.repository_path("other"), None);
    assert_eq!((settings.text("desk"), settings.text("mail-command")), ("../desk", "sendmail -t"));
    assert_eq!(settings.list().last().map(|s| s.name.as_str()), Some("repo.web.path"));
}

#[test]
fn an_unknown_name_is_met_with_the_nearest_ones() {
    let environment = BTreeMap::from([pair("STAPLE_COLOUR", "x"), pair("STAPLE_NOW", "2026-11-22T09:15:00Z")]);
    let layers = Layers {
        git: &[git("staple.pagre", "less", "file:a"), git("user.name", "Sam", "file:a")],
        environment: Some(&environment),
        ..Layers::default()
    };
    assert_eq!(
        messages(&Settings::resolve(&layers)),
        [
            "file:a: warning: no setting is called pagre [unknown-setting] did you mean pager?",
            "STAPLE_COLOUR: warning: no setting is called colour [unknown-setting] did you mean color?",
        ]
    );
}

#[test]
fn a_bad_value_leaves_the_layer_below_in_force() {
    let user = "color = \"never\"\n";
    let flags = [pair("color", "sometimes")];
    let settings = Settings::resolve(&Layers { user: Some(("c", user)), flags: &flags, ..Layers::default() });
    assert_eq!(settings.text("color"), "never");
    let expected =
        "--config color: error: color cannot be \"sometimes\"; it is one of auto, always, never [bad-setting] ";
    assert_eq!(messages(&settings), [expected]);
}

#[test]
fn a_file_of_the_person_that_is_not_toml_is_one_finding_and_the_rest_works() {
    let settings = Settings::resolve(&Layers { user: Some(("config.toml", "color = \n")), ..Layers::default() });
    assert_eq!(settings.text("color"), "auto");
    assert!(messages(&settings)[0].starts_with("config.toml:1:1: error: "), "{:?}", messages(&settings));
}
