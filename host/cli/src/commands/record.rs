//! `--record FILE`: keeping what a call asked of the host and was answered.
//!
//! Owns: that the file can be written before anything is called, that it is
//! whole or not there, and that only its owner may read it: a book is in it.
//! Must not know: what is recorded.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use lombard_runtime::{Recorded, Recording};
use tempfile::NamedTempFile;

use crate::arguments::RecordOptions;
use crate::context::Context;

/// Where a recording is going to be.
pub(super) struct Sheet {
    path: PathBuf,
    file: NamedTempFile,
}

impl Sheet {
    /// The one that is asked for, ready to be written.
    pub(super) fn at(options: &RecordOptions) -> anyhow::Result<Option<Self>> {
        let Some(path) = &options.file else {
            return Ok(None);
        };
        let folder = match path.parent() {
            Some(folder) if folder != Path::new("") => folder,
            _ => Path::new("."),
        };
        let shown = path.display();
        anyhow::ensure!(
            !path.is_dir(),
            "{shown} is a folder: name a file to record in"
        );
        let file = NamedTempFile::new_in(folder);
        Ok(Some(Self {
            path: path.clone(),
            file: file.with_context(|| format!("{shown} can't be written"))?,
        }))
    }

    /// Keeps the recording, also that of a call that failed, and shows what
    /// the call gave.
    pub(super) fn keep<T>(
        self,
        context: &Context,
        recorded: Recorded<T>,
        show: impl FnOnce(&T) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let kept = recorded.recording.map_err(Into::into);
        let kept = kept.and_then(|recording| self.write(context, &recording));
        match (recorded.result, kept) {
            (Ok(value), kept) => show(&value).and(kept),
            (Err(error), Ok(())) => Err(error.into()),
            (Err(error), Err(fault)) => {
                context.output.note(&crate::failure::words(&fault));
                Err(error.into())
            }
        }
    }

    fn write(mut self, context: &Context, recording: &Recording) -> anyhow::Result<()> {
        let shown = self.path.display().to_string();
        let written = self.file.write_all(recording.to_document().as_bytes());
        written.with_context(|| format!("{shown} can't be written"))?;
        let kept = self.file.persist(&self.path);
        kept.with_context(|| format!("{shown} can't be written"))?;
        let calls = recording.calls();
        context.output.note(&format!(
            "recorded in {shown}, with {calls} calls into the host"
        ));
        Ok(())
    }
}
