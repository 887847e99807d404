//! Who keeps a host busy until it is killed: one saves settings, one runs an
//! expert, one imports, each as fast as it is answered.
//!
//! Owns: what each asks for, in numbers that rise, and what it was told.
//! Must not know: when the host is killed, and what is there afterwards.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard};

use serde_json::{Value as Json, json};

use crate::cli::User;
use crate::cli::books::with_alpaca_and_bars;
use crate::support::books::Book;

/// Transactions of an import, two orders each.
const TRANSACTIONS: u64 = 300;

/// What was asked for and what was told, as numbers that rise by one.
#[derive(Debug, Default)]
pub(super) struct Tally {
    asked: AtomicU64,
    told: AtomicU64,
    /// How many were told to be done.
    done: AtomicU64,
}

impl Tally {
    pub(super) fn asked(&self) -> u64 {
        self.asked.load(Ordering::SeqCst)
    }

    /// The last that was told to be done.
    pub(super) fn told(&self) -> u64 {
        self.told.load(Ordering::SeqCst)
    }

    pub(super) fn done(&self) -> u64 {
        self.done.load(Ordering::SeqCst)
    }

    /// Whether something is under way.
    pub(super) fn is_amid(&self) -> bool {
        self.asked() > self.told()
    }

    /// After a kill: what is there now counts as asked for and told.
    pub(super) fn settle(&self, found: u64) {
        self.asked.store(found, Ordering::SeqCst);
        self.told.store(found, Ordering::SeqCst);
    }

    fn next(&self) -> u64 {
        self.asked.fetch_add(1, Ordering::SeqCst) + 1
    }

    fn is_told(&self, number: u64) {
        self.told.store(number, Ordering::SeqCst);
        self.done.fetch_add(1, Ordering::SeqCst);
    }
}

/// What all clients did so far.
#[derive(Debug, Default)]
pub(super) struct Tallies {
    pub(super) saves: Tally,
    pub(super) runs: Tally,
    pub(super) imports: Tally,
}

impl Tallies {
    pub(super) fn all(&self) -> [&Tally; 3] {
        [&self.saves, &self.runs, &self.imports]
    }

    pub(super) fn done(&self) -> u64 {
        self.all().iter().map(|tally| tally.done()).sum()
    }
}

/// Where a host is, and who may ask it.
pub(super) struct Desk<'a> {
    pub(super) address: &'a str,
    pub(super) token: &'a str,
}

impl Desk<'_> {
    /// One request; none where no whole answer came.
    fn ask(&self, line: &str, body: &str) -> Option<(u16, Json)> {
        let Self { address, token } = self;
        let request = format!(
            "{line} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\
             Authorization: Bearer {token}\r\nContent-Type: application/json\r\nIf-Match: *\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let mut stream = TcpStream::connect(address).ok()?;
        stream.write_all(request.as_bytes()).ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        let (head, body) = answer.split_once("\r\n\r\n")?;
        let status = head.split(' ').nth(1)?.parse().ok()?;
        // Half of a document is none.
        Some((status, serde_json::from_str(body).ok()?))
    }

    /// Saves one number after the other, in two settings at once.
    pub(super) fn saves(&self, tally: &Tally) {
        loop {
            let number = tally.next();
            let text = format!("n-{number}");
            let body = json!({"api_key": text, "api_secret": text}).to_string();
            let Some(told) = self.ask("PATCH /api/v1/accounts/2/settings", &body) else {
                return;
            };
            assert_eq!(told.0, 200, "{}", told.1);
            tally.is_told(number);
        }
    }

    /// Runs expert 1 again and again.
    pub(super) fn runs(&self, tally: &Tally) {
        loop {
            let number = tally.next();
            let Some((status, run)) = self.ask("POST /api/v1/experts/1/runs", "{}") else {
                return;
            };
            assert_eq!(status, 201, "{run}");
            // The numbers of analyses rise by one, as nobody else makes any.
            assert_eq!(run["analysis"], number, "{run}");
            tally.is_told(number);
        }
    }
}

/// Who imports, and is killed with the host.
#[derive(Default)]
pub(super) struct Importer {
    /// The process that does, and whether there may be another.
    state: Mutex<(Option<Child>, bool)>,
}

impl Importer {
    /// Imports one book after the other until it is killed.
    pub(super) fn imports(&self, user: &User, tally: &Tally) {
        loop {
            let number = tally.next();
            let file = user.write("next.json", document(number).to_string());
            let mut command = user.command(&["import", &file]);
            command.stdout(Stdio::piped()).stderr(Stdio::piped());
            let mut stdout = {
                let mut state = self.state();
                if state.1 {
                    return;
                }
                let mut child = command.spawn().expect("the binary runs");
                let stdout = child.stdout.take().expect("it is piped");
                state.0 = Some(child);
                stdout
            };
            // Until it has ended; it is not gone before it is waited for.
            let _ = stdout.read_to_end(&mut Vec::new());
            let child = self.state().0.take().expect("nobody else takes it");
            let ended = child.wait_with_output().expect("it ends");
            match ended.status.code() {
                Some(0) => tally.is_told(number),
                None => return,
                Some(code) => panic!("{code}: {}", String::from_utf8_lossy(&ended.stderr)),
            }
        }
    }

    /// Kills it, and `also` at the same moment.
    pub(super) fn kill(&self, also: impl FnOnce()) {
        let mut state = self.state();
        state.1 = true;
        also();
        if let Some(child) = &mut state.0 {
            child.kill().expect("it is not waited for yet");
        }
    }

    fn state(&self) -> MutexGuard<'_, (Option<Child>, bool)> {
        self.state.lock().expect("nobody panicked")
    }
}

/// A book in which every transaction and every order has this number.
pub(super) fn document(number: u64) -> Json {
    let mut document = Book::of(TRANSACTIONS).document();
    let bars = with_alpaca_and_bars();
    for key in ["accounts", "experts", "bars"] {
        document[key] = bars[key].clone();
    }
    let each = |document: &mut Json, list: &str, key: &str| {
        for row in document[list].as_array_mut().expect("a list") {
            row[key] = json!(number.max(1).to_string());
        }
    };
    each(&mut document, "transactions", "open_price");
    each(&mut document, "orders", "quantity");
    for order in document["orders"].as_array_mut().expect("a list") {
        if order["status"] == "filled" {
            order["filled_quantity"] = order["quantity"].clone();
        }
    }
    document
}
