//! How deep a TOML text nests, before anybody makes a tree of it.
//!
//! Owns: that measure, from the text's tokens alone. Whoever reads TOML bounds
//! the brackets that stand in each other and the parts of one key, each for
//! itself: long keys within brackets within long keys are a tree of thousands
//! of levels in a few kilobytes, and whoever walks it, if only to drop it, runs
//! out of stack. Must not know: what the text says.

use toml_parser::Source;
use toml_parser::lexer::TokenKind;

/// A bracket that is open; the first is the text itself.
struct Level {
    /// What closes it.
    closer: Option<TokenKind>,
    /// Points of the key, or the number, that is being read in it: as many as
    /// the parts of a key but one.
    points: usize,
}

impl Level {
    const fn closed_by(closer: Option<TokenKind>) -> Self {
        Self { closer, points: 0 }
    }
}

/// Whether anything in the text stands deeper than so many levels: in so many
/// brackets, and behind the points of the keys that stand before them.
///
/// A text that is no TOML is taken to be deeper rather than shallower than it
/// is: a bracket that closes another one closes nothing.
pub(crate) fn is_deeper_than(levels: usize, text: &str) -> bool {
    let mut within: Vec<Level> = Vec::new();
    let mut here = Level::closed_by(None);
    let mut depth = 0;
    for token in Source::new(text).lex() {
        let kind = token.kind();
        match kind {
            TokenKind::LeftSquareBracket | TokenKind::LeftCurlyBracket => {
                let closer = match kind {
                    TokenKind::LeftSquareBracket => TokenKind::RightSquareBracket,
                    _ => TokenKind::RightCurlyBracket,
                };
                let opened = Level::closed_by(Some(closer));
                within.push(std::mem::replace(&mut here, opened));
                depth += 1;
            }
            TokenKind::Dot => {
                here.points += 1;
                depth += 1;
            }
            // What follows has a key, or a number, of its own.
            TokenKind::Comma => depth -= std::mem::take(&mut here.points),
            TokenKind::Newline if within.is_empty() => {
                depth -= std::mem::take(&mut here.points);
            }
            _ if Some(kind) == here.closer => {
                depth -= 1 + here.points;
                here = within.pop().unwrap_or(Level::closed_by(None));
            }
            _ => {}
        }
        if depth > levels {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_and_the_parts_of_keys_are_levels() {
        for (text, depth) in [
            ("", 0),
            ("a = 1", 0),
            ("[a]\nb.c = 1\nd.e = 2.5", 2),
            ("a.b = [[1.5, 2.5, 3.5], { c.d.e = 1, f = 2 }]", 5),
            ("a = { b.c = [1], d.e = 2 }\n[f.g.h]\n[[i]]", 3),
            ("a = \"[[[[...\" # [[[[...\nb = '''\n[[[\n'''", 0),
            ("a = [\n1.5,\n# no\n2.5\n]", 2),
        ] {
            assert!(!is_deeper_than(depth, text), "{text}");
            assert!(depth == 0 || is_deeper_than(depth - 1, text), "{text}");
        }
    }

    #[test]
    fn what_closes_another_bracket_closes_nothing() {
        assert!(is_deeper_than(5, &"a = [}".repeat(6)));
        assert!(!is_deeper_than(5, &"]}".repeat(20)));
    }
}
