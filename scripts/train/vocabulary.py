"""Which pieces of the encoder's vocabulary are kept: the scripts we read, the most frequent in news of our languages.

The vocabulary has 250,002 pieces for some hundred languages and makes four fifths of the model's weights.  Each
language's counts are made relative before they are added up, so that a small corpus counts as its language's weight
says.

One piece is added: the line break.  XLM-R reads it as a space, so that a headline, a byline and the first sentence run
into one another, and names that end and begin them are joined.  As an added token of `tokenizer.json` it reaches every
program that reads that file.  Its embedding begins as a copy of the full stop's.
"""

import json
import unicodedata
from collections import Counter

from tokenizers import Tokenizer

SPECIALS = ["<s>", "<pad>", "</s>", "<unk>"]
MASK = "<mask>"
LINE_BREAK = "\n"
_LINE_BREAK_LIKE = "."
SPACE = "\u2581"
LANGUAGE_WEIGHTS = {"ar": 4.0, "fr": 2.0, "en": 2.0, "es": 1.2}
_BATCH = 256


def choose(full, tokenizer_json, texts, size):
    """For each of the at most `size` new ids the full vocabulary's id; `texts` are lists of texts by language.

    Special pieces keep ids 0 to 3 and `<mask>` comes last, as in the full vocabulary.  Single characters of our
    scripts are kept whatever their count, so that any name in them can be spelt.
    """
    pieces = [piece for piece, _ in full["model"]["vocab"]]
    specials = [pieces.index(special) for special in SPECIALS]
    mask = len(pieces) - 1
    if specials != [0, 1, 2, 3] or not any(t["content"] == MASK and t["id"] == mask for t in full["added_tokens"]):
        raise ValueError("the tokenizer's special pieces are not where XLM-R has them")
    kept = set(specials) | {mask}
    kept |= {
        i for i, piece in enumerate(pieces) if i < mask and len(piece.replace(SPACE, "")) <= 1 and _our_script(piece)
    }
    for piece_id in _by_frequency(tokenizer_json, texts):
        if len(kept) >= size - 1:  # one place is for the line break
            break
        if _our_script(pieces[piece_id]):
            kept.add(piece_id)
    return sorted(kept)


def _by_frequency(tokenizer_json, texts):
    tokenizer = open_tokenizer(tokenizer_json)
    shares = Counter()
    for language, of_language in texts.items():
        counts = Counter()
        for i in range(0, len(of_language), _BATCH):
            for encoding in tokenizer.encode_batch_fast(of_language[i : i + _BATCH], add_special_tokens=False):
                counts.update(encoding.ids)
        total = sum(counts.values())
        for piece_id, count in counts.items():
            shares[piece_id] += LANGUAGE_WEIGHTS[language] * count / total
    return [piece_id for piece_id, _ in shares.most_common()]


def _our_script(piece):
    return all(not char.isalpha() or unicodedata.name(char, "").startswith(("LATIN", "ARABIC")) for char in piece)


def cut(full, kept):
    """The tokenizer with only the kept pieces, renumbered."""
    vocab = [full["model"]["vocab"][i] for i in kept]
    ids = {piece: new for new, (piece, _) in enumerate(vocab)}
    model = dict(full["model"], vocab=vocab, unk_id=ids["<unk>"])
    added = [dict(token, id=ids[token["content"]]) for token in full["added_tokens"]]
    return dict(full, model=model, added_tokens=added, truncation=None, padding=None)


def with_line_break(tokenizer):
    """The tokenizer with the line break as its last piece, and the old id whose embedding each new id begins with."""
    vocab = tokenizer["model"]["vocab"]
    lowest = min(score for _, score in vocab)
    flags = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": False}
    added = [*tokenizer["added_tokens"], {"id": len(vocab), "content": LINE_BREAK, **flags}]
    model = dict(tokenizer["model"], vocab=[*vocab, [LINE_BREAK, lowest]])
    like = [piece for piece, _ in vocab].index(_LINE_BREAK_LIKE)
    return dict(tokenizer, model=model, added_tokens=added), [*range(len(vocab)), like]


def write(tokenizer, path):
    path.write_text(json.dumps(tokenizer, ensure_ascii=False), encoding="utf-8")


def open_tokenizer(path):
    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer
