//! The texts that many rows share.
//!
//! Owns: that all rows of one document have one copy of each symbol.
//! Must not know: where the rows come from.

use std::collections::HashMap;
use std::str::FromStr;

use lombard_model::Symbol;

/// Places for the symbols that were met last.
const PLACES: usize = 64;

/// The symbols of one document: the same few in many rows.
pub(super) struct Symbols {
    all: HashMap<Box<str>, Symbol>,
    /// The last one at each place: most are found here, without the time that
    /// a hash takes which nobody can make collide.
    last: [Option<Symbol>; PLACES],
}

impl Symbols {
    pub(super) fn new() -> Self {
        Self {
            all: HashMap::new(),
            last: [const { None }; PLACES],
        }
    }

    pub(super) fn get(&mut self, text: &str) -> Result<Symbol, <Symbol as FromStr>::Err> {
        let place = text
            .bytes()
            .take(Symbol::MAX_LEN)
            .fold(0_usize, |sum, byte| {
                sum.wrapping_mul(31).wrapping_add(byte.into())
            });
        let last = self.last.get_mut(place % PLACES);
        if let Some(Some(symbol)) = &last
            && symbol.as_str() == text
        {
            return Ok(symbol.clone());
        }
        let symbol = match self.all.get(text) {
            Some(symbol) => symbol.clone(),
            None => {
                let symbol: Symbol = text.parse()?;
                self.all.insert(text.into(), symbol.clone());
                symbol
            }
        };
        if let Some(last) = last {
            *last = Some(symbol.clone());
        }
        Ok(symbol)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_share_their_symbols_however_many_there_are() {
        let mut symbols = Symbols::new();
        let names: Vec<_> = (0..10 * PLACES).map(|at| format!("S{at}")).collect();
        let first: Vec<_> = names
            .iter()
            .map(|name| symbols.get(name).unwrap())
            .collect();
        for (name, first) in names.iter().zip(&first) {
            let again = symbols.get(name).unwrap();
            assert_eq!(again.as_str(), name);
            assert!(std::sync::Arc::ptr_eq(again.shared(), first.shared()));
        }
        assert!(symbols.get("no symbol").is_err());
    }
}
