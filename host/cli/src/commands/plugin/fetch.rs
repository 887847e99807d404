//! A plugin's file from an address.
//!
//! Owns: that it comes by TLS, is no larger than a plugin may be, comes within
//! a time, and that its digest was said before. Must not know: what is done with
//! it.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use lombard_runtime::Host;
use ureq::Agent;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};

use super::install::Pins;
use crate::context::Context;
use crate::failure::{Advised, words};

/// How long a download may take.
const PATIENCE: Duration = Duration::from_secs(300);

/// The longest file of certificates, in bytes.
const LONGEST_CA: u64 = 1 << 20;

/// Whether this names a place in a network rather than a file.
pub(super) fn is_address(file: &Path) -> bool {
    file.to_str().is_some_and(|file| file.contains("://"))
}

/// Gets the file. Nobody downloads what they can't compare.
pub(super) async fn fetch(
    context: &Context,
    address: &Path,
    pins: &Pins,
) -> anyhow::Result<Vec<u8>> {
    let address = address.to_str().unwrap_or_default().to_owned();
    if !address.starts_with("https://") {
        let words = format!("{address} is no https:// address");
        let remedy = "get the file by yourself, and install that";
        return Err(Advised::new(words, remedy).into());
    }
    if pins.digest.is_none() && pins.lock.is_none() {
        let words = "what comes from an address has to be the binary that is meant".to_owned();
        let remedy = "say its SHA-256 with --digest, or a lock file with --lock";
        return Err(Advised::new(words, remedy).into());
    }
    let roots = pins.ca.as_deref().map(certificates).transpose()?;
    let getting = {
        let address = address.clone();
        tokio::task::spawn_blocking(move || get(&address, roots))
    };
    let doing = format!("getting {address}");
    let got = context.progress.during(&doing, getting).await?;
    got.map_err(|error| {
        let error = error.context(format!("{address} can't be had"));
        let remedy = "check the address and the network; a certificate of your own authority is \
                      trusted with --ca; or get the file by yourself, and install that";
        Advised::new(words(&error), remedy).into()
    })
}

fn get(address: &str, roots: Option<RootCerts>) -> anyhow::Result<Vec<u8>> {
    let tls = TlsConfig::builder().root_certs(roots.unwrap_or(RootCerts::WebPki));
    let config = Agent::config_builder()
        .https_only(true)
        .max_redirects(5)
        .timeout_global(Some(PATIENCE))
        .tls_config(tls.build());
    let agent: Agent = config.build().into();
    let mut response = agent.get(address).call()?;
    let mut bytes = Vec::new();
    // One byte more than a plugin may have is enough to tell that it has more.
    let body = response.body_mut().as_reader();
    body.take(Host::MAX_PLUGIN + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Who is trusted to say that an address is who it says, in place of those that
/// browsers trust.
fn certificates(path: &Path) -> anyhow::Result<RootCerts> {
    let shown = path.display();
    let file = File::open(path).with_context(|| format!("{shown} can't be opened"))?;
    let mut pem = Vec::new();
    let read = file.take(LONGEST_CA).read_to_end(&mut pem);
    read.with_context(|| format!("{shown} can't be read"))?;
    let certificates = parse_pem(&pem).filter_map(|item| match item {
        Ok(PemItem::Certificate(certificate)) => Some(Ok::<Certificate<'static>, _>(certificate)),
        Ok(_) => None,
        Err(error) => Some(Err(error)),
    });
    let certificates: Vec<_> = certificates
        .collect::<Result<_, _>>()
        .with_context(|| format!("{shown} can't be read"))?;
    if certificates.is_empty() {
        let words = format!("{shown} has no certificate");
        return Err(
            Advised::new(words, "name a file in PEM, with `BEGIN CERTIFICATE` in it").into(),
        );
    }
    Ok(RootCerts::Specific(Arc::new(certificates)))
}
