//! What is looked up of the scheduler when somebody asks.
//!
//! Owns: its names. Must not know: when jobs are due.

use std::fmt;
use std::sync::Arc;

use lombard_scheduler::{Scheduler, TaskHealth};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Unit;

use super::gauges::gauge;

/// Looks at a scheduler.
#[derive(Debug)]
pub(super) struct Jobs {
    scheduler: Arc<Scheduler>,
}

impl Jobs {
    pub(super) fn of(scheduler: Arc<Scheduler>) -> Self {
        Self { scheduler }
    }
}

impl Collector for Jobs {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let to = &mut encoder;
        let health = self.scheduler.health();
        let wide = |many: usize| u64::try_from(many).unwrap_or(u64::MAX);
        gauge(to, "jobs", "Jobs that there are", wide(health.jobs))?;
        let help = "Runs of jobs that wait or are under way";
        gauge(to, "job_runs_under_way", help, wide(health.under_way))?;
        silent(to, &health.tasks)?;
        late(to, &health.tasks)
    }
}

fn silent(to: &mut DescriptorEncoder<'_>, tasks: &[TaskHealth]) -> fmt::Result {
    let (name, unit) = ("scheduler_task_silent", Some(&Unit::Seconds));
    let help = "Since a task of the scheduler was last heard of";
    let mut family = to.encode_descriptor(name, help, unit, MetricType::Gauge)?;
    for task in tasks {
        let seconds = ConstGauge::new(task.silent.as_secs_f64());
        seconds.encode(family.encode_family(&[("task", task.task)])?)?;
    }
    Ok(())
}

fn late(to: &mut DescriptorEncoder<'_>, tasks: &[TaskHealth]) -> fmt::Result {
    let help = "1 where a task of the scheduler has been silent for too long or has ended";
    let mut family = to.encode_descriptor("scheduler_task_late", help, None, MetricType::Gauge)?;
    for task in tasks {
        let is_late = ConstGauge::new(i64::from(task.is_late));
        is_late.encode(family.encode_family(&[("task", task.task)])?)?;
    }
    Ok(())
}
