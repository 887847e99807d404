//! What the process tells of itself while it works: its log and, by a switch,
//! spans to a collector.
//!
//! Owns: the forms of the log, and how spans are sent: OTLP as JSON over plain
//! HTTP, in batches from a thread of their own. What can't be sent is dropped
//! and told once: nobody waits for a collector. Must not know: which spans
//! there are, beyond the names of their targets.

use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use clap::ValueEnum;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::level_filters::LevelFilter;
use tracing::{Metadata, Subscriber};
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Layer, fmt};

/// What is sent to a collector: calls of plugins, and within them those into
/// the host.
const FOLLOWED: [&str; 2] = ["lombard::call", "lombard::host_call"];

/// How long the collector may take for a batch, and for the last ones at the
/// end of the process.
const PATIENCE: Duration = Duration::from_secs(3);

/// The most that a collector's answer may have, in bytes.
const ANSWER: u64 = 64 << 10;

/// How a line of the log looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// For people
    #[default]
    Text,
    /// A JSON object
    Json,
}

/// How the log is written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Log {
    pub(crate) level: LevelFilter,
    pub(crate) format: LogFormat,
    pub(crate) has_color: bool,
}

/// What is on its way to a collector, if there is one.
#[must_use = "spans are sent until it is ended"]
pub(crate) struct Telemetry(Option<SdkTracerProvider>);

impl Telemetry {
    /// Begins the log and, where a collector is named, to send it spans.
    ///
    /// # Errors
    /// Where spans can't be sent to this address at all.
    pub(crate) fn begin(log: Log, collector: Option<&Collector>) -> anyhow::Result<Self> {
        let provider = collector.map(provider).transpose()?;
        let follow = provider.as_ref().map(|provider| {
            let tracer = provider.tracer("lombard");
            let layer = tracing_opentelemetry::layer().with_tracer(tracer);
            // Where in the source a span is made says nothing to an operator.
            let layer = layer.with_location(false).with_threads(false);
            layer.with_filter(filter_fn(is_followed))
        });
        tracing_subscriber::registry()
            .with(written(log))
            .with(follow)
            .init();
        Ok(Self(provider))
    }

    /// Sends what is left.
    pub(crate) fn end(self) {
        if let Some(provider) = self.0
            && let Err(error) = provider.shutdown_with_timeout(PATIENCE)
        {
            tracing::warn!(%error, "the last spans could not be sent");
        }
    }
}

fn is_followed(about: &Metadata<'_>) -> bool {
    about.is_span() && FOLLOWED.contains(&about.target())
}

/// The log, in its form.
fn written<S>(log: Log) -> Box<dyn Layer<S> + Send + Sync>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    let lines = fmt::layer().with_writer(std::io::stderr);
    match log.format {
        LogFormat::Text => lines
            .with_ansi(log.has_color)
            .with_filter(log.level)
            .boxed(),
        LogFormat::Json => lines
            .json()
            .flatten_event(true)
            .with_filter(log.level)
            .boxed(),
    }
}

/// The address of a collector.
#[derive(Clone, Debug)]
pub(crate) struct Collector(String);

impl std::str::FromStr for Collector {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fault = "write it as http://HOST:PORT; spans are sent over plain HTTP, to a \
             collector on this machine or in its network";
        let address: ureq::http::Uri = text.parse().map_err(|_| fault)?;
        let is_plain = address.scheme_str() == Some("http");
        let is_whole = address.host().is_some_and(|host| !host.is_empty());
        match is_plain && is_whole && address.query().is_none() {
            true => Ok(Self(text.trim_end_matches('/').to_owned())),
            false => Err(fault),
        }
    }
}

fn provider(Collector(address): &Collector) -> anyhow::Result<SdkTracerProvider> {
    let exporter = SpanExporter::builder()
        .with_http()
        .with_protocol(Protocol::HttpJson)
        .with_endpoint(format!("{address}/v1/traces"))
        .with_timeout(PATIENCE)
        .with_http_client(Client::new())
        .build()?;
    let about = Resource::builder().with_service_name("lombard");
    let version = opentelemetry::KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
    Ok(SdkTracerProvider::builder()
        .with_resource(about.with_attribute(version).build())
        .with_batch_exporter(exporter)
        .build())
}

/// Sends batches. It is called on the thread that does nothing else.
#[derive(Debug)]
struct Client {
    agent: ureq::Agent,
    /// Whether the last one arrived.
    is_well: AtomicBool,
}

impl Client {
    fn new() -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .proxy(None)
            .timeout_global(Some(PATIENCE));
        Self {
            agent: config.build().into(),
            is_well: AtomicBool::new(true),
        }
    }

    fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (head, body) = request.into_parts();
        let sent = self.agent.run(Request::from_parts(head, &body[..]))?;
        let (head, mut body) = sent.into_parts();
        let body = body.with_config().limit(ANSWER).read_to_vec()?;
        Ok(Response::from_parts(head, Bytes::from(body)))
    }

    /// Tells when spans begin to be lost, and when they arrive again.
    fn tell(&self, sent: &Result<Response<Bytes>, HttpError>) {
        let fault = match sent {
            Ok(answer) if answer.status().is_success() => None,
            Ok(answer) => Some(answer.status().to_string()),
            Err(error) => Some(error.to_string()),
        };
        let was_well = self.is_well.swap(fault.is_none(), Ordering::Relaxed);
        match fault {
            Some(fault) if was_well => {
                tracing::warn!(fault, "the collector takes no spans; they are dropped");
            }
            None if !was_well => tracing::warn!("the collector takes spans again"),
            _ => {}
        }
    }
}

impl HttpClient for Client {
    fn send_bytes<'a, 'b>(
        &'a self,
        request: Request<Bytes>,
    ) -> Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'b>>
    where
        'a: 'b,
        Self: 'b,
    {
        Box::pin(async move {
            let sent = self.send(request);
            self.tell(&sent);
            sent
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_collector_is_a_plain_address() {
        for good in [
            "http://127.0.0.1:4318",
            "http://collector:4318/",
            "http://[::1]:4318/otlp",
        ] {
            let Collector(address) = good.parse().unwrap();
            assert!(!address.ends_with('/'), "{address}");
        }
        for bad in [
            "",
            "collector:4318",
            "https://collector",
            "http://",
            "http://c?a=b",
            "ftp://c",
            "http://a b",
        ] {
            assert!(bad.parse::<Collector>().is_err(), "{bad} was taken");
        }
    }
}
