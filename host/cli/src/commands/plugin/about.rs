//! What a plugin is, and what it has cost.
//!
//! Owns: the shape of both in JSON and in words. Must not know: where they
//! come from.

use lombard_model::view::{Cell, Kind};
use lombard_model::{AccountScope, Granted, Grants, Limits, PluginKind, SymbolChoice};
use lombard_runtime::Inspected;
use lombard_store::PluginBill;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use crate::commands::check;
use crate::commands::source::count;
use crate::draw::{self, Style};

/// What a plugin's file tells, with what it was granted where it is installed.
#[derive(Serialize)]
pub(in crate::commands) struct About {
    pub(super) name: String,
    pub(super) version: String,
    pub(super) kind: PluginKind,
    pub(super) symbols: Option<SymbolChoice>,
    pub(super) api: String,
    pub(super) description: String,
    pub(super) digest: String,
    pub(super) bytes: u64,
    pub(super) imports: Vec<String>,
    pub(super) asks_for: Grants,
    pub(super) granted: Option<Grants>,
    pub(super) accounts: Option<AccountScope>,
    pub(super) settings: Json,
}

/// What the recorded calls of one function have cost.
#[derive(Deserialize, Serialize)]
pub(super) struct Bill {
    function: String,
    calls: u64,
    failures: u64,
    sessions: u64,
    statements: u64,
    most_statements: u64,
    rows: u64,
    longest_wait_us: u64,
    longest_held_us: u64,
    wall_us: u64,
}

impl About {
    pub(in crate::commands) fn of(inspected: &Inspected, granted: Option<&Granted>) -> Self {
        let manifest = &inspected.manifest;
        Self {
            name: manifest.name.to_string(),
            version: manifest.version.clone(),
            kind: manifest.kind,
            symbols: (manifest.kind == PluginKind::Expert).then_some(manifest.symbols),
            api: manifest.api.clone(),
            description: manifest.description.clone(),
            digest: inspected.digest.to_string(),
            bytes: u64::try_from(inspected.size).unwrap_or(u64::MAX),
            imports: inspected.imports.clone(),
            asks_for: manifest.grants.clone(),
            granted: granted.map(|granted| granted.grants.clone()),
            accounts: granted.map(|granted| granted.accounts.clone()),
            settings: json!(manifest.settings),
        }
    }

    pub(in crate::commands) fn words(&self, style: Style) -> String {
        let mut entries: Vec<(&str, Kind, Cell)> = vec![
            ("name", Kind::Text, self.name.as_str().into()),
            ("version", Kind::Text, self.version.as_str().into()),
            ("kind", Kind::Text, self.kind.as_str().into()),
            ("description", Kind::Text, self.description.as_str().into()),
            (
                "built for",
                Kind::Text,
                format!("lombard:platform {}", self.api).into(),
            ),
            ("digest", Kind::Text, self.digest.as_str().into()),
            ("bytes", Kind::Integer, count(self.bytes)),
            ("imports", Kind::Text, self.imports.join(", ").into()),
            ("asks for", Kind::Text, self.asks_for.to_string().into()),
        ];
        if let Some(choice) = self.symbols {
            entries.push(("symbols", Kind::Text, choice.as_str().into()));
        }
        if let Some(granted) = &self.granted {
            entries.push(("granted", Kind::Text, granted.to_string().into()));
        }
        let settings = self.settings.as_object().into_iter();
        let settings: Vec<_> = settings
            .flat_map(|settings| settings.keys())
            .map(String::as_str)
            .collect();
        if !settings.is_empty() {
            entries.push(("settings", Kind::Text, settings.join(", ").into()));
        }
        draw::key_values(&entries, style)
    }

    /// What it was granted, in words.
    pub(super) fn may(&self, style: Style) -> String {
        let Some(granted) = &self.granted else {
            return String::new();
        };
        let accounts = self.accounts.clone().unwrap_or_default().words();
        let sees = match granted.is_empty() {
            true => String::new(),
            false => format!("with {accounts}\n"),
        };
        draw::heading("It may", style) + &check::asks(granted.iter(), style) + &sees
    }
}

/// All limits, by name.
pub(in crate::commands) fn limit_words(limits: &Limits, style: Style) -> String {
    let entries: Vec<_> = limits
        .iter()
        .map(|(limit, value)| (limit.as_str(), Kind::Integer, count(value)))
        .collect();
    draw::key_values(&entries, style)
}

pub(super) fn bill_words(bills: &[Bill], style: Style) -> String {
    let rows: Vec<_> = bills
        .iter()
        .map(|bill| {
            vec![
                bill.function.as_str().into(),
                count(bill.calls),
                count(bill.failures),
                count(bill.sessions),
                count(bill.statements),
                count(bill.most_statements),
            ]
        })
        .collect();
    if rows.is_empty() {
        return String::new();
    }
    let columns = [
        ("Called", Kind::Text),
        ("Calls", Kind::Integer),
        ("Failures", Kind::Integer),
        ("Sessions", Kind::Integer),
        ("Statements", Kind::Integer),
        ("Most in a call", Kind::Integer),
    ];
    format!("\n{}", draw::table(&columns, &rows, style))
}

impl From<PluginBill> for Bill {
    fn from(bill: PluginBill) -> Self {
        Self {
            function: bill.function,
            calls: bill.calls,
            failures: bill.failures,
            sessions: bill.sessions,
            statements: bill.statements,
            most_statements: bill.most_statements,
            rows: bill.rows,
            longest_wait_us: bill.longest_wait_us,
            longest_held_us: bill.longest_held_us,
            wall_us: bill.wall_us,
        }
    }
}
