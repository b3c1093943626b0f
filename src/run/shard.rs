//! A run's share of the articles, where several machines divide them.

use std::str::FromStr;

use sha2::{Digest, Sha256};

/// One of several equal shares.
///
/// An article belongs to the share that the first eight bytes of the SHA-256 of
/// its id, as a big-endian number, leave when divided by the number of shares:
/// the same on every machine and in every version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    /// From 1.
    number: u64,
    of: u64,
}

impl Shard {
    /// Whether an article is in this share.
    pub fn holds(self, id: &str) -> bool {
        let hash = Sha256::digest(id.as_bytes()).iter().take(8).fold(0, |hash, &byte| hash << 8 | u64::from(byte));
        hash % self.of == self.number - 1
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(written: &str) -> Result<Self, String> {
        let parsed = || {
            let (number, of) = written.split_once('/')?;
            Some(Self { number: number.parse().ok()?, of: of.parse().ok()? })
        };
        parsed()
            .filter(|shard| (1..=shard.of).contains(&shard.number))
            .ok_or_else(|| format!("expected a share such as 3/16, the third of sixteen, found `{written}`"))
    }
}

impl std::fmt::Display for Shard {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}/{}", self.number, self.of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_article_is_in_one_share_and_shares_are_alike() {
        let shards: Vec<Shard> = (1..=16).map(|number| format!("{number}/16").parse().unwrap()).collect();
        let mut sizes = [0; 16];
        for number in 0..1600 {
            let id = format!("news/{number}.txt");
            let holding: Vec<usize> = (0..16).filter(|&shard| shards[shard].holds(&id)).collect();
            assert_eq!(holding.len(), 1);
            sizes[holding[0]] += 1;
        }
        assert!(sizes.iter().all(|size| (60..=140).contains(size)), "{sizes:?}");
        // `printf a.txt | sha256sum` begins with 18b7cb099a9ea3f5, which is 5 modulo 16.
        assert!("6/16".parse::<Shard>().unwrap().holds("a.txt"));
    }

    #[test]
    fn what_is_no_share_is_refused() {
        for written in ["0/4", "5/4", "1", "a/b", "1/0", "-1/2"] {
            assert!(written.parse::<Shard>().is_err(), "{written}");
        }
    }
}
