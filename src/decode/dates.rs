//! The dates of an article: those found by rule, and those of the model.

use jiff::civil::Date;

use super::{Entity, Names};
use crate::{
    article::Article,
    dates::{self, DateMention},
    model::Label,
    words::Word,
};

/// The score of a date that was found by rule: rules are sure or silent.
const RULE_SCORE: f32 = 1.0;

/// The least score of a date of the model that the rules did not find. From 0.97
/// on F1 is the highest or next to it on every labelled set: see
/// `eval/reports/dates-merge.md`.
const SURE: f32 = 0.97;

/// The dates of an article as entities, found without a model. Those that say
/// “nowadays” more often than they say which day («اليوم» alone) are left out.
pub fn dated(article: &Article, dates: Vec<DateMention>, words: &[Word]) -> Vec<Entity> {
    let names = Names::new(article.text(), words);
    dates.into_iter().filter(|date| !date.vague).filter_map(|date| entity(article, date, &names)).collect()
}

/// Joins the entities of the model with the dates found by rule into one
/// sorted list without overlaps. `day` is the day of publication.
///
/// Who wins was measured on labelled articles; `examples/dates_merge.rs` compares the rules:
///
/// - A date found by rule takes the place of the model's dates that it overlaps.
/// - Where it overlaps another entity of the model it gives way: the year in the
///   name of a body is part of the name.
/// - A vague one («اليوم» alone) counts where the model has a date there too.
/// - A date of the model alone stays where it is sure (a score of 0.97), and everywhere
///   in a language that the rules do not read. It gets a value where the rules
///   can read its words by themselves.
pub fn merge_dates(
    article: &Article,
    entities: Vec<Entity>,
    dates: Vec<DateMention>,
    words: &[Word],
    day: Option<Date>,
) -> Vec<Entity> {
    let names = Names::new(article.text(), words);
    let mut merged: Vec<Entity> = Vec::with_capacity(entities.len() + dates.len());
    let mut places = vec![Vec::new(); dates.len()];
    let mut alone = Vec::new();
    // Both lists are sorted and flat: a date's neighbours lie together.
    let mut first = 0;
    for entity in entities {
        let span = entity.span.bytes();
        while dates.get(first).is_some_and(|date| date.range.end <= span.start) {
            first += 1;
        }
        let over = first..first + dates[first..].iter().take_while(|date| date.range.start < span.end).count();
        if entity.label == Label::Date && over.is_empty() {
            alone.push(entity);
        } else {
            for date in over {
                places[date].push((entity.label, entity.span, entity.score));
            }
            if entity.label != Label::Date {
                merged.push(entity);
            }
        }
    }
    let reads = alone.is_empty() || dates::reads(article.text(), article.language.as_deref());
    merged.extend(
        alone
            .into_iter()
            .filter(|entity| entity.score >= SURE || !reads)
            .map(|entity| Entity { date: dates::find_in(article, entity.span.bytes(), day), ..entity }),
    );
    for (date, over) in dates.into_iter().zip(places) {
        let gives_way = over.iter().any(|&(label, ..)| label != Label::Date) || date.vague && over.is_empty();
        if gives_way {
            continue;
        }
        if let Some(mut found) = entity(article, date, &names) {
            if let [(_, span, score)] = over.as_slice()
                && found.date.as_ref().is_some_and(|date| date.vague)
                && *span == found.span
            {
                // Without the model it would not be one.
                found.score = *score;
            }
            merged.push(found);
        }
    }
    merged.sort_by_key(|entity| entity.span);
    merged
}

fn entity(article: &Article, date: DateMention, names: &Names<'_>) -> Option<Entity> {
    let span = article.span(date.range.clone())?;
    let name = names.name(date.range.clone());
    Some(Entity { span, label: Label::Date, name, score: RULE_SCORE, date: Some(date) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::words;

    fn merged(text: &str, model: &[(&str, Label)]) -> Vec<(String, Label, Option<String>)> {
        merged_with("ar", SURE, text, model)
    }

    /// What is merged in a language, where the model's entities have this score.
    fn merged_with(
        language: &str,
        score: f32,
        text: &str,
        model: &[(&str, Label)],
    ) -> Vec<(String, Label, Option<String>)> {
        let mut article = Article::new("a", text);
        article.language = Some(language.into());
        let day = "2024-04-24".parse().ok();
        let entities = model
            .iter()
            .map(|&(mention, label)| {
                let start = text.find(mention).unwrap();
                let span = article.span(start..start + mention.len()).unwrap();
                Entity { span, label, name: mention.into(), score, date: None }
            })
            .collect();
        let found = dates::find(text, Some(language), day);
        merge_dates(&article, entities, found, &words(text), day)
            .into_iter()
            .map(|entity| {
                let value = entity.date.as_ref().and_then(|date| date.value).map(|value| value.to_string());
                (article.slice(entity.span).to_owned(), entity.label, value)
            })
            .collect()
    }

    fn expected(rows: &[(&str, Label, Option<&str>)]) -> Vec<(String, Label, Option<String>)> {
        rows.iter().map(|&(text, label, value)| (text.to_owned(), label, value.map(str::to_owned))).collect()
    }

    #[test]
    fn a_date_by_rule_takes_the_place_of_the_models() {
        assert_eq!(
            merged("زار طنجة أمس الثلاثاء وفد", &[("طنجة", Label::City), ("الثلاثاء", Label::Date)]),
            expected(&[("طنجة", Label::City, None), ("أمس الثلاثاء", Label::Date, Some("2024-04-23"))])
        );
    }

    #[test]
    fn a_date_inside_a_name_gives_way() {
        assert_eq!(
            merged("جمعية 20 فبراير 2011 للتنمية", &[("جمعية 20 فبراير 2011 للتنمية", Label::Org)]),
            expected(&[("جمعية 20 فبراير 2011 للتنمية", Label::Org, None)])
        );
    }

    #[test]
    fn the_models_own_dates_stay_and_vague_ones_need_it() {
        assert_eq!(merged("نحن اليوم أفضل", &[]), []);
        assert_eq!(
            merged("وقع اليوم اتفاقا", &[("اليوم", Label::Date)]),
            expected(&[("اليوم", Label::Date, Some("2024-04-24"))])
        );
        assert_eq!(
            merged("في ذلك الزمن البعيد", &[("ذلك الزمن", Label::Date)]),
            expected(&[("ذلك الزمن", Label::Date, None)])
        );
    }

    #[test]
    fn a_date_of_the_model_alone_has_to_be_sure_where_rules_read_the_language() {
        let found = |language, text, score| merged_with(language, score, text, &[(text, Label::Date)]).len();
        assert_eq!((found("ar", "ذلك الزمن", SURE), found("ar", "ذلك الزمن", SURE - 0.01)), (1, 0));
        assert_eq!(found("el", "εκείνη την εποχή", 0.3), 1);
    }

    #[test]
    fn what_was_merged_is_sorted_and_flat() {
        let found = merged(
            "قال رئيس جمعية يناير 2011 للتنمية أمس إن وزير الصحة زار فاس يوم الأحد في موسم 2020-2021",
            &[
                ("جمعية يناير 2011", Label::Org),
                ("أمس إن", Label::Date),
                ("فاس", Label::City),
                ("موسم 2020", Label::Date),
            ],
        );
        let spans: Vec<&str> = found.iter().map(|(text, ..)| text.as_str()).collect();
        assert_eq!(spans, ["جمعية يناير 2011", "أمس", "فاس", "يوم الأحد", "2020-2021"]);
    }
}
