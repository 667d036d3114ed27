"""Where the time of a profiled stage went: by part of the system, and the functions that took most."""

import cProfile
import pstats
from collections import Counter
from typing import Any, TypeAlias

from tests.bench.programs import ROOT

_Function: TypeAlias = tuple[str, int, str]
_BUILT_IN = "~"
_WAIT = "'poll' of 'select.epoll'"
_TOP = 15


def summary(profiler: cProfile.Profile) -> dict[str, Any]:
    """Shares of own time by part, and the functions with the most of it.

    What is built in counts for the part that called it; waiting for the database and the source is a part of its own.

    Args:
        profiler: that has stopped.
    """
    stats: dict[_Function, Any] = pstats.Stats(profiler).stats  # type: ignore[attr-defined] -- public, and missing in the stubs
    parts: Counter[str] = Counter()
    own: dict[_Function, float] = {}
    for function, (_, __, seconds, ___, callers) in stats.items():
        own[function] = seconds
        if function[0] != _BUILT_IN or _WAIT in function[2]:
            parts[_part(function)] += seconds
            continue
        for caller, (*_, own_s, __) in callers.items():
            parts[_part(caller)] += own_s
    total = sum(parts.values()) or 1.0
    top = sorted(own, key=lambda function: -own[function])[:_TOP]
    return {
        "parts": {part: round(seconds / total, 3) for part, seconds in parts.most_common(10)},
        "top": [
            {
                "function": _name(function),
                "calls": stats[function][0],
                "own_share": round(own[function] / total, 3),
            }
            for function in top
        ],
    }


def _part(function: _Function) -> str:
    path, _, name = function
    if _WAIT in name:
        return "waiting"
    if path.startswith(f"{ROOT}/") and "site-packages" not in path:
        return "/".join(path.removeprefix(f"{ROOT}/").split("/")[:2])
    if "site-packages/" in path:
        return path.split("site-packages/")[1].split("/")[0].removesuffix(".py")
    return "standard library"


def _name(function: _Function) -> str:
    path, line, name = function
    if path == _BUILT_IN:
        return name
    short = path.split("site-packages/")[-1].removeprefix(f"{ROOT}/")
    return f"{short}:{line} {name}"
