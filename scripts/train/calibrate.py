"""One temperature, so that an entity's score is the share of such entities that are right.

It divides the classifier's weights and bias, so that every program that loads the model has calibrated logits without
knowing of it.  It is fitted on gold articles that were held out of fine-tuning.
"""

import numpy as np
import torch

import labels

_TEMPERATURES = np.arange(0.7, 3.01, 0.05)


def temperature(decoder, articles):
    """The temperature with the least cross-entropy over the words of the held-out articles."""
    scores, gold = [], []
    for article in articles:
        pieces = decoder.pieces(article["text"])
        scores.append(decoder.log_probabilities(pieces))
        gold += labels.word_labels(article["text"], article["entities"], pieces.words)
    scores, gold = torch.from_numpy(np.concatenate(scores)), torch.tensor(gold)
    losses = [torch.nn.functional.cross_entropy(scores / t, gold).item() for t in _TEMPERATURES]
    return float(_TEMPERATURES[int(np.argmin(losses))])


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
