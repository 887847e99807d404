//! The text of definitions, put together while the plugin is compiled.
//!
//! Owns: joining parts in a constant, where there is no allocation and no trait.
//! Must not know: what is written in them.

/// A part of the definitions' text.
#[derive(Debug)]
pub enum Part<'t> {
    /// As it is.
    Plain(&'t str),
    /// The lines of a doc comment, within quotation marks.
    Words(&'t [&'t str]),
}

/// How long the text of all parts is.
#[must_use]
pub const fn length(parts: &[Part<'_>]) -> usize {
    let (length, _) = put::<0>(parts);
    length
}

/// The text of all parts.
#[must_use]
pub const fn written<const N: usize>(parts: &[Part<'_>]) -> [u8; N] {
    let (_, text) = put::<N>(parts);
    text
}

/// The bytes of a text.
#[must_use]
pub const fn bytes<const N: usize>(text: &str) -> [u8; N] {
    written(&[Part::Plain(text)])
}

/// How long the text is, and as much of it as there is room for.
const fn put<const N: usize>(parts: &[Part<'_>]) -> (usize, [u8; N]) {
    let mut text = [0; N];
    let mut end = 0;
    let mut at = 0;
    while at < parts.len() {
        end = match parts[at] {
            Part::Plain(plain) => put_bytes(&mut text, end, plain.as_bytes(), false),
            Part::Words(lines) => put_lines(&mut text, end, lines),
        };
        at += 1;
    }
    (end, text)
}

/// Each line begins with the space behind `///`; the first one's is left out.
const fn put_lines(text: &mut [u8], mut end: usize, lines: &[&str]) -> usize {
    let mut at = 0;
    while at < lines.len() {
        let line = match at {
            0 => lines[at].as_bytes().trim_ascii(),
            _ => lines[at].as_bytes().trim_ascii_end(),
        };
        end = put_bytes(text, end, line, true);
        at += 1;
    }
    end
}

const fn put_bytes(text: &mut [u8], mut end: usize, bytes: &[u8], quoted: bool) -> usize {
    let mut at = 0;
    while at < bytes.len() {
        if quoted && matches!(bytes[at], b'"' | b'\\') {
            end = put_byte(text, end, b'\\');
        }
        end = put_byte(text, end, bytes[at]);
        at += 1;
    }
    end
}

const fn put_byte(text: &mut [u8], end: usize, byte: u8) -> usize {
    if end < text.len() {
        text[end] = byte;
    }
    end + 1
}
