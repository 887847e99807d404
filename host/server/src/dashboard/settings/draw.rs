//! The form of settings as HTML.
//!
//! Owns: inputs, labels and the words beside them. Must not know: what becomes
//! of the form.

use maud::{Markup, html};
use serde_json::Value as Json;

use super::super::asked::Asked;
use super::super::draw::words;
use super::Place;
use super::field::{Field, Input, text};
use super::sent::{PREFIX, REMOVE};

/// The form; whoever may not send it can look at it.
pub(super) fn form(asked: &Asked, place: &Place, fields: &[Field<'_>], state: &str) -> Markup {
    let has_faults = fields.iter().any(|field| field.fault.is_some());
    html! {
        section.panel id="settings" aria-labelledby="settings-title" {
            header { h2 id="settings-title" { "Settings of " (words(&place.of)) } }
            @if fields.is_empty() {
                p.empty { "It has no settings." }
            } @else {
                @if has_faults {
                    p.fault role="alert" { "Some values are at fault; each says why." }
                }
                form.settings method="post" action={ (place.address) "/settings" } {
                    (hidden(state))
                    fieldset disabled[!asked.may_change()] {
                        legend.visually-hidden { "Settings" }
                        @for one in fields { (field(one)) }
                        @if asked.may_change() { button.primary type="submit" { "Save" } }
                    }
                }
                @if !asked.may_change() { p.hint { "Only an operator may change these." } }
            }
        }
    }
}

/// What every form brings along.
pub(super) fn hidden(state: &str) -> Markup {
    html! {
        input type="hidden" name="state" value=(state);
    }
}

fn field(field: &Field<'_>) -> Markup {
    let id = format!("{PREFIX}{}", field.key);
    let described = match field.fault {
        Some(_) => format!("{id}-fault {id}-hint"),
        None => format!("{id}-hint"),
    };
    html! {
        div.field {
            div.name {
                label for=(id) {
                    (field.label())
                    @if field.must_be_filled() { span.required { " required" } }
                }
                // As the command line calls it.
                code { (field.key) }
            }
            (input(field, &id, &described))
            @if let Some(fault) = &field.fault {
                p.field-error id={ (id) "-fault" } { (words(fault)) }
            }
            p.hint id={ (id) "-hint" } { (hint(field)) }
            @if field.input == Input::Password && field.is_saved && !field.definition.required {
                (remove(field))
            }
        }
    }
}

fn hint(field: &Field<'_>) -> Markup {
    // In every other input the default stands where a value would.
    let default = field.default().filter(|_| field.input == Input::Checkbox);
    html! {
        (words(&field.definition.description))
        @if let Some(bounds) = field.bounds() { " · " (words(&bounds)) }
        @if let Some(default) = default { " · default " (words(&default)) }
        @if field.input == Input::Lines { " · " (lines_hint(field)) }
        @if field.input == Input::Password { " · " (secret_hint(field)) }
    }
}

const fn lines_hint(field: &Field<'_>) -> &'static str {
    match field.definition.kind {
        lombard_model::SettingType::Json => "a JSON document",
        _ => "one to a line",
    }
}

const fn secret_hint(field: &Field<'_>) -> &'static str {
    match field.is_saved {
        true => "saved and never shown; leave it empty to keep it",
        false => "not saved yet; never shown once it is",
    }
}

fn remove(field: &Field<'_>) -> Markup {
    let id = format!("{REMOVE}{}", field.key);
    html! {
        p.check {
            input type="checkbox" id=(id) name=(id) value="1";
            label for=(id) { "Remove what is saved" }
        }
    }
}

fn input(field: &Field<'_>, id: &str, described: &str) -> Markup {
    let invalid = field.fault.is_some().then_some("true");
    let placeholder = field.default().map(|default| format!("default: {default}"));
    let required = field.must_be_filled();
    match field.input {
        Input::Checkbox => html! {
            input type="checkbox" id=(id) name=(id) value="true" checked[field.text == "true"]
                aria-describedby=(described) aria-invalid=[invalid];
        },
        Input::Select => select(field, id, described),
        Input::Lines => html! {
            textarea id=(id) name=(id) rows="3" spellcheck="false" required[required]
                placeholder=[placeholder.map(Escaped)]
                aria-describedby=(described) aria-invalid=[invalid] { "\n" (field.text) }
        },
        Input::Password => html! {
            input type="password" id=(id) name=(id) autocomplete="new-password" required[required]
                aria-describedby=(described) aria-invalid=[invalid];
        },
        Input::Number => {
            let bound = |bound: &Option<Json>| bound.as_ref().map(text);
            let is_whole = field.definition.kind == lombard_model::SettingType::Int;
            html! {
                input type="number" id=(id) name=(id) value=(field.text) required[required]
                    step=(if is_whole { "1" } else { "any" })
                    min=[bound(&field.definition.min)] max=[bound(&field.definition.max)]
                    placeholder=[placeholder.map(Escaped)]
                    aria-describedby=(described) aria-invalid=[invalid];
            }
        }
        Input::Line => html! {
            input type="text" id=(id) name=(id) value=(field.text) spellcheck="false"
                required[required] placeholder=[placeholder.map(Escaped)]
                aria-describedby=(described) aria-invalid=[invalid];
        },
    }
}

/// A text of a manifest in an attribute.
struct Escaped(String);

impl maud::Render for Escaped {
    fn render_to(&self, buffer: &mut String) {
        words(&self.0).render_to(buffer);
    }
}

fn select(field: &Field<'_>, id: &str, described: &str) -> Markup {
    let valid: Vec<_> = field.definition.valid.iter().map(text).collect();
    let is_valid = field.text.is_empty() || valid.contains(&field.text);
    html! {
        select id=(id) name=(id) required[field.must_be_filled()] aria-describedby=(described)
            aria-invalid=[field.fault.is_some().then_some("true")] {
            option value="" selected[field.text.is_empty()] {
                @match field.default() {
                    Some(default) => { "default: " (words(&default)) },
                    None => { "none" },
                }
            }
            @for one in &valid {
                option value=(one) selected[*one == field.text] { (words(one)) }
            }
            @if !is_valid {
                option value=(field.text) selected { (words(&field.text)) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use lombard_model::{SettingDefinition, SettingType};

    use super::super::super::page::Section;
    use super::*;

    fn drawn(definition: &SettingDefinition, text: &str, fault: Option<&str>) -> String {
        let input = match definition {
            one if one.secret => Input::Password,
            one if !one.valid.is_empty() => Input::Select,
            one if one.kind == SettingType::Bool => Input::Checkbox,
            one if one.kind == SettingType::Int => Input::Number,
            _ => Input::Line,
        };
        let field = Field {
            key: "k",
            definition,
            input,
            text: text.into(),
            is_saved: false,
            fault: fault.map(str::to_owned),
        };
        let place = Place {
            section: Section::Accounts,
            address: "/accounts/1".into(),
            of: "<i>A</i>".into(),
        };
        form(&Asked::default(), &place, &[field], "s").into_string()
    }

    #[test]
    fn inputs_follow_their_definitions() {
        let of = SettingDefinition::new;
        let number = of(SettingType::Int, "D").with_default(20).within(1, 250);
        let html = drawn(&number, "", None);
        for part in [
            r#"type="number""#,
            r#"step="1" min="1" max="250" placeholder="default: 20""#,
            "1 to 250",
            "&lt;i&gt;A",
            r#"name="state" value="s""#,
        ] {
            assert!(html.contains(part), "no {part} in {html}");
        }
        let choice = of(SettingType::Str, "").one_of(&["fast", "slow"]);
        let html = drawn(&choice, "slow", None);
        assert!(
            html.contains(r#"<option value="slow" selected>slow"#),
            "{html}"
        );
        let html = drawn(&of(SettingType::Bool, ""), "true", None);
        assert!(html.contains(" checked "), "{html}");
    }

    #[test]
    fn a_fault_stands_beside_its_field_with_what_was_put_in() {
        let number = SettingDefinition::new(SettingType::Int, "");
        let html = drawn(&number, "\"9<", Some("<wrong>"));
        for part in [
            r#"value="&quot;9&lt;""#,
            r#"aria-describedby="set-k-fault set-k-hint" aria-invalid="true""#,
            r#"id="set-k-fault">&lt;wrong&gt;"#,
        ] {
            assert!(html.contains(part), "no {part} in {html}");
        }
    }
}
