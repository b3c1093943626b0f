"""Strict scores: a predicted entity counts where span and label are the gold's.

python scripts/train/score.py --corpora CORPORA MODEL...    scores of model folders on the dev sets, in one line each
"""

import argparse
import json
import random
from collections import Counter
from pathlib import Path

import torch
from transformers import BertForTokenClassification

import calibrate
import corpora
import decode
import labels
import optimise
import settings
import windows

SURE = 0.9  # the score from which an entity is reported as sure


def count(articles, predicted):
    """Per article a `Counter` of `(label, "tp" | "predicted" | "gold")`."""
    counts = []
    for article, found in zip(articles, predicted, strict=True):
        gold = {(e["start"], e["end"], e["label"]) for e in article["entities"]}
        ours = {(e["start"], e["end"], e["label"]) for e in found}
        of_article = Counter()
        for name, entities in (("gold", gold), ("predicted", ours), ("tp", gold & ours)):
            of_article.update((label, name) for _, _, label in entities)
        counts.append(of_article)
    return counts


def prf(counts, kinds=labels.TYPES):
    """Micro precision, recall and F1 as fractions over the labels `kinds`; None where undefined."""
    total = sum(counts, Counter())
    tp, predicted, gold = (sum(total[kind, name] for kind in kinds) for name in ("tp", "predicted", "gold"))

    def ratio(a, b):
        return a / b if b else None

    return {
        "precision": ratio(tp, predicted),
        "recall": ratio(tp, gold),
        "f1": ratio(2 * tp, predicted + gold),
        "support": gold,
    }


def interval(counts, kinds=labels.TYPES, draws=1000, seed=1):
    """95 % bootstrap interval of F1: articles drawn with replacement."""
    rng = random.Random(seed)
    scores = [prf(rng.choices(counts, k=len(counts)), kinds)["f1"] for _ in range(draws)]
    scores = sorted(score for score in scores if score is not None)
    return [scores[int(0.025 * len(scores))], scores[int(0.975 * len(scores))]] if scores else None


def report(articles, predicted):
    """Scores of one set: micro and per label, with intervals, and how far scores can be trusted."""
    counts = count(articles, predicted)
    rows = {"micro": labels.TYPES} | {kind: [kind] for kind in labels.TYPES}
    scores = {name: prf(counts, kinds) | {"interval": interval(counts, kinds)} for name, kinds in rows.items()}
    scored = _scored(articles, predicted)
    sure = [[entity for entity in found if entity["score"] >= SURE] for found in predicted]
    return scores | {"calibration_error": calibrate.expected_error(scored), "sure": prf(count(articles, sure))}


def _scored(articles, predicted):
    """`(score, right)` of each predicted entity."""
    pairs = []
    for article, found in zip(articles, predicted, strict=True):
        gold = {(e["start"], e["end"], e["label"]) for e in article["entities"]}
        pairs += [(e["score"], (e["start"], e["end"], e["label"]) in gold) for e in found]
    return pairs


def evaluate(decoder, sets, out=None):
    """Reports by set name; with `out`, the predictions of each set are written there as JSONL."""
    reports = {}
    for name, articles in sets.items():
        predicted = [decoder.entities(article["text"]) for article in articles]
        reports[name] = report(articles, predicted)
        print(f"{name}: {line(reports[name])}", flush=True)
        if out:
            with open(out / f"{name}.jsonl", "w", encoding="utf-8") as lines:
                for article, found in zip(articles, predicted, strict=True):
                    record = {"id": article["id"], "text": article["text"], "entities": found}
                    lines.write(json.dumps(record, ensure_ascii=False) + "\n")
    return reports


def line(one):
    micro = one["micro"]
    parts = [f"{name} {percent(micro[key])}" for name, key in (("F1", "f1"), ("P", "precision"), ("R", "recall"))]
    return " ".join(parts + [f"{kind} {percent(one[kind]['f1'])} ({one[kind]['support']})" for kind in labels.TYPES])


def percent(fraction):
    return "–" if fraction is None else f"{100 * fraction:.1f}"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpora", type=Path, required=True)
    parser.add_argument("models", type=Path, nargs="+")
    arguments = parser.parse_args()
    sets = corpora.gold(arguments.corpora, "articles") | corpora.gold(arguments.corpora, "dev-")
    length = settings.FULL.variants.window
    for folder in arguments.models:
        model = BertForTokenClassification.from_pretrained(folder, dtype=torch.float32).to(optimise.device()).eval()
        decoder = decode.Decoder(model, windows.Tokenizer(folder / "tokenizer.json"), length, windows.stride(length))
        for name, articles in sets.items():
            predicted = [decoder.entities(article["text"]) for article in articles]
            counts = count(articles, predicted)
            by_kind = " ".join(f"{kind} {percent(prf(counts, [kind])['f1'])}" for kind in labels.TYPES)
            print(f"{folder.name} {name} F1 {percent(prf(counts)['f1'])} {by_kind}", flush=True)


if __name__ == "__main__":
    main()
