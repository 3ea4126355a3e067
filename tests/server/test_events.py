from imageserver.events import HISTORY, Event, EventKind, Events


def test_all_who_watch_are_told_in_order_until_they_stop() -> None:
    events = Events()
    seen: list[Event] = []
    stop = events.watch(seen.append)
    events.publish(EventKind.PROMPTS)
    events.publish(EventKind.FRAME, "192.168.1.5")
    stop()
    events.publish(EventKind.PROMPTS)
    assert [(event.number, event.kind, event.subject) for event in seen] == [
        (1, EventKind.PROMPTS, None),
        (2, EventKind.FRAME, "192.168.1.5"),
    ]


def test_who_comes_back_is_given_what_was_missed() -> None:
    events = Events()
    for _ in range(5):
        events.publish(EventKind.PROMPTS)
    missed = events.since(3)
    assert missed is not None
    assert [event.number for event in missed] == [4, 5]
    assert events.since(5) == []


def test_who_was_away_too_long_or_comes_from_another_start_is_told_so() -> None:
    events = Events()
    for _ in range(HISTORY + 10):
        events.publish(EventKind.PROMPTS)
    assert events.since(9) is None
    assert events.since(10) is not None
    assert events.since(events.number + 1) is None
