//! The overview: every widget in a panel.
//!
//! Owns: rendering them side by side, and each alone for the script that
//! refreshes it. Must not know: what widgets show.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use futures_util::future::join_all;
use lombard_accounts::SettingsPatch;
use lombard_model::PluginKind;
use maud::{Markup, html};

use super::asked::Asked;
use super::assets::digest;
use super::failure::Failure;
use super::page::{Page, Section, failed, respond};
use super::panel::{self, Content};
use super::read;
use crate::app::Shared;

/// How long the page waits for a widget. One that takes longer, such as one
/// that has to be compiled first, is fetched by the script.
const PATIENCE: Duration = Duration::from_millis(200);

pub(super) async fn page(State(app): State<Shared>, asked: Asked) -> Response {
    if let Err(error) = app.host().notice_installs().await {
        return failed(&asked, Section::Overview, &error.into());
    }
    let widgets = widgets(&app);
    let shown = join_all(widgets.iter().map(|name| soon(&app, name))).await;
    let content = html! {
        @if widgets.is_empty() {
            p.empty { "No widget is installed. Install one with "
                code { "lombard plugin install FILE" } "." }
        }
        div.panels {
            @for (name, content) in widgets.iter().zip(&shown) { (panel::widget(name, content)) }
        }
    };
    Page::new(Section::Overview, "Overview").show(&asked, &content)
}

/// One panel alone, and whether it is still the same.
pub(super) async fn panel(
    State(app): State<Shared>,
    Path(widget): Path<String>,
    headers: HeaderMap,
) -> Response {
    let content = show(&app, &widget).await;
    let status = match &content {
        Content::Failed(failure) if failure.status == StatusCode::NOT_FOUND => failure.status,
        // A panel that tells of a failure is what was asked for.
        _ => StatusCode::OK,
    };
    tagged(status, panel::widget(&widget, &content), &headers)
}

/// With a tag of its content; without the content where it is known.
fn tagged(status: StatusCode, html: Markup, headers: &HeaderMap) -> Response {
    let tag = format!("W/\"{}\"", digest(html.0.as_bytes()));
    let known = headers.get_all(header::IF_NONE_MATCH).iter();
    let mut known = known.filter_map(|tags| tags.to_str().ok());
    let is_known = known.any(|tags| tags.split(',').any(|one| one.trim() == tag));
    let mut response = match is_known && status == StatusCode::OK {
        true => respond(StatusCode::NOT_MODIFIED, html! {}),
        false => respond(status, html),
    };
    if let Ok(tag) = tag.parse() {
        response.headers_mut().insert(header::ETAG, tag);
    }
    // It may be kept, and is asked for each time.
    let keep = HeaderValue::from_static("private, no-cache");
    response.headers_mut().insert(header::CACHE_CONTROL, keep);
    response
}

/// The names of all widgets.
fn widgets(app: &Shared) -> Vec<String> {
    let plugins = read::known_plugins(app.host(), app.dashboard());
    let widgets = plugins.into_iter().filter(|plugin| match &plugin.about {
        Ok((manifest, _)) => manifest.kind == PluginKind::Widget,
        // What can't be read is shown as that.
        Err(_) => true,
    });
    widgets.map(|plugin| plugin.name).collect()
}

/// What a widget shows, where that is known soon.
async fn soon(app: &Shared, widget: &str) -> Content {
    let (shared, name) = (Arc::clone(app), widget.to_owned());
    // A task of its own: what was begun is not broken off but ready when the
    // script asks for it.
    let showing = tokio::spawn(async move { show(&shared, &name).await });
    match tokio::time::timeout(PATIENCE, showing).await {
        Ok(Ok(content)) => content,
        Ok(Err(_)) | Err(_) => Content::Loading,
    }
}

/// What a widget shows now.
async fn show(app: &Shared, widget: &str) -> Content {
    match render(app, widget).await {
        Ok(content) => content,
        Err(failure) => Content::Failed(failure),
    }
}

async fn render(app: &Shared, widget: &str) -> Result<Content, Failure> {
    let host = app.host();
    let plugin = host.plugin(widget).await?;
    let turn = app.dashboard().turn(widget);
    let _turn = turn.lock().await;
    let rendered = host.render(&plugin, &SettingsPatch::new(), None).await?;
    Ok(Content::View(rendered.view))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_is_not_sent_again() {
        let page = || html! { p { "x" } };
        let first = tagged(StatusCode::OK, page(), &HeaderMap::new());
        let tag = first.headers()[header::ETAG].clone();
        let known = HeaderMap::from_iter([(header::IF_NONE_MATCH, tag)]);
        let second = tagged(StatusCode::OK, page(), &known);
        assert_eq!(second.status(), StatusCode::NOT_MODIFIED);
        let other = tagged(StatusCode::OK, html! { p { "y" } }, &known);
        assert_eq!(other.status(), StatusCode::OK);
    }
}
