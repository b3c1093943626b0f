//! Joining each gold article with its prediction.

use super::{AnnotatedArticle, AnnotationSet, EvalError, Mention};
use crate::article::sha256_hex;

/// An article that was labelled on both sides.
#[derive(Debug, Clone, PartialEq)]
pub struct AlignedArticle {
    /// Names the article.
    pub id: String,
    /// Its text, where either side holds it.
    pub text: Option<String>,
    /// ISO 639-1 code, where either side says it.
    pub lang: Option<String>,
    /// The gold file.
    pub source: String,
    /// Sorted, never overlapping.
    pub gold: Vec<Mention>,
    /// Sorted, never overlapping; none where there is no prediction.
    pub predicted: Vec<Mention>,
}

/// A prediction that says why there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The article.
    pub id: String,
    /// Why it could not be annotated.
    pub message: String,
}

/// All articles of the gold, each with its prediction.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Corpus {
    /// In the order of the gold.
    pub articles: Vec<AlignedArticle>,
    /// Ids of gold articles without a prediction, in the order of the gold. Their
    /// entities count as missed.
    pub missing: Vec<String>,
    /// Predictions that are failures. Where they are of gold articles, those are
    /// `missing` as well.
    pub failures: Vec<Failure>,
}

/// Joins gold and predictions by id and checks that they are of the same texts:
/// by the texts where both have one, otherwise by SHA-256 where one side has it
/// and the other has it or the text.
///
/// # Errors
/// [`EvalError::NoGold`] for a gold without articles, [`EvalError::ExtraArticle`]
/// for a prediction that is not in the gold, [`EvalError::TextMismatch`] and
/// [`EvalError::OutsideText`] for one of another text.
pub fn align(gold: AnnotationSet, mut predicted: AnnotationSet) -> Result<Corpus, EvalError> {
    if gold.articles.is_empty() {
        return Err(EvalError::NoGold { files: gold.files });
    }
    let mut corpus = Corpus::default();
    for article in &predicted.articles {
        check(&gold, article)?;
        if let Some(message) = &article.failure {
            corpus.failures.push(Failure { id: article.id.clone(), message: message.clone() });
        }
    }
    for article in gold.articles {
        let prediction = predicted.take(&article.id).filter(|prediction| prediction.failure.is_none());
        if prediction.is_none() {
            corpus.missing.push(article.id.clone());
        }
        let (text, lang, mentions) =
            prediction.map_or((None, None, Vec::new()), |article| (article.text, article.lang, article.mentions));
        corpus.articles.push(AlignedArticle {
            id: article.id,
            text: article.text.or(text),
            lang: article.lang.or(lang),
            source: article.place.file,
            gold: article.mentions,
            predicted: mentions,
        });
    }
    Ok(corpus)
}

/// Checks that a prediction is of an article of the gold and of the same text. A
/// failure is of nothing that could be checked.
///
/// # Errors
/// Those of [`align()`].
pub fn check(gold: &AnnotationSet, predicted: &AnnotatedArticle) -> Result<(), EvalError> {
    match gold.get(&predicted.id) {
        _ if predicted.failure.is_some() => Ok(()),
        Some(gold) => check_same_text(gold, predicted),
        None => Err(EvalError::ExtraArticle { place: predicted.place.clone(), id: predicted.id.clone() }),
    }
}

fn check_same_text(gold: &AnnotatedArticle, predicted: &AnnotatedArticle) -> Result<(), EvalError> {
    let hash = |article: &AnnotatedArticle| {
        let given = article.sha256.as_ref().map(|sha256| sha256.to_ascii_lowercase());
        given.or_else(|| article.text.as_ref().map(|text| sha256_hex(text.as_bytes())))
    };
    let mismatch = |by| {
        let (place, id) = (predicted.place.clone(), predicted.id.clone());
        Err(EvalError::TextMismatch { place, id, gold: gold.place.clone(), by })
    };
    if let (Some(of_gold), Some(text)) = (&gold.text, &predicted.text) {
        return if of_gold == text { Ok(()) } else { mismatch("compared letter by letter") };
    }
    // The gold's own text comes before a hash it may carry from elsewhere.
    let of_gold = gold.text.as_ref().map(|text| sha256_hex(text.as_bytes()));
    if predicted.sha256.is_some() || gold.sha256.is_some() {
        let of_gold = if predicted.sha256.is_some() { of_gold.or_else(|| hash(gold)) } else { hash(gold) };
        if let (Some(of_gold), Some(of_predicted)) = (of_gold, hash(predicted))
            && of_gold != of_predicted
        {
            return mismatch("compared by SHA-256");
        }
    }
    // Without text and hash the length is all there is to go by.
    let chars = gold.text.as_ref().or(predicted.text.as_ref()).map(|text| text.chars().count());
    for (article, mention) in [(predicted, predicted.mentions.last()), (gold, gold.mentions.last())] {
        if let (Some(chars), Some(&Mention { start, end, .. })) = (chars, mention)
            && end > chars
        {
            let (place, id) = (article.place.clone(), article.id.clone());
            return Err(EvalError::OutsideText { place, id, start, end, chars });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::Labels;

    fn set(lines: &str) -> AnnotationSet {
        AnnotationSet::read(lines.as_bytes(), "f.jsonl", &Labels::default()).unwrap()
    }

    const GOLD: &str = r#"{"id":"a","text":"طنجة","lang":"ar","entities":[{"start":0,"end":4,"label":"CITY"}]}
{"id":"b","text":"فاس","entities":[]}"#;

    fn with(lines: &str) -> Result<Corpus, EvalError> {
        align(set(GOLD), set(lines))
    }

    #[test]
    fn missing_and_failed_articles_have_no_predictions() {
        let corpus = with(r#"{"id":"b","error":{"code":"engine","message":"out of memory"}}"#).unwrap();
        assert_eq!(corpus.missing, ["a", "b"]);
        assert_eq!(corpus.failures, [Failure { id: "b".into(), message: "out of memory".into() }]);
        assert_eq!(corpus.articles.len(), 2);
    }

    #[test]
    fn an_article_that_is_not_in_the_gold_is_an_error_unless_it_failed() {
        assert!(matches!(with(r#"{"id":"c","entities":[]}"#), Err(EvalError::ExtraArticle { .. })));
        assert!(with(r#"{"id":"f.jsonl:3","error":{"code":"json","message":"not JSON"}}"#).is_ok());
    }

    #[test]
    fn another_text_is_an_error() {
        let hash = sha256_hex("طنجة".as_bytes());
        assert!(with(&format!(r#"{{"id":"a","sha256":"{hash}","entities":[]}}"#)).is_ok());
        assert!(with(r#"{"id":"a","text":"طنجة","entities":[]}"#).is_ok());
        for other in [r#"{"id":"a","sha256":"00","entities":[]}"#, r#"{"id":"a","text":"طنجه","entities":[]}"#] {
            assert!(matches!(with(other), Err(EvalError::TextMismatch { .. })), "{other}");
        }
        let long = r#"{"id":"a","entities":[{"start":0,"end":5,"label":"CITY"}]}"#;
        assert!(matches!(with(long), Err(EvalError::OutsideText { chars: 4, .. })));
    }

    #[test]
    fn a_gold_without_articles_is_an_error() {
        assert!(matches!(align(set("\n"), set(GOLD)), Err(EvalError::NoGold { .. })));
    }
}
