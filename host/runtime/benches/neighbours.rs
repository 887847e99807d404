//! What a widget waits for while others compute until they are stopped.
//!
//! Owns: rendering a widget alone and beside plugins that never return, in
//! turns, and telling both. On two threads, as on a small machine.
//!
//! Needs the plugins and the guests of the tests, which `cargo xtask bench
//! --neighbours` builds.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use lombard_accounts::{AccountsOptions, SettingsPatch};
use lombard_model::dataset::Dataset;
use lombard_model::{Grants, Limit, Limits};
use lombard_runtime::{
    BillOptions, CallError, Clock, CompileLimits, CompilerOptions, Host, HostOptions, PluginRef,
    QuarantineOptions, RuntimeError,
};
use lombard_store::{Location, StoreOptions};

/// The widget that is rendered.
const WIDGET: &str = "floating-pl-per-expert";

/// Plugins that spin.
const SPINNERS: usize = 4;

/// Rounds of both, and how long each of the two takes.
const ROUNDS: u32 = 4;
const TURN: Duration = Duration::from_secs(6);

/// What the widget may wait for beside them, beyond what it takes alone.
const ALLOWED: Duration = Duration::from_millis(10);

fn main() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    match runtime.block_on(run()) {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

async fn run() -> bool {
    let folder = tempfile::tempdir().expect("a folder for the database");
    let host = Arc::new(host(folder.path()).await);
    let book = Dataset::to_measure(200, 2, "nobody").expect("a book");
    host.import(book).await.expect("it is imported");
    let widget = host.plugin(WIDGET).await.expect("the widget");
    let loops = read("LOMBARD_GUESTS", "guest-loops");
    let loops = host.plugin_from(&loops, &Grants::all()).await;
    let loops = loops.expect("the guest loads");
    render_for(&host, &widget, TURN / 6).await;
    let (mut alone, mut beside) = (Vec::new(), Vec::new());
    let mut stopped = 0;
    for _ in 0..ROUNDS {
        alone.extend(render_for(&host, &widget, TURN).await);
        let spinning = Spinning::begin(&host, &loops);
        beside.extend(render_for(&host, &widget, TURN).await);
        stopped += spinning.end().await;
    }
    let (alone, beside) = (Waits::of(alone), Waits::of(beside));
    tell("alone", &alone);
    tell(&format!("beside {SPINNERS} that spin"), &beside);
    let more = beside.p99.saturating_sub(alone.p99);
    let words = format!("p99 is {more:.1?} more; {stopped} calls were stopped at their deadline");
    say(&words);
    host.close().await;
    more <= ALLOWED && stopped > 0
}

/// Calls that never return, made again and again.
struct Spinning {
    over: Arc<AtomicBool>,
    tasks: Vec<tokio::task::JoinHandle<u64>>,
}

impl Spinning {
    fn begin(host: &Arc<Host>, loops: &PluginRef) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let spin = |_| {
            let (host, loops, over) = (Arc::clone(host), loops.clone(), Arc::clone(&over));
            tokio::spawn(async move {
                let mut stopped = 0;
                while !over.load(Ordering::Relaxed) {
                    match host.render(&loops, &SettingsPatch::new(), None).await {
                        Err(RuntimeError::Call {
                            error: CallError::Limit(told),
                            ..
                        }) if told.limit == Limit::DeadlineMs => stopped += 1,
                        other => panic!("it does not spin: {other:?}"),
                    }
                }
                stopped
            })
        };
        Self {
            tasks: (0..SPINNERS).map(spin).collect(),
            over,
        }
    }

    /// How many calls were stopped.
    async fn end(self) -> u64 {
        self.over.store(true, Ordering::Relaxed);
        let mut stopped = 0;
        for task in self.tasks {
            stopped += task.await.expect("it ends");
        }
        stopped
    }
}

async fn render_for(host: &Host, widget: &PluginRef, long: Duration) -> Vec<Duration> {
    let mut waits = Vec::new();
    let began = Instant::now();
    while began.elapsed() < long {
        let asked = Instant::now();
        let rendered = host.render(widget, &SettingsPatch::new(), None).await;
        rendered.expect("it is served");
        waits.push(asked.elapsed());
        // Not in its own way: somebody looks now and then.
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    waits
}

struct Waits {
    count: usize,
    p50: Duration,
    p99: Duration,
    most: Duration,
}

impl Waits {
    fn of(mut waits: Vec<Duration>) -> Self {
        waits.sort_unstable();
        let at = |percent: usize| waits[(waits.len() - 1) * percent / 100];
        Self {
            count: waits.len(),
            p50: at(50),
            p99: at(99),
            most: at(100),
        }
    }
}

fn tell(label: &str, waits: &Waits) {
    let Waits {
        count,
        p50,
        p99,
        most,
    } = waits;
    say(&format!(
        "{label}: {count} calls, p50 {p50:.2?}, p99 {p99:.2?}, at most {most:.2?}"
    ));
}

#[expect(clippy::print_stdout, reason = "it is what a bench is for")]
fn say(words: &str) {
    println!("{words}");
}

async fn host(folder: &Path) -> Host {
    let bundled = [(WIDGET.to_owned(), &*read("LOMBARD_PLUGINS", WIDGET).leak())];
    let options = HostOptions {
        location: Location::file(folder.join("book.sqlite")),
        store: StoreOptions {
            share_reads: false,
            ..StoreOptions::default()
        },
        accounts: AccountsOptions::default(),
        limits: Limits::default(),
        quarantine: QuarantineOptions {
            after: None,
            ..QuarantineOptions::default()
        },
        bill: BillOptions::default(),
        compiler: CompilerOptions {
            program: variable("LOMBARD_BIN"),
            limits: CompileLimits::default(),
        },
        compiled: folder.join("compiled"),
        clock: Clock::System,
        bundled: bundled.into(),
    };
    Host::open(options).await.expect("a host")
}

fn variable(name: &str) -> PathBuf {
    let value = std::env::var_os(name);
    let hint = "run `cargo xtask bench --neighbours`";
    value
        .unwrap_or_else(|| panic!("{name} is not set; {hint}"))
        .into()
}

fn read(folder: &str, name: &str) -> Vec<u8> {
    let file = variable(folder).join(format!("{name}.wasm"));
    std::fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}
