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
class News:
    """The unlabelled news that is tokenised."""

    moroccan: tuple = MOROCCAN
    articles_per_file: int | None = None


@dataclass(frozen=True)
class Pretrain:
    shares: dict = field(default_factory=lambda: {"ar-morocco": 0.28, "ar": 0.38, "fr": 0.15, "en": 0.10, "es": 0.09})
    window: int = 256
    batch: int = 256
    steps: int = 3_400
    minutes: float = 5.0
    learning_rate: float = 4e-4
    head_factor: float = 3.0
    weight_decay: float = 0.01
    beta2: float = 0.98
    warm_up: float = 0.06
    mask_share: float = 0.25
    candidates: int = 16_384
    held_out: int = 64
    checkpoint_seconds: float = 300
    log_steps: int = 200


@dataclass(frozen=True)
class Augment:
    """How often, of the articles drawn for a variant (`articles` of all), each change is made."""

    articles: float = 0.5
    names: float = 0.6
    names_per_name: float = 0.5
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
class Variants:
    """`window` is in pieces without the specials; so many rounds of gold are drawn, an epoch reads one."""

    augment: Augment = Augment()
    repeats: dict = field(default_factory=lambda: {"train-es": 2.0})
    articles_per_file: int | None = None
    held_out_every: int = 40
    window: int = 254
    rounds: int = 12


@dataclass(frozen=True)
class Finetune:
    """The teachers, one a seed; `public` batches of public corpora come to each batch of gold."""

    seeds: tuple = (1, 2, 3, 4)
    public: tuple = (0.0, 0.0, 0.25, 0.25)
    at_once: int = 4
    batch: int = 24
    epochs: int = 7
    minutes: float = 1.7
    learning_rate: float = 2e-4
    head_factor: float = 5.0
    weight_decay: float = 0.01
    beta2: float = 0.99
    warm_up: float = 0.1
    dropout: float = 0.1
    average: float = 0.998
    checkpoint_seconds: float = 300
    log_steps: int = 200


@dataclass(frozen=True)
class Teach:
    """How many articles of each group the teachers label."""

    window: int = 254
    articles: dict = field(
        default_factory=lambda: {"ar-morocco": 10_000, "ar": 25_000, "fr": 6_000, "en": 4_000, "es": 3_000}
    )


@dataclass(frozen=True)
class Student:
    """Students with `layers`, each trained on news and gold until `news_until` of the run, then on gold alone."""

    layers: tuple = (tuple(range(12)), (0, 2, 4, 6, 8, 11))
    at_once: int = 2
    window: int = 254
    news_batch: int = 96
    gold_weight: float = 1.0
    news_until: float = 0.85
    steps: int = 2_800
    minutes: float = 3.2
    batch: int = 24
    epochs: int = 12
    public: float = 0.0
    learning_rate: float = 2e-4
    head_factor: float = 1.0
    weight_decay: float = 0.01
    beta2: float = 0.99
    warm_up: float = 0.06
    dropout: float = 0.1
    average: float = 0.998
    checkpoint_seconds: float = 300
    log_steps: int = 200


@dataclass(frozen=True)
class Recipe:
    vocabulary: Vocabulary = Vocabulary()
    news: News = News()
    pretrain: Pretrain = Pretrain()
    variants: Variants = Variants()
    finetune: Finetune = Finetune()
    teach: Teach = Teach()
    student: Student = Student()


FULL = Recipe()
SMOKE = Recipe(
    vocabulary=Vocabulary(size=8_000, articles_per_file=10, layers=(0, 11)),
    news=News(articles_per_file=20),
    pretrain=Pretrain(window=64, batch=8, steps=20, minutes=1, held_out=2, candidates=512, log_steps=10),
    variants=Variants(articles_per_file=4, window=126, rounds=2),
    finetune=Finetune(seeds=(1, 2), public=(0.0, 0.2), at_once=1, batch=8, epochs=1, minutes=0.5, log_steps=10),
    teach=Teach(window=126, articles={"ar-morocco": 10, "ar": 10, "fr": 10, "en": 10, "es": 10}),
    student=Student(
        layers=((0, 1), (0,)),
        at_once=1,
        window=126,
        news_batch=8,
        steps=20,
        minutes=0.5,
        batch=8,
        epochs=1,
        log_steps=10,
    ),
)


def changed(recipe, assignment):
    """The recipe with one number changed, written `stage.name=value`."""
    path, _, value = assignment.partition("=")
    stage, _, name = path.partition(".")
    if not hasattr(getattr(recipe, stage, None), name):
        raise SystemExit(f"--set {assignment}: the recipe has no {path}")
    value = ast.literal_eval(value)
    return replace(recipe, **{stage: replace(getattr(recipe, stage), **{name: value})})
