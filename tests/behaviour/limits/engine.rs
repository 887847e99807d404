//! What the engine bounds: tables, core instances, the stack.

use lombard_accounts::SettingsPatch;
use lombard_model::{Grants, Limit};
use lombard_runtime::PluginRef;

use super::Case;
use crate::support::{Setup, TestHost, exceeded, render, wat};

async fn case(core: &str) -> Case {
    let host = Setup::one_connection().open().await;
    Case {
        plugin: made_up(&host, core).await,
        params: SettingsPatch::new(),
        host,
    }
}

async fn made_up(host: &TestHost, core: &str) -> PluginRef {
    let widget = wat::widget(core, &[]);
    let loaded = host.plugin_from(&widget, &Grants::all()).await;
    loaded.expect("it is let in")
}

/// Shows an empty view.
const SHOWS: &str = r#"(func (export "render") (param i32 i32 i32) (result i32)
    (call $give_back (local.get 0)) i32.const 64)"#;

#[tokio::test]
async fn entries_of_all_its_tables_are_limited() {
    let grows = r#"(table $t 10 funcref)
        (func (export "render") (param i32 i32 i32) (result i32)
        (if (i32.eq (table.grow $t (ref.null func) (i32.const 990)) (i32.const -1))
            (then unreachable))
        (call $give_back (local.get 0)) i32.const 64)"#;
    let case = case(grows).await;
    // What the component has of its own beside these is found by trying.
    let mut enough = 1_000;
    while case.with(Limit::TableEntries, enough).await.is_err() {
        enough += 1;
        assert!(enough < 1_100, "it has not so many");
    }
    let short = case.has_its_edge_at(Limit::TableEntries, enough).await;
    assert_eq!(short.asked, Some(enough));
}

#[tokio::test]
async fn core_instances_are_limited() {
    let case = case(SHOWS).await;
    let mut enough = 1;
    while case.with(Limit::CoreInstances, enough).await.is_err() {
        enough += 1;
        assert!(enough < 20, "it has not so many");
    }
    let one_less = enough - 1;
    if one_less == 0 {
        // A component always has one.
        let short = exceeded(case.with(Limit::CoreInstances, 0).await);
        assert_eq!((short.limit, short.asked), (Limit::CoreInstances, Some(1)));
        return;
    }
    let short = case.has_its_edge_at(Limit::CoreInstances, enough).await;
    assert_eq!(short.asked, Some(enough));
}

/// A widget whose `render` calls itself this deep.
fn recurs(depth: u32) -> String {
    format!(
        r#"(func $deeper (param i32) (result i32)
            (if (result i32) (local.get 0)
                (then (i32.add (i32.const 1)
                    (call $deeper (i32.sub (local.get 0) (i32.const 1)))))
                (else (i32.const 0))))
        (func (export "render") (param i32 i32 i32) (result i32)
            (drop (call $deeper (i32.const {depth})))
            (call $give_back (local.get 0)) i32.const 64)"#
    )
}

#[tokio::test]
async fn the_stack_is_limited_to_the_call() {
    let host = Setup::one_connection().open().await;
    let fits = async |depth| {
        let plugin = made_up(&host, &recurs(depth)).await;
        render(&host, &plugin).await
    };
    let (mut short, mut enough) = (1 << 20, 1_000);
    fits(enough).await.unwrap();
    while short - enough > 1 {
        let middle = short.midpoint(enough);
        match fits(middle).await {
            Ok(_) => enough = middle,
            Err(_) => short = middle,
        }
    }
    let told = exceeded(fits(short).await);
    assert_eq!(
        (told.limit, told.value),
        (Limit::StackBytes, Limit::StackBytes.default())
    );
    // A frame takes some bytes, and not thousands.
    let frame = Limit::StackBytes.default() / u64::from(enough);
    assert!((8..1_024).contains(&frame), "{enough} frames fit");
    fits(enough).await.unwrap();
}
