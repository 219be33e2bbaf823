//! Just enough of Rust's grammar to tell code from comments and strings.
//!
//! Words, `::` and single punctuation marks with their lines; comments apart; strings and numbers dropped. It does not
//! know types or macros: a path inside a macro call is seen like any other path, which is what the border rules want.

/// One piece of code and the line it stands on, counted from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) line: usize,
    pub(crate) text: String,
}

/// A source file as tokens and comment lines.
#[derive(Debug, Default)]
pub(crate) struct Source {
    pub(crate) tokens: Vec<Token>,
    pub(crate) comments: Vec<(usize, String)>,
}

/// Splits Rust source into tokens and comments; never fails, at worst it takes the rest of the file as one string.
pub(crate) fn lex(text: &str) -> Source {
    let mut lexer = Lexer { chars: text.chars().collect(), at: 0, line: 1, source: Source::default() };
    while lexer.at < lexer.chars.len() {
        lexer.step();
    }
    lexer.source
}

struct Lexer {
    chars: Vec<char>,
    at: usize,
    line: usize,
    source: Source,
}

impl Lexer {
    fn peek(&self, ahead: usize) -> char {
        self.chars.get(self.at + ahead).copied().unwrap_or('\0')
    }

    fn next(&mut self) -> char {
        let c = self.peek(0);
        self.at += 1;
        if c == '\n' {
            self.line += 1;
        }
        c
    }

    fn step(&mut self) {
        match self.peek(0) {
            '/' if self.peek(1) == '/' => self.line_comment(),
            '/' if self.peek(1) == '*' => self.block_comment(),
            '"' => self.string(),
            '\'' => self.quote(),
            c if c.is_alphabetic() || c == '_' => self.word(),
            c if c.is_numeric() => {
                while self.peek(0).is_alphanumeric() || self.peek(0) == '_' {
                    self.next();
                }
            }
            ':' if self.peek(1) == ':' => {
                self.push("::".to_string());
                self.at += 2;
            }
            c if c.is_whitespace() => {
                self.next();
            }
            c => {
                self.push(c.to_string());
                self.next();
            }
        }
    }

    fn push(&mut self, text: String) {
        self.source.tokens.push(Token { line: self.line, text });
    }

    fn line_comment(&mut self) {
        let (line, start) = (self.line, self.at);
        while self.at < self.chars.len() && self.peek(0) != '\n' {
            self.next();
        }
        self.source.comments.push((line, self.chars[start..self.at].iter().collect()));
    }

    fn block_comment(&mut self) {
        let (line, start, mut depth) = (self.line, self.at, 0);
        while self.at < self.chars.len() {
            match (self.peek(0), self.peek(1)) {
                ('/', '*') => depth += 1,
                ('*', '/') => depth -= 1,
                _ => {
                    self.next();
                    continue;
                }
            }
            self.at += 2;
            if depth == 0 {
                break;
            }
        }
        let whole: String = self.chars[start..self.at].iter().collect();
        self.source.comments.extend(whole.lines().enumerate().map(|(i, text)| (line + i, text.to_string())));
    }

    fn string(&mut self) {
        self.next();
        while self.at < self.chars.len() {
            match self.next() {
                '\\' => {
                    self.next();
                }
                '"' => return,
                _ => {}
            }
        }
    }

    /// A character in quotes, or a lifetime, whose name is then dropped.
    fn quote(&mut self) {
        self.next();
        if self.peek(0) == '\\' {
            self.next();
            self.next();
            while self.at < self.chars.len() && self.next() != '\'' {}
        } else if self.peek(1) == '\'' {
            self.next();
            self.next();
        } else {
            while self.peek(0).is_alphanumeric() || self.peek(0) == '_' {
                self.next();
            }
        }
    }

    fn word(&mut self) {
        let (line, start) = (self.line, self.at);
        while self.peek(0).is_alphanumeric() || self.peek(0) == '_' {
            self.next();
        }
        let word: String = self.chars[start..self.at].iter().collect();
        match (word.as_str(), self.peek(0)) {
            ("r" | "br" | "cr", '#' | '"') if self.raw_string() => {}
            ("b" | "c", '"') => self.string(),
            ("b", '\'') => self.quote(),
            _ => self.source.tokens.push(Token { line, text: word }),
        }
    }

    /// Takes `#"…"#` after an `r`; false, with nothing taken, for a raw word such as `r#type`.
    fn raw_string(&mut self) -> bool {
        let mut hashes = 0;
        while self.peek(hashes) == '#' {
            hashes += 1;
        }
        if self.peek(hashes) != '"' {
            return false;
        }
        self.at += hashes + 1;
        while self.at < self.chars.len() {
            if self.next() == '"' && (0..hashes).all(|i| self.peek(i) == '#') {
                self.at += hashes;
                return true;
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> String {
        lex(text).tokens.iter().map(|t| t.text.as_str()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn strings_characters_and_lifetimes_are_not_code() {
        assert_eq!(words(r#"let a = "use crate::cli;"; b"gix::x"; 'x'; '\''; '"'"#), "let a = ; ; ; ;");
        assert_eq!(words("r#\"crate::cli \" \"# fn f<'a>(x: &'a str) {}"), "fn f < > ( x : & str ) { }");
        assert_eq!(words(r"'\u{41}' a::b"), "a :: b");
    }

    #[test]
    fn comments_are_kept_apart_with_their_lines() {
        let source = lex("a\n// one\n/* two\n/* in */ three */ b\n");
        assert_eq!(source.comments[0], (2, "// one".to_string()));
        assert_eq!(source.comments[2].0, 4);
        assert_eq!(source.tokens.last(), Some(&Token { line: 4, text: "b".to_string() }));
    }

    #[test]
    fn a_string_that_never_ends_does_not_hang() {
        assert_eq!(words("a \"b"), "a");
        assert_eq!(words("/* b"), "");
        assert_eq!(words("r##\"b"), "");
    }
}
