"""Who may come in where. A line is a visitor, a column a door; every route is tried.

`in`: the route itself answers, be it that it wants another body. For the rest it is not there, or says no;
`page`: all but the page for people, which opens under the server's own names alone.
"""

from __future__ import annotations

import re

from .matrix import DOORS

AS_APP = """
                                 open guarded | frames: http https | management's paths there
nobody                            in   401    |         in   in    | 404
nobody, for a foreign host        in   401    |         page page  | 404
a page of another site            in   401    |         403  403   | 403
a rebound page                    in   401    |         403  403   | 403
a wrong token                     in   401    |         in   in    | 404
half the token                    in   401    |         in   in    | 404
an empty token                    in   401    |         in   in    | 404
the token as Basic                in   401    |         in   in    | 404
the token without a scheme        in   401    |         in   in    | 404
the token in a cookie             in   401    |         in   in    | 404
the token in other headers        in   401    |         in   in    | 404
the token in the query            in   401    |         in   in    | 404
forged headers                    in   401    |         in   in    | 404
forged headers in a frame's place in   401    |         in   in    | 404
forged twice                      in   401    |         in   in    | 404
Home Assistant's own address      in   401    |         in   in    | 404
the Supervisor's DNS              in   401    |         in   in    | 404
outside frame_networks            in   401    |         403  403   | 403
ingress                           in   in     |         in   in    | 404
ingress with a wrong token        in   in     |         in   in    | 404
the right token                   in   in     |         in   in    | 404
the right token from outside      in   in     |         403  403   | 403
the right token after wrong ones  in   401    |         in   in    | 404
"""

ELSEWHERE = re.sub(r"^(ingress.{27}in   )in ", r"\g<1>401", AS_APP, flags=re.MULTILINE)
"""Where there is no Supervisor, anybody may have that address."""


def told(table: str) -> dict[str, dict[str, str]]:
    """Read a table."""
    lines = [line for line in table.splitlines()[2:] if line]
    cells = {line[:34].strip(): line[34:].replace("|", " ").split() for line in lines}
    return {name: dict(zip(DOORS, found, strict=True)) for name, found in cells.items()}


def expected(*, as_app: bool) -> dict[str, dict[str, str]]:
    """Return the table that holds."""
    return told(AS_APP if as_app else ELSEWHERE)
