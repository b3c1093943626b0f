#!/usr/bin/env python3
"""Where ONNX Runtime spends its time on one window, by operator, on one thread.

    native/python-onnx/bin/python eval/bench/operators.py MODEL.onnx [TOKENS]

The environment is the one that scripts/export-onnx makes.
"""

import collections
import json
import pathlib
import sys
import tempfile
import time

import numpy
import onnxruntime

RUNS = 30


def main():
    path, tokens = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 254
    with tempfile.TemporaryDirectory() as folder:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.enable_profiling = True
        options.profile_file_prefix = str(pathlib.Path(folder) / "profile")
        session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        ids = numpy.random.default_rng(1).integers(5, 40_000, (1, tokens))
        inputs = {each.name: ids if each.name == "input_ids" else numpy.ones_like(ids) for each in session.get_inputs()}
        session.run(None, inputs)
        seconds = []
        for _ in range(RUNS):
            start = time.perf_counter()
            session.run(None, inputs)
            seconds.append(time.perf_counter() - start)
        events = json.loads(pathlib.Path(session.end_profiling()).read_text())
    spent = collections.Counter()
    for event in events:
        if event.get("cat") == "Node" and event["name"].endswith("kernel_time"):
            spent[event["args"]["op_name"]] += event["dur"]
    print(f"{tokens / sorted(seconds)[RUNS // 2]:,.0f} tokens/s on one thread, {tokens} tokens at a time\n")
    print("| operator | share |\n| --- | ---: |")
    for operator, duration in spent.most_common(8):
        print(f"| {operator} | {100 * duration / spent.total():.1f} % |")


main()
