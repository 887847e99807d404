//! A view as HTML.
//!
//! Owns: how each kind of block is drawn. A view is data: every text in it is
//! escaped, by maud and by `words.rs`, and none can become markup.
//!
//! Must not know: which widget, page or person it is drawn for.

mod bars;
#[cfg(test)]
mod hostile_tests;
mod lines;
mod table;
mod value;
mod words;

use lombard_model::view::{Block, Stat, View};
use maud::{Markup, html};

pub(super) use value::{count, micros, rounded_percent, shown, time};
pub(super) use words::words;

/// Draws the blocks of a view. What its tables are called begins with its
/// title, which stands above.
pub(super) fn view(view: &View) -> Markup {
    let mut tables = 0;
    html! {
        @if view.blocks.is_empty() { p.empty { "nothing to show" } }
        @for group in view.blocks.chunk_by(belong_together) {
            @match group {
                [Block::Stat(_), ..] => (stats(group)),
                [Block::Warning(_), ..] => (warnings(group)),
                group => @for one in group { (block(one, view, &mut tables)) }
            }
        }
    }
}

/// Values stand beside each other and warnings are one list.
fn belong_together(one: &Block, next: &Block) -> bool {
    matches!(
        (one, next),
        (Block::Stat(_), Block::Stat(_)) | (Block::Warning(_), Block::Warning(_))
    )
}

fn block(block: &Block, view: &View, tables: &mut usize) -> Markup {
    match block {
        Block::Table(table) => {
            *tables += 1;
            table::draw(table, &caption(&view.title, *tables))
        }
        Block::Bars(series) => bars::draw(series),
        Block::Lines(series) => lines::draw(series),
        Block::Text(text) => paragraphs(text, "words"),
        Block::Empty(text) => paragraphs(text, "empty"),
        // These come in groups.
        Block::Stat(_) | Block::Warning(_) => html! {},
    }
}

/// The second table of a view has another name than the first.
fn caption(title: &str, table: usize) -> String {
    match table {
        1 => title.to_owned(),
        more => format!("{title}, {more}"),
    }
}

fn stats(group: &[Block]) -> Markup {
    let stats = group.iter().filter_map(|block| match block {
        Block::Stat(stat) => Some(stat),
        _ => None,
    });
    html! {
        dl.stats {
            @for Stat { key, label, kind, value } in stats {
                div data-key=(words(key)) {
                    dt { (words(label)) }
                    dd { (shown(*kind, value)) }
                }
            }
        }
    }
}

fn warnings(group: &[Block]) -> Markup {
    html! {
        ul.warnings aria-label="Warnings" {
            @for block in group {
                @if let Block::Warning(text) = block { li { (words(text)) } }
            }
        }
    }
}

/// A paragraph for each line; blank ones are dropped, so that nothing can be
/// pushed out of sight.
fn paragraphs(text: &str, class: &str) -> Markup {
    html! {
        @for line in text.lines().filter(|line| !line.trim().is_empty()) {
            p class=(class) { (words(line)) }
        }
    }
}

#[cfg(test)]
mod tests {
    use lombard_model::view::Kind;

    use super::*;

    fn drawn(blocks: Vec<Block>) -> String {
        let title = "T".to_owned();
        view(&View { title, blocks }).into_string()
    }

    #[test]
    fn a_view_without_parts_says_so() {
        assert!(drawn(vec![]).contains("nothing to show"));
    }

    #[test]
    fn neighbouring_values_and_warnings_are_one_list_each() {
        let stat = |label: &str| {
            Block::Stat(Stat {
                key: "k".into(),
                label: label.into(),
                kind: Kind::Integer,
                value: 5_i64.into(),
            })
        };
        let warning = |text: &str| Block::Warning(text.into());
        let html = drawn(vec![stat("A"), stat("B"), warning("x"), warning("y")]);
        assert_eq!(html.matches("<dl").count(), 1, "{html}");
        assert_eq!(html.matches("<ul").count(), 1, "{html}");
        assert_eq!(html.matches("<li>").count(), 2, "{html}");
    }

    #[test]
    fn a_text_keeps_its_paragraphs_and_no_blank_lines() {
        let html = drawn(vec![Block::Text("one\r\n\n\ntwo\n".into())]);
        assert_eq!(html, r#"<p class="words">one</p><p class="words">two</p>"#);
    }
}
