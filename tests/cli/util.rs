//! A temporary folder with a model whose engine is a table of words, and the
//! binary run in it with nothing of the outside leaking in.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use serde_json::{Map, Value, json};

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

const LABELS: [&str; 11] =
    ["O", "B-PER", "I-PER", "B-CITY", "B-CITY@1", "B-CITY@2", "I-CITY", "B-ORG", "B-ORG@1", "I-ORG", "B-DATE"];

/// The words that the model knows.
const WORDS: [(&str, &str); 8] = [
    ("Mounir", "B-PER"),
    ("Limouri", "I-PER"),
    ("طنجة", "B-CITY"),
    ("وطنجة", "B-CITY@1"),
    ("وبطنجة", "B-CITY@2"),
    ("MedCities", "B-ORG"),
    ("لليونسكو", "B-ORG@1"),
    ("أمس", "B-DATE"),
];

impl Workplace {
    /// An empty folder but for the model `scripted`: a word-level tokenizer, and
    /// a label for each of a few words.
    pub(crate) fn new() -> Self {
        let place = Self { folder: tempfile::tempdir().unwrap() };
        let specials = ["[UNK]", "[CLS]", "[SEP]", "[PAD]"];
        let tokens = specials.into_iter().chain(WORDS.map(|(word, _)| word)).enumerate();
        let vocabulary: Map<String, Value> = tokens.map(|(id, token)| (token.to_owned(), json!(id))).collect();
        let added = specials.map(|token| {
            json!({"id": vocabulary[token], "content": token, "single_word": false, "lstrip": false, "rstrip": false,
                   "normalized": false, "special": true})
        });
        let tokenizer = json!({
            "version": "1.0", "truncation": null, "padding": null, "added_tokens": added, "normalizer": null,
            "pre_tokenizer": {"type": "Whitespace"}, "post_processor": null, "decoder": null,
            "model": {"type": "WordLevel", "vocab": vocabulary, "unk_token": "[UNK]"}
        });
        let labels: Map<String, Value> =
            LABELS.into_iter().enumerate().map(|(id, label)| (id.to_string(), json!(label))).collect();
        let script: Map<String, Value> =
            WORDS.map(|(word, label)| (word.to_owned(), json!(label))).into_iter().collect();
        place.write("scripted/tokenizer.json", tokenizer.to_string());
        place.write("scripted/config.json", json!({"model_type": "scripted", "id2label": labels}).to_string());
        place.write("scripted/script.json", Value::Object(script).to_string());
        place
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
    [&["annotate", "--engine", "scripted", "--model", "./scripted"], arguments].concat()
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
