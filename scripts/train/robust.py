"""How much the scores lose on articles as they also look: other spellings, quotation marks, capitals, lost lines."""

import random
from dataclasses import asdict

from transformers import BertForTokenClassification

import augment
import corpora
import decode
import score
import settings
import windows

VARIANTS = {
    "ar": ("no_marks", "marks", "no_hamza", "letters", "tatweel", "indic_digits", "quotes", "glued"),
    "latin": ("capital_headline", "capital_names", "quotes", "glued"),
}
_SEED = 1


def run(folder, model_folder, recipe):
    """Print strict F1 of each dev set as it is and in each variant; returns them as fractions by set and variant."""
    model = BertForTokenClassification.from_pretrained(model_folder, dtype="float32").eval()
    tokenizer = windows.Tokenizer(model_folder / "tokenizer.json")
    decoder = decode.Decoder(model, tokenizer, recipe.window, windows.stride(recipe.window))
    scores = {}
    for name, articles in corpora.gold(folder, "dev-").items():
        articles = articles[: recipe.articles_per_file]
        names = VARIANTS["ar" if articles[0]["lang"] == "ar" else "latin"]
        scores[name] = {"as it is": _f1(decoder, articles)}
        for variant in names:
            scores[name][variant] = _f1(decoder, varied(articles, variant))
        print(f"{name}: " + ", ".join(f"{key} {score.percent(f1)}" for key, f1 in scores[name].items()), flush=True)
    return scores


def varied(articles, variant):
    """The articles with one of the augmentation's changes made in each."""
    only = dict.fromkeys(asdict(settings.Augment()), 0.0) | {variant: 1.0}
    vary = augment.Augmenter(None, settings.Augment(**only))
    rng = random.Random(_SEED)
    changed = []
    for article in articles:
        text, entities = vary(article, rng)
        changed.append(dict(article, text=text, entities=entities))
    return changed


def _f1(decoder, articles):
    predicted = [decoder.entities(article["text"]) for article in articles]
    return score.prf(score.count(articles, predicted))["f1"]
