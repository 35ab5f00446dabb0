"""Every error that procwidget raises on purpose.

One root, `ProcwidgetError`, so that one `except` catches them all. Each message is one sentence that says
what is wrong and what would be right.
"""

from __future__ import annotations


class ProcwidgetError(Exception):
    """The root of all errors that procwidget raises on purpose."""

    def _render_traceback_(self) -> list[str]:
        # What IPython shows instead of a traceback: these are a user's mistakes, and the sentence says it all.
        return [f"{type(self).__name__}: {self}"]


class InvalidArgument(ProcwidgetError, ValueError):
    """An argument, a request parameter or an option has a value that cannot be used."""


class InvalidPlace(InvalidArgument, TypeError):
    """What was given in brackets is no place in a sequence of samples."""


class QueryError(InvalidArgument):
    """A search cannot be understood; `start` and `end` say which of its characters are wrong, as a slice does."""

    def __init__(self, sentence: str, start: int, end: int) -> None:
        super().__init__(sentence)
        self.start, self.end = start, end


class SourceUnavailable(ProcwidgetError):
    """A source cannot read this host, for example because the kernel refuses it."""


class HostSilent(SourceUnavailable):
    """Another host has said nothing for a while, or is gone; the message is for its dashboard."""


class ActionRefused(ProcwidgetError):
    """A signal was not sent; the message is the reason, as a sentence for the user."""


def number_between(name: str, value: object, low: float, high: float) -> float:
    """Return `value` as a float if it is a real number from `low` to `high`.

    Raises:
        InvalidArgument: it is not a number, or outside the range (NaN is outside every range).
    """
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
        raise InvalidArgument(f"{name} must be a number from {low:g} to {high:g}, not {value!r}.")
    return float(value)


def whole_number_between(name: str, value: object, low: int, high: int) -> int:
    """Return `value` if it is an int from `low` to `high`.

    Raises:
        InvalidArgument: it is not an int, or outside the range.
    """
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise InvalidArgument(f"{name} must be a whole number from {low} to {high}, not {value!r}.")
    return value


def check_place(index: object) -> None:
    """Refuse what is no place in a sequence of samples.

    Raises:
        InvalidPlace: it is neither a whole number nor a slice.
    """
    parts = (index.start, index.stop, index.step) if isinstance(index, slice) else (index,)
    if not all(hasattr(part, "__index__") or (part is None and isinstance(index, slice)) for part in parts):
        raise InvalidPlace(
            f"Samples are found by their place, such as [-1] or [-10:], not by {index!r:.80};"
            ' columns("cpu_usage") has one figure of all.'
        )
