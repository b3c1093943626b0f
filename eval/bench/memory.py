#!/usr/bin/env python3
"""Draws the resident memory of a long run of `musamma annotate` against the articles done: see README.md."""

import argparse
import itertools
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def main():
    parser = argparse.ArgumentParser(prog="eval/bench/memory.py", description=__doc__)
    parser.add_argument("articles", type=pathlib.Path, nargs="+", help="JSONL files with `text`, repeated as needed")
    parser.add_argument("--count", type=int, default=100_000, help="articles of the run; %(default)s")
    parser.add_argument(
        "--lead",
        type=int,
        default=0,
        metavar="WORDS",
        help="all but every tenth article end after so many words; 0: none",
    )
    parser.add_argument("--settled", type=int, default=5_000, help="articles from which on memory is to be flat")
    parser.add_argument("--within", type=float, default=5, help="percent it may move from then on; %(default)s")
    parser.add_argument("--most", type=float, default=600, help="MB it may take; %(default)s")
    parser.add_argument("--model", default=str(ROOT / "models" / "e5-news-v2"))
    parser.add_argument("--engine", default="auto")
    parser.add_argument("--musamma", type=pathlib.Path, default=ROOT / "target" / "release" / "musamma")
    parser.add_argument("--report", type=pathlib.Path, default=ROOT / "eval" / "reports" / "memory.svg")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        curve = measure(arguments, pathlib.Path(work))
    settled = [memory for done, memory in curve if done >= arguments.settled]
    arguments.report.parent.mkdir(parents=True, exist_ok=True)
    arguments.report.write_text(chart(curve, arguments.count), encoding="utf-8")
    arguments.report.with_suffix(".csv").write_text(
        "articles,megabytes\n" + "".join(f"{done},{memory:.1f}\n" for done, memory in curve)
    )
    if not settled:
        sys.exit("memory.py: the run was over before memory settled; give more articles")
    middle = (max(settled) + min(settled)) / 2
    spread = 100 * (max(settled) - middle) / middle
    print(f"{max(settled):.0f} MB at most, {middle:.0f} MB ± {spread:.1f} % from article {arguments.settled} on")
    if spread > arguments.within or max(settled) > arguments.most:
        sys.exit(1)


def measure(arguments, work):
    """Articles done and MB, once a second."""
    source, output = work / "articles.jsonl", work / "out.jsonl"
    texts = itertools.cycle(read(arguments.articles))
    with open(source, "w", encoding="utf-8") as file:
        for index, text in zip(range(arguments.count), texts):
            if arguments.lead and index % 10:
                text = lead(text, arguments.lead)
            # A number in front, so that no copy is taken for one.
            file.write(json.dumps({"id": str(index), "text": f"{index}. {text}"}, ensure_ascii=False) + "\n")
    command = [arguments.musamma, "annotate", source, "-o", output, "--model", arguments.model]
    process = subprocess.Popen([*command, "--engine", arguments.engine])
    partial = output.with_name("out.jsonl.partial")
    curve, done, read_to = [], 0, 0
    while process.poll() is None:
        time.sleep(1)
        path = partial if partial.exists() else output
        if path.exists():
            with open(path, "rb") as file:
                file.seek(read_to)
                new = file.read()
            done, read_to = done + new.count(b"\n"), read_to + len(new)
        status = pathlib.Path(f"/proc/{process.pid}/status")
        try:
            memory = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS"))
        except (OSError, StopIteration):
            break
        curve.append((done, int(memory.split()[1]) / 1000))
    if process.wait() not in (0, 1):
        sys.exit("memory.py: musamma failed")
    return curve


def lead(text, words):
    """The beginning of a text, of so many words."""
    ends = [word.end() for word in itertools.islice(re.finditer(r"\S+", text), words)]
    return text[: ends[-1]] if ends else text


def read(paths):
    return [json.loads(line)["text"] for path in paths for line in open(path, encoding="utf-8")]


def chart(curve, count):
    """A line from 0 to the highest memory."""
    width, height, left, bottom = 760, 320, 70, 40
    most = 1.2 * max(memory for _, memory in curve)

    def at(done, memory):
        x = left + (width - left - 20) * done / max(count, 1)
        return f"{x:.1f},{height - bottom - (height - bottom - 40) * memory / most:.1f}"

    points = " ".join(at(*point) for point in curve)
    labels = [
        f'<text x="{left - 8}" y="{float(at(0, memory).split(",")[1]) + 4:.0f}" text-anchor="end">{memory:.0f} MB</text>'
        for memory in (0, most / 2, most)
    ]
    labels += [
        f'<text x="{at(done, 0).split(",")[0]}" y="{height - 16}" text-anchor="middle">{done:,}</text>'
        for done in (0, count // 2, count)
    ]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" '
            'font-size="13">',
            f'<rect width="{width}" height="{height}" fill="#fff"/>',
            '<text x="12" y="24" font-size="15" font-weight="bold">Resident memory by articles annotated</text>',
            *labels,
            f'<polyline points="{points}" fill="none" stroke="#0a7d5a" stroke-width="2"/>',
            "</svg>",
            "",
        ]
    )


if __name__ == "__main__":
    main()
