//! What the host stands on fails, and the host does not: the store under it in
//! `store` (asked for) and `real` (brought about), the brokers in `broker`.
//!
//! Owns: a host with a desk of every kind of work, and what there is of it in
//! the database. Must not know: what fails.

mod broker;
mod real;
mod store;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use lombard_accounts::AccountsError;
use lombard_model::{Decimal, Grants, Limit, UseCase};
use lombard_runtime::{CallError, Host, PluginRef, RunRequest, RuntimeError};
use lombard_store::{Fault, Faults, Point, StoreError, TransactionFilter};
use serde_json::{Value as Json, json};

use crate::cli::books::with_alpaca_and_bars;
use crate::support::books::read;
use crate::support::files::{self, WIDGETS};
use crate::support::settings::{all_at, definitions, owner};
use crate::support::{Setup, TestHost, account, all_connections_are_back, expert, in_time, render};

/// What goes wrong for as long as a test says so.
#[derive(Clone, Default)]
struct Trouble {
    at: Arc<Mutex<Option<(Point, Fault)>>>,
    hits: Arc<AtomicUsize>,
}

impl Trouble {
    fn faults(&self) -> Faults {
        let trouble = self.clone();
        Faults::asking(move |point| {
            let at = *trouble.at.lock().expect("nobody panicked");
            let (_, fault) = at.filter(|(at, _)| *at == point)?;
            trouble.hits.fetch_add(1, Ordering::SeqCst);
            Some(fault)
        })
    }

    fn begins(&self, point: Point, fault: Fault) {
        self.hits.store(0, Ordering::SeqCst);
        *self.at.lock().expect("nobody panicked") = Some((point, fault));
    }

    fn ends(&self) {
        *self.at.lock().expect("nobody panicked") = None;
    }

    fn hits(&self) -> usize {
        self.hits.load(Ordering::SeqCst)
    }
}

/// What is done at a desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Work {
    Render,
    Run,
    Save,
    Import,
}

impl Work {
    const ALL: [Self; 4] = [Self::Render, Self::Run, Self::Save, Self::Import];
}

/// All that the work here may change, as the database has it.
#[derive(Debug, PartialEq)]
struct Kept {
    /// What is saved of account 1, as the cache has it.
    cached: BTreeMap<String, Json>,
    saved: BTreeMap<String, Json>,
    prices: Vec<Option<Decimal>>,
    orders: usize,
    analysis: Option<u64>,
    recommendations: usize,
    unsound: Vec<String>,
}

/// A host with something of everything to do.
struct Desk {
    host: TestHost,
    widget: PluginRef,
    /// Of what is done next, so that it changes something.
    turn: i64,
}

impl Desk {
    async fn new(setup: Setup) -> Self {
        let host = setup.open_with(read(&book(0))).await;
        let expert = files::plugin("moving-average-cross");
        let installed = host.install(expert, Grants::all()).await;
        installed.expect("the expert is installed");
        let widget = host.plugin(WIDGETS[0]).await.expect("a widget");
        let mut desk = Self {
            host,
            widget,
            turn: 0,
        };
        for work in Work::ALL {
            desk.is_done(work).await;
        }
        desk
    }

    async fn does(&mut self, work: Work) -> Result<(), RuntimeError> {
        self.turn += 1;
        in_time(self.work(work)).await
    }

    async fn work(&self, work: Work) -> Result<(), RuntimeError> {
        let host = &self.host;
        match work {
            Work::Render => render(host, &self.widget).await.map(drop),
            Work::Run => {
                let request = RunRequest {
                    expert: expert(1),
                    symbols: Vec::new(),
                    use_case: UseCase::EnterMarket,
                };
                host.run_expert(request).await.map(drop)
            }
            Work::Save => {
                let (all, definitions) = (all_at(self.turn), definitions());
                let accounts = host.accounts();
                let saved = accounts.save_settings(owner(), &definitions, all).await;
                Ok(saved.map(drop)?)
            }
            Work::Import => host.import(read(&book(self.turn))).await.map(drop),
        }
    }

    /// Does it, which has to go well and to leave no connection behind.
    async fn is_done(&mut self, work: Work) {
        let before = kept(&self.host).await;
        self.does(work).await.expect("it is served");
        let after = kept(&self.host).await;
        assert_eq!(before == after, work == Work::Render, "{work:?}: {after:?}");
        all_connections_are_back(self.host.store()).await;
    }
}

/// The document of the book, with a price of this turn on every transaction.
fn book(turn: i64) -> Json {
    let mut document = with_alpaca_and_bars();
    let transactions = document["transactions"].as_array_mut();
    for transaction in transactions.expect("a list") {
        transaction["open_price"] = json!((100 + turn).to_string());
    }
    document
}

async fn kept(host: &Host) -> Kept {
    let mut session = host.session("look");
    let all = TransactionFilter::open();
    let found = session.transactions(&all, None, 100_000).await;
    let transactions = found.expect("transactions");
    let ids: Vec<_> = transactions.iter().map(|one| one.id).collect();
    let analyses = session.latest_analyses().await.expect("analyses");
    let stored = session.latest_recommendations(100_000).await;
    let cached = host.accounts().account(account(1), &mut session).await;
    let saved = host
        .accounts()
        .account_fresh(account(1), &mut session)
        .await;
    let kept = Kept {
        cached: cached.expect("it is there").state.settings.saved().clone(),
        saved: saved.expect("it is there").state.settings.saved().clone(),
        prices: transactions.iter().map(|one| one.open_price).collect(),
        orders: session.orders_of(&ids).await.expect("orders").len(),
        analysis: analyses.get(&expert(1)).map(|one| one.id.get()),
        recommendations: stored.expect("recommendations").len(),
        unsound: session.faults().await.expect("it reads"),
    };
    session.end();
    assert_eq!(kept.unsound, Vec::<String>::new());
    kept
}

/// The store's own error in this one, where it is told as it is.
fn of_store(error: &RuntimeError) -> Option<&StoreError> {
    match error {
        RuntimeError::Store(error) | RuntimeError::Accounts(AccountsError::Store(error)) => {
            Some(error)
        }
        _ => None,
    }
}

/// That an error is the one that this fault has to be told as.
fn is_told_as(fault: Fault, error: &RuntimeError) {
    let is_right = match (fault, of_store(error)) {
        (Fault::Full, Some(error)) => matches!(error, StoreError::Full(_)),
        (Fault::Busy, Some(error)) => matches!(error, StoreError::Busy(_)),
        (Fault::Io, Some(error)) => matches!(error, StoreError::Io(_)),
        (Fault::Lost, Some(error)) => matches!(error, StoreError::Lost(_)),
        (Fault::Slow(_), Some(error)) => matches!(error, StoreError::TooSlow { .. }),
        (fault, None) => match error {
            RuntimeError::Call { error, .. } => is_told_in_call(fault, error),
            _ => false,
        },
    };
    assert!(is_right, "{fault:?} was told as {error:?}");
    if let Some(error) = of_store(error) {
        assert!(error.storage_remedy().is_some(), "no remedy for {error}");
    }
}

/// The same where a plugin met it: it is told in words.
fn is_told_in_call(fault: Fault, error: &CallError) -> bool {
    let says = |words: &str| matches!(error, CallError::Unavailable(why) if why.contains(words));
    match fault {
        Fault::Full => says("no room"),
        Fault::Busy => says("locked"),
        Fault::Io => says("can't be read or written"),
        Fault::Lost => says("was lost"),
        Fault::Slow(_) => error.limit() == Some(Limit::DeadlineMs),
    }
}
