//! The pages to log in and out.
//!
//! Owns: their forms. Must not know: tokens, sessions, who may.

use axum::http::StatusCode;
use axum::response::Response;
use maud::html;

use super::asked::Asked;
use super::draw::words;
use super::page::Page;

/// The page to log in: a form that posts `token` to `/login`.
pub(crate) fn login_page(asked: &Asked, status: StatusCode, error: Option<&str>) -> Response {
    let described = error.map_or("token-hint", |_| "token-error token-hint");
    let content = html! {
        section.panel.narrow aria-label="Log in" {
            form method="post" action="/login" {
                div.field {
                    label for="token" { "Token" }
                    input type="password" id="token" name="token" required autofocus
                        autocomplete="current-password" aria-describedby=(described)
                        aria-invalid=[error.map(|_| "true")];
                    @if let Some(error) = error {
                        p.field-error id="token-error" role="alert" { (words(error)) }
                    }
                    p.hint id="token-hint" {
                        "The host shows the first one as it starts; "
                        code { "lombard token new NAME" } " makes another."
                    }
                }
                button.primary type="submit" { "Log in" }
            }
        }
    };
    alone("Log in", status).show(asked, &content)
}

fn alone(title: &str, status: StatusCode) -> Page<'_> {
    Page {
        title,
        section: None,
        status,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn body(response: Response) -> String {
        let bytes = axum::body::to_bytes(response.into_body(), 1 << 20).await;
        String::from_utf8(bytes.unwrap().to_vec()).unwrap()
    }

    #[tokio::test]
    async fn a_login_asks_for_the_token_and_says_what_was_wrong() {
        let asked = Asked::default();
        let page = login_page(&asked, StatusCode::UNAUTHORIZED, Some("<wrong>"));
        assert_eq!(page.status(), StatusCode::UNAUTHORIZED);
        let html = body(page).await;
        for part in [r#"name="token""#, "&lt;wrong&gt;", r#"role="alert""#] {
            assert!(html.contains(part), "no {part} in {html}");
        }
        assert!(!html.contains("/internals"), "{html}");
    }
}
