"""Whether a model in int8 finds what it finds in f32: strict F1 on each gold file, and on each label over all of them."""

import collections
import json
import subprocess
import sys


def compare(musamma, folder, files):
    """F1 in points: {"f32" or "int8": {gold file or label: F1}}."""
    scores = {}
    for precision in ("f32", "int8"):
        labels = collections.defaultdict(collections.Counter)
        scores[precision] = {}
        for path in files:
            modes = _evaluate(musamma, folder, path, precision)
            scores[precision][path.stem] = 100 * modes["strict"]["micro"]["f1"]
            for label, counts in modes["strict"]["labels"].items():
                labels[label].update({name: counts[name] for name in ("tp", "fp", "fn")})
        for label, counts in labels.items():
            mentions = 2 * counts["tp"] + counts["fp"] + counts["fn"]
            if mentions:
                scores[precision][label] = 200 * counts["tp"] / mentions
    return scores


def _evaluate(musamma, folder, path, precision):
    command = [musamma, "eval", "--annotate", path, "--gold", path, "--model", folder, "--format", "json", "--quiet"]
    command += ["--engine", "onnx", "--precision", precision]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    # 1 is an article that failed: it is missed in both precisions.
    if done.returncode not in (0, 1):
        sys.exit(f"scripts/export-onnx: cannot evaluate on `{path}`")
    return json.loads(done.stdout)


def refused(scores, most_loss):
    """What loses more than so many points."""
    return [name for name, f1 in scores["f32"].items() if f1 - scores["int8"].get(name, 0) > most_loss]


def table(scores):
    """A Markdown table."""
    lines = ["| | f32 | int8 | difference |", "| --- | ---: | ---: | ---: |"]
    for name, f1 in scores["f32"].items():
        int8 = scores["int8"].get(name, 0)
        lines.append(f"| {name} | {f1:.1f} | {int8:.1f} | {int8 - f1:+.1f} |")
    return "\n".join(lines)


def report(model, scores):
    """The table as a page."""
    return (
        f"# {model} in int8\n\n"
        "Strict F1 in percent, dates by rule included, as `scripts/export-onnx MODEL --gold GOLD… --report FILE`\n"
        "measures it: on each gold file, and for each label on all of them together.\n\n"
        f"{table(scores)}\n"
    )
