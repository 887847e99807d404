//! `lombard serve` on the command line.

use std::net::SocketAddr;
use std::time::Duration;

use clap::Args;
use lombard_server::ServerOptions;

pub(super) const AFTER_HELP: &str = "\
Examples:
  lombard serve
  lombard serve --listen 127.0.0.1:0

Other commands on the same database go through the host. They find it by the
file beside the database, or with --host and a token where it listens at an
address of a network only.

SIGINT or SIGTERM lets what has begun end; the second one ends at once.";

/// `lombard serve`
#[derive(Debug, Args)]
pub(crate) struct ServeOptions {
    /// Where to listen; port 0 takes any free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:7878")]
    listen: SocketAddr,
    /// Seconds that what has begun may take to end
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(0..=3_600))]
    grace: u64,
}

impl From<ServeOptions> for ServerOptions {
    fn from(options: ServeOptions) -> Self {
        Self {
            listen: options.listen,
            grace: Duration::from_secs(options.grace),
        }
    }
}
