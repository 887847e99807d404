//! What a session reads before it is asked, because the last call of its kind
//! asked for it.
//!
//! Owns: that it is the same as what would have been read, of one state of the
//! data, and that a wrong guess does no harm. Must not know: the statement.

use lombard_model::{Instrument, Order, Symbol, Transaction, TransactionId, TransactionStatus};
use lombard_runtime::Host;
use lombard_store::{Session, TransactionFilter};

use crate::support::books::Book;
use crate::support::files::WIDGETS;
use crate::support::{Setup, TestHost, account, all_connections_are_back, expert, probe, render};

const KIND: &str = "a kind";

async fn host(connections: u32, transactions: u64) -> TestHost {
    let setup = Setup {
        connections,
        ..Setup::default()
    };
    setup.open_with(Book::of(transactions).dataset()).await
}

/// One that finds a free connection, if nobody holds it: giving one back takes
/// a moment.
async fn session(host: &Host) -> Session {
    all_connections_are_back(host.store()).await;
    begun(host)
}

fn begun(host: &Host) -> Session {
    let mut session = host.session("test");
    session.read_as_last_time(KIND.to_owned());
    session
}

async fn page(session: &mut Session, filter: &TransactionFilter, limit: u32) -> Vec<Transaction> {
    let page = session.transactions(filter, None, limit).await;
    page.expect("transactions").to_vec()
}

async fn orders(session: &mut Session, of: &[Transaction]) -> Vec<Order> {
    let ids: Vec<TransactionId> = of.iter().map(|one| one.id).collect();
    session.orders_of(&ids).await.expect("orders").to_vec()
}

fn filters() -> Vec<TransactionFilter> {
    vec![
        TransactionFilter::open(),
        TransactionFilter {
            statuses: vec![TransactionStatus::Waiting, TransactionStatus::Closed],
            ..TransactionFilter::default()
        },
        TransactionFilter {
            expert: Some(expert(2)),
            ..TransactionFilter::open()
        },
        TransactionFilter {
            symbol: Some(Symbol::new("AAPL").expect("a symbol")),
            ..TransactionFilter::open()
        },
        TransactionFilter::default(),
    ]
}

#[tokio::test]
async fn the_second_render_of_a_widget_is_one_statement() {
    for transactions in [0, 20, 2_000] {
        let host = host(1, transactions).await;
        for widget in WIDGETS {
            let plugin = host.plugin(widget).await.unwrap();
            let first = render(&host, &plugin).await.unwrap();
            all_connections_are_back(host.store()).await;
            let second = render(&host, &plugin).await.unwrap();
            assert_eq!(second.view, first.view, "{widget}");
            let (first, second) = (first.cost, second.cost);
            assert!(first.statements >= 1, "{widget}: {first:?}");
            assert_eq!(
                (second.sessions, second.statements),
                (1, 1),
                "{widget} of {transactions}"
            );
            assert!(second.rows >= transactions, "{second:?}");
        }
        all_connections_are_back(host.store()).await;
    }
}

/// Also where a page is shorter than what passes its filter.
#[tokio::test]
async fn what_is_read_ahead_is_what_would_have_been_read() {
    let host = host(1, 200).await;
    for filter in filters() {
        for limit in [1, 7, 150, 10_000] {
            let mut asking = session(&host).await;
            let expected = page(&mut asking, &filter, limit).await;
            let expected_orders = orders(&mut asking, &expected).await;
            asking.end();

            let mut ahead = session(&host).await;
            let found = page(&mut ahead, &filter, limit).await;
            assert_eq!(found, expected, "{filter:?} {limit}");
            assert_eq!(orders(&mut ahead, &found).await, expected_orders);
            let cost = ahead.end();
            assert_eq!((cost.sessions, cost.statements), (1, 1), "{filter:?}");
        }
    }
}

#[tokio::test]
async fn small_sets_and_prices_are_read_ahead() {
    let host = host(1, 20).await;
    let instruments: Vec<_> = ["AAPL", "NOBODY"]
        .map(|symbol| Instrument {
            account: account(1),
            symbol: Symbol::new(symbol).expect("a symbol"),
        })
        .into();
    let mut expected = None;
    for statements in [3, 1, 1] {
        let mut asking = session(&host).await;
        let experts = asking.experts().await.unwrap();
        let accounts = asking.accounts().await.unwrap();
        let prices = asking.paper_prices(&instruments).await.unwrap();
        assert_eq!(asking.end().statements, statements);
        let found = (experts, accounts, prices);
        let expected = expected.get_or_insert_with(|| found.clone());
        assert_eq!(found, *expected);
    }
}

#[tokio::test]
async fn a_wrong_guess_is_corrected_by_the_call_it_was_made_for() {
    let host = host(1, 50).await;
    let [first, second, ..] = &*filters() else {
        unreachable!("there are five");
    };
    let mut learning = session(&host).await;
    page(&mut learning, first, 100).await;
    learning.end();
    let mut plain = host.session("no kind");
    let expected = page(&mut plain, second, 100).await;
    plain.end();
    for statements in [2, 1] {
        let mut wrong = session(&host).await;
        assert_eq!(page(&mut wrong, second, 100).await, expected);
        let cost = wrong.end();
        assert_eq!((cost.sessions, cost.statements), (1, statements));
    }
    // Who asks for nothing is not read for the next time.
    session(&host).await.end();
    assert_eq!(session(&host).await.end().sessions, 0);
}

#[tokio::test]
async fn what_was_read_ahead_and_what_is_read_later_is_of_one_state() {
    let host = host(2, 20).await;
    let open = TransactionFilter::open();
    let mut learning = session(&host).await;
    page(&mut learning, &open, 1_000).await;
    learning.end();

    let mut old = session(&host).await;
    // By its first answer it has its state.
    assert_eq!(page(&mut old, &open, 1_000).await.len(), 20);
    let more = Book {
        accounts: 3,
        ..Book::of(30)
    };
    host.import(more.dataset()).await.unwrap();
    assert_eq!(page(&mut old, &open, 1_000).await.len(), 20);
    assert_eq!(old.accounts().await.unwrap().len(), 2);
    let mut new = begun(&host);
    assert_eq!(page(&mut new, &open, 1_000).await.len(), 30);
    assert_eq!(new.accounts().await.unwrap().len(), 3);
    assert!(old.end().statements > 1 && new.end().statements > 1);
    all_connections_are_back(host.store()).await;
}

#[tokio::test]
async fn nothing_is_read_ahead_where_no_connection_is_free() {
    let host = host(1, 20).await;
    let open = TransactionFilter::open();
    let mut learning = session(&host).await;
    page(&mut learning, &open, 1_000).await;
    learning.end();
    let mut held = host.session("in the way");
    held.open().await.unwrap();
    let mut waiting = begun(&host);
    assert!(!waiting.is_open());
    held.end();
    assert_eq!(page(&mut waiting, &open, 1_000).await.len(), 20);
    waiting.end();
}

#[tokio::test]
async fn a_session_that_goes_while_it_reads_ahead_leaves_nothing() {
    let host = host(3, 2_000).await;
    let open = TransactionFilter::open();
    let mut learning = session(&host).await;
    let all = page(&mut learning, &open, 100_000).await;
    orders(&mut learning, &all).await;
    learning.end();
    let mut begun = 0;
    for _ in 0..100 {
        let going = session(&host).await;
        begun += u32::from(going.is_open());
        drop(going);
    }
    assert_eq!(begun, 100, "nothing was read ahead");
    all_connections_are_back(host.store()).await;
    assert!(host.store().pool_status().size <= 3);
    let mut last = session(&host).await;
    assert_eq!(page(&mut last, &open, 100_000).await, all);
    last.end();
}

/// A plugin does other things for other settings: they are kinds of their own.
#[tokio::test]
async fn renders_with_other_parameters_are_of_another_kind() {
    let host = host(1, 20).await;
    for statements in [2, 1] {
        let cost = probe(&host, "looks_up", 3).await.unwrap().cost;
        assert!(cost.statements >= statements, "{cost:?}");
        let cost = probe(&host, "nothing", 1).await.unwrap().cost;
        assert_eq!((cost.sessions, cost.statements), (0, 0));
    }
}
