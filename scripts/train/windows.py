"""Pieces of a text, the windows of them that fit the encoder, and batches of labelled windows."""

from dataclasses import dataclass

import numpy as np
import torch

import labels
import vocabulary

BOS, PAD, EOS = 0, 1, 2


@dataclass(frozen=True)
class Pieces:
    """A tokenised text: piece ids, word spans, and for each word the place of its first piece (None: it has none)."""

    ids: list
    words: list
    first: list

    def windows(self, length, stride, start=0):
        """`(begin, end)` of windows of at most `length` pieces; the first ends `start` pieces early."""
        begin, end = 0, min(length - start, len(self.ids))
        spans = [(begin, end)]
        while end < len(self.ids):
            begin = begin + stride - (start if begin == 0 else 0)
            end = min(begin + length, len(self.ids))
            spans.append((begin, end))
        return spans

    def words_in(self, begin, end):
        """Indices of the words whose first piece lies in a window."""
        return [k for k, place in enumerate(self.first) if place is not None and begin <= place < end]


class Tokenizer:
    def __init__(self, path):
        self._tokenizer = vocabulary.open_tokenizer(path)

    def __call__(self, text):
        encoding = self._tokenizer.encode(text, add_special_tokens=False)
        spans = labels.words(text)
        return Pieces(encoding.ids, spans, _first_pieces(encoding.offsets, spans))


def _first_pieces(offsets, spans):
    """The first piece that overlaps each word; pieces that are only the space before it do not."""
    first, place = [], 0
    for start, end in spans:
        while place < len(offsets) and offsets[place][1] <= start:
            place += 1
        first.append(place if place < len(offsets) and offsets[place][0] < end else None)
    return first


def stride(length):
    """From the beginning of a window to that of the next, as in the Rust program: they share a sixth."""
    return length * 5 // 6


@dataclass(frozen=True)
class Labelled:
    """Windows with labels, in flat arrays.

    Window w has the piece ids `ids[bounds[w]:bounds[w + 1]]`, specials included, and reads its words at the places
    `places[words[w]:words[w + 1]]` within it.  `allowed` has one row a word: bit l says that label l may be right.  A
    word of which all is known has one bit; one of which nothing is known has all.
    """

    ids: np.ndarray
    bounds: np.ndarray
    places: np.ndarray
    allowed: np.ndarray
    words: np.ndarray

    @classmethod
    def of(cls, windows):
        """From `(ids, places, allowed)` lists of each window."""
        ids, places, allowed = (
            [np.asarray(window[part], kind) for window in windows]
            for part, kind in ((0, np.uint16), (1, np.int32), (2, np.uint32))
        )
        return cls(np.concatenate(ids), _bounds(ids), np.concatenate(places), np.concatenate(allowed), _bounds(places))

    def save(self, path):
        np.savez(path, **self.__dict__)

    @classmethod
    def load(cls, path):
        return cls(**np.load(path))

    def __len__(self):
        return len(self.bounds) - 1

    def lengths(self):
        return np.diff(self.bounds)

    def batch(self, chosen, where):
        """`(ids, mask, rows, places, allowed)` tensors of the windows `chosen`; allowed is `[words, labels]`."""
        ids, mask = pad([self.ids[self.bounds[w] : self.bounds[w + 1]] for w in chosen])
        spans = [slice(self.words[w], self.words[w + 1]) for w in chosen]
        rows = np.repeat(np.arange(len(chosen)), [span.stop - span.start for span in spans])
        places = np.concatenate([self.places[span] for span in spans])
        allowed = np.concatenate([self.allowed[span] for span in spans])
        tensors = (torch.from_numpy(array) for array in (rows, places.astype(np.int64), allowed.astype(np.int64)))
        rows, places, allowed = (tensor.to(where) for tensor in tensors)
        bits = torch.arange(len(labels.LABELS), device=where)
        return ids.to(where), mask.to(where), rows, places, (allowed[:, None] >> bits & 1).bool()


def _bounds(arrays):
    return np.concatenate([[0], np.cumsum([len(array) for array in arrays])])


def pad(rows):
    """`(ids, mask)` tensors of rows of unlike lengths."""
    length = max(map(len, rows))
    ids = np.full((len(rows), length), PAD, np.int64)
    mask = np.zeros((len(rows), length), np.int64)
    for i, row in enumerate(rows):
        ids[i, : len(row)] = row
        mask[i, : len(row)] = 1
    return torch.from_numpy(ids), torch.from_numpy(mask)


def batches(lengths, size, rng, pool=32):
    """Indices of windows in random batches of like length; `pool` batches are sorted together."""
    order = rng.permutation(len(lengths))
    found = []
    for i in range(0, len(order), size * pool):
        part = order[i : i + size * pool]
        part = part[np.argsort(lengths[part], kind="stable")]
        part = [part[j : j + size] for j in range(0, len(part), size)]
        found += [part[k] for k in rng.permutation(len(part))]
    return found
