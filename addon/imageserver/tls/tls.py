"""How the server speaks TLS."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

from ..exceptions import SettingsError

if TYPE_CHECKING:
    from pathlib import Path
    from typing import NoReturn

CIPHERS = (
    "ECDHE+CHACHA20:ECDHE+AESGCM:ECDHE+AES:AES128-GCM-SHA256:AES256-GCM-SHA384"
    ":AES128-SHA256:AES256-SHA256:AES128-SHA"
)
"""In the order of what they cost a frame. The last ones are all that some firmware builds offer."""


def server_context(certificate: Path, key: Path | None = None) -> ssl.SSLContext:
    """Return what a listener needs to speak TLS; blocking.

    Raises:
        SettingsError: The files can't be read or used.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_CIPHER_SERVER_PREFERENCE | ssl.OP_NO_RENEGOTIATION
    context.set_ciphers(CIPHERS)

    def no_password() -> NoReturn:
        raise SettingsError(f"{key} is encrypted: the server needs it without a password")

    try:
        context.load_cert_chain(certificate, key, password=no_password)
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            raise SettingsError(f"{certificate} and {key} do not belong together") from error
        raise SettingsError(f"{certificate} and {key} are no certificate and key in PEM") from error
    except OSError as error:
        missing = next((path for path in (certificate, key) if path and not path.exists()), None)
        text = (
            f"{missing} is missing" if missing else f"{certificate} or {key} can't be read: {error.strerror}"
        )
        raise SettingsError(text) from error
    return context
