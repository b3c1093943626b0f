"""Fine-tuning of a token classifier on labelled windows: one label a word, read at the word's first piece."""

import numpy as np
import torch
from transformers import BertForTokenClassification

import labels
import optimise
import windows


def classifier(folder, settings):
    """The encoder or classifier of a folder as a token classifier for our labels, on this machine's device."""
    return BertForTokenClassification.from_pretrained(
        folder,
        num_labels=len(labels.LABELS),
        id2label=dict(enumerate(labels.LABELS)),
        label2id=labels.LABEL_ID,
        hidden_dropout_prob=settings.dropout,
        attention_probs_dropout_prob=0.0,
        classifier_dropout=settings.dropout,
    ).to(optimise.device())


def run(variants, encoder, out, settings, public, work, seed):
    """Fine-tune the encoder of the folder `encoder` on the rounds of `variants`; write the averaged weights to `out`.

    Returns the card's facts.
    """
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    where = optimise.device()
    batches = Batches(variants, settings, public, rng)
    model = classifier(encoder, settings)
    clock = train(
        f"finetune-{seed}",
        model,
        len(batches),
        loss_of=lambda step, _: batches.loss(model, step, where),
        pieces_of=batches.pieces,
        settings=settings,
        work=work,
        out=out,
    )
    copy_tokenizer(encoder, out)
    return {
        "steps": clock.step,
        "planned_steps": len(batches),
        "public": public,
        "training_minutes": round(clock.seconds() / 60, 1),
    }


def train(name, model, steps, loss_of, pieces_of, settings, work, out):
    """Train a token classifier for so many steps or the minutes of `settings`, and write its average to `out`.

    `loss_of` takes the number of the step and the progress.  What was cut off goes on from the checkpoint `name` in
    `work`.  Returns the clock.
    """
    average = optimise.average(model, settings.average)
    optimiser = optimise.Optimiser(model.bert, model.classifier.parameters(), settings)
    clock = optimise.Clock(steps, settings.minutes)
    parts = {"model": model, "average": average, "optimiser": optimiser, "clock": clock}
    checkpoint = optimise.Checkpoint(work / f"{name}.pt", settings.checkpoint_seconds, **parts)
    checkpoint.resume()
    optimise.train(
        name,
        model,
        loss_of=lambda step: loss_of(step, clock.progress()),
        pieces_of=pieces_of,
        parts=(optimiser, clock, checkpoint),
        settings=settings,
        on_step=lambda: average.update_parameters(model),
    )
    average.module.save_pretrained(out)
    checkpoint.remove()
    return clock


def copy_classifier(classifier, out):
    """Write to `out` the token classifier of the folder `classifier` in f32; returns how many pieces it knows."""
    model = BertForTokenClassification.from_pretrained(classifier, dtype="float32")
    model.save_pretrained(out)
    copy_tokenizer(classifier, out)
    return model.config.vocab_size


def copy_tokenizer(encoder, out):
    (out / "tokenizer.json").write_bytes((encoder / "tokenizer.json").read_bytes())


class Batches:
    """The batches of a run: rounds of gold in the order of the seed, with a share of public windows among them."""

    def __init__(self, variants, settings, public, rng):
        files = sorted(variants.glob("gold-*.npz"))
        if not files:
            raise FileNotFoundError(f"no gold-*.npz in {variants}: delete the folder to have it made again")
        sets = {file: windows.Labelled.load(file) for file in files}
        public_windows = windows.Labelled.load(variants / "public.npz")
        order = np.concatenate([rng.permutation(len(files)) for _ in range(-(-settings.epochs // len(files)))])
        self._batches = []
        for number in order[: settings.epochs]:
            gold = sets[files[number]]
            of_epoch = [(gold, chosen) for chosen in windows.batches(gold.lengths(), settings.batch, rng)]
            others = windows.batches(public_windows.lengths(), settings.batch, rng)[: int(public * len(of_epoch))]
            of_epoch += [(public_windows, chosen) for chosen in others]
            self._batches += [of_epoch[k] for k in rng.permutation(len(of_epoch))]

    def __len__(self):
        return len(self._batches)

    def pieces(self, step):
        source, chosen = self._batches[step % len(self)]
        return int(source.lengths()[chosen].sum())

    def loss(self, model, step, where):
        source, chosen = self._batches[step % len(self)]
        ids, mask, rows, places, allowed = source.batch(chosen, where)
        with optimise.autocast(where):
            logits = model(input_ids=ids, attention_mask=mask).logits
        return marginal_loss(logits[rows, places].float(), allowed)


def marginal_loss(logits, allowed):
    """Mean of -log of the probability of each word's `allowed` labels `[words, labels]`: cross-entropy where it is one.

    Words of which nothing is known do not count.
    """
    losses = logits.logsumexp(-1) - logits.masked_fill(~allowed, -torch.inf).logsumexp(-1)
    known = ~allowed.all(-1)
    return (losses * known).sum() / known.sum().clamp(min=1)
