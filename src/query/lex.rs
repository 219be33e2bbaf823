//! The words of a query and where they stand.

use super::error::QueryError;

/// A word of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    Open,
    Close,
    Not,
    Or,
    And,
    /// `name:value,value`.
    Field {
        name: String,
        values: Vec<Piece>,
    },
    /// A word or a phrase to search for.
    Words(Piece),
}

/// A text and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) text: String,
    pub(super) quoted: bool,
    pub(super) column: usize,
}

/// Sets a query apart into tokens, each with its column.
pub(super) fn lex(text: &str) -> Result<Vec<(Token, usize)>, QueryError> {
    let mut lexer = Lexer { chars: text.chars().collect(), at: 0 };
    let mut tokens = Vec::new();
    while let Some(c) = lexer.peek() {
        let column = lexer.at + 1;
        if c.is_whitespace() {
            lexer.at += 1;
            continue;
        }
        let token = match c {
            '(' | ')' => {
                lexer.at += 1;
                if c == '(' { Token::Open } else { Token::Close }
            }
            '-' if lexer.chars.get(column).is_some_and(|next| !next.is_whitespace() && *next != '-') => {
                lexer.at += 1;
                Token::Not
            }
            '"' => Token::Words(Piece { text: lexer.quoted()?, quoted: true, column }),
            _ => match lexer.field_name() {
                Some(name) => Token::Field { values: lexer.values(&name)?, name },
                None => word(lexer.bare(), column),
            },
        };
        tokens.push((token, column));
    }
    Ok(tokens)
}

fn word(text: String, column: usize) -> Token {
    match text.to_lowercase().as_str() {
        "or" => Token::Or,
        "and" => Token::And,
        "not" => Token::Not,
        _ => Token::Words(Piece { text, quoted: false, column }),
    }
}

struct Lexer {
    chars: Vec<char>,
    at: usize,
}

impl Lexer {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    /// Takes `name:`; single letters (`C:\`), numbers (`12:30`) and addresses (`https://`) are words.
    fn field_name(&mut self) -> Option<String> {
        let rest = &self.chars[self.at..];
        let length = rest.iter().take_while(|c| c.is_alphabetic() || **c == '-').count();
        let name = &rest[..length];
        let shaped = length >= 2 && name[0].is_alphabetic() && rest.get(length) == Some(&':');
        if !shaped || rest[length + 1..].starts_with(&['/', '/']) {
            return None;
        }
        self.at += length + 1;
        Some(name.iter().collect())
    }

    fn values(&mut self, name: &str) -> Result<Vec<Piece>, QueryError> {
        let mut values = Vec::new();
        loop {
            let value = self.value()?;
            if value.text.is_empty() && !value.quoted {
                let message = format!("a value is missing: write it right after `{name}:`, in quotes if it has spaces");
                return Err(QueryError::new(value.column, message));
            }
            values.push(value);
            if self.peek() != Some(',') {
                return Ok(values);
            }
            self.at += 1;
        }
    }

    /// A value up to a space or comma; parts of it may be quoted (`"24 Nov".."30 Nov"`).
    fn value(&mut self) -> Result<Piece, QueryError> {
        let mut piece = Piece { text: String::new(), quoted: false, column: self.at + 1 };
        let mut inner = 0;
        while let Some(c) = self.peek() {
            if c == '"' {
                piece.text.push_str(&self.quoted()?);
                piece.quoted = true;
                continue;
            }
            if c == ',' || !belongs(c, &mut inner) {
                break;
            }
            piece.text.push(c);
            self.at += 1;
        }
        Ok(piece)
    }

    fn bare(&mut self) -> String {
        let mut text = String::new();
        let mut inner = 0;
        while let Some(c) = self.peek().filter(|c| belongs(*c, &mut inner)) {
            text.push(c);
            self.at += 1;
        }
        text
    }

    /// A text in quotes, the quotes left out; a backslash keeps the next quote or backslash as it is.
    fn quoted(&mut self) -> Result<String, QueryError> {
        let column = self.at + 1;
        self.at += 1;
        let mut text = String::new();
        while let Some(c) = self.peek() {
            self.at += 1;
            match (c, self.peek()) {
                ('"', _) => return Ok(text),
                ('\\', Some(kept @ ('"' | '\\'))) => {
                    text.push(kept);
                    self.at += 1;
                }
                _ => text.push(c),
            }
        }
        Err(QueryError::new(column, "these quotes are never closed"))
    }
}

/// Whether a bare word goes on with `c`: parentheses that open within it close within it (`crash(3)`).
fn belongs(c: char, inner: &mut u32) -> bool {
    match c {
        '(' => *inner += 1,
        ')' if *inner == 0 => return false,
        ')' => *inner -= 1,
        _ => {}
    }
    !c.is_whitespace()
}
