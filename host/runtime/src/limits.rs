//! What an instance uses of memory and tables.
//!
//! Owns: what is counted and refused while an instance grows, and what all
//! instances have together. Must not know: who set the limits.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use lombard_model::{Exceeded, Limit, Limits};
use wasmtime::ResourceLimiter;

use crate::spent::Spent;

/// The memory of all instances of a host. Cheap to clone; clones are one count.
#[derive(Clone, Debug)]
pub(crate) struct HostMemory {
    used: Arc<AtomicUsize>,
    limit: usize,
}

impl HostMemory {
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            used: Arc::default(),
            limit,
        }
    }

    /// Bytes that instances have now.
    pub(crate) fn used(&self) -> usize {
        self.used.load(Ordering::Relaxed)
    }

    /// Takes so much more, or says what that would come to.
    fn take(&self, bytes: usize) -> Result<(), Exceeded> {
        let mut asked = bytes;
        let within = |used: usize| {
            asked = used.saturating_add(bytes);
            (asked <= self.limit).then_some(asked)
        };
        let taken = self
            .used
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, within);
        match taken {
            Ok(_) => Ok(()),
            Err(_) => Err(Exceeded {
                limit: Limit::HostMemoryBytes,
                value: wide(self.limit),
                asked: Some(wide(asked)),
            }),
        }
    }

    /// The same count, of which those have half at most who only wait for a call.
    pub(crate) fn of_those_who_wait(&self) -> Self {
        Self {
            used: Arc::clone(&self.used),
            limit: self.limit / 2,
        }
    }

    /// Whether more than half is used.
    pub(crate) fn is_short(&self) -> bool {
        self.used() > self.limit / 2
    }

    fn give_back(&self, bytes: usize) {
        self.used.fetch_sub(bytes, Ordering::Relaxed);
    }
}

/// Watches the memory and the tables of one instance. What it counted is given
/// back when it is dropped, which has to be with the instance.
#[derive(Debug)]
pub(crate) struct MemoryMeter {
    limits: Limits,
    host: HostMemory,
    spent: Arc<Spent>,
    memory: usize,
    tables: usize,
    /// The growth that was let through last.
    last_growth: usize,
    /// What was refused, if anything was.
    pub(crate) refused: Option<Exceeded>,
}

impl MemoryMeter {
    pub(crate) fn new(limits: &Limits, host: HostMemory, spent: Arc<Spent>) -> Self {
        Self {
            limits: *limits,
            host,
            spent,
            memory: 0,
            tables: 0,
            last_growth: 0,
            refused: None,
        }
    }

    /// Goes on counting for the instance that another meter has watched so far.
    pub(crate) fn take_over(&mut self, other: &mut Self) {
        self.memory += std::mem::take(&mut other.memory);
        self.tables += std::mem::take(&mut other.tables);
        self.spent.memory(wide(self.memory));
    }

    /// Whether it was refused what all instances have together.
    pub(crate) fn is_refused_by_host(&self) -> bool {
        let refused = self.refused;
        refused.is_some_and(|refused| refused.limit == Limit::HostMemoryBytes)
    }

    fn grow_memory(&mut self, by: usize) -> Result<(), Exceeded> {
        let asked = self.memory.saturating_add(by);
        if asked > self.limits.size(Limit::MemoryBytes) {
            return Err(self.limits.exceeded(Limit::MemoryBytes, Some(wide(asked))));
        }
        self.host.take(by)?;
        self.memory = asked;
        self.spent.memory(wide(asked));
        Ok(())
    }

    fn grow_tables(&mut self, by: usize) -> Result<(), Exceeded> {
        let asked = self.tables.saturating_add(by);
        if asked > self.limits.size(Limit::TableEntries) {
            return Err(self.limits.exceeded(Limit::TableEntries, Some(wide(asked))));
        }
        self.tables = asked;
        Ok(())
    }
}

impl Drop for MemoryMeter {
    fn drop(&mut self) {
        self.host.give_back(self.memory);
    }
}

impl ResourceLimiter for MemoryMeter {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let by = desired.saturating_sub(current);
        // Its own bound is none of ours to name, where it is the lower one.
        let is_ours = self.memory.saturating_add(by) > self.limits.size(Limit::MemoryBytes);
        if !is_ours && maximum.is_some_and(|maximum| desired > maximum) {
            return Ok(false);
        }
        let grown = self.grow_memory(by);
        self.last_growth = if grown.is_ok() { by } else { 0 };
        self.refused = grown.err().or(self.refused);
        Ok(grown.is_ok())
    }

    fn memory_grow_failed(&mut self, _: wasmtime::Error) -> wasmtime::Result<()> {
        let by = std::mem::take(&mut self.last_growth);
        self.memory -= by;
        self.host.give_back(by);
        Ok(())
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let by = desired.saturating_sub(current);
        let is_ours = self.tables.saturating_add(by) > self.limits.size(Limit::TableEntries);
        if !is_ours && maximum.is_some_and(|maximum| desired > maximum) {
            return Ok(false);
        }
        let grown = self.grow_tables(by);
        self.refused = grown.err().or(self.refused);
        Ok(grown.is_ok())
    }

    fn instances(&self) -> usize {
        self.limits.size(Limit::CoreInstances)
    }
}

pub(crate) fn wide(many: usize) -> u64 {
    u64::try_from(many).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use lombard_store::Meter;

    use super::*;

    fn meter(host: &HostMemory, bytes: u64) -> MemoryMeter {
        let limits = Limits::default().with(Limit::MemoryBytes, bytes);
        let spent = Arc::new(Spent::new(Meter::default()));
        MemoryMeter::new(&limits, host.clone(), spent)
    }

    #[test]
    fn what_an_instance_has_counts_until_it_goes_whoever_watches_it() {
        let host = HostMemory::new(1_000);
        let mut first = meter(&host, 600);
        assert!(first.memory_growing(0, 400, None).unwrap());
        // A second memory: it is the sum that counts.
        assert!(first.memory_growing(0, 200, None).unwrap());
        assert!(!first.memory_growing(200, 201, None).unwrap());
        let refused = first.refused.unwrap();
        assert_eq!(
            (refused.limit, refused.value, refused.asked),
            (Limit::MemoryBytes, 600, Some(601))
        );

        let mut second = meter(&host, 600);
        second.take_over(&mut first);
        drop(first);
        assert_eq!(host.used(), 600);
        let mut other = meter(&host, 600);
        assert!(other.memory_growing(0, 400, None).unwrap());
        assert!(!other.memory_growing(400, 401, None).unwrap());
        let refused = other.refused.unwrap();
        assert_eq!(
            (refused.limit, refused.value, refused.asked),
            (Limit::HostMemoryBytes, 1_000, Some(1_001))
        );
        drop(second);
        assert!(other.memory_growing(400, 401, None).unwrap());
        drop(other);
        assert_eq!(host.used(), 0);
    }

    #[test]
    fn a_growth_that_failed_after_all_is_not_counted() {
        let host = HostMemory::new(1_000);
        let mut meter = meter(&host, 600);
        assert!(meter.memory_growing(0, 500, None).unwrap());
        meter
            .memory_grow_failed(wasmtime::Error::msg("no memory"))
            .unwrap();
        assert_eq!(host.used(), 0);
        assert!(meter.memory_growing(0, 600, None).unwrap());
    }

    #[test]
    fn entries_of_all_tables_count() {
        let host = HostMemory::new(1_000);
        let mut meter = meter(&host, 600);
        assert!(meter.table_growing(0, 20_000, None).unwrap());
        assert!(!meter.table_growing(0, 1, None).unwrap());
        let refused = meter.refused.unwrap();
        assert_eq!(
            (refused.limit, refused.asked),
            (Limit::TableEntries, Some(20_001))
        );
    }
}
