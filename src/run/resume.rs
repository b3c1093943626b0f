//! An output that goes on where earlier runs stopped.
//!
//! Records are written to `FILE.partial`, in input order, and what stands there
//! at any moment is a beginning of the whole. When a run begins, records may
//! stand in three files: `FILE`, of a run that ended; `FILE.partial`, of one that
//! did not; `FILE.earlier`, which holds those of a partial file that had to be
//! written anew from some place on, because its order changed. All stay where
//! they are until this run has finished.

use std::{
    borrow::Cow,
    collections::HashMap,
    fs::{self, File},
    io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use serde::Deserialize;

use super::claim::{Claim, OutputError, beside};
use crate::annotation::Record;

/// A file of records, as this run writes it, with what earlier runs left of it.
#[derive(Debug)]
pub struct ResumedFile {
    claim: Claim,
    /// Bytes of the partial file that are those of this run.
    written: u64,
    /// Bytes of an earlier run that follow them.
    length: u64,
    earlier_path: PathBuf,
    /// `FILE` and `FILE.earlier`, where they are.
    finished: Option<File>,
    earlier: Option<File>,
    index: HashMap<Box<str>, Vec<Place>>,
}

/// Where the line of a record stands, with its line break.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    file: Which,
    start: u64,
    length: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Which {
    Earlier,
    Finished,
    Partial,
}

/// What the index needs of a record.
#[derive(Deserialize)]
struct Head<'line> {
    #[serde(borrow)]
    schema: Cow<'line, str>,
    #[serde(borrow)]
    id: Cow<'line, str>,
    error: Option<serde::de::IgnoredAny>,
}

impl ResumedFile {
    /// The name of the file beside `target` that holds records of earlier runs
    /// while the partial file is written anew.
    pub fn earlier_path(target: &Path) -> PathBuf {
        beside(target, ".earlier")
    }

    /// Opens `target`'s partial file and finds the records of earlier runs;
    /// with `force`, none are looked for. `None` for what is no regular file,
    /// where nothing can be found again.
    ///
    /// # Errors
    /// [`OutputError`] where the files cannot be read or written, or another
    /// run writes to them.
    pub fn open(target: &Path, force: bool) -> Result<Option<Self>, OutputError> {
        let claim = Claim::open(target)?;
        if claim.partial.is_none() {
            return Ok(None);
        }
        let earlier_path = Self::earlier_path(&claim.target);
        let length = claim.file.metadata().map_err(OutputError::failed("read", &claim.target))?.len();
        let mut file =
            Self { claim, written: 0, length, earlier_path, finished: None, earlier: None, index: HashMap::new() };
        if force {
            return Ok(Some(file));
        }
        let open = |path: &Path| match File::open(path) {
            Ok(opened) => Ok(Some(opened)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(OutputError::failed("read", path)(error)),
        };
        file.finished = open(&file.claim.target)?;
        file.earlier = open(&file.earlier_path)?;
        for which in [Which::Earlier, Which::Finished, Which::Partial] {
            file.find(which).map_err(OutputError::failed("read", &file.claim.target))?;
        }
        Ok(Some(file))
    }

    /// How many articles earlier runs left a record of.
    pub fn earlier_records(&self) -> usize {
        self.index.len()
    }

    /// The records of earlier runs with this id, the newest first. Those that cannot be read are none.
    pub fn earlier(&mut self, id: &str) -> Vec<Record> {
        let places = self.index.get(id).cloned().unwrap_or_default();
        let record = |place: &Place| serde_json::from_slice(&self.read(*place).ok()?).ok();
        places.iter().rev().filter_map(record).collect()
    }

    /// Puts the file in its place.
    ///
    /// # Errors
    /// [`OutputError`]; the partial file then stays as it is.
    pub fn finish(mut self) -> Result<(), OutputError> {
        let cut = if self.written < self.length { self.claim.file.set_len(self.written) } else { Ok(()) };
        cut.map_err(OutputError::failed("write", &self.claim.target))?;
        self.length = self.written;
        self.claim.commit()?;
        match fs::remove_file(&self.earlier_path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(OutputError::failed("remove", &self.earlier_path)(error))
            }
            _ => Ok(()),
        }
    }

    fn file(&self, which: Which) -> Option<&File> {
        match which {
            Which::Earlier => self.earlier.as_ref(),
            Which::Finished => self.finished.as_ref(),
            Which::Partial => Some(&self.claim.file),
        }
    }

    /// Finds the records of a file. What is none (a line that was cut off) is passed over.
    fn find(&mut self, which: Which) -> io::Result<()> {
        let Some(file) = self.file(which) else { return Ok(()) };
        let mut lines = BufReader::with_capacity(1 << 16, file);
        lines.rewind()?;
        let mut found = Vec::new();
        let mut start = 0;
        let mut line = Vec::new();
        loop {
            line.clear();
            let length = lines.read_until(b'\n', &mut line)? as u64;
            if length == 0 {
                break;
            }
            if line.ends_with(b"\n")
                && let Ok(head) = serde_json::from_slice::<Head<'_>>(&line)
                && head.schema == crate::annotation::SCHEMA
                // What failed is tried again.
                && head.error.is_none()
            {
                found.push((head.id.as_ref().into(), Place { file: which, start, length }));
            }
            start += length;
        }
        for (id, place) in found {
            let places: &mut Vec<Place> = self.index.entry(id).or_default();
            places.push(place);
        }
        Ok(())
    }

    fn read(&self, place: Place) -> io::Result<Vec<u8>> {
        let mut file = self.file(place.file).ok_or(io::ErrorKind::NotFound)?;
        let mut line = vec![0; usize::try_from(place.length).unwrap_or(usize::MAX)];
        file.seek(SeekFrom::Start(place.start))?;
        file.read_exact(&mut line)?;
        Ok(line)
    }

    /// Whether the next bytes of the partial file are these.
    fn is_next(&self, line: &[u8]) -> io::Result<bool> {
        if self.length - self.written < line.len() as u64 {
            return Ok(false);
        }
        let place = Place { file: Which::Partial, start: self.written, length: line.len() as u64 };
        Ok(self.read(place)? == line)
    }

    /// Brings the records that follow in the partial file to `FILE.earlier`, and cuts them off.
    fn set_aside(&mut self) -> io::Result<()> {
        let follows = |place: &Place| match place.file {
            Which::Earlier => true,
            Which::Finished => false,
            Which::Partial => place.start >= self.written,
        };
        let mut kept: Vec<Place> = self.index.values().flatten().copied().filter(follows).collect();
        if !kept.is_empty() {
            kept.sort_unstable();
            let path = beside(&self.earlier_path, ".partial");
            let mut file = File::options().read(true).write(true).create(true).truncate(true).open(&path)?;
            let mut moved = HashMap::new();
            let mut end = 0;
            {
                let mut output = io::BufWriter::new(&mut file);
                for place in kept {
                    output.write_all(&self.read(place)?)?;
                    moved.insert((place.file, place.start), end);
                    end += place.length;
                }
                output.flush()?;
            }
            file.sync_all()?;
            fs::rename(&path, &self.earlier_path)?;
            self.earlier = Some(file);
            for place in self.index.values_mut().flatten() {
                if let Some(&start) = moved.get(&(place.file, place.start)) {
                    *place = Place { file: Which::Earlier, start, ..*place };
                }
            }
        }
        self.claim.file.set_len(self.written)?;
        self.length = self.written;
        Ok(())
    }

    /// Writes whole lines. Where the file already has them at this place, it stays as it is.
    fn write_whole(&mut self, lines: &[u8]) -> io::Result<()> {
        if self.written < self.length {
            if self.is_next(lines)? {
                self.written += lines.len() as u64;
                return Ok(());
            }
            self.set_aside()?;
        }
        self.claim.file.seek(SeekFrom::Start(self.written))?;
        if let Err(error) = self.claim.file.write_all(lines) {
            // Nothing half-written stays, on a full disk either.
            let _ = self.claim.file.set_len(self.written);
            return Err(error);
        }
        self.written += lines.len() as u64;
        self.length = self.written;
        Ok(())
    }
}

impl Write for ResumedFile {
    /// Takes whole lines, and all of them.
    fn write(&mut self, lines: &[u8]) -> io::Result<usize> {
        self.write_whole(lines)?;
        Ok(lines.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{article::Article, run::partial_path};

    fn line(id: &str, text: &str) -> Vec<u8> {
        let mut line = serde_json::to_vec(&Record::annotated(&Article::new(id, text), &[])).unwrap();
        line.push(b'\n');
        line
    }

    /// Every id that is to be found in the three files.
    fn found(target: &Path) -> Vec<String> {
        let file = ResumedFile::open(target, false).unwrap().unwrap();
        let mut ids: Vec<String> = file.index.keys().map(ToString::to_string).collect();
        ids.sort();
        ids
    }

    #[test]
    fn a_run_that_stopped_goes_on_in_place() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("out.jsonl");
        let whole = [line("a", "x"), line("b", "y"), line("c", "z")];
        fs::write(partial_path(&target), [&whole[0][..], &whole[1], &whole[2][..20]].concat()).unwrap();
        let mut file = ResumedFile::open(&target, false).unwrap().unwrap();
        assert_eq!(file.earlier_records(), 2);
        assert_eq!(file.earlier("b")[0].sha256, Some(Article::new("b", "y").sha256()));
        for line in &whole {
            file.write_all(line).unwrap();
        }
        assert!(!file.earlier_path.exists(), "nothing was out of order");
        file.finish().unwrap();
        assert_eq!(fs::read(&target).unwrap(), whole.concat());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn records_out_of_order_are_kept_however_often_the_run_stops() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("out.jsonl");
        let ids = ["a", "b", "c", "d", "e"];
        fs::write(partial_path(&target), ["b", "d", "e"].map(|id| line(id, id)).concat()).unwrap();
        for stop in 0..=ids.len() {
            let mut file = ResumedFile::open(&target, false).unwrap().unwrap();
            for id in &ids[..stop] {
                file.write_all(&line(id, id)).unwrap();
                let left = fs::read(partial_path(&target)).unwrap();
                let beginning = ids.map(|id| line(id, id)).concat();
                assert!(left == ["b", "d", "e"].map(|id| line(id, id)).concat() || beginning.starts_with(&left));
            }
            drop(file);
            let mut expected: Vec<&str> = [&["b", "d", "e"], &ids[..stop]].concat();
            expected.sort_unstable();
            expected.dedup();
            assert_eq!(found(&target), expected, "stopped after {stop}");
        }
        let mut file = ResumedFile::open(&target, false).unwrap().unwrap();
        file.write_all(&line("e", "e")).unwrap();
        file.finish().unwrap();
        assert_eq!(fs::read(&target).unwrap(), line("e", "e"));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_failed_or_is_no_record_is_not_found() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("out.jsonl");
        let failed = serde_json::to_string(&Record::failed("f", "engine", "out of memory")).unwrap();
        fs::write(&target, format!("{failed}\n{{\"id\":\"g\"}}\n\0\0\0\nno record\n")).unwrap();
        assert!(found(&target).is_empty());
        fs::write(&target, line("a", "x")).unwrap();
        assert_eq!(found(&target), ["a"]);
        let forced = ResumedFile::open(&target, true).unwrap().unwrap();
        assert_eq!(forced.earlier_records(), 0);
    }
}
