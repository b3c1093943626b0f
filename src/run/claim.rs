//! An output that belongs to one run at a time.

use std::{
    ffi::OsString,
    fs::{self, File, OpenOptions, TryLockError},
    io,
    path::{Path, PathBuf},
};

use same_file::Handle;

/// An output file that cannot be opened, written or finished.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OutputError {
    /// The system refuses.
    #[error("cannot {action} `{}`", path.display())]
    Failed {
        /// What was tried.
        action: &'static str,
        /// With which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Another run writes to it.
    #[error("`{}` is being written by another run; wait for it, or give another output", path.display())]
    InUse {
        /// The output.
        path: PathBuf,
    },
}

impl OutputError {
    pub(super) fn failed(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Failed { action, path, source }
    }
}

/// `FILE.partial`, open and locked, and where it goes when it is whole.
///
/// The lock is on the partial file itself and ends with the process, however
/// that ends. A link is followed. What is no regular file (a device, a pipe)
/// can neither be replaced nor belong to one run, and is written to as it is.
#[derive(Debug)]
pub(super) struct Claim {
    pub(super) target: PathBuf,
    /// `None` for what is written to directly.
    pub(super) partial: Option<PathBuf>,
    pub(super) file: File,
}

impl Claim {
    /// Opens and locks the partial file of `target`, in the same folder, and leaves what stands in it.
    pub(super) fn open(target: &Path) -> Result<Self, OutputError> {
        let linked = target.is_symlink().then(|| target.canonicalize().ok()).flatten();
        let target = linked.unwrap_or_else(|| target.to_owned());
        if target.is_dir() {
            return Err(OutputError::failed("write to", &target)(io::ErrorKind::IsADirectory.into()));
        }
        if target.exists() && !target.is_file() {
            let file = OpenOptions::new().write(true).open(&target).map_err(OutputError::failed("open", &target))?;
            return Ok(Self { target, partial: None, file });
        }
        let partial = partial_path(&target);
        loop {
            let file = OpenOptions::new()
                .read(true)
                .write(true)
                .create(true)
                .truncate(false)
                .open(&partial)
                .map_err(OutputError::failed("create", &partial))?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Err(OutputError::InUse { path: target }),
                // A file system without locks: as before there were any.
                Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {}
                Err(TryLockError::Error(error)) => return Err(OutputError::failed("lock", &partial)(error)),
            }
            // Between opening and locking, the run that had it may have finished and moved it away.
            if is_at(&file, &partial) {
                return Ok(Self { target, partial: Some(partial), file });
            }
        }
    }

    /// Puts the file in its place.
    pub(super) fn commit(&self) -> Result<(), OutputError> {
        if let Some(partial) = &self.partial {
            self.file.sync_all().map_err(OutputError::failed("write", partial))?;
            fs::rename(partial, &self.target).map_err(OutputError::failed("create", &self.target))?;
        }
        Ok(())
    }
}

impl Drop for Claim {
    /// A run that wrote nothing leaves no empty file behind.
    fn drop(&mut self) {
        if let Some(partial) = &self.partial
            && self.file.metadata().is_ok_and(|metadata| metadata.len() == 0)
            && is_at(&self.file, partial)
        {
            let _ = fs::remove_file(partial);
        }
    }
}

/// Whether an open file is the one at `path`.
fn is_at(file: &File, path: &Path) -> bool {
    let opened = file.try_clone().and_then(Handle::from_file);
    matches!((opened, Handle::from_path(path)), (Ok(opened), Ok(there)) if opened == there)
}

/// `FILE.partial` beside `FILE`.
pub fn partial_path(target: &Path) -> PathBuf {
    beside(target, ".partial")
}

/// `FILE` with `suffix` after its name.
pub(super) fn beside(target: &Path, suffix: &str) -> PathBuf {
    let mut name = target.file_name().map_or_else(OsString::new, OsString::from);
    name.push(suffix);
    target.with_file_name(name)
}
