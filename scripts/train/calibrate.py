"""One temperature, so that an entity's score is the share of such entities that are right.

It divides the classifier's weights and bias, so that every program that loads the model has calibrated logits without
knowing of it.  It is fitted on gold articles that were held out of fine-tuning.
"""

import numpy as np
import torch

import decode
import labels

_TEMPERATURES = np.arange(0.7, 3.01, 0.05)
_SURE = 1e-6  # no score is taken for surer than this


def temperature(decoder, articles):
    """The temperature with the least log loss of the scores of the entities found in the held-out articles."""
    found = [pair for article in articles for pair in _found(decoder, article)]
    right = np.array([is_right for _, is_right in found])

    def loss(value):
        scores = np.array([_score(words, value) for words, _ in found]).clip(_SURE, 1 - _SURE)
        return -np.where(right, np.log(scores), np.log1p(-scores)).mean()

    return round(float(min(_TEMPERATURES, key=loss)), 2)


def _found(decoder, article):
    """Of each entity found: its words' log-probabilities, the label found first, and whether it is gold's."""
    pieces = decoder.pieces(article["text"])
    if not pieces.words:
        return
    scores = decoder.log_probabilities(pieces)
    path = decode.viterbi(scores, article["text"], pieces.words)
    gold = {(e["start"], e["end"], e["label"]) for e in article["entities"]}
    for entity in labels.entities(article["text"], pieces.words, path):
        inside = [k for k, (a, b) in enumerate(pieces.words) if a < entity["end"] and b > entity["start"]]
        words = np.array([np.roll(scores[k], -path[k]) for k in inside])
        yield words, (entity["start"], entity["end"], entity["label"]) in gold


def _score(words, value):
    """The geometric mean of the words' probabilities at the temperature `value`, which is an entity's score."""
    scaled = words / value
    return float(np.exp((scaled[:, 0] - np.logaddexp.reduce(scaled, axis=1)).mean()))


def fold(model, value):
    with torch.no_grad():
        model.classifier.weight /= value
        model.classifier.bias /= value


def expected_error(scored, bins=10):
    """Expected calibration error of `(score, right)` pairs: the mean gap of score and precision over equal bins."""
    if not scored:
        return None
    values = np.array([value for value, _ in scored])
    right = np.array([float(is_right) for _, is_right in scored])
    of_bin = np.minimum((values * bins).astype(int), bins - 1)
    gaps = [
        abs(values[of_bin == b].mean() - right[of_bin == b].mean()) * (of_bin == b).sum()
        for b in range(bins)
        if (of_bin == b).any()
    ]
    return float(sum(gaps) / len(scored))
