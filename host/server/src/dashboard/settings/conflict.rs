//! Two who edited the same settings.
//!
//! Owns: showing the second what the first saved beside their own values, and
//! the form to save theirs nevertheless. Must not know: who the first was.

use maud::{Markup, html};

use super::super::draw::words;
use super::super::grid;
use super::Place;
use super::draw::hidden;
use super::field::{Field, Input};
use super::sent::{PREFIX, REMOVE, Sent};

/// Both values of each setting that differs, and what can be done.
pub(super) fn draw(place: &Place, fields: &[Field<'_>], sent: &Sent, state: &str) -> Markup {
    let differing = fields.iter().filter(|field| differs(field, sent));
    let rows: Vec<_> = differing.clone().map(|field| row(field, sent)).collect();
    let headings = [("Setting", false), ("Saved now", false), ("Yours", false)];
    let none = "What is saved now is what you wanted to save.";
    html! {
        section.panel.partial aria-labelledby="conflict-title" {
            header { h2 id="conflict-title" { "Nothing of yours is saved" } }
            p { "Somebody else saved settings of " (words(&place.of))
                " since your form was made. These differ:" }
            (grid::table("Settings that differ", &headings, &rows, none))
            form.actions method="post" action={ (place.address) "/settings" } {
                (hidden(state))
                @for field in fields { (kept(field, sent)) }
                @if !rows.is_empty() { button type="submit" { "Save mine over it" } }
                a.button href=(place.address) { "Keep what is saved" }
            }
        }
    }
}

fn differs(field: &Field<'_>, sent: &Sent) -> bool {
    let mine = sent.text(field.key, field.input);
    match field.input {
        Input::Password => !mine.is_empty() || sent.removes(field.key),
        Input::Checkbox => (mine == "true") != (field.text == "true"),
        _ => mine.trim() != field.text.trim(),
    }
}

fn row(field: &Field<'_>, sent: &Sent) -> Vec<Markup> {
    let mine = sent.text(field.key, field.input);
    let secret = |is_there| {
        if is_there {
            "••• (secret)"
        } else {
            "none"
        }
    };
    let (now, mine) = match field.input {
        Input::Password => (secret(field.is_saved), secret(!sent.removes(field.key))),
        _ => (field.text.as_str(), mine),
    };
    vec![html! { (field.label()) }, value(now), value(mine)]
}

fn value(text: &str) -> Markup {
    match text.trim() {
        "" => html! { span.hint { "default" } },
        text => html! { (words(text)) },
    }
}

/// Takes along what was sent. A secret goes back to nobody: it is asked for
/// again.
fn kept(field: &Field<'_>, sent: &Sent) -> Markup {
    let name = format!("{PREFIX}{}", field.key);
    let mine = sent.text(field.key, field.input);
    match field.input {
        Input::Password if sent.removes(field.key) => html! {
            input type="hidden" name={ (REMOVE) (field.key) } value="1";
        },
        Input::Password if mine.is_empty() => html! {},
        Input::Password => html! {
            div.field {
                label for=(name) { (field.label()) " again, since it is not shown" }
                input type="password" id=(name) name=(name) autocomplete="new-password";
            }
        },
        Input::Checkbox if mine == "false" => html! {},
        _ => html! { input type="hidden" name=(name) value=(mine); },
    }
}
