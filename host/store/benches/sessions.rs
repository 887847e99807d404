//! What it costs to lend a session, and to read a book over one.
//!
//! Owns: stores on throw-away files. The first is in every call that reads
//! anything; reading anew is most of a render on data that has changed, and what
//! is shared is all of one whose plugin is not the first to read that version.

use std::sync::Arc;

use criterion::{BenchmarkId, Criterion, Throughput};
use lombard_model::dataset::Dataset;
use lombard_model::{Order, Transaction};
use lombard_store::{Location, Purpose, Session, Store, StoreOptions, TransactionFilter};
use tempfile::TempDir;
use tokio::runtime::Runtime;

const SIZES: [u32; 3] = [20, 200, 2_000];

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    // One thread beside those of the database, so that what is put off until
    // after a session's end is not done elsewhere and left out.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    lending(&mut criterion, &runtime);
    for size in SIZES {
        reading(&mut criterion, &runtime, size, "read anew", false);
        reading(&mut criterion, &runtime, size, "out of shared reads", true);
    }
    criterion.final_summary();
}

/// A store that goes with its file.
struct Scene {
    store: Store,
    _folder: TempDir,
}

impl Scene {
    /// With one connection: whoever opens a session waits for the end of the
    /// last, its rollback too.
    async fn new(transactions: u32, share_reads: bool) -> Self {
        let folder = tempfile::tempdir().expect("a folder for the database");
        let location = Location::file(folder.path().join("book.sqlite"));
        let options = StoreOptions {
            connections: 1,
            watch_every: None,
            share_reads,
            ..StoreOptions::default()
        };
        let store = Store::open(&location, &options).await.expect("a store");
        let book = Dataset::to_measure(transactions, 2, "nobody").expect("a book");
        store.import(book).await.expect("it is imported");
        Self {
            store,
            _folder: folder,
        }
    }

    fn session(&self) -> Session {
        self.store.session(Purpose::host("bench"))
    }
}

fn lending(criterion: &mut Criterion, runtime: &Runtime) {
    let scene = runtime.block_on(Scene::new(20, false));
    criterion.bench_function("session/open, end and roll back", |bencher| {
        bencher.to_async(runtime).iter(|| async {
            let mut session = scene.session();
            session.open().await.expect("it opens");
            session.end()
        });
    });
    runtime.block_on(scene.store.close());
}

fn reading(criterion: &mut Criterion, runtime: &Runtime, size: u32, how: &str, share_reads: bool) {
    let scene = runtime.block_on(Scene::new(size, share_reads));
    // The first is for nothing: from then on it is there to be shared.
    for is_open in [true, !share_reads] {
        runtime.block_on(async {
            let mut session = scene.session();
            let (transactions, orders) = book(&mut session).await;
            assert_eq!(u32::try_from(transactions.len()), Ok(size));
            assert_eq!(u32::try_from(orders.len()), Ok(2 * size));
            assert_eq!(session.is_open(), is_open, "whether the database was asked");
        });
    }
    let mut group = criterion.benchmark_group("session/transactions with their orders");
    group.throughput(Throughput::Elements(size.into()));
    group.bench_function(BenchmarkId::new(how, size), |bencher| {
        bencher.to_async(runtime).iter(|| async {
            let mut session = scene.session();
            let book = book(&mut session).await;
            session.end();
            book
        });
    });
    group.finish();
    runtime.block_on(scene.store.close());
}

async fn book(session: &mut Session) -> (Arc<[Transaction]>, Arc<[Order]>) {
    let open = TransactionFilter::open();
    let transactions = session.transactions(&open, None, 100_000).await;
    let transactions = transactions.expect("the transactions");
    let ids: Vec<_> = transactions.iter().map(|one| one.id).collect();
    let orders = session.orders_of(&ids).await.expect("their orders");
    (transactions, orders)
}
