"""Reading the corpora: gold articles, with the labels of `standoff/`, and unlabelled news text."""

import hashlib
import json
import lzma
import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

_STANDOFF = Path(__file__).with_name("standoff")


def read_jsonl(path):
    opener = lzma.open if path.suffix == ".xz" else open
    with opener(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def gold(folder, prefix):
    """Gold files `{name: articles}` whose name begins with `prefix`: `train-`, `dev-`, `articles`."""
    paths = sorted((folder / "gold").glob(f"{prefix}*.jsonl"))
    if not paths:
        raise FileNotFoundError(f"no {prefix}*.jsonl in {folder / 'gold'}: give the corpora's folder with --corpora")
    return {path.stem: read_jsonl(path) for path in paths}


def training(folder):
    """Gold to train on, `{name: articles}`: the files of the corpora, mended, and labels of this folder's `standoff/`.

    A standoff file has labels without text: `more-LANG.jsonl` labels articles of the unlabelled news, `mended.jsonl`
    corrects gold articles.  Places are in code points; `sha256` says of which text.
    """
    sets = gold(folder, "train-")
    changes = {change["id"]: change for change in mended()}
    for article in (article for articles in sets.values() for article in articles):
        if article["id"] in changes:
            _mend(article, changes.pop(article["id"]))
    if changes:
        print(f"mended.jsonl: {len(changes)} articles are not in {folder / 'gold'}, left out", flush=True)
    for path in sorted(_STANDOFF.glob("more-*.jsonl")):
        sets[path.stem] = list(_labelled(folder, path))
    return sets


def mended():
    """The corrections of gold articles: `{id, sha256, remove, add}` with `[start, end, label]` each."""
    return read_jsonl(_STANDOFF / "mended.jsonl")


def _mend(article, change):
    _check_text(change, article["text"])
    kept = [e for e in article["entities"] if [e["start"], e["end"], e["label"]] not in change["remove"]]
    if len(kept) + len(change["remove"]) != len(article["entities"]):
        raise ValueError(f"article {article['id']}: it has not the entities that {_STANDOFF.name}/mended.jsonl removes")
    article["entities"] = sorted(kept + _entities(change["add"], article["text"]), key=lambda e: e["start"])


def _labelled(folder, path):
    wanted = {standoff["id"]: standoff for standoff in read_jsonl(path)}
    for file in sorted({standoff["file"] for standoff in wanted.values()}):
        texts = folder / "data" / "text" / f"{file}.jsonl.xz"
        for article in read_jsonl(texts) if texts.exists() else ():
            standoff = wanted.pop(article["id"], None)
            if standoff:
                _check_text(standoff, article["text"])
                entities = _entities(standoff["entities"], article["text"])
                yield {"id": article["id"], "lang": language(texts), "text": article["text"], "entities": entities}
    if wanted:
        print(f"{path.name}: {len(wanted)} articles are not in {folder / 'data' / 'text'}, left out", flush=True)


def _check_text(standoff, text):
    if hashlib.sha256(text.encode()).hexdigest() != standoff["sha256"]:
        raise ValueError(f"article {standoff['id']}: its text is not the one that was labelled in {_STANDOFF.name}/")


def _entities(places, text):
    return [{"start": start, "end": end, "label": label, "text": text[start:end]} for start, end, label in places]


def text_files(folder):
    """Files of unlabelled news; a file's name begins with its language (`ar-hespress.jsonl.xz`)."""
    paths = sorted((folder / "data" / "text").glob("*.jsonl.xz"))
    if not paths:
        raise FileNotFoundError(
            f"no *.jsonl.xz in {folder / 'data' / 'text'}: give the corpora's folder with --corpora"
        )
    return paths


def language(path):
    return path.name.split("-")[0]


def news_texts(path, limit=None):
    """Texts of one file, at most about `limit` spread over it; those with an anonymiser's placeholders are left out."""
    articles = read_jsonl(path)
    step = max(1, len(articles) // limit) if limit else 1
    return [
        article["text"]
        for article in articles[::step]
        if "*NUMBER*" not in article["text"] and "*URL*" not in article["text"]
    ]


def split(articles, every):
    """`(for training, held out)`: every so-manieth article is held out, the same ones in each run."""
    return [a for i, a in enumerate(articles) if i % every], articles[::every]


def processes(prepare, *arguments):
    """A process a core, each prepared with `prepare(*arguments)`; spawned, because a fork copies a GPU's state."""
    return ProcessPoolExecutor(
        os.cpu_count(), multiprocessing.get_context("spawn"), initializer=prepare, initargs=arguments
    )
