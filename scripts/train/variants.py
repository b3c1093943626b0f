"""Labelled windows to train on: gold articles as they are or varied, and public corpora that say less than gold does.

Each round draws anew which articles are varied and where they are cut, so that no two epochs see the same windows.
"""

import random

import augment
import corpora
import labels
import partial
import windows


def prepare(folder, tokenizer_json, settings, seed, out):
    """Write `settings.rounds` rounds of gold windows and one of public corpora to `out`; returns the card's facts."""
    with corpora.processes(_open, folder, corpora.training(folder), tokenizer_json, settings) as pool:
        rounds = pool.map(_round, range(settings.rounds), [seed] * settings.rounds)
        public = pool.submit(_public)
        for number, of_round in enumerate(rounds):
            of_round.save(out / f"gold-{number}.npz")
        public.result().save(out / "public.npz")
    return {"rounds": settings.rounds, "gold_windows": len(of_round), "public_windows": len(public.result())}


def _open(folder, gold, tokenizer_json, settings):
    global _folder, _gold, _tokenizer, _settings, _vary
    _folder, _gold, _tokenizer, _settings = folder, gold, windows.Tokenizer(tokenizer_json), settings
    _vary = augment.Augmenter(augment.Names(folder), settings.augment)


def _round(number, seed):
    rng = random.Random(f"{seed} {number}")
    found = []
    for name, articles in _gold.items():
        for article in corpora.split(articles, _settings.held_out_every)[0][: _settings.articles_per_file]:
            for _ in range(_rounded(_settings.repeats.get(name, 1.0), rng)):
                varied = rng.random() < _settings.augment.articles
                text, entities = _vary(article, rng) if varied else (article["text"], article["entities"])
                pieces = _tokenizer(text)
                allowed = [1 << label for label in labels.word_labels(text, entities, pieces.words)]
                found += cut(pieces, allowed, _settings.window, rng.randrange(_settings.window // 2))
    return windows.Labelled.of(found)


def _public():
    found = []
    for text, spans in partial.texts(_folder, _settings.articles_per_file):
        pieces = _tokenizer(text)
        allowed = partial.allowed(pieces.words, spans)
        found += cut(pieces, allowed, _settings.window, 0)
    return windows.Labelled.of(found)


def _rounded(number, rng):
    """`number` rounded up or down at random, so that the mean is `number`."""
    return int(number) + (rng.random() < number % 1)


def cut(pieces, allowed, length, start):
    """Windows `(ids, places, allowed)` of a text whose words have the label sets `allowed`."""
    found = []
    for begin, end in pieces.windows(length, length, start):
        inside = pieces.words_in(begin, end)
        if inside:
            ids = [windows.BOS, *pieces.ids[begin:end], windows.EOS]
            found.append((ids, [pieces.first[k] - begin + 1 for k in inside], [allowed[k] for k in inside]))
    return found
