//! The frame of every page.
//!
//! Owns: head, navigation and who is logged in. No page is kept by a browser:
//! who comes back to one sees what there is now, and nothing after logging out.
//! Must not know: what a page shows, and what a browser may do with it: that is
//! said of every answer at once.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use maud::{DOCTYPE, Markup, html};

use super::asked::{Asked, Viewer};
use super::assets::{CHARTS, LIVE, MARK, STYLE, UPLOT, UPLOT_STYLE};
use super::draw::words;
use super::failure::Failure;

/// The parts of the dashboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Section {
    Overview,
    Accounts,
    Experts,
    Plugins,
    Jobs,
    Internals,
}

const SECTIONS: [(Section, &str, &str); 6] = [
    (Section::Overview, "Overview", "/"),
    (Section::Accounts, "Accounts", "/accounts"),
    (Section::Experts, "Experts", "/experts"),
    (Section::Plugins, "Plugins", "/plugins"),
    (Section::Jobs, "Jobs", "/jobs"),
    (Section::Internals, "Internals", "/internals"),
];

/// What distinguishes a page.
pub(super) struct Page<'a> {
    /// Its heading, the only one of its level.
    pub(super) title: &'a str,
    /// Where it is found; none for one that stands alone.
    pub(super) section: Option<Section>,
    pub(super) status: StatusCode,
}

impl<'a> Page<'a> {
    pub(super) fn new(section: Section, title: &'a str) -> Self {
        Self {
            title,
            section: Some(section),
            status: StatusCode::OK,
        }
    }

    pub(super) fn with_status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// The page with this in it.
    pub(super) fn show(&self, asked: &Asked, content: &Markup) -> Response {
        let page = html! {
            (DOCTYPE)
            html lang="en" data-theme=[asked.theme.map(super::asked::Theme::as_str)] {
                (head(self.title))
                body data-as-of={ (asked.as_of.version) "." (asked.as_of.plans) } {
                    a.skip href="#content" { "Skip to content" }
                    (top(self.section, asked.viewer.as_ref()))
                    main id="content" tabindex="-1" {
                        h1 { (words(self.title)) }
                        (content)
                    }
                    @if self.section.is_some() { footer.foot { "Times are in UTC." } }
                    div.visually-hidden id="said" role="status" aria-live="polite" {}
                }
            }
        };
        respond(self.status, page)
    }
}

/// A page that says what failed.
pub(super) fn failed(asked: &Asked, section: Section, failure: &Failure) -> Response {
    let title = match failure.status {
        StatusCode::NOT_FOUND => "Not found",
        StatusCode::FORBIDDEN => "Not allowed",
        _ => "This page can't be shown",
    };
    let content = html! {
        section.panel.error aria-label="Error" { (fault(failure)) }
    };
    let page = Page::new(section, title).with_status(failure.status);
    page.show(asked, &content)
}

/// A page for an address that is none.
pub(crate) fn nothing_here(asked: &Asked) -> Response {
    let failure = Failure::not_found("there is no page at this address", "choose one above");
    failed(asked, Section::Overview, &failure)
}

/// What failed and what helps.
pub(super) fn fault(failure: &Failure) -> Markup {
    html! {
        p.fault { (words(&failure.words)) }
        @if let Some(remedy) = failure.remedy { p.remedy { "What helps: " (remedy) } }
    }
}

/// HTML as an answer.
pub(super) fn respond(status: StatusCode, html: Markup) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (status, headers, html.into_string()).into_response()
}

fn head(title: &str) -> Markup {
    html! {
        head {
            meta charset="utf-8";
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="color-scheme" content="light dark";
            title { (words(title)) " · Lombard" }
            link rel="icon" type="image/svg+xml" href=(MARK.address());
            link rel="stylesheet" href=(UPLOT_STYLE.address());
            link rel="stylesheet" href=(STYLE.address());
            script defer src=(UPLOT.address()) {}
            script type="module" src=(LIVE.address()) {}
            script type="module" src=(CHARTS.address()) {}
        }
    }
}

fn top(here: Option<Section>, viewer: Option<&Viewer>) -> Markup {
    html! {
        header.top {
            a.brand href="/" {
                img src=(MARK.address()) alt="" width="20" height="20";
                span { "Lombard" }
            }
            @if here.is_some() { (navigation(here)) }
            div.tools {
                @if here.is_some() {
                    p.live id="live" data-state="off" {
                        span.dot aria-hidden="true" {}
                        span data-words="" { "Not live" }
                    }
                }
                button type="button" id="theme" hidden { "Dark" }
                @if let Some(viewer) = viewer { (logged_in(viewer)) }
            }
        }
    }
}

fn navigation(here: Option<Section>) -> Markup {
    html! {
        nav aria-label="Main" {
            ul {
                @for (section, name, address) in SECTIONS {
                    @let current = (here == Some(section)).then_some("page");
                    li { a href=(address) aria-current=[current] { (name) } }
                }
            }
        }
    }
}

fn logged_in(viewer: &Viewer) -> Markup {
    html! {
        form.who method="post" action="/logout" {
            span.name { (words(&viewer.name)) }
            button type="submit" { "Log out" }
        }
    }
}
