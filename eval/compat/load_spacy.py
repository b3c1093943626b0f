"""Loads what `musamma export --to spacy` wrote into spaCy, and checks that every
entity came through.

    pip install -r eval/compat/requirements.txt
    musamma export GOLD --to spacy -o gold.spacy.jsonl
    python eval/compat/load_spacy.py GOLD gold.spacy.jsonl
"""

import json
import sys

import spacy
from spacy.tokens import Doc


def main(gold_path: str, exported_path: str) -> int:
    vocabulary = spacy.blank("xx").vocab
    wrong = 0
    with open(gold_path) as gold, open(exported_path) as exported:
        for count, (gold_line, line) in enumerate(zip(gold, exported, strict=True), start=1):
            article = json.loads(gold_line)
            doc = Doc(vocabulary).from_json(json.loads(line), validate=True)
            found = [(entity.start_char, entity.end_char, entity.label_) for entity in doc.ents]
            expected = [(entity["start"], entity["end"], entity["label"]) for entity in article["entities"]]
            if doc.text != article["text"] or found != sorted(expected):
                print(f"{article['id']}: differs", file=sys.stderr)
                wrong += 1
    print(f"{count} articles, {wrong} differ")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
