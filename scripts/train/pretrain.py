"""Continued masked-language-model training of the encoder on unlabelled news.

It teaches the encoder the language of news and mends what the 4-bit form lost.  Whole words are masked.  The head
scores a masked piece against a sample of the vocabulary: the pieces of the batch and random others, which costs a
twentieth of the encoder instead of a third, and keeps the gradient of the tied word embeddings sparse.
"""

import random

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F
from transformers import BertModel

import corpora
import optimise
import vocabulary
import windows


class News:
    """The tokenised news: all pieces in one array, and starts of windows in it by group of sources."""

    def __init__(self, folder, tokenizer_json, settings, cache):
        self.length = settings.window - 2
        if not cache.exists():
            _tokenise(folder, tokenizer_json, settings, cache)
        stored = np.load(cache)
        self.pieces = stored["pieces"]
        self.groups = {name: _starts(stored[f"articles-{name}"], self.length) for name in settings.shares}

    def windows(self, starts):
        return torch.from_numpy(np.stack([self.pieces[s : s + self.length] for s in starts]).astype(np.int64))


def _tokenise(folder, tokenizer_json, settings, cache):
    tokenizer = vocabulary.open_tokenizer(tokenizer_json)
    arrays, articles, position = [], {name: [] for name in settings.shares}, 0
    for path in corpora.text_files(folder):
        group = _group(path, settings)
        texts = corpora.news_texts(path, settings.articles_per_file)
        for i in range(0, len(texts), 256):
            for encoding in tokenizer.encode_batch_fast(texts[i : i + 256], add_special_tokens=False):
                arrays.append(np.array(encoding.ids, np.int32))
                articles[group].append((position, position + len(encoding.ids)))
                position += len(encoding.ids)
        print(f"{path.name}: {len(texts)} articles, {position / 1e6:.1f} M pieces so far", flush=True)
    np.savez(
        cache,
        pieces=np.concatenate(arrays),
        **{f"articles-{k}": np.array(v).reshape(-1, 2) for k, v in articles.items()},
    )


def _group(path, settings):
    source = path.name.removesuffix(".jsonl.xz")
    return "ar-morocco" if source in settings.moroccan else corpora.language(path)


def _starts(articles, length):
    """Starts of the windows that cover the articles; an article's last window ends where the article ends."""
    starts = []
    for begin, end in articles:
        if end - begin >= length:
            starts += [*range(begin, end - length, length), end - length]
    return starts


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

    def __init__(self, tokenizer_json, share):
        tokenizer = vocabulary.open_tokenizer(tokenizer_json)
        size = tokenizer.get_vocab_size()
        begins = (vocabulary.SPACE, vocabulary.LINE_BREAK)
        self._begins = torch.tensor([tokenizer.id_to_token(i).startswith(begins) for i in range(size)])
        self._mask, self._size, self._share = tokenizer.token_to_id(vocabulary.MASK), size, share

    def __call__(self, pieces, generator):
        """`(input ids with specials, chosen places)` for windows `pieces` `[batch, length]`."""
        batch, length = pieces.shape
        word = self._begins[pieces].cumsum(1)
        draw = torch.rand(batch, length + 1, generator=generator).gather(1, word)
        chosen = draw < self._share
        kind = torch.rand(batch, length + 1, generator=generator).gather(1, word)
        random_pieces = torch.randint(len(vocabulary.SPECIALS), self._size - 2, pieces.shape, generator=generator)
        hidden = torch.where(chosen & (kind < 0.8), self._mask, pieces)
        hidden = torch.where(chosen & (kind >= 0.9), random_pieces, hidden)
        return _with_specials(hidden), F.pad(chosen, (1, 1))


def _with_specials(pieces):
    return F.pad(F.pad(pieces, (1, 0), value=windows.BOS), (0, 1), value=windows.EOS)


class MaskedModel(nn.Module):
    """The encoder with its head for masked pieces."""

    def __init__(self, base, news, settings):
        super().__init__()
        self.encoder = BertModel.from_pretrained(base, add_pooling_layer=False, attention_probs_dropout_prob=0.0)
        config = self.encoder.config
        counts = np.bincount(news.pieces, minlength=config.vocab_size)
        self.head = MaskedHead(config.hidden_size, counts, config.layer_norm_eps)
        self._news, self._candidates = news, settings.candidates
        self._mask = Masker(base / "tokenizer.json", settings.mask_share)

    def loss(self, starts, generator):
        """Cross-entropy of the masked pieces of the news windows that begin at `starts`."""
        where = next(self.parameters()).device
        pieces = self._news.windows(starts)
        ids, chosen = self._mask(pieces, generator)
        targets = _with_specials(pieces)[chosen]
        candidates, targets = _candidates(targets, self._candidates, self.encoder.config.vocab_size, generator)
        ids, chosen, candidates, targets = (tensor.to(where) for tensor in (ids, chosen, candidates, targets))
        with optimise.autocast(where):
            states = self.encoder(input_ids=ids).last_hidden_state[chosen]
            scores = self.head(states, self.encoder.embeddings.word_embeddings, candidates)
        return F.cross_entropy(scores.float(), targets)


def run(folder, base, out, settings, work, seed):
    """Train the encoder of the folder `base` on the news in `folder`; write it to `out`.  Returns the card's facts."""
    rng = random.Random(seed)
    torch.manual_seed(seed)
    news = News(folder, base / "tokenizer.json", settings, work / "news.npz")
    held_out = {
        name: [starts.pop(rng.randrange(len(starts))) for _ in range(settings.held_out)]
        for name, starts in news.groups.items()
    }
    order = _order(news.groups, settings, rng)
    batches = [order[i : i + settings.batch] for i in range(0, len(order), settings.batch)]

    model = MaskedModel(base, news, settings).to(optimise.device())
    optimiser = optimise.Optimiser(model.encoder, model.head.parameters(), settings)
    clock = optimise.Clock(len(batches), settings.minutes)
    checkpoint = optimise.Checkpoint(
        work / "pretrain.pt", settings.checkpoint_seconds, model=model, optimiser=optimiser, clock=clock
    )
    checkpoint.resume()
    generator = torch.Generator().manual_seed(seed + clock.step)
    optimise.train(
        "pretrain",
        model,
        batches,
        loss_of=lambda batch: model.loss(batch, generator),
        pieces_of=lambda batch: len(batch) * settings.window,
        parts=(optimiser, clock, checkpoint),
        settings=settings,
        on_checkpoint=lambda: print(f"held out: {_held_out(model, held_out)}", flush=True),
    )
    loss = _held_out(model, held_out)
    model.encoder.save_pretrained(out)
    (out / "tokenizer.json").write_bytes((base / "tokenizer.json").read_bytes())
    checkpoint.remove()
    return {
        "steps": clock.step,
        "pieces": clock.step * settings.batch * settings.window,
        "training_minutes": round(clock.seconds() / 60),
        "held_out_loss": loss,
    }


def _order(groups, settings, rng):
    """Starts of all windows of the run, mixed by the groups' shares; a group that is too small comes round again."""
    total = settings.steps * settings.batch
    order = []
    for name, share in settings.shares.items():
        wanted, rounds = round(total * share), []
        while len(rounds) < wanted:
            rounds += rng.sample(groups[name], len(groups[name]))
        order += rounds[:wanted]
    rng.shuffle(order)
    return order


def _candidates(targets, count, size, generator):
    """Pieces that the masked places are scored against, and each target's place among them."""
    others = torch.randint(len(vocabulary.SPECIALS), size, (count,), generator=generator)
    candidates = torch.cat([targets, others]).unique()
    return candidates, torch.searchsorted(candidates, targets)


def _held_out(model, held_out):
    """The loss by group of sources on windows that are never trained on, always masked the same way."""
    model.eval()
    with torch.no_grad():
        losses = {
            name: model.loss(starts, torch.Generator().manual_seed(1)).item() for name, starts in held_out.items()
        }
    model.train()
    return " ".join(f"{name} {loss:.3f}" for name, loss in losses.items())
