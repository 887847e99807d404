//! What a guest could hand over, for the fuzz targets in `fuzz/`.
//!
//! Owns: values of the contract, made of whatever somebody draws, and that they
//! go where those of a guest go. Behind the feature `fuzzing`, which nobody but
//! those targets switches on: no part of what this crate promises.
//! Must not know: where what is drawn comes from.

use lombard_model::view::View;
use lombard_model::{Digest, Manifest, Recommendation, Symbol, check_recommendations};
use wasmtime::Engine;
use wasmtime::component::Component;

use crate::bindings::{analysis, types, views};
use crate::plugin::Linkers;
use crate::{CallError, Limits, RuntimeError, convert, view_check};

pub use crate::capabilities::fuzzing::{ask, entries};

/// Where values come from.
pub trait Draw {
    /// A small number, mostly to choose by.
    fn byte(&mut self) -> u8;
    /// Any number.
    fn number(&mut self) -> u64;
    /// Any text.
    fn text(&mut self) -> String;
}

/// What makes a plugin of a file that was let in, and keeps nothing of it.
pub struct Compiler {
    engine: Engine,
    linkers: Linkers,
}

impl Compiler {
    /// For plugins with these limits.
    ///
    /// # Errors
    /// Where there can't be an engine.
    pub fn new(limits: &Limits) -> Result<Self, RuntimeError> {
        let engine = crate::engine::engine(limits)?;
        let linkers = Linkers::new(&engine)?;
        Ok(Self { engine, linkers })
    }

    /// Compiles the file and links it into its world.
    ///
    /// # Errors
    /// Where it can't be compiled, or its types are not those of the contract.
    pub fn compile(
        &self,
        manifest: Manifest,
        digest: Digest,
        bytes: &[u8],
    ) -> Result<(), RuntimeError> {
        let component = Component::new(&self.engine, bytes)
            .map_err(|error| RuntimeError::Compile(format!("{error:#}")))?;
        self.linkers.link(manifest, digest, &component).map(drop)
    }
}

impl std::fmt::Debug for Compiler {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Compiler").finish_non_exhaustive()
    }
}

/// A view as a guest answers it, as the host takes it.
///
/// # Errors
/// Where it is refused.
pub fn view(draw: &mut impl Draw, max_rows: usize) -> Result<View, CallError> {
    let view = views::View {
        title: draw.text(),
        blocks: list(draw, block),
    };
    view_check::take(view, max_rows)
}

/// What an expert answers that was asked about these symbols, as the host
/// takes it.
///
/// # Errors
/// Where it is refused.
pub fn recommendations(
    draw: &mut impl Draw,
    asked: &[Symbol],
) -> Result<Vec<Recommendation>, CallError> {
    let answer = list(draw, |draw| recommendation(draw, asked));
    let answer = answer.into_iter().map(convert::recommendation);
    let answer = answer.collect::<Result<Vec<_>, _>>()?;
    check_recommendations(asked, &answer)?;
    Ok(answer)
}

pub(crate) fn decimal(draw: &mut impl Draw) -> types::Decimal {
    types::Decimal {
        mantissa: draw.number().cast_signed(),
        // Mostly one that there is.
        scale: match draw.byte() {
            scale @ 240.. => scale,
            scale => scale % 32,
        },
    }
}

pub(crate) fn maybe<D: Draw, T>(draw: &mut D, make: impl FnOnce(&mut D) -> T) -> Option<T> {
    (draw.byte() & 1 == 1).then(|| make(draw))
}

/// A few, seldom more than fit anywhere.
pub(crate) fn list<D: Draw, T>(draw: &mut D, make: impl FnMut(&mut D) -> T) -> Vec<T> {
    let length = match draw.byte() {
        u8::MAX => 201,
        length => length % 6,
    };
    let mut make = make;
    (0..length).map(|_| make(draw)).collect()
}

fn one_of<T: Copy>(draw: &mut impl Draw, choices: &[T]) -> T {
    choices[usize::from(draw.byte()) % choices.len()]
}

fn block<D: Draw>(draw: &mut D) -> views::Block {
    match draw.byte() % 7 {
        0 => views::Block::Stat(views::Stat {
            key: draw.text(),
            label: draw.text(),
            kind: kind(draw),
            value: cell(draw),
        }),
        1 => views::Block::Table(views::Table {
            columns: list(draw, |draw| views::Column {
                key: draw.text(),
                label: draw.text(),
                kind: kind(draw),
            }),
            rows: list(draw, |draw| views::Row {
                id: maybe(draw, D::number),
                cells: list(draw, cell),
            }),
        }),
        2 => views::Block::Bars(views::BarSeries {
            label: draw.text(),
            kind: kind(draw),
            parts: list(draw, D::text),
            stacks: list(draw, |draw| views::Stack {
                label: draw.text(),
                lengths: list(draw, |draw| maybe(draw, decimal)),
            }),
        }),
        3 => views::Block::Lines(views::LineSeries {
            label: draw.text(),
            kind: kind(draw),
            lines: list(draw, |draw| views::Line {
                label: draw.text(),
                points: list(draw, |draw| views::Point {
                    at: draw.number().cast_signed(),
                    value: decimal(draw),
                }),
            }),
        }),
        4 => views::Block::Text(draw.text()),
        5 => views::Block::Empty(draw.text()),
        _ => views::Block::Warning(draw.text()),
    }
}

fn kind(draw: &mut impl Draw) -> views::Kind {
    use views::Kind::{Integer, Money, Percent, Quantity, Text, Time};
    one_of(draw, &[Text, Integer, Money, Percent, Quantity, Time])
}

fn cell(draw: &mut impl Draw) -> views::Cell {
    match draw.byte() % 5 {
        0 => views::Cell::Absent,
        1 => views::Cell::Text(draw.text()),
        2 => views::Cell::Integer(draw.number().cast_signed()),
        3 => views::Cell::Decimal(decimal(draw)),
        _ => views::Cell::Time(draw.number().cast_signed()),
    }
}

fn recommendation(draw: &mut impl Draw, asked: &[Symbol]) -> analysis::Recommendation {
    use analysis::{Action, RiskLevel, TimeHorizon};
    let among = usize::from(draw.byte());
    let symbol = match asked.get(among % (asked.len() + 1)) {
        Some(symbol) => symbol.to_string(),
        None => draw.text(),
    };
    analysis::Recommendation {
        symbol,
        action: one_of(draw, &[Action::Buy, Action::Sell, Action::Hold]),
        confidence: decimal(draw),
        risk: one_of(draw, &[RiskLevel::Low, RiskLevel::Medium, RiskLevel::High]),
        horizon: one_of(
            draw,
            &[
                TimeHorizon::ShortTerm,
                TimeHorizon::MediumTerm,
                TimeHorizon::LongTerm,
            ],
        ),
        expected_profit_percent: decimal(draw),
        explanation: draw.text(),
    }
}
