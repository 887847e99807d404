//! Experts.
//!
//! Owns: their list, and the page of one with what it found and its settings.
//! Must not know: when they run.

use axum::Form;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use lombard_model::view::Kind;
use lombard_model::{Expert, ExpertId};
use lombard_runtime::Host;
use lombard_store::{StoredAnalysis, StoredRecommendation};
use maud::{Markup, html};

use super::accounts::Told;
use super::asked::Asked;
use super::draw::{count, rounded_percent, shown, time, words};
use super::failure::Failure;
use super::jobs::next_run;
use super::page::{Page, Section, failed};
use super::read::{self, ExpertListed, ExpertShown};
use super::settings::{self, Place};
use super::{grid, panel};
use crate::app::Shared;

const SECTION: Section = Section::Experts;

pub(super) async fn list(State(app): State<Shared>, asked: Asked) -> Response {
    match read::experts(app.host()).await {
        Ok(experts) => {
            let table = table(app.host(), &experts);
            let table = panel::own("experts", "All experts", "/experts", &table);
            Page::new(SECTION, "Experts").show(&asked, &table)
        }
        Err(failure) => failed(&asked, SECTION, &failure),
    }
}

fn table(host: &Host, experts: &[ExpertListed]) -> Markup {
    let headings = [
        ("Expert", false),
        ("Account", false),
        ("Plugin", false),
        ("State", false),
        ("Virtual equity", true),
        ("Last run", false),
    ];
    let rows: Vec<_> = experts
        .iter()
        .map(|listed| {
            let one = &listed.expert;
            vec![
                html! { a href={ "/experts/" (one.id) } { (words(&one.label())) } },
                account(one, &listed.account),
                html! { (words(&one.plugin)) (stays_with(host, one)) },
                state(host, one),
                shown(Kind::Percent, &one.virtual_equity_percent.into()),
                last_run(listed.analysis.as_ref()),
            ]
        })
        .collect();
    let empty = "There are no experts. Import some with `lombard import FILE`.";
    grid::table("Experts", &headings, &rows, empty)
}

fn account(one: &Expert, name: &str) -> Markup {
    html! { a href={ "/accounts/" (one.account) } { (words(name)) } }
}

fn state(host: &Host, one: &Expert) -> Markup {
    html! {
        @if !host.has_plugin(&one.plugin) {
            span.badge.partial { "Plugin missing" }
        } @else if one.enabled {
            span.badge.good { "Enabled" }
        } @else {
            span.badge.empty { "Disabled" }
        }
    }
}

/// The version that an instance stays with, where it does.
fn stays_with(host: &Host, one: &Expert) -> Markup {
    html! {
        @if let Some(pinned) = host.pinned(one) {
            " " (words(&pinned.version)) " " span.badge { "Pinned" }
        }
    }
}

fn last_run(analysis: Option<&StoredAnalysis>) -> Markup {
    html! {
        @match analysis {
            None => span.hint { "never" },
            Some(one) => {
                (time(one.created_at))
                @if one.error.is_some() { " " span.badge.error { "Failed" } }
            },
        }
    }
}

pub(super) async fn one(
    State(app): State<Shared>,
    Path(id): Path<String>,
    Query(told): Query<Told>,
    asked: Asked,
) -> Response {
    let shown = match find(&app, &id).await {
        Ok(shown) => shown,
        Err(failure) => return failed(&asked, SECTION, &failure),
    };
    let place = place(&shown.expert);
    let address = &place.address;
    let content = html! {
        (told.note())
        (panel::own("expert", "Summary", address, &about(&app, &shown)))
        (panel::own("analysis", "Last analysis", address, &analysis(shown.analysis.as_ref())))
        (panel::own("recommendations", "Recommendations", address, &found(&shown.recommendations)))
        (settings::form(&app, &asked, &place, &shown.settings))
    };
    let title = format!("Expert {}", shown.expert.label());
    Page::new(SECTION, &title).show(&asked, &content)
}

fn about(app: &Shared, of: &ExpertShown) -> Markup {
    let (host, one) = (app.host(), &of.expert);
    let next = match next_run(app, one.id) {
        Some(next) => time(next),
        None => html! { span.hint { "not scheduled" } },
    };
    let equity = shown(Kind::Percent, &one.virtual_equity_percent.into());
    grid::figures(&[
        ("State", state(host, one)),
        (
            "Plugin",
            html! { (words(&one.plugin)) (stays_with(host, one)) },
        ),
        ("Account", account(one, &of.account)),
        ("Virtual equity", equity),
        ("Last run", last_run(of.analysis.as_ref())),
        ("Next run", next),
    ])
}

fn analysis(analysis: Option<&StoredAnalysis>) -> Markup {
    let Some(one) = analysis else {
        return html! { p.empty { "It has not run yet." } };
    };
    html! {
        (grid::figures(&[
            ("Time", time(one.created_at)),
            ("For", html! { (spaced(one.use_case.as_str())) }),
            ("Symbols", count(one.symbols)),
            ("By", html! { (words(&one.plugin)) " " (words(&one.version)) }),
        ]))
        @if let Some(error) = &one.error {
            p.fault { (words(error)) }
            p.remedy { "What helps: correct its settings, or tell the plugin's author" }
        }
    }
}

/// A word of the contract as people write it, on one line.
fn spaced(word: &str) -> String {
    word.replace('_', "\u{a0}")
}

fn found(recommendations: &[StoredRecommendation]) -> Markup {
    let headings = [
        ("Symbol", false),
        ("Action", false),
        ("Confidence", true),
        ("Profit", true),
        ("Risk", false),
        ("Horizon", false),
        ("Time", false),
        ("Why", false),
    ];
    let rows: Vec<_> = recommendations
        .iter()
        .map(|stored| {
            let one = &stored.recommendation;
            vec![
                html! { (words(one.symbol.as_str())) },
                html! { (one.action.as_str()) },
                rounded_percent(one.confidence),
                rounded_percent(one.expected_profit_percent),
                html! { (one.risk.as_str()) },
                html! { (spaced(one.horizon.as_str())) },
                time(stored.created_at),
                html! { div.why { (words(&one.explanation)) } },
            ]
        })
        .collect();
    let empty = "It has recommended nothing yet.";
    grid::table("Recommendations, the newest first", &headings, &rows, empty)
}

pub(super) async fn save(
    State(app): State<Shared>,
    Path(id): Path<String>,
    asked: Asked,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Response {
    let found = find(&app, &id).await;
    let form = found.map(|one| (place(&one.expert), one.settings));
    settings::take(&app, &asked, SECTION, form, pairs).await
}

fn place(expert: &Expert) -> Place {
    Place {
        section: SECTION,
        address: format!("/experts/{}", expert.id),
        of: format!("expert {}", expert.label()),
    }
}

/// The expert that an address names.
async fn find(app: &Shared, id: &str) -> Result<ExpertShown, Failure> {
    let gone = |_| Failure::not_found("there is no such expert", "choose one under Experts");
    let id: ExpertId = id.parse().map_err(gone)?;
    read::expert(app.host(), id).await
}
