#!/usr/bin/env python3
"""What the whole program finds with a model, on gold articles: strict scores, and what --min-score 0.9 gives and costs.

    eval/model_report.py MUSAMMA MODEL GOLD.jsonl… > eval/reports/model.md

MUSAMMA is the binary. Every number is from `musamma eval`; intervals are 95 %, over articles drawn with replacement.
"""

import json
import pathlib
import subprocess
import sys
import tempfile

LABELS = ["PER", "CITY", "LOC", "ORG", "DATE"]
SURE = 0.9


def scores(musamma, model, gold, *options):
    """`musamma eval`'s scores of what is annotated with these options."""
    with tempfile.TemporaryDirectory() as folder:
        annotations = f"{folder}/annotations.jsonl"
        annotate = [musamma, "annotate", gold, "--model", model, "-o", annotations, "--quiet", *options]
        subprocess.run(annotate, check=True)
        command = [musamma, "eval", annotations, "--gold", gold, "--format", "json", "--quiet"]
        return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)["strict"]


def percent(value):
    return "–" if value is None else f"{100 * value:.1f}"


def cell(one):
    low, high = one.get("intervals", {}).get("f1") or (None, None)
    return f"{percent(one['f1'])} ({percent(low)}–{percent(high)}; {one['support']})"


def main():
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    musamma, model, *golds = sys.argv[1:]
    print(f"# {pathlib.Path(model).name}: what the program finds\n")
    print("Strict F1 (same span, same label) of the whole program, with its defaults: int8, dates by rule joined, page")
    print("furniture left out. In brackets the 95 % interval and the number of gold entities. Made by `eval/model_report.py`.\n")
    print("| set | all | " + " | ".join(LABELS) + " | precision | recall |\n|" + " --- |" * (len(LABELS) + 4))
    sure = []
    for gold in golds:
        found = scores(musamma, model, gold)
        row = [cell(found["micro"]), *(cell(found["labels"][label]) for label in LABELS)]
        row += [percent(found["micro"][name]) for name in ("precision", "recall")]
        print(f"| {pathlib.Path(gold).stem} | " + " | ".join(row) + " |", flush=True)
        sure.append((gold, found["micro"], scores(musamma, model, gold, "--min-score", str(SURE))["micro"]))
    print(f"\n## With `--min-score {SURE}`\n")
    print("| set | precision | recall | recall without |\n| --- | --- | --- | --- |")
    for gold, everything, kept in sure:
        values = (kept["precision"], kept["recall"], everything["recall"])
        print(f"| {pathlib.Path(gold).stem} | " + " | ".join(map(percent, values)) + " |")
    tp, fp = (sum(kept[name] for gold, _, kept in sure if "articles" not in gold) for name in ("tp", "fp"))
    print(f"| all but the five articles | {percent(tp / (tp + fp))} | | |")


if __name__ == "__main__":
    main()
