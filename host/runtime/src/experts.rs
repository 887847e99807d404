//! Running an expert.
//!
//! Owns: which symbols it looks at, checking what it answers, and storing the
//! analysis with its recommendations. Must not know: when to run it.

use std::collections::BTreeSet;
use std::pin::pin;
use std::sync::Arc;

use lombard_accounts::{ExpertKind, Loaded};
use lombard_model::{
    AnalysisId, CallCost, Decimal, ExpertId, PluginKind, Recommendation, SettingError,
    SettingValue, Settings, Symbol, SymbolChoice, SymbolError, UseCase, check_recommendations,
};
use lombard_store::{Bounds, NewAnalysis, Purpose, Session};

use crate::bindings::analysis::{self, AnalysisRequest};
use crate::call::{self, CallSetup, CallState, Export, Exported};
use crate::capabilities::{Subject, lend, scope};
use crate::host::purpose;
use crate::plugin::Instance;
use crate::record::{Entry, Who};
use crate::recording::{Outcome, Recorded, RecordedRequest, Recording, Taken, Tape};
use crate::{CallError, Host, PluginRef, RuntimeError, convert};

/// A run to make.
#[derive(Clone, Debug)]
pub struct RunRequest {
    /// The expert instance.
    pub expert: ExpertId,
    /// What to look at; where empty, what the instance's `enabled_instruments`
    /// name, else all symbols that have bars. An expert that picks its own
    /// picks from the latter two.
    pub symbols: Vec<Symbol>,
    /// What for.
    pub use_case: UseCase,
}

/// A run that was made and stored.
#[derive(Clone, Debug)]
pub struct ExpertRun {
    /// The stored analysis.
    pub analysis: AnalysisId,
    /// What the expert looked at: where it picks for itself, what it picked.
    pub symbols: Vec<Symbol>,
    /// What it recommended and the host kept.
    pub recommendations: Vec<Recommendation>,
    /// Recommendations below the instance's `min_confidence`.
    pub below_confidence: usize,
    /// What it cost, storing included.
    pub cost: CallCost,
}

/// What a run is made with.
struct Prepared {
    plugin: PluginRef,
    expert: Loaded<ExpertKind>,
    symbols: Vec<Symbol>,
}

/// What is called.
const ANALYZE: &str = "analyze";

/// The export of an expert.
struct Analyze(AnalysisRequest);

impl Export for Analyze {
    type Answer = Vec<analysis::Recommendation>;

    async fn call(
        &self,
        instance: &Instance,
        store: &mut wasmtime::Store<CallState>,
    ) -> Exported<Self::Answer> {
        let Instance::Expert(expert) = instance else {
            return Err(wasmtime::Error::msg("this is no expert"));
        };
        expert.call_analyze(store, lend(), &self.0).await
    }
}

impl Host {
    /// Runs an expert and stores what comes of it: the analysis with its
    /// recommendations or, where it fails, the analysis with its error.
    ///
    /// # Errors
    /// Where the instance or its plugin is not there or not fit to run, the
    /// call fails, or its answer is refused.
    pub async fn run_expert(&self, request: RunRequest) -> Result<ExpertRun, RuntimeError> {
        self.run_taped(request, None).await
    }

    /// The same, with a recording of what it asked of the host.
    ///
    /// # Errors
    /// Where the plugin was not called. A call that fails, or whose answer is
    /// refused, has a recording, too.
    pub async fn run_expert_recorded(
        &self,
        request: RunRequest,
    ) -> Result<Recorded<ExpertRun>, RuntimeError> {
        let mut taken = None;
        let run = self.run_taped(request, Some(&mut taken)).await;
        Recorded::of(run, taken)
    }

    async fn run_taped(
        &self,
        request: RunRequest,
        taken: Option<&mut Taken>,
    ) -> Result<ExpertRun, RuntimeError> {
        // One session for all of it: what the host reads to prepare the run is
        // read on behalf of the call, over the call's connection.
        let id = self.next_call();
        let purpose = Purpose {
            who: format!("expert {}", request.expert).into(),
            call: format!("{ANALYZE} {id}"),
        };
        let mut session = self.call_session(purpose, &self.limits);
        let who = Who::Expert(request.expert, None);
        let mut entry = Entry::begin(self, id, ANALYZE, who, session.meter());
        let prepared = self.prepare(&request, &mut session, &mut entry).await;
        let prepared = match prepared {
            Ok(prepared) => prepared,
            Err(error) => {
                session.end();
                entry.end_early(&error);
                return Err(error);
            }
        };
        let Prepared {
            plugin,
            expert,
            symbols,
        } = prepared;
        let state = Arc::clone(&expert.state);
        let analysis = |result| NewAnalysis {
            expert: request.expert,
            plugin: plugin.plugin.manifest.name.clone(),
            version: plugin.plugin.manifest.version.clone(),
            digest: plugin.plugin.digest,
            use_case: request.use_case,
            symbols: symbols.clone(),
            created_at: self.clock.now(),
            result,
        };
        let subject = Subject::Expert(expert);
        let looks_at = (symbols.as_slice(), request.use_case);
        let analyzed = self
            .analyze(&plugin, subject, looks_at, session, (entry, taken))
            .await;
        let (recommendations, mut cost) = match analyzed {
            Ok(analyzed) => analyzed,
            Err(error) => {
                self.store
                    .store_analysis(analysis(Err(error.to_string())))
                    .await?;
                return Err(error);
            }
        };
        let answered = recommendations.len();
        let picks = plugin.plugin.manifest.symbols == SymbolChoice::Picked;
        let looked_at = match picks && request.symbols.is_empty() {
            true => recommendations
                .iter()
                .map(|one| one.symbol.clone())
                .collect(),
            false => symbols.clone(),
        };
        let least = min_confidence(&state.settings, &plugin)?;
        let kept = recommendations
            .into_iter()
            .filter(|one| one.confidence >= least);
        let kept: Vec<_> = kept.collect();
        let stored = self
            .store
            .store_analysis(NewAnalysis {
                symbols: looked_at.clone(),
                ..analysis(Ok(kept.clone()))
            })
            .await?;
        cost.statements += stored.statements;
        cost.rows += stored.rows;
        Ok(ExpertRun {
            analysis: stored.value,
            symbols: looked_at,
            below_confidence: answered - kept.len(),
            recommendations: kept,
            cost,
        })
    }

    /// Finds out what to run on what, before the plugin is called.
    async fn prepare(
        &self,
        request: &RunRequest,
        session: &mut Session,
        entry: &mut Entry<'_>,
    ) -> Result<Prepared, RuntimeError> {
        // A run stores what comes of it and almost always reads bars: it takes
        // its snapshot first, and everything below is of that version.
        let opened = session.open().await;
        // Where it can't be taken, the cache may still know whose call it was.
        let loaded = self.accounts.expert(request.expert, session).await;
        if let Ok(loaded) = &loaded {
            let name = loaded.state.expert.plugin.parse().ok();
            entry.who = Who::Expert(request.expert, name);
        }
        opened?;
        let loaded = loaded?;
        let expert = &loaded.state.expert;
        if !expert.enabled {
            return Err(RuntimeError::Disabled(expert.id));
        }
        let plugin = self.plugin_of(expert).await?;
        entry.who = Who::Plugin(Arc::clone(&plugin.plugin));
        plugin.of_kind(PluginKind::Expert)?;
        scope::enter(&plugin, expert, session)?;
        let settings = &loaded.state.settings;
        settings.check(&plugin.plugin.definitions)?;
        let symbols = self.symbols(request, settings, &plugin, session).await?;
        session.expect_bars_of(&symbols).await?;
        Ok(Prepared {
            plugin,
            expert: loaded,
            symbols,
        })
    }

    async fn analyze(
        &self,
        plugin: &PluginRef,
        subject: Subject,
        (symbols, use_case): (&[Symbol], UseCase),
        mut session: Box<Session>,
        (entry, taken): (Entry<'_>, Option<&mut Taken>),
    ) -> Result<(Vec<Recommendation>, CallCost), RuntimeError> {
        // What it was opened for is known better now.
        session.on_behalf_of(purpose(plugin, ANALYZE, entry.id));
        session.bounded(Bounds::from(&plugin.limits));
        if taken.is_some() {
            plugin.plugin.link_taped(&self.engine)?;
        }
        let tape = taken.is_some().then(Tape::blank);
        let of = (entry.id, entry.function, Arc::clone(&entry.spent));
        let setup = self.setup(plugin, subject, of, tape);
        // It is kilobytes, which stay where they are.
        let call = pin!(self.analyzed(&setup, session, symbols, use_case));
        let analyzed = self.call(plugin, entry, call).await;
        if let Some(taken) = taken {
            let outcome = analyzed.as_ref();
            let outcome = outcome.map(|(all, cost)| (Outcome::Recommendations(all.clone()), *cost));
            let request = RecordedRequest::Analyze {
                symbols: symbols.to_vec(),
                use_case,
            };
            *taken = Recording::taken(&setup, plugin, request, outcome);
        }
        analyzed
    }

    /// Calls an expert that is set up, and takes and checks its answer.
    pub(crate) async fn analyzed(
        &self,
        setup: &Arc<CallSetup>,
        session: Box<Session>,
        symbols: &[Symbol],
        use_case: UseCase,
    ) -> Result<Vec<Recommendation>, CallError> {
        let analyze = Analyze(AnalysisRequest {
            symbols: symbols
                .iter()
                .map(|symbol| symbol.as_str().to_owned())
                .collect(),
            use_case: use_case.into(),
        });
        let answer = call::run(&self.spares, setup, session, &analyze).await?;
        let taken = |one| convert::recommendation(one, &setup.limits);
        let answer = answer.value.into_iter().map(taken);
        let answer = answer.collect::<Result<Vec<_>, CallError>>()?;
        check_recommendations(symbols, &answer)?;
        Ok(answer)
    }

    async fn symbols(
        &self,
        request: &RunRequest,
        settings: &Settings,
        plugin: &PluginRef,
        session: &mut Session,
    ) -> Result<Vec<Symbol>, RuntimeError> {
        let distinct = |symbols: Vec<Symbol>| {
            let symbols: BTreeSet<_> = symbols.into_iter().collect();
            symbols.into_iter().collect::<Vec<_>>()
        };
        let mut symbols = distinct(request.symbols.clone());
        if symbols.is_empty() {
            let enabled = settings.get(&plugin.plugin.definitions, "enabled_instruments")?;
            if let Some(SettingValue::List(names)) = enabled {
                // A name that can't be a symbol is told: left out, the expert
                // would look at less than it was set to, or at everything.
                let fault = |fault: SymbolError| SettingError::NotValid {
                    key: "enabled_instruments".to_owned(),
                    found: fault.0,
                    valid: "symbols of 1 to 32 printable characters".to_owned(),
                };
                let named = names
                    .into_iter()
                    .map(|name| Symbol::new(name).map_err(fault));
                symbols = distinct(named.collect::<Result<_, _>>()?);
            }
        }
        if symbols.is_empty() {
            symbols = session.symbols_with_bars().await?.to_vec();
        }
        match symbols.is_empty() {
            true => Err(RuntimeError::NoSymbols),
            false => Ok(symbols),
        }
    }
}

fn min_confidence(settings: &Settings, plugin: &PluginRef) -> Result<Decimal, RuntimeError> {
    let value = settings.get(&plugin.plugin.definitions, "min_confidence")?;
    Ok(match value {
        Some(SettingValue::Decimal(least)) => least,
        _ => Decimal::ZERO,
    })
}
