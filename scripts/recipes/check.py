"""Checks what the recipes of examples/recipes/README.md wrote against annotations.jsonl."""

import ast
import csv
import json
from collections import Counter, defaultdict
from pathlib import Path

import spacy
from label_studio_sdk.converter import Converter
from spacy.tokens import DocBin

records = [json.loads(line) for line in open("annotations.jsonl", encoding="utf-8")]
texts = {record["id"]: record["text"] for record in records if "error" not in record}
entities = [(record["id"], entity) for record in records for entity in record.get("entities", [])]
assert len(records) == 61 and len(entities) > 100, (len(records), len(entities))


def names(label):
    return Counter(entity["name"] for _, entity in entities if entity["label"] == label)


def read(name):
    return Path(name).read_text(encoding="utf-8")


# jq
persons = {line.split(None, 1)[1]: int(line.split()[0]) for line in read("persons.txt").splitlines()}
assert persons == names("PER"), persons

# SQLite
cities = dict(line.rsplit("|", 1) for line in read("cities.txt").splitlines())
assert {name: int(count) for name, count in cities.items()} == names("CITY"), cities

# DuckDB, polars, pandas
articles = defaultdict(set)
for article, entity in entities:
    if entity["label"] == "CITY":
        articles[entity["name"]].add(article)
expected = sorted(names("CITY").items(), key=lambda item: (-item[1], item[0]))
duckdb = ast.literal_eval(read("duckdb.txt"))
assert duckdb == [(name, count, len(articles[name])) for name, count in expected], duckdb
polars = ast.literal_eval(read("polars.txt"))
assert polars == expected, polars
together = defaultdict(set)
for article, entity in entities:
    if entity["label"] in ("PER", "ORG"):
        together[article].add(entity["name"])
assert ast.literal_eval(read("pandas.txt")) == together

# CSV: every slice in all three units
with open("entities.csv", encoding="utf-8", newline="") as table:
    rows = list(csv.DictReader(table))
assert len(rows) == len(entities)
for row in rows:
    text = texts[row["article_id"]]
    assert text[int(row["char_start"]) : int(row["char_end"])] == row["text"]
    assert text.encode()[int(row["byte_start"]) : int(row["byte_end"])].decode() == row["text"]
    units = text.encode("utf-16-le")
    assert units[2 * int(row["utf16_start"]) : 2 * int(row["utf16_end"])].decode("utf-16-le") == row["text"]

# spaCy
docs = list(DocBin().from_disk("annotations.spacy").get_docs(spacy.blank("xx").vocab))
found = [(doc.text, entity.label_, entity.text) for doc in docs for entity in doc.ents]
assert found == [(texts[article], entity["label"], entity["text"]) for article, entity in entities]

# Label Studio: its own converter reads the tasks and finds the same entities
config = read("label-studio.xml")
tasks = json.loads(read("tasks.json"))
for task in tasks:
    for annotation in task["annotations"]:
        for result in annotation["result"]:
            value = result["value"]
            units = task["data"]["text"].encode("utf-16-le")
            assert units[2 * value["start"] : 2 * value["end"]].decode("utf-16-le") == value["text"]
# What an import adds: numbers.
for number, task in enumerate(tasks, 1):
    task["id"] = number
    for annotation in task["annotations"]:
        annotation["id"] = number
Path("imported.json").write_text(json.dumps(tasks), encoding="utf-8")
converter = Converter(config, ".", download_resources=False)
converter.convert_to_json_min("imported.json", "converted", is_dir=False)
converted = json.loads(read("converted/result.json"))
found = Counter((task["text"], label["labels"][0], label["text"]) for task in converted for label in task.get("label", []))
assert found == Counter((texts[article], entity["label"], entity["text"]) for article, entity in entities), found

# Shares
assert read("merged.jsonl") == read("annotations.jsonl")
print("jq, SQLite, DuckDB, polars, pandas, CSV, spaCy, Label Studio, merged shares: all right")
