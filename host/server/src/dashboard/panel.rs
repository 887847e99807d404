//! A panel: a part of a page that stands for itself and is refreshed alone.
//!
//! Owns: its frame, and how each of its states looks: loading, empty, partial,
//! whole, failed. Must not know: what is in it.

use lombard_model::view::{Block, View};
use maud::{Markup, html};

use super::draw::{self, words};
use super::failure::Failure;
use super::page::fault;

/// What there is to show.
pub(super) enum Content {
    /// It is being made.
    Loading,
    /// A view, whole or in part.
    View(View),
    /// What there is instead.
    Failed(Failure),
}

impl Content {
    fn state(&self) -> State {
        match self {
            Self::Loading => State::Loading,
            Self::Failed(_) => State::Error,
            Self::View(view) => of_view(view),
        }
    }
}

/// How a panel stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Loading,
    Empty,
    Partial,
    Whole,
    Error,
}

impl State {
    /// Its class, and its words for the panel's head.
    const fn words(self) -> (&'static str, Option<&'static str>) {
        match self {
            Self::Loading => ("loading", Some("Loading")),
            Self::Empty => ("empty", Some("Empty")),
            Self::Partial => ("partial", Some("Partial")),
            Self::Whole => ("whole", None),
            Self::Error => ("error", Some("Error")),
        }
    }
}

fn of_view(view: &View) -> State {
    let has = |wanted: fn(&Block) -> bool| view.blocks.iter().any(wanted);
    if has(|block| matches!(block, Block::Warning(_))) {
        State::Partial
    } else if has(|block| !matches!(block, Block::Empty(_))) {
        State::Whole
    } else {
        State::Empty
    }
}

/// The panel of a widget. A script finds it by its id, and what it shows now at
/// its address.
pub(super) fn widget(name: &str, content: &Content) -> Markup {
    let id = format!("panel-{name}");
    let title = match content {
        Content::View(view) => &view.title,
        _ => name,
    };
    let (class, badge) = content.state().words();
    html! {
        section class={ "panel " (class) } id=(words(&id)) aria-labelledby={ (words(&id)) "-title" }
            data-panel={ "/panels/" (words(name)) } data-state=(class) {
            header {
                h2 id={ (words(&id)) "-title" } { (words(title)) }
                @if let Some(badge) = badge { span class={ "badge " (class) } { (badge) } }
            }
            @match content {
                Content::Loading => p.empty { "This takes a moment the first time. "
                    a href="/" { "Look again" } },
                Content::View(view) => (draw::view(view)),
                Content::Failed(failure) => (fault(failure)),
            }
        }
    }
}

/// A panel of the host's own, which is part of the page at `address`. Its id is
/// unique there.
pub(super) fn own(id: &str, title: &str, address: &str, content: &Markup) -> Markup {
    html! {
        section.panel id=(id) aria-labelledby={ (id) "-title" } data-panel=(address) {
            header { h2 id={ (id) "-title" } { (title) } }
            (content)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(blocks: Vec<Block>) -> State {
        let title = "T".to_owned();
        of_view(&View { title, blocks })
    }

    #[test]
    fn a_state_follows_from_what_there_is() {
        let (text, empty) = (Block::Text("x".into()), Block::Empty("none".into()));
        let warning = Block::Warning("half".into());
        assert_eq!(state(vec![]), State::Empty);
        assert_eq!(state(vec![empty.clone()]), State::Empty);
        assert_eq!(state(vec![empty, text.clone()]), State::Whole);
        assert_eq!(state(vec![text, warning]), State::Partial);
    }

    #[test]
    fn each_state_is_told_in_words() {
        let failure = Failure::not_found("no `<x>`", "install it");
        let html = widget("<x>", &Content::Failed(failure)).into_string();
        assert!(html.contains("badge error\">Error<"), "{html}");
        assert!(html.contains("What helps: install it"), "{html}");
        assert!(!html.contains("<x>"), "{html}");
        let html = widget("w", &Content::Loading).into_string();
        assert!(html.contains(r#"data-state="loading""#), "{html}");
    }
}
