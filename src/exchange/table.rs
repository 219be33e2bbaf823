//! Tables as CSV (RFC 4180), for spreadsheets and scripts.

use crate::index::{Cell, SqlTable};

/// The table, its columns' names first; lines end with CR LF, nothing is an empty field.
///
/// A text that a spreadsheet would take for a formula gets a `'` before it, so that what a customer wrote computes nothing.
pub fn csv(table: &SqlTable) -> String {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    // A row without columns has no form in CSV; writing to memory does not fail otherwise.
    let _ = writer.write_record(table.columns.iter().map(|name| harmless(name)));
    for row in &table.rows {
        let _ = writer.write_record(row.iter().map(field));
    }
    let bytes = writer.into_inner().unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

fn field(cell: &Cell) -> String {
    match cell {
        Cell::Null => String::new(),
        Cell::Integer(number) => number.to_string(),
        Cell::Real(number) => format!("{number:?}"),
        Cell::Text(text) => harmless(text),
    }
}

fn harmless(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_computes_nothing_and_a_number_stays_one() {
        let text = |text: &str| Cell::Text(text.to_owned());
        let table = SqlTable {
            columns: vec!["a".into(), "-b".into()],
            rows: vec![
                vec![text("=1+1"), Cell::Integer(-5)],
                vec![text("say \"no\",\nplease"), Cell::Null],
                vec![text("\t@x"), Cell::Real(-0.5)],
                vec![text("a-b"), text("+49 30")],
            ],
        };
        let expected = "a,'-b\r\n'=1+1,-5\r\n\"say \"\"no\"\",\nplease\",\r\n'\t@x,-0.5\r\na-b,'+49 30\r\n";
        assert_eq!(csv(&table), expected);
    }
}
