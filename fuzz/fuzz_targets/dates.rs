//! Any text in any language on any day gives sorted, disjoint slices, without a panic.
//!
//! ```text
//! scripts/fuzz dates
//! ```

#![no_main]

use jiff::civil::Date;
use libfuzzer_sys::fuzz_target;
use musamma::dates;

const LANGUAGES: [Option<&str>; 11] = [
    None,
    Some("ar"),
    Some("de"),
    Some("en"),
    Some("es"),
    Some("fr"),
    Some("it"),
    Some("nl"),
    Some("pt"),
    Some("tr"),
    Some("xx"),
];

fuzz_target!(|input: (u8, i16, i8, i8, String)| {
    let (language, year, month, day, text) = input;
    let language = LANGUAGES[usize::from(language) % LANGUAGES.len()];
    let found = dates::find(&text, language, Date::new(year, month, day).ok());
    for mention in &found {
        assert!(!text[mention.range.clone()].is_empty());
        if let Some((from, to)) = mention.interval() {
            assert!(from <= to);
        }
    }
    assert!(found.windows(2).all(|pair| pair[0].range.end <= pair[1].range.start));
    let _ = dates::publication_date(&text, language);
    let _ = dates::date_in_file_name(&text);
});
