"""Continued masked-language-model training of the encoder on unlabelled news.

It teaches the encoder the language of news and mends what the 4-bit form lost.  Whole words are masked.  The head
scores a masked piece against a sample of the vocabulary: the pieces of the batch and random others, which costs a
twentieth of the encoder instead of a third, and keeps the gradient of the tied word embeddings sparse.
"""

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F
from transformers import BertModel

import news
import optimise
import vocabulary
import windows


class MaskedHead(nn.Module):
    """Scores pieces at masked places: dense, GELU, norm, then the word embeddings and each piece's log frequency."""

    def __init__(self, hidden, counts, eps):
        super().__init__()
        self.dense = nn.Linear(hidden, hidden)
        self.norm = nn.LayerNorm(hidden, eps=eps)
        frequency = torch.from_numpy(counts).float() + 1
        self.register_buffer("log_frequency", (frequency / frequency.sum()).log())

    def forward(self, states, embedding, candidates):
        """Scores `[places, candidates]` of the hidden `states` `[places, hidden]`."""
        transformed = self.norm(F.gelu(self.dense(states)))
        rows = F.embedding(candidates, embedding.weight, sparse=embedding.sparse)
        return transformed @ rows.T + self.log_frequency[candidates]


class Masker:
    """Hides whole words: 80 % of them behind `<mask>`, 10 % behind random pieces, 10 % as they are."""

    def __init__(self, tokenizer_json, share, where):
        tokenizer = vocabulary.open_tokenizer(tokenizer_json)
        size = tokenizer.get_vocab_size()
        begins = (vocabulary.SPACE, vocabulary.LINE_BREAK, vocabulary.SPECIALS[windows.EOS])
        self._begins = torch.tensor([tokenizer.id_to_token(i).startswith(begins) for i in range(size)], device=where)
        self._mask, self._size, self._share = tokenizer.token_to_id(vocabulary.MASK), size, share

    def __call__(self, pieces, generator):
        """`(input ids with specials, chosen places)` for windows `pieces` `[batch, length]`."""
        batch, length = pieces.shape
        draws = torch.rand(2, batch, length + 1, generator=generator, device=pieces.device)
        word = self._begins[pieces].cumsum(1)
        choice, kind = draws[0].gather(1, word), draws[1].gather(1, word)
        chosen = (choice < self._share) & (pieces != windows.EOS)
        random_pieces = torch.randint(
            len(vocabulary.SPECIALS), self._size - 2, pieces.shape, generator=generator, device=pieces.device
        )
        hidden = torch.where(chosen & (kind < 0.8), self._mask, pieces)
        hidden = torch.where(chosen & (kind >= 0.9), random_pieces, hidden)
        return _with_specials(hidden), F.pad(chosen, (1, 1))


def _with_specials(pieces):
    return F.pad(F.pad(pieces, (1, 0), value=windows.BOS), (0, 1), value=windows.EOS)


class MaskedModel(nn.Module):
    """The encoder with its head for masked pieces, and the news it learns from."""

    def __init__(self, base, pieces, settings, where):
        super().__init__()
        self.encoder = BertModel.from_pretrained(
            base, add_pooling_layer=False, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0
        )
        config = self.encoder.config
        counts = np.bincount(pieces, minlength=config.vocab_size)
        self.head = MaskedHead(config.hidden_size, counts, config.layer_norm_eps)
        self.to(where)
        self._pieces = torch.from_numpy(pieces.astype(np.int32)).to(where)
        self._places = torch.arange(settings.window - 2, device=where)
        self._candidates = settings.candidates
        self._mask = Masker(base / "tokenizer.json", settings.mask_share, where)

    def loss(self, starts, generator):
        """Cross-entropy of the masked pieces of the windows that begin at the places `starts` of the news."""
        where = self._pieces.device
        starts = torch.as_tensor(starts).to(where)
        pieces = self._pieces[starts[:, None] + self._places].long()
        ids, chosen = self._mask(pieces, generator)
        targets = _with_specials(pieces)[chosen]
        candidates, targets = _candidates(targets, self._candidates, self.encoder.config.vocab_size, generator)
        with optimise.autocast(where):
            states = self.encoder(input_ids=ids).last_hidden_state[chosen]
            scores = self.head(states, self.encoder.embeddings.word_embeddings, candidates)
        return F.cross_entropy(scores.float(), targets)


def run(news_file, base, out, settings, work, seed):
    """Train the encoder of the folder `base` on the news; write it to `out`.  Returns the card's facts."""
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    where = optimise.device()
    texts = news.load(news_file)
    held_out, order = _order(texts, settings, rng)
    batches = [order[i : i + settings.batch] for i in range(0, len(order), settings.batch)]

    model = MaskedModel(base, texts.pieces, settings, where)
    optimiser = optimise.Optimiser(model.encoder, model.head.parameters(), settings)
    clock = optimise.Clock(len(batches), settings.minutes)
    checkpoint = optimise.Checkpoint(
        work / "pretrain.pt", settings.checkpoint_seconds, model=model, optimiser=optimiser, clock=clock
    )
    checkpoint.resume()
    generator = torch.Generator(where).manual_seed(seed + clock.step)
    print(f"held out: {_held_out(model, held_out)}", flush=True)
    optimise.train(
        "pretrain",
        model,
        loss_of=lambda step: model.loss(batches[step], generator),
        pieces_of=lambda step: len(batches[step]) * settings.window,
        parts=(optimiser, clock, checkpoint),
        settings=settings,
        on_checkpoint=lambda: print(f"held out: {_held_out(model, held_out)}", flush=True),
    )
    loss = _held_out(model, held_out)
    print(f"held out: {loss}", flush=True)
    model.encoder.save_pretrained(out)
    (out / "tokenizer.json").write_bytes((base / "tokenizer.json").read_bytes())
    checkpoint.remove()
    return {
        "steps": clock.step,
        "pieces": clock.step * settings.batch * settings.window,
        "training_minutes": round(clock.seconds() / 60, 1),
        "held_out_loss": loss,
    }


def _order(texts, settings, rng):
    """`(starts of held-out windows by group, starts of all windows of the run)`, mixed by the groups' shares.

    A group that is too small comes round again, cut at other places.
    """
    length, total = settings.window - 2, settings.steps * settings.batch
    held_out, order = {}, []
    for name, share in settings.shares.items():
        begin, end = texts.stretch(name)
        first = begin + settings.held_out * length
        held_out[name] = np.arange(begin, first, length)
        wanted, rounds = round(total * share), []
        while sum(map(len, rounds)) < wanted:
            rounds.append(rng.permutation(np.arange(first + rng.integers(length), end - length, length)))
        order.append(np.concatenate(rounds)[:wanted])
    return held_out, rng.permutation(np.concatenate(order))


def _candidates(targets, count, size, generator):
    """Pieces that the masked places are scored against, and each target's place among them."""
    others = torch.randint(len(vocabulary.SPECIALS), size, (count,), generator=generator, device=targets.device)
    candidates = torch.cat([targets, others]).unique()
    return candidates, torch.searchsorted(candidates, targets)


def _held_out(model, held_out):
    """The loss by group of sources on windows that are never trained on, always masked the same way."""
    model.eval()
    where = optimise.device()
    with torch.no_grad():
        losses = {
            name: model.loss(starts, torch.Generator(where).manual_seed(1)).item() for name, starts in held_out.items()
        }
    model.train()
    return " ".join(f"{name} {loss:.3f}" for name, loss in losses.items())
