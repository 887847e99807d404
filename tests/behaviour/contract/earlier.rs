//! Plugins that were built by an earlier SDK.
//!
//! Owns: that those in `tests/released/VERSION/plugins`, which are never built
//! again, are taken and work as they did. Must not know: how they were built.

use std::fs;
use std::path::PathBuf;

use lombard_model::{Grants, UseCase};
use lombard_runtime::RunRequest;

use crate::support::books::read;
use crate::support::{Setup, expert, files, render};

/// The fixtures of this kind.
fn kept(kind: &str) -> Vec<PathBuf> {
    let released = files::wit().with_file_name("tests").join("released");
    let mut kept = Vec::new();
    for version in fs::read_dir(released).expect("released contracts") {
        let plugins = version.expect("a version").path().join("plugins");
        for plugin in fs::read_dir(plugins).expect("plugins of that time") {
            kept.push(plugin.expect("a file").path());
        }
    }
    kept.retain(|path| {
        let bytes = fs::read(path).expect("a plugin");
        let inspected = lombard_runtime::inspect(&bytes).expect("it is taken");
        inspected.manifest.kind.as_str() == kind
    });
    assert!(!kept.is_empty(), "no {kind} was kept");
    kept
}

#[tokio::test]
async fn widgets_show_what_they_have_always_shown() {
    for path in kept("widget") {
        let bytes = fs::read(&path).unwrap();
        for golden in files::goldens() {
            let host = Setup::default().open_with(golden.dataset).await;
            let earlier = host.plugin_from(&bytes, &Grants::all()).await.unwrap();
            let name = earlier.plugin.manifest.name.to_string();
            let now = host.plugin(&name).await.unwrap();
            let shows = render(&host, &earlier).await.unwrap();
            let expected = render(&host, &now).await.unwrap();
            assert_eq!(shows.view, expected.view, "{path:?}: {}", golden.name);
        }
    }
}

#[tokio::test]
async fn experts_still_run() {
    for path in kept("expert") {
        let host = Setup::default().open_with(read(&files::demo())).await;
        let bytes = fs::read(&path).unwrap();
        let installed = host.install(bytes, Grants::all()).await.unwrap();
        let name = installed.manifest.name.as_str();
        let mut session = host.session("test");
        let rows = session.experts().await.unwrap();
        session.end();
        let instance = rows.iter().find(|row| row.expert.plugin == name);
        let instance = instance.map_or_else(|| expert(1), |row| row.expert.id);
        let ran = host.run_expert(RunRequest {
            expert: instance,
            symbols: vec!["AAPL".parse().unwrap()],
            use_case: UseCase::EnterMarket,
        });
        assert_eq!(ran.await.unwrap().recommendations.len(), 1, "{path:?}");
    }
}
