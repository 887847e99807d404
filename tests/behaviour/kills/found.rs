//! What a killed host has left in its database.
//!
//! Owns: that the database opens and is sound, and that of each operation all
//! is there or nothing. Must not know: what was asked for.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use lombard_model::Decimal;
use lombard_store::{Location, Purpose, Session, Store, StoreOptions, TransactionFilter};
use serde_json::Value as Json;

use crate::support::{account, expert};

/// What is there, by the numbers of the clients.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) saved: u64,
    pub(super) run: u64,
    pub(super) imported: u64,
}

impl Found {
    /// Opens the database, as the next process would.
    ///
    /// # Panics
    /// Where it is not sound, or has half of something.
    pub(super) async fn look(database: &Path) -> Self {
        let options = StoreOptions {
            watch_every: None,
            ..StoreOptions::default()
        };
        let location = Location::file(database.to_owned());
        let store = Store::open(&location, &options).await.expect("it opens");
        let mut session = store.session(Purpose::host("look"));
        let unsound = session.faults().await.expect("it reads");
        assert_eq!(unsound, Vec::<String>::new());
        let found = Self {
            saved: saved(&mut session).await,
            run: run(&mut session).await,
            imported: imported(&mut session).await,
        };
        session.end();
        store.close().await;
        found
    }
}

/// The one number among these.
fn one(numbers: impl IntoIterator<Item = u64>) -> u64 {
    let all: BTreeSet<_> = numbers.into_iter().collect();
    assert!(all.len() <= 1, "half of something: {all:?}");
    all.first().copied().unwrap_or(0)
}

async fn saved(session: &mut Session) -> u64 {
    let row = session.account(account(2)).await.expect("it reads");
    let settings = &row.as_ref().expect("the account").settings;
    let number = |key: &str| {
        let text = settings.get(key).and_then(Json::as_str)?;
        let number = text.strip_prefix("n-").expect("a save of the test's");
        Some(number.parse().expect("a number"))
    };
    one(["api_key", "api_secret"].map(|key| number(key).unwrap_or(0)))
}

/// The last analysis, where each up to it has as many recommendations.
async fn run(session: &mut Session) -> u64 {
    let latest = session.latest_analyses().await.expect("it reads");
    let last = latest.get(&expert(1)).map_or(0, |analysis| {
        assert_eq!(analysis.error, None, "no run fails");
        analysis.id.get()
    });
    let stored = session.latest_recommendations(1_000_000).await;
    let mut of = BTreeMap::<u64, u64>::new();
    for one in stored.expect("it reads") {
        *of.entry(one.analysis.get()).or_default() += 1;
    }
    let analyses: Vec<u64> = of.keys().copied().collect();
    assert_eq!(analyses, (1..=last).collect::<Vec<_>>(), "one has none");
    let each = one(of.into_values());
    assert!(last == 0 || each > 1, "{each} recommendations each");
    last
}

async fn imported(session: &mut Session) -> u64 {
    let all = TransactionFilter::open();
    let found = session.transactions(&all, None, 100_000).await;
    let transactions = found.expect("it reads");
    let ids: Vec<_> = transactions.iter().map(|one| one.id).collect();
    let orders = session.orders_of(&ids).await.expect("it reads");
    assert_eq!(orders.len(), 2 * transactions.len());
    let number = |number: Decimal| u64::try_from(number).expect("a whole number");
    let prices = transactions.iter().filter_map(|one| one.open_price);
    let quantities = orders.iter().map(|one| one.quantity);
    one(prices.chain(quantities).map(number))
}
