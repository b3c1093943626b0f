#!/usr/bin/env python3
"""How many windows of labelled articles hold no entity: what could be saved at most by not computing some.

    native/python-onnx/bin/python eval/bench/empty_windows.py MODEL GOLD.jsonl…

Windows are those of musamma, cut by tokens alone. The environment is the one that scripts/export-onnx makes.
"""

import json
import pathlib
import sys

from tokenizers import Tokenizer

TOKENS = 254
STRIDE = 211


def main():
    model, *gold = map(pathlib.Path, sys.argv[1:])
    tokenizer = Tokenizer.from_file(str(model / "tokenizer.json"))
    windows = empty = 0
    for path in gold:
        for line in path.read_text(encoding="utf-8").strip().split("\n"):
            article = json.loads(line)
            offsets = tokenizer.encode(article["text"], add_special_tokens=False).offsets
            for first in range(0, max(len(offsets) - TOKENS, 0) + STRIDE, STRIDE):
                window = offsets[first : first + TOKENS]
                if window:
                    start, end = window[0][0], window[-1][1]
                    windows += 1
                    empty += not any(start <= entity["start"] < end for entity in article["entities"])
    print(f"{empty} of {windows} windows hold no entity ({100 * empty / windows:.1f} %)")


main()
