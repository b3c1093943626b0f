"""Whether a model in int8 finds what it finds in f32: strict F1 in each language, for each label, and in each gold file."""

import json
import pathlib
import subprocess
import sys


def compare(musamma, folder, files):
    """F1 in points: {"language ar", "label PER", "file NAME" or "all": {"f32" or "int8": F1}}."""
    scores = {}
    for precision in ("f32", "int8"):
        report = _evaluate(musamma, folder, files, precision)
        parts = {"all": report["strict"]["micro"]}
        parts |= {f"label {label}": counts for label, counts in report["strict"]["labels"].items()}
        parts |= {f"language {name}": part["strict"]["micro"] for name, part in report["by"]["lang"].items()}
        parts |= {
            f"file {pathlib.Path(name).stem}": part["strict"]["micro"] for name, part in report["by"]["file"].items()
        }
        for name, counts in parts.items():
            # Without mentions there is no F1.
            if counts["f1"] is not None:
                scores.setdefault(name, {"f32": 0.0, "int8": 0.0})[precision] = 100 * counts["f1"]
    return scores


def _evaluate(musamma, folder, files, precision):
    command = [musamma, "eval", "--annotate", *files, "--model", folder, "--by", "lang,file", "--format", "json"]
    command += ["--engine", "onnx", "--precision", precision, "--quiet"]
    for path in files:
        command += ["--gold", path]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    # 1 is an article that failed: it is missed in both precisions.
    if done.returncode not in (0, 1):
        sys.exit("scripts/export-onnx: cannot evaluate on the gold")
    return json.loads(done.stdout)


def refused(scores, most_loss):
    """Languages and labels that lose more than so many points. A single file may be too small to tell."""
    lost = {name: f1["f32"] - f1["int8"] for name, f1 in scores.items() if not name.startswith("file ")}
    return [name for name, points in lost.items() if points > most_loss]


def table(scores):
    """A Markdown table."""
    lines = ["| | f32 | int8 | difference |", "| --- | ---: | ---: | ---: |"]
    for name, f1 in scores.items():
        lines.append(f"| {name} | {f1['f32']:.1f} | {f1['int8']:.1f} | {f1['int8'] - f1['f32']:+.1f} |")
    return "\n".join(lines)


def report(model, scores, most_loss):
    """The table as a page."""
    return (
        f"# {model} in int8\n\n"
        "Strict F1 in percent, dates by rule included, as `scripts/export-onnx MODEL --gold GOLD… --report FILE`\n"
        f"measures it. It refuses a model whose F1 falls by more than {most_loss} in a language or for a label.\n\n"
        f"{table(scores)}\n"
    )
