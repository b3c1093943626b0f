"""From a model's logits to entities: windows averaged, one label a word, legal transitions only."""

import numpy as np
import torch

import labels
import windows

_FORBIDDEN = -1e4
EDGE_WEIGHT = 0.02


def _kind(label):
    return label[2:].partition("@")[0]


_TRANSITIONS = np.array(
    [
        [
            _FORBIDDEN if to.startswith("I-") and (before == "O" or _kind(before) != _kind(to)) else 0.0
            for to in labels.LABELS
        ]
        for before in labels.LABELS
    ]
)
_INSIDE = np.array([label.startswith("I-") for label in labels.LABELS])


class Decoder:
    """Finds the entities of texts with a token classifier; `length` and `stride` in pieces, without the specials."""

    def __init__(self, model, tokenizer, length, stride, batch=16):
        self._model, self._tokenizer = model, tokenizer
        self._length, self._stride, self._batch = length, stride, batch

    def pieces(self, text):
        return self._tokenizer(text)

    def entities(self, text):
        """Entities with a `score`: the geometric mean of the probabilities of their words' labels."""
        pieces = self.pieces(text)
        if not pieces.words:
            return []
        scores = self.log_probabilities(pieces)
        path = viterbi(scores, text, pieces.words)
        chosen = scores[np.arange(len(path)), path]
        found = labels.entities(text, pieces.words, path)
        for entity in found:
            inside = [
                k for k, (start, end) in enumerate(pieces.words) if start < entity["end"] and end > entity["start"]
            ]
            entity["score"] = round(float(np.exp(chosen[inside].mean())), 4)
        return found

    def log_probabilities(self, pieces):
        """`[words, labels]`: a word in several windows gets their geometric mean, the edge weighing less."""
        total = np.zeros((len(pieces.words), len(labels.LABELS)))
        weights = np.full(len(pieces.words), 1e-9)
        spans = pieces.windows(self._length, self._stride)
        for i in range(0, len(spans), self._batch):
            part = spans[i : i + self._batch]
            for (begin, end), scores in zip(part, self._logits(pieces.ids, part), strict=True):
                for k in pieces.words_in(begin, end):
                    place = pieces.first[k] - begin
                    weight = min(place + 1, end - begin - place) / (end - begin) + EDGE_WEIGHT
                    total[k] += weight * scores[place + 1]
                    weights[k] += weight
        mean = total / weights[:, None]
        return mean - np.logaddexp.reduce(mean, axis=1, keepdims=True)

    def _logits(self, ids, spans):
        ids = [[windows.BOS, *ids[begin:end], windows.EOS] for begin, end in spans]
        batch, mask = windows.pad(ids)
        where = next(self._model.parameters()).device
        with torch.no_grad():
            logits = self._model(input_ids=batch.to(where), attention_mask=mask.to(where)).logits
        return logits.float().log_softmax(-1).cpu().numpy()


def viterbi(scores, text, spans):
    """The best legal label ids: `I-` only after its own type on the same line, `@n` only after n proclitic letters."""
    scores = scores.copy()
    for k, (start, end) in enumerate(spans):
        for cut in (1, 2):
            if end - start <= cut or not labels.PROCLITICS.issuperset(text[start : start + cut]):
                scores[k, [labels.LABEL_ID[f"B-{kind}@{cut}"] for kind in labels.TYPES]] = _FORBIDDEN
        if k == 0 or "\n" in text[spans[k - 1][1] : start]:
            scores[k, _INSIDE] = _FORBIDDEN
    best, back = scores[0], []
    for row in scores[1:]:
        paths = best[:, None] + _TRANSITIONS
        back.append(paths.argmax(0))
        best = paths.max(0) + row
    path = [int(best.argmax())]
    for pointers in reversed(back):
        path.append(int(pointers[path[-1]]))
    return path[::-1]
