//! What an author implements, and how it becomes a component's export.
//!
//! Owns: the two traits, their requests, and the macros. Must not know: what a
//! plugin computes.

use lombard_model::view::View;
use lombard_model::{Recommendation, Symbol, UseCase};

use crate::{Error, Session};

/// How a widget is asked to draw.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RenderRequest {
    /// The most table rows that there is room for; all, where absent. A widget
    /// that leaves rows out says so in a text block.
    pub max_rows: Option<u32>,
}

/// One analysis.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AnalysisRequest {
    /// The symbols to look at; never empty, none twice.
    pub symbols: Vec<Symbol>,
    /// What for.
    pub use_case: UseCase,
}

/// A plugin that shows the state of the book. Export it with
/// [`widget!`](crate::widget).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no widget",
    label = "does not implement `Widget`",
    note = "write `impl Widget for {Self}` with its `render`, above `lombard_sdk::widget!({Self})`; an expert is exported with `lombard_sdk::expert!`"
)]
pub trait Widget {
    /// Draws the widget once.
    ///
    /// # Errors
    /// Where there is nothing it can show. One that can show a part shows it
    /// with a warning.
    fn render(session: &Session, request: &RenderRequest) -> Result<View, Error>;
}

/// A plugin that analyses instruments and recommends. Export it with
/// [`expert!`](crate::expert).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no expert",
    label = "does not implement `Expert`",
    note = "write `impl Expert for {Self}` with its `analyze`, above `lombard_sdk::expert!({Self})`; a widget is exported with `lombard_sdk::widget!`"
)]
pub trait Expert {
    /// Analyses the symbols of the request, once; at most one recommendation a
    /// symbol, in any order.
    ///
    /// # Errors
    /// Where it can say nothing about any of them.
    fn analyze(session: &Session, request: &AnalysisRequest) -> Result<Vec<Recommendation>, Error>;
}

/// Makes the crate a widget component of a type that implements
/// [`Widget`](crate::Widget).
///
/// ```
/// use lombard_sdk::prelude::*;
///
/// struct Greeting;
///
/// impl Widget for Greeting {
///     fn render(session: &Session, _: &RenderRequest) -> Result<View, Error> {
///         let accounts = session.accounts()?.len();
///         Ok(view("Greeting").text(format!("{accounts} accounts")).build())
///     }
/// }
///
/// lombard_sdk::widget!(Greeting);
/// ```
///
/// An expert is none:
///
/// ```compile_fail,E0277
/// # use lombard_sdk::prelude::*;
/// struct Silent;
///
/// impl Expert for Silent {
///     fn analyze(_: &Session, _: &AnalysisRequest) -> Result<Vec<Recommendation>, Error> {
///         Ok(Vec::new())
///     }
/// }
///
/// lombard_sdk::widget!(Silent);
/// ```
#[macro_export]
macro_rules! widget {
    ($widget:ty) => {
        const _: () = {
            struct Exported;

            impl $crate::bindings::widget::Guest for Exported {
                fn render(
                    session: &$crate::bindings::widget::Session,
                    request: $crate::bindings::widget::RenderRequest,
                ) -> ::std::result::Result<
                    $crate::bindings::widget::View,
                    $crate::bindings::widget::PluginError,
                > {
                    $crate::__private::render::<$widget>(session, request)
                }
            }

    $crate::bindings::widget::export!(Exported with_types_in $crate::bindings::widget);
        };
    };
}

/// Makes the crate an expert component of a type that implements
/// [`Expert`](crate::Expert).
///
/// ```
/// use lombard_sdk::prelude::*;
///
/// struct Silent;
///
/// impl Expert for Silent {
///     fn analyze(_: &Session, request: &AnalysisRequest) -> Result<Vec<Recommendation>, Error> {
///         log::info!("nothing to say on {} symbols", request.symbols.len());
///         Ok(Vec::new())
///     }
/// }
///
/// lombard_sdk::expert!(Silent);
/// ```
///
/// A type without the trait is told so:
///
/// ```compile_fail,E0277
/// struct Nothing;
///
/// lombard_sdk::expert!(Nothing);
/// ```
#[macro_export]
macro_rules! expert {
    ($expert:ty) => {
        const _: () = {
            struct Exported;

            impl $crate::bindings::expert::Guest for Exported {
                fn analyze(
                    session: &$crate::bindings::expert::Session,
                    request: $crate::bindings::expert::AnalysisRequest,
                ) -> ::std::result::Result<
                    ::std::vec::Vec<$crate::bindings::expert::Recommendation>,
                    $crate::bindings::expert::PluginError,
                > {
                    $crate::__private::analyze::<$expert>(session, request)
                }
            }

    $crate::bindings::expert::export!(Exported with_types_in $crate::bindings::expert);
        };
    };
}

/// What the macros call.
#[doc(hidden)]
pub mod __private {
    use lombard_model::UseCase;

    use super::{AnalysisRequest, Expert, RenderRequest, Widget};
    use crate::bindings::{analysis, expert, lent, session, types, views};
    use crate::{Error, lift, log, lower, remembered};

    pub fn render<T: Widget>(
        session: &session::Session,
        request: views::RenderRequest,
    ) -> Result<views::View, types::PluginError> {
        begin();
        let request = RenderRequest {
            max_rows: request.max_rows,
        };
        Ok(T::render(lent(session), &request).and_then(lower::view)?)
    }

    pub fn analyze<T: Expert>(
        session: &session::Session,
        request: expert::AnalysisRequest,
    ) -> Result<Vec<analysis::Recommendation>, types::PluginError> {
        begin();
        let request = asked(request)?;
        let answer = T::analyze(lent(session), &request)?;
        Ok(lower::all(answer, lower::recommendation)?)
    }

    fn asked(request: expert::AnalysisRequest) -> Result<AnalysisRequest, Error> {
        Ok(AnalysisRequest {
            symbols: lift::all(request.symbols, lift::symbol)?,
            use_case: match request.use_case {
                analysis::UseCase::EnterMarket => UseCase::EnterMarket,
                analysis::UseCase::OpenPositions => UseCase::OpenPositions,
            },
        })
    }

    fn begin() {
        remembered::forget();
        // A panic ends in a trap, which says nothing; so the words go to the log.
        std::panic::set_hook(Box::new(|panic| {
            log::write(log::Level::Error, &panic.to_string());
        }));
    }
}
