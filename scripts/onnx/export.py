"""Writes a model folder's graphs: see scripts/export-onnx, which runs this."""

import argparse
import hashlib
import json
import pathlib
import sys
import tempfile

import gate
import ranges
from encoder import Encoder, Unsupported
from float32 import Float32
from graph import Graph
from int8 import Int8
from safetensors import safe_open

F32 = "model.onnx"
INT8 = "model.int8.onnx"
# Invented articles in many languages.
SAMPLE = pathlib.Path(__file__).resolve().parents[2] / "eval/gold/more.jsonl"


def read(folder):
    """Configuration and weights, each of which is read when it is asked for."""
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    path = folder / "model.safetensors"
    # PyTorch's types in NumPy: bfloat16 comes from ml_dtypes, which onnx brings.
    return config, Weights(path)


class Weights:
    """The tensors of a safetensors file by name."""

    def __init__(self, path):
        self.file = safe_open(path, framework="numpy")
        self.names = set(self.file.keys())

    def __contains__(self, name):
        return name in self.names

    def __getitem__(self, name):
        return self.file.get_tensor(name)


def write(encoder, arithmetic, path, metadata):
    """Write the graph of `encoder` in this arithmetic."""
    graph = Graph()
    logits = encoder.build(graph, arithmetic)
    inputs = ["input_ids", *(["attention_mask"] if arithmetic.padding else [])]
    path.write_bytes(graph.model(inputs, logits, encoder.labels, metadata).SerializeToString())


def checksum(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def list_checksum(folder, name):
    """Put the file's checksum into SHA256SUMS, where the folder has one."""
    sums = folder / "SHA256SUMS"
    if sums.is_file():
        lines = [line for line in sums.read_text().splitlines() if line and line.split()[-1].lstrip("*") != name]
        lines = sorted([*lines, f"{checksum(folder / name)}  {name}"], key=lambda line: line.split()[-1])
        sums.write_text("\n".join(lines) + "\n")


def main():
    parser = argparse.ArgumentParser(
        prog="scripts/export-onnx", description="Writes the ONNX graphs of a model folder."
    )
    parser.add_argument("model", type=pathlib.Path, help="folder with config.json and model.safetensors")
    parser.add_argument("--out", type=pathlib.Path, help="where to write to; by default into the model folder")
    parser.add_argument(
        "--sample", type=pathlib.Path, nargs="+", help="articles that int8 is fitted to", default=[SAMPLE]
    )
    parser.add_argument("--gold", type=pathlib.Path, nargs="+", default=[], help="files to compare int8 with f32 on")
    parser.add_argument(
        "--most-loss", type=float, default=0.5, help="most F1 that int8 may lose, in points; %(default)s"
    )
    parser.add_argument("--report", type=pathlib.Path, help="file to write the comparison to, as Markdown")
    parser.add_argument("--musamma", type=pathlib.Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    folder = arguments.model
    out = arguments.out or folder
    for name in ("config.json", "model.safetensors", "tokenizer.json"):
        if not (folder / name).is_file():
            sys.exit(f"scripts/export-onnx: the model has no `{folder / name}`")
    try:
        encoder = Encoder(*read(folder))
    except Unsupported as error:
        sys.exit(f"scripts/export-onnx: `{folder}`: {error}")
    out.mkdir(parents=True, exist_ok=True)
    metadata = {"weights_sha256": checksum(folder / "model.safetensors")}
    # Beside their place, so that each appears whole or not at all.
    with tempfile.TemporaryDirectory(dir=out, prefix=".onnx-") as work:
        work = pathlib.Path(work) / folder.resolve().name
        work.mkdir()
        try:
            measured = ranges.measure(encoder, folder / "tokenizer.json", arguments.sample)
            for arithmetic, name in ((Float32(), F32), (Int8(measured), INT8)):
                write(encoder, arithmetic, work / name, metadata)
        except Unsupported as error:
            sys.exit(f"scripts/export-onnx: `{folder}`: {error}")
        except (OSError, ValueError, KeyError) as error:
            sys.exit(f"scripts/export-onnx: {', '.join(map(str, arguments.sample))}: not articles as JSONL: {error!r}")
        if arguments.gold:
            for name in ("config.json", "tokenizer.json"):
                (work / name).write_bytes((folder / name).read_bytes())
            scores = gate.compare(arguments.musamma, work, arguments.gold)
            print(gate.table(scores))
            if arguments.report:
                arguments.report.write_text(gate.report(folder.resolve().name, scores, arguments.most_loss), encoding="utf-8")
            if refused := gate.refused(scores, arguments.most_loss):
                sys.exit(
                    f"scripts/export-onnx: int8 loses more than {arguments.most_loss} F1 in {', '.join(refused)}; "
                    f"`{out / INT8}` was not written"
                )
        else:
            print("int8 was not compared with f32: give the gold with --gold", file=sys.stderr)
        for name in (F32, INT8):
            (work / name).replace(out / name)
            print(f"{out / name}: {(out / name).stat().st_size / 1e6:.1f} MB")
    list_checksum(out, INT8)


if __name__ == "__main__":
    main()
