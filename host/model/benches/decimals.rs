//! What a number costs on its way from a text to the wire and back.
//!
//! Owns: the kinds of numbers that are measured. The book of 2,000 transactions
//! that renders are measured with has some 14,000 numbers, and each goes all
//! three ways: 70 ns more in one of them is a millisecond more in a render.

use std::hint::black_box;

use criterion::Criterion;
use lombard_model::{Decimal, WireDecimal, parse_decimal};

/// A quantity, a price, and as many digits as there can be.
const TEXTS: [(&str, &str); 3] = [
    ("a quantity", "10"),
    ("a price", "173.25"),
    ("18 digits", "-123456789.987654321"),
];

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    for (name, text) in TEXTS {
        criterion.bench_function(&format!("decimal/parse_decimal/{name}"), |bencher| {
            bencher.iter(|| parse_decimal(black_box(text)));
        });
        let number = parse_decimal(text).expect("a number");
        to_wire(&mut criterion, name, number);
        let wire = WireDecimal::rounded(number).expect("it fits");
        criterion.bench_function(&format!("decimal/from the wire/{name}"), |bencher| {
            bencher.iter(|| Decimal::try_from(black_box(wire)));
        });
    }
    let third = Decimal::from(100) / Decimal::from(3);
    to_wire(&mut criterion, "28 digits, to be rounded", third);
    criterion.final_summary();
}

fn to_wire(criterion: &mut Criterion, name: &str, number: Decimal) {
    criterion.bench_function(&format!("decimal/to the wire/{name}"), |bencher| {
        bencher.iter(|| WireDecimal::rounded(black_box(number)));
    });
}
