//! Offsets through real tokenizers: whatever a normaliser adds, drops or joins,
//! every entity is the exact slice of the article.
//!
//! The tokenizers are those of tests/models: WordPiece with and without accents,
//! Unigram with the Precompiled normaliser of multilingual-e5 and with NFKC, and
//! byte-level BPE, whose tokens may be parts of a character.

mod folders;

use std::sync::LazyLock;

use folders::Copy;
use musamma::{
    annotation::Record,
    article::Article,
    engine::{EngineKind, EngineOptions},
    model::{LabelMap, Model},
    pipeline::{Annotator, Settings},
    window::{self, WindowShape},
    words::{Word, words},
};
use proptest::{prelude::*, sample::select};

/// Tokenizers by their folder, and `Tanger` as it stands inside a sentence.
const TOKENIZERS: [(&str, &str); 5] = [
    ("bert", "Tanger"),
    ("distilbert", "Tanger"),
    ("xlm-roberta", "Tanger"),
    ("camembert", "Tanger"),
    // It reads the space before a word as a part of it.
    ("roberta", " Tanger"),
];

/// What texts are made of.
const FRAGMENTS: &[&str] = &[
    " ",
    "\n",
    "\r\n",
    "\t",
    "  ",
    "طَنْجَة",
    "وبالرّباطِ",
    "المــغرب",
    "ـ",
    "\u{200f}الرباط\u{200e}",
    "\u{200f}",
    "\u{202b}فاس\u{202c}",
    "می\u{200c}خواهم",
    "لأمم لإسبانيا لآسفي للسمارة",
    "ﻻ ﻷ ﻹ ﻵ",
    "ﻣﺪﻳﻨﺔ",
    "ﷺ",
    "ﷲ",
    "١٤ ۲۰۲۴ 23",
    "😀",
    "👩\u{200d}👩\u{200d}👧",
    "🇲🇦",
    "cafe\u{301}",
    "Müller Mu\u{308}ller",
    "\u{301}",
    "\u{64e}",
    "نائبا\u{64b}",
    "l’Algérie",
    "qu'Oujda",
    "①½ﬁ㎞Ⅳ…",
    "«MedCities»",
    "한국어 한",
    "中文",
    "\u{feff}",
    "\u{ad}",
    "\u{0}",
    "\u{85}",
    "\u{a0}",
    "\u{3000}",
    "Tanger",
    "TANGER",
    ".",
    "[SEP]",
    "<s>",
];

/// An annotator for which `Tanger` is a place.
fn annotator(folder: &str, tanger: &str) -> Annotator {
    let label = if folder == "bert" { "B-CITY" } else { "B-LOC" };
    scripted(&Copy::of(folder).write("script.json", serde_json::json!({ tanger: label }).to_string()))
}

/// An annotator by the folder's `script.json`.
fn scripted(copy: &Copy) -> Annotator {
    let model = Model::open(copy.path(), EngineKind::Scripted.weights_file(), &LabelMap::new()).unwrap();
    let engine = EngineKind::Scripted.load(&model, EngineOptions::default()).unwrap();
    Annotator::new(model, engine, Settings::default())
}

static ANNOTATORS: LazyLock<Vec<(&str, Annotator)>> =
    LazyLock::new(|| TOKENIZERS.into_iter().map(|(folder, tanger)| (folder, annotator(folder, tanger))).collect());

fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(prop_oneof![3 => select(FRAGMENTS).prop_map(str::to_owned), 1 => "\\PC{1,4}"], 0..40)
        .prop_map(|fragments| fragments.concat())
}

/// Whether a normaliser may drop a word: none of its characters is a letter or a digit.
fn may_vanish(text: &str, word: &Word) -> bool {
    use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};
    let counts = |character: char| {
        matches!(character.general_category_group(), GeneralCategoryGroup::Letter | GeneralCategoryGroup::Number)
    };
    !text[word.range()].chars().any(counts)
}

/// Checks an annotation of `article` against the article's text in all three units.
fn check_record(article: &Article, record: &Record) {
    let text = article.text();
    let chars: Vec<char> = text.chars().collect();
    let units: Vec<u16> = text.encode_utf16().collect();
    let mut end = 0;
    for entity in record.entities.as_ref().unwrap() {
        let [first, last] = entity.bytes;
        assert!(end <= first && first < last, "entities overlap or are empty: {entity:?}");
        assert_eq!(entity.text, text[first..last]);
        assert_eq!(entity.text, chars[entity.start..entity.end].iter().collect::<String>());
        assert_eq!(entity.text, String::from_utf16(&units[entity.utf16[0]..entity.utf16[1]]).unwrap());
        end = last;
    }
}

/// The byte ranges of an article's entities, after `check_record`.
fn found(annotator: &Annotator, text: &str) -> Vec<[usize; 2]> {
    let article = Article::new("test", text);
    let entities = annotator.annotate(&article).unwrap();
    let record = Record::annotated(&article, &entities);
    check_record(&article, &record);
    record.entities.unwrap().into_iter().map(|entity| entity.bytes).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn tokens_lie_on_character_boundaries_in_order(text in text()) {
        for (name, annotator) in &*ANNOTATORS {
            let tokens = annotator.model().unwrap().tokenizer.encode(&text).unwrap();
            let mut last = 0;
            for token in &tokens {
                prop_assert!(text.get(token.start..token.end).is_some(), "{}: {:?}", name, token);
                prop_assert!(last <= token.start, "{}: {:?} begins before {}", name, token, last);
                last = token.start;
            }
        }
    }

    #[test]
    fn every_word_is_decided_at_a_token_that_stands_for_it(text in text()) {
        let words = words(&text);
        for (name, annotator) in &*ANNOTATORS {
            let tokens = annotator.model().unwrap().tokenizer.encode(&text).unwrap();
            let windows = window::windows(&tokens, &words, WindowShape { tokens: 16, stride: 10 });
            let mut decided = vec![false; words.len()];
            for window in &windows {
                for place in &window.words {
                    let word = words[place.word];
                    let token = tokens[window.tokens.start + place.token];
                    prop_assert!(token.start < word.end && word.start < token.end, "{}: {:?} {:?}", name, token, word);
                    decided[place.word] = true;
                }
            }
            for (word, decided) in words.iter().zip(decided) {
                prop_assert!(decided || may_vanish(&text, word), "{}: {:?}", name, &text[word.range()]);
            }
        }
    }

    #[test]
    fn a_name_is_found_where_it_stands(before in text(), after in text(), repeat in 1_usize..12) {
        // Windows have 62 tokens: many of these articles have more than three.
        let before = before.repeat(repeat);
        let text = format!("{before} . Tanger . {after}");
        let start = before.len() + " . ".len();
        for (name, annotator) in &*ANNOTATORS {
            let found = found(annotator, &text);
            prop_assert!(found.contains(&[start, start + "Tanger".len()]), "{}: {:?} in {:?}", name, found, text);
        }
    }
}

#[test]
fn names_in_articles_longer_than_three_windows_are_all_found() {
    let sentence = "\u{feff}وصل الوفد إلى\r\n Tanger , 😀 cafe\u{301} ﻷ ﷺ «المــغرب» \u{200f}طَنْجَة\u{200e}.\n";
    let text = sentence.repeat(40);
    let expected: Vec<[usize; 2]> =
        text.match_indices("Tanger").map(|(start, name)| [start, start + name.len()]).collect();
    for (name, annotator) in &*ANNOTATORS {
        let tokens = annotator.model().unwrap().tokenizer.encode(&text).unwrap().len();
        assert!(tokens > 4 * 62, "{name}: {tokens}");
        let found = found(annotator, &text);
        assert!(expected.iter().all(|place| found.contains(place)), "{name}");
    }
}

#[test]
fn characters_that_are_several_tokens_are_whole() {
    let (_, annotator) = &ANNOTATORS[4];
    let text = "😀 𞤀𞤁 ﷺ";
    let tokens = annotator.model().unwrap().tokenizer.encode(text).unwrap();
    let smile = "😀".len();
    assert!(tokens.iter().filter(|token| (token.start, token.end) == (0, smile)).count() > 1, "{tokens:?}");
}

#[test]
fn a_normaliser_that_lengthens_and_one_that_drops() {
    let text = "ﷺ Tanger ﻷ\u{200f} Tanger";
    let expected: Vec<[usize; 2]> =
        text.match_indices("Tanger").map(|(start, name)| [start, start + name.len()]).collect();
    for (name, annotator) in &*ANNOTATORS {
        let found = found(annotator, text);
        assert!(expected.iter().all(|place| found.contains(place)), "{name}: {found:?}");
    }
}

#[test]
fn proclitics_are_cut_at_the_letter_with_its_marks() {
    // BERT's normaliser drops the marks; without that a word with one is unknown to WordPiece.
    let copy = Copy::of("bert")
        .edit("tokenizer.json", |tokenizer| tokenizer["normalizer"]["strip_accents"] = true.into())
        .write("script.json", serde_json::json!({"بطنجة": "B-CITY@1"}).to_string());
    let annotator = scripted(&copy);
    for (text, expected) in [("بطنجة", "طنجة"), ("بِطَنجة", "طَنجة"), ("بِّطنجةُ", "طنجةُ")]
    {
        let article = Article::new("test", format!("😀\r\n{text} cafe\u{301}"));
        let entities = annotator.annotate(&article).unwrap();
        let slices: Vec<&str> = entities.iter().map(|entity| article.slice(entity.span)).collect();
        assert!(slices.contains(&expected), "{slices:?}");
    }
}
