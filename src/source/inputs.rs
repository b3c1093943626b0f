//! What to read: the files behind the paths that were given, and their ids.

use std::{
    collections::HashMap,
    fs,
    io::{self, BufRead},
    path::{Component, Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use ignore::{DirEntry, WalkBuilder, overrides::OverrideBuilder};

use super::{InputError, InputFormat};

/// The name of files that say what is not to be read, like `.ignore`, to Musamma alone.
const IGNORE_FILE: &str = ".musammaignore";

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

/// Where to look for inputs, and for which.
#[derive(Debug, Clone, Default)]
pub struct Search {
    /// Files as they are, folders with all that lies under them, `-` for standard input.
    pub paths: Vec<PathBuf>,
    /// Further files and folders, from a list. Their ids are the paths as they are
    /// here; one that is not there is an article that cannot be read.
    pub listed: Vec<PathBuf>,
    /// How to read them, whatever their endings say.
    pub format: Option<InputFormat>,
    /// Files of the run's own: folders are read without them, and to name one is an error.
    pub excluded: Vec<PathBuf>,
    /// Which files of folders to read, in the form of `.gitignore`: only those that
    /// match one of the globs, and none that matches one with `!` before it.
    pub globs: Vec<String>,
    /// Read hidden files too.
    pub hidden: bool,
    /// Read what `.gitignore`, `.ignore` and `.musammaignore` leave out too.
    pub no_ignore: bool,
}

/// The paths in a list: one a line, or with NUL behind each, as `find -print0` writes them.
///
/// # Errors
/// Where the list cannot be read.
pub fn read_list(list: impl BufRead) -> io::Result<Vec<PathBuf>> {
    let mut bytes = Vec::new();
    let mut list = list;
    list.read_to_end(&mut bytes)?;
    let separator = if bytes.contains(&0) { 0 } else { b'\n' };
    let paths = bytes.split(|&byte| byte == separator).filter_map(|path| {
        let path = if separator == 0 { path } else { path.trim_ascii() };
        (!path.is_empty()).then(|| path_of(path))
    });
    Ok(paths.collect())
}

#[cfg(unix)]
fn path_of(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    std::ffi::OsStr::from_bytes(bytes).into()
}

#[cfg(not(unix))]
fn path_of(bytes: &[u8]) -> PathBuf {
    String::from_utf8_lossy(bytes).into_owned().into()
}

impl Inputs {
    /// Finds the inputs of a run.
    ///
    /// Ids are file names, and in folders paths relative to the folder, with
    /// the folder's name before it where several inputs are given. Inputs of the
    /// same name are told apart by as many of their parent folders as it takes.
    ///
    /// # Errors
    /// [`InputError`] where a path does not exist or nothing is there to read.
    pub fn find(search: &Search) -> Result<Self, InputError> {
        let paths = &search.paths;
        let count = paths.iter().filter(|path| is_stdin(path)).count();
        if count > 1 {
            return Err(InputError::RepeatedStdin { count });
        }
        let names = distinct_names(paths);
        let mut inputs = Self::default();
        for (path, name) in paths.iter().zip(names) {
            if is_stdin(path) {
                let format = search.format.unwrap_or(InputFormat::Jsonl);
                inputs.files.push(Input { path: None, id: "-".into(), format });
                continue;
            }
            let metadata = fs::metadata(path).map_err(|source| InputError::Open { path: path.clone(), source })?;
            let is_alone = paths.len() == 1 && search.listed.is_empty();
            inputs.add(search, path, name, !is_alone, metadata)?;
        }
        for path in &search.listed {
            let name = slashed(path.strip_prefix(".").unwrap_or(path));
            match fs::metadata(path) {
                Ok(metadata) => inputs.add(search, path, name, true, metadata)?,
                // Reading it will say what is wrong, in a record of its own.
                Err(_) => inputs.files.push(Input {
                    path: Some(path.clone()),
                    id: name,
                    format: search.format.or_else(|| InputFormat::of(path)).unwrap_or(InputFormat::Text),
                }),
            }
        }
        if inputs.files.is_empty() {
            return Err(InputError::Empty { paths: paths.iter().chain(&search.listed).cloned().collect() });
        }
        Ok(inputs)
    }

    /// Adds a file or a folder that was named.
    fn add(
        &mut self,
        search: &Search,
        path: &Path,
        name: String,
        is_prefix: bool,
        metadata: fs::Metadata,
    ) -> Result<(), InputError> {
        if metadata.is_dir() {
            return self.add_folder(path, is_prefix.then_some(name.as_str()), search);
        }
        if search.excluded.iter().any(|excluded| same_file(excluded, path)) {
            return Err(InputError::IsOutput { path: path.to_owned() });
        }
        let format = search.format.or_else(|| InputFormat::of(path)).unwrap_or(InputFormat::Text);
        self.bytes += metadata.len();
        self.files.push(Input { path: Some(path.to_owned()), id: name, format });
        Ok(())
    }

    fn add_folder(&mut self, folder: &Path, prefix: Option<&str>, search: &Search) -> Result<(), InputError> {
        let hidden = Arc::new(AtomicUsize::new(0));
        for entry in walk(folder, search, Arc::clone(&hidden))?.build() {
            let (path, bytes) = match entry {
                Ok(entry) => {
                    let is = |kind: fn(&fs::FileType) -> bool| entry.file_type().is_some_and(|found| kind(&found));
                    if is(fs::FileType::is_dir) {
                        continue;
                    }
                    // A pipe or a device, which might never end.
                    if !is(fs::FileType::is_file) {
                        self.skipped += 1;
                        continue;
                    }
                    let bytes = entry.metadata().map_or(0, |metadata| metadata.len());
                    (entry.into_path(), bytes)
                }
                // Reading it will say what is wrong, in a record of its own; a link
                // back up leads to what is read anyway.
                Err(error) => match path_of_error(&error) {
                    Some(path) => (path.to_owned(), 0),
                    None => continue,
                },
            };
            let known = InputFormat::of(&path).or_else(|| path.is_dir().then_some(InputFormat::Text));
            let Some(known) = known.map(|known| search.format.unwrap_or(known)) else {
                self.skipped += 1;
                continue;
            };
            if search.excluded.iter().any(|excluded| same_file(excluded, &path)) {
                // What an earlier run wrote is no article; anything else would be lost.
                if known.is_written() {
                    continue;
                }
                return Err(InputError::IsOutput { path });
            }
            let relative = slashed(path.strip_prefix(folder).unwrap_or(&path));
            let id = prefix.map_or_else(|| relative.clone(), |prefix| format!("{prefix}/{relative}"));
            self.bytes += bytes;
            self.files.push(Input { path: Some(path), id, format: known });
        }
        self.skipped += hidden.load(Ordering::Relaxed);
        Ok(())
    }
}

/// The files under a folder, as ripgrep would search them. Hidden ones that are passed over are counted.
fn walk(folder: &Path, search: &Search, hidden: Arc<AtomicUsize>) -> Result<WalkBuilder, InputError> {
    let mut globs = OverrideBuilder::new(folder);
    for glob in &search.globs {
        globs.add(glob).map_err(InputError::Glob)?;
    }
    let mut walk = WalkBuilder::new(folder);
    walk.standard_filters(!search.no_ignore)
        .hidden(false)
        .follow_links(true)
        .overrides(globs.build().map_err(InputError::Glob)?)
        .sort_by_file_name(Ord::cmp);
    if !search.no_ignore {
        walk.add_custom_ignore_filename(IGNORE_FILE);
    }
    if !search.hidden {
        let is_hidden = |entry: &DirEntry| entry.depth() > 0 && entry.file_name().to_string_lossy().starts_with('.');
        walk.filter_entry(move |entry| {
            let is_hidden = is_hidden(entry);
            hidden.fetch_add(usize::from(is_hidden), Ordering::Relaxed);
            !is_hidden
        });
    }
    Ok(walk)
}

/// The file an error of the walk is about; `None` for a link back up.
fn path_of_error(error: &ignore::Error) -> Option<&Path> {
    match error {
        ignore::Error::WithPath { path, err } => match **err {
            ignore::Error::Loop { .. } => None,
            _ => Some(path),
        },
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => path_of_error(err),
        ignore::Error::Partial(errors) => errors.iter().find_map(path_of_error),
        _ => None,
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
        Inputs::find(&Search { paths, ..Search::default() }).unwrap().files.into_iter().map(|input| input.id).collect()
    }

    /// What a search of one path finds.
    fn find(path: PathBuf) -> Result<Inputs, InputError> {
        Inputs::find(&Search { paths: vec![path], ..Search::default() })
    }

    #[test]
    fn a_file_has_its_name_and_a_folder_gives_relative_paths() {
        let folder = folder(&["news/b.txt", "news/a/z.txt", "news/a.jsonl", "news/image.png", "news/.hidden.txt"]);
        assert_eq!(ids(&folder, &["news/b.txt"]), ["b.txt"]);
        assert_eq!(ids(&folder, &["news"]), ["a/z.txt", "a.jsonl", "b.txt"]);
        let found = find(folder.path().join("news")).unwrap();
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
        assert!(matches!(find(folder.path().join("pictures")), Err(InputError::Empty { .. })));
        assert!(matches!(find(folder.path().join("nowhere")), Err(InputError::Open { .. })));
        let twice = Search { paths: vec!["-".into(), "-".into()], ..Search::default() };
        assert!(matches!(Inputs::find(&twice), Err(InputError::RepeatedStdin { count: 2 })));
    }

    #[test]
    fn the_output_of_a_run_is_not_its_input() {
        let folder = folder(&["news/a.txt", "news/out.jsonl"]);
        let find = |path: &str, own: &str| {
            let (paths, excluded) = (vec![folder.path().join(path)], vec![folder.path().join(own)]);
            Inputs::find(&Search { paths, excluded, ..Search::default() })
        };
        assert_eq!(find("news", "news/out.jsonl").unwrap().files.len(), 1);
        assert!(matches!(find("news", "news/a.txt"), Err(InputError::IsOutput { .. })));
        assert!(matches!(find("news/out.jsonl", "news/out.jsonl"), Err(InputError::IsOutput { .. })));
    }

    #[test]
    fn globs_and_ignore_files_choose_as_in_ripgrep() {
        let folder = folder(&["news/a.txt", "news/b.html", "news/old/c.txt", "news/.d.txt", "news/draft/e.txt"]);
        fs::write(folder.path().join("news/.musammaignore"), "draft/\n").unwrap();
        fs::write(folder.path().join("news/.ignore"), "*.html\n").unwrap();
        let find = |change: fn(&mut Search)| {
            let mut search = Search { paths: vec![folder.path().join("news")], ..Search::default() };
            change(&mut search);
            Inputs::find(&search).unwrap().files.into_iter().map(|input| input.id).collect::<Vec<_>>()
        };
        assert_eq!(find(|_| {}), ["a.txt", "old/c.txt"]);
        assert_eq!(find(|search| search.no_ignore = true), ["a.txt", "b.html", "draft/e.txt", "old/c.txt"]);
        assert_eq!(find(|search| search.hidden = true), [".d.txt", "a.txt", "old/c.txt"]);
        assert_eq!(find(|search| search.globs = vec!["old/**".into()]), ["old/c.txt"]);
        assert_eq!(find(|search| search.globs = vec!["!old".into()]), ["a.txt"]);
        let bad = Search { paths: vec![folder.path().join("news")], globs: vec!["a{".into()], ..Search::default() };
        assert!(matches!(Inputs::find(&bad), Err(InputError::Glob(_))));
    }

    #[test]
    fn listed_paths_are_ids_as_they_are_written() {
        assert_eq!(read_list(&b"a.txt\r\n\n b/c.txt\n"[..]).unwrap(), [Path::new("a.txt"), Path::new("b/c.txt")]);
        assert_eq!(read_list(&b"a\nb.txt\0c.txt\0"[..]).unwrap(), [Path::new("a\nb.txt"), Path::new("c.txt")]);
        let folder = folder(&["news/a.txt"]);
        let listed = vec![folder.path().join("news"), "./gone.html".into()];
        let found = Inputs::find(&Search { listed, ..Search::default() }).unwrap();
        let ids: Vec<&str> = found.files.iter().map(|input| input.id.as_str()).collect();
        let expected = slashed(&folder.path().join("news/a.txt"));
        assert_eq!(ids, [expected.as_str(), "gone.html"]);
        assert_eq!(found.files[1].format, InputFormat::Html);
    }
}
