"""Quantises FOLDER/model.onnx dynamically, as optimum does it for AVX-512 VNNI, to FOLDER/model_quantized.onnx."""

import pathlib
import shutil
import sys
import tempfile

from optimum.onnxruntime import ORTQuantizer
from optimum.onnxruntime.configuration import AutoQuantizationConfig

NAME = "model_quantized.onnx"


def main():
    folder = pathlib.Path(sys.argv[1])
    quantizer = ORTQuantizer.from_pretrained(folder, file_name="model.onnx")
    config = AutoQuantizationConfig.avx512_vnni(is_static=False, per_channel=True)
    # Elsewhere, because a tokenizer of its own comes with it.
    with tempfile.TemporaryDirectory() as work:
        quantizer.quantize(save_dir=work, quantization_config=config)
        shutil.move(pathlib.Path(work) / NAME, folder / NAME)


main()
