//! What holds for every page.
//!
//! Owns: status, headers, structure. Must not know: what a page is about.

use super::Dashboard;

const PAGES: [&str; 8] = [
    "/",
    "/accounts",
    "/accounts/1",
    "/experts",
    "/experts/1",
    "/plugins",
    "/jobs",
    "/internals",
];

#[tokio::test(flavor = "multi_thread")]
async fn every_page_has_one_heading_a_language_and_its_landmarks() {
    let dashboard = Dashboard::of_main().await;
    for path in PAGES {
        let page = dashboard.get(path).await;
        assert_eq!(page.status, 200, "{path}: {}", page.body);
        assert_eq!(page.body.matches("<h1").count(), 1, "{path}");
        for part in [
            "<html lang=\"en\"",
            "<main id=\"content\"",
            "<nav aria-label=\"Main\"",
            "class=\"skip\" href=\"#content\"",
        ] {
            assert!(page.body.contains(part), "{path}: no {part}");
        }
        let tables = page.body.matches("<table").count();
        assert_eq!(page.body.matches("<caption").count(), tables, "{path}");
        let current = page.body.matches("aria-current=\"page\"").count();
        assert_eq!(current, 1, "{path}");
    }
    dashboard.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_page_needs_what_its_policy_forbids() {
    let dashboard = Dashboard::of_main().await;
    for path in PAGES {
        let page = dashboard.get(path).await;
        let policy = page.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none';"), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
        allowed(path, &page.body);
    }
    dashboard.end().await;
}

/// Panics where a page has a style or a script of its own, or names another
/// host.
fn allowed(path: &str, html: &str) {
    for tag in html.split('<').skip(1) {
        let tag = tag.split('>').next().unwrap_or_default();
        // Attributes are in double quotes, so what is outside are their names.
        let outside: String = tag.split('"').step_by(2).collect();
        for name in outside.split_whitespace().skip(1) {
            let is_handler = name.starts_with("on");
            assert!(
                !is_handler && !name.starts_with("style="),
                "{path}: <{tag}>"
            );
        }
        assert!(!tag.starts_with("style"), "{path}: <{tag}>");
        if tag.starts_with("script") {
            assert!(tag.contains("src=\"/assets/"), "{path}: <{tag}>");
        }
        assert!(
            !tag.contains("=\"http") && !tag.contains("=\"//"),
            "{path}: <{tag}>"
        );
    }
    assert_eq!(
        html.matches("<script").count(),
        html.matches("></script>").count()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_page_loads_is_there_may_be_kept_and_is_light() {
    let dashboard = Dashboard::of_main().await;
    let gzip = [("accept-encoding", "gzip")];
    let page = dashboard.get("/").await;
    let mut weight = length(&dashboard.get_with("/", &gzip).await);
    let addresses: Vec<_> = page
        .body
        .split('"')
        .filter(|text| text.starts_with("/assets/"))
        .collect();
    assert!(addresses.len() >= 6, "{addresses:?}");
    for address in addresses {
        let asset = dashboard.get(address).await;
        assert_eq!(asset.status, 200, "{address}");
        let keeping = asset.header("cache-control");
        assert!(keeping.contains("immutable"), "{address}: {keeping}");
        let kind = asset.header("content-type").to_owned();
        let known = ["text/css", "text/javascript", "image/svg+xml"];
        assert!(known.iter().any(|one| kind.starts_with(one)), "{kind}");
        weight += length(&asset);
    }
    // Not even compressed.
    assert!(weight < 500_000, "{weight} bytes");
    let other = dashboard.get("/assets/0000000000000000/style.css").await;
    assert_eq!(other.status, 404);
    dashboard.end().await;
}

fn length(answer: &super::Answer) -> usize {
    answer.body.len()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_told_on_a_page() {
    let dashboard = Dashboard::of_main().await;
    for path in ["/accounts/99", "/accounts/x", "/experts/0", "/experts/99"] {
        let page = dashboard.get(path).await;
        assert_eq!(page.status, 404, "{path}");
        assert!(page.body.contains("What helps"), "{path}: {}", page.body);
        assert_eq!(page.body.matches("<h1").count(), 1, "{path}");
    }
    let browser = [("accept", "text/html,application/xhtml+xml")];
    let page = dashboard.get_with("/nothing", &browser).await;
    assert_eq!(page.status, 404);
    assert!(page.body.contains("What helps"), "{}", page.body);
    // Who asks the API is told as the API tells.
    for (path, headers) in [("/api/v1/nothing", &browser[..]), ("/nothing", &[])] {
        let problem = dashboard.get_with(path, headers).await;
        let kind = problem.header("content-type");
        assert_eq!((problem.status, kind), (404, "application/problem+json"));
    }
    dashboard.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_cant_be_reached_says_why() {
    let dashboard = Dashboard::of_main().await;
    let list = dashboard.get("/accounts").await.body;
    for part in ["Broken", "value=\"10000\">10,000.00<", ">No</span>"] {
        assert!(list.contains(part), "no {part} in {list}");
    }
    dashboard.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chosen_theme_is_in_the_page_from_the_begin() {
    let dashboard = Dashboard::of_main().await;
    let dark = dashboard
        .get_with("/jobs", &[("cookie", "theme=dark")])
        .await;
    assert!(dark.body.contains("data-theme=\"dark\""), "{}", dark.body);
    let evil = dashboard
        .get_with("/jobs", &[("cookie", "theme=\"><b>")])
        .await;
    assert!(!evil.body.contains("data-theme"), "{}", evil.body);
    dashboard.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn samples_and_internals_do_not_touch_the_database() {
    let dashboard = Dashboard::of_main().await;
    // Who asks is known by then.
    assert_eq!(dashboard.get("/accounts").await.status, 200);
    let before = dashboard.host.store().pool_status().sessions_opened;
    for path in ["/internals", "/internals/samples", "/jobs"] {
        assert_eq!(dashboard.get(path).await.status, 200, "{path}");
    }
    let after = dashboard.host.store().pool_status().sessions_opened;
    assert_eq!(before, after);
    dashboard.end().await;
}
