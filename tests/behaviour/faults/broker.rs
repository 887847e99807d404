//! A broker that is silent, panics or answers nonsense makes its own figures
//! absent: no call fails or hangs for it, and no other account's figures are
//! touched.
//!
//! Owns: a broker that does as it is told. Must not know: how the host asks.

use std::collections::HashMap;
use std::future::pending;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::BoxFuture;
use lombard_accounts::{AccountState, AccountsError, Holdings, Provider};
use lombard_model::{AccountId, Decimal, Definitions, Instrument, Position, Symbol};
use lombard_runtime::Host;
use lombard_store::Session;
use serde_json::json;
use tracing::instrument::WithSubscriber as _;

use crate::support::books::{Book, read};
use crate::support::files::WIDGETS;
use crate::support::{
    PATIENCE, Setup, TestHost, account, all_connections_are_back, in_time, render, watch,
};

/// What the broker does when it is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Manner {
    Right,
    Silent,
    Panics,
    PanicsAtOnce,
    Refuses,
    /// Answers for an account that nobody asked for, and not for the one.
    WrongAccount,
    /// Answers for more than was asked for.
    TooMuch,
    Nothing,
    /// A number that no decimal of the contract holds.
    Absurd,
    /// A price below 0, and a holding of nothing.
    Impossible,
}

/// All that is no answer.
const WRONG: [Manner; 8] = [
    Manner::Panics,
    Manner::PanicsAtOnce,
    Manner::Refuses,
    Manner::WrongAccount,
    Manner::Nothing,
    Manner::Absurd,
    Manner::Impossible,
    Manner::TooMuch,
];

/// A broker of the test's own, which has account 2.
struct Odd {
    manner: Mutex<Manner>,
    asked: AtomicUsize,
}

const NAME: &str = "odd";

impl Odd {
    fn new() -> &'static Self {
        // Providers are of the program, and so is one of a test.
        Box::leak(Box::new(Self {
            manner: Mutex::new(Manner::Right),
            asked: AtomicUsize::new(0),
        }))
    }

    fn does(&self, manner: Manner) {
        *self.manner.lock().expect("nobody panicked") = manner;
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    /// One answer for each of these accounts, each as it should be.
    fn answer<'a, T: Send + 'a>(
        &'a self,
        accounts: &'a [AccountId],
        right: impl Fn(&Manner) -> T + Send + 'a,
    ) -> BoxFuture<'a, Result<HashMap<AccountId, T>, AccountsError>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let manner = *self.manner.lock().expect("nobody panicked");
        assert_ne!(manner, Manner::PanicsAtOnce, "as it was told");
        Box::pin(async move {
            let of = |accounts: &[AccountId]| {
                let entry = |id: &AccountId| (*id, right(&manner));
                accounts.iter().map(entry).collect::<HashMap<_, _>>()
            };
            match manner {
                Manner::Silent => pending().await,
                Manner::Panics => panic!("as it was told"),
                Manner::Refuses => Err(AccountsError::Unreachable {
                    account: accounts[0],
                    reason: "as it was told".to_owned(),
                }),
                Manner::Nothing => Ok(HashMap::new()),
                Manner::WrongAccount => Ok(of(&[account(1)])),
                Manner::TooMuch => Ok(of(&[account(1), account(2), account(3)])),
                _ => Ok(of(accounts)),
            }
        })
    }
}

fn cash(manner: &Manner) -> Decimal {
    match manner {
        Manner::Absurd => Decimal::MAX,
        _ => Decimal::new(7_700, 2),
    }
}

impl Provider for Odd {
    fn name(&self) -> &'static str {
        NAME
    }

    fn definitions(&self) -> Definitions {
        Definitions::default()
    }

    fn reachable(&self, _: &AccountState) -> Result<(), String> {
        Ok(())
    }

    fn balances<'a>(
        &'a self,
        accounts: &'a [AccountId],
        _: &'a mut Session,
    ) -> BoxFuture<'a, Result<HashMap<AccountId, Decimal>, AccountsError>> {
        self.answer(accounts, cash)
    }

    fn prices<'a>(
        &'a self,
        instruments: &'a [Instrument],
        _: &'a mut Session,
    ) -> BoxFuture<'a, Result<Vec<Option<Decimal>>, AccountsError>> {
        let answer = self.answer(&*TWO, |manner| match manner {
            Manner::Impossible => Decimal::new(-1, 0),
            manner => cash(manner),
        });
        Box::pin(async move {
            // As many as there are entries, or as they should be.
            let entries = answer.await?;
            let price = entries.values().next().copied();
            let count = match entries.len() {
                1 if entries.contains_key(&account(2)) => instruments.len(),
                0 => instruments.len() - 1,
                _ => instruments.len() + 1,
            };
            Ok(vec![price; count])
        })
    }

    fn is_of_the_database(&self) -> bool {
        false
    }

    fn positions<'a>(
        &'a self,
        accounts: &'a [AccountId],
        _: &'a mut Session,
    ) -> BoxFuture<'a, Result<Holdings, AccountsError>> {
        self.answer(accounts, |manner| {
            let quantity = match manner {
                Manner::Impossible => Decimal::ZERO,
                manner => cash(manner),
            };
            let symbol = Symbol::new("S1").expect("a symbol");
            Arc::from([Position { symbol, quantity }])
        })
    }
}

static TWO: std::sync::LazyLock<[AccountId; 1]> = std::sync::LazyLock::new(|| [account(2)]);

/// What was told of accounts 1 and 2.
#[derive(Clone, Debug, PartialEq)]
struct Figures {
    cash: Vec<Option<Decimal>>,
    prices: Vec<Option<Decimal>>,
    held: Vec<Option<usize>>,
    /// Of account 2 alone.
    reached: bool,
}

async fn figures(host: &Host) -> Figures {
    let mut session = host.session("look");
    let accounts = [account(1), account(2)];
    let balances = host.accounts().balances(&accounts, &mut session).await;
    let instruments = accounts.map(|account| Instrument {
        account,
        symbol: Symbol::new("S1").expect("a symbol"),
    });
    let quotes = host
        .accounts()
        .quotes(instruments.into(), &mut session)
        .await;
    let held = host.accounts().positions_of(&accounts, &mut session).await;
    let alone = host.accounts().positions(account(2), &mut session).await;
    session.end();
    Figures {
        cash: balances
            .expect("balances")
            .iter()
            .map(|one| one.cash)
            .collect(),
        prices: quotes
            .expect("quotes")
            .iter()
            .map(|one| one.price)
            .collect(),
        held: held
            .expect("positions")
            .iter()
            .map(|held| held.as_ref().map(|held| held.len()))
            .collect(),
        reached: match alone {
            Ok(_) => true,
            Err(AccountsError::Unreachable { .. }) => false,
            Err(other) => panic!("not what an unreachable broker is: {other:?}"),
        },
    }
}

impl Figures {
    /// The same without those of account 2.
    fn without_two(&self) -> Self {
        Self {
            cash: vec![self.cash[0], None],
            prices: vec![self.prices[0], None],
            held: vec![self.held[0], None],
            reached: false,
        }
    }

    fn are_whole(&self) {
        assert!(self.cash.iter().all(Option::is_some), "{self:?}");
        assert!(self.prices.iter().all(Option::is_some), "{self:?}");
        assert!(self.held.iter().all(Option::is_some), "{self:?}");
        assert!(self.reached);
    }
}

async fn desk(broker_timeout: Duration) -> (TestHost, &'static Odd) {
    let odd = Odd::new();
    let mut document = Book::of(20).document();
    document["accounts"][1]["provider"] = json!(NAME);
    let setup = Setup {
        broker_timeout,
        more_providers: vec![odd],
        ..Setup::one_connection()
    };
    (setup.open_with(read(&document)).await, odd)
}

/// The lines of the log about brokers while this goes on.
async fn warned<T>(work: impl Future<Output = T>) -> (T, usize) {
    let lines = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&lines);
    let log = watch::on_line(
        |target| target.starts_with("lombard_accounts::broker"),
        move |line| {
            assert!(line.contains("figures are absent"), "{line}");
            count.fetch_add(1, Ordering::SeqCst);
        },
    );
    let done = work.with_subscriber(log).await;
    (done, lines.load(Ordering::SeqCst))
}

#[tokio::test]
async fn nonsense_makes_the_figures_of_its_own_accounts_absent() {
    for manner in WRONG {
        let (host, odd) = desk(PATIENCE).await;
        let right = in_time(figures(&host)).await;
        right.are_whole();
        let widget = host.plugin(WIDGETS[1]).await.expect("a widget");

        odd.does(manner);
        let (found, warnings) = warned(in_time(figures(&host))).await;
        let mut expected = right.without_two();
        match manner {
            // There is an answer for the account among those that are not
            // asked for; prices have no names, so none is known to be one.
            Manner::TooMuch => {
                expected.cash = right.cash.clone();
                expected.held = right.held.clone();
                expected.reached = true;
            }
            // Nothing is wrong with its cash.
            Manner::Impossible => expected.cash = right.cash.clone(),
            _ => {}
        }
        assert_eq!(found, expected, "{manner:?}");
        assert!(warnings > 0, "{manner:?}: the log says nothing");
        in_time(render(&host, &widget))
            .await
            .expect("the call goes on without");

        odd.does(Manner::Right);
        assert_eq!(in_time(figures(&host)).await, right, "{manner:?}");
        all_connections_are_back(host.store()).await;
    }
}

#[tokio::test]
async fn a_silent_broker_is_waited_for_once_and_then_left_alone_for_a_while() {
    let (host, odd) = desk(Duration::from_millis(100)).await;
    let right = in_time(figures(&host)).await;
    let widget = host.plugin(WIDGETS[1]).await.expect("a widget");
    odd.does(Manner::Silent);
    let asked = odd.asked();
    let (found, warnings) = warned(in_time(figures(&host))).await;
    assert_eq!(found, right.without_two());
    assert_eq!(warnings, 1);
    in_time(render(&host, &widget))
        .await
        .expect("the call goes on without");
    assert_eq!(odd.asked(), asked + 1, "each question waited anew");

    odd.does(Manner::Right);
    assert_eq!(in_time(figures(&host)).await, right.without_two());
    all_connections_are_back(host.store()).await;
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(11)).await;
    tokio::time::resume();
    assert_eq!(in_time(figures(&host)).await, right);
}
