"""Makes two CoNLL files of random tags, well-formed and not, and what the tools
say of them: the golden values of tests/compat.

    pip install -r eval/compat/requirements.txt
    python eval/compat/golden.py tests/compat
"""

import json
import pathlib
import random
import sys
import warnings

import conlleval
import spacy
from nervaluate import Evaluator
from seqeval.metrics import classification_report
from seqeval.metrics.sequence_labeling import get_entities
from seqeval.scheme import IOB2
from spacy.scorer import Scorer
from spacy.tokens import Doc, Span
from spacy.training import Example

SENTENCES = 300
TAGS = ["O", "O", "O", "B-PER", "I-PER", "B-LOC", "I-LOC", "B-ORG", "I-ORG"]


def sentences(seed: int) -> list[tuple[list[str], list[str]]]:
    """Pairs of gold and predicted tags; predictions are the gold with noise."""
    random.seed(seed)
    pairs = []
    for _ in range(SENTENCES):
        gold = [random.choice(TAGS) for _ in range(random.randint(1, 12))]
        predicted = [tag if random.random() < 0.7 else random.choice([*TAGS, "B-DATE"]) for tag in gold]
        pairs.append((gold, predicted))
    return pairs


def report(gold: list[list[str]], predicted: list[list[str]], **options) -> dict:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = classification_report(gold, predicted, output_dict=True, **options)
    rows = {
        name.removesuffix(" avg"): {
            "precision": float(row["precision"]),
            "recall": float(row["recall"]),
            "f1": float(row["f1-score"]),
            "support": int(row["support"]),
        }
        for name, row in found.items()
    }
    averages = {name: rows.pop(name) for name in ("micro", "macro", "weighted")}
    return {"labels": rows, **averages}


def by_conlleval(gold: list[list[str]], predicted: list[list[str]]) -> dict:
    lines = []
    for sides in zip(gold, predicted):
        lines += [f"w {of_gold} {of_predicted}" for of_gold, of_predicted in zip(*sides)] + [""]
    found = conlleval.evaluate(lines)
    row = lambda row: {"precision": row["prec"], "recall": row["rec"], "f1": row["f1"]}
    overall = found["overall"]["chunks"]["evals"]
    slots = found["slots"]["chunks"]
    return {
        "labels": {name: row(slot["evals"]) for name, slot in slots.items() if name},
        "micro": row(overall),
        "accuracy": found["overall"]["tags"]["evals"]["f1"],
    }


def by_spacy(gold: list[list[str]], predicted: list[list[str]]) -> dict:
    """The chunks of each sentence as entities of a document."""
    vocabulary = spacy.blank("xx").vocab

    def doc(tags: list[str]) -> Doc:
        doc = Doc(vocabulary, words=["w"] * len(tags))
        doc.set_ents([Span(doc, first, last + 1, label) for label, first, last in get_entities(tags)])
        return doc

    examples = [Example(doc(of_predicted), doc(of_gold)) for of_gold, of_predicted in zip(gold, predicted)]
    found = Scorer.score_spans(examples, "ents")
    row = lambda p, r, f: {"precision": p, "recall": r, "f1": f}
    labels = {name: row(**{key[0]: score for key, score in scores.items()}) for name, scores in found["ents_per_type"].items()}
    return {"labels": labels, "micro": row(found["ents_p"], found["ents_r"], found["ents_f"])}


def by_nervaluate(gold: list[list[str]], predicted: list[list[str]]) -> dict:
    labels = sorted({tag[2:] for tags in gold + predicted for tag in tags if tag != "O"})
    found = Evaluator(gold, predicted, tags=labels, loader="list").evaluate()
    row = lambda result: {
        "precision": float(result.precision),
        "recall": float(result.recall),
        "f1": float(result.f1),
        "support": result.possible,
    }
    return {
        measure: {
            "overall": row(found["overall"][measure]),
            "labels": {label: row(results[measure]) for label, results in found["entities"].items()},
        }
        for measure in found["overall"]
    }


def main(folder: str) -> None:
    pairs = sentences(12)
    gold, predicted = [list(side) for side in zip(*pairs)]
    target = pathlib.Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    for name, side in (("gold.conll", gold), ("predicted.conll", predicted)):
        lines = ["".join(f"w{place} {tag}\n" for place, tag in enumerate(tags)) for tags in side]
        (target / name).write_text("\n".join(lines))
    expected = {
        "seqeval": report(gold, predicted),
        "seqeval-strict": report(gold, predicted, mode="strict", scheme=IOB2),
        "conlleval": by_conlleval(gold, predicted),
        "spacy": by_spacy(gold, predicted),
        "nervaluate": by_nervaluate(gold, predicted),
    }
    (target / "expected.json").write_text(json.dumps(expected, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
