//! Broken input of every format: the files of `tests/inputs`, cut and changed at
//! random places. Whatever they are, articles or errors come back.
//!
//! `MUSAMMA_MUTATIONS=20000 cargo test --test hostile` tries more than the usual few.

use std::{env, fs, io::Read, path::Path};

use musamma::source::{InputFormat, ReadOptions, SourceErrorKind, read_bytes};

/// Mutations of each file, unless the environment says otherwise.
const MUTATIONS: usize = 40;

/// Changes a few bytes, doubles or drops a stretch, or cuts the end off.
fn mutate(bytes: &mut Vec<u8>, random: &mut fastrand::Rng) {
    for _ in 0..random.usize(1..4) {
        let (from, to) = (random.usize(..=bytes.len()), random.usize(..=bytes.len()));
        let range = from.min(to)..from.max(to).min(from.min(to) + 64);
        match random.u8(..5) {
            0 => bytes.iter_mut().skip(from).take(random.usize(1..4)).for_each(|byte| *byte = random.u8(..)),
            1 => bytes.truncate(from.max(1)),
            2 => drop(bytes.drain(range)),
            3 => {
                let stretch = bytes[range].to_vec();
                bytes.splice(from..from, stretch);
            }
            _ => {
                // Lengths and ends are what parsers trust most.
                let value = [0, 0xff, b'\n', b'"', b'<', b'&', b'['][random.usize(..7)];
                bytes.splice(from..from, [value]);
            }
        }
    }
}

/// What is in a compressed file; any other as it is.
fn decompressed(bytes: &[u8]) -> Vec<u8> {
    let mut inner = Vec::new();
    match flate2::read::MultiGzDecoder::new(bytes).read_to_end(&mut inner) {
        Ok(_) => inner,
        Err(_) => zstd::decode_all(bytes).unwrap_or_else(|_| bytes.to_vec()),
    }
}

#[test]
fn whatever_the_bytes_are_articles_or_errors_come_back() {
    const LIMIT: u64 = 1 << 20;
    let mutations = env::var("MUSAMMA_MUTATIONS").map_or(MUTATIONS, |count| count.parse().unwrap());
    let options = ReadOptions { max_article_bytes: LIMIT, ..ReadOptions::default() };
    let mut random = fastrand::Rng::with_seed(13);
    let (mut files, mut articles, mut errors) = (0, 0, 0);
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/inputs")).unwrap() {
        let path = entry.unwrap().path();
        let Some(format) = InputFormat::of(&path) else { continue };
        let whole = fs::read(&path).unwrap();
        let inner = decompressed(&whole);
        files += 1;
        for mutation in 0..mutations {
            // Checksums catch most of what is changed in compressed bytes.
            let mut bytes = if mutation % 4 == 0 { whole.clone() } else { inner.clone() };
            mutate(&mut bytes, &mut random);
            for article in read_bytes("x", format, bytes, &options) {
                match article {
                    Ok(article) => {
                        articles += 1;
                        assert!(!article.text().contains('\0') && article.text().len() as u64 <= 4 * LIMIT);
                        assert!(article.excluded_char_count() <= article.char_count());
                    }
                    Err(error) => {
                        errors += 1;
                        let gave_up = matches!(&error.kind, SourceErrorKind::Malformed { format: "readable", .. });
                        // Its reader has places that panic on what a file says of itself.
                        let is_parquet = format == InputFormat::Parquet || error.id.ends_with(".parquet");
                        assert!(!gave_up || is_parquet, "{}, mutation {mutation}", path.display());
                    }
                }
            }
        }
    }
    assert!(files > 15 && articles > files && errors > files, "{files} files, {articles} articles, {errors} errors");
}
