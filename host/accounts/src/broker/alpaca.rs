//! Alpaca accounts.
//!
//! Owns: what such an account can be set to, and why it can't be reached. This
//! build has no connection to Alpaca: its accounts are kept, and their figures
//! are absent.

use std::collections::HashMap;

use futures_util::future::BoxFuture;
use lombard_model::{AccountId, Decimal, Definitions, Instrument, SettingDefinition, SettingType};
use lombard_store::Session;

use super::{Holdings, Provider};
use crate::definitions::declared;
use crate::{AccountState, AccountsError};

pub(super) struct Alpaca;

impl Provider for Alpaca {
    fn name(&self) -> &'static str {
        "alpaca"
    }

    fn definitions(&self) -> Definitions {
        let of = SettingDefinition::new;
        declared([
            (
                "api_key",
                of(SettingType::Str, "API key id").secret().required(),
            ),
            (
                "api_secret",
                of(SettingType::Str, "API secret key").secret().required(),
            ),
            (
                "paper_trading",
                of(
                    SettingType::Bool,
                    "Whether orders go to Alpaca's paper trading",
                )
                .with_default(true),
            ),
        ])
    }

    fn reachable(&self, account: &AccountState) -> Result<(), String> {
        account
            .settings
            .check(&self.definitions())
            .map_err(|error| error.to_string())?;
        Err("this build has no connection to Alpaca".to_owned())
    }

    fn balances<'a>(
        &'a self,
        _: &'a [AccountId],
        _: &'a mut Session,
    ) -> BoxFuture<'a, Result<HashMap<AccountId, Decimal>, AccountsError>> {
        Box::pin(async { Ok(HashMap::new()) })
    }

    fn prices<'a>(
        &'a self,
        instruments: &'a [Instrument],
        _: &'a mut Session,
    ) -> BoxFuture<'a, Result<Vec<Option<Decimal>>, AccountsError>> {
        Box::pin(async { Ok(vec![None; instruments.len()]) })
    }

    fn is_of_the_database(&self) -> bool {
        false
    }

    fn positions<'a>(
        &'a self,
        _: &'a [AccountId],
        _: &'a mut Session,
    ) -> BoxFuture<'a, Result<Holdings, AccountsError>> {
        Box::pin(async { Ok(HashMap::new()) })
    }
}
