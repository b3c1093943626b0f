"""Reading the corpora: gold articles, and unlabelled news text with the share that pretraining takes from it."""

import json
import lzma
import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor


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
