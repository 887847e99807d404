//! Entity tags, RFC 9110.
//!
//! Owns: how they are written and compared. Must not know: what they name.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::problem::Problem;

/// The tags that a condition names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Condition {
    /// Any there is: `*`.
    Any,
    /// One of these, as they are written; the weak ones with their `W/`.
    OneOf(Vec<String>),
}

impl Condition {
    /// The condition of this header; none where it is not there.
    pub(super) fn of(headers: &HeaderMap, name: &HeaderName) -> Result<Option<Self>, Problem> {
        let mut condition = None;
        for value in headers.get_all(name) {
            let fault =
                || Problem::bad_request(format!("`{name}` is `*` or a list of entity tags"));
            let text = value.to_str().map_err(|_| fault())?;
            let tags = read(text).ok_or_else(fault)?;
            condition = match (condition, tags) {
                (None, read) => Some(read),
                (Some(Self::OneOf(mut all)), Self::OneOf(more)) => {
                    all.extend(more);
                    Some(Self::OneOf(all))
                }
                _ => Some(Self::Any),
            };
        }
        Ok(condition)
    }

    /// Whether this tag is among them, for whoever has a copy of what it names.
    pub(super) fn has(&self, tag: &HeaderValue) -> bool {
        let bare = |tag: &str| tag.trim_start_matches("W/").to_owned();
        match (self, tag.to_str()) {
            (Self::Any, _) => true,
            (Self::OneOf(tags), Ok(tag)) => tags.iter().any(|one| bare(one) == bare(tag)),
            (Self::OneOf(_), Err(_)) => false,
        }
    }
}

/// A tag of what is the same byte by byte.
pub(super) fn strong(name: impl std::fmt::Display) -> Option<(HeaderName, HeaderValue)> {
    header(&format!("\"{name}\""))
}

/// A tag of what means the same.
pub(super) fn weak(name: impl std::fmt::Display) -> Option<(HeaderName, HeaderValue)> {
    header(&format!("W/\"{name}\""))
}

/// None where the name could not stand in a header, which no name of ours is.
fn header(tag: &str) -> Option<(HeaderName, HeaderValue)> {
    Some((header::ETAG, HeaderValue::from_str(tag).ok()?))
}

fn read(text: &str) -> Option<Condition> {
    let mut rest = text.trim();
    if rest == "*" {
        return Some(Condition::Any);
    }
    let mut tags = Vec::new();
    while !rest.is_empty() {
        let weak = rest.starts_with("W/");
        let quoted = rest.strip_prefix("W/").unwrap_or(rest).strip_prefix('"')?;
        let (tag, after) = quoted.split_once('"')?;
        let prefix = if weak { "W/" } else { "" };
        tags.push(format!("{prefix}\"{tag}\""));
        let after = after.trim_start();
        rest = match after.strip_prefix(',') {
            Some(more) => more.trim_start(),
            None if after.is_empty() => after,
            None => return None,
        };
    }
    (!tags.is_empty()).then_some(Condition::OneOf(tags))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_tags_are_read_and_nothing_else() {
        let one_of = |tags: &[&str]| {
            let tags = tags.iter().map(|tag| (*tag).to_owned());
            Some(Condition::OneOf(tags.collect()))
        };
        assert_eq!(read("*"), Some(Condition::Any));
        assert_eq!(read(r#""a""#), one_of(&[r#""a""#]));
        assert_eq!(read(r#" W/"a,b" , "c""#), one_of(&[r#"W/"a,b""#, r#""c""#]));
        for bad in ["", "a", "\"a", "\"a\" \"b\"", "*, \"a\"", "W/", ","] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
