import os
from pathlib import Path

from imageserver.store.rejected import KEPT, keep_rejected


def test_only_the_last_few_are_kept(tmp_path: Path) -> None:
    directory = tmp_path / "rejected"
    for number in range(KEPT + 3):
        keep_rejected(directory, f"g-{number}", b"broken")
        os.utime(directory / f"g-{number}", (number, number))
    assert {path.name for path in directory.iterdir()} == {f"g-{number}" for number in range(3, KEPT + 3)}


def test_a_disk_that_takes_nothing_is_no_reason_to_fail(tmp_path: Path) -> None:
    (tmp_path / "rejected").write_bytes(b"a file where a directory should be")
    keep_rejected(tmp_path / "rejected", "g-1", b"broken")
    assert (tmp_path / "rejected").is_file()
