"""Labels, standoff files, windows, decoding and augmentation, without corpora or downloads."""

import hashlib
import json
import lzma
import random
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import numpy as np
import torch

import augment
import corpora
import decode
import finetune
import labels
import partial
import score
import settings
import teach
import windows


def spans_of(text, *names):
    return [{"start": text.index(name), "end": text.index(name) + len(name), "label": label} for name, label in names]


class Labels(unittest.TestCase):
    def test_round_trip_with_proclitics(self):
        text = "وصل وليموري إلى للسمارة وبِفاليتا ولليونسكو"
        gold = spans_of(text, ("ليموري", "PER"), ("لسمارة", "CITY"), ("فاليتا", "CITY"), ("ليونسكو", "ORG"))
        spans = labels.words(text)
        ids = labels.word_labels(text, gold, spans)
        found = labels.entities(text, spans, ids)
        self.assertEqual([(e["start"], e["end"], e["label"]) for e in found], [tuple(e.values()) for e in gold])
        self.assertEqual([labels.LABELS[i] for i in ids if i], ["B-PER@1", "B-CITY@1", "B-CITY@2", "B-ORG@2"])

    def test_words_split_at_apostrophes_and_leave_out_format_characters(self):
        text = "l'Algérie\u200f 2024"
        self.assertEqual([text[a:b] for a, b in labels.words(text)], ["l", "'", "Algérie", "2024"])


class Standoff(unittest.TestCase):
    """Labels that lie beside the program, of texts that lie with the corpora."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.corpora, self.standoff = Path(folder.name) / "corpora", Path(folder.name) / "standoff"
        for path in (self.corpora / "gold", self.corpora / "data" / "text", self.standoff):
            path.mkdir(parents=True)
        patch = mock.patch.object(corpora, "_STANDOFF", self.standoff)
        patch.start()
        self.addCleanup(patch.stop)
        gold = {
            "id": "g",
            "lang": "fr",
            "text": "Fès bat Oujda lundi",
            "entities": spans_of("Fès", ("Fès", "CITY")),
        }
        self.write(self.corpora / "gold" / "train-fr.jsonl", gold)
        with lzma.open(self.corpora / "data" / "text" / "es-news.jsonl.xz", "wt", encoding="utf-8") as lines:
            lines.writelines(
                json.dumps({"id": f"es-{k}", "text": text}) + "\n" for k, text in enumerate(("Nada", "Lima, hoy"))
            )
        self.change = {"id": "g", "remove": [[0, 3, "CITY"]], "add": [[14, 19, "DATE"], [0, 3, "ORG"]]}
        self.more = {"id": "es-1", "file": "es-news", "entities": [[0, 4, "CITY"], [6, 9, "DATE"]]}

    def write(self, path, record):
        path.write_text(json.dumps(record) + "\n", encoding="utf-8")

    def training(self, mended_text="Fès bat Oujda lundi", more_text="Lima, hoy"):
        for name, record, text in (("mended", self.change, mended_text), ("more-es", self.more, more_text)):
            self.write(self.standoff / f"{name}.jsonl", record | {"sha256": hashlib.sha256(text.encode()).hexdigest()})
        return {
            name: [
                (a["lang"], [(a["text"][e["start"] : e["end"]], e["label"]) for e in a["entities"]]) for a in articles
            ]
            for name, articles in corpora.training(self.corpora).items()
        }

    def test_gold_is_mended_and_news_labelled(self):
        wanted = {
            "train-fr": [("fr", [("Fès", "ORG"), ("lundi", "DATE")])],
            "more-es": [("es", [("Lima", "CITY"), ("hoy", "DATE")])],
        }
        self.assertEqual(self.training(), wanted)

    def test_labels_of_another_text_are_refused(self):
        with self.assertRaisesRegex(ValueError, "article g: its text"):
            self.training(mended_text="Fès bat Oujda mardi")
        with self.assertRaisesRegex(ValueError, "article es-1: its text"):
            self.training(more_text="Lima, ayer")

    def test_a_correction_of_other_labels_is_refused(self):
        self.change["remove"] = [[0, 3, "LOC"]]
        with self.assertRaisesRegex(ValueError, "article g: it has not the entities"):
            self.training()

    def test_articles_that_the_corpora_lack_are_left_out(self):
        self.more["id"] = "es-7"
        self.assertEqual(self.training()["more-es"], [])
        self.more["file"] = "es-other"
        self.change["id"] = "h"
        self.assertEqual(self.training(), {"train-fr": [("fr", [("Fès", "CITY")])], "more-es": []})


class Windows(unittest.TestCase):
    def test_every_piece_is_in_a_window(self):
        for count in (1, 5, 10, 11, 37):
            for start in (0, 3):
                spans = windows.Pieces(list(range(count)), [], []).windows(10, 10, start)
                self.assertEqual([i for begin, end in spans for i in range(begin, end)], list(range(count)))

    def test_overlapping_windows_reach_the_end(self):
        self.assertEqual(windows.Pieces([0] * 25, [], []).windows(10, 6), [(0, 10), (6, 16), (12, 22), (18, 25)])


class Decoding(unittest.TestCase):
    def path(self, text, *wanted):
        """The decoded labels where each word's scores favour `wanted`."""
        scores = np.full((len(wanted), len(labels.LABELS)), -5.0)
        for row, label in zip(scores, wanted, strict=True):
            row[labels.LABEL_ID[label]] = -0.1
        return [labels.LABELS[i] for i in decode.viterbi(scores, text, labels.words(text))]

    def test_inside_needs_its_own_type_before_it(self):
        self.assertNotIn("I-PER", self.path("one two", "O", "I-PER"))
        self.assertEqual(self.path("one two", "B-PER", "I-PER"), ["B-PER", "I-PER"])

    def test_no_entity_crosses_a_line(self):
        self.assertNotEqual(self.path("one\ntwo", "B-PER", "I-PER")[1], "I-PER")

    def test_cuts_need_proclitic_letters(self):
        self.assertEqual(self.path("بطنجة", "B-CITY@1"), ["B-CITY@1"])
        self.assertNotEqual(self.path("طنجة", "B-CITY@1"), ["B-CITY@1"])


class Augmentation(unittest.TestCase):
    ARABIC = "طنجة - أعلن محمد العمري أن «المجلس» في الرباط\nوقالت السمارة 2024."
    FRENCH = "Rabat accueille Anne\nJean Dupont, « maire » de Paris."

    def variant(self, text, names, language, seed=1, **shares):
        only = dict.fromkeys(settings.Augment.__dataclass_fields__, 0.0) | shares
        article = {"text": text, "lang": language, "entities": spans_of(text, *names)}
        return augment.Augmenter(None, settings.Augment(**only))(article, random.Random(seed))

    def test_every_change_keeps_the_names_apart(self):
        names = (("طنجة", "CITY"), ("محمد العمري", "PER"), ("الرباط", "CITY"), ("السمارة", "CITY"), ("2024", "DATE"))
        for change in ("no_hamza", "letters", "marks", "no_marks", "tatweel", "indic_digits", "quotes", "glued"):
            text, entities = self.variant(self.ARABIC, names, "ar", **{change: 1.0})
            self.assertEqual([e["label"] for e in entities], [label for _, label in names], change)
            for entity in entities:
                slice_ = text[entity["start"] : entity["end"]]
                self.assertEqual(slice_, slice_.strip(), change)

    def test_article_loses_its_alif_after_lam(self):
        name = (("الرباط", "CITY"),)
        for seed in range(8):
            text, entities = self.variant(self.ARABIC, name, "ar", seed, proclitics=1.0, proclitics_per_name=1.0)
            start, end = entities[0]["start"], entities[0]["end"]
            self.assertEqual(text[start:end], "لرباط" if text[start - 1] == "ل" else "الرباط")

    def test_capital_headline_stops_at_the_line_break(self):
        text, _ = self.variant(self.FRENCH, (("Rabat", "CITY"), ("Paris", "CITY")), "fr", capital_headline=1.0)
        self.assertTrue(text.startswith("RABAT ACCUEILLE ANNE\nJean"))


class PartialLabels(unittest.TestCase):
    def names(self, tag, dates=False):
        bits = partial.tag_set(tag, dates)
        return {label for i, label in enumerate(labels.LABELS) if bits >> i & 1}

    def test_a_tag_leaves_open_what_its_corpus_does_not_say(self):
        self.assertEqual(self.names("I-LOC"), {"I-CITY", "I-LOC"})
        self.assertEqual(self.names("B-PERS"), {"B-PER", "B-PER@1", "B-PER@2"})
        self.assertEqual(self.names("O", dates=True), {"O"})
        self.assertIn("B-DATE", self.names("O"))
        self.assertEqual(self.names("B-MISC"), set(labels.LABELS))

    def test_words_of_one_token_go_on_with_it(self):
        text, spans = partial._joined([[("Al-Quds", "B-LOC"), (",", "O")]], dates=True)
        self.assertEqual(text, "Al-Quds,")
        sets = partial.allowed(labels.words(text), spans)
        expected = [partial.tag_set(tag, True) for tag in ("B-LOC", "I-LOC", "I-LOC", "O")]
        self.assertEqual(sets, expected)

    def test_the_loss_is_that_of_the_whole_set(self):
        logits = torch.zeros(3, len(labels.LABELS))
        allowed = torch.zeros(3, len(labels.LABELS), dtype=torch.bool)
        allowed[0, 0] = True
        allowed[1, :2] = True
        allowed[2] = True  # says nothing, does not count
        count = np.log(len(labels.LABELS))
        expected = (count + count - np.log(2)) / 2
        self.assertAlmostEqual(finetune.marginal_loss(logits, allowed).item(), expected, places=5)


class Teaching(unittest.TestCase):
    def test_windows_cover_each_article_once(self):
        articles = np.array([(0, 25), (26, 29), (30, 61)])
        for starts in (None, np.array([4, 0, 3])):
            covered = [
                place
                for begin, length in teach._windows(articles, 10, 10, starts)
                for place in range(begin, begin + length)
            ]
            self.assertEqual(sorted(covered), [k for begin, end in articles for k in range(begin, end)])

    def test_gathered_windows_stand_between_their_specials(self):
        pieces = torch.arange(100, 120)
        ids, mask, inside, places = teach._gather(pieces, torch.tensor([2, 17]), torch.tensor([4, 3]))
        bos, pad, eos = windows.BOS, windows.PAD, windows.EOS
        self.assertEqual(ids.tolist(), [[bos, 102, 103, 104, 105, eos], [bos, 117, 118, 119, eos, pad]])
        self.assertEqual(mask.tolist(), [[1] * 6, [1] * 5 + [0]])
        self.assertEqual(places.tolist(), [2, 3, 4, 5, 17, 18, 19])
        self.assertEqual(inside.sum().item(), 7)


class Scores(unittest.TestCase):
    def test_span_and_label_must_be_right(self):
        gold = {"entities": [{"start": 0, "end": 2, "label": "PER"}, {"start": 3, "end": 5, "label": "LOC"}]}
        ours = [{"start": 0, "end": 2, "label": "PER"}, {"start": 3, "end": 5, "label": "CITY"}]
        micro = score.prf(score.count([gold], [ours]))
        self.assertEqual((micro["precision"], micro["recall"], micro["f1"]), (0.5, 0.5, 0.5))


if __name__ == "__main__":
    unittest.main()
