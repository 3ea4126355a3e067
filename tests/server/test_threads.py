from __future__ import annotations

import threading

import pytest

from imageserver.threads import Threads


def refuse(_: threading.Thread) -> None:
    raise RuntimeError("can't start new thread")


def test_work_finds_its_thread_though_no_more_can_be_started(monkeypatch: pytest.MonkeyPatch) -> None:
    with Threads(3, name="three") as threads:
        monkeypatch.setattr(threading.Thread, "start", refuse)
        everyone = threading.Barrier(3)
        for work in [threads.submit(everyone.wait, 5) for _ in range(3)]:
            work.result(5)
        with pytest.raises(RuntimeError):
            threading.Thread().start()


def test_who_can_not_have_all_threads_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    start, started = threading.Thread.start, list[threading.Thread]()

    def start_two(thread: threading.Thread) -> None:
        if len(started) == 2:
            refuse(thread)
        started.append(thread)
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", start_two)
    with pytest.raises(RuntimeError):
        Threads(3, name="three")
    for thread in started:
        thread.join(5)
        assert not thread.is_alive()
