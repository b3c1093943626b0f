"""Make the bundled model: encoder, pretraining, teachers, students, calibration, export, scores, model card.

    python scripts/train/train.py --corpora CORPORA --name NAME
    python scripts/train/train.py --corpora CORPORA --smoke

Each stage leaves a folder under --work; a stage whose folder is there is not run again, and one that was cut off goes
on from its checkpoint.  To repeat a stage, delete its folder.
"""

import argparse
import json
import multiprocessing
import os
import platform
import shutil
import sys
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import torch

import card
import corpora
import encoder
import export
import fetch
import finetune
import native
import news
import pretrain
import robust
import settings
import teach
import variants

REPOSITORY = Path(__file__).resolve().parents[2]
STAGES = ("base", "news", "variants", "pretrain", "teachers", "labels", "students", "model")
STAGES_FROM_MODEL = ("base", "variants", "teachers", "model")


def main():
    arguments = _arguments()
    native.speed_up(arguments.work)
    if arguments.smoke:
        arguments.work = arguments.work / "smoke"
        shutil.rmtree(arguments.work, ignore_errors=True)
        arguments.work.mkdir()
    recipe = settings.SMOKE if arguments.smoke else settings.FULL
    for assignment in arguments.set:
        recipe = settings.changed(recipe, assignment)
    Run(arguments, recipe).stages()


class Run:
    """One training: the folders of its stages and what each stage is made from."""

    def __init__(self, arguments, recipe):
        self.arguments, self.recipe = arguments, recipe
        self.corpora, self.work, self.seed = arguments.corpora, arguments.work, arguments.seed
        self.base = self.work / "base"
        self.tokenizer = self.base / "tokenizer.json"
        self.news = self.work / "news" / "news.npz"
        self.variants = self.work / "variants"
        self.adapted = self.base if arguments.start else self.work / "adapted"
        self.teachers = [self.work / f"teacher-{seed}" for seed in recipe.finetune.seeds]
        self.blend = self.work / "blend"
        self.labels = self.work / "labels"
        self.model = self.work / "models" / arguments.name

    def stages(self):
        """Run the stages to the one that --until names."""
        recipe, facts, wanted = self.recipe, {}, self._wanted()
        facts["base"] = self._stage(self.base, self._build_base)
        start = self.arguments.start.name if self.arguments.start else None
        if facts["base"].get("from") != start:
            raise SystemExit(f"{self.base} is of a run with another --start: give another --work")
        if "news" in wanted:
            facts["news"] = self._stage(self.news.parent, self._prepare_news)
        with ThreadPoolExecutor() as beside:
            # Variants are drawn on the processors' cores while a GPU trains.
            if "variants" in wanted:
                drawn = beside.submit(self._stage, self.variants, self._draw_variants)
                if not torch.cuda.is_available():
                    drawn.result()
            if "pretrain" in wanted:
                facts["pretrain"] = self._stage(self.adapted, self._pretrain)
            if "variants" in wanted:
                facts["variants"] = drawn.result()
        if "teachers" in wanted:
            facts["teachers"] = self._teachers()
        if "labels" in wanted:
            facts["labels"] = self._stage(
                self.labels, lambda out: teach.label(self.news, self.teachers, out, recipe.teach, self.seed)
            )
        students = {len(layers): layers for layers in recipe.student.layers}
        if "students" in wanted:
            jobs = [(self.work / f"student-{count}", _student, layers) for count, layers in students.items()]
            facts["students"] = self._side_by_side(jobs, recipe.student.at_once)
        if "model" in wanted:
            student = self.work / f"student-{self.arguments.layers or max(students)}"
            chosen = student if "students" in wanted else self.blend
            facts["model"] = self._stage(self.model, lambda out: self._export(chosen, out))
            if self.arguments.robustness:
                facts["robustness"] = self._stage(self.work / f"robustness-{self.model.name}", self._robustness)
            card.write(self.model, self.model.name, recipe, facts, self.corpora)

    def _wanted(self):
        """The stages of this run."""
        stages = STAGES_FROM_MODEL if self.arguments.start else STAGES
        if self.arguments.until not in stages:
            raise SystemExit(f"--until {self.arguments.until}: with --start there are {', '.join(stages)} only")
        if self.arguments.start and self.arguments.layers:
            raise SystemExit("--layers chooses among students: with --start there are none")
        return stages[: stages.index(self.arguments.until) + 1]

    def _teachers(self):
        """Fine-tune one classifier a seed and join them; returns facts by name."""
        settings = self.recipe.finetune
        each = zip(settings.seeds, settings.public, strict=True)
        jobs = [(folder, _teacher, one) for folder, one in zip(self.teachers, each, strict=True)]
        facts = self._side_by_side(jobs, settings.at_once)
        return facts | {"blend": self._stage(self.blend, lambda out: teach.blend(self.teachers, out) or {})}

    def _stage(self, folder, make):
        """Make `folder`, under another name first, so that it is there only when whole; returns the stage's facts."""
        kept = folder.with_name(folder.name + ".json")
        if not folder.exists():
            started = time.monotonic()
            unfinished = folder.with_name(folder.name + ".unfinished")
            shutil.rmtree(unfinished, ignore_errors=True)
            unfinished.mkdir(parents=True)
            facts = make(unfinished) | {
                "minutes_of_last_run": round((time.monotonic() - started) / 60, 1),
                "machine": _machine(),
            }
            kept.write_text(json.dumps(facts, indent=1), encoding="utf-8")
            os.replace(unfinished, folder)
            print(f"{folder.name}: made in {facts['minutes_of_last_run']} minutes", flush=True)
        return json.loads(kept.read_text(encoding="utf-8"))

    def _side_by_side(self, jobs, at_once):
        """Run `(folder, function, argument)` jobs, `at_once` at a time, each in a process; returns facts by folder."""
        spawn = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(at_once, mp_context=spawn) as processes, ThreadPoolExecutor(at_once) as threads:

            def made(job):
                folder, function, argument = job
                return self._stage(folder, lambda out: processes.submit(function, self, argument, out).result())

            return {job[0].name: facts for job, facts in zip(jobs, threads.map(made, jobs), strict=True)}

    def _build_base(self, out):
        start = self.arguments.start
        if start:
            return {"from": start.name, "pieces": finetune.copy_classifier(start, out)}
        downloads = self.work / "downloads"
        downloads.mkdir(exist_ok=True)
        packed, tokenizer = (fetch.fetch(source, downloads) for source in (fetch.PACKED, fetch.TOKENIZER))
        vocabulary = self.recipe.vocabulary
        texts = {}
        for path in corpora.text_files(self.corpora):
            texts.setdefault(corpora.language(path), []).extend(corpora.news_texts(path, vocabulary.articles_per_file))
        pieces = encoder.build(packed, tokenizer, texts, vocabulary.size, vocabulary.layers, out)
        return {"pieces": pieces}

    def _prepare_news(self, out):
        return {"pieces": news.prepare(self.corpora, self.tokenizer, self.recipe.news, out / self.news.name)}

    def _draw_variants(self, out):
        return variants.prepare(self.corpora, self.tokenizer, self.recipe.variants, self.seed, out)

    def _pretrain(self, out):
        return pretrain.run(self.news, self.base, out, self.recipe.pretrain, self.work, self.seed)

    def _export(self, tuned, out):
        predictions = self.work / f"predictions-{self.model.name}"
        return export.run(self.corpora, tuned, out, self.recipe.variants, predictions)

    def _robustness(self, out):
        return {"f1": robust.run(self.corpora, self.model, self.recipe.variants)}


def _teacher(run, seed_and_public, out):
    seed, public = seed_and_public
    return finetune.run(run.variants, run.adapted, out, run.recipe.finetune, public, run.work, seed)


def _student(run, layers, out):
    return teach.student(
        run.news, run.labels, run.variants, run.blend, layers, out, run.recipe.student, run.work, run.seed
    )


def _machine():
    if torch.cuda.is_available():
        return torch.cuda.get_device_name()
    return f"{os.cpu_count()} {platform.machine()} cores"


def _arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--corpora", type=Path, required=True, help="folder with gold/ and data/")
    parser.add_argument(
        "--work",
        type=Path,
        default=REPOSITORY / ".checkpoints",
        help="folder for checkpoints and results [default: .checkpoints]",
    )
    parser.add_argument(
        "--start",
        type=Path,
        metavar="MODEL",
        help="a model of this project that is fine-tuned further, without pretraining and students",
    )
    parser.add_argument("--name", default="news", help="the model's name")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--layers", type=int, help="the student that becomes the model [default: the deepest]")
    parser.add_argument("--until", choices=STAGES, default=STAGES[-1], help="the last stage to run")
    parser.add_argument("--smoke", action="store_true", help="the whole chain in three minutes, on tiny settings")
    parser.add_argument("--robustness", action="store_true", help="score variants of the dev sets too")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="STAGE.NAME=VALUE",
        help="change one number of the recipe, as finetune.epochs=3",
    )
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    return arguments


if __name__ == "__main__":
    sys.exit(main())
