//! What the calculation costs natively, without reading or showing anything.
//!
//! Owns: the sizes that are measured. It must grow as the book does, and no
//! faster; every render of a widget that is not shown again pays it.

use std::collections::HashMap;

use criterion::{BenchmarkId, Criterion, Throughput};
use lombard_book::{Book, Holders, floating_pl_per_expert};
use lombard_model::dataset::Dataset;
use lombard_model::{Decimal, Expert, Instrument, Order, Quote, Transaction};

const SIZES: [u32; 3] = [20, 200, 2_000];

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    for size in SIZES {
        let data = Dataset::to_measure(size, 2, "nobody").expect("a book");
        measure(&mut criterion, size, &data);
    }
    criterion.final_summary();
}

fn measure(criterion: &mut Criterion, size: u32, data: &Dataset) {
    let transactions: Vec<_> = data.transactions.iter().map(Transaction::from).collect();
    let orders: Vec<_> = data.orders.iter().map(Order::from).collect();
    let experts: Vec<_> = data.experts.iter().map(Expert::from).collect();
    let book = Book::of(&transactions, &orders);
    let quotes = quotes(data, book.instruments(Holders::Experts));

    let mut group = criterion.benchmark_group("book");
    group.throughput(Throughput::Elements(size.into()));
    group.bench_function(BenchmarkId::new("Book::of", size), |bencher| {
        bencher.iter(|| Book::of(&transactions, &orders));
    });
    group.bench_function(
        BenchmarkId::new("floating_pl_per_expert", size),
        |bencher| {
            bencher.iter(|| floating_pl_per_expert(&book, &experts, &quotes));
        },
    );
    group.finish();
}

fn quotes(data: &Dataset, wanted: Vec<Instrument>) -> Vec<Quote> {
    let prices: HashMap<Instrument, Decimal> = data.prices().collect();
    let quote = |instrument: Instrument| Quote {
        price: prices.get(&instrument).copied(),
        instrument,
        taken_at: None,
    };
    wanted.into_iter().map(quote).collect()
}
