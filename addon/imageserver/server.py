"""The composition root: which parts there are, and their lifetime as a block."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import aiohttp

from .events import EventKind, Events
from .exceptions import SettingsError, StartError, StateError
from .generations.asking import Asking
from .generations.availability import Availability
from .generations.fates import Fates
from .generations.generations import Generations
from .generations.held import HeldPictures
from .generations.keeping import Keeping
from .generations.ledger import Ledger
from .imaging import imaging
from .imaging.memory import keep_freed_memory
from .imaging.pool import ImagingPool
from .installation import Installation
from .metrics import Metrics
from .models import OperationKind
from .operations.choosing import Choosing
from .operations.frames import Frames
from .operations.gallery import Gallery
from .operations.operations import Operations
from .operations.readying import Readying
from .options import options
from .options.overrides import Overrides
from .options.report import report_settings
from .problems import Problems
from .prompts.book import PromptBook
from .prompts.prompt import PromptSettings
from .schedule import Schedule
from .state.health import StateHealth
from .state.state import State
from .store.show_queue import ShowQueue
from .store.store import Store, StoreSettings
from .store.upkeep import Upkeep
from .timing.jobs import Jobs

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from datetime import datetime
    from random import Random

    from .generations.provider_set import ProviderSet
    from .log.log import Log
    from .models import Json
    from .options.options import Loaded
    from .places import Places
    from .settings import Settings
    from .timing.clock import Clock

_LOGGER = logging.getLogger(__name__)

GRACE = 30.0
"""Seconds that a stop waits for an answer that is paid for and would be lost."""


@dataclass(slots=True, kw_only=True)
class Server:
    """The parts, as the two web applications use them.

    Attributes:
        loaded: The options as the file has them.
        settings: What holds now: the file, and what a person changed at run time.
    """

    places: Places
    clock: Clock
    started_at: datetime
    log: Log
    state: State
    events: Events
    problems: Problems
    installation: Installation
    overrides: Overrides
    metrics: Metrics
    frames: Frames
    queue: ShowQueue
    store: Store
    gallery: Gallery
    prompts: PromptBook
    provider_set: ProviderSet
    availability: Availability
    choosing: Choosing
    generations: Generations
    operations: Operations
    jobs: Jobs
    schedule: Schedule
    upkeep: Upkeep
    loaded: Loaded
    settings: Settings
    on_settings: list[Callable[[Settings], None]] = field(default_factory=list)
    _applying: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def reload(self) -> None:
        """Read the options again and let every part know; an unreadable file changes nothing."""
        async with self._applying:
            try:
                self.loaded = await asyncio.to_thread(load_options, self.places, self.provider_set)
            except SettingsError as error:
                report_settings(self.problems, error=error)
                return
            self.log.hide(self.loaded.secrets)
            report_settings(self.problems, loaded=self.loaded)
            await self._apply()
        _LOGGER.info("The options were read again")

    async def change(self, path: str, value: Json, *, instead_of: Json) -> None:
        """Change a setting at run time; it holds until the file says something else."""
        async with self._applying:
            await self.overrides.set(path, value, instead_of=instead_of)
            await self._apply()

    async def settled(self) -> None:
        """Return once all that anyone may be told is on the disk; if that takes nothing, all the same."""
        self.metrics.flush()
        with contextlib.suppress(StateError):
            await self.state.settled()

    async def welcome(self) -> None:
        """Make a newcomer's first picture ahead, where that costs nothing: then the first look shows one."""
        in_use = self.availability.in_use()
        free = all(not provider.capabilities.costs_money for provider in in_use)
        if free and not await self.store.has_any():
            with contextlib.suppress(StartError):
                await self.operations.start(OperationKind.FORCED)

    async def _apply(self) -> None:
        self.settings = settings = await self.overrides.apply(self.loaded.settings)
        self.log.set_level(settings.log_level)
        self.store.apply(store_settings(settings))
        self.upkeep.start()
        self.gallery.apply(settings.frame_image)
        self.prompts.apply(PromptSettings.of(settings))
        self.choosing.apply(settings)
        await self.availability.apply(await self.provider_set.apply(settings))
        self.jobs.replace(self.schedule.jobs(settings))
        for listener in self.on_settings:
            listener(settings)
        self.events.publish(EventKind.SETTINGS)


def load_options(places: Places, provider_set: ProviderSet) -> Loaded:
    """Read `options.yml`, with what each adapter has to say about its own part."""
    return options.load(options_file=places.options, config_dir=places.config, adapters=provider_set.adapters)


def store_settings(settings: Settings) -> StoreSettings:
    """Return the part of the settings that the store needs."""
    return StoreSettings(
        frame_image=settings.frame_image,
        image_amount=settings.image_amount,
        original_image_amount=settings.original_image_amount,
    )


@asynccontextmanager
async def open_server(
    *, places: Places, clock: Clock, random: Random, log: Log, loaded: Loaded, provider_set: ProviderSet
) -> AsyncIterator[Server]:
    """Run a server for as long as the block lasts; its listeners are not its business.

    Raises:
        StateError, StoreError, OSError: A directory can't be used.
    """
    # Two parts are asked by others that must be made before them.
    operations: Operations
    availability: Availability
    async with AsyncExitStack() as stack:
        events = Events()
        problems = Problems(clock=clock, events=events)
        state = await State.open(places.data)
        state.tell(StateHealth(problems))
        stack.push_async_callback(state.close)
        overrides = Overrides(state=state)
        await overrides.open()
        settings = await overrides.apply(loaded.settings)
        keep_freed_memory()
        pool = ImagingPool()
        stack.push_async_callback(pool.close)
        session = await stack.enter_async_context(
            # A connection that is never used twice leaves no doubt whether a request was sent.
            aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(force_close=True), cookie_jar=aiohttp.DummyCookieJar()
            )
        )
        queue = ShowQueue(state=state, clock=clock)
        metrics = Metrics(state=state, clock=clock)
        frames = Frames(state=state, clock=clock, events=events)
        image_dir = places.images_for(settings.image_path)
        store = Store(
            image_dir=image_dir,
            cache_dir=places.cache,
            passing_dir=places.passing,
            state=state,
            pool=pool,
            clock=clock,
            random=random,
            events=events,
            problems=problems,
            settings=store_settings(settings),
            in_use=lambda: operations.pictures_in_use(),  # noqa: PLW0108 - not made yet
        )
        prompts = PromptBook(
            config_dir=places.config,
            state=state,
            clock=clock,
            random=random,
            events=events,
            problems=problems,
            settings=PromptSettings.of(settings),
            takers=lambda: availability.in_use(),  # noqa: PLW0108 - not made yet
        )
        availability = Availability(
            state=state, prompts=prompts, clock=clock, random=random, events=events, problems=problems
        )
        ledger = Ledger(state=state, metrics=metrics, queue=queue)
        keeping = Keeping(store=store, clock=clock, problems=problems)
        fates = Fates(
            ledger=ledger,
            keeping=keeping,
            store=store,
            held=HeldPictures(places.arrived),
            prompts=prompts,
            availability=availability,
            clock=clock,
            events=events,
        )
        generations = Generations(
            state=state,
            asking=Asking(clock=clock),
            ledger=ledger,
            keeping=keeping,
            fates=fates,
            availability=availability,
            clock=clock,
            events=events,
            new_id=new_id,
        )
        choosing = Choosing(
            settings=settings,
            overrides=overrides,
            availability=availability,
            prompts=prompts,
            generations=generations,
            queue=queue,
            store=store,
            clock=clock,
            problems=problems,
        )
        gallery = Gallery(store=store, pool=pool, frame_image=settings.frame_image)
        operations = Operations(
            state=state,
            choosing=choosing,
            generations=generations,
            readying=Readying(
                choosing=choosing,
                generations=generations,
                gallery=gallery,
                store=store,
                queue=queue,
                clock=clock,
            ),
            store=store,
            queue=queue,
            frames=frames,
            metrics=metrics,
            clock=clock,
            events=events,
            new_id=new_id,
        )
        jobs = Jobs(clock=clock)
        schedule = Schedule(
            state=state,
            operations=operations,
            generations=generations,
            availability=availability,
            choosing=choosing,
            store=store,
            prompts=prompts,
            queue=queue,
            frames=frames,
            metrics=metrics,
            zone=clock.zone,
        )
        server = Server(
            places=places,
            clock=clock,
            started_at=clock.now(),
            log=log,
            state=state,
            events=events,
            problems=problems,
            installation=await Installation.open(state=state, data_dir=places.data),
            overrides=overrides,
            metrics=metrics,
            frames=frames,
            queue=queue,
            store=store,
            gallery=gallery,
            prompts=prompts,
            provider_set=provider_set,
            availability=availability,
            choosing=choosing,
            generations=generations,
            operations=operations,
            jobs=jobs,
            schedule=schedule,
            upkeep=Upkeep(store),
            loaded=loaded,
            settings=settings,
        )
        provider_set.lend(
            session=session,
            random=random,
            clock=clock,
            image_dir=image_dir,
            problems=problems,
            check=lambda picture, size: pool.run(imaging.check, picture, size),
            without_secrets=log.without_secrets,
        )
        await _start(server, stack)
        yield server


async def _start(server: Server, stack: AsyncExitStack) -> None:
    """Wake the parts in the order of their needs; they are put to sleep the other way round."""
    server.log.hide((server.installation.token, *server.loaded.secrets))
    server.installation.on_token.append(lambda token: server.log.hide((token,)))
    report_settings(server.problems, loaded=server.loaded)
    await server.store.open()
    await server.metrics.open()
    stack.callback(server.metrics.flush)
    await server.frames.open()
    await server.availability.apply(await server.provider_set.apply(server.settings))
    stack.push_async_callback(server.provider_set.close)
    await server.prompts.open()
    await server.generations.open()
    await server.operations.open()
    stack.push_async_callback(server.operations.close)
    stack.push_async_callback(server.generations.close, grace=GRACE)
    server.jobs.replace(server.schedule.jobs(server.settings))
    stack.push_async_callback(server.jobs.close)
    server.upkeep.start()
    stack.push_async_callback(server.upkeep.close)


def new_id() -> str:
    """Return an id for an operation or a request: unique at any rate, at home in URLs and file names."""
    return secrets.token_hex(10)
