"""What the pages say, in each language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..metrics import RequestKind
from ..policy import Reason
from .language import Language

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The texts of one language; what stands in braces is filled in."""

    generating: str
    ready: str
    waiting: str
    stuck: str
    sleeping: str
    sleeping_on: str
    paused: str
    problem: str
    requests: str
    total_requests: str
    images_sent: str
    rate: str
    successes: str
    failures: str
    kinds: Mapping[RequestKind, str]
    today: str
    yesterday: str
    asked: str
    success: str
    success_rate: str
    errors: str
    error_rate: str
    left_today: str
    no_limit: str
    provider_ready: str
    provider_unused: str
    until: str
    reasons: Mapping[Reason, str]
    store: str
    pictures: str
    archived: str
    size: str
    prompts: str
    prompts_of: str
    last_picture: str
    shown: str
    never: str
    units: tuple[str, str, str, str]
    thousands: str
    decimal: str
    started: str


ENGLISH = Words(
    generating="A new picture is being made",
    ready="Ready: the next frame that asks gets a new picture",
    waiting="Stored pictures are shown; a new one can be made from {until} on",
    stuck="Stored pictures are shown; no new one can be made at the moment",
    sleeping="Asleep until {until}",
    sleeping_on="Asleep",
    paused="Paused: stored pictures are shown, no new ones are made",
    problem="Something needs your attention",
    requests="Requests of frames",
    total_requests="Total Requests",
    images_sent="Images Sent",
    rate="{rate} req per hour",
    successes="success {count}, {rate} per hour",
    failures="errors {count}, {rate} per hour",
    kinds={
        RequestKind.START_AUTO: "Start: auto",
        RequestKind.START_OLD: "Start: old",
        RequestKind.START_DIRECT: "Start: ydart",
        RequestKind.STATUS: "Status",
        RequestKind.RESULT: "Result",
        RequestKind.PROMPT_ADD: "New prompt",
        RequestKind.MALFORMED: "Malformed",
    },
    today="{provider} today success",
    yesterday="{provider} yesterday success",
    asked="{provider} total",
    success="{provider} success",
    success_rate="{provider} success rate (req per hour)",
    errors="{provider} errors",
    error_rate="{provider} error rate (req per hour)",
    left_today="{provider} left today",
    no_limit="no limit",
    provider_ready="ready",
    provider_unused="not in use",
    until="until {until}",
    reasons={
        Reason.DISABLED: "switched off in the settings",
        Reason.NOT_SET_UP: "not set up",
        Reason.WRONG_SETTINGS: "its settings have a mistake",
        Reason.SWITCHED_OFF: "switched off after an error",
        Reason.NOTHING_TO_OFFER: "has nothing to offer",
        Reason.BUDGET_SPENT: "today's limit is used up",
        Reason.BACKING_OFF: "rests after errors",
        Reason.THRESHOLD: "waits for its time",
        Reason.ASLEEP: "asleep",
    },
    store="Pictures",
    pictures="Stored pictures",
    archived="In the archive",
    size="Size on disk",
    prompts="Prompts",
    prompts_of="of at most {limit}",
    last_picture="Last new picture",
    shown="What frames were shown last",
    never="none yet",
    units=("KB", "MB", "GB", "TB"),
    thousands=",",
    decimal=".",
    started="Version {version}, running since {since}",
)

RUSSIAN = Words(
    generating="Создаётся новая картинка",
    ready="Готов: следующий запрос рамки даст новую картинку",
    waiting="Показываются сохранённые картинки; новую можно создать с {until}",
    stuck="Показываются сохранённые картинки; новую сейчас создать нельзя",
    sleeping="Спит до {until}",
    sleeping_on="Спит",
    paused="Пауза: показываются сохранённые картинки, новые не создаются",
    problem="Нужно ваше внимание",
    requests="Запросы рамок",
    total_requests="Всего запросов",
    images_sent="Отправлено картинок",
    rate="{rate} запросов в час",
    successes="успешно {count}, {rate} в час",
    failures="ошибки {count}, {rate} в час",
    kinds={
        RequestKind.START_AUTO: "Запуск: auto",
        RequestKind.START_OLD: "Запуск: old",
        RequestKind.START_DIRECT: "Запуск: ydart",
        RequestKind.STATUS: "Состояние",
        RequestKind.RESULT: "Результат",
        RequestKind.PROMPT_ADD: "Новый промпт",
        RequestKind.MALFORMED: "Ошибочные",
    },
    today="{provider}: успешно сегодня",
    yesterday="{provider}: успешно вчера",
    asked="{provider}: всего",
    success="{provider}: успешно",
    success_rate="{provider}: успешно (запросов в час)",
    errors="{provider}: ошибки",
    error_rate="{provider}: ошибки (запросов в час)",
    left_today="{provider}: осталось сегодня",
    no_limit="без ограничения",
    provider_ready="готов",
    provider_unused="не используется",
    until="до {until}",
    reasons={
        Reason.DISABLED: "отключён в настройках",
        Reason.NOT_SET_UP: "не настроен",
        Reason.WRONG_SETTINGS: "ошибка в настройках",
        Reason.SWITCHED_OFF: "отключён после ошибки",
        Reason.NOTHING_TO_OFFER: "нечего предложить",
        Reason.BUDGET_SPENT: "дневной лимит исчерпан",
        Reason.BACKING_OFF: "пауза после ошибок",
        Reason.THRESHOLD: "ждёт своего времени",
        Reason.ASLEEP: "спит",
    },
    store="Картинки",
    pictures="Картинок в хранилище",
    archived="В архиве",
    size="Место на диске",
    prompts="Промпты",
    prompts_of="не больше {limit}",
    last_picture="Последняя новая картинка",
    shown="Что рамки показали последним",
    never="ещё не было",
    units=("КБ", "МБ", "ГБ", "ТБ"),
    thousands="\N{NO-BREAK SPACE}",
    decimal=",",
    started="Версия {version}, работает с {since}",
)

WORDS: Mapping[Language, Words] = {Language.ENGLISH: ENGLISH, Language.RUSSIAN: RUSSIAN}
