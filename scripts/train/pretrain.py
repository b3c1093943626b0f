"""Continued masked-language-model training of the encoder on unlabelled news.

It teaches the encoder the language of news and mends what the 4-bit form lost.  Whole words are masked.  The head scores
a masked piece against a sample of the vocabulary: the pieces of the batch and random others, which costs a twentieth of
the encoder instead of a third, and keeps the gradient of the tied word embeddings sparse.
"""

import random
import time

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F
from transformers import BertModel

import corpora
import optimise
import vocabulary

_BOS, _EOS = 0, 2


class News:
    """The tokenised news: all pieces in one array, and windows into it by group of sources."""

    def __init__(self, folder, tokenizer_json, settings, cache):
        self.length = settings.window - 2
        if not cache.exists():
            _tokenise(folder, tokenizer_json, settings, cache)
        stored = np.load(cache)
        self.pieces = stored["pieces"]
        self.groups = {name: _windows(stored[f"articles-{name}"], self.length) for name in settings.shares}

    def counts(self):
        return np.bincount(self.pieces)

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
    np.savez(cache, pieces=np.concatenate(arrays), **{f"articles-{k}": np.array(v).reshape(-1, 2) for k, v in articles.items()})


def _group(path, settings):
    source = path.name.removesuffix(".jsonl.xz")
    return "ar-morocco" if source in settings.moroccan else corpora.language(path)


def _windows(articles, length):
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
    return F.pad(F.pad(pieces, (1, 0), value=_BOS), (0, 1), value=_EOS)


def run(folder, base, out, settings, work, seed):
    """Train the encoder in `base` on the news in `folder`; write the adapted encoder to `out`.  Returns the facts for the model card."""
    rng, generator = random.Random(seed), torch.Generator().manual_seed(seed)
    torch.manual_seed(seed)
    where = optimise.device()
    tokenizer_json = base / "tokenizer.json"
    news = News(folder, tokenizer_json, settings, work / "news.npz")
    encoder = BertModel.from_pretrained(base, add_pooling_layer=False, attention_probs_dropout_prob=0.0).to(where)
    embedding = encoder.embeddings.word_embeddings
    counts = np.pad(news.counts(), (0, encoder.config.vocab_size))[: encoder.config.vocab_size]
    head = MaskedHead(encoder.config.hidden_size, counts, encoder.config.layer_norm_eps).to(where)
    masker = Masker(tokenizer_json, settings.mask_share)
    optimiser = optimise.Optimiser(encoder, head.parameters(), settings)

    held_out = {name: [starts.pop(rng.randrange(len(starts))) for _ in range(settings.held_out)] for name, starts in news.groups.items()}
    order = _order(news.groups, settings, rng)
    clock = optimise.Clock(len(order) // settings.batch, settings.minutes)
    checkpoint = optimise.Checkpoint(
        work / "pretrain.pt", settings.checkpoint_seconds, encoder=encoder, head=head, optimiser=optimiser, clock=clock
    )
    checkpoint.resume()

    def loss_of(starts, generator):
        pieces = news.windows(starts)
        ids, chosen = masker(pieces, generator)
        targets = _with_specials(pieces)[chosen]
        candidates, target_index = _candidates(targets, settings.candidates, len(counts), generator)
        ids, chosen, candidates, target_index = (t.to(where) for t in (ids, chosen, candidates, target_index))
        with optimise.autocast(where):
            states = encoder(input_ids=ids).last_hidden_state[chosen]
            scores = head(states, embedding, candidates)
        return F.cross_entropy(scores.float(), target_index)

    encoder.train()
    started, first, losses = time.monotonic(), clock.step, []
    while clock.progress() < 1:
        batch = order[clock.step * settings.batch : (clock.step + 1) * settings.batch]
        loss = loss_of(batch, generator)
        optimiser.step(loss, optimise.schedule(clock.progress(), settings.warm_up))
        losses.append(loss.item())
        clock.step += 1
        if clock.step % settings.log_steps == 0:
            speed = (clock.step - first) * settings.batch * settings.window / (time.monotonic() - started)
            print(f"pretrain step {clock.step} loss {np.mean(losses):.3f} {speed:.0f} pieces/s {clock.progress():.1%}", flush=True)
            losses.clear()
        if checkpoint.save_if_due():
            print(f"held out: {_held_out(encoder, loss_of, held_out)}", flush=True)
    held_out_loss = _held_out(encoder, loss_of, held_out)
    print(f"held out: {held_out_loss}", flush=True)
    encoder.save_pretrained(out)
    (out / "tokenizer.json").write_bytes(tokenizer_json.read_bytes())
    checkpoint.remove()
    return {"steps": clock.step, "pieces": clock.step * settings.batch * settings.window, "held_out_loss": held_out_loss}


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


def _held_out(encoder, loss_of, held_out):
    encoder.eval()
    with torch.no_grad():
        losses = {name: loss_of(starts, torch.Generator().manual_seed(1)).item() for name, starts in held_out.items()}
    encoder.train()
    return " ".join(f"{name} {loss:.3f}" for name, loss in losses.items())
