//! Where a request comes from.
//!
//! Owns: that another site can't act with a browser's cookie, nor reach the
//! host under a name of its own (DNS rebinding). Must not know: who asks.

use axum::http::{HeaderMap, header};

/// What a browser says of the site that a request comes from.
const FETCH_SITE: &str = "sec-fetch-site";

/// Whether a request that changes something comes from the host's own pages:
/// every browser says so in one of two headers, which no page can set.
pub(super) fn is_own(headers: &HeaderMap) -> bool {
    if let Some(site) = headers.get(FETCH_SITE) {
        return site == "same-origin";
    }
    let host = text(headers, header::HOST);
    let origin = text(headers, header::ORIGIN);
    let origin = origin.and_then(|origin| origin.split_once("://"));
    matches!((origin, host), (Some((_, origin)), Some(host)) if origin.eq_ignore_ascii_case(host))
}

/// Whether there is no sign of a browser: whoever has no cookie to misuse.
pub(super) fn is_no_browser(headers: &HeaderMap) -> bool {
    !headers.contains_key(FETCH_SITE) && !headers.contains_key(header::ORIGIN)
}

/// Whether a request names a host of this machine. One that listens on this
/// machine alone is not reached under another name but by a trick.
pub(super) fn names_this_machine(headers: &HeaderMap) -> bool {
    let Some(host) = text(headers, header::HOST) else {
        return false;
    };
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    ["localhost", "127.0.0.1", "[::1]"]
        .iter()
        .any(|known| name.eq_ignore_ascii_case(known))
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderName, HeaderValue};

    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &'static str)| {
            let name = HeaderName::from_static(name);
            (name, HeaderValue::from_static(value))
        };
        pairs.iter().map(pair).collect()
    }

    #[test]
    fn another_site_is_told_by_either_header() {
        for own in [
            headers(&[("sec-fetch-site", "same-origin"), ("origin", "null")]),
            headers(&[
                ("host", "localhost:7878"),
                ("origin", "http://localhost:7878"),
            ]),
        ] {
            assert!(is_own(&own), "{own:?}");
        }
        for other in [
            headers(&[]),
            headers(&[("host", "localhost:7878")]),
            headers(&[("host", "localhost:7878"), ("origin", "null")]),
            headers(&[
                ("host", "localhost:7878"),
                ("origin", "http://localhost:7879"),
            ]),
            headers(&[
                ("host", "a"),
                ("origin", "http://a"),
                ("sec-fetch-site", "cross-site"),
            ]),
            headers(&[
                ("host", "a"),
                ("origin", "http://a"),
                ("sec-fetch-site", "same-site"),
            ]),
            headers(&[
                ("host", "a"),
                ("origin", "http://a"),
                ("sec-fetch-site", "none"),
            ]),
        ] {
            assert!(!is_own(&other), "{other:?}");
        }
    }

    #[test]
    fn only_names_of_this_machine_are_its_own() {
        for (host, is_its) in [
            ("localhost", true),
            ("LOCALHOST:1", true),
            ("127.0.0.1:7878", true),
            ("[::1]:7878", true),
            ("[::1]", true),
            ("localhost.evil.example", false),
            ("evil.example:7878", false),
            ("localhost:x", false),
            ("", false),
        ] {
            let found = names_this_machine(&headers(&[("host", host)]));
            assert_eq!(found, is_its, "{host}");
        }
        assert!(!names_this_machine(&headers(&[])));
    }
}
