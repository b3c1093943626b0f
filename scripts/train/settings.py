"""The recipe: every number of the training in one place, the full run's and the smoke run's."""

import ast
from dataclasses import dataclass, field, replace

MOROCCAN = (
    "ar-hespress",
    "ar-hespress-2022",
    "ar-febrayer",
    "ar-ahdath",
    "ar-yabiladi",
    "ar-thevoice-ma",
    "ar-goud-marsum",
    "ar-anc-morocco",
)


@dataclass(frozen=True)
class Vocabulary:
    """`size` is the most; pieces that the texts never hold are not kept."""

    size: int = 64_000
    articles_per_file: int | None = 2_000
    layers: tuple = tuple(range(12))


@dataclass(frozen=True)
class Pretrain:
    shares: dict = field(default_factory=lambda: {"ar-morocco": 0.34, "ar": 0.30, "fr": 0.14, "en": 0.10, "es": 0.12})
    moroccan: tuple = MOROCCAN
    articles_per_file: int | None = 1_500
    window: int = 128
    batch: int = 16
    steps: int = 12_000
    minutes: float = 60
    learning_rate: float = 2e-4
    head_factor: float = 3.0
    weight_decay: float = 0.01
    beta2: float = 0.98
    warm_up: float = 0.06
    mask_share: float = 0.2
    candidates: int = 8_192
    held_out: int = 24
    checkpoint_seconds: float = 300
    log_steps: int = 50


@dataclass(frozen=True)
class Augment:
    """How often, of the articles drawn for a variant (`articles` of all), each change is made."""

    articles: float = 0.5
    names: float = 0.5
    names_per_name: float = 0.4
    proclitics: float = 0.6
    proclitics_per_name: float = 0.3
    no_hamza: float = 0.08
    letters: float = 0.08
    marks: float = 0.06
    no_marks: float = 0.15
    tatweel: float = 0.05
    indic_digits: float = 0.08
    capital_headline: float = 0.25
    capital_names: float = 0.2
    quotes: float = 0.2
    glued: float = 0.15


@dataclass(frozen=True)
class Finetune:
    augment: Augment = Augment()
    repeats: dict = field(default_factory=lambda: {"train-es": 2.0})
    articles_per_file: int | None = None
    held_out_every: int = 40
    window: int = 190
    batch: int = 8
    epochs: int = 4
    minutes: float = 45
    learning_rate: float = 1.5e-4
    head_factor: float = 5.0
    weight_decay: float = 0.01
    beta2: float = 0.999
    warm_up: float = 0.06
    dropout: float = 0.1
    checkpoint_seconds: float = 300
    log_steps: int = 50


@dataclass(frozen=True)
class Recipe:
    vocabulary: Vocabulary = Vocabulary()
    pretrain: Pretrain = Pretrain()
    finetune: Finetune = Finetune()


FULL = Recipe()
SMOKE = Recipe(
    vocabulary=Vocabulary(size=8_000, articles_per_file=10, layers=(0, 11)),
    pretrain=Pretrain(articles_per_file=20, window=64, batch=8, steps=20, minutes=1, held_out=2, log_steps=10),
    finetune=Finetune(articles_per_file=4, epochs=1, minutes=1, log_steps=10),
)


def changed(recipe, assignment):
    """The recipe with one number changed, written `stage.name=value`."""
    path, _, value = assignment.partition("=")
    stage, _, name = path.partition(".")
    if not hasattr(getattr(recipe, stage, None), name):
        raise SystemExit(f"--set {assignment}: the recipe has no {path}")
    value = ast.literal_eval(value)
    return replace(recipe, **{stage: replace(getattr(recipe, stage), **{name: value})})
