"""Loads what `musamma export` wrote into the programs the formats belong to, or into readers of theirs from PyPI, and
checks that every entity came through.

    pip install -r eval/compat/requirements-tools.txt
    pip install --no-deps doccano==1.8.4        # its own pins are years old; its importer runs without them
    python eval/compat/load_tools.py MUSAMMA GOLD.jsonl...

| format | loaded by |
| --- | --- |
| doccano | doccano's importer: `JSONLParser`, and `SpanLabel` which validates each entity |
| Label Studio | `Converter` of label-studio-sdk, to CoNLL and to its minimal JSON |
| brat | bratly, which checks the grammar of the files |
| CoNLL | spaCy's `conll_ner_to_docs`; conlleval |

WebAnno TSV has no reader of plain spans on PyPI; INCEpTION's own is Java.
"""

import contextlib
import importlib.util
import io
import json
import pathlib
import subprocess
import sys
import tempfile
import types
import uuid
from unittest.mock import MagicMock

LABELS = ["PER", "CITY", "LOC", "ORG", "DATE"]


def export(musamma, gold, form, path):
    subprocess.run([musamma, "export", gold, "--to", form, "-o", path], check=True)


def entities(article):
    return sorted((entity["start"], entity["end"], entity["label"]) for entity in article["entities"])


def words(text):
    return "".join(text.split())


def doccano(path, articles):
    """doccano is a Django project; its parsers and label classes are loaded without its database."""
    backend = pathlib.Path(importlib.util.find_spec("backend").submodule_search_locations[0])
    for name in ["data_import", "data_import.pipeline"]:
        package = types.ModuleType(name)
        package.__path__ = [str(backend.joinpath(*name.split(".")))]
        sys.modules[name] = package
    for models in ["examples", "label_types", "labels", "projects"]:
        sys.modules |= {models: MagicMock(), f"{models}.models": MagicMock()}
    parsers = importlib.import_module("data_import.pipeline.parsers")
    label = importlib.import_module("data_import.pipeline.label")
    parser = parsers.JSONLParser(encoding="utf-8")
    rows = list(parser.parse(str(path)))
    assert not parser.errors, parser.errors
    for article, row in zip(articles, rows, strict=True):
        spans = [label.SpanLabel.parse(uuid.uuid4(), span) for span in row["label"]]
        found = sorted((span.start_offset, span.end_offset, span.label) for span in spans)
        yield article["id"], row["text"] == article["text"] and found == entities(article)


def label_studio(path, articles):
    from label_studio_sdk.converter import Converter

    choices = "".join(f'<Label value="{label}"/>' for label in LABELS)
    view = f'<View><Labels name="label" toName="text">{choices}</Labels><Text name="text" value="$text"/></View>'
    # Importing, Label Studio numbers tasks and annotations.
    tasks = json.loads(path.read_text("utf-8"))
    for number, task in enumerate(tasks, start=1):
        task["id"] = number
        task["annotations"] = [{"id": number, **annotation} for annotation in task["annotations"]]
    path.write_text(json.dumps(tasks), "utf-8")
    with tempfile.TemporaryDirectory() as folder:
        converter = Converter(view, folder)
        converter.convert_to_json_min(str(path), folder, is_dir=False)
        minimal = json.loads(pathlib.Path(folder, "result.json").read_text("utf-8"))
        converter.convert_to_conll2003(str(path), folder, is_dir=False)
        tags = pathlib.Path(folder, "result.conll").read_text("utf-8").splitlines()
    # Label Studio counts UTF-16 code units.
    for article, row in zip(articles, minimal, strict=True):
        units = article["text"].encode("utf-16-le")
        found = sorted(
            (units[2 * span["start"] : 2 * span["end"]].decode("utf-16-le"), span["labels"][0])
            for span in row.get("label", [])
        )
        expected = sorted((article["text"][start:end], label) for start, end, label in entities(article))
        yield article["id"], found == expected
    begun = sum(line.rpartition(" ")[2].startswith("B-") for line in tags)
    yield "entities begun in its CoNLL", begun == sum(len(article["entities"]) for article in articles)


def brat(folder, articles):
    from bratly.io.file_read_src import read_and_load_ann_file

    for article in articles:
        file = pathlib.Path(folder, article["id"])
        file = file if file.suffix == ".txt" else file.with_name(file.name + ".txt")
        # It complains on standard output.
        with contextlib.redirect_stdout(io.StringIO()) as said:
            collection = read_and_load_ann_file(str(file.with_suffix(".ann")))
        annotations = collection.annotations if collection else []
        found = sorted((span.fragments[0].start, span.fragments[0].end, span.label) for span in annotations)
        with open(file, encoding="utf-8", newline="") as text:
            whole = text.read() == article["text"]
        yield article["id"], whole and found == entities(article) and "Error" not in said.getvalue()


def conll(path, articles):
    import conlleval
    from spacy.training.converters import conll_ner_to_docs

    # CoNLL-2003 has neither comments nor our short line between documents.
    lines = path.read_text("utf-8").split("\n")
    plain = "\n".join(line for line in lines if not line.startswith(("# id = ", "-DOCSTART-")))
    documents = plain.strip("\n").split("\n\n\n")
    for article, document in zip(articles, documents, strict=True):
        (doc, *more) = conll_ner_to_docs(document, n_sents=0, no_print=True)
        found = [(words(span.text), span.label_) for doc in [doc, *more] for span in doc.ents]
        expected = [(words(article["text"][start:end]), label) for start, end, label in entities(article)]
        yield article["id"], found == expected
    tokens = [line.split(" ") for line in plain.strip("\n").split("\n")]
    counts = conlleval.evaluate([f"{line[0]} {line[-1]} {line[-1]}" if len(line) > 1 else "" for line in tokens])
    total = sum(len(article["entities"]) for article in articles)
    yield "conlleval's chunks", set(counts["overall"]["chunks"]["stats"].values()) == {total}


def main(musamma, *golds):
    wrong = 0
    for gold in golds:
        with open(gold, encoding="utf-8") as lines:
            articles = [json.loads(line) for line in lines]
        formats = {"doccano": doccano, "label-studio": label_studio, "brat": brat, "conll": conll}
        for name, load in formats.items():
            with tempfile.TemporaryDirectory() as folder:
                path = pathlib.Path(folder, "all.conll" if name == "conll" else "all.json")
                export(musamma, gold, name, path)
                results = list(load(path, articles))
            differ = [place for place, same in results if not same]
            wrong += len(differ)
            print(f"{gold}: {name}: {len(results) - len(differ)} of {len(results)} checks hold", *differ, sep="\n  ")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
