//! Values of options.

use std::str::FromStr;

/// A number from 0 to 1.
pub(super) fn fraction<F: FromStr + PartialOrd + From<u8>>(written: &str) -> Result<F, String> {
    written
        .parse()
        .ok()
        .filter(|fraction| (F::from(0)..=F::from(1)).contains(fraction))
        .ok_or_else(|| format!("expected a number from 0 to 1, found `{written}`"))
}

/// One `NAME=LABEL`; `NAME=O` and `NAME=` drop the label.
pub(super) fn mapping<L>(written: &str) -> Result<(String, Option<L>), String>
where
    L: FromStr<Err: ToString>,
{
    let (name, label) = written.split_once('=').ok_or_else(|| format!("expected NAME=LABEL, found `{written}`"))?;
    if name.is_empty() {
        return Err(format!("no name before `=` in `{written}`"));
    }
    let label = match label {
        "" | "O" => None,
        label => Some(label.parse().map_err(|error: L::Err| error.to_string())?),
    };
    Ok((name.to_owned(), label))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Label;

    #[test]
    fn a_fraction_is_from_0_to_1() {
        assert_eq!(fraction("0.9"), Ok(0.9_f32));
        for written in ["90", "NaN", "-0.1", ""] {
            assert!(fraction::<f64>(written).unwrap_err().contains("0 to 1"), "{written}");
        }
    }

    #[test]
    fn a_mapping_names_a_label_or_drops_one() {
        assert_eq!(mapping("GPE=LOC"), Ok(("GPE".into(), Some(Label::Loc))));
        assert_eq!(mapping::<Label>("NORP=O"), Ok(("NORP".into(), None)));
        assert_eq!(mapping("GPE=PLACE"), Ok(("GPE".into(), Some("PLACE".to_owned()))));
        assert!(mapping::<Label>("GPE").unwrap_err().contains("NAME=LABEL"));
        assert!(mapping::<Label>("GPE=PLACE").unwrap_err().contains("PER, CITY"));
        assert!(mapping::<String>("=LOC").is_err());
    }
}
