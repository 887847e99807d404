//! One version of a plugin in another's place, in a host that runs.
//!
//! Owns: that no call fails of it, that each call is of one version, that
//! nothing of the old one stays, and the way back. `cargo xtask bench --swaps`
//! has it take longer, at a pace (`LOMBARD_SWAPS_SECONDS`).
//! Must not know: how instances are kept.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use lombard_model::{AccountScope, Granted, Grants, PluginName};
use lombard_runtime::{Host, RuntimeError};
use lombard_store::StoreError;

use crate::support::books::Book;
use crate::support::{Setup, TestHost, in_time, render, wat};

const NAME: &str = "made-up";

/// Swaps of one version for another.
const SWAPS: u32 = 20;

async fn host() -> TestHost {
    Setup::default().open_with(Book::of(20).dataset()).await
}

async fn install(host: &Host, version: &str) {
    let bytes = wat::titled(version, version);
    host.install(bytes, Grants::default())
        .await
        .expect("it is installed");
}

/// What it shows now, which is its version.
async fn shown(host: &Host) -> String {
    let plugin = host.plugin(NAME).await.expect("it is there");
    let rendered = render(host, &plugin).await.expect("it is served");
    assert_eq!(rendered.view.title, plugin.plugin.manifest.version);
    rendered.view.title
}

fn name() -> PluginName {
    NAME.parse().expect("a name")
}

#[tokio::test]
async fn the_way_back_is_to_what_was_replaced_with_what_was_granted_to_it() {
    let host = host().await;
    let first = Granted {
        grants: Grants::default(),
        accounts: "1".parse::<AccountScope>().unwrap(),
    };
    let bytes = wat::titled("0.1.0", "0.1.0");
    host.install(bytes, first.clone()).await.unwrap();
    install(&host, "0.2.0").await;
    assert_eq!(shown(&host).await, "0.2.0");
    assert_eq!(
        host.plugin_entry(NAME).unwrap().accounts,
        AccountScope::all()
    );

    host.roll_back(name()).await.unwrap();
    assert_eq!(shown(&host).await, "0.1.0");
    assert_eq!(host.plugin_entry(NAME).unwrap().accounts, first.accounts);
    // Twice is back again.
    host.roll_back(name()).await.unwrap();
    assert_eq!(shown(&host).await, "0.2.0");
    assert_eq!(
        host.plugin_entry(NAME).unwrap().accounts,
        AccountScope::all()
    );
}

#[tokio::test]
async fn where_nothing_was_replaced_there_is_no_way_back() {
    let host = host().await;
    let fails = async || {
        let failed = host.roll_back(name()).await.unwrap_err();
        let is_told = matches!(
            failed,
            RuntimeError::Store(StoreError::Missing {
                what: "earlier version of",
                ..
            })
        );
        assert!(is_told, "{failed:?}");
    };
    fails().await;
    install(&host, "0.1.0").await;
    // The same binary again replaces nothing.
    install(&host, "0.1.0").await;
    fails().await;
    assert_eq!(shown(&host).await, "0.1.0");
    install(&host, "0.2.0").await;
    host.remove(name()).await.unwrap();
    install(&host, "0.3.0").await;
    // What was removed is not come back to.
    fails().await;
}

#[tokio::test]
async fn no_more_binaries_are_kept_than_there_is_a_way_back_to() {
    let host = host().await;
    for version in 1..=9 {
        install(&host, &format!("0.{version}.0")).await;
    }
    let mut kept = 0;
    for version in 1..=9 {
        let version = format!("0.{version}.0");
        let digest = lombard_runtime::inspect(&wat::titled(&version, &version))
            .unwrap()
            .digest;
        let mut session = host.session("test");
        kept += usize::from(session.plugin_binary(digest).await.unwrap().is_some());
        session.end();
    }
    assert_eq!(kept, 1 + 5);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_swap_under_load_fails_no_call_and_leaves_nothing_of_the_old_version() {
    let host = host().await;
    install(&host, "0.0.0").await;
    shown(&host).await;
    let seconds = std::env::var("LOMBARD_SWAPS_SECONDS").ok();
    let seconds: Option<u32> = seconds.map(|text| text.parse().expect("a number of seconds"));
    let load = Load::begin(&host, seconds.map(|_| Duration::from_millis(10)));
    for swap in 1..=SWAPS {
        let pause = seconds.map(|seconds| Duration::from_secs(seconds.into()) / SWAPS);
        load.goes_on(pause).await;
        install(&host, &format!("0.{swap}.0")).await;
        assert_eq!(shown(&host).await, format!("0.{swap}.0"));
    }
    let served = load.end().await;
    let calls: u64 = served.values().sum();
    assert!(served.len() > 2, "it was no load: {served:?}");
    let failed = host.recent_calls();
    let failed: Vec<_> = failed.iter().filter(|call| call.error.is_some()).collect();
    assert!(failed.is_empty(), "{failed:?}");
    told(calls, &host);
    // What waits is of the version that is installed: it is what the next calls
    // find, and nothing is left when it goes.
    host.remove(name()).await.unwrap();
    in_time(async {
        while host.spare_instances() > 0 || host.memory_of_plugins() > 0 {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

#[expect(clippy::print_stdout, reason = "it is what a bench is for")]
fn told(calls: u64, host: &Host) {
    println!(
        "{calls} calls and {SWAPS} swaps, none failed; {} instances wait",
        host.spare_instances()
    );
}

/// Somebody who renders again and again.
struct Load {
    over: Arc<AtomicBool>,
    served: Arc<tokio::sync::Semaphore>,
    tasks: Vec<tokio::task::JoinHandle<BTreeMap<String, u64>>>,
}

impl Load {
    /// Two of them, as fast as they are served, or one at this pace.
    fn begin(host: &TestHost, every: Option<Duration>) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let served = Arc::new(tokio::sync::Semaphore::new(0));
        let viewers = if every.is_some() { 1 } else { 2 };
        let render = |_| {
            let (host, over) = (Arc::clone(host.shared()), Arc::clone(&over));
            let served = Arc::clone(&served);
            tokio::spawn(async move {
                let mut versions = BTreeMap::new();
                let mut pace = every.map(tokio::time::interval);
                while !over.load(Ordering::Relaxed) {
                    if let Some(pace) = &mut pace {
                        pace.tick().await;
                    }
                    *versions.entry(shown(&host).await).or_insert(0) += 1;
                    served.add_permits(1);
                }
                versions
            })
        };
        Self {
            tasks: (0..viewers).map(render).collect(),
            over,
            served,
        }
    }

    /// Waits for so long, or until some more were served.
    async fn goes_on(&self, pause: Option<Duration>) {
        match pause {
            Some(pause) => tokio::time::sleep(pause).await,
            None => {
                let some = in_time(self.served.acquire_many(10)).await;
                some.expect("it is open").forget();
            }
        }
    }

    /// How many were served by which version.
    async fn end(self) -> BTreeMap<String, u64> {
        self.over.store(true, Ordering::Relaxed);
        let mut all = BTreeMap::new();
        for task in self.tasks {
            for (version, calls) in task.await.expect("none failed") {
                *all.entry(version).or_insert(0) += calls;
            }
        }
        all
    }
}
