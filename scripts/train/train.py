"""Make the bundled model: encoder, vocabulary, pretraining, fine-tuning, export, scores, model card.

    python scripts/train/train.py --corpora CORPORA --name NAME
    python scripts/train/train.py --corpora CORPORA --smoke

Each stage leaves a folder under --work; a stage whose folder is there is not run again, and one that was cut off goes
on from its checkpoint.  To repeat a stage, delete its folder.
"""

import argparse
import json
import os
import platform
import shutil
import sys
import time
from pathlib import Path

import torch

import card
import corpora
import encoder
import export
import fetch
import finetune
import native
import pretrain
import robust
import settings

REPOSITORY = Path(__file__).resolve().parents[2]


def main():
    arguments = _arguments()
    native.speed_up(arguments.work)
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
        self.adapted = self.work / "adapted"
        self.tuned = self.work / f"tuned-{self.seed}"
        self.model = self.work / "models" / arguments.name

    def stages(self):
        facts = {"base": self._stage(self.base, self._build_base)}
        encoder_folder = self.base
        if self.recipe.pretrain.minutes > 0 and not self.arguments.start:
            facts["pretrain"] = self._stage(self.adapted, self._pretrain)
            encoder_folder = self.adapted
        facts["finetune"] = self._stage(self.tuned, lambda out: self._finetune(encoder_folder, out))
        facts["model"] = self._stage(self.model, self._export)
        if self.arguments.robustness:
            facts["robustness"] = self._stage(self.work / f"robustness-{self.model.name}", self._robustness)
        card.write(self.model, self.model.name, self.recipe, facts, self.corpora)

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

    def _build_base(self, out):
        start = self.arguments.start
        if start:
            return {"from": start.name, "pieces": encoder.with_line_break(start, out)}
        downloads = self.work / "downloads"
        downloads.mkdir(exist_ok=True)
        packed, tokenizer = (fetch.fetch(source, downloads) for source in (fetch.PACKED, fetch.TOKENIZER))
        vocabulary = self.recipe.vocabulary
        texts = {}
        for path in corpora.text_files(self.corpora):
            texts.setdefault(corpora.language(path), []).extend(corpora.news_texts(path, vocabulary.articles_per_file))
        pieces = encoder.build(packed, tokenizer, texts, vocabulary.size, vocabulary.layers, out)
        return {"pieces": pieces}

    def _pretrain(self, out):
        return pretrain.run(self.corpora, self.base, out, self.recipe.pretrain, self.work, self.seed)

    def _finetune(self, encoder_folder, out):
        return finetune.run(self.corpora, encoder_folder, out, self.recipe.finetune, self.work, self.seed)

    def _export(self, out):
        predictions = self.work / f"predictions-{self.model.name}"
        return export.run(self.corpora, self.tuned, out, self.recipe.finetune, predictions)

    def _robustness(self, out):
        return {"f1": robust.run(self.corpora, self.model, self.recipe.finetune)}


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
        help="a token classifier of this project to fine-tune further, instead of a new encoder",
    )
    parser.add_argument("--name", default="news", help="the model's name")
    parser.add_argument("--seed", type=int, default=1)
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
    if arguments.smoke:
        arguments.work = arguments.work / "smoke"
        shutil.rmtree(arguments.work, ignore_errors=True)
    arguments.work.mkdir(parents=True, exist_ok=True)
    return arguments


if __name__ == "__main__":
    sys.exit(main())
