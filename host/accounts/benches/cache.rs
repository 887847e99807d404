//! What an account costs: out of the cache, loaded, and wanted by many at once.
//!
//! Owns: the states of the cache that are measured. A hit is what a loop of
//! look-ups pays for each, so it must not come near a load; a first use by many
//! must cost one load and not as many.

use std::collections::BTreeMap;
use std::sync::Arc;

use criterion::{BatchSize, Criterion};
use lombard_accounts::{Accounts, AccountsOptions};
use lombard_model::dataset::Dataset;
use lombard_model::{AccountId, Definitions, ExpertId, SettingDefinition, SettingType};
use lombard_store::{Location, Purpose, SettingsOwner, Store, StoreOptions};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

/// Those who want one account at the same time.
const CONTENDERS: usize = 100;

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let runtime = Runtime::new().expect("a runtime");
    let scene = Arc::new(runtime.block_on(Scene::new()));
    hit(&mut criterion, &runtime, &scene);
    miss(&mut criterion, &runtime, &scene);
    contended(&mut criterion, &runtime, &scene);
    setting(&mut criterion, &runtime, &scene);
    criterion.final_summary();
}

/// Two accounts with four experts, in a store that goes with its file.
struct Scene {
    store: Store,
    accounts: Accounts,
    account: AccountId,
    expert: ExpertId,
    _folder: TempDir,
}

impl Scene {
    async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder for the database");
        let location = Location::file(folder.path().join("book.sqlite"));
        let options = StoreOptions {
            watch_every: None,
            ..StoreOptions::default()
        };
        let store = Store::open(&location, &options).await.expect("a store");
        let book = Dataset::to_measure(20, 2, "nobody").expect("a book");
        store.import(book).await.expect("it is imported");
        Self {
            accounts: Accounts::new(store.clone(), &AccountsOptions::default()),
            store,
            account: AccountId::try_from(1_u64).expect("an id"),
            expert: ExpertId::try_from(1_u64).expect("an id"),
            _folder: folder,
        }
    }

    /// One call's use of the account; whether it took a connection.
    async fn use_account(&self) -> bool {
        let mut session = self.store.session(Purpose::host("bench"));
        let loaded = self.accounts.account(self.account, &mut session).await;
        loaded.expect("the account");
        let took_connection = session.is_open();
        session.end();
        took_connection
    }
}

fn hit(criterion: &mut Criterion, runtime: &Runtime, scene: &Scene) {
    runtime.block_on(scene.use_account());
    assert!(!runtime.block_on(scene.use_account()), "nothing was cached");
    criterion.bench_function("account/out of the cache", |bencher| {
        bencher.to_async(runtime).iter(|| scene.use_account());
    });
}

fn miss(criterion: &mut Criterion, runtime: &Runtime, scene: &Scene) {
    let forget = || scene.accounts.invalidate_all();
    forget();
    assert!(runtime.block_on(scene.use_account()), "it was cached");
    criterion.bench_function("account/loaded over a session of its own", |bencher| {
        bencher.to_async(runtime).iter_batched(
            forget,
            |()| scene.use_account(),
            BatchSize::PerIteration,
        );
    });
}

fn contended(criterion: &mut Criterion, runtime: &Runtime, scene: &Arc<Scene>) {
    let name = format!("account/first use by {CONTENDERS} at once, until all have it");
    criterion.bench_function(&name, |bencher| {
        bencher.to_async(runtime).iter_batched(
            || scene.accounts.invalidate_all(),
            |()| async {
                let mut all = JoinSet::new();
                for _ in 0..CONTENDERS {
                    let scene = Arc::clone(scene);
                    all.spawn(async move { scene.use_account().await });
                }
                all.join_all().await
            },
            BatchSize::PerIteration,
        );
    });
}

fn setting(criterion: &mut Criterion, runtime: &Runtime, scene: &Scene) {
    let period = SettingDefinition::new(SettingType::Int, "");
    let definitions = BTreeMap::from([("period".to_owned(), period)]);
    let definitions = Definitions::new(definitions).expect("sound definitions");
    let owner = SettingsOwner::Expert(scene.expert);
    let saved = scene
        .accounts
        .save_setting(owner, &definitions, "period", 14.into());
    runtime.block_on(saved).expect("it is saved");
    let read = || async {
        let mut session = scene.store.session(Purpose::host("bench"));
        let loaded = scene.accounts.expert(scene.expert, &mut session).await;
        let settings = &loaded.expect("the expert").state.settings;
        let value = settings.get(&definitions, "period").expect("it fits");
        (value, session.is_open())
    };
    runtime.block_on(read());
    let (value, took_connection) = runtime.block_on(read());
    assert!(value.is_some() && !took_connection, "nothing was cached");
    let name = "expert/out of the cache, and one of its settings";
    criterion.bench_function(name, |bencher| {
        bencher.to_async(runtime).iter(read);
    });
}
