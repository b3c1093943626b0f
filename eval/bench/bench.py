#!/usr/bin/env python3
"""Compares the speed of musamma and of other programs on the same articles: see README.md."""

import argparse
import hashlib
import json
import os
import pathlib
import random
import statistics
import subprocess
import sys
import time

import programs
import report

# An article to start on: what a run takes that has next to nothing to do.
START = "Le maire de Tanger a reçu mardi une délégation de Montpellier."


def main():
    parser = argparse.ArgumentParser(prog="eval/bench/bench.py", description=__doc__)
    parser.add_argument("--articles", type=pathlib.Path, nargs="+", help="JSONL files with `id` and `text`")
    parser.add_argument("--count", type=int, default=400, help="articles of each of the two sets; %(default)s")
    parser.add_argument("--french-gold", type=pathlib.Path, help="labelled French articles, for the F1 beside spaCy's")
    parser.add_argument("--model", type=pathlib.Path, default=programs.ROOT / "models" / "e5-news-v2")
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--work", type=pathlib.Path, default=programs.ROOT / "native" / "bench")
    parser.add_argument("--only", nargs="+", default=[], metavar="PROGRAM")
    parser.add_argument("--without-base", action="store_true", help="leave out the model of BERT-base's size")
    parser.add_argument("--report", type=pathlib.Path, default=programs.ROOT / "eval" / "reports" / "speed.md")
    arguments = parser.parse_args()

    workplace = programs.Workplace(arguments.work.resolve())
    sets = article_sets(workplace.folder, arguments.articles or fixtures(), arguments.count)
    bench = Bench(workplace.folder, sets)
    models = {arguments.model.name: workplace.model(arguments.model.resolve())}
    if not arguments.without_base:
        models["BERT-base's size, random weights"] = workplace.model(arguments.model.resolve(), base=True)
    plan = {}
    for index, (model, folder) in enumerate(models.items()):
        for name, program in programs.prepared(workplace, folder, arguments.only).items():
            # spaCy has its own models, and they read French.
            if program.french_only and index > 0:
                continue
            texts = ["french"] if program.french_only else ["all", "french"] if index == 0 else ["all"]
            plan.update({(model, name, text): program for text in texts if bench.words(text)})
    sizes = {key: bench.fastest_size(key, program) for key, program in plan.items()}
    for repetition in range(arguments.repetitions):
        # Another order each time, so that nobody always runs after the same one.
        order = list(plan)
        random.Random(repetition).shuffle(order)
        for key in order:
            bench.measure(key, plan[key], sizes[key], repetition)
        left = (arguments.repetitions - repetition - 1) * bench.seconds(plan, repetition)
        print(f"repetition {repetition + 1} of {arguments.repetitions} done, {left / 60:.0f} min left", file=sys.stderr)
    titles = {key: program.title for key, program in plan.items()}
    scores = {}
    if arguments.french_gold:
        scores = french_scores(bench, plan, sizes, arguments.french_gold.resolve(), next(iter(models)))
    arguments.report.parent.mkdir(parents=True, exist_ok=True)
    agreement = f32_agreement(bench, plan, next(iter(models)))
    report.write(arguments.report, bench, titles, sizes, scores, agreement)
    print(arguments.report)


def fixtures():
    """The articles of the repository: enough to try the bench, too few to measure long."""
    return sorted((programs.ROOT / "eval" / "gold").glob("*.jsonl"))


def article_sets(folder, files, count):
    """Files with articles of all languages and with French ones, each of `count`, repeated where there are too few."""
    records = []
    for path in files:
        with open(path, encoding="utf-8") as file:
            records += [json.loads(line) for line in file]
    random.Random(1).shuffle(records)
    french = [record for record in records if is_french(record)]
    sets = {}
    for name, chosen in (("all", records), ("french", french), ("start", [{"text": START}])):
        if not chosen:
            continue
        path = folder / f"{name}.jsonl"
        with open(path, "w", encoding="utf-8") as file:
            for index in range(1 if name == "start" else count):
                # A number in front, so that no copy is taken for one.
                text = f"{index}. {chosen[index % len(chosen)]['text']}"
                file.write(json.dumps({"id": str(index), "text": text}, ensure_ascii=False) + "\n")
        sets[name] = path
    return sets


def is_french(record):
    language = record.get("lang") or str(record.get("id", ""))[:2]
    return language == "fr"


class Bench:
    """Measures, and remembers what was measured: a run that was cut off goes on where it stopped."""

    def __init__(self, folder, sets):
        self.folder = folder
        self.sets = sets
        self.results = folder / "results.jsonl"
        digest = hashlib.sha256(b"".join(path.read_bytes() for path in sets.values())).hexdigest()[:12]
        self.done = {}
        self.digest = digest
        if self.results.is_file():
            for line in self.results.read_text().splitlines():
                result = json.loads(line)
                if result["articles"] == digest:
                    self.done[tuple(result["key"])] = result

    def words(self, name):
        """White-space words of a set; 0 where there is none."""
        if name not in self.sets:
            return 0
        with open(self.sets[name], encoding="utf-8") as file:
            return sum(len(json.loads(line)["text"].split()) for line in file)

    def measure(self, key, program, size, repetition):
        """Run once on the start article and once on the set; returns words a second without the start."""
        model, name, text = key
        start = self.run((model, name, "start", size, repetition), program, self.sets["start"], size)
        whole = self.run((model, name, text, size, repetition), program, self.sets[text], size)
        return self.words(text) / max(whole["wall"] - start["wall"], 1e-3)

    def fastest_size(self, key, program):
        """The size that is fastest on the first tenth of the articles."""
        if len(program.sizes) == 1:
            return program.sizes[0]
        model, name, text = key
        tenth = self.folder / f"{text}-tenth.jsonl"
        lines = self.sets[text].read_text(encoding="utf-8").splitlines(keepends=True)
        tenth.write_text("".join(lines[: max(len(lines) // 10, 1)]), encoding="utf-8")
        walls = {
            size: self.run((model, name, f"{text}-tenth", size, 0), program, tenth, size)["wall"]
            for size in program.sizes
        }
        return min(walls, key=walls.get)

    def run(self, key, program, source, size):
        """One process from start to end: seconds of wall and processor, and peak memory in MB."""
        if key in self.done:
            return self.done[key]
        output = self.folder / "output.jsonl"
        for left in self.folder.glob("output.jsonl*"):
            left.unlink()
        command = [str(part) for part in program.command(source, output, size)]
        print("+", *key, file=sys.stderr, flush=True)
        environment = dict(os.environ, TOKENIZERS_PARALLELISM="true", HF_HUB_OFFLINE="1", **dict(program.environment))
        log = self.folder / "output.log"
        with open(log, "wb") as errors:
            before = time.monotonic()
            process = subprocess.Popen(command, stdout=errors, stderr=errors, env=environment)
            _, status, usage = os.wait4(process.pid, 0)
            wall = time.monotonic() - before
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            sys.exit(f"bench: {' '.join(command)} ended with {process.returncode}:\n{log.read_text()[-2000:]}")
        result = {
            "key": list(key),
            "articles": self.digest,
            "wall": wall,
            "cpu": usage.ru_utime + usage.ru_stime,
            "memory": usage.ru_maxrss / 1000,
        }
        with open(self.results, "a", encoding="utf-8") as file:
            file.write(json.dumps(result) + "\n")
        self.done[key] = result
        return result

    def seconds(self, plan, repetition):
        """What a repetition took."""
        keys = {(model, name) for model, name, _ in plan}
        walls = [result["wall"] for key, result in self.done.items() if key[4] == repetition and key[:2] in keys]
        return sum(walls)

    def speeds(self, key, size):
        """Words a second of all repetitions."""
        model, name, text = key
        repetitions = sorted(done[4] for done in self.done if done[:4] == (model, name, text, size))
        speeds = []
        for repetition in repetitions:
            whole = self.done[(model, name, text, size, repetition)]
            start = self.done[(model, name, "start", size, repetition)]
            speeds.append(self.words(text) / max(whole["wall"] - start["wall"], 1e-3))
        return speeds

    def median(self, key, size, what):
        """The median of `wall`, `cpu` or `memory`."""
        return statistics.median(result[what] for done, result in self.done.items() if done[:4] == (*key, size))


def f32_agreement(bench, plan, model):
    """What both engines find in f32 in the articles of all languages; None where one of them was not run."""
    found = []
    for name in ("musamma-onnx-f32", "musamma-rust-bert"):
        if (model, name, "all") not in plan:
            return None
        output = bench.folder / f"agreement-{name}.jsonl"
        for left in bench.folder.glob(f"{output.name}*"):
            left.unlink()
        command = [str(part) for part in plan[(model, name, "all")].command(bench.sets["all"], output, 0)]
        # 1 is an article that failed.
        if subprocess.run(command, check=False, stdout=sys.stderr).returncode not in (0, 1):
            sys.exit(f"bench: {name} failed")
        records = [json.loads(line) for line in output.read_text(encoding="utf-8").strip().split("\n")]
        found.append(
            {
                (record["id"], entity["start"], entity["end"], entity["label"]): entity["score"]
                for record in records
                for entity in record.get("entities") or []
            }
        )
    one, other = found
    shared = one.keys() & other.keys()
    return {
        "entities": len(one.keys() | other.keys()),
        "differ": len(one.keys() ^ other.keys()),
        "score": max((abs(one[entity] - other[entity]) for entity in shared), default=0),
    }


def french_scores(bench, plan, sizes, gold, model):
    """F1 on persons, places and organisations of labelled French articles, by program."""
    musamma = programs.ROOT / "target" / "release" / "musamma"
    scores = {}
    for (of_model, name, text), program in plan.items():
        if of_model != model or text != "french" or not (name.startswith("spacy") or name == "musamma-int8"):
            continue
        output = bench.folder / f"gold-{name}.jsonl"
        output.unlink(missing_ok=True)
        command = [str(part) for part in program.command(gold, output, sizes[(of_model, name, text)])]
        subprocess.run(command, check=True, stdout=sys.stderr)
        evaluate = [musamma, "eval", output, "--gold", gold, "--map", "CITY=LOC,DATE=O,MISC=O", "--format", "json"]
        done = subprocess.run([str(part) for part in evaluate], check=True, stdout=subprocess.PIPE, text=True)
        strict = json.loads(done.stdout)["strict"]
        scores[name] = {"all": strict["micro"]["f1"]}
        scores[name].update({label: numbers["f1"] for label, numbers in strict["labels"].items()})
    return scores


if __name__ == "__main__":
    main()
