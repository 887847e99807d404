//! What wit-bindgen generates of `wit/`, and the one cast beside it.
//!
//! The crate has a copy of the contract of its own, so that it can be packaged;
//! `cargo xtask tidy` sees that it is the same.
//!
//! Owns: all unsafe code of the SDK. A component's world is described by a
//! custom section that the export macro writes into the author's crate, so that
//! a widget exports `render` only, though the bindings of both worlds are here.
//! Must not know: what the values mean; `lift` and `lower` do.

#![expect(
    unsafe_code,
    reason = "generated bindings talk to the host through raw memory"
)]
#![allow(
    missing_docs,
    unreachable_pub,
    rust_2018_idioms,
    clippy::all,
    clippy::needless_pass_by_value,
    clippy::semicolon_if_nothing_returned,
    clippy::uninlined_format_args,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::unwrap_used,
    reason = "generated; documented in wit/"
)]

pub mod widget {
    wit_bindgen::generate!({
        world: "widget",
        path: "wit",
        pub_export_macro: true,
    });
}

pub mod expert {
    wit_bindgen::generate!({
        world: "expert",
        path: "wit",
        pub_export_macro: true,
        with: {
            "lombard:platform/types@0.1.0": crate::bindings::widget::lombard::platform::types,
            "lombard:platform/session@0.1.0": crate::bindings::widget::lombard::platform::session,
            "lombard:platform/settings@0.1.0": crate::bindings::widget::lombard::platform::settings,
            "lombard:platform/log@0.1.0": crate::bindings::widget::lombard::platform::log,
            "lombard:platform/analysis@0.1.0": generate,
        },
    });
}

pub(crate) use expert::lombard::platform::analysis;
pub(crate) use widget::lombard::platform::{log, session, settings, types, views};

/// The session as authors know it, over the generated one.
pub(crate) fn lent(session: &session::Session) -> &crate::Session {
    // SAFETY: `Session` is a transparent wrapper around the generated type, and
    // the borrow keeps its lifetime.
    unsafe { &*std::ptr::from_ref(session).cast() }
}
