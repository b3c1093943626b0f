//! The labels of a model's classifier: what each column of the logits says about a word.

use std::collections::BTreeMap;

use super::{Label, ModelError, label};
use crate::words::Proclitics;

/// What one label of a classifier says about a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tag {
    /// The word is in no entity.
    Outside,
    /// The word is in an entity of the type with this index; [`TagSet::label`] says what that is.
    Within {
        /// Index of the entity's type.
        entity_type: usize,
        /// Where in the entity the word stands.
        place: Place,
    },
}

/// Where in an entity a word stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Place {
    /// First word, where the name begins after some proclitic letters: `B-CITY`, `B-CITY@1`.
    First(Proclitics),
    /// A later word of two or more: `I-`; in IO and IOB1 schemes also the first.
    Inside,
    /// The last of two or more words: `E-`, `L-`.
    Last,
    /// The only word: `S-`, `U-`.
    Only,
}

/// The label of a `--label-map`: a type's name in the model to ours, or to nothing.
pub type LabelMap = BTreeMap<String, Option<Label>>;

/// All labels of a classifier, in the order of its columns.
#[derive(Debug, Clone)]
pub struct TagSet {
    tags: Vec<Tag>,
    types: Vec<(String, Option<Label>)>,
    inside_may_begin: bool,
}

impl TagSet {
    /// Reads the names of a classifier's labels (`id2label` in order), with
    /// `overrides` before the common schemes.
    ///
    /// Prefixes are those of IOB1, IOB2, IO (a bare type name), BIOES and BILOU.
    ///
    /// # Errors
    /// [`ModelError::UnknownLabels`] for a type that neither says what it is,
    /// [`ModelError::UnusedLabelMap`] for an override of a type the model has not,
    /// [`ModelError::NoLabels`] where no type is left.
    pub fn new(names: &[String], overrides: &LabelMap) -> Result<Self, ModelError> {
        let mut set = Self { tags: Vec::with_capacity(names.len()), types: Vec::new(), inside_may_begin: false };
        let mut unknown = Vec::new();
        for name in names {
            let Some((type_name, place)) = split(name) else {
                set.tags.push(Tag::Outside);
                continue;
            };
            let known = set.types.iter().position(|(seen, _)| seen == type_name);
            let entity_type = known.unwrap_or_else(|| {
                let label = overrides.get(type_name).copied().or_else(|| label::of_common_scheme(type_name));
                if label.is_none() {
                    unknown.push(type_name.to_owned());
                }
                set.types.push((type_name.to_owned(), label.flatten()));
                set.types.len() - 1
            });
            set.tags.push(Tag::Within { entity_type, place });
        }
        let all = || names.to_vec();
        if !unknown.is_empty() {
            return Err(ModelError::UnknownLabels { unknown, all: all() });
        }
        if let Some(unused) = overrides.keys().find(|key| !set.types.iter().any(|(name, _)| name == *key)) {
            return Err(ModelError::UnusedLabelMap { name: unused.clone(), all: all() });
        }
        if set.types.iter().all(|(_, label)| label.is_none()) {
            return Err(ModelError::NoLabels { all: all() });
        }
        // IO and IOB1 write I- for a first word: then some type has no B-.
        let begins = |index| {
            set.tags.iter().any(|tag| {
                matches!(tag, Tag::Within { entity_type, place: Place::First(_) | Place::Only } if *entity_type == index)
            })
        };
        set.inside_may_begin = !(0..set.types.len()).all(begins);
        Ok(set)
    }

    /// The tags in the order of the classifier's columns.
    pub fn tags(&self) -> &[Tag] {
        &self.tags
    }

    /// The number of columns.
    pub fn len(&self) -> usize {
        self.tags.len()
    }

    /// Whether there is no column; never for a set that was made.
    pub fn is_empty(&self) -> bool {
        self.tags.is_empty()
    }

    /// The label that entities of a type get; `None` for a type that is dropped.
    pub fn label(&self, entity_type: usize) -> Option<Label> {
        self.types.get(entity_type).and_then(|(_, label)| *label)
    }

    /// Names of the model's types that have no label here and are dropped.
    pub fn dropped(&self) -> impl Iterator<Item = &str> {
        self.types.iter().filter(|(_, label)| label.is_none()).map(|(name, _)| name.as_str())
    }

    /// Whether a word may have the tag `next` right after a word with `previous`.
    pub fn follows(&self, previous: Tag, next: Tag) -> bool {
        let open = match previous {
            Tag::Within { entity_type, place: Place::First(_) | Place::Inside } => Some(entity_type),
            Tag::Within { place: Place::Last | Place::Only, .. } | Tag::Outside => None,
        };
        match next {
            Tag::Within { entity_type, place: Place::Inside | Place::Last } => {
                open == Some(entity_type) || self.inside_may_begin
            }
            // In BIOES an entity that was opened must be closed by E- or not have been opened.
            Tag::Outside | Tag::Within { .. } => open.is_none_or(|open| !self.must_close(open, previous)),
        }
    }

    /// Whether a text may end after a word with this tag.
    pub fn may_end(&self, tag: Tag) -> bool {
        self.follows(tag, Tag::Outside)
    }

    fn must_close(&self, entity_type: usize, previous: Tag) -> bool {
        let has = |wanted: Place| self.tags.contains(&Tag::Within { entity_type, place: wanted });
        match previous {
            Tag::Within { place: Place::First(_), .. } => has(Place::Last) && has(Place::Only),
            Tag::Within { place: Place::Inside, .. } => has(Place::Last),
            _ => false,
        }
    }
}

/// The type and place a label's name speaks of; `None` for outside.
fn split(name: &str) -> Option<(&str, Place)> {
    if name.is_empty() || name.eq_ignore_ascii_case("O") {
        return None;
    }
    let prefixed = name.split_once(['-', '_']).filter(|(prefix, _)| prefix.len() == 1);
    let Some((prefix, type_name)) = prefixed else {
        return Some((name, Place::Inside));
    };
    let place = match prefix {
        "B" => {
            let proclitics = type_name.rsplit_once('@').and_then(|(base, count)| Some((base, count.parse().ok()?)));
            return Some(match proclitics {
                Some((base, count)) if count <= Proclitics::MAX => (base, Place::First(Proclitics(count))),
                _ => (type_name, Place::First(Proclitics(0))),
            });
        }
        "I" | "M" => Place::Inside,
        "E" | "L" => Place::Last,
        "S" | "U" => Place::Only,
        _ => return Some((name, Place::Inside)),
    };
    Some((type_name, place))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(names: &[&str]) -> Result<TagSet, ModelError> {
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        TagSet::new(&names, &LabelMap::new())
    }

    /// Whether the columns may follow each other, by their indices.
    fn legal(set: &TagSet, from: usize, to: usize) -> bool {
        set.follows(set.tags()[from], set.tags()[to])
    }

    #[test]
    fn iob2_opens_with_b_only() {
        let set = set(&["O", "B-PER", "I-PER", "B-LOC", "I-LOC"]).unwrap();
        assert!(legal(&set, 1, 2) && legal(&set, 2, 2) && legal(&set, 2, 1) && legal(&set, 2, 0));
        assert!(!legal(&set, 0, 2) && !legal(&set, 1, 4) && !legal(&set, 3, 2));
    }

    #[test]
    fn a_scheme_without_b_opens_with_i() {
        for names in [&["O", "PER", "LOC"][..], &["O", "I-PER", "I-LOC"], &["O", "B-LOC", "I-LOC", "I-PER"]] {
            let set = set(names).unwrap();
            assert!(legal(&set, 0, names.len() - 1), "{names:?}");
        }
    }

    #[test]
    fn bioes_closes_what_it_opens() {
        let set = set(&["O", "B-ORG", "I-ORG", "E-ORG", "S-ORG"]).unwrap();
        assert!(legal(&set, 1, 3) && legal(&set, 1, 2) && legal(&set, 2, 3) && legal(&set, 3, 0) && legal(&set, 4, 4));
        assert!(!legal(&set, 1, 0) && !legal(&set, 2, 4) && !legal(&set, 3, 3) && !legal(&set, 0, 3));
        assert!(!set.may_end(set.tags()[1]) && set.may_end(set.tags()[3]));
    }

    #[test]
    fn clitic_labels_say_where_the_name_begins() {
        let set = set(&["O", "B-CITY", "B-CITY@1", "B-CITY@2", "I-CITY"]).unwrap();
        let first = |count| Tag::Within { entity_type: 0, place: Place::First(Proclitics(count)) };
        assert_eq!(set.tags()[1..4], [first(0), first(1), first(2)]);
        assert!(legal(&set, 3, 4));
    }

    #[test]
    fn common_schemes_map_and_say_what_they_drop() {
        let set = set(&["O", "B-PERSON", "I-PERSON", "B-GPE", "I-GPE", "B-NORP", "I-NORP"]).unwrap();
        assert_eq!(
            (0..3).map(|index| set.label(index)).collect::<Vec<_>>(),
            [Some(Label::Per), Some(Label::Loc), None]
        );
        assert_eq!(set.dropped().collect::<Vec<_>>(), ["NORP"]);
    }

    #[test]
    fn an_unknown_type_is_an_error_that_an_override_mends() {
        let names: Vec<String> = ["O", "B-PER", "B-ZZZ"].map(str::to_owned).into();
        let error = TagSet::new(&names, &LabelMap::new()).unwrap_err().to_string();
        assert!(error.contains("ZZZ") && error.contains("B-PER"), "{error}");
        let set = TagSet::new(&names, &LabelMap::from([("ZZZ".into(), Some(Label::Org))])).unwrap();
        assert_eq!(set.label(1), Some(Label::Org));
        let typo = TagSet::new(&names, &LabelMap::from([("ZZZ".into(), None), ("PRE".into(), None)])).unwrap_err();
        assert!(matches!(typo, ModelError::UnusedLabelMap { name, .. } if name == "PRE"));
    }

    #[test]
    fn a_model_without_any_label_of_ours_is_refused() {
        assert!(matches!(set(&["O", "B-MISC", "I-MISC"]), Err(ModelError::NoLabels { .. })));
        assert!(matches!(set(&["LABEL_0", "LABEL_1"]), Err(ModelError::UnknownLabels { .. })));
    }
}
