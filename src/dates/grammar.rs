//! Reads the patterns into a tree that the matcher walks.

use std::{collections::HashMap, sync::LazyLock};

use super::token::{Kind, Unit};

/// A class of words in a pattern, and what it gives to its part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Term {
    /// A number from 1 to 31 in digits.
    Day,
    /// The same with an ordinal ending.
    OrdinalDay,
    /// An ordinal up to 31.
    DayInOrdinal,
    /// A number from 2 to 31 in words.
    DayInWords,
    Year,
    ThreeDigitYear,
    TwoDigitYear,
    Month,
    /// A second name of the month that is open.
    DoubleMonth,
    Weekday,
    Season,
    Deictic,
    /// A direction before its noun.
    Relative,
    /// A direction behind its noun.
    RelativeAfter,
    /// The same, seen from the reference date only.
    Direction,
    Ordinal,
    /// A number in digits behind what it counts: `week 27`.
    Number,
    Roman,
    Count,
    /// A unit: this one, or any.
    Unit(Option<Unit>),
    /// A unit in a form for several.
    Plural(Unit),
    /// A part of a year: week or weekend.
    WeekOrWeekend,
    CountedUnit,
    Decade,
    /// A number of a decade after its head: 90, 1990.
    DecadeNumber,
    DecadeHead,
    NumberedUnit,
    NumericDate,
    NumericDay,
    NumericMonth,
    YearPair,
    EraGregorian,
    EraHijri,
    EraBefore,
    YearKind,
    AgoBefore,
    AgoAfter,
    AheadBefore,
    AheadAfter,
    After,
    Since,
    Article,
    /// `beginning`, `commencing`.
    Starting,
    /// A unit that others are counted in: not the year, the century and the season.
    CountableUnit,
    Elsewhen,
    DayPart,
    Approximate,
    Of,
    And,
    Or,
    To,
    The,
    On,
    Apostrophe,
    /// A word that is in no lexicon, or one for what is counted.
    Word,
    Sign(char),
}

impl Term {
    fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "D" => Self::Day,
            "Dx" => Self::OrdinalDay,
            "DO" => Self::DayInOrdinal,
            "DN" => Self::DayInWords,
            "Y" => Self::Year,
            "Y3" => Self::ThreeDigitYear,
            "Y2" => Self::TwoDigitYear,
            "M" => Self::Month,
            "ML" => Self::DoubleMonth,
            "W" => Self::Weekday,
            "S" => Self::Season,
            "T" => Self::Deictic,
            "R" => Self::Relative,
            "RA" => Self::RelativeAfter,
            "RD" => Self::Direction,
            "O" => Self::Ordinal,
            "OD" => Self::Number,
            "WORD" => Self::Word,
            "OR" => Self::Roman,
            "N" => Self::Count,
            "U" => Self::Unit(None),
            "Uweek" => Self::WeekOrWeekend,
            "CU" => Self::CountedUnit,
            "DEC" => Self::Decade,
            "YDEC" => Self::DecadeNumber,
            "DH" => Self::DecadeHead,
            "NU" => Self::NumberedUnit,
            "ND" => Self::NumericDate,
            "NDM" => Self::NumericDay,
            "NM" => Self::NumericMonth,
            "YY" => Self::YearPair,
            "EG" => Self::EraGregorian,
            "EH" => Self::EraHijri,
            "EB" => Self::EraBefore,
            "K" => Self::YearKind,
            "AGOB" => Self::AgoBefore,
            "AGOA" => Self::AgoAfter,
            "AHB" => Self::AheadBefore,
            "AHA" => Self::AheadAfter,
            "AFT" => Self::After,
            "SINCE" => Self::Since,
            "ART" => Self::Article,
            "ST" => Self::Starting,
            "UN" => Self::CountableUnit,
            "DP" => Self::DayPart,
            "ELSE" => Self::Elsewhen,
            "APX" => Self::Approximate,
            "OF" => Self::Of,
            "AND" => Self::And,
            "ORW" => Self::Or,
            "TO" => Self::To,
            "THE" => Self::The,
            "ON" => Self::On,
            "APOS" => Self::Apostrophe,
            _ => match name.strip_prefix("UP").and_then(Unit::from_name) {
                Some(unit) => Self::Plural(unit),
                None => Self::Unit(Some(Unit::from_name(name.strip_prefix('U')?)?)),
            },
        })
    }
}

impl Term {
    /// The classes of tokens that can fit; [`Kind`]s as bits.
    fn kinds(self) -> u64 {
        let kinds: &[Kind] = match self {
            Self::Day | Self::OrdinalDay | Self::TwoDigitYear | Self::Number => &[Kind::ShortNumber],
            Self::DayInOrdinal | Self::Ordinal => &[Kind::Ordinal],
            Self::DayInWords => &[Kind::NumberWord],
            Self::Year => &[Kind::Year],
            Self::ThreeDigitYear => &[Kind::ThreeDigits],
            Self::Month | Self::DoubleMonth => &[Kind::Month],
            Self::Weekday => &[Kind::Weekday],
            Self::Season => &[Kind::Season],
            Self::Deictic => &[Kind::Deictic],
            Self::Relative => &[Kind::RelativeBefore],
            Self::RelativeAfter | Self::Direction => &[Kind::RelativeAfter],
            Self::Roman => &[Kind::Roman],
            Self::Count => &[Kind::NumberWord, Kind::ThreeDigits, Kind::ShortNumber],
            Self::Unit(_) | Self::Plural(_) | Self::WeekOrWeekend | Self::CountableUnit => &[Kind::Unit],
            Self::CountedUnit => &[Kind::CountedUnit],
            Self::Decade => &[Kind::Decade],
            Self::DecadeNumber => &[Kind::Decade, Kind::Year, Kind::ShortNumber],
            Self::DecadeHead => &[Kind::DecadeHead],
            Self::NumberedUnit => &[Kind::NumberedUnit],
            Self::NumericDate => &[Kind::NumericDate],
            Self::NumericDay => &[Kind::NumericDay],
            Self::NumericMonth => &[Kind::NumericMonth],
            Self::YearPair => &[Kind::YearPair],
            Self::EraGregorian => &[Kind::EraGregorian],
            Self::EraHijri => &[Kind::EraHijri],
            Self::EraBefore => &[Kind::EraBefore],
            Self::YearKind => &[Kind::SchoolOrFiscal],
            Self::AgoBefore => &[Kind::AgoBefore],
            Self::AgoAfter => &[Kind::AgoAfter],
            Self::AheadBefore => &[Kind::AheadBefore],
            Self::AheadAfter => &[Kind::AheadAfter],
            Self::After => &[Kind::After],
            Self::Since => &[Kind::Since],
            Self::Article => &[Kind::Article],
            Self::Starting => &[Kind::Starting],
            Self::Elsewhen => &[Kind::Elsewhen],
            Self::DayPart => &[Kind::DayPart],
            Self::Approximate => &[Kind::Approximate],
            Self::Of => &[Kind::Of],
            Self::And => &[Kind::And],
            Self::Or => &[Kind::Or],
            Self::To => &[Kind::To],
            Self::The => &[Kind::The],
            Self::On => &[Kind::On],
            Self::Apostrophe | Self::Word | Self::Sign(_) => &[],
        };
        kinds.iter().fold(0, |bits, kind| bits | kind.bit())
    }
}

/// A pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Node {
    Term(Term),
    Rule(usize),
    Sequence(Vec<Node>),
    Choice(Vec<Node>),
    Optional(Box<Node>),
    Repeated(Box<Node>),
    Part(Box<Node>),
    Not(Box<Node>),
    Joined(Box<Node>),
}

/// The rules, and which of them are whole dates.
#[derive(Debug)]
pub(super) struct Grammar {
    pub(super) rules: Vec<Node>,
    names: Vec<String>,
    pub(super) dates: Vec<DateRule>,
}

/// A whole date.
#[derive(Debug)]
pub(super) struct DateRule {
    /// Index of its rule.
    pub(super) rule: usize,
    /// Its alternatives; most of them fall away at the first look at a token.
    pub(super) alternatives: Vec<Alternative>,
}

/// One way to write a date, with what can be told of it without running it.
#[derive(Debug)]
pub(super) struct Alternative {
    /// The classes of tokens it can begin with; [`Kind`]s as bits, as are the following.
    first: u64,
    /// Of each of these, one class must stand among its tokens.
    needed: Vec<u64>,
    pub(super) node: Node,
}

impl Alternative {
    fn of(node: &Node, rules: &[Node]) -> Self {
        let (mut first, mut needed) = (0, Vec::new());
        node.first(rules, &mut first);
        node.needed(rules, &mut needed);
        Self { first, needed, node: node.clone() }
    }

    /// Whether it can begin with a token of the classes `kinds` where those
    /// within `reach` are all that a date from there could be made of.
    pub(super) fn may_fit(&self, kinds: u64, reach: u64) -> bool {
        self.first & kinds != 0 && self.needed.iter().all(|needed| needed & reach != 0)
    }
}

/// The patterns, read once.
pub(super) fn grammar() -> &'static Grammar {
    static GRAMMAR: LazyLock<Grammar> = LazyLock::new(|| {
        Grammar::parse(include_str!("patterns.txt")).unwrap_or_else(|error| {
            debug_assert!(false, "{error}");
            Grammar { rules: Vec::new(), names: Vec::new(), dates: Vec::new() }
        })
    });
    &GRAMMAR
}

impl Grammar {
    fn parse(text: &str) -> Result<Self, String> {
        // A rule goes on over lines that begin with a space.
        let mut definitions: Vec<(String, String)> = Vec::new();
        for line in text.lines().map(without_comment) {
            if line.trim().is_empty() {
                continue;
            }
            if line.starts_with(' ') {
                let (_, body) = definitions.last_mut().ok_or("the first rule has no name")?;
                body.push_str(line);
            } else {
                let (name, body) = line.split_once('=').ok_or_else(|| format!("no rule: `{line}`"))?;
                definitions.push((name.trim().to_owned(), body.to_owned()));
            }
        }
        let names: HashMap<&str, usize> =
            definitions.iter().enumerate().map(|(index, (name, _))| (name.as_str(), index)).collect();
        let mut rules = Vec::new();
        for (name, body) in &definitions {
            let mut parser = Parser { text: body, rules: &names };
            let node = parser.choice().map_err(|error| format!("rule `{name}`: {error}"))?;
            if !parser.text.trim().is_empty() {
                return Err(format!("rule `{name}`: `{}` is left over", parser.text));
            }
            rules.push(node);
        }
        let is_date = |name: &str| {
            let mut letters = name.chars();
            letters.next().is_some_and(char::is_uppercase)
                && letters.all(|letter| letter.is_alphanumeric())
                && name.chars().any(char::is_lowercase)
        };
        let dates = definitions
            .iter()
            .enumerate()
            .filter(|(_, (name, _))| is_date(name))
            .map(|(rule, _)| DateRule { rule, alternatives: alternatives(&rules, rule) })
            .collect();
        let names = definitions.into_iter().map(|(name, _)| name).collect();
        Ok(Self { rules, names, dates })
    }

    /// The name of a rule, for guards that treat one kind of date differently.
    pub(super) fn name(&self, rule: usize) -> &str {
        self.names.get(rule).map_or("", String::as_str)
    }
}

/// The alternatives of a rule.
fn alternatives(rules: &[Node], rule: usize) -> Vec<Alternative> {
    let nodes = match &rules[rule] {
        Node::Choice(nodes) => nodes.as_slice(),
        node => std::slice::from_ref(node),
    };
    nodes.iter().map(|node| Alternative::of(node, rules)).collect()
}

impl Node {
    /// Adds the classes that the node can begin with; whether it can also be nothing.
    fn first(&self, rules: &[Node], first: &mut u64) -> bool {
        match self {
            Self::Term(term) => {
                *first |= term.kinds();
                false
            }
            Self::Rule(rule) => rules[*rule].first(rules, first),
            Self::Sequence(nodes) => nodes.iter().all(|node| node.first(rules, first)),
            // All of them: `any` would stop at the first that can be nothing.
            Self::Choice(nodes) => nodes.iter().filter(|node| node.first(rules, first)).count() > 0,
            Self::Optional(node) | Self::Repeated(node) => {
                node.first(rules, first);
                true
            }
            Self::Part(node) | Self::Joined(node) => node.first(rules, first),
            Self::Not(_) => true,
        }
    }

    /// Adds, for each token that the node cannot do without, the classes that it can be of.
    fn needed(&self, rules: &[Node], needed: &mut Vec<u64>) {
        match self {
            Self::Term(term) => needed.extend(Some(term.kinds()).filter(|&kinds| kinds != 0)),
            Self::Rule(rule) => rules[*rule].needed(rules, needed),
            Self::Sequence(nodes) => nodes.iter().for_each(|node| node.needed(rules, needed)),
            Self::Choice(nodes) => {
                // What each alternative needs, one of it must be there.
                let each = nodes.iter().map(|node| {
                    let mut kinds = Vec::new();
                    node.needed(rules, &mut kinds);
                    kinds.into_iter().reduce(|all, kinds| all | kinds)
                });
                needed.extend(each.reduce(|all, kinds| Some(all? | kinds?)).flatten());
            }
            Self::Part(node) | Self::Joined(node) => node.needed(rules, needed),
            Self::Optional(_) | Self::Repeated(_) | Self::Not(_) => {}
        }
    }
}

fn without_comment(line: &str) -> &str {
    // A # inside quotes is none of ours.
    line.split('#').next().unwrap_or_default()
}

struct Parser<'text> {
    text: &'text str,
    rules: &'text HashMap<&'text str, usize>,
}

impl Parser<'_> {
    fn choice(&mut self) -> Result<Node, String> {
        let mut choices = vec![self.sequence()?];
        while self.eat('|') {
            choices.push(self.sequence()?);
        }
        Ok(if choices.len() == 1 { choices.remove(0) } else { Node::Choice(choices) })
    }

    fn sequence(&mut self) -> Result<Node, String> {
        let mut items = Vec::new();
        while let Some(item) = self.item()? {
            items.push(item);
        }
        match items.len() {
            0 => Err("an empty alternative".to_owned()),
            1 => Ok(items.remove(0)),
            _ => Ok(Node::Sequence(items)),
        }
    }

    fn item(&mut self) -> Result<Option<Node>, String> {
        self.text = self.text.trim_start();
        let Some(first) = self.text.chars().next() else { return Ok(None) };
        let rest = &self.text[first.len_utf8()..];
        let node = match first {
            '[' => Node::Optional(Box::new(self.group(rest, ']')?)),
            '{' => Node::Repeated(Box::new(self.group(rest, '}')?)),
            '(' => self.group(rest, ')')?,
            '<' => Node::Part(Box::new(self.group(rest, '>')?)),
            '!' => Node::Not(Box::new(self.following(rest)?)),
            '~' => Node::Joined(Box::new(self.following(rest)?)),
            '\'' => {
                let sign = rest.chars().next().ok_or("a quote without a sign")?;
                self.text = rest[sign.len_utf8()..].strip_prefix('\'').ok_or("a sign without its second quote")?;
                Node::Term(Term::Sign(sign))
            }
            letter if letter.is_alphanumeric() => {
                let end = self.text.find(|letter: char| !letter.is_alphanumeric()).unwrap_or(self.text.len());
                let (name, after) = self.text.split_at(end);
                self.text = after;
                match self.rules.get(name) {
                    Some(&rule) => Node::Rule(rule),
                    None => Node::Term(Term::from_name(name).ok_or_else(|| format!("no class or rule `{name}`"))?),
                }
            }
            _ => return Ok(None),
        };
        Ok(Some(node))
    }

    fn following(&mut self, rest: &str) -> Result<Node, String> {
        // The borrow of `rest` is of the same text.
        self.text = &self.text[self.text.len() - rest.len()..];
        self.item()?.ok_or_else(|| "nothing after `!` or `~`".to_owned())
    }

    fn group(&mut self, rest: &str, close: char) -> Result<Node, String> {
        self.text = &self.text[self.text.len() - rest.len()..];
        let node = self.choice()?;
        if self.eat(close) { Ok(node) } else { Err(format!("no `{close}`")) }
    }

    fn eat(&mut self, sign: char) -> bool {
        self.text = self.text.trim_start();
        match self.text.strip_prefix(sign) {
            Some(rest) => {
                self.text = rest;
                true
            }
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_patterns_can_be_read_and_do_not_call_themselves() {
        let grammar = Grammar::parse(include_str!("patterns.txt")).unwrap();
        assert!(!grammar.dates.is_empty());
        fn depth(grammar: &Grammar, node: &Node, left: usize) {
            assert!(left > 0, "a rule that calls itself");
            match node {
                Node::Term(_) => {}
                Node::Rule(rule) => depth(grammar, &grammar.rules[*rule], left - 1),
                Node::Sequence(nodes) | Node::Choice(nodes) => nodes.iter().for_each(|node| depth(grammar, node, left)),
                Node::Optional(node)
                | Node::Repeated(node)
                | Node::Part(node)
                | Node::Not(node)
                | Node::Joined(node) => {
                    depth(grammar, node, left);
                }
            }
        }
        for rule in &grammar.rules {
            depth(&grammar, rule, 10);
        }
    }

    #[test]
    fn mistakes_in_patterns_are_told() {
        for (text, message) in [
            ("A = NOPE", "no class or rule `NOPE`"),
            ("A = [D", "no `]`"),
            ("A = D ) M", "left over"),
            ("A = ''", "sign"),
            ("A D", "no rule"),
        ] {
            let error = Grammar::parse(text).unwrap_err();
            assert!(error.contains(message), "{error}");
        }
    }
}
