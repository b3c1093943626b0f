//! What to read: the files behind the paths that were given, and their ids.

use std::{
    collections::HashMap,
    ffi::OsStr,
    fs,
    path::{Component, Path, PathBuf},
};

use walkdir::{DirEntry, WalkDir};

use super::InputError;

/// How articles lie in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum InputFormat {
    /// The whole file is one article.
    Text,
    /// Each line is a JSON object with an article in it.
    Jsonl,
}

impl InputFormat {
    /// File name endings that are read in folders.
    pub const ENDINGS: [&'static str; 3] = [".txt", ".jsonl", ".ndjson"];

    /// The format a file's ending speaks of.
    pub fn of(path: &Path) -> Option<Self> {
        let ending = path.extension().and_then(OsStr::to_str)?.to_ascii_lowercase();
        match ending.as_str() {
            "txt" => Some(Self::Text),
            "jsonl" | "ndjson" => Some(Self::Jsonl),
            _ => None,
        }
    }
}

/// One file to read, or standard input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// Where it is; `None` for standard input.
    pub path: Option<PathBuf>,
    /// The id of the article in it, or the beginning of `FILE:LINE`.
    pub id: String,
    /// How it is read.
    pub format: InputFormat,
}

/// Everything a run reads, in order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Inputs {
    /// The files, sorted within each folder.
    pub files: Vec<Input>,
    /// Files in folders that were passed over: an unknown ending, hidden, or no regular file.
    pub skipped: usize,
    /// Bytes of all files.
    pub bytes: u64,
}

impl Inputs {
    /// Finds the inputs behind `paths`: files as they are, folders with all
    /// that lies under them, `-` for standard input. `format` overrides what
    /// endings say; `excluded` are files of the run's own: folders are read without
    /// them, and to name one is an error.
    ///
    /// Ids are file names, and in folders paths relative to the folder, with
    /// the folder's name before it where several inputs are given. Inputs of the
    /// same name are told apart by as many of their parent folders as it takes.
    ///
    /// # Errors
    /// [`InputError`] where a path does not exist or nothing is there to read.
    pub fn find(paths: &[PathBuf], format: Option<InputFormat>, excluded: &[PathBuf]) -> Result<Self, InputError> {
        let count = paths.iter().filter(|path| is_stdin(path)).count();
        if count > 1 {
            return Err(InputError::RepeatedStdin { count });
        }
        let names = distinct_names(paths);
        let mut inputs = Self::default();
        for (path, name) in paths.iter().zip(names) {
            if is_stdin(path) {
                let format = format.unwrap_or(InputFormat::Jsonl);
                inputs.files.push(Input { path: None, id: "-".into(), format });
                continue;
            }
            let metadata = fs::metadata(path).map_err(|source| InputError::Open { path: path.clone(), source })?;
            if metadata.is_dir() {
                let prefix = (paths.len() > 1).then_some(name);
                inputs.add_folder(path, prefix.as_deref(), format, excluded)?;
            } else if excluded.iter().any(|excluded| same_file(excluded, path)) {
                return Err(InputError::IsOutput { path: path.clone() });
            } else {
                let format = format.or_else(|| InputFormat::of(path)).unwrap_or(InputFormat::Text);
                inputs.bytes += metadata.len();
                inputs.files.push(Input { path: Some(path.clone()), id: name, format });
            }
        }
        if inputs.files.is_empty() {
            return Err(InputError::Empty { paths: paths.to_vec() });
        }
        Ok(inputs)
    }

    fn add_folder(
        &mut self,
        folder: &Path,
        prefix: Option<&str>,
        format: Option<InputFormat>,
        excluded: &[PathBuf],
    ) -> Result<(), InputError> {
        let is_hidden = |entry: &DirEntry| entry.depth() > 0 && entry.file_name().to_string_lossy().starts_with('.');
        let mut hidden = 0;
        let entries = WalkDir::new(folder).follow_links(true).sort_by_file_name().into_iter().filter_entry(|entry| {
            hidden += usize::from(is_hidden(entry));
            !is_hidden(entry)
        });
        for entry in entries {
            let (path, bytes) = match entry {
                Ok(entry) if entry.file_type().is_dir() => continue,
                // A pipe or a device, which might never end.
                Ok(entry) if !entry.file_type().is_file() => {
                    self.skipped += 1;
                    continue;
                }
                Ok(entry) => {
                    let bytes = entry.metadata().map_or(0, |metadata| metadata.len());
                    (entry.into_path(), bytes)
                }
                // A link back up: what it leads to is read anyway.
                Err(error) if error.loop_ancestor().is_some() => continue,
                // Reading it will say what is wrong, in a record of its own.
                Err(error) => match error.path() {
                    Some(path) => (path.to_owned(), 0),
                    None => continue,
                },
            };
            let known = InputFormat::of(&path).or_else(|| path.is_dir().then_some(InputFormat::Text));
            let Some(known) = known.map(|known| format.unwrap_or(known)) else {
                self.skipped += 1;
                continue;
            };
            if excluded.iter().any(|excluded| same_file(excluded, &path)) {
                match known {
                    // What an earlier run wrote.
                    InputFormat::Jsonl => continue,
                    InputFormat::Text => return Err(InputError::IsOutput { path }),
                }
            }
            let relative = slashed(path.strip_prefix(folder).unwrap_or(&path));
            let id = prefix.map_or_else(|| relative.clone(), |prefix| format!("{prefix}/{relative}"));
            self.bytes += bytes;
            self.files.push(Input { path: Some(path), id, format: known });
        }
        self.skipped += hidden;
        Ok(())
    }
}

fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

fn same_file(left: &Path, right: &Path) -> bool {
    left.file_name() == right.file_name()
        && matches!((left.canonicalize(), right.canonicalize()), (Ok(left), Ok(right)) if left == right)
}

/// A path with `/` between its parts.
fn slashed(path: &Path) -> String {
    path.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

/// The last parts of each path, as few as tell it from the others that end alike.
fn distinct_names(paths: &[PathBuf]) -> Vec<String> {
    let parts: Vec<Vec<String>> = paths.iter().map(|path| name_parts(path)).collect();
    let mut lengths = vec![1; paths.len()];
    loop {
        let name = |(parts, &length): (&Vec<String>, &usize)| parts[parts.len().saturating_sub(length)..].join("/");
        let names: Vec<String> = parts.iter().zip(&lengths).map(name).collect();
        let mut users: HashMap<&str, usize> = HashMap::new();
        for name in &names {
            *users.entry(name).or_default() += 1;
        }
        let mut longer = false;
        for ((length, parts), name) in lengths.iter_mut().zip(&parts).zip(&names) {
            if users[name.as_str()] > 1 && *length < parts.len() {
                *length += 1;
                longer = true;
            }
        }
        if !longer {
            return names;
        }
    }
}

/// The named parts of a path; `.` and `..` are looked up, so that `.` has the folder's name.
fn name_parts(path: &Path) -> Vec<String> {
    let named = |path: &Path| -> Vec<String> {
        path.components()
            .filter_map(|part| match part {
                Component::Normal(name) => Some(name.to_string_lossy().into_owned()),
                _ => None,
            })
            .collect()
    };
    let plain = path.components().all(|part| matches!(part, Component::Normal(_) | Component::RootDir));
    match path.canonicalize() {
        Ok(whole) if !plain => named(&whole),
        _ => named(path),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder with these files in it.
    fn folder(files: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for file in files {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "x").unwrap();
        }
        folder
    }

    fn ids(folder: &tempfile::TempDir, paths: &[&str]) -> Vec<String> {
        let paths: Vec<PathBuf> = paths.iter().map(|path| folder.path().join(path)).collect();
        Inputs::find(&paths, None, &[]).unwrap().files.into_iter().map(|input| input.id).collect()
    }

    #[test]
    fn a_file_has_its_name_and_a_folder_gives_relative_paths() {
        let folder = folder(&["news/b.txt", "news/a/z.txt", "news/a.jsonl", "news/image.png", "news/.hidden.txt"]);
        assert_eq!(ids(&folder, &["news/b.txt"]), ["b.txt"]);
        assert_eq!(ids(&folder, &["news"]), ["a/z.txt", "a.jsonl", "b.txt"]);
        let found = Inputs::find(&[folder.path().join("news")], None, &[]).unwrap();
        assert_eq!((found.skipped, found.bytes), (2, 3));
    }

    #[test]
    fn several_folders_come_before_their_files() {
        let folder = folder(&["monday/a.txt", "tuesday/a.txt"]);
        assert_eq!(ids(&folder, &["monday", "tuesday"]), ["monday/a.txt", "tuesday/a.txt"]);
    }

    #[test]
    fn inputs_of_the_same_name_are_told_apart_by_their_parents() {
        let folder = folder(&["x/news/a.txt", "y/news/a.txt", "z/b.txt"]);
        assert_eq!(ids(&folder, &["x/news", "y/news", "z"]), ["x/news/a.txt", "y/news/a.txt", "z/b.txt"]);
        assert_eq!(ids(&folder, &["x/news/a.txt", "y/news/a.txt"]), ["x/news/a.txt", "y/news/a.txt"]);
    }

    #[test]
    fn nothing_to_read_is_an_error() {
        let folder = folder(&["pictures/a.png"]);
        let find = |path: &str| Inputs::find(&[folder.path().join(path)], None, &[]);
        assert!(matches!(find("pictures"), Err(InputError::Empty { .. })));
        assert!(matches!(find("nowhere"), Err(InputError::Open { .. })));
        assert!(matches!(
            Inputs::find(&["-".into(), "-".into()], None, &[]),
            Err(InputError::RepeatedStdin { count: 2 })
        ));
    }

    #[test]
    fn the_output_of_a_run_is_not_its_input() {
        let folder = folder(&["news/a.txt", "news/out.jsonl"]);
        let found = Inputs::find(&[folder.path().join("news")], None, &[folder.path().join("news/out.jsonl")]).unwrap();
        assert_eq!(found.files.len(), 1);
        let over_article = Inputs::find(&[folder.path().join("news")], None, &[folder.path().join("news/a.txt")]);
        assert!(matches!(over_article, Err(InputError::IsOutput { .. })));
        let named = folder.path().join("news/out.jsonl");
        assert!(matches!(
            Inputs::find(std::slice::from_ref(&named), None, std::slice::from_ref(&named)),
            Err(InputError::IsOutput { .. })
        ));
    }
}
