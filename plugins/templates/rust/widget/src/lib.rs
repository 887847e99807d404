//! {{title}}.

use std::collections::BTreeMap;

use lombard_sdk::model::Transaction;
use lombard_sdk::prelude::*;

const TITLE: &str = "{{title}}";

struct OpenTrades;

impl Widget for OpenTrades {
    fn render(session: &Session, request: &RenderRequest) -> Result<View, Error> {
        // One read for all of them. Ask for sets: `session.orders_of(&ids)` and
        // the like read what belongs to many at once.
        let trades = session.transactions(&TransactionFilter::open())?;
        Ok(summary(&trades, request.max_rows))
    }
}

/// What is open in one symbol.
#[derive(Default)]
struct Open {
    trades: i64,
    /// What was bought, less what was sold.
    quantity: Decimal,
}

fn summary(trades: &[Transaction], max_rows: Option<u32>) -> View {
    if trades.is_empty() {
        return view(TITLE).empty("no trade is open").build();
    }
    let mut by_symbol: BTreeMap<&Symbol, Open> = BTreeMap::new();
    let mut total = 0_i64;
    for trade in trades {
        let open = by_symbol.entry(&trade.symbol).or_default();
        open.trades += 1;
        total += 1;
        match trade.side {
            Some(Side::Sell) => open.quantity -= trade.quantity,
            _ => open.quantity += trade.quantity,
        }
    }
    let mut rows = table([
        ("symbol", "Symbol", Kind::Text),
        ("trades", "Trades", Kind::Integer),
        ("quantity", "Quantity", Kind::Quantity),
    ]);
    for (symbol, open) in by_symbol {
        rows = rows.row(None, (symbol.as_str(), open.trades, open.quantity));
    }
    view(TITLE)
        .table_within(max_rows, rows)
        .stat("total", "Open trades", Kind::Integer, total)
        .build()
}

lombard_sdk::widget!(OpenTrades);

#[cfg(test)]
mod tests {
    use super::*;

    fn trade(id: u64, symbol: &str, side: Side, quantity: Decimal) -> Transaction {
        Transaction {
            id: id.try_into().unwrap(),
            expert: None,
            symbol: symbol.parse().unwrap(),
            side: Some(side),
            quantity,
            open_price: None,
            status: TransactionStatus::Opened,
            created_at: Timestamp::from_micros(0),
        }
    }

    #[test]
    fn trades_are_added_up_by_symbol() {
        let trades = [
            trade(1, "MSFT", Side::Buy, dec!(10)),
            trade(2, "AAPL", Side::Buy, dec!(2.5)),
            trade(3, "MSFT", Side::Sell, dec!(4)),
        ];
        let expected = table([
            ("symbol", "Symbol", Kind::Text),
            ("trades", "Trades", Kind::Integer),
            ("quantity", "Quantity", Kind::Quantity),
        ])
        .row(None, ("AAPL", 1, dec!(2.5)))
        .row(None, ("MSFT", 2, dec!(6)));
        let expected = view(TITLE)
            .table(expected)
            .stat("total", "Open trades", Kind::Integer, 3);
        assert_eq!(summary(&trades, None), expected.build());
    }

    #[test]
    fn nothing_open_is_said() {
        let expected = view(TITLE).empty("no trade is open").build();
        assert_eq!(summary(&[], None), expected);
    }
}
