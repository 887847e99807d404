//! Many interleavings of the cache, one after the other.
//!
//! Owns: what must hold in each of them, for the single flight, the generation
//! check and the eviction pin. A failure prints the schedule that led to it,
//! for `shuttle::replay`. Must not know: how schedules are chosen.

mod world;

use std::collections::HashMap;
use std::future::poll_fn;
use std::sync::{Arc, Weak};
use std::task::Poll;

use lombard_store::StoreError;
use shuttle::future::{JoinHandle, block_on, spawn, yield_now};
use shuttle::rand::Rng as _;
use shuttle::scheduler::{PctScheduler, RandomScheduler, Scheduler};

use self::world::{Call, Numbers, World};
use super::sync::{AtomicU64, Ordering, RwLock};
use super::{Instance, Loaded};

/// Schedules that are tried of each scenario, by each of two ways to choose.
const SCHEDULES: usize = 15_000;

/// Switches at which the second way changes its mind.
const DEPTH: usize = 4;

fn explore(scenario: impl Fn() + Send + Sync + Copy + 'static) {
    let run = |scheduler: Box<dyn Scheduler + Send>| {
        let mut config = shuttle::Config::new();
        config.stack_size = 0x4_0000;
        shuttle::Runner::new(scheduler, config).run(scenario);
    };
    run(Box::new(RandomScheduler::new(SCHEDULES)));
    run(Box::new(PctScheduler::new(DEPTH, SCHEDULES)));
}

fn each<T: Send + 'static>(
    tasks: impl IntoIterator<Item = impl Future<Output = T> + Send + 'static>,
) -> Vec<T> {
    let tasks: Vec<JoinHandle<T>> = tasks.into_iter().map(spawn).collect();
    let done = |task: JoinHandle<T>| block_on(task).expect("no task panics");
    tasks.into_iter().map(done).collect()
}

/// Polls at most so often, then gives up and drops what is left.
async fn at_most<F: Future>(future: F, polls: u32) -> Option<F::Output> {
    let mut future = Box::pin(future);
    let mut left = polls;
    poll_fn(move |context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        match future.as_mut().poll(context) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending if left == 0 => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

fn chance(of: u32) -> u32 {
    shuttle::rand::thread_rng().gen_range(0..of)
}

/// A call that has taken its connection before it asks, or has not.
async fn call(world: &Arc<World>, open: bool) -> Call {
    use super::kind::Reader as _;

    let mut call = world.call();
    if open {
        call.open().await.expect("nothing was seen before");
    }
    call
}

#[test]
fn first_uses_share_one_load() {
    explore(|| {
        let world = World::new(4, 3);
        let first_uses = (0..3).map(|_| {
            let world = Arc::clone(&world);
            async move { world.call().get(1).await }
        });
        let found: Vec<_> = each(first_uses);
        let found: Vec<_> = found
            .into_iter()
            .map(|one| one.expect("it is sound").expect("it is sound"))
            .collect();
        for one in &found {
            assert!(Arc::ptr_eq(&one.instance, &found[0].instance));
            assert!(Arc::ptr_eq(&one.state, &found[0].state));
        }
        let stats = world.cache.stats();
        assert_eq!((stats.loads, stats.hits + stats.coalesced), (1, 2));
    });
}

/// Whoever waits may hold a connection, and whoever loads may need one: there
/// is one fewer than callers.
#[test]
fn a_loader_that_fails_or_goes_lets_the_next_take_over() {
    explore(|| {
        let world = World::new(4, 2);
        let fails = u64::from(chance(3));
        world.failing.store(fails, Ordering::SeqCst);
        let goes = chance(8);
        let goer = Arc::clone(&world);
        let gone = spawn(async move {
            let mut call = call(&goer, goes.is_multiple_of(2)).await;
            at_most(call.get(1), goes).await;
        });
        let callers = each((0..3).map(|at| {
            let world = Arc::clone(&world);
            async move {
                let mut call = call(&world, at == 0).await;
                match at {
                    2 => call.get_set(&[1, 2]).await.map(|_| ()),
                    _ => call.get(1).await.map(|found| assert!(found.is_some())),
                }
            }
        }));
        block_on(gone).expect("no task panics");
        let failed = callers.iter().filter(|answer| answer.is_err()).count();
        assert!(
            u64::try_from(failed).expect("it is sound") <= fails,
            "an error was kept"
        );
        assert_eq!(world.free_connections(), 2, "a connection is lost");
        world.failing.store(0, Ordering::SeqCst);
        let found = block_on(async { world.call().get(1).await });
        assert!(found.expect("it is sound").is_some());
    });
}

/// What every read of every call has to hold to.
struct Reads {
    world: Arc<World>,
    /// The newest value of id 1 whose save has returned.
    saved: AtomicU64,
}

impl Reads {
    /// One call that reads twice, beginning from the cache or from its own
    /// snapshot.
    async fn one(&self, open: bool, set: bool) {
        let least = self.saved.load(Ordering::SeqCst);
        let mut call = call(&self.world, open).await;
        let mut seen = None;
        for _ in 0..2 {
            let value = match set {
                true => call.get_set(&[1, 2]).await.map(|values| values[0]),
                false => call
                    .get(1)
                    .await
                    .map(|found| *found.expect("it is sound").state),
            };
            match value {
                Ok(value) => {
                    use super::kind::Reader as _;

                    let version = call.version().expect("it has seen something");
                    assert_eq!(value, self.world.at(version, 1), "not of {version}");
                    assert!(value >= least, "{value} was read after {least} was saved");
                    assert!(seen.is_none_or(|seen| seen == value), "two states");
                    seen = Some(value);
                }
                Err(StoreError::Moved { .. }) => {
                    assert!(seen.is_some() && !open, "it had seen nothing");
                    return;
                }
                Err(error) => panic!("{error:?}"),
            }
            yield_now().await;
        }
    }

    /// What is kept when all have gone is what the database had at the version
    /// that is known.
    async fn at_the_end(&self) {
        self.world.look();
        for fresh in [false, true] {
            let mut call = call(&self.world, fresh).await;
            let value = *call
                .get(1)
                .await
                .expect("it is sound")
                .expect("it is sound")
                .state;
            assert_eq!(value, self.world.at(self.world.known(), 1), "{fresh}");
        }
    }
}

fn reads(writers: fn(&Arc<Reads>) -> Vec<JoinHandle<()>>) {
    let reads = Arc::new(Reads {
        world: World::new(1, 3),
        saved: AtomicU64::new(0),
    });
    let writers = writers(&reads);
    each((0..3).map(|at| {
        let reads = Arc::clone(&reads);
        async move { reads.one(at == 1, at == 2).await }
    }));
    for writer in writers {
        block_on(writer).expect("no task panics");
    }
    block_on(reads.at_the_end());
}

#[test]
fn a_load_never_puts_back_what_a_save_replaced() {
    explore(|| {
        reads(|reads| {
            let (saver, other) = (Arc::clone(reads), Arc::clone(reads));
            let saver = spawn(async move {
                for value in 1..=2 {
                    saver.world.save(1, value, true).await;
                    saver.saved.store(value, Ordering::SeqCst);
                }
            });
            let other = spawn(async move {
                let drop = chance(3);
                let id = 1_u64.try_into().expect("it is sound");
                match drop {
                    0 => other.world.cache.drop_state(id),
                    1 => other.world.cache.drop_instance(id),
                    _ => other.world.cache.drop_all(),
                }
                // Pushes the other out where it is not in use.
                other.world.call().get(2).await.expect("it is sound");
            });
            vec![saver, other]
        });
    });
}

#[test]
fn nor_one_of_another_process_nor_one_that_failed() {
    explore(|| {
        reads(|reads| {
            let (saver, elsewhere) = (Arc::clone(reads), Arc::clone(reads));
            let saver = spawn(async move {
                // Were it taken for the other's, the other's would be missed.
                saver.world.save(2, 7, false).await;
            });
            let elsewhere = spawn(async move {
                for value in 1..=2 {
                    elsewhere.world.save_elsewhere(1, value).await;
                    elsewhere.world.look();
                    // From here on it is known.
                    elsewhere.saved.store(value, Ordering::SeqCst);
                }
            });
            vec![saver, elsewhere]
        });
    });
}

/// Who was seen last as the instance of each id.
#[derive(Default)]
struct Seen(RwLock<HashMap<u64, Weak<Instance<Numbers>>>>);

impl Seen {
    /// Whoever has an instance has the one that everybody has.
    fn is_the_one(&self, id: u64, found: &Loaded<Numbers>) {
        let mut seen = self.0.write().expect("it is sound");
        if let Some(other) = seen.get(&id).and_then(Weak::upgrade) {
            assert!(Arc::ptr_eq(&other, &found.instance), "two of {id}");
        }
        seen.insert(id, Arc::downgrade(&found.instance));
    }
}

/// A drop by hand says of no version that it is stale: it is known by its own
/// count, to loads that began before it.
#[test]
fn a_load_from_before_a_drop_is_not_kept() {
    explore(|| {
        let world = World::new(4, 2);
        let set = chance(2) == 0;
        let loader = Arc::clone(&world);
        let loading = spawn(async move {
            match set {
                true => drop(loader.call().get_set(&[1, 2]).await.expect("it is sound")),
                false => drop(loader.call().get(1).await.expect("it is sound")),
            }
        });
        let dropper = Arc::clone(&world);
        let dropped = spawn(async move {
            // In the middle of the load, if it is under way.
            let before = dropper.reads();
            dropper
                .cache
                .drop_state(1_u64.try_into().expect("it is sound"));
            before
        });
        let before = block_on(dropped).expect("no task panics");
        block_on(loading).expect("no task panics");
        block_on(async { world.call().get(1).await.expect("it is sound") });
        assert!(
            world.reads() > before,
            "a read from before the drop was kept"
        );
    });
}

#[test]
fn there_are_never_two_of_one_id() {
    explore(|| {
        let world = World::new(1, 3);
        let seen = Arc::new(Seen::default());
        let dropper = Arc::clone(&world);
        let dropper = spawn(async move {
            dropper
                .cache
                .drop_instance(1_u64.try_into().expect("it is sound"));
            yield_now().await;
            dropper.cache.drop_all();
        });
        each((0..3_u64).map(|at| {
            let (world, seen) = (Arc::clone(&world), Arc::clone(&seen));
            async move {
                let mut call = world.call();
                let mut held = Vec::new();
                for id in [1, at % 3 + 1, 2, 1] {
                    let found = call
                        .get(id)
                        .await
                        .expect("it is sound")
                        .expect("it is sound");
                    seen.is_the_one(id, &found);
                    held.push(found);
                    if at == 2 {
                        // Holds one at a time.
                        held.drain(..held.len() - 1);
                    }
                }
                // Nobody is there, and nothing is kept of it.
                assert!(call.get(9).await.expect("it is sound").is_none());
            }
        }));
        block_on(dropper).expect("no task panics");
        let stats = world.cache.stats();
        assert!(stats.instances <= 3, "{stats:?}");
        assert_eq!(stats.in_use, 0);
    });
}
