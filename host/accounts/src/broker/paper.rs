//! The paper broker: balance, prices and positions from the database.
//!
//! Owns: nothing but the translation; the session reads.

use std::collections::HashMap;

use futures_util::future::BoxFuture;
use lombard_model::{AccountId, Decimal, Definitions, Instrument};
use lombard_store::Session;

use super::{Holdings, Provider};
use crate::{AccountState, AccountsError};

pub(super) struct Paper;

impl Provider for Paper {
    fn name(&self) -> &'static str {
        "paper"
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
        session: &'a mut Session,
    ) -> BoxFuture<'a, Result<HashMap<AccountId, Decimal>, AccountsError>> {
        Box::pin(async move { Ok(session.paper_cash(accounts).await?) })
    }

    fn prices<'a>(
        &'a self,
        instruments: &'a [Instrument],
        session: &'a mut Session,
    ) -> BoxFuture<'a, Result<Vec<Option<Decimal>>, AccountsError>> {
        Box::pin(async move { Ok(session.paper_prices(instruments).await?) })
    }

    fn is_of_the_database(&self) -> bool {
        true
    }

    fn positions<'a>(
        &'a self,
        accounts: &'a [AccountId],
        session: &'a mut Session,
    ) -> BoxFuture<'a, Result<Holdings, AccountsError>> {
        Box::pin(async move { Ok(session.paper_positions(accounts).await?) })
    }
}
