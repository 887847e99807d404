//! The records of a dataset's entries, as a session would give them.
//!
//! Owns: which field becomes which. Must not know: what is done with them.

use super::{AccountEntry, Dataset, Exact, ExpertEntry, OrderEntry, TransactionEntry};
use crate::{Account, Decimal, Expert, Instrument, Order, OrderType, Transaction};

impl From<&AccountEntry> for Account {
    fn from(entry: &AccountEntry) -> Self {
        Self {
            id: entry.id,
            name: entry.name.to_string(),
            provider: entry.provider.to_string(),
            currency: entry.currency.to_string(),
        }
    }
}

impl From<&ExpertEntry> for Expert {
    fn from(entry: &ExpertEntry) -> Self {
        Self {
            id: entry.id,
            account: entry.account_id,
            plugin: entry.plugin.to_string(),
            alias: entry.alias.as_ref().map(|alias| alias.to_string()),
            enabled: entry.enabled,
            virtual_equity_percent: entry.virtual_equity_pct.0,
        }
    }
}

impl From<&TransactionEntry> for Transaction {
    fn from(entry: &TransactionEntry) -> Self {
        Self {
            id: entry.id,
            expert: entry.expert_id,
            symbol: entry.symbol.clone(),
            side: entry.side,
            quantity: entry.quantity.0,
            open_price: number(entry.open_price),
            status: entry.status,
            created_at: entry.created_at,
        }
    }
}

impl From<&OrderEntry> for Order {
    fn from(entry: &OrderEntry) -> Self {
        Self {
            id: entry.id,
            transaction: entry.transaction_id,
            account: entry.account_id,
            symbol: entry.symbol.clone(),
            side: entry.side,
            order_type: OrderType::from_platform_name(&entry.order_type),
            status: entry.status.into(),
            quantity: entry.quantity.0,
            filled_quantity: number(entry.filled_quantity),
            fill_price: number(entry.fill_price),
            limit_price: number(entry.limit_price),
            stop_price: number(entry.stop_price),
            depends_on: entry.depends_on,
            created_at: entry.created_at,
        }
    }
}

impl Dataset {
    /// The paper broker's current prices.
    pub fn prices(&self) -> impl Iterator<Item = (Instrument, Decimal)> {
        self.accounts.iter().flat_map(|entry| {
            entry.prices.iter().filter_map(|(symbol, price)| {
                let instrument = Instrument {
                    account: entry.id,
                    symbol: symbol.clone(),
                };
                Some((instrument, number(*price)?))
            })
        })
    }
}

fn number(exact: Option<Exact>) -> Option<Decimal> {
    exact.map(|Exact(number)| number)
}
