//! Addresses of remotes as they may be shown: without the passwords and tokens that some have in them.

/// A remote's name or address as it may be shown.
pub fn shown(remote: &str) -> String {
    without_secret_values(&remote.replacen(secret(remote), "", 1))
}

/// Words of git, or of what it called, about remotes with these names or addresses, as they may be shown.
pub(super) fn without_secrets_of<'a>(remotes: impl Iterator<Item = &'a str>, words: &str) -> String {
    let mut words = words.to_owned();
    for remote in remotes {
        // The host may be named without what is before it in the address, or in the way of another protocol.
        let secret = secret(remote);
        let login = secret.trim_end_matches('@');
        let password = login.split_once(':').map_or(login, |(_, password)| password);
        if !password.is_empty() {
            words = words.replace(secret, "").replace(login, "***");
        }
        // A shorter one is found in many words.
        if password.len() > 3 {
            words = words.replace(password, "***");
        }
    }
    without_secrets(&words)
}

/// What is not to be shown of a remote's name or address, with the `@` behind it.
fn secret(remote: &str) -> &str {
    if let Some((scheme, rest)) = remote.split_once("://") {
        let (user, _) = parted(rest);
        return if kept(scheme, user).is_empty() { user } else { "" };
    }
    // `user:secret@host:path` is an address to people only, and they write it.
    let host = remote.split('/').next().unwrap_or_default();
    match host.rfind('@') {
        Some(at) if host[..at].contains(':') => &remote[..=at],
        _ => "",
    }
}

/// Words with all addresses in them as they may be shown.
pub(super) fn without_secrets(words: &str) -> String {
    let mut out = String::with_capacity(words.len());
    let mut rest = words;
    while let Some(at) = rest.find("://") {
        let (before, after) = rest.split_at(at + "://".len());
        let (word, behind) = after.split_at(after.find(char::is_whitespace).unwrap_or(after.len()));
        let (user, host) = parted(word);
        out.push_str(before);
        out.push_str(kept(&before[..at], user));
        // There may be another one in it.
        let tail = after.len() - behind.len() - host.len();
        rest = &after[tail..];
    }
    without_secret_values(&(out + rest))
}

/// The same without the values of parameters that are named as secrets are, such as `?private_token=…`. Others are needed: some forges
/// have the branch of a pull request among them.
fn without_secret_values(words: &str) -> String {
    const NAMES: [&str; 8] = ["token", "secret", "passw", "pwd", "auth", "key", "sig", "credential"];
    let mut out = String::with_capacity(words.len());
    let mut rest = words;
    while let Some(at) = rest.find(['?', '&']) {
        let (before, after) = rest.split_at(at + 1);
        let end = after.find(|c: char| !(c.is_ascii_alphanumeric() || "_-.".contains(c))).unwrap_or(after.len());
        let (name, behind) = after.split_at(end);
        out.push_str(before);
        out.push_str(name);
        rest = behind;
        let name = name.to_ascii_lowercase();
        if let Some(value) = behind.strip_prefix('=')
            && NAMES.iter().any(|secret| name.contains(secret))
        {
            let end = value.find(|c: char| c.is_whitespace() || "&#'\"".contains(c)).unwrap_or(value.len());
            out.push_str("=***");
            rest = &value[end..];
        }
    }
    out + rest
}

/// What stands before the host, with its `@`, and all from the host on.
fn parted(address: &str) -> (&str, &str) {
    let authority = address.split(['/', '?', '#']).next().unwrap_or_default();
    let is_port = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit());
    let end = match authority.rfind('@') {
        Some(at) => at + 1,
        // A password with a slash in it, which no program understands and git repeats as it is.
        None if authority.split_once(':').is_some_and(|(_, port)| !is_port(port)) => {
            address.rfind('@').map_or(0, |at| at + 1)
        }
        None => 0,
    };
    address.split_at(end)
}

/// A user alone, as ssh needs one, is no secret; with http a token stands there.
fn kept<'u>(before: &str, user: &'u str) -> &'u str {
    let is_ssh = before.ends_with("ssh") || before.ends_with("+git");
    if is_ssh && !user.contains(':') { user } else { "" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_shown_without_its_password() {
        for (remote, expected) in [
            ("origin", "origin"),
            ("/srv/a@b/desk.git", "/srv/a@b/desk.git"),
            ("https://host:8080/a/@b", "https://host:8080/a/@b"),
            ("https://sam:secret@host/desk.git", "https://host/desk.git"),
            ("https://sam:s@cr:et@host/", "https://host/"),
            ("https://sam:sec/ret@host/", "https://host/"),
            ("https://sam:sec ret@host/", "https://host/"),
            ("https://token@host/", "https://host/"),
            ("ssh://git@host/desk.git", "ssh://git@host/desk.git"),
            ("ssh://git:secret@host/desk.git", "ssh://host/desk.git"),
            ("git@host:desk.git", "git@host:desk.git"),
            ("sam:secret@host:desk.git", "host:desk.git"),
            ("https://host/?private_token=secret&x=1", "https://host/?private_token=***&x=1"),
            ("foo::https://sam:secret@host/", "foo::https://host/"),
        ] {
            assert_eq!(shown(remote), expected, "{remote}");
        }
    }

    #[test]
    fn words_are_shown_without_the_passwords_in_them() {
        for (words, expected) in [
            ("no address", "no address"),
            ("from 'https://sam:secret@host/x': no", "from 'https://host/x': no"),
            ("https://a:b@c,https://d:e'f@g and ssh://git@h", "https://c,https://g and ssh://git@h"),
            ("https://a:b@c/,https://d:e@g/", "https://c/,https://g/"),
            ("see https://host/pull/new/me@home", "see https://host/pull/new/me@home"),
            ("at https://sam:secret@host", "at https://host"),
            ("access 'https://host/x?token=secret/': no", "access 'https://host/x?token=***': no"),
            (
                "https://host/new?branch=desk/sam&access_token=secret",
                "https://host/new?branch=desk/sam&access_token=***",
            ),
            ("what? no&yes=1", "what? no&yes=1"),
            ("://", "://"),
        ] {
            assert_eq!(without_secrets(words), expected, "{words}");
        }
        for (remote, words, expected) in [
            ("git://sam:secret@host/x", "cannot find sam:secret@host (port 9)", "cannot find host (port 9)"),
            ("https://sam:secret@host/x", "no 'sam:secret' nor 'secret' at host", "no '***' nor '***' at host"),
            ("https://sam:it@host/x", "it is not there", "it is not there"),
            ("origin", "origin is not there", "origin is not there"),
        ] {
            assert_eq!(without_secrets_of([remote].into_iter(), words), expected, "{remote}");
        }
    }
}
