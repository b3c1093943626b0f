//! The binary, run in a temporary folder with nothing of the outside leaking in.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use serde_json::Value;

/// A model folder whose engine is a table of a few words, in `script.json`.
const SCRIPTED_MODEL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/models/scripted");

/// A folder to run the binary in.
pub(crate) struct Workplace {
    folder: tempfile::TempDir,
}

/// What a run of the binary did.
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Workplace {
    /// An empty folder.
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file, and the folders it lies in.
    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// The binary, to be run in this folder with a clean environment.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin!("musamma"));
        command.args(arguments).current_dir(&self.folder).env_clear().env("COLUMNS", "100").stdin(Stdio::null());
        command
    }

    /// Runs the binary.
    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        Run::of(&self.command(arguments).output().unwrap())
    }

    /// Runs `annotate` with the scripted engine.
    pub(crate) fn annotate(&self, arguments: &[&str]) -> Run {
        self.run(&annotate(arguments))
    }

    /// Runs `annotate` with the scripted engine and `input` on its standard input.
    pub(crate) fn annotate_stdin(&self, arguments: &[&str], input: &str) -> Run {
        self.write("stdin", input);
        let stdin = fs::File::open(self.path("stdin")).unwrap();
        Run::of(&self.command(&annotate(arguments)).stdin(stdin).output().unwrap())
    }
}

/// The arguments of `annotate` with the scripted engine.
pub(crate) fn annotate<'a>(arguments: &[&'a str]) -> Vec<&'a str> {
    [&["annotate", "--engine", "scripted", "--model", SCRIPTED_MODEL], arguments].concat()
}

impl Run {
    fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        Self { code: output.status.code(), stdout: text(&output.stdout), stderr: text(&output.stderr) }
    }

    /// Fails with everything the run printed unless it ended with this code.
    #[track_caller]
    pub(crate) fn ends_with(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "\n--- stdout\n{}\n--- stderr\n{}", self.stdout, self.stderr);
        self
    }

    /// The records on standard output.
    pub(crate) fn records(&self) -> Vec<Value> {
        records(&self.stdout)
    }
}

/// The records of a JSONL text.
pub(crate) fn records(jsonl: &str) -> Vec<Value> {
    jsonl.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect()
}

/// The fixtures of the repository.
pub(crate) fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}
