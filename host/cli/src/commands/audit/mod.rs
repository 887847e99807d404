//! `lombard audit`: what the calls of a period have cost, and who.
//!
//! Owns: the way from the question to the report. Must not know: how calls are
//! recorded.

mod document;
mod judgement;
mod words;

use lombard_model::{Limit, Limits, LookUp, Timestamp};
use lombard_store::{Audit, AuditQuery, Near};

use super::with_host;
use crate::arguments::AuditOptions;
use crate::context::Context;
use judgement::Judged;
pub(super) use judgement::advice;

/// From this share of a limit on a call is near it, in percent.
const NEAR_PERCENT: u64 = 80;

/// What was asked and what was found.
struct Report {
    query: AuditQuery,
    limits: Limits,
    audit: Audit,
    thresholds: Vec<Judged>,
}

pub(super) async fn run(context: &Context, options: &AuditOptions) -> anyhow::Result<()> {
    let report = with_host(context, async |host| {
        let query = query(options, host.limits(), host.clock().now());
        let mut session = host.session("audit");
        let reading = session.audit(&query);
        let audit = context
            .progress
            .during("adding up the calls", reading)
            .await;
        session.end();
        let audit = audit?;
        Ok(Report {
            limits: *host.limits(),
            thresholds: judgement::judge(&options.fail_on, &audit),
            query,
            audit,
        })
    })
    .await?;
    context
        .output
        .result(|| document::of(&report), |style| words::of(&report, style))?;
    judgement::verdict(&report.thresholds)
}

fn query(options: &AuditOptions, limits: &Limits, now: Timestamp) -> AuditQuery {
    // None of them is so large that this would not fit.
    let near = |limit| limits.get(limit).saturating_mul(NEAR_PERCENT) / 100;
    AuditQuery {
        since: options.since.map(|since| since.time(now)),
        plugin: options.plugin.clone(),
        loop_limit: options.loop_limit,
        // Also where no set replaces them: a look-up before the loop does.
        loops_of: LookUp::ALL.to_vec(),
        near: Near {
            used_us: near(Limit::DeadlineMs).saturating_mul(1_000),
            memory_bytes: near(Limit::MemoryBytes),
            statements: near(Limit::Statements),
        },
        top: options.top,
    }
}

/// Whole seconds from the first call to the end of the last, at least one.
fn seconds(audit: &Audit) -> u64 {
    let begin = audit.sums.first.map_or(0, Timestamp::as_micros);
    let end = audit.sums.last.map_or(0, Timestamp::as_micros);
    let micros = u64::try_from(end.saturating_sub(begin)).unwrap_or(0);
    micros.div_ceil(1_000_000).max(1)
}
