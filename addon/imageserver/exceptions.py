"""Every error that the server raises, in one tree.

`code` and `status` are the words of the wire: what a frame or an API client is told. The edge
(`web/middleware.py`) translates once; nothing below it knows HTTP.

    ImageServerError
    ├── RequestError                 somebody asked for what can't be
    │   ├── BadRequestError  StartError  PromptError  NotFoundError  ConflictError
    │   └── UnauthorizedError  TooLargeError  UnsupportedTypeError  TooManyRequestsError
    ├── UnavailableError             not now
    ├── SettingsError                options.yml and its like
    │   └── UnreadableFileError      no YAML or JSON, with line and column
    ├── PictureError                 bytes that are no picture for us
    ├── StoreError  StateError       the disk said no
    │   └── NoMemoryError            ... or the memory
    ├── SupervisorError              Home Assistant's Supervisor does not do what it is asked, for the moment
    │   └── SupervisorRefusedError   ... and will not, however often it is asked
    └── ProviderError                see below, one class for each rule of what to do next
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing that is wrong in a file or a request.

    Attributes:
        path: Where, as a user would say it: `providers.ydArt.daily_limit`.
        message: What is wrong and what would be right.
    """

    path: str
    message: str

    def __str__(self) -> str:
        """Show both, as one line of a log."""
        return f"{self.path}: {self.message}" if self.path else self.message


class ImageServerError(Exception):
    """Base of all errors of this server; its text is for people and holds no secret."""

    code = "InternalError"
    status = 500


class RequestError(ImageServerError):
    """A request that can't be met as it is.

    Attributes:
        mistakes: Each single mistake with its path; empty where the text says it all.
    """

    code = "BadRequest"
    status = 400

    def __init__(self, message: str, *, mistakes: tuple[Mistake, ...] = ()) -> None:
        super().__init__(message)
        self.mistakes = mistakes


class BadRequestError(RequestError):
    """A malformed request."""


class StartError(RequestError):
    """An operation that can't start; the reason is known at once."""

    code = "StartError"


class PromptError(RequestError):
    """A prompt that can't be kept or used."""

    code = "PromptError"


class NotFoundError(RequestError):
    """There is no such thing."""

    code = "NotFound"
    status = 404


class ConflictError(RequestError):
    """It can't be done in this state of things."""

    code = "Conflict"
    status = 409


class UnauthorizedError(RequestError):
    """No token, or a wrong one."""

    code = "Unauthorized"
    status = 401


class ForbiddenError(RequestError):
    """Whoever asks may not come in here."""

    code = "Forbidden"
    status = 403


class TooLargeError(RequestError):
    """A body over its limit."""

    code = "TooLarge"
    status = 413


class UnsupportedTypeError(RequestError):
    """A body of a type that is not taken here."""

    code = "UnsupportedType"
    status = 415


class UnprocessableError(RequestError):
    """A body that is well-formed but can't be used, such as a picture that can't be opened."""

    code = "Unprocessable"
    status = 422


class TooManyRequestsError(RequestError):
    """Too often; `retry_after` is in seconds."""

    code = "TooManyRequests"
    status = 429

    def __init__(self, message: str, *, retry_after: float) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class UnavailableError(ImageServerError):
    """Not now: the server starts, stops, or lacks what it needs."""

    code = "Unavailable"
    status = 503


class SettingsError(ImageServerError):
    """Settings that can't be used; `mistakes` names every one of them."""

    code = "SettingsError"

    def __init__(self, message: str, *, mistakes: tuple[Mistake, ...] = ()) -> None:
        super().__init__(message)
        self.mistakes = mistakes


class UnreadableFileError(SettingsError):
    """Text that is no YAML or JSON for us; its message says where and what, not in which file.

    Attributes:
        line: Counts from 1; None where it can't be said.
        column: In characters, counts from 1.
    """

    def __init__(self, message: str, *, line: int | None = None, column: int | None = None) -> None:
        super().__init__(message if line is None else f"line {line}, column {column}: {message}")
        self.line = line
        self.column = column


class PictureError(ImageServerError):
    """Bytes that are no picture, a broken one, or one that is too large."""

    code = "PictureError"
    status = 422


class StoreError(ImageServerError):
    """The picture directory can't be read or written."""

    code = "StoreError"
    status = 503


class NoMemoryError(StoreError):
    """A picture needs more memory than there is at this moment; nothing is wrong with the picture."""


class StateError(ImageServerError):
    """What must survive a restart can't be written down."""

    code = "StateError"
    status = 503


class SupervisorError(ImageServerError):
    """Home Assistant's Supervisor can't do what it is asked; it may be able to in a while."""

    code = "SupervisorError"
    status = 503


class SupervisorRefusedError(SupervisorError):
    """The Supervisor will not do it: asking again changes nothing."""


class ProviderError(ImageServerError):
    """A provider did not give a picture. Each subclass is a rule of what may follow."""

    code = "ProviderError"
    status = 503


class ContentRefusedError(ProviderError):
    """The provider refuses this prompt: final, never repeated."""

    code = "ContentRefused"
    status = 422


class AccessRefusedError(ProviderError):
    """Credentials, rights, balance or model: switched off until a person mends it."""

    code = "AccessRefused"


class RateLimitedError(ProviderError):
    """Too many requests; `retry_after` is in seconds, None where the provider did not say."""

    code = "RateLimited"

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class NotSentError(ProviderError):
    """The request never left (DNS, connection, TLS): it cost nothing and may be repeated."""

    code = "NotSent"


class FateUnknownError(ProviderError):
    """It was sent and nobody knows what became of it: not repeated where it costs money."""

    code = "FateUnknown"


class BadAnswerError(ProviderError):
    """The provider answered with what is no picture: final."""

    code = "BadAnswer"


class PromptTooLongError(ProviderError):
    """Refused before sending: the prompt is over the provider's limit."""

    code = "PromptTooLong"
    status = 400
