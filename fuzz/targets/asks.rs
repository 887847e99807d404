//! What a guest asks the host for, up to the database and back.
//!
//! Owns: that the host answers or refuses, and that whatever was saved leaves
//! the book readable for everybody. Must not know: how a guest asks.
//!
//! The guest is a file of `LOMBARD_GUESTS`, of which `cargo xtask guests` makes
//! one; only its manifest matters here, none of it is run.

#![no_main]

mod draw;

use std::path::PathBuf;
use std::sync::LazyLock;

use draw::Bytes;
use libfuzzer_sys::fuzz_target;
use lombard_accounts::AccountsOptions;
use lombard_model::dataset::Dataset;
use lombard_model::{ExpertId, Grants};
use lombard_runtime::{
    BillOptions, Clock, Host, HostOptions, Limits, PluginRef, QuarantineOptions, fuzzing,
};
use lombard_store::{Location, StoreOptions};
use tokio::runtime::Runtime;

/// A book with a little of everything.
const BOOK: &[u8] = include_bytes!("../seeds/dataset/book.json");

static DESK: LazyLock<Desk> = LazyLock::new(Desk::open);

fuzz_target!(|bytes: &[u8]| {
    DESK.runtime.block_on(DESK.ask(bytes));
});

struct Desk {
    runtime: Runtime,
    host: Host,
    plugin: PluginRef,
    expert: ExpertId,
}

impl Desk {
    fn open() -> Self {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_all().build().expect("a runtime");
        // It goes with the machine's other throw-away files: nothing is
        // dropped where a process ends by a signal.
        let folder = tempfile::tempdir().expect("a folder for the book").keep();
        let (host, plugin) = runtime.block_on(host(folder));
        Self {
            runtime,
            host,
            plugin,
            expert: 1_u64.try_into().expect("an id"),
        }
    }

    async fn ask(&self, bytes: &[u8]) {
        let asked = fuzzing::ask(&self.host, &self.plugin, self.expert, &mut Bytes(bytes)).await;
        asked.expect("the call begins");
        let mut session = self.host.session("look");
        let experts = session.experts().await.expect("the experts can be read");
        assert!(!experts.is_empty());
    }
}

async fn host(folder: PathBuf) -> (Host, PluginRef) {
    let options = HostOptions {
        location: Location::file(folder.join("book.sqlite")),
        store: StoreOptions::default(),
        accounts: AccountsOptions::default(),
        limits: Limits::default(),
        quarantine: QuarantineOptions::default(),
        bill: BillOptions::default(),
        compiled: folder.join("compiled"),
        clock: Clock::System,
        bundled: [].into(),
    };
    let host = Host::open(options).await.expect("a host");
    let book = Dataset::read(BOOK).expect("a book");
    host.import(book).await.expect("it is imported");
    let guests = std::env::var_os("LOMBARD_GUESTS").expect("LOMBARD_GUESTS names a folder");
    let file = PathBuf::from(guests).join("guest-settles.wasm");
    let bytes = std::fs::read(&file).expect("`cargo xtask guests` has made guest-settles.wasm");
    let plugin = host.plugin_from(&bytes, &Grants::all()).await;
    let mut plugin = plugin.expect("the guest is let in");
    // Whatever may be granted: the guest itself asks for less.
    plugin.grants = Grants::all();
    (host, plugin)
}
