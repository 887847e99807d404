//! A stranger's text on its way into a page.
//!
//! Owns: which characters a page may hold as they are. Must not know: what the
//! text says.

use maud::Render;

/// A text with all that could turn the direction of others, hide or break out
/// replaced by its escape, such as `\u{202e}`, and with markup escaped.
pub(in crate::dashboard) fn words(text: &str) -> Words<'_> {
    Words(text)
}

pub(in crate::dashboard) struct Words<'a>(&'a str);

impl Render for Words<'_> {
    fn render_to(&self, buffer: &mut String) {
        if self.0.chars().all(shows) {
            return self.0.render_to(buffer);
        }
        let mut safe = String::with_capacity(self.0.len() + 16);
        for c in self.0.chars() {
            match c {
                c if shows(c) => safe.push(c),
                c => safe.extend(c.escape_default()),
            }
        }
        safe.as_str().render_to(buffer);
    }
}

/// Whether a character does no more than to show, sit on another or take room.
fn shows(c: char) -> bool {
    if c.is_ascii() {
        return !c.is_ascii_control() || matches!(c, '\n' | '\t');
    }
    !c.is_control() && !changes_others(c)
}

/// Formats, direction marks and what shows nothing where something is taken to
/// be. The joiner of emoji is among what may stay.
fn changes_others(c: char) -> bool {
    matches!(
        c,
        '\u{00ad}'
            | '\u{034f}'
            | '\u{061c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200c}'
            | '\u{200e}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{2800}'
            | '\u{3164}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}'
            | '\u{f0000}'..='\u{10ffff}'
    )
}

#[cfg(test)]
mod tests {
    use maud::html;

    use super::*;

    fn drawn(text: &str) -> String {
        html! { p title=(words(text)) { (words(text)) } }.into_string()
    }

    #[test]
    fn markup_is_text_in_content_and_in_attributes() {
        let html = drawn("\"><script>alert(1)</script>&amp;");
        assert_eq!(html.matches('<').count(), 2, "{html}");
        assert!(html.contains("&lt;script&gt;"), "{html}");
        assert!(html.contains("&amp;amp;"), "{html}");
        assert!(html.starts_with("<p title=\"&quot;&gt;"), "{html}");
    }

    #[test]
    fn what_turns_or_hides_is_shown_as_its_escape() {
        let html = drawn("F\u{202e}B\u{200b}\u{0}\u{1b}[2J\u{2066}");
        assert!(
            html.contains(r"F\u{202e}B\u{200b}\u{0}\u{1b}[2J\u{2066}"),
            "{html}"
        );
    }

    #[test]
    fn other_scripts_stay_as_they_are() {
        for text in ["東京", "Zoë", "👩\u{200d}👧", "مرحبا"] {
            assert!(drawn(text).contains(text), "{text}");
        }
    }
}
