//! What a guest could ask for, for the fuzz targets in `fuzz/`.
//!
//! Owns: every call into the host that takes a value of the guest's, made on
//! the state of a call as a guest's is. Must not know: what is answered.

use std::sync::Arc;

use lombard_model::{CallId, Definitions, ExpertId, PluginKind, Settings};
use lombard_store::Purpose;
use wasmtime::component::Resource;

use super::session::lend;
use super::{Subject, settings};
use crate::bindings::log::{self, Host as _};
use crate::bindings::session::{HostSession as _, TransactionFilter};
use crate::bindings::settings::{Entry, Host as _, Value};
use crate::bindings::types::{Instrument, TransactionStatuses};
use crate::call::{CallSetup, CallState};
use crate::fuzzing::{Draw, decimal, list, maybe};
use crate::lane::Slice;
use crate::spent::Spent;
use crate::{Host, PluginRef, RuntimeError};

/// Values of settings as a guest saves them, as the host takes them: by key,
/// their JSON. None where they are refused.
pub fn entries(
    draw: &mut impl Draw,
    definitions: &Definitions,
) -> Option<Vec<(String, serde_json::Value)>> {
    let entries = list(draw, |draw| entry(draw, definitions));
    let patch = settings::read_entries(definitions, entries).ok()?;
    let values = patch.into_iter();
    Some(
        values
            .filter_map(|(key, json)| Some((key, json?)))
            .collect(),
    )
}

/// A call of this plugin, in which it asks the host for one thing after the
/// other; an expert's on behalf of this instance.
///
/// # Errors
/// Where the call can't begin.
pub async fn ask(
    host: &Host,
    plugin: &PluginRef,
    expert: ExpertId,
    draw: &mut impl Draw,
) -> Result<(), RuntimeError> {
    let mut session = host.call_session(Purpose::host("fuzzing"), &plugin.limits);
    let subject = match plugin.plugin.manifest.kind {
        PluginKind::Widget => Subject::Widget(Settings::default()),
        PluginKind::Expert => Subject::Expert(host.accounts.expert(expert, &mut session).await?),
    };
    let setup = CallSetup {
        id: CallId(1),
        plugin: Arc::clone(&plugin.plugin),
        grants: plugin.grants.clone(),
        accounts: host.accounts.clone(),
        subject,
        as_of: host.clock.now(),
        limits: plugin.limits,
        memory: host.memory.clone(),
        slice: Arc::new(Slice::new(host.lane.clone())),
        function: "fuzzing",
        spent: Arc::new(Spent::new(session.meter())),
        tape: None,
    };
    let mut state = CallState::new(Arc::new(setup), session);
    for _ in 0..draw.byte() % 8 {
        match draw.byte() % 21 {
            choice @ ..=15 => of_session(&mut state, draw, choice).await,
            choice => of_others(&mut state, draw, choice).await,
        }
    }
    state.session.end();
    Ok(())
}

/// What comes of it is the guest's to know: an answer, or a fault in words.
async fn of_session<D: Draw>(state: &mut CallState, draw: &mut D, choice: u8) {
    let lent: Resource<_> = lend();
    let (one, limit) = (draw.number(), u32_of(draw));
    match choice {
        0 => drop(
            state
                .transactions(lent, filter(draw), Some(one), limit)
                .await,
        ),
        1 => drop(
            state
                .transaction_table(lent, filter(draw), None, limit)
                .await,
        ),
        2 => drop(state.transaction(lent, one).await),
        3 => drop(state.transactions_by_id(lent, list(draw, D::number)).await),
        4 => drop(state.orders_by_id(lent, list(draw, D::number)).await),
        5 => drop(state.order_table(lent, list(draw, D::number)).await),
        6 => drop(state.order(lent, one).await),
        7 => drop(state.account(lent, one).await),
        8 => drop(state.balances(lent, list(draw, D::number)).await),
        9 => drop(state.positions_of(lent, list(draw, D::number)).await),
        10 => drop(state.quotes(lent, list(draw, instrument)).await),
        11 => drop(state.expert(lent, one).await),
        12 => {
            let until = one.cast_signed();
            drop(state.bars(lent, draw.text(), until, limit).await);
        }
        13 => {
            let until = one.cast_signed();
            let symbols = list(draw, D::text);
            drop(state.bars_of(lent, symbols, until, limit).await);
        }
        14 => drop(state.book_table(lent, filter(draw), Some(one), limit).await),
        _ => {
            let experts = list(draw, D::number);
            drop(state.recommendations_of(lent, experts, limit).await);
        }
    }
}

async fn of_others(state: &mut CallState, draw: &mut impl Draw, choice: u8) {
    let definitions = state.setup.plugin.definitions.clone();
    match choice {
        16 => drop(state.get(key(draw, &definitions))),
        17 => drop(state.get_account(draw.text()).await),
        18 => {
            let patch = list(draw, |draw| entry(draw, &definitions));
            drop(state.save(patch).await);
        }
        19 => {
            let entries = list(draw, |draw| entry(draw, &definitions));
            drop(state.replace(entries).await);
        }
        _ => drop(state.write(log::Level::Info, draw.text())),
    }
    drop(state.all());
}

fn u32_of(draw: &mut impl Draw) -> u32 {
    u32::try_from(draw.number()).unwrap_or(u32::MAX)
}

fn filter<D: Draw>(draw: &mut D) -> TransactionFilter {
    TransactionFilter {
        statuses: TransactionStatuses::all(),
        expert: maybe(draw, D::number),
        symbol: maybe(draw, D::text),
    }
}

fn instrument(draw: &mut impl Draw) -> Instrument {
    Instrument {
        account: draw.number(),
        symbol: draw.text().into(),
    }
}

/// Mostly one that is declared.
fn key(draw: &mut impl Draw, definitions: &Definitions) -> String {
    let among = usize::from(draw.byte()) % (definitions.len() + 1);
    match definitions.iter().nth(among) {
        Some((key, _)) => key.to_owned(),
        None => draw.text(),
    }
}

fn entry<D: Draw>(draw: &mut D, definitions: &Definitions) -> Entry {
    Entry {
        key: key(draw, definitions),
        value: match draw.byte() % 7 {
            0 => Value::Str(draw.text()),
            1 => Value::Int(draw.number().cast_signed()),
            2 => Value::Float(f64::from_bits(draw.number())),
            3 => Value::Decimal(decimal(draw)),
            4 => Value::Bool(draw.byte() & 1 == 1),
            5 => Value::Json(draw.text()),
            _ => Value::List(list(draw, D::text)),
        },
    }
}
