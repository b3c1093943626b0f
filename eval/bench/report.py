"""The report of the bench: a Markdown page and a chart."""

import os
import pathlib
import platform
import re
import statistics
import subprocess
from xml.sax.saxutils import escape

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent


def write(path, bench, titles, sizes, scores, agreement):
    """Write the page to `path` and the chart beside it, as `.svg`."""
    models = list(dict.fromkeys(model for model, _, _ in titles))
    page = ["# Speed on a CPU", "", *machine(), ""]
    page += [
        "Words are runs without white space; a program's speed is that of a run over all articles less what a run over",
        "one sentence takes, which is the column “start”. Medians of interleaved runs, in brackets the slowest and the",
        "fastest; “ratio” is to the transformers pipeline as pip installs it. Batch sizes are the fastest of those tried on",
        "a tenth of the articles. Memory of spaCy in several processes is that of the first. Made by `eval/bench/bench.py`.",
    ]
    bars = []
    for model in models:
        for text in ("all", "french"):
            keys = [key for key in titles if key[0] == model and key[2] == text]
            if not keys:
                continue
            what = "articles of all languages" if text == "all" else "French articles"
            runs = min(len(bench.speeds(key, sizes[key])) for key in keys)
            page += ["", f"## {model}: {what}, {bench.words(text):,} words, {runs} runs", ""]
            page += [
                "| program | words/s | ratio | start | peak memory | batch |",
                "| --- | ---: | ---: | ---: | ---: | ---: |",
            ]
            baseline = (model, "transformers", text)
            base = statistics.median(bench.speeds(baseline, sizes[baseline])) if baseline in titles else None
            for key in sorted(keys, key=lambda key: -statistics.median(bench.speeds(key, sizes[key]))):
                speeds = bench.speeds(key, sizes[key])
                speed = statistics.median(speeds)
                ratio = f"{speed / base:.1f}" if base else "–"
                start = bench.median((key[0], key[1], "start"), sizes[key], "wall")
                memory = bench.median(key, sizes[key], "memory")
                page.append(
                    f"| {titles[key]} | {speed:,.0f} ({min(speeds):,.0f}–{max(speeds):,.0f}) | {ratio} | {start:.1f} s"
                    f" | {memory:,.0f} MB | {sizes[key] or '–'} |"
                )
                if model == models[0] and text == "all":
                    bars.append((titles[key], speed))
    if scores:
        labels = sorted({label for score in scores.values() for label in score} - {"all"})
        page += ["", "## F1 on labelled French articles", ""]
        page += [f"| program | all | {' | '.join(labels)} |", "| --- |" + " ---: |" * (len(labels) + 1)]
        for name, score in scores.items():
            cells = [score["all"], *(score.get(label) for label in labels)]
            shown = ["–" if cell is None else f"{100 * cell:.1f}" for cell in cells]
            page.append(f"| {name} | {' | '.join(shown)} |")
    if agreement:
        page += ["", "## The two engines in f32", ""]
        page += [
            f"{agreement['entities']:,} entities in the articles of all languages; {agreement['differ']} that only one of the two engines",
            f"finds; scores differ by {agreement['score']:.3f} at most.",
        ]
    page += ["", (HERE / "notes.md").read_text(encoding="utf-8").strip()]
    chart_path = path.with_suffix(".svg")
    if bars:
        chart_path.write_text(chart(bars, f"Words per second, {models[0]}"), encoding="utf-8")
        page += ["", f"![Words per second]({chart_path.name})"]
    path.write_text("\n".join(page) + "\n", encoding="utf-8")


def machine():
    """Processor, memory and versions."""
    info = pathlib.Path("/proc/cpuinfo").read_text() if pathlib.Path("/proc/cpuinfo").is_file() else ""
    name = re.search(r"model name\s*: (.*)", info)
    units = [unit for unit in ("avx2", "avx512f", "avx512_vnni", "avx_vnni", "amx_int8") if f" {unit}" in info]
    commit = subprocess.run(
        ["git", "-C", ROOT, "rev-parse", "--short", "HEAD"], stdout=subprocess.PIPE, text=True, check=False
    ).stdout.strip()
    pinned = []
    for requirements in sorted((ROOT / "eval" / "bench" / "requirements").glob("*.txt")):
        versions = re.findall(
            r"^(torch|transformers|optimum|optimum-onnx|onnxruntime|spacy)==(.*)$",
            requirements.read_text(),
            re.MULTILINE,
        )
        pinned.append(f"{requirements.stem}: " + ", ".join(f"{package} {version}" for package, version in versions))
    return [
        f"- {name[1] if name else platform.processor()}, {len(os.sched_getaffinity(0))} cores, {' '.join(units)}",
        f"- {platform.system()} {platform.release()}, Python {platform.python_version()}, musamma {commit}",
        *(f"- {line}" for line in pinned),
    ]


def chart(bars, title):
    """Horizontal bars; readable on white and on black."""
    width, left, row = 760, 330, 30
    most = max(speed for _, speed in bars)
    height = 50 + row * len(bars)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="13">',
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
        f'<text x="12" y="26" font-size="15" font-weight="bold">{escape(title)}</text>',
    ]
    for index, (name, speed) in enumerate(bars):
        y = 44 + index * row
        length = max(2, (width - left - 80) * speed / most)
        colour = "#0a7d5a" if name.startswith("musamma") else "#8a9099"
        lines += [
            f'<text x="{left - 8}" y="{y + 15}" text-anchor="end">{escape(name)}</text>',
            f'<rect x="{left}" y="{y}" width="{length:.0f}" height="20" fill="{colour}"/>',
            f'<text x="{left + length + 6:.0f}" y="{y + 15}">{speed:,.0f}</text>',
        ]
    return "\n".join([*lines, "</svg>"]) + "\n"
