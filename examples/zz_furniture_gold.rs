use std::{fs, io::BufRead};
use musamma::furniture::find;
fn main() {
    for path in std::env::args().skip(1) {
        let file = std::io::BufReader::new(fs::File::open(&path).unwrap());
        let (mut n, mut chars, mut excl, mut lost, mut ents, mut arts) = (0, 0usize, 0usize, 0, 0, 0);
        for line in file.lines() {
            let v: serde_json::Value = serde_json::from_str(&line.unwrap()).unwrap();
            let text = v["text"].as_str().unwrap();
            n += 1;
            let found = find(text);
            chars += text.chars().count();
            if !found.is_empty() { arts += 1; }
            for r in &found {
                excl += text[r.clone()].chars().count();
                println!("LINE\t{}", &text[r.clone()]);
            }
            let bytes: Vec<usize> = text.char_indices().map(|(b, _)| b).chain([text.len()]).collect();
            for e in v["entities"].as_array().into_iter().flatten() {
                ents += 1;
                let (s, t) = (bytes[e["start"].as_u64().unwrap() as usize], bytes[e["end"].as_u64().unwrap() as usize]);
                if found.iter().any(|r| r.start < t && s < r.end) { lost += 1; println!("LOST\t{}\t{}", v["id"], e); }
            }
        }
        println!("SUM\t{path}\tarticles {n}\twith {arts}\tchars {chars}\texcluded {excl}\tentities {ents}\tlost {lost}");
    }
}
