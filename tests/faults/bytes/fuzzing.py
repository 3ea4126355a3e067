"""Tries a target with bytes that the coverage-guided fuzzer makes up; one finding does not end it.

    python -m tests.faults.bytes.fuzzing TARGET FOLDER [LIBFUZZER-FLAG...]

Below FOLDER it keeps `corpus/`, what it has learnt, and `findings/`, an input for each kind of fault with a
line of JSON in `findings.jsonl`.
"""

from __future__ import annotations

import hashlib
import json
import sys
import tempfile
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

import atheris  # type: ignore[import-untyped,import-not-found,unused-ignore] # only in .venv-faults

with atheris.instrument_imports(
    include=["imageserver", "yaml", "voluptuous", "croniter", "PIL", "json"],
    exclude=["imageserver.web", "imageserver.state"],
):
    from tests.faults.bytes import seeds
    from tests.faults.bytes.targets import TARGETS, tried

if TYPE_CHECKING:
    from collections.abc import Iterator

SEEDS = {
    "pictures": (seeds.picture_seeds, seeds.PICTURE_WORDS),
    "options": (seeds.options_seeds, seeds.OPTION_WORDS),
    "prompts": (seeds.prompts_seeds, seeds.PROMPT_WORDS),
}


class Findings:
    """Writes down each kind of fault once."""

    def __init__(self, folder: Path) -> None:
        self._inputs = folder / "findings"
        self._lines = folder / "findings.jsonl"
        self._inputs.mkdir(parents=True, exist_ok=True)
        lines = self._lines.read_text().splitlines() if self._lines.exists() else []
        self._known = {json.loads(line)["kind"] for line in lines}

    def note(self, error: Exception, data: bytes) -> None:
        """Keep an input whose fault is not known yet."""
        kind = " < ".join((type(error).__name__, *_places(error)))
        if kind in self._known:
            return
        self._known.add(kind)
        name = hashlib.sha256(data).hexdigest()[:16]
        (self._inputs / name).write_bytes(data)
        line = {"kind": kind, "said": str(error)[:300], "input": name, "bytes": len(data)}
        with self._lines.open("a") as file:
            file.write(json.dumps(line) + "\n")


def _places(error: Exception) -> Iterator[str]:
    """Name the last calls before a fault, the innermost first."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if "imageserver" in frame.filename or "/tests/" in frame.filename]
    for frame in reversed(own[-2:]):
        yield f"{Path(frame.filename).name}:{frame.name}:{frame.lineno}"


def main() -> None:
    """Fuzz until the flags say that it is enough."""
    name, folder = sys.argv[1], Path(sys.argv[2])
    target = TARGETS[name]
    make_seeds, words = SEEDS[name]
    corpus = folder / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for seed in make_seeds():
        (corpus / hashlib.sha256(seed).hexdigest()[:16]).write_bytes(seed)
    (folder / "words").write_text(seeds.dictionary(words))
    findings = Findings(folder)
    workplace = Path(tempfile.mkdtemp(dir="/dev/shm" if Path("/dev/shm").is_dir() else None))

    def once(data: bytes) -> None:
        try:
            tried(target, data, workplace)
        except Exception as error:  # noqa: BLE001 - all of them are findings
            findings.note(error, data)

    flags = [f"-dict={folder / 'words'}", f"-artifact_prefix={folder / 'findings'}/", *sys.argv[3:]]
    atheris.Setup([sys.argv[0], *flags, str(corpus)], once)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
