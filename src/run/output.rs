//! Output files, which appear whole or not at all.

use std::{
    ffi::OsString,
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

/// A file that is written as `FILE.partial` and renamed to `FILE` when whole.
#[derive(Debug)]
pub struct OutputFile {
    target: PathBuf,
    partial: PathBuf,
    writer: BufWriter<File>,
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
        let partial = partial_path(target);
        let failed = |action, path: &Path, source| OutputError { action, path: path.to_owned(), source };
        if target.is_dir() {
            return Err(failed("write to", target, io::ErrorKind::IsADirectory.into()));
        }
        let file = File::create(&partial).map_err(|source| failed("create", &partial, source))?;
        Ok(Self { target: target.to_owned(), partial, writer: BufWriter::new(file) })
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
        self.writer.flush().map_err(failed("write", &self.partial))?;
        self.writer.get_ref().sync_all().map_err(failed("write", &self.partial))?;
        fs::rename(&self.partial, &self.target).map_err(failed("create", &self.target))
    }
}

impl Write for OutputFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writer.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
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
    fn a_place_that_cannot_be_written_is_said_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let nowhere = OutputFile::create(&folder.path().join("no/out.jsonl")).unwrap_err();
        assert!(nowhere.to_string().contains("out.jsonl.partial"), "{nowhere}");
        assert!(OutputFile::create(folder.path()).is_err());
    }
}
