//! How long a million entities take from file to scores with intervals, and how much memory: reading both sides,
//! joining, matching in the default modes and a thousand bootstrap samples, as `musamma eval` does it.
//!
//! ```text
//! cargo bench --no-default-features --bench eval
//! ```

use std::{
    error::Error,
    fmt::Write as _,
    fs,
    num::NonZeroUsize,
    path::{Path, PathBuf},
    thread,
    time::Instant,
};

use musamma::eval::{self, AnnotationSet, Bootstrap, Labels, Mode};

/// Entities of an article, and how many code points each takes with the gap behind it.
const ENTITIES: usize = 50;
const STEP: usize = 20;

fn main() -> Result<(), Box<dyn Error>> {
    for articles in [10_000, 20_000] {
        let folder = tempfile::tempdir()?;
        let gold = write(&folder.path().join("gold.jsonl"), articles, false)?;
        let predicted = write(&folder.path().join("predicted.jsonl"), articles, true)?;
        let start = Instant::now();
        let labels = Labels::default();
        let open = |path: &PathBuf| AnnotationSet::open(&[path], &labels);
        let (gold, predicted) = thread::scope(|scope| {
            let gold = scope.spawn(|| open(&gold));
            let predicted = open(&predicted);
            (gold.join().expect("reading does not panic"), predicted)
        });
        let corpus = eval::align(gold?, predicted?)?;
        let read = start.elapsed().as_secs_f64();
        let samples = NonZeroUsize::new(1000).ok_or("no samples")?;
        let report = eval::score(&corpus, &labels, &[Mode::Strict, Mode::Partial])?
            .report(Some(Bootstrap { samples, seed: 1 }), &[]);
        let all = start.elapsed().as_secs_f64();
        // Every tenth prediction is one code point too long: a fast wrong answer fails.
        let strict = report.of(Mode::Strict).ok_or("no strict scores")?.micro.scores;
        assert!(strict.f1.is_some_and(|f1| (f1 - 0.9).abs() < 1e-9), "{strict:?}");
        println!(
            "eval: {} entities of {articles} articles: {all:.2} s ({read:.2} s reading), {} MB at most so far",
            2 * articles * ENTITIES,
            peak_megabytes()?
        );
    }
    Ok(())
}

/// Articles whose text is Arabic filler; in predictions every tenth entity is too long.
fn write(path: &Path, articles: usize, predicted: bool) -> Result<PathBuf, Box<dyn Error>> {
    const LABELS: [&str; 5] = ["PER", "CITY", "LOC", "ORG", "DATE"];
    let text = "وصل الوفد إلى طنجة. ".repeat(ENTITIES);
    let mut output = String::new();
    for article in 0..articles {
        write!(output, r#"{{"id":"{article}","text":"{text}","entities":["#)?;
        for entity in 0..ENTITIES {
            let (start, label) = (entity * STEP, LABELS[entity % LABELS.len()]);
            let end = start + 8 + usize::from(predicted && entity % 10 == 0);
            let comma = if entity == 0 { "" } else { "," };
            write!(output, r#"{comma}{{"start":{start},"end":{end},"label":"{label}","score":0.9}}"#)?;
        }
        output.push_str("]}\n");
    }
    fs::write(path, output)?;
    Ok(path.to_owned())
}

/// The most memory the process has held, where the system tells.
fn peak_megabytes() -> Result<u64, Box<dyn Error>> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).ok_or("no VmHWM")?;
    Ok(line.split_whitespace().nth(1).ok_or("no number")?.parse::<u64>()? / 1024)
}
