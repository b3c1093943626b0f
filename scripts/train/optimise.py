"""What pretraining and fine-tuning share: device, optimiser, learning-rate schedule, checkpoints."""

import os
import time

import torch

_NO_DECAY = ("bias", "LayerNorm")


def device():
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def autocast(where):
    """Matrix products in bf16, which a GPU does many times and a CPU with AVX-512 BF16 a fifth faster than in f32."""
    return torch.autocast(where.type, dtype=torch.bfloat16)


class Optimiser:
    """AdamW for the layers, SparseAdam for the word embeddings.

    A batch touches a few hundred of the 64,000 rows; with a sparse gradient a step does not walk over the others.
    `head` are the parameters of the newly made head, which learn `head_factor` times as fast.
    """

    def __init__(self, encoder, head, settings):
        embedding = encoder.embeddings.word_embeddings
        embedding.sparse = True
        layers = [(name, p) for name, p in encoder.named_parameters() if p is not embedding.weight]
        decay = [p for name, p in layers if not any(part in name for part in _NO_DECAY)]
        plain = [p for name, p in layers if any(part in name for part in _NO_DECAY)]
        head = list(head)
        rate = settings.learning_rate
        self._clipped = decay + plain + head
        self._dense = torch.optim.AdamW(
            [
                {"params": decay, "weight_decay": settings.weight_decay, "factor": 1.0},
                {"params": plain, "weight_decay": 0.0, "factor": 1.0},
                {"params": head, "weight_decay": 0.0, "factor": settings.head_factor},
            ],
            lr=rate,
            betas=(0.9, settings.beta2),
        )
        self._sparse = torch.optim.SparseAdam([embedding.weight], lr=rate, betas=(0.9, settings.beta2))
        self._sparse.param_groups[0]["factor"] = 1.0
        self._rate = rate

    def step(self, loss, share):
        """One step at `share` of the full learning rate."""
        for optimiser in (self._dense, self._sparse):
            optimiser.zero_grad(set_to_none=True)
            for group in optimiser.param_groups:
                group["lr"] = self._rate * share * group["factor"]
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self._clipped, 1.0)
        self._dense.step()
        self._sparse.step()

    def state_dict(self):
        return {"dense": self._dense.state_dict(), "sparse": self._sparse.state_dict()}

    def load_state_dict(self, state):
        self._dense.load_state_dict(state["dense"])
        self._sparse.load_state_dict(state["sparse"])


def schedule(progress, warm_up, floor=0.02):
    """Share of the full learning rate: a linear rise over the first `warm_up` of the run, then a linear fall."""
    return min((progress + 1e-4) / warm_up, max(floor, (1 - progress) / (1 - warm_up)), 1.0)


class Clock:
    """How far a run is, by its steps or by its minutes, whichever is further; the minutes of earlier runs count."""

    def __init__(self, steps, minutes):
        self.step = 0
        self._steps, self._seconds, self._before = steps, minutes * 60, 0.0
        self._start = time.monotonic()

    def seconds(self):
        return self._before + time.monotonic() - self._start

    def progress(self):
        return min(1.0, max(self.step / self._steps, self.seconds() / self._seconds))

    def state_dict(self):
        return {"step": self.step, "seconds": self.seconds()}

    def load_state_dict(self, state):
        self.step, self._before = state["step"], state["seconds"]
        self._start = time.monotonic()


class Checkpoint:
    """The state of a run, in one file that is replaced whole; a run that was cut off goes on from it."""

    def __init__(self, path, every_seconds, **parts):
        self._path, self._every, self._parts = path, every_seconds, parts
        self._last = time.monotonic()

    def resume(self):
        if self._path.exists():
            state = torch.load(self._path, weights_only=True, map_location="cpu")
            for name, part in self._parts.items():
                part.load_state_dict(state[name])
            print(f"going on from {self._path}", flush=True)

    def save_if_due(self):
        """Whether it was due and saved."""
        due = time.monotonic() - self._last >= self._every
        if due:
            self.save()
        return due

    def save(self):
        new = self._path.with_suffix(".new")
        torch.save({name: part.state_dict() for name, part in self._parts.items()}, new)
        os.replace(new, self._path)
        self._last = time.monotonic()

    def remove(self):
        self._path.unlink(missing_ok=True)


def train(stage, model, batches, loss_of, pieces_of, parts, settings, on_checkpoint=lambda: None):
    """Train on the batches from where `parts`, the optimiser, clock and checkpoint, are, until the clock is out."""
    optimiser, clock, checkpoint = parts
    model.train()
    started, losses, pieces = time.monotonic(), [], 0
    while clock.progress() < 1:
        batch = batches[clock.step]
        loss = loss_of(batch)
        optimiser.step(loss, schedule(clock.progress(), settings.warm_up))
        clock.step += 1
        losses.append(loss.item())
        pieces += pieces_of(batch)
        if clock.step % settings.log_steps == 0:
            speed, mean = pieces / (time.monotonic() - started), sum(losses) / len(losses)
            print(f"{stage} step {clock.step} loss {mean:.4f} {speed:.0f} pieces/s {clock.progress():.1%}", flush=True)
            losses.clear()
        if checkpoint.save_if_due():
            on_checkpoint()
