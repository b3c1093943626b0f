"""Makes a DocBin of what `musamma export --to spacy` writes.

    python3 docbin.py IN.jsonl OUT.spacy
"""

import json
import sys

import spacy
from spacy.tokens import Doc, DocBin


def main(source, target):
    vocab = spacy.blank("xx").vocab
    docs = DocBin()
    with open(source, encoding="utf-8") as lines:
        for line in lines:
            docs.add(Doc(vocab).from_json(json.loads(line)))
    docs.to_disk(target)


if __name__ == "__main__":
    main(*sys.argv[1:])
