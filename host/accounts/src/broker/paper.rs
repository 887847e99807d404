//! The paper broker: balance, prices and positions from the database.
//!
//! Owns: nothing but the translation; the session reads. An account of it can
//! be switched off, to see what plugins make of a broker that is down.

use std::collections::HashMap;

use futures_util::future::BoxFuture;
use lombard_model::{AccountId, Decimal, Definitions, Instrument, SettingDefinition, SettingType};
use lombard_store::Session;
use serde_json::Value as Json;

use super::{Holdings, Provider};
use crate::definitions::declared;
use crate::{AccountState, AccountsError};

pub(super) struct Paper;

/// The setting that switches an account off.
const CONNECTED: &str = "connected";

impl Provider for Paper {
    fn name(&self) -> &'static str {
        "paper"
    }

    fn definitions(&self) -> Definitions {
        let what = "Whether the account can be reached; off, it is to plugins as one whose broker \
                    is down";
        let of = SettingDefinition::new(SettingType::Bool, what);
        declared([(CONNECTED, of.with_default(true))])
    }

    fn reachable(&self, account: &AccountState) -> Result<(), String> {
        // Looked at for each price that is asked for: as it is saved.
        match account.settings.saved().get(CONNECTED) {
            Some(Json::Bool(false)) => Err(format!("its setting `{CONNECTED}` is off")),
            _ => Ok(()),
        }
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
