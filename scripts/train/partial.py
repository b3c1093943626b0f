"""Public corpora, read for what they say: each word's set of labels that its tag leaves open.

They do not tell CITY from LOC, most do not label dates, and some label kinds that we do not have.  A word's loss is the
negative logarithm of the probability of its whole set, so that nothing is learned from what a corpus does not say.
"""

import lzma

import labels

# Europeana's newspapers before 1945 are left out: their spelling and OCR errors are not today's news.
_CORPORA = {
    "ar-anercorp_clean-train": False,
    "ar-aqmar-all": False,
    "fr-winer-train": True,
    "en-unerewt-dev": False,
    "en-unerpud-test": False,
    "en-wikigold-test": False,
    "it-kindwikinews-train": False,
    "pt-unerbosque-train": False,
    "pt-unerpud-test": False,
    "de-germeval2014-val": False,
    "de-germeval2014-test": False,
    "de-unerpud-test": False,
}  # whether the corpus labels dates
_KINDS = {
    "PER": ("PER",),
    "PERS": ("PER",),
    "Person": ("PER",),
    "LOC": ("CITY", "LOC"),
    "Location": ("CITY", "LOC"),
    "ORG": ("ORG",),
    "Organization": ("ORG",),
}
_SENTENCES = 10  # sentences that make one text, as corpora without documents have no other context
_NO_SPACE_BEFORE = frozenset(",.;:!?)]}»”…،؛؟%")
_NO_SPACE_AFTER = frozenset("([{«“")
_ALL = (1 << len(labels.LABELS)) - 1


def _set(names):
    return sum(1 << i for i, label in enumerate(labels.LABELS) if label.partition("@")[0] in names)


_OUTSIDE = {True: _set(["O"]), False: _set(["O", "B-DATE", "I-DATE"])}
_DATE = {"B": _set(["O", "B-DATE"]), "I": _set(["O", "I-DATE"])}


def tag_set(tag, dates):
    """The labels that `tag` leaves open; a corpus with `dates` labels dates, by rules of its own."""
    if tag == "O":
        return _OUTSIDE[dates]
    prefix, _, kind = tag.partition("-")
    if kind == "Date":
        return _DATE[prefix]
    return _set([f"{prefix}-{ours}" for ours in _KINDS[kind]]) if kind in _KINDS else _ALL


def texts(folder, limit=None):
    """`(text, [(start, end, tag set, tag set of the token's further words)])` of the corpora in `folder`."""
    for name, dates in _CORPORA.items():
        sentences = list(_sentences(folder / "data" / "ner" / f"{name}.tsv.xz"))
        for i in range(0, len(sentences), _SENTENCES)[:limit]:
            yield _joined(sentences[i : i + _SENTENCES], dates)


def _sentences(path):
    sentence = []
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            token, _, tag = line.rstrip("\n").partition("\t")
            if token and token != "-DOCSTART-":
                sentence.append((token, tag))
            elif sentence:
                yield sentence
                sentence = []
    if sentence:
        yield sentence


def _joined(sentences, dates):
    text, spans = "", []
    for sentence in sentences:
        for token, tag in sentence:
            if text and token[0] not in _NO_SPACE_BEFORE and text[-1] not in _NO_SPACE_AFTER:
                text += " "
            inside = "I" + tag[1:] if tag.startswith("B-") else tag
            spans.append((len(text), len(text) + len(token), tag_set(tag, dates), tag_set(inside, dates)))
            text += token
    return text, spans


def allowed(words, spans):
    """The label set of each word `(start, end)`; a word that crosses tokens has what the first says."""
    sets, k = [], 0
    for start, _ in words:
        while spans[k][1] <= start:
            k += 1
        sets.append(spans[k][2] if start <= spans[k][0] else spans[k][3])
    return sets
