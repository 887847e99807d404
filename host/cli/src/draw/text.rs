//! A stranger's text on its way to a terminal.
//!
//! Owns: which characters a terminal may see, how wide they are, and where a
//! text is cut or wrapped.
//! Must not know: what the text says or where it stands.

use unicode_width::UnicodeWidthChar;

use super::Style;

/// Marks that may sit on one letter. More of them run into the lines above.
const MARKS_PER_LETTER: u8 = 2;

/// How many columns a text takes that has been through [`visible`].
///
/// Counted by character, which is never less than what a terminal takes that
/// joins some of them.
pub(super) fn width(text: &str) -> usize {
    text.chars().map(char_width).sum()
}

/// How many columns the widest of some texts takes.
pub(super) fn widest<'a>(texts: impl IntoIterator<Item = &'a String>) -> usize {
    texts.into_iter().map(|text| width(text)).max().unwrap_or(0)
}

fn char_width(c: char) -> usize {
    c.width().unwrap_or(0)
}

/// The characters of a text with all that could move the cursor, turn the
/// direction or hide replaced by its escape, such as `\u{1b}`.
pub(super) fn visible(text: &str, style: Style) -> impl Iterator<Item = char> + '_ {
    // A mark with no letter before it would sit on what stands to its left.
    let mut marks = MARKS_PER_LETTER;
    text.chars().flat_map(move |c| {
        let shown = match kind_of(c) {
            Character::Letter if style.unicode || c.is_ascii() => {
                marks = 0;
                Some(c)
            }
            Character::Mark if style.unicode && marks < MARKS_PER_LETTER => {
                marks += 1;
                Some(c)
            }
            Character::Space => {
                marks = MARKS_PER_LETTER;
                Some(' ')
            }
            _ => {
                marks = MARKS_PER_LETTER;
                None
            }
        };
        let escape = shown.is_none().then(|| c.escape_default());
        shown.into_iter().chain(escape.into_iter().flatten())
    })
}

enum Character {
    /// Takes a place of its own and shows.
    Letter,
    /// Sits on the letter before it.
    Mark,
    /// Takes a place and shows nothing.
    Space,
    /// Anything that does more, or less, than to show.
    Unsafe,
}

fn kind_of(c: char) -> Character {
    if c.is_ascii_graphic() {
        return Character::Letter;
    }
    if is_invisible(c) || c.is_control() {
        return Character::Unsafe;
    }
    if c.is_whitespace() {
        return Character::Space;
    }
    // `str::escape_debug` leaves alone what is printable, and a mark behind a
    // letter. What is left are formats, private use and unassigned.
    let behind_a_letter = String::from_iter(['a', c]);
    let printable = behind_a_letter.escape_debug().eq(behind_a_letter.chars());
    match (printable, char_width(c)) {
        (false, _) => Character::Unsafe,
        (true, 0) => Character::Mark,
        (true, _) => Character::Letter,
    }
}

/// Characters of other classes than "format" that show nothing, and the line
/// breaks that are no control characters.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{034f}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{2028}'..='\u{2029}'
            | '\u{2800}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{ffa0}'
            | '\u{e0100}'..='\u{e01ef}'
    )
}

/// The text in one line of at most `room` columns, its end replaced by an
/// ellipsis where it is longer. Reads no more of it than it shows.
pub(super) fn clip(text: &str, room: usize, style: Style) -> String {
    let mut shown = String::new();
    let mut taken = 0;
    for c in visible(text, style) {
        shown.push(c);
        taken += char_width(c);
        if taken > room {
            return cut(shown, taken, room, style);
        }
    }
    shown
}

fn cut(mut shown: String, mut taken: usize, room: usize, style: Style) -> String {
    let ellipsis = style.ellipsis();
    while taken + width(ellipsis) > room {
        match shown.pop() {
            Some(c) => taken -= char_width(c),
            // No room even for the ellipsis.
            None => return ".".repeat(room),
        }
    }
    // The marks of a letter that went go with it.
    while shown
        .chars()
        .next_back()
        .is_some_and(|c| char_width(c) == 0)
    {
        shown.pop();
    }
    shown.push_str(ellipsis);
    shown
}

/// The text in lines of at most `room` columns, broken between words, within a
/// word only where it is longer than a line.
pub(super) fn wrap(text: &str, room: usize, style: Style) -> Vec<String> {
    let shown: String = visible(text, style).collect();
    let mut lines = vec![];
    let mut line = String::new();
    let mut taken = 0;
    for word in shown.split(' ').filter(|word| !word.is_empty()) {
        let wide = width(word);
        if taken > 0 && taken + 1 + wide > room {
            lines.push(std::mem::take(&mut line));
            taken = 0;
        }
        if taken > 0 {
            line.push(' ');
            taken += 1;
        }
        for c in word.chars() {
            if taken > 0 && taken + char_width(c) > room {
                lines.push(std::mem::take(&mut line));
                taken = 0;
            }
            line.push(c);
            taken += char_width(c);
        }
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNICODE: Style = Style {
        color: false,
        width: 80,
        unicode: true,
    };
    const ASCII: Style = Style {
        unicode: false,
        ..UNICODE
    };

    fn shown(text: &str) -> String {
        visible(text, UNICODE).collect()
    }

    #[test]
    fn escapes_and_line_breaks_are_made_visible() {
        assert_eq!(shown("a\u{1b}[31mred\u{7}"), "a\\u{1b}[31mred\\u{7}");
        assert_eq!(shown("one\ntwo\r\tthree"), "one\\ntwo\\r\\tthree");
        assert_eq!(
            shown("\u{9b}2J \u{85} \u{2028}"),
            "\\u{9b}2J \\u{85} \\u{2028}"
        );
    }

    #[test]
    fn what_hides_or_turns_the_text_is_made_visible() {
        let bidi = "\u{202a}\u{202e}\u{2066}\u{2069}\u{200e}\u{200f}\u{61c}";
        let hidden =
            "\u{200b}\u{200c}\u{200d}\u{2060}\u{feff}\u{ad}\u{180e}\u{fe0f}\u{e0041}\u{3164}";
        for c in bidi.chars().chain(hidden.chars()) {
            assert_eq!(shown(&c.to_string()), c.escape_unicode().to_string());
            assert_eq!(shown(&format!("a{c}")), format!("a{}", c.escape_unicode()));
        }
    }

    #[test]
    fn letters_of_any_script_stay() {
        for text in [
            "Zürich",
            "東京",
            "Ελλάδα",
            "e\u{301}",
            "हिन्दी",
            "C:\\a 'b' \"c\"",
        ] {
            assert_eq!(shown(text), text);
        }
        assert_eq!(shown("1\u{202f}000\u{a0}€"), "1 000 €");
        assert_eq!(visible("Zürich", ASCII).collect::<String>(), "Z\\u{fc}rich");
    }

    #[test]
    fn a_letter_carries_two_marks_and_no_more() {
        let piled = format!("a{}", "\u{301}".repeat(50));
        assert!(shown(&piled).starts_with("a\u{301}\u{301}\\u{301}"));
        assert_eq!(shown("\u{301}a"), "\\u{301}a");
    }

    #[test]
    fn a_text_is_cut_by_what_it_takes_on_the_screen() {
        assert_eq!(clip("abcdef", 6, UNICODE), "abcdef");
        assert_eq!(clip("abcdefg", 6, UNICODE), "abcde…");
        assert_eq!(clip("abcdefg", 6, ASCII), "abc...");
        assert_eq!(clip("東京都庁", 6, UNICODE), "東京…");
        assert_eq!(clip("abcdefg", 2, ASCII), "..");
        assert_eq!(clip("abc", 0, UNICODE), "");
    }

    #[test]
    fn a_text_is_wrapped_between_words() {
        assert_eq!(wrap("one two  three", 7, UNICODE), ["one two", "three"]);
        assert_eq!(
            wrap("abcdefghij kl", 4, UNICODE),
            ["abcd", "efgh", "ij", "kl"]
        );
        assert_eq!(wrap("a abcdef", 4, UNICODE), ["a", "abcd", "ef"]);
        assert!(wrap("   ", 4, UNICODE).is_empty());
    }
}
