from __future__ import annotations

from pathlib import Path

import pytest

from imageserver.container.volumes import Volumes

# As the kernel tells a container of Docker's, with a volume, and a disk that has a space in its name.
DOCKER = """\
1021 944 0:88 / / rw,relatime master:462 - overlay overlay rw,lowerdir=/l/A:/l/B,upperdir=/u,workdir=/w
1022 1021 0:91 / /proc rw,nosuid,nodev,noexec,relatime - proc proc rw
1023 1021 0:92 / /dev rw,nosuid - tmpfs tmpfs rw,size=65536k,mode=755
1028 1023 0:94 / /dev/shm rw,nosuid,nodev,noexec,relatime - tmpfs shm rw,size=65536k
1029 1021 259:2 /srv/data /data rw,relatime - ext4 /dev/nvme0n1p2 rw
1030 1021 259:2 /srv/zone /etc/localtime ro,relatime - ext4 /dev/nvme0n1p2 rw
1031 1021 8:17 / /My\\040pictures\\134 rw,relatime shared:7 - fuseblk /dev/sdb1 rw
1032 1029 0:60 / /data/quick rw,relatime - tmpfs tmpfs rw
"""


@pytest.fixture
def docker(tmp_path: Path) -> Volumes:
    file = tmp_path / "mountinfo"
    file.write_text(DOCKER)
    return Volumes.read(file)


@pytest.mark.parametrize(
    "path", ["/data", "/data/images/not/yet/there", "/My pictures\\/a", "/images/../data/x"]
)
def test_what_lies_on_a_volume_lasts(docker: Volumes, path: str) -> None:
    assert docker.keep(Path(path))


@pytest.mark.parametrize("path", ["/", "/images", "/data2", "/dev/shm/images", "/data/quick/images", "/proc"])
def test_what_lies_in_the_container_or_in_memory_does_not(docker: Volumes, path: str) -> None:
    assert not docker.keep(Path(path))


def test_a_link_lasts_where_it_leads(docker: Volumes, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("/data/images")
    assert docker.keep(tmp_path / "link")
    assert not docker.keep(tmp_path)


def test_where_the_kernel_tells_nothing_nobody_is_frightened(tmp_path: Path) -> None:
    assert Volumes.read(tmp_path / "nothing").keep(Path("/images"))


def test_the_kernels_own_words_are_understood() -> None:
    volumes = Volumes.read(Path("/proc/self/mountinfo"))
    assert not volumes.keep(Path("/proc/self"))
    assert not volumes.keep(Path("/"))
