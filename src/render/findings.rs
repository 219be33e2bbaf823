//! Findings in the forms that forges and editors read: SARIF, workflow commands, a code quality report.

use serde_json::{Value as Json, json};

use super::plain::clean_line;
use crate::check::Rule;
use crate::record::finding::{Finding, Severity};

/// SARIF 2.1.0 (OASIS), one run. Paths are those of the findings, from the repository's root.
pub fn sarif(found: &[Finding], rules: &[&'static Rule]) -> Json {
    let mut used: Vec<&str> = found.iter().map(|finding| finding.rule).collect();
    used.sort_unstable();
    used.dedup();
    let documented = |name: &&str| rules.iter().find(|rule| rule.name == *name);
    let rule = |name: &str, rule: Option<&&'static Rule>| match rule {
        Some(rule) => json!({
            "id": name,
            "shortDescription": { "text": rule.what },
            "fullDescription": { "text": format!("{}: {}", rule.what, rule.why) },
            "help": { "text": format!("{}\n\nFor example: {}", rule.cure, rule.example) },
        }),
        None => json!({ "id": name }),
    };
    let rules: Vec<Json> = used.iter().map(|name| rule(name, documented(name))).collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "staple", "version": env!("CARGO_PKG_VERSION"), "rules": rules } },
            "results": found.iter().map(result).collect::<Vec<_>>(),
        }],
    })
}

fn result(finding: &Finding) -> Json {
    let level = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    };
    let mut place = json!({ "artifactLocation": { "uri": uri(&finding.path) } });
    if finding.line > 0 {
        place["region"] = json!({ "startLine": finding.line, "startColumn": finding.column.max(1) });
    }
    json!({
        "ruleId": finding.rule,
        "level": level,
        "message": { "text": with_cure(finding) },
        "locations": [{ "physicalLocation": place }],
        "partialFingerprints": { "finding/v1": fingerprint(finding) },
    })
}

/// A path as a relative reference: what is no plain character of a path is written in percent.
fn uri(path: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    path.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

fn with_cure(finding: &Finding) -> String {
    if finding.hint.is_empty() { finding.message.clone() } else { format!("{}\n{}", finding.message, finding.hint) }
}

/// The same for the same finding wherever it stands: FNV-1a over rule, path and message.
fn fingerprint(finding: &Finding) -> String {
    let text = format!("{}\0{}\0{}", finding.rule, finding.path, finding.message);
    let hash = text
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    format!("{hash:016x}")
}

/// A line a finding in the form of workflow commands, which GitHub and Gitea show beside the lines of a pull request.
pub fn workflow_commands(found: &[Finding]) -> Vec<String> {
    let line = |finding: &Finding| {
        let word = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "notice",
        };
        let place = match finding.line {
            0 => String::new(),
            line => format!(",line={line},col={}", finding.column.max(1)),
        };
        let message = with_cure(finding).lines().map(clean_line).collect::<Vec<_>>().join("\n");
        format!(
            "::{word} file={}{place},title={}::{}",
            escaped(&finding.path, true),
            escaped(finding.rule, true),
            escaped(&message, false)
        )
    };
    found.iter().map(line).collect()
}

/// As the runner undoes it: `%`, line ends, and in properties `:` and `,`.
fn escaped(text: &str, property: bool) -> String {
    let text = text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    if property { text.replace(':', "%3A").replace(',', "%2C") } else { text }
}

/// A report in the form of Code Climate, which GitLab shows in merge requests.
pub fn code_quality(found: &[Finding]) -> Json {
    let item = |finding: &Finding| {
        let severity = match finding.severity {
            Severity::Error => "major",
            Severity::Warning => "minor",
            Severity::Note => "info",
        };
        json!({
            "description": with_cure(finding),
            "check_name": finding.rule,
            "fingerprint": fingerprint(finding),
            "severity": severity,
            "location": { "path": finding.path, "lines": { "begin": finding.line.max(1) } },
        })
    };
    Json::Array(found.iter().map(item).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found() -> Vec<Finding> {
        vec![
            Finding::error("dangling-reference", "tickets/2026-11/7k3mqp.toml", "no such customer: a, b")
                .at(3, 7)
                .hint("100% sure?\nlook"),
            Finding::note("empty-role", "roles/x y.toml", "nobody"),
        ]
    }

    #[test]
    fn workflow_commands_keep_lines_and_marks_apart() {
        assert_eq!(
            workflow_commands(&found()),
            [
                "::error file=tickets/2026-11/7k3mqp.toml,line=3,col=7,title=dangling-reference::no such customer: a, b%0A100%25 sure?%0Alook",
                "::notice file=roles/x y.toml,title=empty-role::nobody",
            ]
        );
    }

    #[test]
    fn sarif_names_rules_places_and_a_lasting_mark() {
        let report = sarif(&found(), &crate::check::rules());
        let results = report["runs"][0]["results"].as_array().cloned().unwrap_or_default();
        assert_eq!(report["version"], "2.1.0");
        assert_eq!(results[0]["locations"][0]["physicalLocation"]["region"]["startLine"], 3);
        assert_eq!(results[1]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], "roles/x%20y.toml");
        assert!(results[1]["locations"][0]["physicalLocation"].get("region").is_none());
        let moved = sarif(&[found().remove(0).at(9, 9)], &[]);
        assert_eq!(moved["runs"][0]["results"][0]["partialFingerprints"], results[0]["partialFingerprints"]);
        assert!(report["runs"][0]["tool"]["driver"]["rules"][0]["help"]["text"].is_string());
    }

    #[test]
    fn code_quality_has_a_line_even_where_the_file_is_meant() {
        let report = code_quality(&found());
        assert_eq!((&report[1]["location"]["lines"]["begin"], &report[0]["severity"]), (&json!(1), &json!("major")));
    }
}
