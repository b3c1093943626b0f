"""What pretraining and fine-tuning share: device, optimiser, learning-rate schedule, checkpoints."""

import os
import time

import torch
from torch.optim import swa_utils

_NO_DECAY = ("bias", "LayerNorm")


def device():
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def autocast(where):
    """Matrix products in bf16, which a GPU does many times and a CPU with AVX-512 BF16 a fifth faster than in f32."""
    return torch.autocast(where.type, dtype=torch.bfloat16)


class Optimiser:
    """AdamW; on a CPU SparseAdam for the word embeddings.

    There a batch touches a few hundred of the 64,000 rows; with a sparse gradient a step does not walk over the others.
    `head` are the parameters of the newly made head, which learn `head_factor` times as fast.
    """

    def __init__(self, encoder, head, settings):
        embedding = encoder.embeddings.word_embeddings
        on_gpu = embedding.weight.is_cuda
        embedding.sparse = not on_gpu
        layers = [(name, p) for name, p in encoder.named_parameters() if p is not embedding.weight]
        decay = [p for name, p in layers if not any(part in name for part in _NO_DECAY)]
        plain = [p for name, p in layers if any(part in name for part in _NO_DECAY)]
        head = list(head)
        rate = settings.learning_rate
        if on_gpu:
            plain.append(embedding.weight)
        self._clipped = decay + plain + head
        dense = torch.optim.AdamW(
            [
                {"params": decay, "weight_decay": settings.weight_decay, "factor": 1.0},
                {"params": plain, "weight_decay": 0.0, "factor": 1.0},
                {"params": head, "weight_decay": 0.0, "factor": settings.head_factor},
            ],
            lr=rate,
            betas=(0.9, settings.beta2),
            fused=on_gpu,
        )
        self._optimisers = [dense]
        if not on_gpu:
            sparse = torch.optim.SparseAdam([embedding.weight], lr=rate, betas=(0.9, settings.beta2))
            sparse.param_groups[0]["factor"] = 1.0
            self._optimisers.append(sparse)
        self._rate = rate

    def step(self, loss, share):
        """One step at `share` of the full learning rate."""
        for optimiser in self._optimisers:
            optimiser.zero_grad(set_to_none=True)
            for group in optimiser.param_groups:
                group["lr"] = self._rate * share * group["factor"]
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self._clipped, 1.0)
        for optimiser in self._optimisers:
            optimiser.step()

    def state_dict(self):
        return {"optimisers": [optimiser.state_dict() for optimiser in self._optimisers]}

    def load_state_dict(self, state):
        for optimiser, kept in zip(self._optimisers, state["optimisers"], strict=True):
            optimiser.load_state_dict(kept)


def average(model, decay):
    """A copy of the model that follows it as the exponential moving average of its weights."""
    return swa_utils.AveragedModel(model, multi_avg_fn=swa_utils.get_ema_multi_avg_fn(decay))


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


def train(stage, model, loss_of, pieces_of, parts, settings, on_step=lambda: None, on_checkpoint=lambda: None):
    """Train until the clock is out; `loss_of` and `pieces_of` take the number of the step.

    `parts` are the optimiser, the clock and the checkpoint.
    """
    optimiser, clock, checkpoint = parts
    model.train()
    started, losses, pieces = time.monotonic(), [], 0
    while clock.progress() < 1:
        loss = loss_of(clock.step)
        pieces += pieces_of(clock.step)
        optimiser.step(loss, schedule(clock.progress(), settings.warm_up))
        on_step()
        clock.step += 1
        losses.append(loss.detach())
        if clock.step % settings.log_steps == 0:
            mean = torch.stack(losses).mean().item()
            speed = pieces / (time.monotonic() - started)
            print(f"{stage} step {clock.step} loss {mean:.4f} {speed:.0f} pieces/s {clock.progress():.1%}", flush=True)
            losses.clear()
        if checkpoint.save_if_due():
            on_checkpoint()
