//! What a query says: its words read into a tree, without looking at any archive.

use std::fmt;

use super::error::QueryError;
use super::names::DURING;

/// The longest query, in bytes.
pub const MAX_QUERY_BYTES: usize = 16 * 1024;
/// The most conditions in a query.
pub const MAX_CONDITIONS: usize = 500;
/// How deep parentheses may stand in each other.
pub const MAX_DEPTH: usize = 20;

/// A question to an archive. `docs/query.md` specifies how it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Query {
    /// All of these hold. None at all: every exhibit fits.
    All(Vec<Query>),
    /// At least one of these holds.
    Any(Vec<Query>),
    /// This does not hold.
    Not(Box<Query>),
    /// What is looked for.
    Is(Condition),
}

/// What is looked for, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// Where.
    pub about: About,
    /// What is looked for there.
    pub wanted: Wanted,
    /// Which character of the query it begins with, counted from 1; none if it was not typed as part of a query.
    pub at: Option<usize>,
}

/// Where something is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum About {
    /// In every field.
    Anything,
    /// In what was named before a colon: a field, or something else of an exhibit, such as its type.
    Named(String),
    /// In a field.
    Field(String),
}

impl About {
    /// The name as it was typed.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Anything => None,
            Self::Named(name) | Self::Field(name) => Some(name),
        }
    }
}

/// What is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// A text, also as part of a longer word. Of a field with a date: a date that has a day in common with this one.
    Text(String),
    /// Exactly these words.
    Phrase(String),
    /// Any value.
    Anything,
}

impl Query {
    /// Reads a query.
    ///
    /// # Errors
    /// It is not written as `docs/query.md` specifies: where, why, and what to write.
    pub fn parse(text: &str) -> Result<Self, QueryError> {
        if text.len() > MAX_QUERY_BYTES {
            let what = format!("the query has {} bytes", text.len());
            return Err(QueryError::of(what, format!("a query has at most {MAX_QUERY_BYTES}")));
        }
        let mut parser = Parser { letters: text.chars().collect(), next: 0, conditions: 0 };
        let query = parser.all(None, 0)?;
        match parser.peek() {
            None => Ok(query),
            Some(_) => Err(parser.wrong("this parenthesis closes nothing", "put it in quotes to look for it: \")\"")),
        }
    }

    /// That a field holds a text. The name may be a label.
    #[must_use]
    pub fn field(name: &str, wanted: Wanted) -> Self {
        Self::Is(Condition { about: About::Field(name.to_owned()), wanted, at: None })
    }

    /// That what an exhibit is about happened in a period.
    ///
    /// # Errors
    /// That what an exhibit is about happened in a period, as `during:` has it.
    #[must_use]
    pub fn during(period: &str) -> Self {
        Self::Is(Condition {
            about: About::Named(DURING.to_owned()),
            wanted: Wanted::Text(period.to_owned()),
            at: None,
        })
    }

    /// The conditions that must hold or may hold: all but what is excluded.
    pub fn wanted(&self) -> Vec<&Condition> {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().flat_map(Self::wanted).collect(),
            Self::Not(_) => Vec::new(),
            Self::Is(condition) => vec![condition],
        }
    }
}

impl fmt::Display for Condition {
    /// As it would be typed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(field) = self.about.name() {
            match field.chars().all(is_of_a_name) {
                true => write!(f, "{field}:")?,
                false => write!(f, "\"{field}\":")?,
            }
        }
        match &self.wanted {
            Wanted::Anything => f.write_str("*"),
            Wanted::Phrase(text) => write!(f, "\"{text}\""),
            Wanted::Text(text) if text.chars().any(|c| c.is_whitespace() || "()\"".contains(c)) => {
                write!(f, "\"{text}\"")
            }
            Wanted::Text(text) => f.write_str(text),
        }
    }
}

fn is_of_a_name(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_' || letter == '-'
}

/// What a keyboard or a word processor makes of the sign for quotes.
fn is_quote(letter: char) -> bool {
    matches!(letter, '"' | '\u{201c}' | '\u{201d}' | '\u{201e}' | '\u{ff02}')
}

fn is_colon(letter: char) -> bool {
    matches!(letter, ':' | '\u{ff1a}')
}

struct Parser {
    letters: Vec<char>,
    next: usize,
    conditions: usize,
}

impl Parser {
    fn peek(&self) -> Option<char> {
        self.letters.get(self.next).copied()
    }

    fn after(&self, count: usize) -> Option<char> {
        self.letters.get(self.next + count).copied()
    }

    fn wrong(&self, what: impl Into<String>, hint: impl Into<String>) -> QueryError {
        QueryError::at(self.next + 1, what, hint)
    }

    fn skip_blanks(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) {
            self.next += 1;
        }
    }

    /// The letters up to the next blank.
    fn word_ahead(&self) -> String {
        self.letters[self.next..].iter().take_while(|letter| !letter.is_whitespace()).collect()
    }

    /// Parts that must all hold, up to the end or the parenthesis that closes them.
    fn all(&mut self, field: Option<&str>, depth: usize) -> Result<Query, QueryError> {
        if depth > MAX_DEPTH {
            return Err(self.wrong("too many parentheses stand in each other", "write the query with fewer of them"));
        }
        let mut parts = Vec::new();
        loop {
            self.skip_blanks();
            match self.peek() {
                None | Some(')') => break,
                Some(_) => parts.push(self.any(field, depth)?),
            }
        }
        Ok(match parts.len() {
            1 => parts.remove(0),
            _ => Query::All(parts),
        })
    }

    /// One part, or several with `OR` between them.
    fn any(&mut self, field: Option<&str>, depth: usize) -> Result<Query, QueryError> {
        let mut parts = vec![self.one(field, depth)?];
        loop {
            self.skip_blanks();
            if self.word_ahead() != "OR" {
                break;
            }
            let or = self.next;
            self.next += 2;
            self.skip_blanks();
            if matches!(self.peek(), None | Some(')')) {
                self.next = or;
                return Err(self.wrong("OR has nothing after it", OR_HINT));
            }
            parts.push(self.one(field, depth)?);
        }
        Ok(match parts.len() {
            1 => parts.remove(0),
            _ => Query::Any(parts),
        })
    }

    fn one(&mut self, field: Option<&str>, depth: usize) -> Result<Query, QueryError> {
        match self.word_ahead().as_str() {
            "OR" => return Err(self.wrong("OR has nothing before it", OR_HINT)),
            "AND" | "&" | "&&" => {
                return Err(self.wrong(
                    "no AND is needed: all words must be found",
                    "leave it out, or put it in quotes to look for it",
                ));
            }
            "NOT" => {
                return Err(self.wrong(
                    "what is excluded is written with a minus sign",
                    "write -word, or \"NOT\" to look for the word",
                ));
            }
            "|" | "||" => return Err(self.wrong("alternatives are written with OR", OR_HINT)),
            "-" => {
                return Err(self.wrong("the minus sign has nothing after it", "write -word without a blank between"));
            }
            _ => {}
        }
        if self.peek() != Some('-') {
            return self.unit(field, depth);
        }
        if self.after(1) == Some('-') {
            return Err(self.wrong(
                format!("{} is not a condition", self.word_ahead()),
                "options stand outside the query; put the text in quotes to look for it",
            ));
        }
        if matches!(self.after(1), None | Some(')')) {
            return Err(self.wrong("the minus sign has nothing after it", "write -word without a blank between"));
        }
        self.next += 1;
        Ok(Query::Not(Box::new(self.unit(field, depth)?)))
    }

    fn unit(&mut self, field: Option<&str>, depth: usize) -> Result<Query, QueryError> {
        let start = self.next;
        if self.peek() == Some('(') {
            return self.group(field, depth);
        }
        let name = match self.peek() {
            Some(letter) if is_quote(letter) => {
                let phrase = self.phrase()?;
                if !self.peek().is_some_and(is_colon) {
                    return self.condition(field, Wanted::Phrase(phrase), start);
                }
                phrase
            }
            _ => match self.name_ahead() {
                Some(name) => {
                    self.next += name.chars().count();
                    name
                }
                None => {
                    let text = self.word(start)?;
                    return self.condition(field, Wanted::Text(text), start);
                }
            },
        };
        if field.is_some() {
            self.next = start;
            return Err(self.wrong(
                format!("the field {name} stands within the parentheses of another field"),
                "close the parentheses before it, or put it in quotes to look for the text",
            ));
        }
        self.next += 1;
        match self.peek() {
            Some('(') => self.group(Some(&name), depth),
            Some(letter) if is_quote(letter) => {
                let phrase = self.phrase()?;
                self.condition(Some(&name), Wanted::Phrase(phrase), start)
            }
            Some(letter) if !letter.is_whitespace() && letter != ')' => {
                let is_anything = letter == '*' && self.after(1).is_none_or(|c| c.is_whitespace() || c == ')');
                if is_anything {
                    self.next += 1;
                    return self.condition(Some(&name), Wanted::Anything, start);
                }
                let text = self.word(self.next)?;
                self.condition(Some(&name), Wanted::Text(text), start)
            }
            _ => {
                self.next = start;
                Err(self.wrong(
                    format!("{name}: is followed by nothing"),
                    format!("write {name}:TEXT, {name}:* for any value, or \"{name}:\" to look for the text"),
                ))
            }
        }
    }

    fn group(&mut self, field: Option<&str>, depth: usize) -> Result<Query, QueryError> {
        let start = self.next;
        self.next += 1;
        let inside = self.all(field, depth + 1)?;
        let is_closed = self.peek() == Some(')');
        if !is_closed || inside == Query::All(Vec::new()) {
            self.next = start;
            return Err(match is_closed {
                false => self.wrong("this parenthesis is not closed", "write ) where it ends"),
                true => self.wrong("the parentheses are empty", "write what is looked for between them"),
            });
        }
        self.next += 1;
        Ok(inside)
    }

    /// A text in quotes.
    fn phrase(&mut self) -> Result<String, QueryError> {
        let start = self.next;
        self.next += 1;
        let text: String = self.letters[self.next..].iter().take_while(|letter| !is_quote(**letter)).collect();
        self.next += text.chars().count();
        if self.peek().is_none() {
            self.next = start;
            return Err(self.wrong("this quote is not closed", "write \" where it ends"));
        }
        self.next += 1;
        if text.trim().is_empty() {
            self.next = start;
            return Err(self.wrong("there is nothing between the quotes", "write what is looked for between them"));
        }
        Ok(text.trim().to_owned())
    }

    /// The name of a field, if one is next. What has a colon for other reasons is none: `12:30`, `https://…`, `C:\…`.
    fn name_ahead(&self) -> Option<String> {
        let name: String = self.letters[self.next..].iter().take_while(|letter| is_of_a_name(**letter)).collect();
        let length = name.chars().count();
        let is_name = name.chars().next()?.is_alphabetic() && self.after(length).is_some_and(is_colon);
        let is_other = matches!(self.after(length + 1), Some('\\'))
            || (self.after(length + 1) == Some('/') && self.after(length + 2) == Some('/'));
        (is_name && !is_other).then_some(name)
    }

    /// A word: up to a blank, a quote, or a parenthesis that closes more than the word itself opened.
    fn word(&mut self, start: usize) -> Result<String, QueryError> {
        let (mut text, mut open) = (String::new(), 0_usize);
        while let Some(letter) = self.peek() {
            match letter {
                '(' => open += 1,
                ')' if open == 0 => break,
                ')' => open -= 1,
                letter if letter.is_whitespace() || is_quote(letter) => break,
                _ => {}
            }
            text.push(letter);
            self.next += 1;
        }
        if text.starts_with('*') || text.ends_with('*') {
            self.next = start;
            let word = text.trim_matches('*').to_owned();
            return Err(match word.is_empty() {
                true => {
                    self.wrong("* alone finds everything", "leave it out, or write NAME:* for any value of a field")
                }
                false => self.wrong(
                    "* is not needed: a word is also found within longer ones",
                    format!("write {word}, or \"{text}\" to look for the star"),
                ),
            });
        }
        Ok(text)
    }

    fn condition(&mut self, field: Option<&str>, wanted: Wanted, start: usize) -> Result<Query, QueryError> {
        self.conditions += 1;
        if self.conditions > MAX_CONDITIONS {
            return Err(
                self.wrong("the query has too many conditions", format!("at most {MAX_CONDITIONS} are allowed"))
            );
        }
        let about = field.map_or(About::Anything, |name| About::Named(name.to_owned()));
        Ok(Query::Is(Condition { about, wanted, at: Some(start + 1) }))
    }
}

const OR_HINT: &str = "write it between two words, as in tumen OR 투먼; put it in quotes to look for the word";

#[cfg(test)]
mod tests {
    use super::*;

    /// The tree in a form that a test can compare.
    fn told(query: &Query) -> String {
        let list = |parts: &[Query]| parts.iter().map(told).collect::<Vec<_>>().join(" ");
        match query {
            Query::All(parts) => format!("all({})", list(parts)),
            Query::Any(parts) => format!("any({})", list(parts)),
            Query::Not(part) => format!("not({})", told(part)),
            Query::Is(condition) => condition.to_string(),
        }
    }

    #[test]
    fn a_query_is_read_as_it_is_specified() {
        for (text, tree) in [
            ("", "all()"),
            ("tumen", "tumen"),
            ("tumen repatriation", "all(tumen repatriation)"),
            ("a OR b c OR d", "all(any(a b) any(c d))"),
            ("a (b c OR d) -e", "all(a all(b any(c d)) not(e))"),
            ("\"forced repatriation\" 북송", "all(\"forced repatriation\" 북송)"),
            ("“forced repatriation”", "\"forced repatriation\""),
            ("place:투먼 -witness:K-21", "all(place:투먼 not(witness:K-21))"),
            ("place:(tumen OR 투먼)", "any(place:tumen place:투먼)"),
            ("place:\"Tumen city\"", "place:\"Tumen city\""),
            ("\"Date made\":2003", "\"Date made\":2003"),
            ("장소:투먼", "장소:투먼"),
            ("place:*", "place:*"),
            ("-place:*", "not(place:*)"),
            ("12:30 https://example.org/x C:\\deposit", "all(12:30 https://example.org/x C:\\deposit)"),
            ("scan(1).jpg", "\"scan(1).jpg\""),
            ("or and not", "all(or and not)"),
            ("K-21", "K-21"),
            ("events_period:2003/2005", "events_period:2003/2005"),
            ("-(a OR b)", "not(any(a b))"),
        ] {
            assert_eq!(told(&Query::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))), tree, "{text}");
        }
    }

    #[test]
    fn what_is_not_a_query_is_refused_with_the_place() {
        for (text, at, what) in [
            ("a OR", 3, "nothing after"),
            ("OR a", 1, "nothing before"),
            ("(a OR )", 4, "nothing after"),
            ("(a -)", 4, "minus sign"),
            ("a AND b", 3, "no AND is needed"),
            ("a NOT b", 3, "minus sign"),
            ("a | b", 3, "written with OR"),
            ("a (b", 3, "not closed"),
            ("a b)", 4, "closes nothing"),
            ("a ()", 3, "empty"),
            ("a \"b", 3, "not closed"),
            ("\" \"", 1, "nothing between"),
            ("place: b", 1, "followed by nothing"),
            ("place:(b witness:c)", 10, "within the parentheses"),
            ("a tum*", 3, "not needed"),
            ("*", 1, "finds everything"),
            ("a --limit", 3, "is not a condition"),
            ("a - b", 3, "nothing after"),
        ] {
            let error = Query::parse(text).unwrap_err();
            assert!(error.to_string().contains(what) && error.at == Some(at), "{text}: {error} at {:?}", error.at);
            assert!(!error.hint.is_empty(), "{text}");
        }
    }

    #[test]
    fn a_query_has_limits() {
        assert!(Query::parse(&"a ".repeat(MAX_CONDITIONS)).is_ok());
        assert!(Query::parse(&"a ".repeat(MAX_CONDITIONS + 1)).unwrap_err().to_string().contains("too many"));
        assert!(Query::parse(&"(".repeat(10_000)).unwrap_err().to_string().contains("too many parentheses"));
        assert!(Query::parse(&"a".repeat(MAX_QUERY_BYTES + 1)).unwrap_err().to_string().contains("bytes"));
    }
}
