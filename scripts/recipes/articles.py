"""Writes invented articles for scripts/test-recipes: a folder, JSONL, and Parquet with several row groups."""

import json
from pathlib import Path

import pyarrow
import pyarrow.parquet

PARTS = [
    "زار منير ليموري طنجة",
    "استقبل وفد MedCities في مونبلييه",
    "👍 قال Mounir Limouri إن وبطنجة",
    "انضمت لليونسكو",
    "“a”, b\nc",
]

articles = []
for number in range(60):
    parts = [PARTS[(number * step + step) % len(PARTS)] for step in (1, 2, 3)]
    articles.append({"id": f"{number:02}.txt", "text": f"مقال {number}. " + "؛ ".join(parts)})
articles.append({"id": "60.txt", "text": articles[0]["text"]})
Path("articles").mkdir()
for article in articles:
    Path("articles", article["id"]).write_text(article["text"], encoding="utf-8")
with open("articles.jsonl", "w", encoding="utf-8") as lines:
    for article in articles:
        lines.write(json.dumps(article, ensure_ascii=False) + "\n")
Path("articles.parquet").mkdir()
for part in range(4):
    table = pyarrow.Table.from_pylist(articles[part * 16 : (part + 1) * 16])
    pyarrow.parquet.write_table(table, f"articles.parquet/{part}.parquet")
