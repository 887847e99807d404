//! The contract, as wasmtime's macro makes it from `wit/`.
//!
//! Owns: which host functions are async (those that may have to wait) and may
//! trap (all of them), that both worlds share one set of types, and which of
//! these are our own (`wire.rs`; `tables.rs` fills its tables).

mod tables;
#[expect(
    unreachable_pub,
    reason = "the generated bindings name it again as `pub`"
)]
pub mod wire;

/// The types, as the macro makes them.
pub(crate) mod made {
    wasmtime::component::bindgen!({
        path: "../../wit",
        interfaces: "import lombard:platform/types@0.1.0;",
        imports: { default: async | trappable },
        trappable_error_type: {
            "lombard:platform/types.session-error" => crate::capabilities::SessionFault,
            "lombard:platform/types.settings-error" => crate::capabilities::SettingsFault,
        },
    });

    pub(crate) use self::lombard::platform::types;
}

/// The world of widgets.
pub(crate) mod widget {
    wasmtime::component::bindgen!({
        path: "../../wit",
        world: "widget",
        // These never wait, and take a third less than as futures.
        imports: {
            "lombard:platform/log.write": trappable,
            "lombard:platform/session.[method]session.as-of": trappable,
            "lombard:platform/session.[drop]session": trappable,
            "lombard:platform/settings.get": trappable,
            "lombard:platform/settings.all": trappable,
            default: async | trappable,
        },
        exports: { default: async },
        with: {
            "lombard:platform/types": crate::bindings::wire,
            "lombard:platform/session.session": crate::capabilities::Lent,
        },
        trappable_error_type: {
            "lombard:platform/types.session-error" => crate::capabilities::SessionFault,
            "lombard:platform/types.settings-error" => crate::capabilities::SettingsFault,
        },
    });
}

/// The world of experts.
pub(crate) mod expert {
    wasmtime::component::bindgen!({
        path: "../../wit",
        world: "expert",
        imports: { default: async | trappable },
        exports: { default: async },
        with: {
            "lombard:platform/types": crate::bindings::wire,
            "lombard:platform/session": super::widget::lombard::platform::session,
            "lombard:platform/settings": super::widget::lombard::platform::settings,
            "lombard:platform/log": super::widget::lombard::platform::log,
        },
    });
}

pub(crate) use expert::lombard::platform::analysis;
pub(crate) use widget::lombard::platform::{log, session, settings, views};
pub(crate) use wire as types;
