//! A plugin that was granted some accounts sees nothing of the others: what it
//! sees is what it would see of a book that has only theirs.
//!
//! Owns: looking up everything in every way, with and without a scope. Must not
//! know: how what is hidden is hidden.

use lombard_model::dataset::Dataset;
use lombard_model::{
    AccountScope, Action, Digest, Grant, Granted, Grants, Limit, Recommendation, RiskLevel, Symbol,
    TimeHorizon, UseCase,
};
use lombard_runtime::{Host, PluginRef, RunRequest, RuntimeError};
use lombard_store::NewAnalysis;
use serde_json::{Value as Json, json};

use crate::support::books::{self, Book};
use crate::support::{
    Setup, TestHost, account, all_connections_are_back, expert, files, guest_with, in_time, params,
    render, texts,
};

/// Ids up to this are tried, a few more than there are.
const UPTO: u64 = 75;

fn only(ids: &[u64]) -> AccountScope {
    AccountScope::only(ids.iter().copied().map(account)).expect("some accounts")
}

fn all_with(accounts: &AccountScope) -> Granted {
    Granted {
        grants: Grants::all(),
        accounts: accounts.clone(),
    }
}

async fn pries(host: &Host, accounts: &AccountScope) -> PluginRef {
    let bytes = files::guest("pries");
    let loaded = host.plugin_from(&bytes, all_with(accounts)).await;
    let mut pries = loaded.expect("the guest loads");
    // It tells all of it in one text.
    pries.limits = pries.limits.with(Limit::TextBytes, 1 << 20);
    pries
}

/// All that the guest sees, as text.
async fn seen(host: &Host, accounts: &AccountScope, first: &str) -> String {
    let pries = pries(host, accounts).await;
    let asked = params([("upto", UPTO.into()), ("first", first.into())]);
    let rendered = in_time(host.render(&pries, &asked, None)).await;
    texts(&rendered.expect("it looks").view)
}

/// Two accounts, and what is of both and of none: transactions without an
/// expert, with the orders of one account, of the other, of both and of none;
/// an order on the account of another than its transaction's expert; and one
/// that waits for another account's.
fn tangled() -> Json {
    let mut book = Book::default().document();
    book["accounts"][1]["provider"] = json!("alpaca");
    book["accounts"][1]["settings"] = json!({"api_key": "the key", "api_secret": "the secret"});
    book["accounts"][0]["settings"] = json!({});
    let trade = |id: u64, expert: Json| {
        json!({"id": id, "expert_id": expert, "symbol": "S1", "quantity": "3",
            "open_price": "90", "status": "opened", "created_at": "2025-10-10T09:00:00Z"})
    };
    let order = |id: u64, transaction: u64, account: u64, depends_on: Json| {
        json!({"id": id, "transaction_id": transaction, "account_id": account, "symbol": "S1",
            "side": "buy", "type": "market", "status": "filled", "quantity": "3",
            "filled_quantity": "3", "fill_price": "91", "depends_on": depends_on,
            "created_at": "2025-10-10T09:00:00Z"})
    };
    let transactions = book["transactions"].as_array_mut().expect("transactions");
    transactions.extend((61..=64).map(|id| trade(id, Json::Null)));
    transactions.extend([trade(65, json!(1)), trade(66, json!(2))]);
    let orders = book["orders"].as_array_mut().expect("orders");
    orders.extend([
        order(61, 61, 1, Json::Null),
        order(62, 62, 2, Json::Null),
        order(63, 63, 1, Json::Null),
        order(64, 63, 2, Json::Null),
        // 65 is an expert's of account 1, 66 one's of account 2.
        order(65, 65, 2, Json::Null),
        order(66, 65, 1, json!(65)),
        order(67, 66, 1, Json::Null),
        order(68, 65, 1, json!(67)),
        order(69, 65, 1, json!(66)),
    ]);
    book
}

/// The same book with nothing but what is of this account.
fn with_only(account: u64, mut book: Json) -> Json {
    let keep = |book: &mut Json, what: &str, keep: &dyn Fn(&Json) -> bool| {
        let rows = book[what].as_array_mut().expect("rows");
        rows.retain(keep);
    };
    let ids = |book: &Json, what: &str| -> Vec<Json> {
        let rows = book[what].as_array().expect("rows");
        rows.iter().map(|row| row["id"].clone()).collect()
    };
    let orders = book["orders"].as_array().expect("orders").clone();
    let is_its = |trade: &Json| {
        let mut of_it = orders
            .iter()
            .filter(|order| order["transaction_id"] == trade["id"])
            .peekable();
        of_it.peek().is_some() && of_it.all(|order| order["account_id"] == json!(account))
    };
    keep(&mut book, "accounts", &|row| row["id"] == json!(account));
    keep(&mut book, "experts", &|row| {
        row["account_id"] == json!(account)
    });
    let experts = ids(&book, "experts");
    keep(
        &mut book,
        "transactions",
        &|row| match row["expert_id"].is_null() {
            true => is_its(row),
            false => experts.contains(&row["expert_id"]),
        },
    );
    let transactions = ids(&book, "transactions");
    keep(&mut book, "orders", &|row| {
        row["account_id"] == json!(account) && transactions.contains(&row["transaction_id"])
    });
    let orders = ids(&book, "orders");
    for order in book["orders"].as_array_mut().expect("orders") {
        if !orders.contains(&order["depends_on"]) {
            order["depends_on"] = Json::Null;
        }
    }
    book
}

/// A host on this book, in which each of its experts has recommended.
async fn host_on(setup: Setup, book: &Json) -> TestHost {
    let dataset: Dataset = books::read(book);
    let experts: Vec<_> = dataset.experts.iter().map(|one| one.id).collect();
    let host = setup.open_with(dataset).await;
    for id in experts {
        for day in 1..=4 {
            let recommendation = |symbol: &str| Recommendation {
                symbol: Symbol::new(symbol).expect("a symbol"),
                action: Action::Buy,
                confidence: (id.to_i64() * 10 + day).into(),
                risk: RiskLevel::Low,
                horizon: TimeHorizon::ShortTerm,
                expected_profit_percent: 1.into(),
                explanation: "it rises".to_owned(),
            };
            let analysis = NewAnalysis {
                expert: id,
                plugin: "someone".parse().expect("a name"),
                version: "1".to_owned(),
                digest: Digest::new([0; 32]),
                use_case: UseCase::EnterMarket,
                symbols: Vec::new(),
                created_at: format!("2025-10-0{day}T09:00:00Z").parse().expect("a time"),
                result: Ok(vec![recommendation("S0"), recommendation("S1")]),
            };
            host.store().store_analysis(analysis).await.expect("stored");
        }
    }
    host
}

#[tokio::test]
async fn one_account_of_two_looks_like_a_book_that_has_only_that_one() {
    let whole = host_on(Setup::one_connection(), &tangled()).await;
    for id in [1, 2] {
        let alone = host_on(Setup::one_connection(), &with_only(id, tangled())).await;
        for first in ["sets", "one by one"] {
            let scoped = seen(&whole, &only(&[id]), first).await;
            let expected = seen(&alone, &AccountScope::all(), first).await;
            same(&scoped, &expected);
            same(&seen(&alone, &only(&[id]), first).await, &expected);
            assert!(scoped.len() > 20_000, "it saw nearly nothing: {scoped}");
        }
        all_connections_are_back(alone.store()).await;
    }
    let both = seen(&whole, &AccountScope::all(), "sets").await;
    same(&seen(&whole, &only(&[1, 2]), "sets").await, &{
        // One without orders is of no account that could be named.
        let mut book = tangled();
        let trades = book["transactions"].as_array_mut().expect("transactions");
        trades.retain(|trade| trade["id"] != json!(64));
        let host = host_on(Setup::one_connection(), &book).await;
        seen(&host, &AccountScope::all(), "sets").await
    });
    assert!(both.contains("A1") && both.contains("A2"));
    all_connections_are_back(whole.store()).await;
}

/// Of an account that is not there a plugin sees what there is of no account.
#[tokio::test]
async fn of_an_account_that_is_not_there_nothing_is_seen() {
    let whole = host_on(Setup::one_connection(), &tangled()).await;
    let mut empty = tangled();
    for rows in ["accounts", "experts", "transactions", "orders"] {
        empty[rows] = json!([]);
    }
    let empty = host_on(Setup::one_connection(), &empty).await;
    for first in ["sets", "one by one"] {
        same(
            &seen(&whole, &only(&[70]), first).await,
            &seen(&empty, &AccountScope::all(), first).await,
        );
    }
}

/// What one reads, another of the same version finds: but never more than it
/// may see.
#[tokio::test]
async fn what_is_shared_between_calls_is_never_seen_past_a_scope() {
    let sharing = || Setup {
        share_reads: true,
        ..Setup::default()
    };
    let whole = host_on(sharing(), &tangled()).await;
    let mut expected = Vec::new();
    for id in [1, 2] {
        let alone = host_on(sharing(), &with_only(id, tangled())).await;
        expected.push(seen(&alone, &AccountScope::all(), "sets").await);
    }
    let all = seen(&whole, &AccountScope::all(), "sets").await;
    let scopes = [AccountScope::all(), only(&[1]), only(&[2])];
    let expected = [&all, &expected[0], &expected[1]];
    // Every order of who comes before whom, each again from the memo, and all
    // at once.
    for turn in 0..scopes.len() {
        whole.accounts().invalidate_all();
        for step in 0..2 * scopes.len() {
            let at = (turn + step) % scopes.len();
            for first in ["one by one", "sets"] {
                same(&seen(&whole, &scopes[at], first).await, expected[at]);
            }
        }
        whole.accounts().invalidate_all();
        let looks = (0..12).map(|at| seen(&whole, &scopes[at % scopes.len()], "sets"));
        let looks = in_time(futures_util::future::join_all(looks)).await;
        for (at, look) in looks.iter().enumerate() {
            same(look, expected[at % scopes.len()]);
        }
    }
    all_connections_are_back(whole.store()).await;
}

/// A loop over many rows costs what a loop over few does, under a scope too.
#[tokio::test]
async fn statements_of_a_scoped_call_do_not_grow_with_rows() {
    let mut counts = Vec::new();
    for transactions in [20, 2_000] {
        let book = Book::of(transactions);
        let host = Setup::one_connection().open_with(book.dataset()).await;
        let mut count = Vec::new();
        for widget in files::WIDGETS {
            for scope in [AccountScope::all(), only(&[1])] {
                let mut plugin = host.plugin(widget).await.expect("a widget");
                plugin.accounts = scope;
                host.accounts().invalidate_all();
                let rendered = render(&host, &plugin).await.expect("a view");
                count.push(rendered.cost.statements);
            }
        }
        let naive = files::plugin("naive-floating-pl");
        let naive = host.plugin_from(&naive, all_with(&only(&[1]))).await;
        let asked = params([("look_ups", "raw".into()), ("strangers", 0.into())]);
        let rendered = host.render(&naive.expect("it loads"), &asked, None).await;
        count.push(rendered.expect("a view").cost.statements);
        counts.push(count);
    }
    assert_eq!(counts[0], counts[1]);
    assert!(counts[0].iter().all(|count| *count <= 8), "{counts:?}");
}

fn run_of(id: u64) -> RunRequest {
    RunRequest {
        expert: expert(id),
        symbols: Vec::new(),
        use_case: UseCase::EnterMarket,
    }
}

#[tokio::test]
async fn an_expert_of_another_account_is_refused_before_its_plugin_is_called() {
    let mut book = Book::default().document();
    for expert in book["experts"].as_array_mut().expect("experts") {
        expert["plugin"] = json!("guest-settles");
        expert["settings"] = json!({});
    }
    let host = Setup::one_connection().open_with(books::read(&book)).await;
    let installed = host.install(files::guest("settles"), all_with(&only(&[1])));
    installed.await.expect("it is installed");
    let refused = host.run_expert(run_of(2)).await.expect_err("account 2");
    let RuntimeError::OtherAccount {
        expert: id,
        account: other,
        ..
    } = &refused
    else {
        panic!("{refused:?}");
    };
    assert_eq!((*id, *other), (expert(2), account(2)));
    let told = refused.to_string();
    assert!(
        told.contains("account 2") && told.contains("only account 1"),
        "{told}"
    );
    let mut session = host.session("test");
    let analyses = session.latest_analyses().await.expect("analyses");
    assert!(analyses.is_empty(), "it was run");
    session.end();
    // The one of account 1 is another's business: whatever comes of it, it is
    // not refused for its account.
    let other = host.run_expert(run_of(1)).await;
    assert!(
        !matches!(other, Err(RuntimeError::OtherAccount { .. })),
        "{other:?}"
    );
    all_connections_are_back(host.store()).await;
}

#[tokio::test]
async fn a_replaced_file_has_neither_the_grants_nor_the_accounts_of_the_old_one() {
    let host = host_on(Setup::one_connection(), &tangled()).await;
    let bytes = files::guest("pries");
    let inspected = host.install(bytes.clone(), all_with(&only(&[1]))).await;
    let inspected = inspected.expect("it is installed");
    let name = inspected.manifest.name.to_string();
    let first = host.plugin(&name).await.expect("it is there");
    assert_eq!(first.accounts, only(&[1]));
    assert_eq!(host.installed()[&name].accounts, only(&[1]));
    assert_eq!(host.plugin_entry(&name).unwrap().accounts, only(&[1]));

    let mut other = bytes.clone();
    other.extend([0, 2, 1, b'x']);
    let as_file = host.plugin_from(&other, Granted::default()).await.unwrap();
    assert!(as_file.grants.is_empty());
    assert_ne!(as_file.plugin.digest, first.plugin.digest);
    let replaced = host.install(other, Granted::default()).await.unwrap();
    let replaced = host.plugin(replaced.manifest.name.as_str()).await.unwrap();
    assert!(replaced.grants.is_empty());
    // Its grants are none, whatever it would see with them.
    let asked = params([("upto", 3.into())]);
    let view = host.render(&replaced, &asked, None).await.unwrap().view;
    let told = texts(&view);
    for line in told.lines().filter(|line| !line.contains("Ok(false)")) {
        assert!(line.contains("Denied"), "{line}");
    }
}

/// Whatever was granted, what the host keeps for itself stays there.
#[tokio::test]
async fn with_all_grants_no_function_gives_a_secret() {
    let host = host_on(Setup::one_connection(), &tangled()).await;
    for scope in [AccountScope::all(), only(&[2])] {
        for first in ["sets", "one by one"] {
            let told = seen(&host, &scope, first).await;
            assert!(told.contains("A2"), "{told}");
            for secret in ["the key", "the secret"] {
                assert!(!told.contains(secret), "{scope:?}");
            }
        }
    }
}

/// Two hosts on one file stand for two processes.
#[tokio::test]
async fn a_scope_is_kept_with_the_plugin() {
    let folder = tempfile::tempdir().expect("a folder");
    let one = Setup::default().open_in(folder.path()).await;
    let few: Grants = [Grant::ReadAccounts].into_iter().collect();
    let granted = Granted {
        grants: few.clone(),
        accounts: only(&[3, 1]),
    };
    one.install(files::guest("pries"), granted).await.unwrap();
    one.close().await;
    let two = Setup::default().open_in(folder.path()).await;
    let plugin = two.plugin("guest-pries").await.unwrap();
    assert_eq!((plugin.grants, plugin.accounts), (few, only(&[1, 3])));
    let (_, granted) = two.binary_of("guest-pries").await.unwrap();
    assert_eq!(granted.accounts, only(&[1, 3]));
    let bundled = two.plugin(files::WIDGETS[0]).await.unwrap();
    assert!(bundled.accounts.is_all());
    let guest = guest_with(&two, "probes", &Grants::all()).await;
    assert!(guest.accounts.is_all());
    two.close().await;
}

/// That two texts are the same; else the first lines that differ.
#[track_caller]
fn same(one: &str, other: &str) {
    let lines = one.lines().zip(other.lines());
    for (one, other) in lines {
        assert_eq!(one, other);
    }
    assert_eq!(one.lines().count(), other.lines().count());
}
