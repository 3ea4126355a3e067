"""What the reader of profiles and traces makes of what it reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.app.apparmor.calls import TraceError, read_calls
from tests.app.apparmor.globs import compile_glob
from tests.app.apparmor.needs import Kind, Need
from tests.app.apparmor.places import Places
from tests.app.apparmor.profile import Profile, ProfileError
from tests.app.apparmor.trace import needs_of


@pytest.mark.parametrize(
    ("glob", "met", "unmet"),
    [
        ("/data/**", ("/data/a", "/data/a/", "/data/a/b"), ("/data/", "/data", "/database/a")),
        ("/data/*", ("/data/a", "/data/.a"), ("/data/", "/data/a/", "/data/a/b")),
        ("/data/{,**}", ("/data/", "/data/a/b"), ("/data", "/data2/a")),
        ("/a/*/b", ("/a/x/b",), ("/a//b", "/a/x/y/b")),
        ("/a/**/b", ("/a/x/b", "/a/x/y/b"), ("/a/b",)),
        ("/a/**.so*", ("/a/x.so", "/a/b/x.so.1.2"), ("/a/x.so/b", "/a/xso")),
        ("/{tmp,var/{tmp,log}}/a", ("/tmp/a", "/var/log/a"), ("/var/a", "/tmp,/a")),
        ("/a.b?", ("/a.bc",), ("/axbc", "/a.b/", "/a.b")),
        ("/proc/[0-9]*/a", ("/proc/1/a", "/proc/12/a"), ("/proc/self/a", "/proc/1/2/a")),
        ("/python3.[0-9][0-9]", ("/python3.14",), ("/python3.1", "/python3.140")),
    ],
)
def test_globs_mean_what_apparmor_means(glob: str, met: tuple[str, ...], unmet: tuple[str, ...]) -> None:
    pattern = compile_glob(glob)
    assert [path for path in met if not pattern.fullmatch(path)] == []
    assert [path for path in unmet if pattern.fullmatch(path)] == []


@pytest.mark.parametrize("glob", ["/a{b", "/a}b{", "/a[b", "/a\\*"])
def test_a_glob_that_is_not_understood_is_refused(glob: str) -> None:
    with pytest.raises(ValueError, match="/a"):
        compile_glob(glob)


RULES = """
# A comment.
profile mine flags=(attach_disconnected) {
  capability chown,
  network inet stream,
  signal (send) peer=@{profile_name},

  # Why.
  /bin/mine mrix,
  /a/** r,
  /a/b/{,**} rwk,
}
"""


def test_a_profile_allows_what_its_rules_together_allow() -> None:
    profile = Profile.read(RULES)
    assert profile.name == "mine"
    assert profile.flags == {"attach_disconnected"}
    assert profile.permissions("/a/b/c") == set("rwak")
    assert profile.permissions("/bin/mine") == set("mrx")
    assert profile.allows(Need(Kind.FILE, "/a/c", "r"))
    assert not profile.allows(Need(Kind.FILE, "/a/c", "rw"))
    assert profile.allows(Need(Kind.CAPABILITY, "chown"))
    assert not profile.allows(Need(Kind.CAPABILITY, "sys_admin"))
    assert profile.allows(Need(Kind.NETWORK, "inet stream"))
    assert not profile.allows(Need(Kind.NETWORK, "inet raw"))
    assert not profile.allows(Need(Kind.SIGNAL, "receive"))


@pytest.mark.parametrize(
    "rule",
    [
        "file,",
        "network,",
        "network inet,",
        "capability,",
        "deny /a r,",
        "owner /a r,",
        "/a r",
        "/a px,",
        "/a ,",
        "a r,",
        "mount,",
        "#include <abstractions/base>",
        "include <abstractions/base>",
        "profile inner {",
        "signal (send) peer=unconfined,",
    ],
)
def test_a_rule_that_is_not_understood_is_refused(rule: str) -> None:
    with pytest.raises(ProfileError, match=r"No comma|Not understood"):
        Profile.read(RULES.replace("# Why.", rule))


def test_a_profile_has_a_head_and_an_end() -> None:
    for text in ("", "# profile a {\n}", RULES.rstrip().removesuffix("}"), RULES.replace("profile", "hat")):
        with pytest.raises(ProfileError, match="begins with no profile's head"):
            Profile.read(text)


def needs(directory: Path, *lines: str, root: str = "") -> list[tuple[str, str, str]]:
    trace = directory / "trace"
    trace.mkdir()
    (trace / "thread.1").write_text("\n".join(lines))
    found = needs_of(read_calls(trace), root=directory / root if root else Path("/"))
    return [(str(need.kind), need.name, need.perms) for need in found]


@pytest.mark.parametrize(
    ("line", "kind", "name", "perms"),
    [
        ('openat(AT_FDCWD</>, "/x/l", O_RDONLY|O_CLOEXEC) = 3</x/f>', "file", "/x/f", "r"),
        ('openat(AT_FDCWD</>, "/x", O_RDONLY|O_DIRECTORY) = 3</x>', "file", "/x/", "r"),
        ('openat(AT_FDCWD</>, "/x/f", O_WRONLY|O_CREAT|O_EXCL, 0644) = 3</x/f>', "file", "/x/f", "w"),
        ('open("/x/f", O_RDWR) = 3</x/f>', "file", "/x/f", "rw"),
        ('openat2(AT_FDCWD</>, "f", {flags=O_WRONLY, resolve=0}, 24) = 3</x/f>', "file", "/x/f", "w"),
        (r'openat(AT_FDCWD</>, "/x/\320\272", O_RDONLY) = 3</x/\320\272>', "file", "/x/к", "r"),
        ('execve("/x/f", ["f", "a, b"], 0x7 /* 9 vars */) = 0', "file", "/x/f", "x"),
        ("mmap(NULL, 9, PROT_READ|PROT_EXEC, MAP_PRIVATE, 3</x/f>, 0) = 0x7f", "file", "/x/f", "m"),
        ("fcntl(7</x/f>, F_SETLK, {l_type=F_RDLCK, l_start=1, l_len=1}) = 0", "file", "/x/f", "k"),
        ("flock(7</x/f>, LOCK_EX) = 0", "file", "/x/f", "k"),
        ('unlink("/x/f") = 0', "file", "/x/f", "w"),
        ('unlinkat(3</x>, "f", AT_REMOVEDIR) = 0', "file", "/x/f/", "w"),
        ('mkdirat(3</x>, "f", 0777) = 0', "file", "/x/f/", "w"),
        ('linkat(3</x>, "f", 4</y>, "g", 0) = 0', "file", "/y/g", "l"),
        ("fchmod(3</x/f>, 0600) = 0", "file", "/x/f", "w"),
        ("ftruncate(3</x/f>(deleted), 0) = 0", "file", "/x/f", "w"),
        ('connect(3<socket:[1]>, {sa_family=AF_UNIX, sun_path="/x/s"}, 110) = 0', "file", "/x/s", "rw"),
        (
            "bind(3<socket:[1]>, {sa_family=AF_INET, sin_port=htons(80)}, 16) = 0",
            "capability",
            "net_bind_service",
            "",
        ),
        (
            "socket(AF_NETLINK, SOCK_RAW|SOCK_CLOEXEC, NETLINK_ROUTE) = 3<socket:[1]>",
            "network",
            "netlink raw",
            "",
        ),
        (
            "socketpair(AF_UNIX, SOCK_STREAM, 0, [5<socket:[1]>, 6<socket:[2]>]) = 0",
            "network",
            "unix stream",
            "",
        ),
        ("setgroups(0, NULL) = 0", "capability", "setgid", ""),
        ("setresuid(8099, 8099, 8099) = 0", "capability", "setuid", ""),
        ("prctl(PR_CAPBSET_DROP, CAP_CHOWN) = 0", "capability", "setpcap", ""),
        ("kill(7, SIGKILL) = 0", "signal", "send", ""),
        ('mount("none", "/", NULL, MS_PRIVATE, NULL) = 0', "capability", "sys_admin", ""),
    ],
)
def test_a_call_needs_one_thing(tmp_path: Path, line: str, kind: str, name: str, perms: str) -> None:
    assert needs(tmp_path, line) == [(kind, name, perms)]


def test_a_call_may_need_several(tmp_path: Path) -> None:
    lines = ('rename("/x/a", "/x/b") = 0', 'lchown("/x/c", 8099, 8099) = 0')
    assert needs(tmp_path, *lines) == [
        ("capability", "chown", ""),
        ("file", "/x/a", "rw"),
        ("file", "/x/b", "w"),
        ("file", "/x/c", "w"),
    ]


@pytest.mark.parametrize(
    "line",
    [
        'openat(AT_FDCWD</>, "/x", O_RDONLY) = -1 ENOENT (No such file or directory)',
        'openat(AT_FDCWD</>, "/x", O_RDONLY|O_PATH) = 3</x>',
        "mmap(NULL, 9, PROT_READ|PROT_EXEC, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f",
        "mmap(NULL, 9, PROT_READ, MAP_PRIVATE, 3</x/f>, 0) = 0x7f",
        "fcntl(7</x/f>, F_SETFD, FD_CLOEXEC) = 0",
        "bind(3<socket:[1]>, {sa_family=AF_INET6, sin6_port=htons(8099), sin6_scope_id=0}, 28) = 0",
        'prctl(PR_SET_NAME, "a") = 0',
        "exit_group(0) = ?",
        "--- SIGTERM {si_signo=SIGTERM} ---",
        "+++ exited with 0 +++",
    ],
)
def test_some_lines_need_nothing(tmp_path: Path, line: str) -> None:
    assert needs(tmp_path, line) == []


def test_a_directory_is_known_by_what_is_below_it(tmp_path: Path) -> None:
    lines = ('open("/x", O_RDONLY) = 3</x>', 'open("/x/f", O_RDONLY) = 3</x/f>')
    assert needs(tmp_path, *lines) == [("file", "/x/", "r"), ("file", "/x/f", "r")]


def test_links_are_followed_below_the_root(tmp_path: Path) -> None:
    for directory in ("bin", "real"):
        (tmp_path / "image" / directory).mkdir(parents=True)
    (tmp_path / "image" / "bin" / "mine").symlink_to("mine3")
    (tmp_path / "image" / "link").symlink_to("/real")
    lines = ('execve("/bin/mine", ["mine"], 0x7) = 0', 'unlink("/link/f") = 0', 'unlink("/link") = 0')
    assert needs(tmp_path, *lines, root="image") == [
        ("file", "/bin/mine3", "x"),
        ("file", "/link", "w"),
        ("file", "/real/f", "w"),
    ]


@pytest.mark.parametrize("line", ["what is this", 'openat(3, "f", O_RDONLY', 'unlink("f") = 0'])
def test_a_line_that_is_not_understood_is_refused(tmp_path: Path, line: str) -> None:
    with pytest.raises(TraceError, match=r"Not understood|Relative to what"):
        needs(tmp_path, line)


def test_files_of_this_machine_have_a_place_in_the_image() -> None:
    places = Places({Path("/h/data"): "/data", Path("/h/py/bin/p"): "/bin/p"}, frozenset({Path("/h/own")}))
    named = ("/h/data", "/h/data/", "/h/data/a/", "/h/py/bin/p", "/etc/hosts", "/h/own")
    found = [places.in_image(Need(Kind.FILE, name, "r")) for name in named]
    assert [need and need.name for need in found] == [
        "/data",
        "/data/",
        "/data/a/",
        "/bin/p",
        "/etc/hosts",
        None,
    ]
