//! Archives: their files are inputs of their own, with ids like `archive.zip/inner/name.txt`, and archives too.

use std::{
    fs::File,
    io::{BufRead, BufReader, Read, Seek},
    path::Path,
};

use super::{
    InputFormat, ReadOptions, SourceErrorKind,
    reader::{Emit, Stopped, guarded, read_stream},
};

/// Archives that are open inside one another, at most: one could hold itself without end.
const MOST_OPEN: usize = 4;

/// Reads the files of a tar archive in their order.
pub(super) fn read_tar(
    id: &str,
    reader: &mut dyn BufRead,
    options: &ReadOptions,
    emit: &mut Emit,
) -> Result<(), Stopped> {
    let malformed =
        |error: std::io::Error| SourceErrorKind::Malformed { format: "a tar archive", reason: error.to_string() };
    let mut archive = tar::Archive::new(reader);
    let entries = match archive.entries() {
        Ok(entries) => entries,
        Err(error) => return emit.error(id.to_owned(), malformed(error)),
    };
    for entry in entries {
        let entry = match entry {
            Ok(entry) => entry,
            // Where the next file begins is not known.
            Err(error) => return emit.error(id.to_owned(), malformed(error)),
        };
        if entry.header().entry_type().is_file() {
            let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
            read_member(id, &name, entry, options, emit)?;
        }
    }
    Ok(())
}

/// Reads the files of a zip archive in the order of its directory.
pub(super) fn read_zip(
    id: &str,
    file: impl Read + Seek,
    options: &ReadOptions,
    emit: &mut Emit,
) -> Result<(), Stopped> {
    let malformed = |error: zip::result::ZipError| SourceErrorKind::Malformed {
        format: "a zip archive",
        reason: error.to_string(),
    };
    let mut archive = match zip::ZipArchive::new(file) {
        Ok(archive) => archive,
        Err(error) => return emit.error(id.to_owned(), malformed(error)),
    };
    for index in 0..archive.len() {
        let name = match archive.by_index_raw(index) {
            Ok(member) if !member.is_file() => continue,
            Ok(member) => {
                member.name().map_or_else(|_| String::from_utf8_lossy(member.name_raw()).into_owned(), Into::into)
            }
            Err(error) => {
                emit.error(format!("{id}/{}", index + 1), malformed(error))?;
                continue;
            }
        };
        match archive.by_index(index) {
            Ok(member) => read_member(id, &name, member, options, emit)?,
            Err(_) if format_of(&name).is_none() => emit.skip(),
            Err(error) => emit.error(member_id(id, &name), malformed(error))?,
        }
    }
    Ok(())
}

fn read_member(
    archive: &str,
    name: &str,
    member: impl Read,
    options: &ReadOptions,
    emit: &mut Emit,
) -> Result<(), Stopped> {
    let Some(format) = format_of(name) else {
        emit.skip();
        return Ok(());
    };
    let id = member_id(archive, name);
    let outside = emit.depth;
    emit.depth += 1;
    let read = if emit.depth == MOST_OPEN && matches!(format, InputFormat::Tar | InputFormat::Zip) {
        emit.error(id, SourceErrorKind::Unsupported("an archive inside four others, which is not read; unpack it"))
    } else {
        guarded(&id, emit, |emit| read_stream(&id, format, &mut BufReader::new(member), options, emit))
    };
    // A parser that panicked left it where it was.
    emit.depth = outside;
    read
}

/// How a file in an archive is read; `None` where it is passed over: hidden, or of an unknown ending.
fn format_of(name: &str) -> Option<InputFormat> {
    let is_hidden =
        name.split(['/', '\\']).any(|part| part.starts_with('.') && !matches!(part, "." | "..") || part == "__MACOSX");
    InputFormat::of(Path::new(name)).filter(|_| !is_hidden)
}

/// An id that stays below the archive's.
fn member_id(archive: &str, name: &str) -> String {
    let parts: Vec<&str> = name.split(['/', '\\']).filter(|part| !matches!(*part, "" | "." | "..")).collect();
    format!("{archive}/{}", parts.join("/"))
}

/// Opens a file that is read from its end.
pub(super) fn open(path: &Path) -> std::io::Result<BufReader<File>> {
    File::open(path).map(BufReader::new)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::source::read_bytes;

    #[test]
    fn members_have_ids_below_the_archive() {
        assert_eq!(member_id("a.zip", "inner/name.txt"), "a.zip/inner/name.txt");
        assert_eq!(member_id("a.zip", "./x\\name.txt"), "a.zip/x/name.txt");
        assert_eq!(member_id("a.zip", "/../../etc/name.txt"), "a.zip/etc/name.txt");
    }

    #[test]
    fn hidden_files_and_those_of_other_endings_are_passed_over() {
        for name in ["a.png", ".a.txt", "x/.git/a.txt", "__MACOSX/._a.txt", ".inner.zip"] {
            assert_eq!(format_of(name), None, "{name}");
        }
        assert_eq!(format_of("./x/a.txt.gz"), Some(InputFormat::Text));
        assert_eq!(format_of("x/inner.tar.gz"), Some(InputFormat::Tar));
    }

    /// A tar archive with one file in it.
    fn tar_of(name: &str, file: &[u8]) -> Vec<u8> {
        let mut header = tar::Header::new_gnu();
        header.set_size(file.len() as u64);
        let mut archive = tar::Builder::new(Vec::new());
        archive.append_data(&mut header, name, file).unwrap();
        archive.into_inner().unwrap()
    }

    #[test]
    fn archives_are_read_four_deep() {
        let mut archive = tar_of("a.txt", b"tangier");
        for (outer, id) in ["x", "x/1.tar", "x/2.tar/1.tar", "x/3.tar/2.tar/1.tar"].into_iter().enumerate() {
            let articles = read_bytes("x", InputFormat::Tar, archive.clone(), &ReadOptions::default());
            assert_eq!(articles[0].as_ref().unwrap().id, format!("{id}/a.txt"));
            archive = tar_of(&format!("{}.tar", outer + 1), &archive);
        }
        let articles = read_bytes("x", InputFormat::Tar, archive, &ReadOptions::default());
        let [Err(error)] = &articles[..] else { panic!("{articles:?}") };
        assert_eq!((error.id.as_str(), error.kind.code()), ("x/4.tar/3.tar/2.tar/1.tar", "unsupported"));
        assert!(error.to_string().contains("unpack it"), "{error}");
    }

    #[test]
    fn what_unpacks_without_end_stops() {
        // Each level holds the one below it ten times: 10,000 texts of 64 KiB, from one that is read.
        let text = vec![b'a'; 1 << 16];
        let mut file = ("a.txt".to_owned(), text);
        for level in 1..=4 {
            let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
            for copy in 0..10 {
                let options =
                    zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
                archive.start_file(format!("{copy}-{}", file.0), options).unwrap();
                archive.write_all(&file.1).unwrap();
            }
            file = (format!("{level}.zip"), archive.finish().unwrap().into_inner());
        }
        let (sender, receiver) = std::sync::mpsc::sync_channel(1 << 20);
        let mut emit = Emit::new(sender);
        emit.allow(1 << 22);
        assert!(read_zip("x", std::io::Cursor::new(file.1), &ReadOptions::default(), &mut emit).is_ok());
        drop(emit);
        let read: Vec<_> = receiver.iter().map(|(_, article)| article).collect();
        let articles = read.iter().filter(|article| article.is_ok()).count();
        assert!(articles > 10 && articles <= 1 << (22 - 16), "{articles}");
        // What is open fails to its end, and nothing below it is opened.
        assert!(read.len() - articles <= 40, "{}", read.len());
        assert!(read.last().unwrap().as_ref().unwrap_err().to_string().contains("far more comes out of the archive"));
    }
}
