//! The closed sets of words of the book.
//!
//! Owns: sides, the states of transactions and orders, order types, and which
//! phase each order state belongs to. Must not know: who stores or shows them.

use std::borrow::Cow;

use crate::named::named_enum;

named_enum! {
    /// Which way an order or a transaction goes.
    "side": Side {
        /// Long, or covering a short.
        Buy = "buy",
        /// Short, or closing a long.
        Sell = "sell",
    }
}

named_enum! {
    /// Where a transaction stands. All but `Closed` are open.
    "transaction status": TransactionStatus {
        /// Its entry has not been executed yet.
        Waiting = "waiting",
        /// It holds a position.
        Opened = "opened",
        /// Its exit is under way; it still holds its position.
        Closing = "closing",
        /// It is over.
        Closed = "closed",
    }
}

impl TransactionStatus {
    /// Every status but `closed`: one that is `closing` still holds its
    /// position.
    pub const OPEN: &'static [Self] = &[Self::Waiting, Self::Opened, Self::Closing];
}

named_enum! {
    /// What an order's state amounts to.
    "order phase": OrderPhase {
        /// Not at the broker yet.
        Unsent = "unsent",
        /// At the broker, and more of it may be executed.
        Working = "working",
        /// Executed in full.
        Filled = "filled",
        /// Over, or on its way to be; it may hold a partial fill.
        Ended = "ended",
    }
}

named_enum! {
    /// The states that Lombard's brokers give an order.
    "order state": OrderState {
        /// At the broker.
        Open = "open",
        /// Executed and settled.
        Closed = "closed",
        /// At the broker, not routed yet.
        New = "new",
        /// The broker has not said yet what it is.
        Unknown = "unknown",
        /// Called back.
        Canceled = "canceled",
        /// On its way to the broker.
        Pending = "pending",
        /// Kept back until the order it depends on is executed.
        WaitingTrigger = "waiting_trigger",
        /// Taken by the broker.
        Accepted = "accepted",
        /// Refused by the broker.
        Rejected = "rejected",
        /// On its way through the broker.
        PendingNew = "pending_new",
        /// Executed in part, the rest working.
        PartiallyFilled = "partially_filled",
        /// Executed in full.
        Filled = "filled",
        /// Over for the day.
        DoneForDay = "done_for_day",
        /// Its time is over.
        Expired = "expired",
        /// Another order took its place.
        Replaced = "replaced",
        /// Being called back.
        PendingCancel = "pending_cancel",
        /// Being replaced, working until it is.
        PendingReplace = "pending_replace",
        /// Looked at by the broker before it works.
        PendingReview = "pending_review",
        /// Taken for an auction.
        AcceptedForBidding = "accepted_for_bidding",
        /// Stopped by the venue at a guaranteed price.
        Stopped = "stopped",
        /// Suspended by the venue.
        Suspended = "suspended",
        /// Done, its settlement being calculated.
        Calculated = "calculated",
        /// Held back by the broker for the order it depends on.
        Held = "held",
        /// Failed on the way.
        Error = "error",
    }
}

impl OrderState {
    /// What the state amounts to.
    ///
    /// `Working` are exactly the states whose unfilled rest still binds buying
    /// power in `balance-usage-per-expert`.
    #[must_use]
    pub const fn phase(self) -> OrderPhase {
        match self {
            Self::Unknown | Self::WaitingTrigger => OrderPhase::Unsent,
            Self::Pending
            | Self::New
            | Self::Open
            | Self::PendingNew
            | Self::Accepted
            | Self::PendingReplace
            | Self::PendingReview
            | Self::AcceptedForBidding
            | Self::Held
            | Self::PartiallyFilled => OrderPhase::Working,
            Self::Filled | Self::Closed => OrderPhase::Filled,
            Self::Canceled
            | Self::Rejected
            | Self::DoneForDay
            | Self::Expired
            | Self::Replaced
            | Self::PendingCancel
            | Self::Stopped
            | Self::Suspended
            | Self::Calculated
            | Self::Error => OrderPhase::Ended,
        }
    }
}

/// The state of an order as it crosses the boundary: the set of names is open
/// there, so a name comes with what it amounts to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderStatus {
    /// What the name amounts to.
    pub phase: OrderPhase,
    /// The name.
    pub name: Cow<'static, str>,
}

impl From<OrderState> for OrderStatus {
    fn from(state: OrderState) -> Self {
        Self {
            phase: state.phase(),
            name: Cow::Borrowed(state.as_str()),
        }
    }
}

named_enum! {
    /// How an order is to be executed. The direction stands in its side.
    "order type": OrderType {
        /// At once, at what the market gives.
        Market = "market",
        /// At the limit price or better.
        Limit = "limit",
        /// At the market once the stop price is reached.
        Stop = "stop",
        /// At the limit price or better once the stop price is reached.
        StopLimit = "stop_limit",
        /// A stop that follows the market.
        TrailingStop = "trailing_stop",
        /// Any other.
        Other = "other",
    }
}

impl OrderType {
    /// What a platform's own name for an order type amounts to, such as
    /// `sell_limit`: the direction is dropped, an unknown name is `Other`.
    #[must_use]
    pub fn from_platform_name(name: &str) -> Self {
        let name = name
            .strip_prefix("buy_")
            .or_else(|| name.strip_prefix("sell_"))
            .unwrap_or(name);
        name.parse().unwrap_or(Self::Other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_24_order_states_belong_to_one_phase_each() {
        assert_eq!(OrderState::ALL.len(), 24);
        let working: Vec<_> = OrderState::ALL
            .iter()
            .filter(|state| state.phase() == OrderPhase::Working)
            .map(|state| state.as_str())
            .collect();
        // The list of widgets.md.
        let mut expected = vec![
            "pending",
            "new",
            "open",
            "pending_new",
            "accepted",
            "pending_replace",
            "pending_review",
            "accepted_for_bidding",
            "held",
            "partially_filled",
        ];
        expected.sort_by_key(|name| OrderState::ALL.iter().position(|s| s.as_str() == *name));
        assert_eq!(working, expected);
    }

    #[test]
    fn names_are_read_back_and_others_are_told() {
        for state in OrderState::ALL {
            assert_eq!(state.as_str().parse::<OrderState>().as_ref(), Ok(state));
        }
        let error = "sold".parse::<Side>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "unknown side `sold`, expected one of buy, sell"
        );
    }

    #[test]
    fn a_platform_order_type_loses_only_its_direction() {
        assert_eq!(
            OrderType::from_platform_name("sell_stop_limit"),
            OrderType::StopLimit
        );
        assert_eq!(OrderType::from_platform_name("market"), OrderType::Market);
        assert_eq!(OrderType::from_platform_name("oco"), OrderType::Other);
    }
}
