"""Everything that can go wrong between a client and its server.

    ImageServerError
    ├── CannotConnectError         nobody answers, or not to the end: it may work the next time
    │   ├── AnswerLostError        it was asked for a change, and nobody knows whether it was done
    │   └── NotTrustedError        nobody vouches for the certificate
    ├── TokenRefusedError          the server wants another token
    ├── NotAnImageServerError      something else answers
    ├── UnsupportedVersionError    a server whose API is of another version
    └── RequestRefusedError        the server refuses what it was asked for, and says why
        └── NotFoundError          there is no such thing

The text of an error is for logs; no token stands in any of them.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing that is wrong with a request.

    Attributes:
        path: Where, such as `placeholders.colour[2]`; empty where there is no place to name.
        message: What is wrong and what would be right.
    """

    path: str
    message: str


class ImageServerError(Exception):
    """Base of all errors of this client."""


class CannotConnectError(ImageServerError):
    """Refused, not found, too slow, not trusted, or cut off."""


class AnswerLostError(CannotConnectError):
    """A change was asked for, and no answer came: it may have been done. Nothing repeats it by itself."""


class NotTrustedError(CannotConnectError):
    """The certificate is the server's own, of another name, or out of date."""


class TokenRefusedError(ImageServerError):
    """The server does not know this token (401)."""


class NotAnImageServerError(ImageServerError):
    """What answers is not the server's management API, or answers what the API does not say."""


class UnsupportedVersionError(ImageServerError):
    """A server that speaks another version of the API.

    Attributes:
        api_version: That version.
    """

    def __init__(self, api_version: int) -> None:
        super().__init__(f"The server's API has version {api_version}")
        self.api_version = api_version


class RequestRefusedError(ImageServerError):
    """The server's refusal.

    Attributes:
        code: Stable, such as `StartError`.
        message: For people, in English.
        status: Of HTTP.
        details: Each single mistake.
        retry_after: Seconds until it may be tried again, where the server says so.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        status: int,
        details: tuple[Mistake, ...] = (),
        retry_after: float | None = None,
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.details = details
        self.retry_after = retry_after


class NotFoundError(RequestRefusedError):
    """There is no such thing (404)."""
