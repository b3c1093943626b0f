"""Annotates the articles of a Parquet dataset with musamma in every executor.

    spark-submit spark.py ARTICLES.parquet OUTPUT [COMMAND]

ARTICLES has the columns `id` and `text`, and `date` and `lang` if they are known. OUTPUT becomes a folder of JSONL
files, a partition each. COMMAND is how the program is called, `musamma annotate - -q` by default.
"""

import os
import shlex
import sys

from pyspark.sql import SparkSession

COLUMNS = ["id", "text", "date", "lang"]


def main(source, target, command="musamma annotate - -q"):
    spark = SparkSession.builder.appName("musamma").getOrCreate()
    articles = spark.read.parquet(source)
    articles = articles.select([name for name in COLUMNS if name in articles.columns])
    # Exit status 1 says that some articles failed; their records say why.
    tolerant = f"sh -c {shlex.quote(command + ' || [ $? = 1 ]')}"
    lines = articles.selectExpr("to_json(struct(*)) AS line").rdd.map(lambda row: row.line)
    # A piped program has no environment but this, and finds itself by the PATH.
    lines.pipe(tolerant, env=dict(os.environ), checkCode=True).saveAsTextFile(target)
    spark.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
