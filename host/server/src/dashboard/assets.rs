//! What pages load: one style sheet, two scripts, a picture, and uPlot.
//!
//! Owns: the files in the binary, their addresses, which change with their
//! content, and that they may be kept for ever. Must not know: pages.

use std::sync::LazyLock;

use axum::Router;
use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use sha2::{Digest as _, Sha256};

/// A file in the binary.
pub(super) struct Asset {
    name: &'static str,
    kind: &'static str,
    bytes: &'static [u8],
    address: LazyLock<String, fn() -> String>,
}

impl Asset {
    /// Where it is served. The address of other content is another.
    pub(super) fn address(&self) -> &str {
        &self.address
    }
}

macro_rules! assets {
    ($($asset:ident = $name:literal, $kind:literal, $file:literal;)*) => {
        $(pub(super) static $asset: Asset = Asset {
            name: $name,
            kind: $kind,
            bytes: include_bytes!(concat!("../../assets/", $file)),
            address: LazyLock::new(|| address($name, $asset.bytes)),
        };)*

        static ALL: &[&Asset] = &[$(&$asset),*];
    };
}

assets! {
    STYLE = "style.css", "text/css; charset=utf-8", "style.css";
    LIVE = "live.js", "text/javascript; charset=utf-8", "live.js";
    CHARTS = "charts.js", "text/javascript; charset=utf-8", "charts.js";
    MARK = "mark.svg", "image/svg+xml", "mark.svg";
    UPLOT = "uplot.js", "text/javascript; charset=utf-8", "vendor/uplot-1.6.32/uPlot.iife.min.js";
    UPLOT_STYLE = "uplot.css", "text/css; charset=utf-8", "vendor/uplot-1.6.32/uPlot.min.css";
}

fn address(name: &str, bytes: &[u8]) -> String {
    format!("/assets/{}/{name}", digest(bytes))
}

/// Enough of the SHA-256 to tell contents apart.
pub(super) fn digest(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    let bytes = digest.iter().take(8);
    bytes.map(|byte| format!("{byte:02x}")).collect()
}

pub(super) fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route("/assets/{digest}/{name}", get(serve))
}

async fn serve(Path((digest, name)): Path<(String, String)>) -> Response {
    let asked = format!("/assets/{digest}/{name}");
    match ALL.iter().find(|asset| asset.name == name) {
        Some(asset) if asset.address() == asked => {
            let headers = [
                (header::CONTENT_TYPE, asset.kind),
                (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
                (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            ];
            (headers, asset.bytes).into_response()
        }
        // Not to be kept: another version of the host may have it.
        _ => (StatusCode::NOT_FOUND, [(header::CACHE_CONTROL, "no-store")]).into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the first view may weigh, compressed. Nothing here is, so this is
    /// more than what a browser loads.
    const MOST: usize = 500_000;

    #[test]
    fn all_that_a_first_view_loads_is_light() {
        let weight: usize = ALL.iter().map(|asset| asset.bytes.len()).sum();
        assert!(weight < MOST / 3, "{weight} bytes");
    }

    #[test]
    fn an_address_names_its_content() {
        for asset in ALL {
            let digest = digest(asset.bytes);
            assert_eq!(asset.address(), format!("/assets/{digest}/{}", asset.name));
        }
        assert_ne!(address("a", b"1"), address("a", b"2"));
    }

    #[test]
    fn vendored_files_are_those_that_their_note_names() {
        let note = include_str!("../../assets/vendor/README.md");
        let licence = include_bytes!("../../assets/vendor/uplot-1.6.32/LICENSE").as_slice();
        for (bytes, file) in [
            (UPLOT.bytes, "uPlot.iife.min.js"),
            (UPLOT_STYLE.bytes, "uPlot.min.css"),
            (licence, "LICENSE"),
        ] {
            let digest = Sha256::digest(bytes);
            let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
            let line = format!("{digest}  uplot-1.6.32/{file}");
            assert!(note.contains(&line), "no line `{line}`");
        }
    }

    #[test]
    fn nothing_of_ours_names_another_host() {
        for asset in [&STYLE, &LIVE, &CHARTS, &MARK] {
            let text = std::str::from_utf8(asset.bytes).unwrap();
            let text = text.replace("http://www.w3.org/2000/svg", "");
            assert!(
                !text.contains("//www.") && !text.contains("http"),
                "{}",
                asset.name
            );
        }
    }
}
