//! What every page is told of its request.
//!
//! Owns: who looks, and in which colours. Must not know: how anybody became who
//! they are: whoever checks that puts a [`Viewer`] into the request.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::header::COOKIE;
use axum::http::request::Parts;

use crate::app::Shared;
use crate::events::AsOf;

/// Who looks, where that is known.
#[derive(Clone, Debug)]
pub(crate) struct Viewer {
    /// What to call them.
    pub(crate) name: String,
    /// Whether they may change anything.
    pub(crate) may_change: bool,
}

/// The colours somebody chose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Theme {
    Light,
    Dark,
}

impl Theme {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

/// What a page is told of its request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asked {
    /// What could be seen when it was asked: the page shows that, or later.
    pub(super) as_of: AsOf,
    /// Who looks; none where nobody has to log in.
    pub(crate) viewer: Option<Viewer>,
    /// None: as the system has it.
    pub(super) theme: Option<Theme>,
}

impl Asked {
    /// Whether forms may be sent.
    pub(super) fn may_change(&self) -> bool {
        self.viewer.as_ref().is_none_or(|viewer| viewer.may_change)
    }
}

impl FromRequestParts<Shared> for Asked {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Infallible> {
        let cookies = parts.headers.get_all(COOKIE).iter();
        let mut themes = cookies.filter_map(|cookies| theme_in(cookies.to_str().ok()?));
        Ok(Self {
            as_of: app.events.as_of(),
            theme: themes.next(),
            viewer: parts.extensions.get::<Viewer>().cloned(),
        })
    }
}

fn theme_in(cookies: &str) -> Option<Theme> {
    let mut values = cookies.split(';').filter_map(|pair| pair.split_once('='));
    let (_, value) = values.find(|(name, _)| name.trim() == "theme")?;
    match value.trim() {
        "light" => Some(Theme::Light),
        "dark" => Some(Theme::Dark),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_theme_is_one_that_there_is() {
        assert_eq!(theme_in("a=b; theme=dark"), Some(Theme::Dark));
        assert_eq!(theme_in("theme=light"), Some(Theme::Light));
        assert_eq!(theme_in("theme=\"><script>"), None);
        assert_eq!(theme_in("mytheme=dark"), None);
    }
}
