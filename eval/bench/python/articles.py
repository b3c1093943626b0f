"""Articles in and entities out, the same for all programs in Python."""

import json
import sys


def read(path):
    """The records of a JSONL file, the longest text first, so that texts of like length meet in a batch."""
    with open(path, encoding="utf-8") as file:
        records = [json.loads(line) for line in file]
    return sorted(records, key=lambda record: -len(record["text"]))


def write(path, records, entities):
    """One record an article: `entities` are lists of (start, end, label), in code points."""
    with open(path, "w", encoding="utf-8") as file:
        for record, found in zip(records, entities, strict=True):
            spans = [{"start": start, "end": end, "label": label} for start, end, label in found]
            line = {"id": record["id"], "text": record["text"], "entities": spans}
            file.write(json.dumps(line, ensure_ascii=False) + "\n")


def arguments():
    """ARTICLES OUTPUT MODEL and further words, as given on the command line."""
    return sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:]
