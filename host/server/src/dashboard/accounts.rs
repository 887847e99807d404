//! Accounts.
//!
//! Owns: their list, and the page of one with its settings. Must not know:
//! brokers.

use axum::Form;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use lombard_model::AccountId;
use lombard_model::view::Kind;
use maud::{Markup, html};

use super::asked::Asked;
use super::draw::{shown, words};
use super::failure::Failure;
use super::page::{Page, Section, failed};
use super::read::{self, AccountShown, SettingsShown};
use super::settings::{self, Place};
use super::{grid, panel};
use crate::app::Shared;

const SECTION: Section = Section::Accounts;

/// What a page is told after a save.
#[derive(Debug, serde::Deserialize)]
pub(super) struct Told {
    saved: Option<String>,
}

impl Told {
    /// The word for it.
    pub(super) fn note(&self) -> Markup {
        html! {
            @if self.saved.is_some() { p.saved role="status" { "Saved." } }
        }
    }
}

pub(super) async fn list(State(app): State<Shared>, asked: Asked) -> Response {
    match read::accounts(app.host()).await {
        Ok(accounts) => {
            let table = panel::own("accounts", "All accounts", "/accounts", &table(&accounts));
            Page::new(SECTION, "Accounts").show(&asked, &table)
        }
        Err(failure) => failed(&asked, SECTION, &failure),
    }
}

fn table(accounts: &[AccountShown]) -> Markup {
    let headings = [
        ("Account", false),
        ("Id", true),
        ("Provider", false),
        ("Currency", false),
        ("Cash", true),
        ("Reachable", false),
    ];
    let rows: Vec<_> = accounts.iter().map(row).collect();
    let empty = "There are no accounts. Import some with `lombard import FILE`.";
    grid::table("Accounts", &headings, &rows, empty)
}

fn row(one: &AccountShown) -> Vec<Markup> {
    let account = &one.account;
    vec![
        html! { a href={ "/accounts/" (account.id) } { (words(&account.name)) } },
        html! { (account.id) },
        html! { (words(&account.provider)) },
        html! { (words(&account.currency)) },
        shown(Kind::Money, &one.cash.into()),
        reachable(one),
    ]
}

fn reachable(one: &AccountShown) -> Markup {
    html! {
        @match &one.fault {
            None => span.badge.good { "Yes" },
            Some(fault) => { span.badge.error { "No" } " " (words(fault)) },
        }
    }
}

pub(super) async fn one(
    State(app): State<Shared>,
    Path(id): Path<String>,
    Query(told): Query<Told>,
    asked: Asked,
) -> Response {
    let (account, settings) = match find(&app, &id).await {
        Ok(read) => read,
        Err(failure) => return failed(&asked, SECTION, &failure),
    };
    let place = place(account.account.id, &account.account.name);
    let content = html! {
        (told.note())
        (panel::own("account", "Summary", &place.address, &state(&account)))
        (settings::form(&app, &asked, &place, &settings))
    };
    let title = format!("Account {}", account.account.name);
    Page::new(SECTION, &title).show(&asked, &content)
}

fn state(one: &AccountShown) -> Markup {
    let account = &one.account;
    grid::figures(&[
        ("Cash", shown(Kind::Money, &one.cash.into())),
        ("Currency", html! { (words(&account.currency)) }),
        ("Provider", html! { (words(&account.provider)) }),
        ("Reachable", reachable(one)),
        ("Id", html! { (account.id) }),
    ])
}

pub(super) async fn save(
    State(app): State<Shared>,
    Path(id): Path<String>,
    asked: Asked,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Response {
    let found = find(&app, &id).await;
    let form = found.map(|(one, shown)| (place(one.account.id, &one.account.name), shown));
    settings::take(&app, &asked, SECTION, form, pairs).await
}

fn place(id: AccountId, name: &str) -> Place {
    Place {
        section: SECTION,
        address: format!("/accounts/{id}"),
        of: format!("account {name}"),
    }
}

/// The account that an address names, with its settings.
async fn find(app: &Shared, id: &str) -> Result<(AccountShown, SettingsShown), Failure> {
    let gone = |_| Failure::not_found("there is no such account", "choose one under Accounts");
    let id: AccountId = id.parse().map_err(gone)?;
    read::account(app.host(), id).await
}
