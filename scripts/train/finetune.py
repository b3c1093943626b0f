"""Fine-tuning of the encoder on gold articles: one label a word, read at the word's first piece."""

import random
from dataclasses import dataclass

import torch
from torch.nn import functional as F
from transformers import BertForTokenClassification

import augment
import corpora
import decode
import labels
import optimise
import windows

_POOL = 32  # batches whose windows are sorted by length together


@dataclass(frozen=True)
class Window:
    """Piece ids with specials, places of words' first pieces, and those words' label ids."""

    ids: list
    places: list
    labels: list


def run(folder, encoder, out, settings, work, seed):
    """Fine-tune the encoder of the folder `encoder` on gold; write a classifier to `out`.  Returns the card's facts."""
    rng = random.Random(seed)
    torch.manual_seed(seed)
    where = optimise.device()
    tokenizer = windows.Tokenizer(encoder / "tokenizer.json")
    batches = _batches(_epochs(folder, tokenizer, settings, rng), settings.batch, rng)
    print(f"{len(batches)} batches, {sum(len(w.ids) for b in batches for w in b) / 1e6:.2f} M pieces", flush=True)
    model = BertForTokenClassification.from_pretrained(
        encoder,
        num_labels=len(labels.LABELS),
        id2label=dict(enumerate(labels.LABELS)),
        label2id=labels.LABEL_ID,
        hidden_dropout_prob=settings.dropout,
        attention_probs_dropout_prob=0.0,
        classifier_dropout=settings.dropout,
    ).to(where)
    optimiser = optimise.Optimiser(model.bert, model.classifier.parameters(), settings)
    clock = optimise.Clock(len(batches), settings.minutes)
    checkpoint = optimise.Checkpoint(
        work / "finetune.pt", settings.checkpoint_seconds, model=model, optimiser=optimiser, clock=clock
    )
    checkpoint.resume()

    optimise.train(
        "finetune",
        model,
        batches,
        loss_of=lambda batch: _loss(model, batch, where),
        pieces_of=lambda batch: sum(len(window.ids) for window in batch),
        parts=(optimiser, clock, checkpoint),
        settings=settings,
    )
    model.save_pretrained(out)
    (out / "tokenizer.json").write_bytes((encoder / "tokenizer.json").read_bytes())
    checkpoint.remove()
    return {"steps": clock.step, "planned_steps": len(batches), "training_minutes": round(clock.seconds() / 60)}


def _epochs(folder, tokenizer, settings, rng):
    """Windows of each epoch; in each an article is drawn anew as it is or as a variant, and cut at other places."""
    vary = augment.Augmenter(augment.Names(folder), settings.augment)
    sets = corpora.gold(folder, "train-")
    epochs = []
    for epoch in range(settings.epochs):
        epochs.append([])
        for name, articles in sets.items():
            for article in corpora.split(articles, settings.held_out_every)[0][: settings.articles_per_file]:
                for _ in range(_rounded(settings.repeats.get(name, 1.0), rng)):
                    varied = rng.random() < settings.augment.articles
                    text, entities = vary(article, rng) if varied else (article["text"], article["entities"])
                    epochs[-1] += article_windows(
                        text, entities, tokenizer, settings.window, rng.randrange(settings.window // 2)
                    )
        print(f"epoch {epoch + 1}: {len(epochs[-1])} windows", flush=True)
    return epochs


def _rounded(number, rng):
    """`number` rounded up or down at random, so that the mean is `number`."""
    return int(number) + (rng.random() < number % 1)


def article_windows(text, entities, tokenizer, length, start):
    pieces = tokenizer(text)
    word_labels = labels.word_labels(text, entities, pieces.words)
    cut = []
    for begin, end in pieces.windows(length, length, start):
        inside = pieces.words_in(begin, end)
        if inside:
            ids = [windows.BOS, *pieces.ids[begin:end], windows.EOS]
            cut.append(Window(ids, [pieces.first[k] - begin + 1 for k in inside], [word_labels[k] for k in inside]))
    return cut


def _batches(epochs, size, rng):
    """Batches of windows of like length, epoch after epoch."""
    batches = []
    for epoch in epochs:
        rng.shuffle(epoch)
        for i in range(0, len(epoch), size * _POOL):
            pool = sorted(epoch[i : i + size * _POOL], key=lambda window: len(window.ids))
            pool = [pool[j : j + size] for j in range(0, len(pool), size)]
            rng.shuffle(pool)
            batches += pool
    return batches


def _loss(model, batch, where):
    ids, mask = decode.pad([window.ids for window in batch])
    rows = torch.tensor([row for row, window in enumerate(batch) for _ in window.places])
    places = torch.tensor([place for window in batch for place in window.places])
    targets = torch.tensor([label for window in batch for label in window.labels])
    with optimise.autocast(where):
        logits = model(input_ids=ids.to(where), attention_mask=mask.to(where)).logits
    return F.cross_entropy(logits[rows.to(where), places.to(where)].float(), targets.to(where))
