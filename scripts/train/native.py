"""Speed on a CPU: three traps of PyTorch's native parts, avoided by starting the program again with other surroundings.

MKL avoids AVX-512 on processors that are not Intel's, unless a function says that the processor is one; a one-function
library in LD_PRELOAD does.  And glibc gives large buffers back to the system after every layer, unless told not to.
Together they halve the time of a step on an AMD processor.  And OpenMP's threads wait for one another in a busy loop,
unless told to sleep: where other programs use the cores too, the loop takes most of what is left.  Without a C compiler
the first is left out.
"""

import os
import shutil
import subprocess
import sys

import torch

_SOURCE = "int mkl_serv_intel_cpu_true(void) { return 1; }\n"
_MALLOC = {
    "MALLOC_MMAP_THRESHOLD_": str(1 << 30),
    "MALLOC_TRIM_THRESHOLD_": str((1 << 31) - 1),
    "MALLOC_TOP_PAD_": str(1 << 26),
}
_OPENMP = {"OMP_WAIT_POLICY": "PASSIVE"}
_DONE = "MUSAMMA_TRAIN_NATIVE"


def speed_up(work):
    """Start this program again with the surroundings set; returns where that is done or a GPU does the work."""
    if torch.cuda.is_available() or sys.platform != "linux" or os.environ.get(_DONE):
        return
    surroundings = dict(os.environ, **_MALLOC, **_OPENMP, **{_DONE: "1"})
    compiler = shutil.which("cc")
    if compiler:
        library = work.resolve() / "libcpu.so"
        subprocess.run(
            [compiler, "-shared", "-fPIC", "-x", "c", "-", "-o", library], input=_SOURCE.encode(), check=True
        )
        surroundings["LD_PRELOAD"] = f"{library} {os.environ.get('LD_PRELOAD', '')}".strip()
    os.execve(sys.executable, [sys.executable, *sys.argv], surroundings)
