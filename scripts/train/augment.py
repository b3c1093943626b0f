"""Variants of gold articles: other names, proclitics, spellings, capitals, glued lines.

An article is handled as segments, `[text, label]` with label None between entities; a change edits segments, so that
the entities' places follow by themselves.  Every draw comes from the generator that is given.
"""

import csv

import labels

_PROCLITIC_DRAWS = ["و", "و", "ب", "ب", "ل", "ل", "ف", "ك", "وب", "ول", "وف"]
_HARAKAT = "\u064e\u064f\u0650\u0652"
_MARKS = str.maketrans("", "", "\u064b\u064c\u064d\u064e\u064f\u0650\u0651\u0652\u0670")
_NO_HAMZA = str.maketrans("أإآ", "ااا")
_INDIC_DIGITS = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
_QUOTES = [('"', '"'), ("“", "”"), ("«", "»"), ("« ", " »"), ("''", "''")]
_NEAR_COUNTRIES = {
    "fr": ("France", "Belgium", "Switzerland", "Canada", "Morocco", "Algeria", "Tunisia", "Senegal", "Ivory Coast"),
    "en": ("United Kingdom", "United States", "Ireland", "Australia", "Nigeria", "Kenya", "South Africa", "India"),
    "es": ("Spain", "Mexico", "Colombia", "Argentina", "Peru", "Chile", "Venezuela", "Ecuador"),
}
_NEAR_SHARE = 0.6
_ARABIC_LETTERS = ("\u0621", "\u064a")


def segments(article):
    """The article as `[text, label]` lists."""
    parts, position = [], 0
    for entity in sorted(article["entities"], key=lambda e: e["start"]):
        parts.append([article["text"][position : entity["start"]], None])
        parts.append([article["text"][entity["start"] : entity["end"]], entity["label"]])
        position = entity["end"]
    parts.append([article["text"][position:], None])
    return parts


def joined(parts):
    """`(text, entities)` of segments."""
    text, entities = "", []
    for part, label in parts:
        if label:
            entities.append({"start": len(text), "end": len(text) + len(part), "label": label})
        text += part
    return text, entities


class Names:
    """Names to put in others' places, by language: cities, countries, persons' first and last names."""

    def __init__(self, folder):
        gazetteer = folder / "data" / "gazetteer"
        self.cities = {language: ([], []) for language in ("ar", *_NEAR_COUNTRIES)}
        for row in _rows(gazetteer / "cities_geonames15k_en.tsv"):
            for language, near in _NEAR_COUNTRIES.items():
                self.cities[language][row["country"] not in near].append(row["name"])
        for row in _rows(gazetteer / "cities_wikidata_en_ar.tsv"):
            if (
                row["name_ar"]
                and len(row["name_ar"].split()) <= 2
                and not row["name_ar"].startswith(("ولاية", "محافظة", "مدينة", "مقاطعة"))
            ):
                self.cities["ar"][1].append(row["name_ar"])
        for name in ("ma_admin.tsv", "dz_admin.tsv", "tn_admin.tsv"):
            for row in _rows(gazetteer / name):
                if (
                    row["kind"] in ("commune", "municipality", "delegation")
                    and row["name_ar"]
                    and len(row["name_ar"].split()) <= 2
                ):
                    self.cities["ar"][0].append(row["name_ar"])
        territories = [row for row in _rows(gazetteer / "territories_cldr.tsv") if row["code"].isalpha()]
        regions = _rows(gazetteer / "subdivisions_cldr.tsv")
        self.places = {
            language: [[row[language] for row in rows if row.get(language)] for rows in (territories, regions)]
            for language in self.cities
        }
        self.first, self.last = {"ar": []}, {"ar": []}
        for row in _rows(gazetteer / "person_names_ar.tsv"):
            (self.first if row["kind"] == "first" else self.last)["ar"].append(row["name_ar"])
        for row in _rows(gazetteer / "person_names_latin_faker.tsv"):
            target = self.first if row["kind"] == "first" else self.last
            target.setdefault(row["locale"][:2], []).append(row["name"])

    def other(self, label, name, language, rng):
        """Another name for `name`, or None where it is better left."""
        if label == "CITY" and language in self.cities:
            near, far = self.cities[language]
            return rng.choice(near if rng.random() < _NEAR_SHARE and near else far)
        if label == "LOC":
            alike = [names for names in self.places.get(language, ()) if name in names]
            return rng.choice(alike[0]) if alike else None
        if label == "PER" and self.first.get(language) and self.last.get(language):
            last = rng.choice(self.last[language])
            return last if " " not in name else f"{rng.choice(self.first[language])} {last}"
        return None


def _rows(path):
    with open(path, encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


class Augmenter:
    """Draws variants of articles; `shares` says how often each change is made."""

    def __init__(self, names, shares):
        self._names, self._shares = names, shares

    def __call__(self, article, rng):
        """`(text, entities)` of a variant of the article."""
        parts, language = segments(article), article["lang"]
        changes = [(self._shares.names, lambda: self._other_names(parts, language, rng))]
        if language == "ar":
            changes += [
                (self._shares.proclitics, lambda: _proclitics(parts, self._shares.proclitics_per_name, rng)),
                (self._shares.no_hamza, lambda: _translate(parts, _NO_HAMZA)),
                (self._shares.letters, lambda: _letters(parts, rng)),
                (self._shares.no_marks, lambda: _translate(parts, _MARKS)),
                (self._shares.marks, lambda: _vocalise(parts, rng)),
                (self._shares.tatweel, lambda: _stretch(parts, rng)),
                (self._shares.indic_digits, lambda: _translate(parts, _INDIC_DIGITS)),
            ]
        else:
            changes += [
                (self._shares.capital_headline, lambda: _capital_headline(parts)),
                (self._shares.capital_names, lambda: _capital_names(parts, rng)),
            ]
        changes += [(self._shares.quotes, lambda: _quotes(parts, rng)), (self._shares.glued, lambda: _glue(parts, rng))]
        for share, change in changes:
            if rng.random() < share:
                change()
        return joined(parts)

    def _other_names(self, parts, language, rng):
        """The same name becomes the same other name everywhere, where it stands free of a clitic or an elision."""
        new = {}
        for i, (name, label) in enumerate(parts):
            if label is None or (i and parts[i - 1][0] and not parts[i - 1][0][-1].isspace()):
                continue
            if (name, label) not in new:
                chosen = rng.random() < self._shares.names_per_name
                new[name, label] = self._names.other(label, name, language, rng) if chosen else None
            parts[i][0] = new[name, label] or name


def _proclitics(parts, share, rng):
    """Letters put before names; after ل the article loses its alif, and the name begins at the second lam."""
    for i in range(1, len(parts)):
        name, label = parts[i]
        before = parts[i - 1][0]
        free = not before or before[-1].isspace()
        if (
            label in (None, "DATE")
            or not free
            or not _ARABIC_LETTERS[0] <= name[0] <= _ARABIC_LETTERS[1]
            or rng.random() >= share
        ):
            continue
        proclitic = rng.choice(_PROCLITIC_DRAWS)
        if proclitic.endswith("ل") and name.startswith("ال") and len(name) > 4:
            parts[i][0] = name[1:]
        parts[i - 1][0] = before + proclitic


def _translate(parts, table):
    for part in parts:
        changed = part[0].translate(table)
        if changed or part[1] is None:
            part[0] = changed


def _letters(parts, rng):
    """Spellings of careless typing: ta marbuta as ha, final ya as alif maqsura or the other way round."""
    pairs = rng.choice([[("ة", "ه")], [("ي", "ى")], [("ى", "ي")], [("ة", "ه"), ("ي", "ى")]])
    for part in parts:
        for old, new in pairs:
            characters = list(part[0])
            for k, char in enumerate(characters):
                final = (
                    k + 1 < len(characters)
                    and not characters[k + 1].isalpha()
                    or (k + 1 == len(characters) and part[1])
                )
                if char == old and final:
                    characters[k] = new
            part[0] = "".join(characters)


def _vocalise(parts, rng):
    """Vowel signs after half of the letters of some words."""
    share = rng.choice([0.1, 0.3, 1.0])

    def vocalised(word):
        if rng.random() >= share:
            return word
        return "".join(c + rng.choice(_HARAKAT) if labels.is_letter(c) and rng.random() < 0.5 else c for c in word)

    _each_word(parts, vocalised)


def _stretch(parts, rng):
    """Tatweel within some words, after letters that join to the next."""

    def stretched(word):
        places = [
            k
            for k in range(1, len(word))
            if word[k - 1].isalpha() and word[k].isalpha() and word[k - 1] not in "اأإآدذرزوؤةىء"
        ]
        if not places or rng.random() >= 0.05:
            return word
        k = rng.choice(places)
        return word[:k] + labels.TATWEEL * rng.randint(1, 4) + word[k:]

    _each_word(parts, stretched)


def _each_word(parts, change):
    for part in parts:
        text, position = "", 0
        for start, end in labels.words(part[0]):
            text += part[0][position:start] + change(part[0][start:end])
            position = end
        part[0] = text + part[0][position:]


def _capital_headline(parts):
    for part in parts:
        head, line_break, rest = part[0].partition("\n")
        part[0] = head.upper() + line_break + rest
        if line_break:
            return


def _capital_names(parts, rng):
    """Names in capitals, as in French news for surnames and in headlines; or the surname only."""
    for part in parts:
        if part[1] in ("PER", "ORG", "CITY", "LOC") and rng.random() < 0.3:
            words = part[0].split(" ")
            first = len(words) - 1 if part[1] == "PER" and rng.random() < 0.6 else 0
            part[0] = " ".join(words[:first] + [word.upper() for word in words[first:]])


def _quotes(parts, rng):
    opening, closing = rng.choice(_QUOTES)
    inside = False
    for part in parts:
        text = ""
        for char in part[0]:
            if char in '"“”«»':
                inside = {"“": True, "«": True, "”": False, "»": False}.get(char, not inside)
                text += opening if inside else closing
            else:
                text += char
        part[0] = text


def _glue(parts, rng):
    """Line breaks lost: a space in their place, or nothing after a sentence's end."""
    tight = rng.random() < 0.3
    for part in parts:
        lines = part[0].split("\n")
        text = lines[0]
        for line in lines[1:]:
            text += line if tight and text.endswith((".", "!", "؟", "?")) else " " + line
        part[0] = text
