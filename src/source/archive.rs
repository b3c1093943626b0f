//! Archives: their files are inputs of their own, with ids like `archive.zip/inner/name.txt`.

use std::{
    fs::File,
    io::{BufRead, BufReader, Read, Seek},
    path::Path,
};

use super::{
    InputFormat, ReadOptions, SourceErrorKind,
    reader::{Emit, Stopped, read_stream},
};

/// Reads the files of a tar archive in their order.
pub(super) fn read_tar(
    id: &str,
    reader: &mut dyn BufRead,
    options: &ReadOptions,
    emit: &mut Emit<'_>,
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
    emit: &mut Emit<'_>,
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
    emit: &mut Emit<'_>,
) -> Result<(), Stopped> {
    match format_of(name) {
        Some(format) => read_stream(&member_id(archive, name), format, &mut BufReader::new(member), options, emit),
        None => {
            emit.skip();
            Ok(())
        }
    }
}

/// How a file in an archive is read; `None` where it is passed over: hidden, of
/// an unknown ending, or itself an archive, which could hold itself without end.
fn format_of(name: &str) -> Option<InputFormat> {
    let is_hidden =
        name.split(['/', '\\']).any(|part| part.starts_with('.') && !matches!(part, "." | "..") || part == "__MACOSX");
    let format = InputFormat::of(Path::new(name)).filter(|_| !is_hidden)?;
    (!matches!(format, InputFormat::Tar | InputFormat::Zip | InputFormat::Parquet)).then_some(format)
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
    use super::*;

    #[test]
    fn members_have_ids_below_the_archive() {
        assert_eq!(member_id("a.zip", "inner/name.txt"), "a.zip/inner/name.txt");
        assert_eq!(member_id("a.zip", "./x\\name.txt"), "a.zip/x/name.txt");
        assert_eq!(member_id("a.zip", "/../../etc/name.txt"), "a.zip/etc/name.txt");
    }

    #[test]
    fn hidden_files_and_archives_inside_are_passed_over() {
        for name in ["a.png", ".a.txt", "x/.git/a.txt", "__MACOSX/._a.txt", "inner.zip", "inner.tar.gz", "a.parquet"] {
            assert_eq!(format_of(name), None, "{name}");
        }
        assert_eq!(format_of("./x/a.txt.gz"), Some(InputFormat::Text));
    }
}
