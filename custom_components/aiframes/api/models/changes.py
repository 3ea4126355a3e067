"""What events tell, where it is more than the thing itself."""

from dataclasses import dataclass

from .frames import Frame
from .operations import Operation
from .pictures import Picture
from .problems import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureSent:
    """A frame got a picture; `picture` is None for one that the store does not hold."""

    operation: Operation
    picture: Picture | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureChanged:
    """A picture has changed; `picture` is None for one that is gone."""

    id: str
    picture: Picture | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameChanged:
    """A frame has changed; `frame` is None for one that is forgotten."""

    id: str
    frame: Frame | None


@dataclass(frozen=True, slots=True)
class ProblemsChanged:
    """All problems that stand now."""

    problems: tuple[Problem, ...]
