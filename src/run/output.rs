//! Output files, which appear whole or not at all.

use std::{
    ffi::OsString,
    fs::{self, File, OpenOptions},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

/// A file that is written as `FILE.partial` and renamed to `FILE` when whole.
///
/// A link is followed. What is no regular file (a device, a pipe) cannot be
/// replaced and is written to as it is.
#[derive(Debug)]
pub struct OutputFile {
    target: PathBuf,
    /// `None` for what is written to directly.
    partial: Option<PathBuf>,
    writer: BufWriter<File>,
    begun: bool,
}

/// An output file that cannot be opened or finished.
#[derive(Debug, thiserror::Error)]
#[error("cannot {action} `{}`", path.display())]
pub struct OutputError {
    action: &'static str,
    path: PathBuf,
    source: io::Error,
}

impl OutputFile {
    /// Opens `target`'s partial file, in the same folder.
    ///
    /// # Errors
    /// [`OutputError`] where the folder does not exist or cannot be written, or
    /// the target is a folder: before any work is done.
    pub fn create(target: &Path) -> Result<Self, OutputError> {
        let failed = |action, path: &Path| {
            let path = path.to_owned();
            move |source| OutputError { action, path, source }
        };
        let linked = target.is_symlink().then(|| target.canonicalize().ok()).flatten();
        let target = linked.unwrap_or_else(|| target.to_owned());
        if target.is_dir() {
            return Err(failed("write to", &target)(io::ErrorKind::IsADirectory.into()));
        }
        let partial = (target.is_file() || !target.exists()).then(|| partial_path(&target));
        let path = partial.as_deref().unwrap_or(&target);
        // What an earlier run left stays until there is something to write.
        let opened = OpenOptions::new().write(true).create(true).truncate(false).open(path);
        let writer = BufWriter::new(opened.map_err(failed("create", path))?);
        Ok(Self { target, partial, writer, begun: false })
    }

    /// Puts the file in its place.
    ///
    /// # Errors
    /// [`OutputError`]; the partial file then stays as it is.
    pub fn finish(mut self) -> Result<(), OutputError> {
        let failed = |action, path: &Path| {
            let path = path.to_owned();
            move |source| OutputError { action, path, source }
        };
        let path = self.partial.clone().unwrap_or_else(|| self.target.clone());
        self.begin().and_then(|()| self.writer.flush()).map_err(failed("write", &path))?;
        if let Some(partial) = &self.partial {
            self.writer.get_ref().sync_all().map_err(failed("write", partial))?;
            fs::rename(partial, &self.target).map_err(failed("create", &self.target))?;
        }
        Ok(())
    }

    /// Empties the partial file before the first byte is written.
    fn begin(&mut self) -> io::Result<()> {
        if !self.begun && self.partial.is_some() {
            self.writer.get_ref().set_len(0)?;
        }
        self.begun = true;
        Ok(())
    }
}

impl Write for OutputFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.begin()?;
        self.writer.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

impl Drop for OutputFile {
    /// A run that failed before it wrote anything leaves no empty file behind.
    fn drop(&mut self) {
        if let Some(partial) = &self.partial
            && !self.begun
            && fs::metadata(partial).is_ok_and(|metadata| metadata.len() == 0)
        {
            let _ = fs::remove_file(partial);
        }
    }
}

/// `FILE.partial` beside `FILE`.
pub fn partial_path(target: &Path) -> PathBuf {
    let mut name = target.file_name().map_or_else(OsString::new, OsString::from);
    name.push(".partial");
    target.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_target_is_untouched_until_the_file_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("out.jsonl");
        fs::write(&target, "old").unwrap();
        let mut output = OutputFile::create(&target).unwrap();
        output.write_all(b"new").unwrap();
        output.flush().unwrap();
        assert_eq!(fs::read_to_string(&target).unwrap(), "old");
        assert_eq!(fs::read_to_string(folder.path().join("out.jsonl.partial")).unwrap(), "new");
        output.finish().unwrap();
        assert_eq!(fs::read_to_string(&target).unwrap(), "new");
        assert!(!folder.path().join("out.jsonl.partial").exists());
    }

    #[test]
    fn a_run_that_wrote_nothing_leaves_things_as_they_were() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("out.jsonl");
        drop(OutputFile::create(&target).unwrap());
        assert!(!partial_path(&target).exists());
        fs::write(partial_path(&target), "of an earlier run").unwrap();
        drop(OutputFile::create(&target).unwrap());
        assert_eq!(fs::read_to_string(partial_path(&target)).unwrap(), "of an earlier run");
        let mut output = OutputFile::create(&target).unwrap();
        output.write_all(b"new").unwrap();
        output.finish().unwrap();
        assert_eq!(fs::read_to_string(&target).unwrap(), "new");
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_and_devices_are_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let (target, link) = (folder.path().join("real.jsonl"), folder.path().join("link.jsonl"));
        fs::write(&target, "old").unwrap();
        std::os::unix::fs::symlink(&target, &link).unwrap();
        let mut output = OutputFile::create(&link).unwrap();
        output.write_all(b"new").unwrap();
        output.finish().unwrap();
        assert!(link.is_symlink());
        assert_eq!(fs::read_to_string(&target).unwrap(), "new");
        let mut device = OutputFile::create(Path::new("/dev/null")).unwrap();
        device.write_all(b"x").unwrap();
        device.finish().unwrap();
        assert!(!Path::new("/dev/null").is_file() && !Path::new("/dev/null.partial").exists());
    }

    #[test]
    fn a_place_that_cannot_be_written_is_said_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let nowhere = OutputFile::create(&folder.path().join("no/out.jsonl")).unwrap_err();
        assert!(nowhere.to_string().contains("out.jsonl.partial"), "{nowhere}");
        assert!(OutputFile::create(folder.path()).is_err());
    }
}
