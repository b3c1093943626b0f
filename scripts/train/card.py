"""`MODEL.md` and `SHA256SUMS`, from the facts that the stages left."""

import dataclasses
import hashlib
import json
from pathlib import Path

import corpora
import labels
import score
import windows

_TEXT = """# {name}

A token classifier for news in Arabic, French, English and Spanish: PER, CITY, LOC, ORG, DATE, with labels for Arabic
proclitics (`B-CITY@1`: the name begins after one letter).  `BertForTokenClassification`, {layers} layers × {hidden},
{pieces} pieces, {count} labels, weights f16.  Licence of the weights: MIT, as the encoder they come from.

## Data
- Encoder: multilingual-e5-small (MIT), from a 4-bit form; its vocabulary cut to pieces of Latin and Arabic script that
  news of the four languages holds, and a piece for the line break added.
- Unlabelled news: {texts}.
- Gold labelled for this project: {gold}.  Those named “more” are articles of the unlabelled news; their labels, and
  corrections of {mended} of the other articles, are in `scripts/train/standoff`, without text.
- Public corpora, of which a part was read, with partial labels: ANERcorp (CC BY-SA 4.0), AQMAR (CC BY-SA 3.0),
  WiNER (CC BY 4.0), KIND Wikinews (CC BY), Universal NER (CC BY-SA 3.0 and 4.0), WikiGold (CC BY 4.0), GermEval 2014
  (CC BY 4.0).
- Names for augmentation: GeoNames and Wikidata cities (CC BY 4.0), Unicode CLDR territories, Moroccan, Algerian and
  Tunisian communes, persons' names of mixed sources (MIT in part).

The texts are their publishers'; none is in the repository.  Dev sets and the five articles were never trained on.

## Steps
{steps}

Everything is in `scripts/train`; the recipe of this run was

```text
{recipe}
```

Decoding behind the scores: windows of {window} pieces between `<s>` and `</s>` at a stride of {stride};
log-probabilities of a word in several windows averaged, weighted down towards a window's edge; best legal label path,
`I-` only after its own type and on the same line, `@n` only on words that begin with n proclitic letters.

## Scores
Strict F1 (span and label), in brackets the 95 % bootstrap interval over articles and the number of gold entities.

{table}

These are the weights by themselves, dates included.  `eval/reports/model.md` has the scores of the whole program, which
joins dates found by rule.

An entity's score is the geometric mean of the probabilities of its words' labels; one temperature ({temperature:.2f}),
fitted on held-out training articles, is folded into the classifier.

| set | expected calibration error | precision at score ≥ {sure} | recall |
| --- | --- | --- | --- |
{calibration}
"""

_ROBUSTNESS = """
## Articles as they also look
F1 lost on variants of the dev sets, in points.

| set | variants |
| --- | --- |
{rows}
"""


def write(out, name, recipe, facts, folder):
    """Write the card of the model in `out`; `facts` are the stages' by name."""
    config = json.loads((out / "config.json").read_text(encoding="utf-8"))
    scores = facts["model"]["scores"]
    window = recipe.variants.window
    text = _TEXT.format(
        name=name,
        layers=config["num_hidden_layers"],
        hidden=config["hidden_size"],
        pieces=f"{config['vocab_size']:,}",
        count=len(config["id2label"]),
        texts=_texts(folder, facts),
        gold=", ".join(f"{stem} ({len(articles)})" for stem, articles in corpora.training(folder).items()),
        mended=len(corpora.mended()),
        steps="\n".join(_step(stage, of_stage) for stage, of_stage in _flat(facts)),
        recipe="\n".join(_recipe(recipe, facts)),
        window=window,
        stride=windows.stride(window),
        table=_table(scores),
        temperature=facts["model"]["temperature"],
        sure=score.SURE,
        calibration="\n".join(_calibration(stem, one) for stem, one in scores.items()),
    )
    if "robustness" in facts:
        text += _ROBUSTNESS.format(rows="\n".join(_losses(stem, f1) for stem, f1 in facts["robustness"]["f1"].items()))
    notes = Path(__file__).with_name(f"notes-{name}.md")
    if notes.exists():
        text += "\n" + notes.read_text(encoding="utf-8")
    (out / "MODEL.md").write_text(text, encoding="utf-8")
    names = sorted(path.name for path in out.iterdir() if path.name != "SHA256SUMS")
    sums = [f"{hashlib.sha256((out / file).read_bytes()).hexdigest()}  {file}\n" for file in names]
    (out / "SHA256SUMS").write_text("".join(sums), encoding="utf-8")


def _texts(folder, facts):
    sources = ", ".join(path.name.removesuffix(".jsonl.xz") for path in corpora.text_files(folder))
    before = facts["base"].get("from")
    return f"for masked-language-model training{f' of {before}' if before else ''}, from {sources}"


def _recipe(recipe, facts):
    """One line a stage of this run."""
    made_by = {"vocabulary": "base", "finetune": "teachers", "teach": "labels", "student": "students"}
    for stage, numbers in dataclasses.asdict(recipe).items():
        if made_by.get(stage, stage) not in facts or (stage == "vocabulary" and "from" in facts["base"]):
            continue
        yield f"{stage}: {json.dumps(numbers, ensure_ascii=False)}"


def _flat(facts):
    """`(stage, its facts)`, with each teacher and student a stage of its own."""
    for stage, of_stage in facts.items():
        if stage in ("teachers", "students"):
            yield from of_stage.items()
        else:
            yield stage, of_stage


def _step(stage, facts):
    plain = {key: value for key, value in facts.items() if not isinstance(value, dict)}
    return f"- **{stage}**: " + ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in plain.items())


def _table(scores):
    columns = ["micro", *labels.TYPES]
    rows = ["| set | " + " | ".join(columns) + " | P | R |", "| --- |" + " --- |" * (len(columns) + 2)]
    for stem, one in scores.items():
        cells = [_cell(one[column]) for column in columns]
        cells += [score.percent(one["micro"][key]) for key in ("precision", "recall")]
        rows.append(f"| {stem} | " + " | ".join(cells) + " |")
    return "\n".join(rows)


def _cell(one):
    if one["f1"] is None:
        return "–"
    low, high = map(score.percent, one["interval"])
    return f"{score.percent(one['f1'])} ({low}–{high}; {one['support']})"


def _calibration(stem, one):
    values = (one["calibration_error"], one["sure"]["precision"], one["sure"]["recall"])
    return f"| {stem} | " + " | ".join(map(score.percent, values)) + " |"


def _losses(stem, f1):
    whole = f1["as it is"]
    losses = [f"{name.replace('_', ' ')} {100 * (whole - one):.1f}" for name, one in f1.items() if name != "as it is"]
    return f"| {stem} ({score.percent(whole)}) | " + ", ".join(losses) + " |"
