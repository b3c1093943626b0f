"""The programs that are compared: what each needs, and how it is called."""

import dataclasses
import os
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent

# Told to be Intel's, MKL uses AVX-512 on other processors too; and the C library keeps what was freed.
MKL_FIX = "int mkl_serv_intel_cpu_true(void) { return 1; }\n"
KEEP_MEMORY = {
    "MALLOC_MMAP_THRESHOLD_": str(1 << 30),
    "MALLOC_TRIM_THRESHOLD_": str((1 << 31) - 1),
    "MALLOC_TOP_PAD_": str(1 << 26),
}


# Windows in a batch, of which the fastest is taken.
BATCHES = (1, 8, 32)


@dataclasses.dataclass(frozen=True)
class Program:
    """A line of the report."""

    title: str
    # From the articles' file, the file to write to and one of `sizes` to the words of a command.
    command: object
    environment: tuple = ()
    sizes: tuple = (0,)
    french_only: bool = False


def run(*command, **options):
    """Run a step of the preparation; its output goes to standard error."""
    print("+", *map(str, command), file=sys.stderr, flush=True)
    subprocess.run([str(part) for part in command], check=True, stdout=sys.stderr, **options)


class Workplace:
    """Environments, models and programs below one folder, each made once."""

    def __init__(self, folder):
        self.folder = folder
        self.built = False
        folder.mkdir(parents=True, exist_ok=True)

    def python(self, name):
        """The Python of an environment, made from requirements/NAME.txt."""
        environment = self.folder / "environments" / name
        wanted = HERE / "requirements" / f"{name}.txt"
        done = environment / "requirements.txt"
        if not done.is_file() or done.read_text() != wanted.read_text():
            shutil.rmtree(environment, ignore_errors=True)
            run(sys.executable, "-m", "venv", environment)
            pip = [environment / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check"]
            run(*pip, "--requirement", wanted)
            shutil.copy(wanted, done)
        return environment / "bin" / "python"

    def musamma(self):
        """The program with both engines."""
        if not self.built:
            run("scripts/native", cwd=ROOT)
            run("cargo", "build", "--release", "--locked", "--target-dir", "target", cwd=ROOT)
            self.built = True
        return ROOT / "target" / "release" / "musamma"

    def rust_bert(self):
        """rust-bert's pipeline."""
        target = self.folder / "rust-bert"
        environment = dict(os.environ)
        environment.setdefault("LIBTORCH", str(ROOT / "native" / "libtorch"))
        environment.setdefault("LIBTORCH_CXX11_ABI", "0")
        run("cargo", "build", "--release", "--locked", "--target-dir", target, cwd=HERE / "rust-bert", env=environment)
        return target / "release" / "rust-bert-pipeline"

    def mkl_fix(self):
        """The library that goes into LD_PRELOAD, or None without a C compiler."""
        library = self.folder / "mkl.so"
        if not library.is_file():
            if not shutil.which("cc"):
                return None
            command = ["cc", "-shared", "-fPIC", "-x", "c", "-", "-o", str(library)]
            subprocess.run(command, input=MKL_FIX.encode(), check=True)
        return library

    def model(self, folder, base=False):
        """The model, or one of BERT-base's size with random weights, in all forms that the programs read."""
        out = self.folder / "models" / ("base-random" if base else folder.name)
        if not (out / "optimum" / "model_quantized.onnx").is_file():
            shutil.rmtree(out, ignore_errors=True)
            python = self.python("transformers")
            run(python, HERE / "python" / "models.py", folder, out, *(["base"] if base else []))
            run(ROOT / "scripts" / "export-onnx", out)
            # optimum looks for one model in a folder.
            optimum = out / "optimum"
            optimum.mkdir()
            for name in ("config.json", "tokenizer.json", "model.onnx"):
                shutil.copy(out / name, optimum)
            run(self.python("optimum"), HERE / "python" / "quantise_optimum.py", optimum)
        return out


def prepared(workplace, model, only):
    """The programs for a model folder, of those named in `only` (all where it is empty), with what they need."""
    makers = {
        "musamma-int8": lambda: _musamma(workplace, "musamma, int8", model, "onnx", "int8"),
        "musamma-onnx-f32": lambda: _musamma(workplace, "musamma, ONNX Runtime f32", model, "onnx", "f32"),
        "musamma-rust-bert": lambda: _musamma(workplace, "musamma, rust-bert f32", model, "rust-bert", "f32"),
        "transformers": lambda: _transformers(workplace, "transformers pipeline", model),
        "transformers-mkl": lambda: _with_mkl_fix(workplace, model),
        "optimum": lambda: _optimum(workplace, "optimum, ONNX Runtime f32", model, "optimum"),
        "optimum-int8": lambda: _optimum(workplace, "optimum, ONNX Runtime int8", model, "optimum-int8"),
        "rust-bert-pipeline": lambda: _rust_bert(workplace, model),
        "spacy-sm": lambda: _spacy(workplace, "fr_core_news_sm"),
        "spacy-md": lambda: _spacy(workplace, "fr_core_news_md"),
    }
    if unknown := set(only) - set(makers):
        sys.exit(f"bench: no program {', '.join(sorted(unknown))}; there are {', '.join(makers)}")
    return {name: make() for name, make in makers.items() if not only or name in only}


def _musamma(workplace, title, model, engine, precision):
    binary = workplace.musamma()
    options = ["--model", model, "--engine", engine, "--precision", precision, "--with-text", "--quiet"]
    return Program(title, lambda source, out, _: [binary, "annotate", source, "-o", out, *options])


def _transformers(workplace, title, model, environment=()):
    python = workplace.python("transformers")
    script = HERE / "python" / "transformers_pipeline.py"
    return Program(title, lambda source, out, size: [python, script, source, out, model, size], environment, BATCHES)


def _with_mkl_fix(workplace, model):
    library = workplace.mkl_fix()
    surroundings = dict(KEEP_MEMORY, **({"LD_PRELOAD": str(library)} if library else {}))
    return _transformers(workplace, "transformers pipeline, MKL and malloc fixes", model, tuple(surroundings.items()))


def _optimum(workplace, title, model, kind):
    python = workplace.python("optimum")
    script = HERE / "python" / "transformers_pipeline.py"
    folder = model / "optimum"
    return Program(title, lambda source, out, size: [python, script, source, out, folder, size, kind], (), BATCHES)


def _rust_bert(workplace, model):
    binary = workplace.rust_bert()
    return Program(
        "rust-bert's own pipeline, an article at a time", lambda source, out, size: [binary, source, out, model, size], (), BATCHES
    )


def _spacy(workplace, package):
    python = workplace.python("spacy")
    script = HERE / "python" / "spacy_pipeline.py"
    # Processes in place of sizes: one may be as fast as all, since each loads the model.
    processes = tuple(sorted({1, len(os.sched_getaffinity(0))}))
    title = f"spaCy {package}, only what finds entities"
    return Program(title, lambda source, out, count: [python, script, source, out, package, count], (), processes, True)
