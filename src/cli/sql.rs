//! `staple sql`: queries in SQL over the index.

use serde_json::{Map, Value as Json, json};

use super::error::{CliError, with_causes};
use super::shared::standard_input;
use super::ui::{Style, Ui};
use crate::desk::Desk;
use crate::desk::sql::NoAnswer;
use crate::exchange::table;
use crate::index::schema::{self, TABLES};
use crate::index::{Cell, SqlError, SqlTable};
use crate::query::pointer;
use crate::record::nearest::nearest;
use crate::render::json::envelope;
use crate::render::table::Table;

/// Ask the index in SQL: counts, journeys, what was open when
///
/// The query is one SELECT in SQLite's SQL over the tables that staple sql --tables lists. It reads what is committed, and
/// changes nothing. Times are seconds since 1970: datetime(opened, 'unixepoch') shows one, unixepoch('2026-11-01') makes one,
/// both in UTC. Lists are JSON: json_each(labels) takes one apart. No table says who did something.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct SqlArgs {
    /// The query; `-` reads standard input. Without one, the tables are listed
    #[arg(value_name = "QUERY")]
    query: Option<String>,

    /// List the tables and their columns
    #[arg(long, conflicts_with = "query")]
    tables: bool,

    /// JSON in a versioned envelope; the same as --format json
    #[arg(long, conflicts_with = "format", help_heading = "Reading")]
    json: bool,

    /// The form of the output: text, csv or json
    #[arg(long, value_name = "FORM", value_parser = ["text", "csv", "json"], default_value = "text", help_heading = "Reading")]
    format: String,
}

const EXAMPLES: &str = "\
Examples:
  Tickets a topic and month:
    staple sql \"SELECT topic, strftime('%Y-%m', opened, 'unixepoch') AS month, count(*) AS tickets
      FROM ticket GROUP BY topic, month ORDER BY month, topic\"
  Hours from opened to the first reply:
    staple sql \"SELECT t.id, round((min(m.at) - t.opened) / 3600.0, 1) AS hours
      FROM ticket t JOIN message m USING (ticket) WHERE m.kind = 'reply' GROUP BY t.ticket\"
  What was open on a date:
    staple sql \"SELECT f.id, v.title, v.status FROM ticket_version v JOIN ticket_file f USING (ticket)
      WHERE v.effective <= unixepoch('2026-11-01') AND coalesce(v.until > unixepoch('2026-11-01'), 1)
      AND v.status NOT IN ('resolved', 'dropped', 'duplicate')\"
  The journey of a ticket:
    staple sql \"SELECT datetime(v.effective, 'unixepoch') AS since, v.status, v.waiting_on
      FROM ticket_version v JOIN ticket_file f USING (ticket) WHERE f.id = '7k3mqp' ORDER BY v.effective, v.position\"
  Commits that name a ticket:
    staple sql \"SELECT p.commit_id, l.keyword FROM link l JOIN position p USING (position)
      WHERE l.ticket_id = '7k3mqp'\"
  For a spreadsheet, and from a file:
    staple sql --format csv 'SELECT * FROM ticket' > tickets.csv
    staple sql - < report.sql";

pub(crate) fn cmd_sql(ui: &mut Ui, desk: &Desk, args: &SqlArgs) -> Result<(), CliError> {
    let Some(query) = &args.query else { return Err(CliError::usage("there is no query", "staple sql --tables")) };
    let query = if query == "-" { standard_input()? } else { query.clone() };
    let answer = desk.sql(&query).map_err(|error| no_answer(error, &query))?;
    match args.form() {
        "json" => ui.json(&envelope("rows", items(&answer))),
        "csv" => ui.text(&table::csv(&answer)),
        _ => show(ui, &answer),
    }
    Ok(())
}

impl SqlArgs {
    /// Whether the tables are asked for, which needs no desk.
    pub(crate) fn wants_tables(&self) -> bool {
        self.tables || self.query.is_none()
    }

    fn form(&self) -> &str {
        if self.json { "json" } else { &self.format }
    }
}

/// Lists the tables that queries may count on.
pub(crate) fn cmd_tables(ui: &mut Ui, args: &SqlArgs) {
    match args.form() {
        "json" => {
            let column = |(name, about): (String, String)| json!({ "column": name, "about": about });
            let table = |table: &schema::Table| {
                let columns: Vec<Json> = table.documented().into_iter().map(column).collect();
                json!({ "table": table.name, "about": table.about, "columns": columns })
            };
            ui.json(&envelope("tables", TABLES.iter().map(table).collect()));
        }
        "csv" => {
            let text = |text: &str| Cell::Text(text.to_owned());
            let columns = ["table", "column", "about"].map(str::to_owned).to_vec();
            let mut out = SqlTable { columns, rows: Vec::new() };
            for table in TABLES {
                let rows = table.documented().into_iter();
                out.rows.extend(rows.map(|(name, about)| vec![text(table.name), text(&name), text(&about)]));
            }
            ui.text(&table::csv(&out));
        }
        _ => {
            for (i, table) in TABLES.iter().enumerate() {
                if i > 0 {
                    ui.line("");
                }
                let name = ui.style(Style::Bold, table.name);
                ui.line(format!("{name}: {}", table.about));
                for (name, about) in table.documented() {
                    ui.line(format!("  {name:18}{about}"));
                }
            }
        }
    }
}

fn show(ui: &mut Ui, answer: &SqlTable) {
    let mut table = Table::of(answer.columns.clone());
    for row in &answer.rows {
        table.row(row.iter().map(text));
    }
    for line in table.lines(ui.table_width()) {
        ui.line(line);
    }
    if answer.rows.is_empty() {
        ui.status("no rows");
    }
}

fn text(cell: &Cell) -> String {
    match cell {
        Cell::Null => String::new(),
        Cell::Integer(number) => number.to_string(),
        Cell::Real(number) => format!("{number:?}"),
        Cell::Text(text) => text.clone(),
    }
}

/// Rows as objects; of columns of one name the second is called `name_2`.
fn items(answer: &SqlTable) -> Vec<Json> {
    let mut names: Vec<String> = Vec::new();
    for column in &answer.columns {
        let numbered = (2..).map(|number| format!("{column}_{number}"));
        let name = std::iter::once(column.clone()).chain(numbered).find(|name| !names.contains(name));
        names.extend(name);
    }
    let value = |cell: &Cell| match cell {
        Cell::Null => Json::Null,
        Cell::Integer(number) => json!(number),
        Cell::Real(number) => json!(number),
        Cell::Text(text) => json!(text),
    };
    let item = |row: &Vec<Cell>| names.iter().cloned().zip(row.iter().map(value)).collect::<Map<_, _>>();
    answer.rows.iter().map(item).map(Json::Object).collect()
}

fn no_answer(error: NoAnswer, query: &str) -> CliError {
    match error {
        NoAnswer::Store(error) => error.into(),
        NoAnswer::Query(error) => wrong(&error, query),
        NoAnswer::Off => CliError::refused(error.to_string(), "git config staple.index auto; see staple help index"),
        NoAnswer::NoCommit => CliError::refused(error.to_string(), "staple init makes it"),
        NoAnswer::NoIndex(_) => CliError::refused(
            with_causes(&error),
            "it is kept in the git directory: make that writable, or ask a clone; see staple help index",
        ),
    }
}

/// What is wrong with the query, the line it is in with a mark below the place, and what may have been meant.
fn wrong(error: &SqlError, query: &str) -> CliError {
    let mut message = error.to_string();
    if let SqlError::Query { offset: Some(offset), .. } = error {
        let before = query.get(..*offset).unwrap_or(query);
        let start = before.rfind('\n').map_or(0, |end| end + 1);
        let line = query[start..].lines().next().unwrap_or_default();
        let column = before[start..].chars().count() + 1;
        message = format!("column {column}: {message}\n{}", pointer(line, column));
        if start > 0 {
            message = format!("line {}, {message}", before.matches('\n').count() + 1);
        }
    }
    let mut names: Vec<String> = TABLES.iter().map(|table| table.name.to_owned()).collect();
    let unknown = error.to_string();
    let word = match unknown.split_once(": ") {
        Some(("no such column", column)) => {
            names = TABLES.iter().flat_map(schema::Table::documented).map(|(name, _)| name).collect();
            names.sort();
            names.dedup();
            let column = column.rsplit('.').next();
            // Another table has it.
            column.filter(|column| !names.iter().any(|name| name == column))
        }
        Some(("no such table", table)) => Some(table),
        _ => None,
    };
    match word.map(|word| nearest(word, names.iter().map(String::as_str))) {
        Some(near) if !near.is_empty() => CliError::usage(message, format!("did you mean {}?", near.join(" or "))),
        _ => CliError::usage(message, "see the tables and columns: staple sql --tables"),
    }
}
