//! stub
use crate::arguments::TopOptions;
use crate::context::Context;
pub(super) async fn run(_context: &Context, _options: TopOptions) -> anyhow::Result<()> {
    Ok(())
}
