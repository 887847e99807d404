//! Compiling a component, which nobody can bound from within.
//!
//! Owns: that a component is compiled by a process of its own, with so much
//! memory, time and output and no more, and what is told where that does not
//! do. That process knows nothing but the component: it has no environment and
//! no file of the host's.
//! Must not know: manifests, and where the result is kept.

use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

use rustix::process::{Resource, Rlimit, setrlimit};
use tokio::sync::Semaphore;

use crate::RuntimeError;
use crate::engine::compiling_engine;

/// Components that are compiled at once.
const AT_ONCE: usize = 2;

/// How much is read of what a compiling process has to say.
const WORDS: u64 = 4 << 10;

/// What the process that compiles may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CompileLimits {
    /// Memory, in bytes.
    pub memory_bytes: u64,
    /// Time, of a processor as well as by the clock.
    pub time: Duration,
    /// What it makes of the component, in bytes.
    pub output_bytes: u64,
}

impl Default for CompileLimits {
    fn default() -> Self {
        Self {
            memory_bytes: 4 << 30,
            time: Duration::from_secs(120),
            output_bytes: 512 << 20,
        }
    }
}

/// How components are compiled.
#[derive(Clone, Debug)]
pub struct CompilerOptions {
    /// The program that compiles: called as `PROGRAM compile BYTES SECONDS`, it
    /// has to do what [`compile_here`] does with its standard input and output.
    /// It has to be of the same build as the host.
    pub program: PathBuf,
    /// What it may use.
    pub limits: CompileLimits,
}

/// Why a component was not compiled.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CompileFault {
    /// It is not sound, or asks for what the engine does not have.
    #[error("{0}")]
    Refused(String),
    /// It takes too long.
    #[error("compiling it takes more than {} s", limit.as_secs())]
    Time {
        /// How long it may take.
        limit: Duration,
    },
    /// It takes too much memory.
    #[error("compiling it takes more than {limit} bytes of memory")]
    Memory {
        /// How much it may take.
        limit: u64,
    },
    /// Too much comes of it.
    #[error("what it is compiled to is larger than {limit} bytes")]
    Output {
        /// How large it may be.
        limit: u64,
    },
    /// The process that compiles it ended in the middle.
    #[error("the process that compiles it ended early: {0}")]
    Died(String),
    /// There is no process to compile it.
    #[error("no process to compile it can be had")]
    NoProcess(#[source] io::Error),
}

/// Has components compiled. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Compiler {
    options: Arc<CompilerOptions>,
    turns: Arc<Semaphore>,
}

impl Compiler {
    pub(crate) fn new(options: CompilerOptions) -> Self {
        Self {
            options: Arc::new(options),
            turns: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }

    /// What this component is compiled to.
    pub(crate) async fn compile(&self, component: Vec<u8>) -> Result<Vec<u8>, RuntimeError> {
        let turn = Arc::clone(&self.turns).acquire_owned().await;
        let options = Arc::clone(&self.options);
        // Off the threads that serve calls: it waits.
        let compiling = tokio::task::spawn_blocking(move || {
            let compiled = compile_elsewhere(&options, &component);
            drop(turn);
            compiled
        });
        let compiled = compiling.await;
        let compiled = compiled.unwrap_or_else(|error| Err(CompileFault::Died(error.to_string())));
        Ok(compiled?)
    }
}

/// Compiles what comes in to what goes out, within these limits, which this
/// process has from then on.
///
/// # Errors
/// Where the component is refused, or this process can't be bounded. At a limit
/// of memory or time the process is ended instead.
pub fn compile_here(
    limits: CompileLimits,
    mut input: impl Read,
    mut output: impl Write,
) -> Result<(), CompileFault> {
    bound(limits).map_err(CompileFault::NoProcess)?;
    let mut component = Vec::new();
    let most = u64::try_from(crate::component::MAX_PLUGIN).unwrap_or(u64::MAX);
    let read = (&mut input).take(most).read_to_end(&mut component);
    read.map_err(CompileFault::NoProcess)?;
    let refused = |error: wasmtime::Error| CompileFault::Refused(format!("{error:#}"));
    let engine = compiling_engine().map_err(refused)?;
    let compiled = engine.precompile_component(&component).map_err(refused)?;
    output
        .write_all(&compiled)
        .and_then(|()| output.flush())
        .map_err(CompileFault::NoProcess)
}

fn bound(limits: CompileLimits) -> io::Result<()> {
    let only = |resource, most| {
        let limit = Rlimit {
            current: Some(most),
            maximum: Some(most),
        };
        setrlimit(resource, limit).map_err(io::Error::from)
    };
    only(Resource::As, limits.memory_bytes)?;
    only(Resource::Cpu, limits.time.as_secs().max(1))?;
    // It writes no file, and leaves none of its memory behind.
    only(Resource::Fsize, 0)?;
    only(Resource::Core, 0)
}

fn compile_elsewhere(options: &CompilerOptions, component: &[u8]) -> Result<Vec<u8>, CompileFault> {
    let limits = options.limits;
    let mut child = Command::new(&options.program)
        .arg("compile")
        .arg(limits.memory_bytes.to_string())
        .arg(limits.time.as_secs().to_string())
        .env_clear()
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(CompileFault::NoProcess)?;
    let (input, output, words) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let child = &Watched::new(child);
    let (over, is_over) = mpsc::channel::<()>();
    thread::scope(|scope| {
        scope.spawn(|| {
            // Where it does not read on, it has something to say instead.
            let _ = input.map(|mut input| input.write_all(component));
        });
        let words = scope.spawn(|| read_words(words));
        scope.spawn(move || {
            if is_over.recv_timeout(limits.time) == Err(mpsc::RecvTimeoutError::Timeout) {
                child.end(true);
            }
        });
        let mut compiled = Vec::new();
        // One more than it may have shows that there is too much.
        let most = limits.output_bytes.saturating_add(1);
        let read = output.map(|output| output.take(most).read_to_end(&mut compiled));
        let is_too_large = u64::try_from(compiled.len()).is_ok_and(|len| len == most);
        if is_too_large || !matches!(read, Some(Ok(_))) {
            child.end(false);
        }
        let status = child.wait();
        drop(over);
        let words = words.join().unwrap_or_default();
        match status {
            _ if is_too_large => Err(CompileFault::Output {
                limit: limits.output_bytes,
            }),
            Ok(status) if status.success() => Ok(compiled),
            Ok(status) => Err(fault(status, &words, child.was_late(), limits)),
            Err(error) => Err(CompileFault::NoProcess(error)),
        }
    })
}

fn read_words(from: Option<impl Read>) -> String {
    let mut words = Vec::new();
    // What it said until then has to do.
    let _ = from.map(|from| from.take(WORDS).read_to_end(&mut words));
    String::from_utf8_lossy(&words).trim().to_owned()
}

/// A process that can be ended while somebody waits for it.
struct Watched {
    child: Mutex<Child>,
    was_late: AtomicBool,
}

/// How long to wait before looking again whether a process has ended that has
/// said all it had to say.
const LOOK: Duration = Duration::from_millis(1);

impl Watched {
    fn new(child: Child) -> Self {
        Self {
            child: Mutex::new(child),
            was_late: AtomicBool::new(false),
        }
    }

    fn end(&self, is_late: bool) {
        self.was_late.store(is_late, Ordering::Relaxed);
        // One that has ended already does as well.
        let _ = self.lock().kill();
    }

    fn was_late(&self) -> bool {
        self.was_late.load(Ordering::Relaxed)
    }

    fn wait(&self) -> io::Result<ExitStatus> {
        loop {
            // Not while holding the lock: somebody may have to end it.
            if let Some(status) = self.lock().try_wait()? {
                return Ok(status);
            }
            thread::sleep(LOOK);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Child> {
        self.child.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Exit status of a program whose work failed; it has said why.
const FAILED: i32 = 1;

fn fault(status: ExitStatus, words: &str, was_late: bool, limits: CompileLimits) -> CompileFault {
    let shown = || words.chars().take(1_000).flat_map(shown_char).collect();
    // What the allocator says before it gives up, and what the system says of a
    // map that it can't make.
    let is_out_of_memory =
        words.contains("memory allocation of") || words.contains("Cannot allocate memory");
    match (signal_of(status), status.code()) {
        _ if was_late => CompileFault::Time { limit: limits.time },
        (Some(Signal::OutOfTime), _) => CompileFault::Time { limit: limits.time },
        _ if is_out_of_memory => CompileFault::Memory {
            limit: limits.memory_bytes,
        },
        (None, Some(FAILED)) => CompileFault::Refused(shown()),
        _ => CompileFault::Died(format!("{status}; {}", shown().as_str().trim_end())),
    }
}

fn shown_char(c: char) -> Vec<char> {
    match c.is_control() {
        true => c.escape_default().collect(),
        false => vec![c],
    }
}

/// What a process was ended by, as far as it says why.
enum Signal {
    OutOfTime,
    Other,
}

fn signal_of(status: ExitStatus) -> Option<Signal> {
    use std::os::unix::process::ExitStatusExt as _;

    let signal = status.signal()?;
    let out_of_time = rustix::process::Signal::XCPU.as_raw();
    Some(match signal == out_of_time {
        true => Signal::OutOfTime,
        false => Signal::Other,
    })
}
