#!/usr/bin/env python3
"""Writes the files of this folder: one article or a few in every format that is read.

    pip install pyarrow zstandard && tests/inputs/make.py

The texts are invented. `tests/cli/inputs.rs` reads the files.
"""

import csv, gzip, io, json, tarfile, zipfile
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

HERE = Path(__file__).parent
ARABIC = "زار منير ليموري مدينة طنجة أمس، وأكد أن التعاون بين الجماعات قائم منذ سنوات.\r\n"
FRENCH = "Mounir Limouri a été reçu à l’hôtel de ville ; la cérémonie s’est achevée très tôt, à côté du théâtre.\n"
PARAGRAPH = "استقبل منير ليموري عمدة طنجة وفدا رسميا عن مدينة مونبلييه، وذلك في إطار التعاون بين المدينتين منذ سنوات طويلة. "


def page(charset="utf-8"):
    data = {"@context": "https://schema.org", "@graph": [
        {"@type": "Organization", "name": "جريدة"},
        {"@type": "NewsArticle", "headline": "عمدة طنجة يستقبل وفدا", "datePublished": "2024-04-24T09:00:00+01:00"}]}
    body = "".join(f"<p>{PARAGRAPH * 2}</p>\n" for _ in range(3))
    return f"""<!DOCTYPE html>
<html lang="ar" dir="rtl"><head><meta charset="{charset}"><title>عمدة طنجة يستقبل وفدا - جريدة</title>
<meta property="og:site_name" content="جريدة">
<script type="application/ld+json">{json.dumps(data)}</script></head>
<body><nav><a href="/">الرئيسية</a> <a href="/sport">رياضة MedCities</a></nav>
<article><h1>عمدة طنجة يستقبل وفدا</h1>
{body}</article>
<section id="respond" class="comment-form"><h3>اترك رد</h3><p>لن يتم نشر عنوان بريدك الإلكتروني.</p></section>
<footer>جميع الحقوق محفوظة MedCities</footer></body></html>
"""


def write(name, data):
    (HERE / name).write_bytes(data if isinstance(data, bytes) else data.encode())


def gz(data):
    return gzip.compress(data if isinstance(data, bytes) else data.encode(), mtime=0)


def lines(*records):
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)


write("windows-1256.txt", ARABIC.encode("cp1256"))
write("iso-8859-6.txt", ARABIC.encode("iso-8859-6"))
write("windows-1252.txt", FRENCH.encode("cp1252"))
write("utf-16.txt", ("\ufeff" + ARABIC).encode("utf-16-le"))
write("utf-8.txt.gz", gz(ARABIC))
write("page.html", page())
write("page-windows-1256.htm", page("windows-1256").encode("cp1256"))
write("note.md", f"""---
title: زيارة
date: 2024-04-24
---
# زيارة **طنجة**

زار [منير ليموري](https://example.com/Mounir-Limouri "MedCities") المدينة أمس.

```
MedCities
```
""")

records = [{"id": 123456789012345678901234, "text": ARABIC, "date": "2024-04-24"}, {"id": "b", "text": FRENCH, "lang": "fr-FR"}]
write("dump.jsonl.zst", zstandard.compress(lines({"id": "zst-1", "text": ARABIC}, {"id": "zst-2", "text": FRENCH}).encode()))
write("dump.json", json.dumps(records, ensure_ascii=False, indent=1))
write("part-00000.json.gz", gz(lines({"id": "part-1", "text": ARABIC}, {"id": "part-2", "text": FRENCH})))

table = io.StringIO()
rows = csv.writer(table, delimiter=";", lineterminator="\r\n")
rows.writerows([["id", "date", "text"], ["csv-1", "2024-04-24", FRENCH], ["csv-2", "24 avril", "Réunion ; \"Mounir\nLimouri\""]])
write("table.csv", table.getvalue().encode("cp1252"))
write("table.tsv.gz", gz("lang\ttext\nar\tزار الوفد طنجة\nar\tsecond\tthird\nar\tMounir Limouri\n"))

archive = io.BytesIO()
with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as bundle:
    def add(name, data):
        bundle.writestr(zipfile.ZipInfo(name, (2024, 4, 24, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
    add("inner/name.txt", ARABIC)
    add("inner/windows.txt", ARABIC.encode("cp1256"))
    add("page.html", page())
    add("dump.jsonl", lines({"text": ARABIC}, {"id": "zip-2", "text": FRENCH}))
    add("broken.txt", b"\0\1\2")
    add("bomb.txt", b" " * (20 << 20))
    add("picture.png", b"png")
    add("again.zip", b"PK")
write("archive.zip", archive.getvalue())

archive = io.BytesIO()
with tarfile.open(fileobj=archive, mode="w") as bundle:
    for name, data in [("./a/one.txt", ARABIC.encode()), ("two.txt.gz", gz(ARABIC)), ("three.png", b"png")]:
        member = tarfile.TarInfo(name)
        member.size = len(data)
        bundle.addfile(member, io.BytesIO(data))
write("archive.tar.gz", gz(archive.getvalue()))


def warc(kind, uri, content_type, block):
    head = f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {uri}\r\nWARC-Date: 2024-05-01T00:00:00Z\r\n"
    head += f"WARC-Record-ID: <urn:uuid:00000000-0000-0000-0000-000000000000>\r\nContent-Type: {content_type}\r\n"
    return gz(head.encode() + f"Content-Length: {len(block)}\r\n\r\n".encode() + block + b"\r\n\r\n")


def response(status, content_type, body, *headers):
    head = [f"HTTP/1.1 {status}", f"Content-Type: {content_type}", *headers]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


HTTP = "application/http; msgtype=response"
chunked = gz(page().replace('<meta charset="utf-8">', ""))
chunked = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in [chunked[:100], chunked[100:], b""])
plain = response("200 OK", "text/plain; charset=windows-1256", ARABIC.encode("cp1256"))
write("crawl.warc.gz", b"".join([
    warc("warcinfo", "", "application/warc-fields", b"software: none\r\n"),
    warc("request", "https://example.com/1", "application/http; msgtype=request", b"GET /1 HTTP/1.1\r\n\r\n"),
    warc("response", "https://example.com/1", HTTP, response(
        "200 OK", "text/html; charset=UTF-8", chunked, "Transfer-Encoding: chunked", "Content-Encoding: gzip")),
    warc("response", "https://example.com/2", HTTP, plain),
    warc("response", "https://example.com/2", HTTP, plain),
    warc("response", "https://example.com/logo.png", HTTP, response("200 OK", "image/png", b"png")),
    warc("response", "https://example.com/gone", HTTP, response("404 Not Found", "text/html", b"<p>MedCities")),
    warc("response", "https://example.com/bad", HTTP, b"no http"),
    warc("conversion", "https://example.com/3", "text/plain", FRENCH.encode()),
]))

pq.write_table(pa.table({
    "id": pa.array([1, 2, 3], pa.int64()),
    "text": pa.array([ARABIC, FRENCH, None], pa.large_string()),
    "date": pa.array([datetime(2024, 4, 24, 23, 0), None, None], pa.timestamp("ns")),
    "lang": pa.array(["ar", "fr", "fr"]).dictionary_encode(),
    "tags": pa.array([["a"], [], None], pa.list_(pa.string())),
}), HERE / "rows.parquet", compression="zstd")


def zipped(*files):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, content in files:
            bundle.writestr(zipfile.ZipInfo(name, (2024, 4, 24, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return data.getvalue()


def tarred(*files):
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as bundle:
        for name, content in files:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            bundle.addfile(member, io.BytesIO(content))
    return data.getvalue()


deepest = zipped(("one.txt", ARABIC.encode()))
write("nested.zip", zipped(
    ("inner.tar.gz", gz(tarred(
        ("name.txt", ARABIC.encode()), ("table.csv", f'id,text\ninner-csv,"{FRENCH}"\n'.encode()), ("inner.zip", deepest)))),
    ("dump.jsonl.gz", gz(lines({"id": "inner-jsonl", "text": FRENCH}))),
    ("crawl.warc.gz", warc("conversion", "https://example.com/4", "text/plain", FRENCH.encode())),
    ("rows.parquet", (HERE / "rows.parquet").read_bytes()),
    ("1.zip", zipped(("2.tar", tarred(("3.zip", zipped(("two.txt", ARABIC.encode()), ("4.zip", deepest))))))),
))
