//! What calls have together: a host's memory, a plugin's turns; and what an
//! operator sets for one plugin.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use lombard_accounts::SettingsPatch;
use lombard_model::{CallOutcome, Limit, SetLimits};
use lombard_runtime::{PluginRef, RuntimeError};

use super::{BOOK, WIDGET};
use crate::support::books::Book;
use crate::support::{
    Setup, all_connections_are_back, deadline, exceeded, guest, in_time, is_late, render,
};

#[tokio::test]
async fn the_memory_of_all_instances_is_limited() {
    let peak = {
        let host = Setup::one_connection().open_with(BOOK.dataset()).await;
        let widget = host.plugin(WIDGET).await.unwrap();
        render(&host, &widget).await.unwrap().cost.memory_peak_bytes
    };
    let under = async |limit| {
        let setup = Setup::one_connection().with_limit(Limit::HostMemoryBytes, limit);
        let host = setup.open_with(BOOK.dataset()).await;
        let widget = host.plugin(WIDGET).await.unwrap();
        let rendered = render(&host, &widget).await;
        all_connections_are_back(host.store()).await;
        let record = host.recent_calls().pop().unwrap();
        (rendered, record.outcome, record.limit)
    };
    let (enough, _, _) = under(peak).await;
    enough.unwrap();
    let (short, outcome, limit) = under(peak - 1).await;
    let short = exceeded(short);
    assert_eq!(
        (short.limit, short.value),
        (Limit::HostMemoryBytes, peak - 1)
    );
    assert!(short.asked >= Some(peak), "{short:?}");
    // It is not the plugin's fault.
    assert_eq!(outcome, CallOutcome::Unavailable);
    assert_eq!(limit, Some(Limit::HostMemoryBytes));
}

#[tokio::test]
async fn no_instance_waits_where_its_memory_may_be_needed() {
    let host = Setup::one_connection().open_with(Book::of(20).dataset());
    let host = host.await;
    let widget = host.plugin(WIDGET).await.unwrap();
    let one = render(&host, &widget).await.unwrap().cost.memory_peak_bytes;
    host.close().await;
    // Enough for an instance and a half.
    let setup = Setup::one_connection().with_limit(Limit::HostMemoryBytes, one + one / 2);
    let host = setup.open_with(Book::of(20).dataset()).await;
    let names = ["floating-pl-per-expert", "floating-pl-per-account", WIDGET];
    for name in names.into_iter().cycle().take(12) {
        let widget = host.plugin(name).await.unwrap();
        render(&host, &widget).await.unwrap();
        all_connections_are_back(host.store()).await;
    }
}

#[tokio::test]
async fn what_instances_have_is_given_back() {
    let host = Setup::one_connection().open_with(Book::of(20).dataset());
    let host = host.await;
    let widget = host.plugin(WIDGET).await.unwrap();
    for plugin in [&widget, &guest(&host, "hoards").await] {
        for _ in 0..5 {
            // One of them fails each time.
            let _: Result<_, RuntimeError> = render(&host, plugin).await;
        }
    }
    assert!(host.memory_of_plugins() > 0, "nothing waits");
    host.close().await;
    in_time(async {
        while host.memory_of_plugins() > 0 {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

/// As many calls of one plugin as may run spin, others of it wait or are
/// refused, and other plugins go on.
#[tokio::test]
async fn calls_of_a_plugin_have_their_turns_and_no_more_may_wait() {
    let spin = Duration::from_millis(400);
    let setup = Setup {
        connections: 8,
        limits: deadline(spin)
            .with(Limit::ConcurrentCalls, 2)
            .with(Limit::QueuedCalls, 3),
        ..Setup::default()
    };
    let host = setup.open_with(Book::of(20).dataset()).await;
    let widget = host.plugin(WIDGET).await.unwrap();
    let loops = guest(&host, "loops").await;
    let all = join_all((0..6).map(|_| render(&host, &loops)));
    let beside = async {
        let shows = render(&host, &widget).await.unwrap();
        (shows, host.store().pool_status().live_sessions)
    };
    let (all, (_, held)) = in_time(async { tokio::join!(all, beside) }).await;
    assert!(held <= 2, "{held} calls of one plugin ran at once");
    let mut refused = 0;
    for ended in all {
        let error = crate::support::call_error(ended);
        match error.limit() {
            Some(Limit::QueuedCalls) => refused += 1,
            _ => assert!(is_late(&error, spin), "{error:?}"),
        }
    }
    assert_eq!(refused, 1, "two run and three wait");
    let records = host.recent_calls();
    let refused = records
        .iter()
        .find(|record| record.limit == Some(Limit::QueuedCalls));
    let refused = refused.expect("it is on the bill");
    assert_eq!(refused.outcome, CallOutcome::Unavailable);
    assert_eq!(refused.cost.sessions, 0);
    all_connections_are_back(host.store()).await;
}

#[tokio::test]
async fn an_operator_sets_what_one_plugin_may_use() {
    let host = Setup::one_connection().open_with(BOOK.dataset()).await;
    let name = WIDGET.parse().unwrap();
    let set = SetLimits::from([(Limit::ViewRows, 23), (Limit::DeadlineMs, 9_000)]);
    host.set_limits(&name, set.clone()).await.unwrap();
    assert_eq!(host.set_limits_of(WIDGET), set);
    let limits = host.limits_of(WIDGET);
    assert_eq!(limits.get(Limit::ViewRows), 23);
    assert_eq!(limits.get(Limit::Rows), Limit::Rows.default());
    let widget = host.plugin(WIDGET).await.unwrap();
    let short = exceeded(render(&host, &widget).await);
    assert_eq!((short.limit, short.value), (Limit::ViewRows, 23));
    // Others have what all have, and so has a file that goes by its name.
    let other = host.plugin("floating-pl-per-expert").await.unwrap();
    assert_eq!(other.limits, *host.limits());
    let file = crate::support::files::plugin(WIDGET);
    let file: PluginRef = host.plugin_from(&file, &widget.grants).await.unwrap();
    render(&host, &file).await.unwrap();

    host.set_limits(&name, SetLimits::new()).await.unwrap();
    let widget = host.plugin(WIDGET).await.unwrap();
    render(&host, &widget).await.unwrap();
    // What can't be is refused, and nothing is set.
    for (limit, value) in [(Limit::ConcurrentCalls, 0), (Limit::StackBytes, 1)] {
        let faulty = SetLimits::from([(limit, value), (Limit::Rows, 1)]);
        let refused = host.set_limits(&name, faulty).await;
        assert!(
            matches!(refused, Err(RuntimeError::Limit(_))),
            "{refused:?}"
        );
    }
    assert!(host.set_limits_of(WIDGET).is_empty());
    let stranger = "stranger".parse().unwrap();
    let refused = host.set_limits(&stranger, SetLimits::new()).await;
    assert!(matches!(refused, Err(RuntimeError::Unknown { .. })));
}

/// Another process on the same database may set it.
#[tokio::test]
async fn what_another_process_sets_is_noticed() {
    let host = Setup::one_connection().open_with(BOOK.dataset()).await;
    let other = Arc::new(Setup::one_connection().open_in(host.folder()).await);
    let widget = host.plugin(WIDGET).await.unwrap();
    render(&host, &widget).await.unwrap();
    let set = SetLimits::from([(Limit::ViewRows, 1)]);
    let name = WIDGET.parse().unwrap();
    other.set_limits(&name, set).await.unwrap();
    in_time(async {
        loop {
            let widget = host.plugin(WIDGET).await.unwrap();
            if widget.limits.get(Limit::ViewRows) == 1 {
                break;
            }
            // A read notices what others have committed.
            host.accounts().invalidate_all();
            render(&host, &widget).await.unwrap();
        }
    })
    .await;
    let widget = host.plugin(WIDGET).await.unwrap();
    let params = SettingsPatch::new();
    let short = exceeded(host.render(&widget, &params, None).await);
    assert_eq!(short.limit, Limit::ViewRows);
    other.close().await;
}
