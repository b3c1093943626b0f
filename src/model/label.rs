//! The five labels, and the names other schemes give them.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// What an entity is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Label {
    /// A person.
    Per,
    /// A populated place: city, town, village.
    City,
    /// Any other named place.
    Loc,
    /// A named body.
    Org,
    /// A calendar expression.
    Date,
}

impl Label {
    /// All labels, in the order of tables.
    pub const ALL: [Self; 5] = [Self::Per, Self::City, Self::Loc, Self::Org, Self::Date];

    /// The label as records and tables write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Per => "PER",
            Self::City => "CITY",
            Self::Loc => "LOC",
            Self::Org => "ORG",
            Self::Date => "DATE",
        }
    }
}

impl fmt::Display for Label {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

impl FromStr for Label {
    type Err = UnknownLabel;

    fn from_str(name: &str) -> Result<Self, UnknownLabel> {
        Self::ALL
            .into_iter()
            .find(|label| label.as_str().eq_ignore_ascii_case(name))
            .ok_or_else(|| UnknownLabel(name.to_owned()))
    }
}

/// A name that is none of the five labels.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown label `{0}`; expected one of PER, CITY, LOC, ORG, DATE")]
pub struct UnknownLabel(pub String);

/// What the type names of common schemes (CoNLL, ACE, OntoNotes, TIMEX,
/// WikiNER …) are here: a label, or `Some(None)` for a type that Musamma has no
/// label for and drops. `None` for a name nobody is known to use.
pub(super) fn of_common_scheme(name: &str) -> Option<Option<Label>> {
    Some(match name.to_ascii_uppercase().as_str() {
        "PER" | "PERS" | "PERSON" | "PEOPLE" => Some(Label::Per),
        "CITY" | "TOWN" => Some(Label::City),
        "LOC" | "LOCATION" | "GPE" | "FAC" | "FACILITY" | "PLACE" | "COUNTRY" => Some(Label::Loc),
        "ORG" | "ORGANISATION" | "ORGANIZATION" | "CORP" | "CORPORATION" | "GRP" | "GROUP" => Some(Label::Org),
        "DATE" | "TIMEX" => Some(Label::Date),
        "MISC" | "OTH" | "OTHER" | "NORP" | "EVENT" | "EVE" | "PRODUCT" | "PROD" | "PRO" | "WORK_OF_ART" | "CW"
        | "LAW" | "LANGUAGE" | "TIME" | "MONEY" | "PERCENT" | "QUANTITY" | "CARDINAL" | "ORDINAL" | "VEH" | "WEA"
        | "ANIM" | "BIO" | "CEL" | "DIS" | "FOOD" | "INST" | "MEDIA" | "MYTH" | "PLANT" => None,
        _ => return None,
    })
}
