//! The rows of a JSON document, taken column by column.
//!
//! Owns: the parsing of a list of lists of whole numbers, texts and nulls, and
//! the words for one that can't be read. A parser of any JSON takes twice as
//! long: here is known what comes next, and it goes into its record at once.
//! Must not know: the columns of a table.

use std::borrow::Cow;
use std::fmt::Display;
use std::str::FromStr;

use lombard_model::{Decimal, SavedSettings, Symbol, Timestamp, parse_decimal};

use super::symbols::Symbols;
use crate::StoreError;

/// The most characters that an error shows of a document.
const MAX_SHOWN: usize = 40;

/// Digits that fit 64 bits whatever they are.
const SAFE_DIGITS: usize = 18;

/// A document, as far as it has not been read. The columns of a row are taken
/// in the order in which they stand.
pub(super) struct Fields<'t> {
    table: &'static str,
    text: &'t str,
    /// Where the rest of it begins.
    at: usize,
    /// What stands before the next column.
    before: u8,
    /// The row that is being read, once its id was.
    row: Option<i64>,
    symbols: Symbols,
}

impl<'t> Fields<'t> {
    /// The rows of a document, each as `read` takes it.
    pub(super) fn rows<T>(
        table: &'static str,
        document: &'t str,
        expected: usize,
        mut read: impl FnMut(&mut Self) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let mut fields = Self {
            table,
            text: document,
            at: 0,
            before: b'[',
            row: None,
            symbols: Symbols::new(),
        };
        let mut rows = Vec::with_capacity(expected);
        fields.pass(b'[', "?", "a list of rows")?;
        if !fields.passes(b']') {
            loop {
                (fields.before, fields.row) = (b'[', None);
                rows.push(read(&mut fields)?);
                fields.pass(b']', "?", "the end of a row")?;
                if !fields.passes(b',') {
                    break;
                }
            }
            fields.row = None;
            fields.pass(b']', "?", "the end of the rows")?;
        }
        match fields.next() {
            Some(_) => Err(fields.unexpected("?", "nothing more")),
            None => Ok(rows),
        }
    }

    /// The id of the row, by which what can't be read of it is told.
    pub(super) fn key<I>(&mut self, column: &'static str) -> Result<I, StoreError>
    where
        I: TryFrom<i64, Error: Display>,
    {
        let number = self.integer(column)?;
        self.row = Some(number);
        I::try_from(number).map_err(|fault| self.corrupt(column, &fault))
    }

    pub(super) fn id<I>(&mut self, column: &'static str) -> Result<I, StoreError>
    where
        I: TryFrom<i64, Error: Display>,
    {
        let number = self.integer(column)?;
        I::try_from(number).map_err(|fault| self.corrupt(column, &fault))
    }

    /// A truth value, which the database has as a number.
    pub(super) fn flag(&mut self, column: &'static str) -> Result<bool, StoreError> {
        Ok(self.integer(column)? != 0)
    }

    /// Settings, which stand in the document as the text of their JSON.
    pub(super) fn settings(&mut self, column: &'static str) -> Result<SavedSettings, StoreError> {
        let text = self.text(column)?;
        serde_json::from_str(&text).map_err(|fault| self.corrupt(column, &fault))
    }

    pub(super) fn time(&mut self, column: &'static str) -> Result<Timestamp, StoreError> {
        self.integer(column).map(Timestamp::from_micros)
    }

    pub(super) fn name<T>(&mut self, column: &'static str) -> Result<T, StoreError>
    where
        T: FromStr<Err: Display>,
    {
        let text = self.text(column)?;
        text.parse().map_err(|fault| self.corrupt(column, &fault))
    }

    pub(super) fn decimal(&mut self, column: &'static str) -> Result<Decimal, StoreError> {
        let text = self.text(column)?;
        parse_decimal(&text).map_err(|fault| self.corrupt(column, &fault))
    }

    pub(super) fn symbol(&mut self, column: &'static str) -> Result<Symbol, StoreError> {
        let text = self.text(column)?;
        let symbol = self.symbols.get(&text);
        symbol.map_err(|fault| self.corrupt(column, &fault))
    }

    /// A column that may be NULL.
    pub(super) fn opt<T>(
        &mut self,
        column: &'static str,
        read: impl FnOnce(&mut Self, &'static str) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        let ahead = self.rest().as_bytes();
        if let [before, b'n', b'u', b'l', b'l', ..] = ahead
            && *before == self.before
        {
            self.before = b',';
            self.at += ",null".len();
            return Ok(None);
        }
        read(self, column).map(Some)
    }

    /// A text, which is not copied out of the document where it stands there
    /// as it is.
    pub(super) fn text(&mut self, column: &'static str) -> Result<Cow<'t, str>, StoreError> {
        self.begin(column)?;
        self.pass(b'"', column, "a text")?;
        let rest = self.rest();
        let length = rest.bytes().position(|byte| matches!(byte, b'"' | b'\\'));
        let length = length.unwrap_or(rest.len());
        if let Some((text, behind)) = rest.split_at_checked(length)
            && behind.starts_with('"')
        {
            self.at += length + 1;
            return Ok(Cow::Borrowed(text));
        }
        self.escaped_text(column)
    }

    /// A text with characters that JSON escapes, from behind its first quote.
    #[cold]
    fn escaped_text(&mut self, column: &'static str) -> Result<Cow<'t, str>, StoreError> {
        let start = self.at - 1;
        let quoted = self.text.get(start..).unwrap_or_default();
        let mut texts = serde_json::Deserializer::from_str(quoted).into_iter::<String>();
        match texts.next() {
            Some(Ok(text)) => {
                self.at = start + texts.byte_offset();
                Ok(Cow::Owned(text))
            }
            _ => Err(self.unexpected(column, "the end of a text")),
        }
    }

    fn integer(&mut self, column: &'static str) -> Result<i64, StoreError> {
        self.begin(column)?;
        let rest = self.rest().as_bytes();
        let (mut number, mut length) = (0_i64, 0);
        for byte in rest.iter().take(SAFE_DIGITS) {
            if !byte.is_ascii_digit() {
                break;
            }
            number = 10 * number + i64::from(byte - b'0');
            length += 1;
        }
        match rest.get(length) {
            Some(b',' | b']') if length > 0 => {
                self.at += length;
                Ok(number)
            }
            _ => self.any_integer(column),
        }
    }

    /// One with a sign, or with more digits than surely fit.
    #[cold]
    fn any_integer(&mut self, column: &'static str) -> Result<i64, StoreError> {
        let rest = self.rest();
        let length = rest.find([',', ']']).unwrap_or(rest.len());
        let number = rest.get(..length).and_then(|digits| digits.parse().ok());
        let Some(number) = number else {
            return Err(self.unexpected(column, "a whole number of 64 bits"));
        };
        self.at += length;
        Ok(number)
    }

    /// Passes what stands before a column.
    fn begin(&mut self, column: &'static str) -> Result<(), StoreError> {
        self.pass(self.before, column, "one more column")?;
        self.before = b',';
        Ok(())
    }

    fn pass(
        &mut self,
        byte: u8,
        column: &'static str,
        what: &'static str,
    ) -> Result<(), StoreError> {
        match self.passes(byte) {
            true => Ok(()),
            false => Err(self.unexpected(column, what)),
        }
    }

    fn passes(&mut self, byte: u8) -> bool {
        let is_next = self.next() == Some(byte);
        self.at += usize::from(is_next);
        is_next
    }

    fn next(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    #[cold]
    fn unexpected(&self, column: &'static str, what: &'static str) -> StoreError {
        let found: String = self.rest().chars().take(MAX_SHOWN).collect();
        self.corrupt(
            column,
            &format_args!("not {what}: `{}`", found.escape_debug()),
        )
    }

    #[cold]
    fn corrupt(&self, column: &'static str, fault: &dyn Display) -> StoreError {
        StoreError::Corrupt {
            table: self.table,
            column: column.to_owned(),
            row: self
                .row
                .map_or_else(|| "?".to_owned(), |row| row.to_string()),
            fault: fault.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A row of an id, a number, and a text, both of which may be absent.
    type Row = (i64, Option<i64>, Option<String>);

    fn rows(document: &str) -> Result<Vec<Row>, StoreError> {
        Fields::rows("things", document, 0, |row| {
            let id = row.key("id")?;
            let number = row.opt("number", Fields::integer)?;
            let text = row.opt("text", Fields::text)?;
            Ok((id, number, text.map(Cow::into_owned)))
        })
    }

    fn fault(document: &str) -> String {
        rows(document).unwrap_err().to_string()
    }

    #[test]
    fn columns_are_read_as_they_stand() {
        assert_eq!(rows("[]").unwrap(), []);
        let document = r#"[[1,2,"a"],[-9223372036854775808,9223372036854775807,""],[3,null,null],[4,-5,"\"\\\u0000\u00e9é,]["]]"#;
        let expected: Vec<Row> = vec![
            (1, Some(2), Some("a".to_owned())),
            (i64::MIN, Some(i64::MAX), Some(String::new())),
            (3, None, None),
            (4, Some(-5), Some("\"\\\0éé,][".to_owned())),
        ];
        assert_eq!(rows(document).unwrap(), expected);
    }

    #[test]
    fn what_is_no_such_row_is_told_by_its_place() {
        for (document, place) in [
            ("", "things.? of row ?"),
            ("[", "things.id of row ?"),
            ("[[]]", "things.id of row ?"),
            ("[[1.5,2,null]]", "things.id of row ?"),
            ("[[9223372036854775808,2,null]]", "things.id of row ?"),
            ("[[99999999999999999999999,2,null]]", "things.id of row ?"),
            ("[[7,1.5,null]]", "things.number of row 7"),
            ("[[7,\"1\",null]]", "things.number of row 7"),
            ("[[7,-,null]]", "things.number of row 7"),
            ("[[7,,null]]", "things.number of row 7"),
            ("[[7,nil,null]]", "things.number of row 7"),
            ("[[7,1]]", "things.text of row 7"),
            ("[[7,1,2]]", "things.text of row 7"),
            ("[[7,1,\"a]]", "things.text of row 7"),
            ("[[7,1,\"\\x\"]]", "things.text of row 7"),
            ("[[7,1,null,2]]", "things.? of row 7"),
            ("[[7,1,null],8]", "things.id of row ?"),
            ("[[7,1,null],[8]]", "things.number of row 8"),
            ("[[7,1,null][8,1,null]]", "things.? of row ?"),
            ("[[7,1,null]]]", "things.? of row ?"),
        ] {
            let told = fault(document);
            assert!(
                told.starts_with(&format!("{place} holds")),
                "{document}: {told}"
            );
        }
        let long = fault(&format!("[[7,\"{}", "x".repeat(1_000_000)));
        assert!(long.len() < 200, "{long}");
    }

    #[test]
    fn a_document_that_ends_too_soon_is_not_read() {
        let document = r#"[[1,2,"a\n"],[3,null,null],[-4,5,"é"]]"#;
        assert_eq!(rows(document).unwrap().len(), 3);
        for (end, _) in document.char_indices() {
            assert!(rows(&document[..end]).is_err(), "{}", &document[..end]);
        }
    }

    proptest! {
        #[test]
        fn rows_of_all_kinds_are_read(written: Vec<Row>) {
            let document = serde_json::to_string(&written).unwrap();
            prop_assert_eq!(rows(&document).unwrap(), written);
        }

        #[test]
        fn nothing_in_a_document_makes_it_panic(document in r#"\[?(\[(-?[0-9]{0,20}|null|"[a-zé\\]{0,3}"|[\[\],]){0,4}(,|\])?){0,3}\]?|.{0,20}"#) {
            let _ = rows(&document);
        }
    }
}
