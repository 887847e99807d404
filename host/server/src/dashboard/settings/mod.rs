//! Settings in a form.
//!
//! Owns: the form of a thing's settings, and what becomes of one that was sent:
//! saved, refused with a word beside each field, or not saved since somebody
//! else was faster. A secret is written here and never shown.
//!
//! Must not know: whose settings, beyond their owner.

mod conflict;
mod draw;
mod field;
mod sent;

use std::collections::BTreeMap;

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use lombard_accounts::{AccountsError, SettingsPatch};
use lombard_model::Settings;
use lombard_store::StoreError;
use maud::Markup;
use serde_json::Value as Json;

use super::asked::Asked;
use super::failure::Failure;
use super::page::{Page, Section, failed};
use super::read::{self, SettingsShown};
use crate::app::Shared;
use field::Field;
use sent::Sent;

/// Where a form stands and what it is of.
pub(super) struct Place {
    pub(super) section: Section,
    /// The page that has the form. It is sent to `/settings` beneath.
    pub(super) address: String,
    /// What the settings are of, in words.
    pub(super) of: String,
}

/// The form of these settings as they are.
pub(super) fn form(app: &Shared, asked: &Asked, place: &Place, shown: &SettingsShown) -> Markup {
    let fields: Vec<_> = fields(shown).collect();
    let state = state(app, &shown.settings);
    draw::form(asked, place, &fields, &state)
}

fn fields(shown: &SettingsShown) -> impl Iterator<Item = Field<'_>> {
    let definitions = shown.definitions.iter();
    definitions.map(|(key, definition)| Field::of(key, definition, shown))
}

/// A name for what is saved, which changes with it.
fn state(app: &Shared, settings: &Settings) -> String {
    let saved = Json::from_iter(settings.saved().clone());
    app.dashboard().seal(&saved.to_string())
}

/// Takes a form that was sent, where what it is of was found.
pub(super) async fn take(
    app: &Shared,
    asked: &Asked,
    section: Section,
    found: Result<(Place, SettingsShown), Failure>,
    pairs: Vec<(String, String)>,
) -> Response {
    match found {
        Ok((place, shown)) => take_of(app, asked, &place, &shown, pairs).await,
        Err(failure) => failed(asked, section, &failure),
    }
}

async fn take_of(
    app: &Shared,
    asked: &Asked,
    place: &Place,
    shown: &SettingsShown,
    pairs: Vec<(String, String)>,
) -> Response {
    if !asked.may_change() {
        let failure = Failure::forbidden("only an operator may change settings");
        return failed(asked, place.section, &failure);
    }
    let sent = Sent::new(pairs);
    let now = state(app, &shown.settings);
    if sent.state() != now {
        return conflict(asked, place, shown, &sent, &now);
    }
    match sent.patch(shown) {
        Err(faults) => refused(asked, place, shown, &sent, &faults, &now),
        Ok(patch) if patch.is_empty() => saved(place),
        Ok(patch) => match save_if_unchanged(app, shown, patch).await {
            Ok(Outcome::Saved) => saved(place),
            Ok(Outcome::Changed(shown)) => {
                let now = state(app, &shown.settings);
                conflict(asked, place, &shown, &sent, &now)
            }
            Err(failure) => failed(asked, place.section, &failure),
        },
    }
}

/// What came of saving.
enum Outcome {
    Saved,
    /// Nothing was saved: somebody else had, and this is what there is now.
    Changed(SettingsShown),
}

/// Saves where what is saved is still `expected`.
async fn save_if_unchanged(
    app: &Shared,
    expected: &SettingsShown,
    patch: SettingsPatch,
) -> Result<Outcome, Failure> {
    let host = app.host();
    let (owner, definitions) = (expected.owner, &expected.definitions);
    let seen = host.store().settings_tag(owner, expected.settings.saved());
    let saving = host.accounts();
    let saved = saving.save_settings_seen(owner, definitions, patch, false, vec![seen]);
    match saved.await {
        Ok(_) => Ok(Outcome::Saved),
        Err(AccountsError::Store(StoreError::Overtaken { .. })) => {
            Ok(Outcome::Changed(read::settings(host, owner).await?))
        }
        Err(error) => Err(error.into()),
    }
}

fn saved(place: &Place) -> Response {
    let to = [(header::LOCATION, format!("{}?saved=1", place.address))];
    (StatusCode::SEE_OTHER, to).into_response()
}

/// The form again, with what was sent and a word beside each fault.
fn refused(
    asked: &Asked,
    place: &Place,
    shown: &SettingsShown,
    sent: &Sent,
    faults: &BTreeMap<String, String>,
    state: &str,
) -> Response {
    let fields: Vec<_> = fields(shown)
        .map(|field| field.with_sent(sent, faults))
        .collect();
    let form = draw::form(asked, place, &fields, state);
    let title = format!("Settings of {} are not saved", place.of);
    let page = Page::new(place.section, &title);
    let page = page.with_status(StatusCode::UNPROCESSABLE_ENTITY);
    page.show(asked, &form)
}

/// What was sent beside what is saved meanwhile, to choose from.
fn conflict(
    asked: &Asked,
    place: &Place,
    shown: &SettingsShown,
    sent: &Sent,
    state: &str,
) -> Response {
    let fields: Vec<_> = fields(shown).collect();
    let content = conflict::draw(place, &fields, sent, state);
    let title = format!("Settings of {} were changed meanwhile", place.of);
    let page = Page::new(place.section, &title);
    page.with_status(StatusCode::CONFLICT).show(asked, &content)
}
