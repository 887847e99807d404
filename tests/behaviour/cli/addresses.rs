//! `lombard plugin install https://…`.
//!
//! Owns: a server with a certificate of its own, and that nothing is installed
//! of which the digest was not said. Must not know: how a plugin is installed.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::Arc;
use std::thread;

use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::{User, says};
use crate::support::wat;

/// Serves this file over TLS until the test ends.
struct Serving {
    port: u16,
    certificate: String,
}

impl Serving {
    fn begin(head: &'static str, body: Vec<u8>) -> Self {
        let issued = rcgen::generate_simple_self_signed(["localhost".to_owned()]);
        let issued = issued.expect("a certificate");
        let chain = vec![CertificateDer::from(issued.cert.der().to_vec())];
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(issued.signing_key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions of TLS")
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .expect("a key that fits");
        let config = Arc::new(config);
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let connection = ServerConnection::new(Arc::clone(&config)).expect("a server");
                let mut stream = StreamOwned::new(connection, stream);
                // Who does not trust the certificate breaks off.
                let mut asked = [0; 4096];
                if stream.read(&mut asked).is_ok() {
                    let head = head.replace("{length}", &body.len().to_string());
                    let _ = stream.write_all(head.as_bytes());
                    let _ = stream.write_all(&body);
                    stream.conn.send_close_notify();
                    let _ = stream.flush();
                }
            }
        });
        Self {
            port,
            certificate: issued.cert.pem(),
        }
    }

    fn address(&self) -> String {
        format!("https://localhost:{}/made-up.wasm", self.port)
    }
}

const FOUND: &str = "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n";

fn digest(bytes: &[u8]) -> String {
    let inspected = lombard_runtime::inspect(bytes);
    inspected.expect("a plugin").digest.to_string()
}

#[test]
fn a_plugin_is_installed_from_an_address_if_it_is_the_one_that_was_meant() {
    let user = User::new();
    let plugin = wat::titled("0.1.0", "0.1.0");
    let serving = Serving::begin(FOUND, plugin.clone());
    let (address, ca) = (
        serving.address(),
        user.write("ca.pem", &serving.certificate),
    );
    let digest = digest(&plugin);
    let install = ["plugin", "install", &address];
    let with = |more: &[&'static str]| [&install[..], &["--ca", "ca.pem"], more].concat();
    assert!(ca.ends_with("ca.pem"));

    says(&user.fails(&with(&[])), &["--digest", "--lock"]);
    let other = format!("sha256:{}", "0".repeat(64));
    let told = user.fails(&[&with(&["--digest"])[..], &[&other]].concat());
    says(&told, &["and not sha256:000", &digest]);
    let listed = user.text(&["plugin", "list"]);
    assert!(!listed.contains("made-up"), "{listed}");

    let installed = user.json(&[&with(&["--digest"])[..], &[&digest]].concat());
    assert_eq!(installed["installed"]["digest"], digest);
    let lock = user.text(&["plugin", "lock"]);
    user.write("lombard.lock", lock);
    user.json(&with(&["--lock", "lombard.lock"]));
}

#[test]
fn who_is_not_trusted_or_gives_no_plugin_is_told() {
    let user = User::new();
    let any = format!("sha256:{}", "0".repeat(64));
    let fails = |address: &str, more: &[&str]| {
        let install = ["plugin", "install", address, "--digest", &any];
        user.fails(&[&install[..], more].concat())
    };
    let serving = Serving::begin(FOUND, b"no plugin".to_vec());
    user.write("ca.pem", &serving.certificate);
    let told = fails(&serving.address(), &[]);
    says(&told, &["can't be had", "certificate", "trusted with --ca"]);
    says(
        &fails(&serving.address(), &["--ca", "ca.pem"]),
        &["made-up.wasm", "component"],
    );
    says(
        &fails("http://localhost/a.wasm", &[]),
        &["no https:// address"],
    );
    says(
        &fails("https://localhost:1/a.wasm", &[]),
        &["can't be had", "remedy: check the address"],
    );
    user.write("none.pem", "nothing");
    let told = fails(&serving.address(), &["--ca", "none.pem"]);
    says(
        &told,
        &["none.pem has no certificate", "remedy: name a file in PEM"],
    );

    let missing = Serving::begin(
        "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n",
        vec![],
    );
    user.write("ca.pem", &missing.certificate);
    says(&fails(&missing.address(), &["--ca", "ca.pem"]), &["404"]);
    // No header of a stranger's makes the command go elsewhere unprotected.
    let moved = "HTTP/1.1 302 Found\r\nlocation: http://localhost:1/\r\ncontent-length: 0\r\n\r\n";
    let moved = Serving::begin(moved, vec![]);
    user.write("ca.pem", &moved.certificate);
    says(
        &fails(&moved.address(), &["--ca", "ca.pem"]),
        &["can't be had"],
    );
}
