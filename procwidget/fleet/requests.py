"""Takes requests from afar for an `Agent` and gives their answers as bytes, an error as its sentence; and reads these.

`answer` may wait for a process to end or for a disk: call it in a thread that may. Both ends are here, so that they
cannot differ.
"""

from __future__ import annotations

import json
import math
import zlib
from collections.abc import Mapping
from typing import Any

from procwidget.clean_text import clean_text
from procwidget.errors import InvalidArgument
from procwidget.fleet.agent import Agent
from procwidget.fleet.checked import Lie, unpacked
from procwidget.fleet.failure import packed_failure, raise_failure

_DEEPEST, _MOST_PARTS = 12, 500_000


def answer(agent: Agent, request: Mapping[str, Any]) -> bytes:
    """Return the answer to a request; anything may be in it.

    Args:
        agent: what answers.
        request: `do`, what is wanted; `who`, a name that the asker made for itself; `key`, which host is meant; and
            what is needed for it.
    """
    try:
        return _packed({"said": _answer(agent, {key: _listed(value) for key, value in request.items()})})
    except Exception as error:
        return packed_failure(error)


def _answer(agent: Agent, request: Mapping[str, Any]) -> Any:
    get, do, who = request.get, request.get("do"), str(request.get("who"))[:64]
    if do == "hello":
        return agent.hello()
    agent.require(get("key"))
    if do in ("ask", "confirm", "signal"):
        agent.protect(who, get("pids"))
    match do:
        case "lease":
            return agent.lease(who, get("interval"), get("pids"))
        case "rest":
            return agent.rest(who)
        case "find":
            return agent.find(str(get("query")), int(get("most") or 0), str(get("sort")))
        case "ask":
            return agent.service(who).ask(get("identities"), get("signal"), get("by"))
        case "confirm":
            service = agent.service(who)
            return service.confirm(get("nonce"), get("by"), get("signal"), get("identities"))
        case "cancel":
            return agent.service(who).cancel(get("nonce"), get("by"))
        case "signal":
            return agent.signal(who, list(get("identities") or ()), str(get("signal")), str(get("by")))
    details = agent.process_details(reveal=get("reveal") is True and agent.may_kill)
    match do:
        case "details":
            return details.details(get("identity"), expensive=get("expensive") is True)
        case "command":
            return details.command(get("identity"))
        case "opened":
            return details.opened(get("identity"))
        case "stack":
            return details.stack(get("identity"))
        case "look_up":
            return details.look_up(get("lookups"))
    raise InvalidArgument("There is no such request.")


def _listed(value: Any) -> Any:
    """Return lists for the tuples that carriers may make of them."""
    if isinstance(value, (list, tuple)):
        return [_listed(one) for one in value]
    return {key: _listed(one) for key, one in value.items()} if isinstance(value, dict) else value


def _packed(value: dict[str, Any]) -> bytes:
    # What is NaN or infinite is unknown there.
    return zlib.compress(json.dumps(_known(value), separators=(",", ":")).encode("ascii"), 1)


def _known(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): _known(one) for key, one in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)) or hasattr(value, "typecode"):
        return [_known(one) for one in value]
    return value


def read_answer(data: object) -> Any:
    """Return what a host answered, with its texts made clean.

    Raises:
        ProcwidgetError: what it said is an error.
        Lie: it is no answer.
    """
    value = unpacked(data)
    if not isinstance(value, dict):
        raise Lie("an answer is no answer")
    raise_failure(value)
    return _cleaned(value.get("said"), [_MOST_PARTS])


def _cleaned(value: Any, left: list[int], depth: int = 0) -> Any:
    left[0] -= 1
    if left[0] < 0 or depth > _DEEPEST:
        raise Lie("an answer has too many parts")
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, list):
        return [_cleaned(one, left, depth + 1) for one in value]
    if isinstance(value, dict):
        return {clean_text(key)[:200]: _cleaned(one, left, depth + 1) for key, one in value.items()}
    return value
