//! Asking a host.
//!
//! Owns: how long an answer may take and how large it may be, and that what
//! answers is a host of Lombard. Nothing is followed elsewhere. Must not know:
//! what is asked for.

use std::io;
use std::time::Duration;

use anyhow::Context as _;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;
use ureq::http::{HeaderName, HeaderValue, Method, Request, header};
use ureq::{Agent, Error};

use super::Address;
use super::failure::{Failure, Named, Problem, What};

/// How long it may take to be connected.
const CONNECTING: Duration = Duration::from_secs(5);

/// How long an answer may take, the request included: a host gives up earlier.
const LONGEST: Duration = Duration::from_secs(90);

/// The largest answer, in bytes.
const LARGEST: u64 = 64 << 20;

/// Where a host's API is.
const API: &str = "/api/v1";

/// A host that runs.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    agent: Agent,
    address: Address,
    bearer: HeaderValue,
    named: Named,
}

/// What is asked for.
struct Ask {
    method: Method,
    path: String,
    headers: Vec<(HeaderName, String)>,
    body: Option<Vec<u8>>,
}

/// An answer that is none of a failure.
struct Answer {
    tag: Option<String>,
    body: Vec<u8>,
}

impl Client {
    /// # Errors
    /// Where the token is none.
    pub(crate) fn new(address: Address, token: &str, named: Named) -> anyhow::Result<Self> {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .timeout_connect(Some(CONNECTING))
            .timeout_global(Some(LONGEST))
            .user_agent(concat!("lombard/", env!("CARGO_PKG_VERSION")));
        let bearer = HeaderValue::try_from(format!("Bearer {token}"));
        // Its words would repeat the token.
        let mut bearer = bearer.ok().context("the token holds what no token does")?;
        bearer.set_sensitive(true);
        Ok(Self {
            agent: config.build().into(),
            address,
            bearer,
            named,
        })
    }

    /// Where it is.
    pub(crate) fn address(&self) -> &Address {
        &self.address
    }

    /// Asks for what is at a path of the API.
    ///
    /// # Errors
    /// A [`Failure`].
    pub(crate) async fn get<T: DeserializeOwned>(&self, path: &str) -> anyhow::Result<T> {
        Ok(self.tagged(Method::GET, path, Vec::new(), None).await?.0)
    }

    /// Sends a document; gives the one that it is answered with.
    pub(crate) async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &Json,
    ) -> anyhow::Result<T> {
        let json = self.tagged(Method::POST, path, Vec::new(), Some(body));
        Ok(json.await?.0)
    }

    /// Removes what is there; gives what it is answered with.
    ///
    /// # Errors
    /// A [`Failure`].
    pub(crate) async fn delete<T: DeserializeOwned>(&self, path: &str) -> anyhow::Result<T> {
        let json = self.tagged(Method::DELETE, path, Vec::new(), None);
        Ok(json.await?.0)
    }

    /// Puts a document in the place of what is there; gives what it is
    /// answered with.
    ///
    /// # Errors
    /// A [`Failure`].
    pub(crate) async fn put<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &Json,
    ) -> anyhow::Result<T> {
        let put = self.tagged(Method::PUT, path, Vec::new(), Some(body));
        Ok(put.await?.0)
    }

    /// Asks for something; gives also the name of its state.
    pub(crate) async fn get_tagged<T: DeserializeOwned>(
        &self,
        path: &str,
    ) -> Result<(T, Option<String>), Failure> {
        self.tagged(Method::GET, path, Vec::new(), None).await
    }

    /// Changes something whose state has this name.
    pub(crate) async fn patch<T: DeserializeOwned>(
        &self,
        path: &str,
        seen: &str,
        body: &Json,
    ) -> Result<T, Failure> {
        let condition = vec![(header::IF_MATCH, seen.to_owned())];
        let changed = self.tagged(Method::PATCH, path, condition, Some(body));
        Ok(changed.await?.0)
    }

    /// Has something done that is answered with nothing.
    pub(crate) async fn tell(&self, method: Method, path: &str) -> anyhow::Result<()> {
        self.ask(Ask::new(method, path)).await?;
        Ok(())
    }

    /// Sends a file.
    pub(crate) async fn put_file(
        &self,
        path: &str,
        kind: &str,
        bytes: Vec<u8>,
    ) -> anyhow::Result<()> {
        let mut ask = Ask::new(Method::PUT, path);
        ask.headers.push((header::CONTENT_TYPE, kind.to_owned()));
        ask.body = Some(bytes);
        self.ask(ask).await?;
        Ok(())
    }

    async fn tagged<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        headers: Vec<(HeaderName, String)>,
        body: Option<&Json>,
    ) -> Result<(T, Option<String>), Failure> {
        let mut ask = Ask::new(method, path);
        ask.headers = headers;
        if let Some(body) = body {
            let json = "application/json".to_owned();
            ask.headers.push((header::CONTENT_TYPE, json));
            ask.body = Some(body.to_string().into_bytes());
        }
        let answer = self.ask(ask).await?;
        Ok((self.read(&answer.body)?, answer.tag))
    }

    async fn ask(&self, ask: Ask) -> Result<Answer, Failure> {
        let client = self.clone();
        let asked = tokio::task::spawn_blocking(move || client.ask_now(ask)).await;
        asked.unwrap_or_else(|error| Err(self.failure(What::Silent(error.to_string()))))
    }

    fn ask_now(&self, ask: Ask) -> Result<Answer, Failure> {
        let mut request = Request::builder()
            .method(ask.method)
            .uri(format!("{}{API}{}", self.address, ask.path))
            .header(header::AUTHORIZATION, self.bearer.clone());
        for (name, value) in ask.headers {
            request = request.header(name, value);
        }
        let sent = match ask.body {
            Some(body) => request.body(body).map(|request| self.agent.run(request)),
            None => request.body(()).map(|request| self.agent.run(request)),
        };
        let sent =
            sent.map_err(|_| self.failure(What::Silent("this can't be asked".to_owned())))?;
        let mut answer = sent.map_err(|error| self.broken(error))?;
        let tag = answer.headers().get(header::ETAG);
        let tag = tag.and_then(|tag| tag.to_str().ok()).map(str::to_owned);
        let body = answer.body_mut().with_config().limit(LARGEST).read_to_vec();
        let body = body.map_err(|error| self.broken(error))?;
        match answer.status().is_success() {
            true => Ok(Answer { tag, body }),
            false => Err(
                self.failure(match serde_json::from_slice::<Problem>(&body) {
                    Ok(problem) => What::Told(problem),
                    Err(_) => What::Foreign("it tells no problem as one does"),
                }),
            ),
        }
    }

    fn read<T: DeserializeOwned>(&self, body: &[u8]) -> Result<T, Failure> {
        serde_json::from_slice(body).map_err(|error| {
            tracing::info!(%error, "an answer could not be read");
            self.failure(What::Foreign("its answer is of another shape"))
        })
    }

    fn broken(&self, error: Error) -> Failure {
        self.failure(match error {
            Error::Io(error) if error.kind() == io::ErrorKind::ConnectionRefused => What::NotThere,
            Error::HostNotFound => What::Silent("nobody knows its name".to_owned()),
            Error::BodyExceedsLimit(_) => What::Foreign("its answer is too large"),
            Error::Protocol(_) => What::Foreign("it speaks no HTTP"),
            error => What::Silent(error.to_string()),
        })
    }

    /// A failure of this host.
    pub(crate) fn failure(&self, what: What) -> Failure {
        Failure {
            host: self.address.clone(),
            named: self.named.clone(),
            what,
        }
    }
}

impl Ask {
    fn new(method: Method, path: &str) -> Self {
        Self {
            method,
            path: path.to_owned(),
            headers: Vec::new(),
            body: None,
        }
    }
}
