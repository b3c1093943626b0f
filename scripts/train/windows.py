"""Pieces of a text, and the windows of them that fit the encoder."""

from dataclasses import dataclass

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
