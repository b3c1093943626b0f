#!/usr/bin/env python3
"""musamma's date finder beside Python's dateparser, as a table in Markdown.

    pip install -r eval/dates/requirements.txt
    eval/dates/side_by_side.py MUSAMMA DUCKLING NEWS.jsonl...

MUSAMMA is the binary. DUCKLING is a folder of `<language>.jsonl` with Duckling's published phrases (`text`, `value`,
`reference_date`). NEWS are gold files: their dates with a value, of articles with a day, are read by themselves. Phrases
whose value is a clock time, a holiday or an open interval are left out: both tools are asked for days.
"""

import collections
import datetime
import json
import pathlib
import re
import subprocess
import sys

import dateparser

LANGUAGES = ["ar", "fr", "en", "es"]
GRAINS = {"Day": 10, "Week": 10, "Month": 7, "Quarter": 7, "Year": 4}


def duckling(path):
    """Phrases with their reference day and the day, month or year that Duckling gives."""
    for line in path.open(encoding="utf-8"):
        record = json.loads(line)
        found = re.fullmatch(r"datetime \((\d+), (\d+), (\d+), .*\) (\w+)", record["value"])
        if not found or found[4] not in GRAINS:
            continue
        year, month, day = (int(part) for part in found.groups()[:3])
        written = f"{year:04}-{max(month, 1):02}-{max(day, 1):02}"
        yield record["text"], record["reference_date"][:10], (written[: GRAINS[found[4]]],)


def news(path):
    """Dates of articles with the first and the last day of their values, where these are days, months or years."""
    for line in path.open(encoding="utf-8"):
        record = json.loads(line)
        if "date" not in record:
            continue
        for entity in record["entities"]:
            value = entity.get("value", "")
            if entity["label"] == "DATE" and re.fullmatch(r"\d{4}(-\d\d(-\d\d)?)?", value):
                yield record["text"][entity["start"] : entity["end"]], record["date"][:10], (value,)


def ours(musamma, language, cases):
    """The first and the last day of the only date in each phrase."""
    answers = []
    for text, reference, _ in cases:
        command = [musamma, "dates", "--language", language, "--reference-date", reference, text]
        rows = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
        fields = rows[0].split("\t") if len(rows) == 1 else []
        answers.append(fields[2] if len(fields) > 2 else None)
    return answers


def theirs(language, cases, direction):
    answers = []
    for text, reference, _ in cases:
        base = datetime.datetime.fromisoformat(reference)
        settings = {"RELATIVE_BASE": base, "PREFER_DATES_FROM": direction, "PREFER_DAY_OF_MONTH": "first"}
        found = dateparser.parse(text, languages=[language], settings=settings)
        answers.append(found and found.date().isoformat())
    return answers


def right(expected, answer):
    """At the grain that was expected: a month and a year are right by any day of theirs."""
    return answer is not None and answer.startswith(expected)


def elsewhere(expected, answer):
    """The same day of another year, or of another week: what each tool prefers where the phrase leaves it open."""
    if answer is None or len(expected) != 10:
        return answer is not None and len(expected) == 7 and answer[5:7] == expected[5:7]
    days = abs((datetime.date.fromisoformat(answer) - datetime.date.fromisoformat(expected)).days)
    return answer[5:] == expected[5:] or days == 7


def rows(name, cases, columns):
    counts = collections.Counter()
    for column, answers in columns.items():
        for (_, _, (expected,)), answer in zip(cases, answers):
            counts[column, "read"] += answer is not None
            counts[column, "right"] += right(expected, answer)
            counts[column, "or"] += right(expected, answer) or elsewhere(expected, answer)
    percent = lambda part: f"{100 * part / max(len(cases), 1):.0f} %"
    for column in columns:
        cells = [percent(counts[column, kind]) for kind in ("read", "right", "or")]
        print(f"| {name} | {len(cases)} | {column} | {' | '.join(cells)} |")


def main():
    musamma, phrases, *articles = sys.argv[1:]
    print("# musamma's date finder beside dateparser\n")
    print(
        f"dateparser {dateparser.__version__} and `musamma dates` on Duckling's published phrases (BSD) and on the dates of "
        "labelled news, each phrase by itself with its reference day. *Read*: one date was found in it. *Right*: it begins on "
        "the day, in the month or in the year that Duckling or the annotators give. The last column also counts the same day "
        "of another year or week: where a phrase leaves the direction open, Duckling looks ahead, as dateparser is told to "
        "do with its phrases, while musamma reads news and looks back.\n"
    )
    print("Made by `eval/dates/reports`.\n")
    print("| phrases | number | tool | read | right | right, direction aside |\n| --- | --- | --- | --- | --- | --- |")
    for language in LANGUAGES:
        cases = list(dict.fromkeys(duckling(pathlib.Path(phrases) / f"{language}.jsonl")))
        columns = {"musamma": ours(musamma, language, cases), "dateparser": theirs(language, cases, "future")}
        rows(f"Duckling, {language}", cases, columns)
    for path in map(pathlib.Path, articles):
        cases = list(dict.fromkeys(news(path)))
        if not cases:
            continue
        language = json.loads(path.open(encoding="utf-8").readline())["lang"]
        columns = {"musamma": ours(musamma, language, cases), "dateparser": theirs(language, cases, "past")}
        rows(f"news, {path.stem}", cases, columns)


if __name__ == "__main__":
    main()
