"""The model folder: calibrated weights in f16, configuration, tokenizer, and the scores of exactly these weights."""

import json

from safetensors.torch import load_file, save_file
from transformers import BertForTokenClassification

import calibrate
import corpora
import decode
import finetune
import score
import windows

_LIMIT = 95 * 10**6
_PRIVATE = ("transformers_version", "_name_or_path")


def run(folder, tuned, out, settings, predictions):
    """Write the model of `tuned` to `out`, score it on dev sets and the five articles; returns the card's facts."""
    model = BertForTokenClassification.from_pretrained(tuned).eval()
    tokenizer = windows.Tokenizer(tuned / "tokenizer.json")
    decoder = decode.Decoder(model, tokenizer, settings.window, windows.stride(settings.window))
    held_out = [
        a for articles in corpora.training(folder).values() for a in corpora.split(articles, settings.held_out_every)[1]
    ]
    temperature = calibrate.temperature(decoder, held_out[: settings.articles_per_file])
    calibrate.fold(model, temperature)

    weights = out / "model.safetensors"
    save_file(
        {name: tensor.half().contiguous() for name, tensor in model.state_dict().items()},
        weights,
        metadata={"format": "pt"},
    )
    size = weights.stat().st_size
    if size > _LIMIT:
        raise ValueError(
            f"model.safetensors has {size / 1e6:.0f} MB, not at most {_LIMIT / 1e6:.0f} MB: cut the vocabulary further"
        )
    config = {key: value for key, value in model.config.to_dict().items() if key not in _PRIVATE}
    config.update(architectures=[type(model).__name__], dtype="float16")
    (out / "config.json").write_text(json.dumps(config, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    finetune.copy_tokenizer(tuned, out)

    model.load_state_dict(load_file(weights))
    predictions.mkdir(exist_ok=True)
    sets = corpora.gold(folder, "articles") | {
        name: articles[: settings.articles_per_file] for name, articles in corpora.gold(folder, "dev-").items()
    }
    return {"temperature": temperature, "scores": score.evaluate(decoder, sets, predictions)}
