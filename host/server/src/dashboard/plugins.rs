//! Plugins.
//!
//! Owns: what an operator is told of each: which binary, what it may do, what
//! it has cost and how it failed. Must not know: how it is run.

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use lombard_model::{CallRecord, Digest, Manifest, PluginKind, SymbolChoice};
use lombard_runtime::Quarantined;
use lombard_store::PluginBill;
use maud::{Markup, html};

use super::asked::Asked;
use super::draw::{count, micros, time, words};
use super::failure::Failure;
use super::page::{Page, Section, failed};
use super::read::{self, PluginShown};
use super::{grid, panel};
use crate::app::Shared;

/// Failures of one plugin that are shown.
const FAILURES: usize = 5;

pub(super) async fn list(State(app): State<Shared>, asked: Asked) -> Response {
    let (host, dashboard) = (app.host(), app.dashboard());
    match read::plugins(host, dashboard).await {
        Ok(plugins) => show(&asked, &plugins, &read::failures(host)),
        Err(failure) => failed(&asked, Section::Plugins, &failure),
    }
}

pub(super) async fn resume(
    State(app): State<Shared>,
    Path(name): Path<String>,
    asked: Asked,
) -> Response {
    match app.host().plugin_entry(&name) {
        Ok(plugin) => {
            app.host().resume(plugin.digest);
            Redirect::to("/plugins").into_response()
        }
        Err(error) => failed(&asked, Section::Plugins, &error.into()),
    }
}

fn show(
    asked: &Asked,
    plugins: &[PluginShown],
    failures: &[std::sync::Arc<CallRecord>],
) -> Response {
    let content = html! {
        @if plugins.is_empty() {
            p.empty { "No plugin is there. Install one with "
                code { "lombard plugin install FILE" } "." }
        }
        div.panels {
            @for plugin in plugins {
                @let of_it = failures.iter().filter(|call| call.plugin.as_str() == plugin.name);
                @let of_it: Vec<_> = of_it.take(FAILURES).map(AsRef::as_ref).collect();
                (one(plugin, &of_it, asked.may_change()))
            }
        }
    };
    Page::new(Section::Plugins, "Plugins").show(asked, &content)
}

fn one(plugin: &PluginShown, failures: &[&CallRecord], may_change: bool) -> Markup {
    let content = html! {
        @if let Some(quarantined) = &plugin.quarantined {
            (left_alone(&plugin.name, quarantined, may_change))
        }
        @match &plugin.about {
            Ok((manifest, digest)) => (about(plugin, manifest, *digest)),
            Err(error) => (super::page::fault(&unreadable(error))),
        }
        h3 { "Cost" }
        (bills(&plugin.name, &plugin.bills))
        @if !failures.is_empty() {
            h3 { "Last failures" }
            (failed_calls(failures))
        }
    };
    panel::own(
        &format!("plugin-{}", plugin.name),
        &plugin.name,
        "/plugins",
        &content,
    )
}

fn left_alone(name: &str, quarantined: &Quarantined, may_change: bool) -> Markup {
    html! {
        p.fault {
            "It failed " (quarantined.failures) " times in a row and is left alone for another "
            (quarantined.left.as_secs()) " s. The last time: " (words(&quarantined.last))
        }
        @if may_change {
            form method="post" action={ "/plugins/" (name) "/resume" } {
                button type="submit" aria-label={ "Resume " (name) } { "Resume" }
            }
        }
    }
}

fn unreadable(error: &str) -> Failure {
    let words = format!("the manifest can't be read: {error}");
    Failure::not_found(words, "build the plugin with this host's SDK")
}

fn about(plugin: &PluginShown, manifest: &Manifest, digest: Digest) -> Markup {
    let source = if plugin.is_installed {
        "installed"
    } else {
        "bundled"
    };
    let granted = plugin.granted.intersection(&manifest.grants);
    let lacks = manifest.grants.without(&granted);
    html! {
        p.words { (words(&manifest.description)) }
        (grid::figures(&[
            ("Version", html! { (words(&manifest.version)) }),
            ("Kind", html! { (kind(manifest)) }),
            ("From", html! { (source) }),
            ("Built for", html! { "lombard:platform " (words(&manifest.api)) }),
        ]))
        dl.digest { dt { "Digest" } dd { code { (digest) } } }
        h3 { "It may" }
        @if granted.is_empty() {
            p.empty { "compute, and nothing else" }
        } @else {
            ul.grants { @for grant in granted.iter() { li { (grant.words()) } } }
            p.accounts { "It sees " (plugin.accounts.words()) @if !plugin.accounts.is_all() {
                ", and nothing of any other" } "." }
        }
        @if !lacks.is_empty() {
            h3 { "It asks also to, and may not" }
            ul.grants { @for grant in lacks.iter() { li { (grant.words()) } } }
        }
    }
}

fn kind(manifest: &Manifest) -> &'static str {
    match (manifest.kind, manifest.symbols) {
        (PluginKind::Widget, _) => "widget",
        (PluginKind::Expert, SymbolChoice::Given) => "expert",
        (PluginKind::Expert, SymbolChoice::Picked) => "expert, picks its own symbols",
    }
}

fn bills(name: &str, bills: &[PluginBill]) -> Markup {
    let headings = [
        ("Function", false),
        ("Calls", true),
        ("Failures", true),
        ("Sessions", true),
        ("Statements", true),
        ("Most a call", true),
        ("Rows", true),
        ("Time", true),
    ];
    let rows: Vec<_> = bills
        .iter()
        .map(|bill| {
            vec![
                html! { (words(&bill.function)) },
                count(bill.calls),
                count(bill.failures),
                count(bill.sessions),
                count(bill.statements),
                count(bill.most_statements),
                count(bill.rows),
                micros(bill.wall_us),
            ]
        })
        .collect();
    let caption = format!("Cost of {name}");
    grid::table(&caption, &headings, &rows, "It has not been called yet.")
}

fn failed_calls(failures: &[&CallRecord]) -> Markup {
    html! {
        ul.failures {
            @for call in failures {
                li {
                    (time(call.began_at)) " " (call.function) ": " (call.outcome.as_str())
                    @if let Some(error) = &call.error { ", " (words(error)) }
                }
            }
        }
    }
}
