//! From the logits of an article's words to its entities.

mod dates;
mod name;
mod repeats;
mod viterbi;

use ndarray::{Array2, ArrayView1, Axis};

use crate::{
    article::{Article, Span},
    dates::DateMention,
    model::{Label, Place, Tag, TagSet},
    words::{Proclitics, Word},
};

pub use dates::{dated, merge_dates};
pub use name::{Names, plain_name};

/// A named entity or date in an article.
#[derive(Debug, Clone, PartialEq)]
pub struct Entity {
    /// Where it stands.
    pub span: Span,
    /// What it is.
    pub label: Label,
    /// The name as one would file it.
    pub name: String,
    /// How sure the model is: the geometric mean of the probabilities of its
    /// words' tags, 0 to 1.
    pub score: f32,
    /// What a date says, where its label is `DATE`.
    pub date: Option<DateMention>,
}

/// What the windows of an article say of its words: weighted means of the
/// log-probabilities of labels, `[words, labels]`.
#[derive(Debug, Clone)]
pub struct WordScores {
    sums: Array2<f32>,
    weights: Vec<f32>,
}

impl WordScores {
    /// Nothing known of any word yet.
    pub fn new(words: usize, labels: usize) -> Self {
        Self { sums: Array2::zeros((words, labels)), weights: vec![0.0; words] }
    }

    /// Adds what one window says of a word: one logit a label.
    ///
    /// # Panics
    /// Where there is no such word, or `logits` has another length than there are labels.
    pub fn add(&mut self, word: usize, logits: ArrayView1<'_, f32>, weight: f32) {
        let total = log_sum_exp(logits);
        self.sums.row_mut(word).zip_mut_with(&logits, |sum, &logit| *sum += weight * (logit - total));
        self.weights[word] += weight;
    }

    /// Whether a window says something of a word.
    fn knows(&self, word: usize) -> bool {
        self.weights[word] > 0.0
    }

    /// The means, all 0 for a word of which nothing is known.
    fn log_probabilities(&self) -> Array2<f32> {
        let mut means = self.sums.clone();
        for (mut row, &weight) in means.axis_iter_mut(Axis(0)).zip(&self.weights) {
            if weight > 0.0 {
                row /= weight;
            }
        }
        means
    }
}

/// The entities of an article, in order and never overlapping.
///
/// Each word gets one tag, by the most likely legal sequence. Labels for a name
/// after proclitics are legal only on words that begin with such letters. Words
/// the tokenizer dropped have no scores: they may go on with an entity, but
/// begin none. No entity reaches across what the article excludes; `words` has none of it.
/// A name that is clear in one place is found wherever else it stands.
pub fn entities(article: &Article, words: &[Word], scores: &WordScores, tags: &TagSet) -> Vec<Entity> {
    let text = article.text();
    let log_probabilities = scores.log_probabilities();
    let mut constrained = log_probabilities.clone();
    let is_cut = |index: usize| index > 0 && article.is_excluded(words[index - 1].end..words[index].start);
    for (index, mut row) in constrained.axis_iter_mut(Axis(0)).enumerate() {
        let word = &text[words[index].range()];
        for (column, tag) in tags.tags().iter().enumerate() {
            let legal = match tag {
                Tag::Within { place: Place::First(proclitics), .. } => scores.knows(index) && proclitics.fit(word),
                Tag::Within { place: Place::Only, .. } => scores.knows(index),
                // What could begin an entity by itself as well does so here.
                Tag::Within { .. } if is_cut(index) => tags.follows(Tag::Outside, *tag),
                _ => true,
            };
            if !legal {
                row[column] = f32::NEG_INFINITY;
            }
        }
    }
    let path = viterbi::best_path(constrained.view(), tags);
    let names = Names::new(text, words);
    let mut found: Vec<Entity> = mentions(&path, tags, is_cut)
        .filter_map(|mention| {
            let label = tags.label(mention.entity_type)?;
            let evidence: Vec<f32> = (mention.first..=mention.last)
                .filter(|&word| scores.knows(word))
                .map(|word| log_probabilities[[word, path[word]]])
                .collect();
            if evidence.is_empty() {
                return None;
            }
            let first = words[mention.first];
            let proclitics = match tags.tags()[path[mention.first]] {
                Tag::Within { place: Place::First(proclitics), .. } => proclitics,
                _ => Proclitics::default(),
            };
            let start = first.start + proclitics.byte_len(&text[first.range()]);
            let end = words[mention.last].end;
            let score = (evidence.iter().sum::<f32>() / evidence.len() as f32).exp();
            Some(Entity { span: article.span(start..end)?, label, name: names.name(start..end), score, date: None })
        })
        .collect();
    let outside = tags.tags().iter().position(|tag| *tag == Tag::Outside);
    let inside = |word: usize| match outside {
        Some(column) if scores.knows(word) => 1.0 - log_probabilities[[word, column]].exp(),
        _ => 0.0,
    };
    repeats::add_repeats(article, words, &names, inside, &mut found);
    found
}

/// A run of words that are one entity.
struct Mention {
    entity_type: usize,
    first: usize,
    last: usize,
}

/// The mentions of a legal sequence of tags; none goes on at a word where `is_cut` says so.
fn mentions(path: &[usize], tags: &TagSet, is_cut: impl Fn(usize) -> bool) -> impl Iterator<Item = Mention> {
    let mut mentions: Vec<Mention> = Vec::new();
    let mut previous = Tag::Outside;
    for (word, &column) in path.iter().enumerate() {
        let tag = tags.tags()[column];
        if let Tag::Within { entity_type, place } = tag {
            let continues = matches!(place, Place::Inside | Place::Last)
                && matches!(previous, Tag::Within { entity_type: open, place: Place::First(_) | Place::Inside } if open == entity_type)
                && !is_cut(word);
            match mentions.last_mut() {
                Some(open) if continues => open.last = word,
                _ => mentions.push(Mention { entity_type, first: word, last: word }),
            }
        }
        previous = tag;
    }
    mentions.into_iter()
}

/// The logarithm of the sum of exponentials: subtracted from logits it makes
/// them log-probabilities.
fn log_sum_exp(logits: ArrayView1<'_, f32>) -> f32 {
    let greatest = logits.fold(f32::NEG_INFINITY, |greatest, &logit| greatest.max(logit));
    logits.fold(0.0_f32, |total, &logit| total + (logit - greatest).exp()).ln() + greatest
}

#[cfg(test)]
mod tests {
    use ndarray::Array1;

    use super::*;
    use crate::{model::LabelMap, words::words};

    /// The entities of a text whose words get these labels, by the model's choice.
    fn decode(text: &str, labels: &[&str], chosen: &[&str]) -> Vec<(String, Label, String)> {
        let names: Vec<String> = labels.iter().map(|&label| label.to_owned()).collect();
        let tags = TagSet::new(&names, &LabelMap::new()).unwrap();
        let article = Article::new("test", text);
        let words = words(text);
        assert_eq!(words.len(), chosen.len(), "one label a word");
        let mut scores = WordScores::new(words.len(), labels.len());
        for (word, label) in chosen.iter().enumerate() {
            let Some(column) = labels.iter().position(|name| name == label) else { continue };
            let mut row = Array1::zeros(labels.len());
            row[column] = 9.0;
            scores.add(word, row.view(), 1.0);
        }
        entities(&article, &words, &scores, &tags)
            .into_iter()
            .map(|entity| (article.slice(entity.span).to_owned(), entity.label, entity.name))
            .collect()
    }

    const CLITIC: &[&str] = &["O", "B-CITY", "B-CITY@1", "B-CITY@2", "I-CITY", "B-ORG", "B-ORG@1", "I-ORG"];

    fn found(text: &str, label: Label, name: &str) -> (String, Label, String) {
        (text.into(), label, name.into())
    }

    #[test]
    fn proclitics_stay_outside() {
        assert_eq!(
            decode("لقاء بفاليتا وبالرباط", CLITIC, &["O", "B-CITY@1", "B-CITY@2"]),
            [found("فاليتا", Label::City, "فاليتا"), found("الرباط", Label::City, "الرباط")]
        );
        assert_eq!(
            decode("التابع للأمم المتحدة", CLITIC, &["O", "B-ORG@1", "I-ORG"]),
            [found("لأمم المتحدة", Label::Org, "الأمم المتحدة")]
        );
    }

    #[test]
    fn a_clitic_label_is_not_legal_on_a_word_without_clitic() {
        // The next best labels have equal logits; the lowest column wins.
        assert_eq!(decode("مدينة طنجة", CLITIC, &["O", "B-CITY@1"]), []);
    }

    #[test]
    fn a_dropped_word_joins_an_entity_but_makes_none() {
        assert_eq!(decode("فاس . مكناس", CLITIC, &["B-CITY", "?", "I-CITY"]).len(), 1);
        assert_eq!(decode("فاس مكناس", CLITIC, &["?", "?"]), []);
    }

    #[test]
    fn touching_entities_of_one_type_stay_two() {
        assert_eq!(decode("فاس مكناس", CLITIC, &["B-CITY", "B-CITY"]).len(), 2);
    }

    #[test]
    fn entities_of_one_word_and_closed_ones_do_not_run_on() {
        let bioes = &["O", "B-PER", "I-PER", "E-PER", "S-PER"];
        assert_eq!(decode("a b c d", bioes, &["B-PER", "E-PER", "S-PER", "O"]).len(), 2);
        let io = &["O", "PER", "LOC"];
        assert_eq!(decode("a b c d", io, &["PER", "PER", "LOC", "O"]).len(), 2);
    }

    #[test]
    fn windows_count_by_their_weight() {
        let mut scores = WordScores::new(1, 2);
        scores.add(0, ndarray::array![0.9_f32.ln(), 0.1_f32.ln()].view(), 0.5);
        scores.add(0, ndarray::array![0.2_f32.ln(), 0.8_f32.ln()].view(), 0.1);
        let means = scores.log_probabilities();
        assert!((means[[0, 0]] - (0.5 * 0.9_f32.ln() + 0.1 * 0.2_f32.ln()) / 0.6).abs() < 1e-6);
        assert!(means[[0, 0]] > means[[0, 1]]);
    }

    #[test]
    fn scores_are_the_geometric_mean() {
        let tags = TagSet::new(&["O".into(), "B-PER".into(), "I-PER".into()], &LabelMap::new()).unwrap();
        let article = Article::new("test", "Mounir Limouri");
        let words = words(article.text());
        let mut scores = WordScores::new(2, 3);
        scores.add(0, ndarray::array![0.1_f32.ln(), 0.8_f32.ln(), 0.1_f32.ln()].view(), 0.5);
        scores.add(1, ndarray::array![0.3_f32.ln(), 0.2_f32.ln(), 0.5_f32.ln()].view(), 0.5);
        let score = entities(&article, &words, &scores, &tags)[0].score;
        assert!((score - (0.8_f32 * 0.5).sqrt()).abs() < 1e-6, "{score}");
    }
}
