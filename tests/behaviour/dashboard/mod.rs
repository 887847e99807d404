//! The dashboard, over HTTP: what its pages hold, and what no plugin and no
//! second editor can do to them.
//!
//! Owns: asking a server for pages. Must not know: how they are made.

mod forms;
mod pages;
mod widgets;

use std::net::SocketAddr;
use std::sync::Arc;

use lombard_model::dataset::Dataset;
use lombard_model::{Grants, Role};
use lombard_runtime::Host;
use lombard_server::{Server, ServerOptions, give_token};
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::support::Setup;
use crate::support::files::goldens;

/// A server that answers, on a database that goes with it.
struct Dashboard {
    host: Arc<Host>,
    address: SocketAddr,
    bearer: String,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<()>,
    _folder: TempDir,
}

/// What was answered.
struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

impl Dashboard {
    /// On the scenario that has everything.
    async fn of_main() -> Self {
        let mut goldens = goldens().into_iter();
        let main = goldens.find(|golden| golden.name.ends_with("main.json"));
        Self::of(main.expect("the scenario").dataset).await
    }

    async fn of(dataset: Dataset) -> Self {
        let folder = tempfile::tempdir().expect("a folder for the database");
        let host = Arc::new(Setup::default().open_in(folder.path()).await);
        host.import(dataset).await.expect("the dataset is imported");
        let options = ServerOptions {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            ..ServerOptions::default()
        };
        let token = give_token(&host, "tests", Role::Operator).await;
        let token = token.expect("a token").expect("the name is free");
        let server = Server::bind(Arc::clone(&host), &options);
        let server = server.await.expect("a server");
        let address = server.address();
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = tokio::spawn(async move {
            let told = async { drop(stopped.await) };
            server.run(told).await.expect("it ends well");
        });
        Self {
            host,
            address,
            bearer: format!("Bearer {}", token.reveal()),
            stop,
            serving,
            _folder: folder,
        }
    }

    async fn get(&self, path: &str) -> Answer {
        self.get_with(path, &[]).await
    }

    async fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = agent().get(format!("http://{}{path}", self.address));
        request = request.header("authorization", &self.bearer);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        asked(move || request.call()).await
    }

    async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let request = agent().post(format!("http://{}{path}", self.address));
        let request = request.header("authorization", &self.bearer);
        let owned = fields
            .iter()
            .map(|(key, value)| (key.to_string(), value.to_string()));
        let fields: Vec<_> = owned.collect();
        asked(move || request.send_form(fields)).await
    }

    async fn end(self) {
        drop(self.stop);
        self.serving.await.expect("it ends");
        self.host.close().await;
    }
}

/// The panel of this widget.
pub(crate) async fn harmed(widget: Vec<u8>) -> String {
    let dashboard = Dashboard::of_main().await;
    let installed = dashboard.host.install(widget, Grants::all()).await;
    let name = installed.expect("it is let in").manifest.name;
    let panel = dashboard.get(&format!("/panels/{name}")).await;
    assert_eq!(panel.status, 200, "{}", panel.body);
    dashboard.end().await;
    panel.body
}

/// A client that takes every answer as it comes: no redirect is followed.
fn agent() -> ureq::Agent {
    let config = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .proxy(None);
    config.build().into()
}

async fn asked(
    ask: impl FnOnce() -> Result<ureq::http::Response<ureq::Body>, ureq::Error> + Send + 'static,
) -> Answer {
    let answered = tokio::task::spawn_blocking(move || {
        let mut answer = ask().expect("an answer");
        let text = |value: &ureq::http::HeaderValue| value.to_str().unwrap_or("").to_owned();
        let headers = answer.headers().iter();
        Answer {
            status: answer.status().as_u16(),
            headers: headers
                .map(|(name, value)| (name.to_string(), text(value)))
                .collect(),
            body: answer.body_mut().read_to_string().expect("a text"),
        }
    });
    answered.await.expect("the client does not fail")
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(one, _)| one == name);
        found.map_or("", |(_, value)| value)
    }

    /// What stands between `begin` and the next `end`.
    fn between(&self, begin: &str, end: &str) -> &str {
        let from = self.body.find(begin).expect(begin) + begin.len();
        let rest = &self.body[from..];
        &rest[..rest.find(end).expect(end)]
    }
}
