"""Words, the 21 labels, and the way between entities and one label a word.

A word is a maximal run of letters, marks, tatweel and joiners, of digits, or one other visible character.  The first
word of an entity is labelled `B-TYPE`, or `B-TYPE@n` where the name begins after n proclitic letters; the words that
follow are `I-TYPE`.  The Rust program has the same rule; this file is its counterpart for training.
"""

import regex

TYPES = ["PER", "CITY", "LOC", "ORG", "DATE"]
LABELS = ["O"] + [
    f"{prefix}-{kind}{cut}" for kind in TYPES for prefix, cut in (("B", ""), ("I", ""), ("B", "@1"), ("B", "@2"))
]
LABEL_ID = {label: i for i, label in enumerate(LABELS)}
PROCLITICS = frozenset("وفبلك")
TATWEEL = "\u0640"

_WORD = regex.compile(r"[\p{L}\p{M}\u0640\u200c\u200d]+|\p{N}+|[^\s\p{Cf}]")


def words(text):
    """Code point spans `(start, end)` of the words of `text`."""
    return [match.span() for match in _WORD.finditer(text)]


def is_letter(char):
    """A letter that counts as one proclitic; marks and tatweel go with the letter before them."""
    return char.isalpha() and char != TATWEEL


def word_labels(text, entities, spans):
    """One label id a word; a name that begins after three letters or more of a word is labelled from its start."""
    labels = [0] * len(spans)
    first = 0
    for entity in sorted(entities, key=lambda e: e["start"]):
        while first < len(spans) and spans[first][1] <= entity["start"]:
            first += 1
        k, prefix = first, "B"
        while k < len(spans) and spans[k][0] < entity["end"]:
            cut = ""
            if prefix == "B":
                letters = sum(map(is_letter, text[spans[k][0] : entity["start"]]))
                cut = f"@{letters}" if letters in (1, 2) else ""
            labels[k] = LABEL_ID[f"{prefix}-{entity['label']}{cut}"]
            k, prefix = k + 1, "I"
    return labels


def after_letters(text, start, count):
    """The offset after `count` letters from `start`, with the marks and tatweel that follow them."""
    while count > 0 or (start < len(text) and (not text[start].isalnum() or text[start] == TATWEEL)):
        if is_letter(text[start]):
            count -= 1
        start += 1
    return start


def entities(text, spans, labels):
    """Entities `{start, end, label, text}` of one label id a word; an `I-` that continues nothing begins an entity."""
    found = []
    open_kind = None
    for (start, end), label in zip(spans, labels, strict=True):
        name = LABELS[label]
        if name == "O":
            open_kind = None
            continue
        prefix, _, rest = name.partition("-")
        kind, _, cut = rest.partition("@")
        if prefix == "I" and open_kind == kind:
            found[-1]["end"] = end
            continue
        begin = min(after_letters(text, start, int(cut)), end - 1) if cut else start
        found.append({"start": begin, "end": end, "label": kind})
        open_kind = kind
    for entity in found:
        entity["text"] = text[entity["start"] : entity["end"]]
    return found
