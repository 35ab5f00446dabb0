"""Hides secrets in command lines before people see them.

`mask` takes a command line as the system shows it and returns one that may be shown. Pure; no threads; takes time in
proportion to the text. It is best effort. A secret without a recognizable name or option is not hidden. A sample's
`command` has its arguments joined by spaces, so where an argument ends is a guess: a secret with spaces in it is hidden
up to the first space, unless it stands in quotes.
"""

from __future__ import annotations

import re
from enum import Enum, auto

MASK = "•••"

_KERNEL_ID = re.compile(r"(?<=kernel-)[0-9A-Za-z-]{8,128}(?=\.json)")

_MOST_PASSES = 5
"""What is left when something was hidden can look like a secret in its turn, so it is gone through again."""

_SPACES = " \t\n\v\f\r"
_WORD = re.compile(f"[^{_SPACES}]+")
# What some secret needs: without any of these a command line is as it should be. Most are.
_HINTS = (
    *("pass", "pw", "psk", "secret", "token", "key", "credential", "auth", "bearer", "cookie", "://"),
    *("mysql", "mariadb", "mongo", "redis", "ldap", "7z", "rar", "zip", "login", "mosquitto", "ipmi", "sqlcmd"),
    *("curl", "smb", "webhook"),
)
_SUSPICIOUS = re.compile("|".join(_HINTS), re.IGNORECASE)
# A URL's user and secret, or what stands alone before the @ of a web address, where tokens stand; or a name. That takes
# its whole run always, so that none is looked at twice.
_NAMED = re.compile(
    r"(?<=:)(?P<user>//[^/\s:@]*:|(?i:(?<=http:)|(?<=https:))//(?!git@)(?=[^/\s:@?#]+@))[^/\s]*@"
    r"|[\w.-]+(?:[\"']?[=:])?"
)
_OPTION = re.compile(r"--?[A-Za-z][a-z-]*(?:=.*)?", re.DOTALL)
_INNER_END = re.compile(r"[&;,\"']")

_ENDINGS = (
    *("password", "passwd", "passphrase", "passcode", "pwd", "secret", "token", "credential", "credentials"),
    *("apikey", "accesskey", "secretkey", "privatekey", "authkey", "authorization", "cookie"),
    "webhook",  # whoever knows its address may post there
)
_LAST_WORDS = {"pw", "psk", "bearer"}
_NO_SECRETS = {"pwd", "oldpwd", "bypass", "compass"}
_NO_VALUES = ("no-", "ask-", "prompt-")
_SCHEMES = {"basic", "bearer", "digest", "negotiate", "token", "apikey", "aws4-hmac-sha256"}

_ATTACHED, _EITHER, _PAIR = "attached", "either", "pair"
_CLIENTS = {
    # Program (what its name begins with), option letters, where their value may be, and letters without a value, which
    # may stand before them: -vp is -v -p. A pair is USER:SECRET.
    **dict.fromkeys(("mysql", "mariadb"), ("p", _ATTACHED, "ABCEGHINQVXbfiknoqstvx")),
    **dict.fromkeys(("rar", "unrar"), ("p", _ATTACHED, "h")),
    "7z": ("p", _ATTACHED, ""),
    "sshpass": ("p", _EITHER, "v"),
    **dict.fromkeys(("mongo", "login"), ("p", _EITHER, "")),
    **dict.fromkeys(("zip", "unzip"), ("P", _EITHER, "0123456789AcDeFfgjJklLmoqrSTuvwXyz")),
    **dict.fromkeys(("mosquitto_", "ipmitool", "sqlcmd"), ("P", _EITHER, "")),
    "redis-cli": ("a", _EITHER, ""),
    "ldap": ("w", _EITHER, "AcCIkKLMnNQtuvVxZ"),
    "curl": ("uU", _PAIR, "#0123456aBfgGiIjJklLMnNOpqRsSvVZ"),
    "smbclient": ("U", _PAIR, ""),
}
_CLIENT = re.compile("(?:.*/)?(" + "|".join(map(re.escape, _CLIENTS)) + ")[a-z0-9_-]*(?:\\.exe)?", re.DOTALL)
_PAIR_OPTIONS = {"--user", "--proxy-user"}
_SHELL_ENDS = {";", "|", "&", "&&", "||"}


class _Next(Enum):
    """What the next word is, after the one before it."""

    ANYTHING = auto()
    VALUE = auto()
    HEADER = auto()
    PAIR = auto()


def mask(command: str) -> str:
    """Return a command line with its secrets replaced by "•••"; everything else stays as it is.

    Hidden are the values of options (`--password x`, `--token=x`), of variables and parameters (`API_KEY=x`) and of
    headers (`Authorization: Bearer x`) whose names look like secrets', those of `-p` and the like of known clients
    (`mysql -px`), and passwords in URLs and of `curl -u user:x`; before the @ of a web address also a name that stands
    there alone, for tokens do. Of Jupyter kernels the id is hidden, by which whoever may ask their server could find
    them. What was masked already stays so.

    Args:
        command: arguments joined by spaces, as in a sample's row; may be empty, and of any length.
    """
    if "kernel-" in command:
        command = _KERNEL_ID.sub(MASK, command)
    lower = command.lower()
    if not any(hint in lower for hint in _HINTS):
        return command
    for _ in range(_MOST_PASSES):
        before, command = command, _mask_once(command)
        if command == before:
            break
    return command


def _mask_once(command: str) -> str:
    masker, parts, place = _Masker(command), [], 0
    while word := _WORD.search(command, masker.skip(place)):
        parts.append(command[place : word.start()])
        shown, place = masker.show(word.start(), word.end())
        parts.append(shown)
    parts.append(command[place:])
    return "".join(parts)


class _Masker:
    """Goes through the words of a command line, one after the other, and knows what the ones before promise."""

    def __init__(self, command: str) -> None:
        self._command = command
        self._next = _Next.ANYTHING
        self._client: tuple[str, str, str] | None = None

    def skip(self, place: int) -> int:
        """Return where the next word begins that may matter, at `place` or later."""
        if self._next is not _Next.ANYTHING or self._client:
            return place
        found = _SUSPICIOUS.search(self._command, place)
        if not found:
            return len(self._command)
        return max(place, *(self._command.rfind(space, place, found.start()) + 1 for space in _SPACES))

    def show(self, start: int, end: int) -> tuple[str, int]:
        """Return how the word from `start` to `end` is shown, and where what that covers ends: quotes hold more."""
        word = self._command[start:end]
        expected, self._next = self._next, _Next.ANYTHING
        if expected is _Next.HEADER and word.strip("\"'").lower() in _SCHEMES:
            self._next = _Next.HEADER
            return word, end
        if expected is _Next.PAIR:
            return self._pair(start, end)
        if expected is not _Next.ANYTHING and not _OPTION.fullmatch(word):
            # A header may go on: "Cookie: a=x; b=y", "Digest username=x, response=y".
            if expected is _Next.HEADER and word[0] not in "\"'" and word[-1] in ";,":
                self._next = _Next.HEADER
            return self._value(start, end)
        if word[0] != "-" and word not in _SHELL_ENDS and not _SUSPICIOUS.search(word):
            return word, end
        return self._plain(word, start, end)

    def _plain(self, word: str, start: int, end: int) -> tuple[str, int]:
        if word.startswith("-"):
            if self._client and not word.startswith("--"):
                letters, where, flags = self._client
                option = word[1:].lstrip(flags)
                if option and option[0] in letters:
                    return self._client_option(where, start, end - len(option) + 1, end)
            if self._client and self._client[1] is _PAIR:
                name, sign, _ = word.partition("=")
                if name in _PAIR_OPTIONS:
                    self._next = _Next.ANYTHING if sign else _Next.PAIR
                    return self._pair(start, end) if sign else (word, end)
            if _is_secret(word) and "=" not in word and ":" not in word:
                self._next = _Next.VALUE
                return word, end
        elif word in _SHELL_ENDS:
            self._client = None
        elif client := _CLIENT.fullmatch(word.strip("\"'`($")):
            self._client = _CLIENTS[client[1]]
        elif word.lower() == "bearer":
            self._next = _Next.VALUE
        return self._inside(word, start, end)

    def _client_option(self, where: str, start: int, value: int, end: int) -> tuple[str, int]:
        """Show the option from `start`, whose value begins at `value`, or is the next word if that is `end`."""
        option = self._command[start:value]
        if value == end and where is _ATTACHED:
            return option, end
        if where is _EITHER:
            # What follows may be another program's: sshpass -p x ssh -p 22.
            self._client = None
        if value == end:
            self._next = _Next.PAIR if where is _PAIR else _Next.VALUE
            return option, end
        shown, end = (self._pair if where is _PAIR else self._value)(value, end)
        return option + shown, end

    def _pair(self, start: int, end: int) -> tuple[str, int]:
        """Show USER:SECRET, SMB's USER%SECRET too; without a secret it is a user only."""
        word = self._command[start:end]
        separator = re.search("[:%]", word)
        if separator is None:
            return word, end
        user, quote = word[: separator.end()], word[0]
        if quote not in "\"'":
            return user + MASK, end
        end = self._end(start, end)
        return (user + MASK + quote if self._command[end - 1] == quote else user[1:] + MASK), end

    def _inside(self, word: str, start: int, end: int) -> tuple[str, int]:
        """Show a word with what is hidden inside of it: NAME=VALUE, "name":"value", scheme://user:secret@host."""
        shown, place = "", 0
        opening = len(word) - len(word.lstrip("-\"'{"))
        for named in _NAMED.finditer(word):
            if named.start() < place:
                continue
            if named["user"]:
                shown += word[place : named.end("user")] + MASK
                place = named.end() - 1
                continue
            name = named[0]
            if name[-1] not in "=:" or not _is_secret(name.rstrip("=:\"'")):
                continue
            if name[-1] == ":" and named.start() and word[named.start() - 1] not in "\"'{,(":
                continue
            value = named.end()
            shown += word[place:value]
            if value == len(word):
                self._next = _Next.HEADER if name[-1] == ":" else _Next.ANYTHING
                return shown, end
            quote = word[value] if word[value] in "\"'" else ""
            closing = word.find(quote, value + 1) if quote else -1
            if closing < 0 and (quote or named.start() <= opening):
                hidden, end = self._value(start + value, end)
                return shown + hidden, end
            found = _INNER_END.search(word, value)
            place = closing if quote else found.start() if found else len(word)
            shown += quote + MASK if place > value else ""
        return shown + word[place:], end

    def _value(self, start: int, end: int) -> tuple[str, int]:
        """Hide a value, to the end of its word or of its quotes; closing quotes and brackets stay."""
        quote = self._command[start]
        if quote not in "\"'":
            word = self._command[start:end]
            return MASK + word[len(word.rstrip("\"'")) :], end
        end = self._end(start, end)
        text = self._command[start + 1 : end]
        closing = text[len(text.rstrip("\"'}]),;")) :]
        return quote + MASK + closing if quote in closing else MASK, end

    def _end(self, start: int, end: int) -> int:
        """Return where the word ends in which the quotes that open at `start` close; `end` if they never do."""
        closing = self._command.find(self._command[start], start + 1)
        if closing < 0:
            return end
        word = _WORD.match(self._command, closing)
        return max(end, word.end()) if word else end


def _is_secret(name: str) -> bool:
    """Return whether a name looks like a secret's; those in capitals may just end in KEY, as variables do."""
    bare = name[-64:].lstrip("-.")
    lower = bare.lower()
    compact = re.sub("[-_.]", "", lower)
    if compact in _NO_SECRETS or lower.startswith(_NO_VALUES):
        return False
    return (
        compact.endswith(_ENDINGS)
        or compact.endswith("pass")
        or re.split("[-_.]", lower)[-1] in _LAST_WORDS
        or (bare.isupper() and bare.endswith("KEY"))
    )
