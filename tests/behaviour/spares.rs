//! Instances that are made before there is a call: each call still has one
//! that nobody used, within its own limits, and no plugin does anything in the
//! name of nobody.
//!
//! Owns: calls that find an instance made already. How calls end stands in
//! `exits`, their limits in `limits`.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use lombard_model::{Grants, Limit};
use lombard_runtime::{CallError, PluginRef};
use tracing::instrument::WithSubscriber as _;

use crate::support::books::Book;
use crate::support::files::WIDGETS;
use crate::support::{
    Setup, TestHost, all_connections_are_back, call_error, exceeded, guest, in_time, render, wat,
    watch,
};

/// Shows an empty view.
const NOTHING: &str = r#"(func (export "render") (param i32 i32 i32) (result i32)
    (call $give_back (local.get 0))
    i32.const 64)"#;

/// Traps where anything is not as it was made, and then changes all of it.
const CHANGES_ITSELF: &str = r#"
    (global $calls (mut i32) (i32.const 0))
    (table $table 2 10 funcref)
    (data (i32.const 0) "as it was")
    (func $trap unreachable)
    (elem declare func $trap)
    (func (export "render") (param i32 i32 i32) (result i32)
      (call $give_back (local.get 0))
      (if (global.get $calls) (then unreachable))
      (if (i32.ne (memory.size) (i32.const 4)) (then unreachable))
      (if (i32.ne (table.size $table) (i32.const 2)) (then unreachable))
      (if (i32.eqz (ref.is_null (table.get $table (i32.const 1)))) (then unreachable))
      (if (i32.ne (i32.load8_u (i32.const 0)) (i32.const 97)) (then unreachable))
      (if (i32.load (i32.const 200000)) (then unreachable))
      (global.set $calls (i32.const 1))
      (i32.store8 (i32.const 0) (i32.const 98))
      (i32.store (i32.const 200000) (i32.const 1))
      (drop (memory.grow (i32.const 3)))
      (i32.store (i32.const 400000) (i32.const 1))
      (table.set $table (i32.const 1) (ref.func $trap))
      (drop (table.grow $table (ref.func $trap) (i32.const 5)))
      i32.const 64)"#;

async fn made_up(host: &TestHost, component: &[u8]) -> PluginRef {
    let plugin = host.plugin_from(component, &Grants::all()).await;
    plugin.expect("it is let in")
}

/// Waits until this many instances wait for a call.
async fn waiting(host: &TestHost, wanted: usize) {
    in_time(async {
        while host.spare_instances() != wanted {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

#[tokio::test]
async fn what_a_call_leaves_behind_is_not_found_by_the_next() {
    let host = Setup::one_connection().open().await;
    let plugin = made_up(&host, &wat::widget(CHANGES_ITSELF, &[])).await;
    for call in 0..50 {
        let rendered = in_time(render(&host, &plugin)).await;
        rendered.unwrap_or_else(|error| panic!("call {call}: {error}"));
        waiting(&host, 1).await;
    }
}

#[tokio::test]
async fn calls_that_find_an_instance_cost_and_show_the_same() {
    let host = Setup::one_connection()
        .open_with(Book::of(200).dataset())
        .await;
    let widget = host.plugin(WIDGETS[0]).await.unwrap();
    let first = render(&host, &widget).await.unwrap();
    for _ in 0..3 {
        waiting(&host, 1).await;
        host.accounts().invalidate_all();
        let next = render(&host, &widget).await.unwrap();
        assert_eq!(next.view, first.view);
        assert_eq!(next.cost.memory_peak_bytes, first.cost.memory_peak_bytes);
        assert_eq!(next.cost.host_calls, first.cost.host_calls);
        assert_eq!((next.cost.sessions, next.cost.connections), (1, 1));
    }
    waiting(&host, 1).await;
    all_connections_are_back(host.store()).await;
}

#[tokio::test]
async fn limits_hold_in_an_instance_that_waited() {
    let setup = Setup::one_connection().with_limit(Limit::MemoryBytes, 6 << 16);
    let host = setup.open().await;
    // Four pages from the start; whatever it is given is used up.
    let grows = r#"(func (export "render") (param i32 i32 i32) (result i32)
        (drop (memory.grow (i32.const 2)))
        (if (i32.ne (memory.grow (i32.const 1)) (i32.const -1)) (then (return (i32.const 1))))
        unreachable)"#;
    let plugin = made_up(&host, &wat::widget(grows, &[])).await;
    for _ in 0..3 {
        let told = exceeded(render(&host, &plugin).await);
        assert_eq!(told.limit, Limit::MemoryBytes);
        assert_eq!((told.asked, told.value), (Some(7 << 16), 6 << 16));
        waiting(&host, 1).await;
        let record = host.recent_calls().pop().unwrap();
        assert_eq!(record.cost.memory_peak_bytes, 6 << 16);
    }
}

#[tokio::test]
async fn a_call_that_failed_leaves_an_instance_as_good() {
    let host = Setup::one_connection().open().await;
    let traps = guest(&host, "traps").await;
    for _ in 0..3 {
        let error = call_error(in_time(render(&host, &traps)).await);
        assert!(matches!(error, CallError::Trap { .. }), "{error:?}");
        waiting(&host, 1).await;
    }
}

#[tokio::test]
async fn no_more_wait_than_there_is_room_for() {
    let host = Setup::one_connection().open().await;
    for number in 0..20 {
        // Another binary each time, so that each has its own.
        let other = format!("(global i32 (i32.const {number})) {NOTHING}");
        let plugin = made_up(&host, &wat::widget(&other, &[])).await;
        for _ in 0..3 {
            in_time(render(&host, &plugin)).await.unwrap();
            waiting(&host, 16.min(number + 1)).await;
        }
    }
    host.close().await;
    assert_eq!(host.spare_instances(), 0);
}

#[tokio::test]
async fn a_plugin_that_takes_its_time_to_begin_does_so_in_its_calls() {
    let host = Setup::one_connection().open().await;
    // Long for nobody, and nothing for a call.
    let slow = format!(
        r#"(global $left (mut i64) (i64.const 200000000))
        (func $start (loop $again
          (global.set $left (i64.sub (global.get $left) (i64.const 1)))
          (br_if $again (i64.ne (global.get $left) (i64.const 0)))))
        (start $start) {NOTHING}"#
    );
    let slow = made_up(&host, &wat::widget(&slow, &[])).await;
    let quick = made_up(&host, &wat::widget(NOTHING, &[])).await;
    for _ in 0..2 {
        in_time(render(&host, &slow)).await.unwrap();
        in_time(render(&host, &quick)).await.unwrap();
        waiting(&host, 1).await;
    }
    // Longer than one that was made beside it could have taken.
    in_time(render(&host, &slow)).await.unwrap();
    assert_eq!(host.spare_instances(), 1);
}

/// It calls the log while it is being made.
#[tokio::test]
async fn nothing_is_done_in_the_name_of_nobody() {
    let core = format!(
        r#"(import "lombard:platform/log@0.1.0" "write" (func (param i32 i32 i32))) {NOTHING}"#
    );
    let more = r#"
        (alias export $"lombard:platform/log@0.1.0" "write" (func $early))
        (core module $room (memory (export "memory") 1) (data (i32.const 0) "early"))
        (core instance $room (instantiate $room))
        (alias core export $room "memory" (core memory $early))
        (core func $early (canon lower (func $early) (memory $early)))
        (core module $starts
          (import "host" "write" (func $write (param i32 i32 i32)))
          (func $start (call $write (i32.const 1) (i32.const 0) (i32.const 5)))
          (start $start))
        (core instance (instantiate $starts (with "host" (instance
          (export "write" (func $early))))))"#;
    let early = wat::followed_by(&wat::widget(&core, &[]), more);
    let told = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&told);
    let follower = watch::on_guest_line(move |line| {
        if line.contains("early") {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    });
    async {
        let host = Setup::one_connection().open().await;
        let early = made_up(&host, &early).await;
        let quick = made_up(&host, &wat::widget(NOTHING, &[])).await;
        for call in 1..=3 {
            let rendered = in_time(render(&host, &early)).await.unwrap();
            assert_eq!(rendered.cost.host_calls, 1);
            in_time(render(&host, &quick)).await.unwrap();
            waiting(&host, 1).await;
            assert_eq!(told.load(Ordering::Relaxed), call);
        }
    }
    .with_subscriber(follower)
    .await;
}
