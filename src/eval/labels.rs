//! The labels that are scored, and what other names become.

use std::collections::HashMap;

use crate::model::Label;

/// Index of a label in [`Labels`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LabelId(u16);

impl LabelId {
    /// The place of the label in [`Labels::names`].
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// The labels there are, after some were renamed, joined or dropped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Labels {
    names: Vec<String>,
    /// What a name in a file is; `None` drops its entities.
    map: HashMap<String, Option<LabelId>>,
}

impl Labels {
    /// Musamma's five labels, changed by `map`: from a name to another, or to
    /// `None` to drop its entities. Applied once: `A=B,B=A` swaps the two.
    ///
    /// What a name is mapped to is a label too, known or not, so that labels can
    /// be joined under a new name, and a label of another scheme kept (`MISC=MISC`).
    pub fn new(map: impl IntoIterator<Item = (String, Option<String>)>) -> Self {
        let map: Vec<(String, Option<String>)> = map.into_iter().collect();
        let is_mapped = |name: &str| map.iter().any(|(from, _)| from == name);
        let is_target = |name: &str| map.iter().any(|(_, to)| to.as_deref() == Some(name));
        let mut labels = Self { names: Vec::new(), map: HashMap::new() };
        for label in Label::ALL.map(Label::as_str) {
            if !is_mapped(label) {
                let id = labels.id(label);
                labels.map.insert(label.to_owned(), Some(id));
            } else if is_target(label) {
                labels.id(label);
            }
        }
        for (from, to) in map {
            let to = to.map(|to| labels.id(&to));
            // A label that comes to be by the map is known by its new name as
            // well: one of the two files may have it already.
            if let Some(id) = to {
                let name = labels.name(id).to_owned();
                labels.map.entry(name).or_insert(Some(id));
            }
            labels.map.insert(from, to);
        }
        labels
    }

    /// The names, in the order of tables.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// All labels, in the order of tables.
    pub fn ids(&self) -> impl Iterator<Item = LabelId> + use<> {
        (0..self.names.len()).filter_map(|index| u16::try_from(index).ok()).map(LabelId)
    }

    /// The name of a label.
    pub fn name(&self, label: LabelId) -> &str {
        self.names.get(label.index()).map_or("?", String::as_str)
    }

    /// What a name in a file is: a label, or `Some(None)` where its entities are
    /// dropped; `None` for a name that is not known.
    pub fn find(&self, name: &str) -> Option<Option<LabelId>> {
        self.map.get(name).copied()
    }

    /// The id of a name, which is added where it is new.
    fn id(&mut self, name: &str) -> LabelId {
        let index = self.names.iter().position(|known| known == name).unwrap_or_else(|| {
            self.names.push(name.to_owned());
            self.names.len() - 1
        });
        LabelId(u16::try_from(index).unwrap_or(u16::MAX))
    }
}

impl Default for Labels {
    fn default() -> Self {
        Self::new([])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(map: &[(&str, Option<&str>)]) -> Labels {
        Labels::new(map.iter().map(|&(from, to)| (from.to_owned(), to.map(str::to_owned))))
    }

    fn found<'labels>(labels: &'labels Labels, name: &str) -> Option<Option<&'labels str>> {
        labels.find(name).map(|label| label.map(|label| labels.name(label)))
    }

    #[test]
    fn without_a_map_the_five_are_known() {
        assert_eq!(Labels::default().names(), ["PER", "CITY", "LOC", "ORG", "DATE"]);
        assert_eq!(found(&Labels::default(), "GPE"), None);
    }

    #[test]
    fn labels_are_joined_dropped_and_added() {
        let labels = labels(&[("CITY", Some("LOC")), ("DATE", None), ("MISC", Some("MISC")), ("NORP", None)]);
        assert_eq!(labels.names(), ["PER", "LOC", "ORG", "MISC"]);
        assert_eq!(found(&labels, "CITY"), Some(Some("LOC")));
        assert_eq!(found(&labels, "LOC"), Some(Some("LOC")));
        assert_eq!(found(&labels, "NORP"), Some(None));
        assert_eq!(found(&labels, "DATE"), Some(None));
    }

    #[test]
    fn a_new_name_for_two_is_known_itself() {
        let labels = labels(&[("CITY", Some("PLACE")), ("LOC", Some("PLACE"))]);
        assert_eq!(labels.names(), ["PER", "ORG", "DATE", "PLACE"]);
        assert_eq!(found(&labels, "PLACE"), Some(Some("PLACE")));
    }

    #[test]
    fn a_map_is_applied_once() {
        let labels = labels(&[("CITY", Some("LOC")), ("LOC", Some("CITY"))]);
        assert_eq!(found(&labels, "CITY"), Some(Some("LOC")));
        assert_eq!(found(&labels, "LOC"), Some(Some("CITY")));
    }
}
