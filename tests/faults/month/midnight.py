"""At midnight the server's figures are held against what everyone else has written down."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tests.faults.month.management import samples

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from tests.faults.month.ledger import Ledger
    from tests.faults.month.management import Management

PROVIDER = "ydArt"


async def compare(ledger: Ledger, management: Management, root: Path, *, today: date) -> dict[str, Any]:
    """Compare everything, at the first moment of a day; return the figures of the day that is over."""
    status = await management.ask("GET", "/api/v1/status")
    scraped = samples((await management.ask("GET", "/metrics")).decode())
    history = await management.ask("GET", "/api/v1/history?days=40")
    yesterday = (today - timedelta(days=1)).isoformat()
    _compare_requests(ledger, status, scraped)
    _compare_pictures_sent(ledger, status, scraped)
    _compare_provider(ledger, status, scraped, today=today.isoformat(), yesterday=yesterday)
    _compare_history(ledger, history, before=today.isoformat())
    _compare_store(ledger, status, scraped, root)
    return {
        "requests": ledger.requests_of(yesterday),
        "pictures_received": ledger.pictures[yesterday],
        "provider_asked": ledger.asked[yesterday],
        "provider_accepted": ledger.taken[yesterday],
        "pictures": status["store"]["pictures"],
        "archived": status["store"]["archived"],
        "originals": status["store"]["originals"],
        "problems": sorted(problem["code"] for problem in status["problems"]),
    }


def _compare_requests(ledger: Ledger, status: dict[str, Any], scraped: dict[str, float]) -> None:
    ours = ledger.requests_by_kind()
    metrics = status["metrics"]
    theirs = {kind: counts["total"] for kind, counts in metrics["requests_by_kind"].items()}
    ledger.expect(
        {kind: amount for kind, amount in theirs.items() if amount} == dict(ours),
        f"requests: the server counts {theirs}, the frames {dict(ours)}",
    )
    total = metrics["requests"]["total"]
    ledger.expect(total == ours.total(), f"requests: {total} in all, the frames made {ours.total()}")
    in_prometheus = sum(
        value for name, value in scraped.items() if name.startswith("aiframes_requests_total{")
    )
    ledger.expect(in_prometheus == total, f"Prometheus sees {in_prometheus} requests of {total}")


def _compare_pictures_sent(ledger: Ledger, status: dict[str, Any], scraped: dict[str, float]) -> None:
    sent, received = status["metrics"]["images"]["success"], ledger.pictures.total()
    ledger.expect(sent == received, f"{sent} pictures were sent, {received} received")
    in_prometheus = scraped['aiframes_images_total{outcome="success"}']
    ledger.expect(in_prometheus == sent, f"Prometheus sees {in_prometheus} pictures of {sent}")
    of_frames = sum(frame["pictures_sent"] for frame in status["frames"])
    ledger.expect(of_frames == received, f"{of_frames} pictures were sent to frames, {received} received")


def _compare_provider(
    ledger: Ledger, status: dict[str, Any], scraped: dict[str, float], *, today: str, yesterday: str
) -> None:
    provider = next(one for one in status["providers"] if one["code"] == PROVIDER)
    labels = f'{{provider="{PROVIDER}"}}'
    for name, ours, theirs in (
        ("accepted today", ledger.taken[today], provider["accepted_today"]),
        ("accepted yesterday", ledger.taken[yesterday], provider["accepted_yesterday"]),
        ("asked today", ledger.asked[today], provider["asked_today"]),
        ("to Prometheus, today", ledger.taken[today], scraped[f"aiframes_provider_accepted_today{labels}"]),
        (
            "to Prometheus, yesterday",
            ledger.taken[yesterday],
            scraped[f"aiframes_provider_accepted_yesterday{labels}"],
        ),
    ):
        ledger.expect(ours == theirs, f"{name}: the server says {theirs}, the provider {ours}")


def _compare_history(ledger: Ledger, history: dict[str, Any], *, before: str) -> None:
    for day in history["days"]:
        date = day["date"]
        theirs = (day["requests"], day["images_sent"], day["providers"][PROVIDER]["accepted"])
        ours = (ledger.requests_of(date), ledger.pictures[date], ledger.taken[date])
        ledger.expect(theirs == ours or date >= before, f"history of {date}: {theirs} instead of {ours}")


def _compare_store(ledger: Ledger, status: dict[str, Any], scraped: dict[str, float], root: Path) -> None:
    store = status["store"]
    files = [path for place in ("original", "scalable") for path in (root / "images" / place).iterdir()]
    files = [path for path in files if not path.name.startswith(".")]
    on_disk = sum(path.stat().st_size for path in files)
    stems = {path.stem.removesuffix("-orig") for path in files}
    ledger.expect(
        store["size_bytes"] == on_disk == scraped["aiframes_pictures_size_bytes"],
        f"the store has {on_disk} bytes, the server says {store['size_bytes']}",
    )
    known = store["pictures"] + store["archived"] + store["unreadable"]
    ledger.expect(known == len(stems), f"the store has {len(stems)} pictures, the server says {known}")
