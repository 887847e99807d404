//! What a call of a plugin costs, and the calls within it.
//!
//! Owns: the plugins that are run, and hosts on throw-away files. A fresh
//! instance is paid once a call, a call into the host by the thousand; a render
//! on unchanged data must cost the same whatever the size of the book.
//!
//! The plugins are files that `cargo xtask bench --parts` builds.

use std::path::{Path, PathBuf};
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput};
use lombard_accounts::{AccountsOptions, SettingsPatch};
use lombard_model::dataset::Dataset;
use lombard_model::{Limits, UseCase};
use lombard_runtime::{
    BillOptions, Clock, CompileLimits, CompilerOptions, Host, HostOptions, QuarantineOptions,
    RunRequest,
};
use lombard_store::{Location, SettingsOwner, StoreOptions};
use serde_json::Value as Json;
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// The widget that is rendered.
const WIDGET: &str = "floating-pl-per-expert";

/// The expert that makes one kind of host call as often as it is told.
const EXPERT: &str = "bare-calls";

/// Calls into the host within one call of the guest: so many that what is
/// around them is lost among them.
const CALLS: u32 = 100_000;

const SIZES: [u32; 3] = [20, 200, 2_000];

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let runtime = Runtime::new().expect("a runtime");
    let scene = runtime.block_on(Scene::new(20, true));
    fresh_instance(&mut criterion, &runtime, &scene);
    host_calls(&mut criterion, &runtime, &scene);
    runtime.block_on(scene.host.close());
    for size in SIZES {
        render(&mut criterion, &runtime, size, "book read anew", false);
        render(&mut criterion, &runtime, size, "on unchanged data", true);
    }
    criterion.final_summary();
}

/// A host that goes with its files.
struct Scene {
    host: Host,
    _folder: TempDir,
}

impl Scene {
    async fn new(transactions: u32, share_reads: bool) -> Self {
        let folder = tempfile::tempdir().expect("a folder for the database");
        let bundled = [WIDGET, EXPERT].map(|name| (name.to_owned(), plugin(name)));
        let options = HostOptions {
            location: Location::file(folder.path().join("book.sqlite")),
            store: StoreOptions {
                share_reads,
                ..StoreOptions::default()
            },
            accounts: AccountsOptions::default(),
            limits: Limits::default(),
            quarantine: QuarantineOptions::default(),
            bill: BillOptions::default(),
            compiler: CompilerOptions {
                program: binary(),
                limits: CompileLimits::default(),
            },
            // Kept, so that a profile of a second run has no compiler in it and
            // finds the names of a guest's functions.
            compiled: Path::new(env!("CARGO_TARGET_TMPDIR")).join("compiled"),
            clock: Clock::System,
            bundled: bundled.into(),
        };
        let host = Host::open(options).await.expect("a host");
        let book = Dataset::to_measure(transactions, 2, EXPERT).expect("a book");
        host.import(book).await.expect("it is imported");
        Self {
            host,
            _folder: folder,
        }
    }

    /// Says which host call the expert is to make, and how often.
    async fn set(&self, call: &str, times: u32) {
        let patch: SettingsPatch = [("call", Json::from(call)), ("times", times.into())]
            .map(|(key, value)| (key.to_owned(), Some(value)))
            .into();
        let definitions = self.host.expert_definitions(EXPERT).expect("definitions");
        let owner = SettingsOwner::Expert(1_u64.try_into().expect("an id"));
        let accounts = self.host.accounts();
        let saved = accounts.save_settings(owner, &definitions, patch).await;
        saved.expect("they are saved");
    }

    /// Runs the expert; what its call took, without what prepares it and what
    /// stores its answer.
    async fn run(&self) -> Duration {
        let run = self.host.run_expert(RunRequest {
            expert: 1_u64.try_into().expect("an id"),
            symbols: vec!["AAPL".parse().expect("a symbol")],
            use_case: UseCase::OpenPositions,
        });
        Duration::from_micros(run.await.expect("it runs").cost.wall_us)
    }

    async fn runs(&self, times: u64) -> Duration {
        let mut took = Duration::ZERO;
        for _ in 0..times {
            took += self.run().await;
        }
        took
    }
}

/// A plugin's file, which lives as long as the process.
///
/// # Panics
/// Where it was not built, with the command that builds it.
fn binary() -> PathBuf {
    let named = std::env::var_os("LOMBARD_BIN");
    named
        .expect("LOMBARD_BIN names the binary: run `cargo xtask bench --parts`")
        .into()
}

fn plugin(name: &str) -> &'static [u8] {
    let hint = "the plugins are not built: run `cargo xtask bench --parts`";
    let folder = std::env::var_os("LOMBARD_PLUGINS")
        .unwrap_or_else(|| panic!("LOMBARD_PLUGINS is not set; {hint}"));
    let file = Path::new(&folder).join(format!("{name}.wasm"));
    let bytes =
        std::fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}; {hint}", file.display()));
    bytes.leak()
}

fn fresh_instance(criterion: &mut Criterion, runtime: &Runtime, scene: &Scene) {
    runtime.block_on(scene.set("nothing", 0));
    let mut group = criterion.benchmark_group("call");
    // What stands around each call takes longer than the call, and only the
    // call counts: so it is not to be made for seconds of calls.
    group.measurement_time(Duration::from_millis(500));
    group.bench_function("a fresh instance that reads two settings", |bencher| {
        bencher
            .to_async(runtime)
            .iter_custom(|times| scene.runs(times));
    });
    group.finish();
}

fn host_calls(criterion: &mut Criterion, runtime: &Runtime, scene: &Scene) {
    let mut group = criterion.benchmark_group("call");
    group.sample_size(20);
    group.throughput(Throughput::Elements(CALLS.into()));
    for (name, call) in [
        ("host calls that only answer", "as-of"),
        ("reads of a cached number", "number"),
        ("reads of a cached text", "setting"),
    ] {
        runtime.block_on(scene.set(call, CALLS));
        group.bench_function(format!("{CALLS} {name}"), |bencher| {
            bencher
                .to_async(runtime)
                .iter_custom(|times| scene.runs(times));
        });
    }
    group.finish();
}

fn render(criterion: &mut Criterion, runtime: &Runtime, size: u32, how: &str, share_reads: bool) {
    let scene = runtime.block_on(Scene::new(size, share_reads));
    let widget = runtime.block_on(scene.host.plugin(WIDGET));
    let widget = widget.expect("the widget");
    let no_params = SettingsPatch::new();
    let render = || async {
        let rendered = scene.host.render(&widget, &no_params, None);
        rendered.await.expect("it renders")
    };
    runtime.block_on(render());
    let reads = runtime.block_on(render()).cost.statements > 0;
    assert_eq!(reads, !share_reads, "whether the database was asked");
    let mut group = criterion.benchmark_group(format!("render/{WIDGET}"));
    group.throughput(Throughput::Elements(size.into()));
    group.bench_function(BenchmarkId::new(how, size), |bencher| {
        bencher.to_async(runtime).iter(render);
    });
    group.finish();
    runtime.block_on(scene.host.close());
}
