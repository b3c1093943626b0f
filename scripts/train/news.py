"""The unlabelled news as one stream of pieces, article after article with `</s>` between them."""

from dataclasses import dataclass

import numpy as np

import corpora
import windows

_CHUNK = 128  # articles that a process tokenises at a time


@dataclass(frozen=True)
class News:
    """`pieces` and `first`, whether a piece is the first of a word, `[pieces]`; by group `[articles, 2]` begin and end.

    The articles of a group stand one after another.
    """

    pieces: np.ndarray
    first: np.ndarray
    articles: dict

    def stretch(self, group):
        """Begin and end of the group in the stream."""
        articles = self.articles[group]
        return int(articles[0, 0]), int(articles[-1, 1])


def load(path):
    stored = np.load(path)
    articles = {name.removeprefix("articles-"): stored[name] for name in stored.files if name.startswith("articles-")}
    return News(stored["pieces"], stored["first"], articles)


def prepare(folder, tokenizer_json, settings, path):
    """Tokenise the news of `folder` on all processors into the file `path`; returns the number of pieces."""
    files = sorted(corpora.text_files(folder), key=lambda file: (group(file, settings), file.name))
    pieces, first, articles, position = [], [], {}, 0
    with corpora.processes(_open, tokenizer_json) as pool:
        for file in files:
            texts = corpora.news_texts(file, settings.articles_per_file)
            chunks = [texts[i : i + _CHUNK] for i in range(0, len(texts), _CHUNK)]
            of_group = articles.setdefault(group(file, settings), [])
            for lengths, chunk_pieces, chunk_first in pool.map(_tokenise, chunks):
                pieces.append(chunk_pieces)
                first.append(chunk_first)
                for length in lengths:
                    of_group.append((position, position + length))
                    position += length + 1
            print(f"{file.name}: {len(texts)} articles, {position / 1e6:.1f} M pieces so far", flush=True)
    np.savez(
        path,
        pieces=np.concatenate(pieces),
        first=np.concatenate(first),
        **{f"articles-{name}": np.array(spans) for name, spans in articles.items()},
    )
    return position


def group(file, settings):
    source = file.name.removesuffix(".jsonl.xz")
    return "ar-morocco" if source in settings.moroccan else corpora.language(file)


def _open(tokenizer_json):
    global _tokenizer
    _tokenizer = windows.Tokenizer(tokenizer_json)


def _tokenise(texts):
    """`(pieces of each text, all pieces with </s> after each text, which are a word's first)`."""
    lengths, ids, first = [], [], []
    for text in texts:
        pieces = _tokenizer(text)
        marks = np.zeros(len(pieces.ids) + 1, bool)
        marks[[place for place in pieces.first if place is not None]] = True
        lengths.append(len(pieces.ids))
        ids.append(np.array([*pieces.ids, windows.EOS], np.uint16))
        first.append(marks)
    return lengths, np.concatenate(ids), np.concatenate(first)
