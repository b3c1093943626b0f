//! Output files, which appear whole or not at all.

use std::{
    fs::File,
    io::{self, BufWriter, Write},
    path::Path,
};

use super::claim::{Claim, OutputError};

/// A file that is written as `FILE.partial` and renamed to `FILE` when whole.
///
/// No two runs write to the same one. A link is followed. What is no regular
/// file (a device, a pipe) cannot be replaced and is written to as it is.
#[derive(Debug)]
pub struct OutputFile {
    // Before `claim`, which looks at what was written when it is dropped.
    writer: BufWriter<File>,
    claim: Claim,
    begun: bool,
}

impl OutputFile {
    /// Opens `target`'s partial file, in the same folder.
    ///
    /// # Errors
    /// [`OutputError`] where the folder does not exist or cannot be written, the
    /// target is a folder, or another run writes to it: before any work is done.
    pub fn create(target: &Path) -> Result<Self, OutputError> {
        let claim = Claim::open(target)?;
        let file = claim.file.try_clone().map_err(OutputError::failed("open", &claim.target))?;
        Ok(Self { writer: BufWriter::new(file), claim, begun: false })
    }

    /// The file that is being written, for libraries that open it by its path.
    pub fn path(&self) -> &Path {
        self.claim.partial.as_deref().unwrap_or(&self.claim.target)
    }

    /// Writes the whole content and puts the file in its place.
    ///
    /// # Errors
    /// [`OutputError`]; the target then stays as it is.
    pub fn write_whole(mut self, content: &[u8]) -> Result<(), OutputError> {
        self.write_all(content).map_err(OutputError::failed("write", &self.claim.target))?;
        self.finish()
    }

    /// Puts the file in its place.
    ///
    /// # Errors
    /// [`OutputError`]; the partial file then stays as it is.
    pub fn finish(mut self) -> Result<(), OutputError> {
        let written = self.begin().and_then(|()| self.writer.flush());
        written.map_err(OutputError::failed("write", self.path()))?;
        self.claim.commit()
    }

    /// Empties the partial file before the first byte is written.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn begin(&mut self) -> io::Result<()> {
        // What an earlier run left stays until there is something to write.
        if !self.begun && self.claim.partial.is_some() {
            self.claim.file.set_len(0)?;
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

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::run::partial_path;

    #[test]
    fn an_output_belongs_to_one_run_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("out.jsonl");
        let mut first = OutputFile::create(&target).unwrap();
        assert!(matches!(OutputFile::create(&target), Err(OutputError::InUse { .. })));
        first.write_all(b"first").unwrap();
        first.finish().unwrap();
        assert_eq!(fs::read_to_string(&target).unwrap(), "first");
        drop(OutputFile::create(&target).unwrap());
        assert!(!partial_path(&target).exists());
    }

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
