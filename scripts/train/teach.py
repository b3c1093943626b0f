"""Teachers label the unlabelled news; a student learns from their labels and from gold, and finishes on gold alone."""

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch.nn import functional as F
from transformers import BertForTokenClassification

import decode
import finetune
import labels
import news
import optimise
import windows

_CHUNK = 512  # windows that a teacher reads at a time


def blend(folders, out):
    """Write to `out` one classifier with the mean of the weights of `folders`, which began as the same encoder."""
    states = [load_file(folder / "model.safetensors") for folder in folders]
    mean = {name: torch.stack([state[name] for state in states]).mean(0) for name in states[0]}
    save_file(mean, out / "model.safetensors", metadata={"format": "pt"})
    for file in ("config.json", "tokenizer.json"):
        (out / file).write_bytes((folders[0] / file).read_bytes())


def label(news_file, teachers, out, settings, seed):
    """Write the mean of the teachers' probabilities for each word of a sample of the news to `out`.

    A word's probabilities stand at its first piece; in overlapping windows they are weighed as in decoding.
    """
    texts = news.load(news_file)
    articles = _sample(texts, settings, np.random.default_rng(seed))
    length, where = settings.window, optimise.device()
    spans = _windows(articles, length, length * 2 // 3)
    pieces = torch.from_numpy(texts.pieces.astype(np.int32)).to(where)
    total = torch.zeros(len(pieces), len(labels.LABELS), device=where)
    weights = torch.zeros(len(pieces), device=where)
    for folder in teachers:
        model = BertForTokenClassification.from_pretrained(folder).to(where).eval()
        for i in range(0, len(spans), _CHUNK):
            begins, lengths = (torch.from_numpy(part).to(where) for part in spans[i : i + _CHUNK].T)
            ids, mask, inside, places = _gather(pieces, begins, lengths)
            with torch.no_grad(), optimise.autocast(where):
                logits = model(input_ids=ids, attention_mask=mask).logits
            place = torch.arange(inside.shape[1], device=where)
            weight = torch.minimum(place + 1, lengths[:, None] - place) / lengths[:, None] + decode.EDGE_WEIGHT
            weight = weight[inside]
            total.index_add_(0, places, logits[:, 1:-1][inside].float().softmax(-1) * weight[:, None])
            weights.index_add_(0, places, weight)
    first = torch.from_numpy(texts.first).to(where) & (weights > 0)
    probabilities = (total[first] / weights[first, None]).half().cpu().numpy()
    np.save(out / "probabilities.npy", probabilities)
    np.save(out / "places.npy", first.nonzero().squeeze(1).cpu().numpy().astype(np.int32))
    np.save(out / "articles.npy", articles)
    return {"teachers": len(teachers), "news_articles": len(articles), "news_words": len(probabilities)}


def _sample(texts, settings, rng):
    """`[articles, 2]` of at most `settings.articles` of each group."""
    chosen = []
    for name, articles in texts.articles.items():
        count = min(len(articles), settings.articles.get(name, 0))
        chosen.append(articles[rng.permutation(len(articles))[:count]])
    return np.concatenate(chosen)


def _windows(articles, length, stride, starts=None):
    """`[windows, 2]`: begin and length of the windows of the articles, sorted by length."""
    spans = []
    for k, (begin, end) in enumerate(articles):
        first = min(begin + length - (starts[k] if starts is not None else 0), end)
        spans.append((begin, first - begin))
        begin = first - length + stride
        while first < end:
            first = min(begin + length, end)
            spans.append((begin, first - begin))
            begin += stride
    spans = np.array([span for span in spans if span[1] > 0])
    return spans[np.argsort(spans[:, 1], kind="stable")]


def _gather(pieces, begins, lengths):
    """`(ids and mask with specials, which places within the windows are pieces, those pieces' places in the news)`."""
    longest = int(lengths.max())
    offset = torch.arange(longest, device=pieces.device)
    inside = offset < lengths[:, None]
    places = (begins[:, None] + offset).clamp(max=len(pieces) - 1)
    ids = torch.where(inside, pieces[places].long(), windows.PAD)
    ids = F.pad(F.pad(ids, (1, 0), value=windows.BOS), (0, 1), value=windows.PAD)
    ids[torch.arange(len(ids), device=ids.device), lengths + 1] = windows.EOS
    return ids, (ids != windows.PAD).long(), inside, places[inside]


class Taught:
    """Batches of news windows with the teachers' probabilities, cut at other places in each round."""

    def __init__(self, news_file, labelled, settings, rng, where):
        texts = news.load(news_file)
        self._articles = np.load(labelled / "articles.npy")
        self._settings, self._rng, self._where = settings, rng, where
        self._pieces = torch.from_numpy(texts.pieces.astype(np.int32)).to(where)
        self._probabilities = torch.from_numpy(np.load(labelled / "probabilities.npy")).to(where)
        self._row = torch.full((len(texts.pieces),), -1, dtype=torch.int32, device=where)
        places = torch.from_numpy(np.load(labelled / "places.npy")).to(where)
        self._row[places.long()] = torch.arange(len(places), dtype=torch.int32, device=where)
        self._batches = []

    def next(self):
        if not self._batches:
            length = self._settings.window
            starts = self._rng.integers(length // 2, size=len(self._articles))
            spans = _windows(self._articles, length, length, starts)
            size = self._settings.news_batch
            batches = [spans[i : i + size] for i in range(0, len(spans), size)]
            self._batches = [batches[k] for k in self._rng.permutation(len(batches))]
        return self._batches.pop()

    def loss(self, model, batch):
        """Cross-entropy of the student's probabilities against the teachers', a word."""
        begins, lengths = (torch.from_numpy(part).to(self._where) for part in batch.T)
        ids, mask, inside, places = _gather(self._pieces, begins, lengths)
        with optimise.autocast(self._where):
            logits = model(input_ids=ids, attention_mask=mask).logits
        rows = self._row[places].long()
        known = rows >= 0
        scores = logits[:, 1:-1][inside][known].float().log_softmax(-1)
        return -(self._probabilities[rows[known]].float() * scores).sum(-1).mean()


def student(news_file, labelled, variants, teacher, layers, out, settings, work, seed):
    """Train the layers `layers` of the classifier `teacher` on news and gold; write the averaged student to `out`."""
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    where = optimise.device()
    model = finetune.classifier(teacher, settings)
    if len(layers) < model.config.num_hidden_layers:
        model.bert.encoder.layer = torch.nn.ModuleList(model.bert.encoder.layer[k] for k in layers)
        model.config.num_hidden_layers = len(layers)
    gold = finetune.Batches(variants, settings, settings.public, rng)
    taught = Taught(news_file, labelled, settings, rng, where)
    seen = {"news": 0}

    def loss(step, progress):
        of_gold = gold.loss(model, step, where)
        if progress >= settings.news_until:
            return of_gold
        batch = taught.next()
        seen["news"] = int(batch[:, 1].sum())
        return settings.gold_weight * of_gold + taught.loss(model, batch)

    clock = finetune.train(
        f"student-{len(layers)}",
        model,
        settings.steps,
        loss_of=loss,
        pieces_of=lambda step: gold.pieces(step) + seen["news"],
        settings=settings,
        work=work,
        out=out,
    )
    finetune.copy_tokenizer(teacher, out)
    return {"layers": len(layers), "steps": clock.step, "training_minutes": round(clock.seconds() / 60, 1)}
