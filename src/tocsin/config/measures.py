"""Words with a meaning of their own: ids, durations, days, zones, addresses; each refuses with a hint what is none."""

import re
from datetime import date
from zoneinfo import available_timezones

from tocsin.config.words import ID, Word, WrongError
from tocsin.core.calendar.zones import require_zone
from tocsin.core.catalogue.target import WORDS
from tocsin.core.ids import CLOSED_WORDS
from tocsin.core.instant import Period, parse_duration, parse_period

DURATION = r"(?:[0-9]+[smhd])+"


def _id(text: str) -> str:
    if text in CLOSED_WORDS or text in WORDS:
        raise WrongError(f"{text!r} is a word of the language", code="F009")
    if not re.fullmatch(ID, text):
        raise WrongError(f"{text!r} is not an id")
    return text


def _period(text: str) -> Period:
    try:
        return parse_period(text)
    except ValueError as problem:
        raise WrongError(f"{text!r} is not a duration", _period_hint(text) or str(problem).partition("; ")[2]) from None


def _elapsed(text: str) -> int:
    _period(text)
    return parse_duration(text)


def _period_hint(text: str) -> str:
    if re.fullmatch(r"[0-9]+", text):
        return f"say the unit: {text}s, {text}m, {text}h or {text}d"
    squeezed = re.sub(r"\s+", "", text.lower())
    squeezed = re.sub(r"(seconds?|secs?)", "s", squeezed)
    squeezed = re.sub(r"(minutes?|mins?)", "m", squeezed)
    squeezed = re.sub(r"(hours?|hrs?)", "h", squeezed)
    squeezed = re.sub(r"(days?)", "d", squeezed)
    half = re.fullmatch(r"([0-9]+)\.5([mhd])", squeezed)
    if half:
        rest = {"m": "30s", "h": "30m", "d": "12h"}[half.group(2)]
        return f"write {half.group(1)}{half.group(2)}{rest}" if half.group(1) != "0" else f"write {rest}"
    if re.fullmatch(DURATION, text):
        return "ten years are the most"
    if re.fullmatch(DURATION, squeezed):
        return f"write {squeezed}"
    return "weeks are days: write 7d" if squeezed.endswith(("w", "week", "weeks")) else ""


def _day(text: str) -> str:
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        raise WrongError(f"{text!r} is not a day")
    try:
        date.fromisoformat(text)
    except ValueError:
        raise WrongError(f"there is no {text}", "look at the calendar") from None
    return text


def _zone(text: str) -> str:
    try:
        return require_zone(text)
    except ValueError:
        cities = [zone for zone in available_timezones() if zone.rpartition("/")[2] == text.strip().replace(" ", "_")]
        if cities:
            raise WrongError(f"{text!r} is no time zone", f"did you mean {cities[0]}?") from None
        raise


def _email(text: str) -> str:
    if not re.fullmatch(r"[^@\s<>,;\"]{1,64}@[^@\s<>,;\"]{1,255}", text) or ".." in text:
        raise WrongError(f"{text!r} is not an e-mail address")
    return text


def _phone(text: str) -> str:
    if not re.fullmatch(r"\+[1-9][0-9]{6,14}", text):
        raise WrongError(f"{text!r} is not a phone number in E.164", _phone_hint(text))
    return text


def _phone_hint(text: str) -> str:
    digits = re.sub(r"[^0-9]", "", text)
    if text.isdigit() and not text.startswith("0"):
        return f'keep the plus, and quote it: "+{text}"; readers of YAML 1.1 eat the plus of an unquoted one'
    if text.startswith("+") and len(digits) > 6:
        return f'write "+{digits}", without spaces or signs'
    return ""


def _url(text: str) -> str:
    if not re.fullmatch(r"https?://[^\s<>\"]{1,2000}", text):
        raise WrongError(f"{text!r} is not a web address")
    return text


def _some_time(text: str) -> Period:
    period = _period(text)
    if not period.elapsed:
        raise WrongError(f"{text!r} is no time at all", "write at least 1s")
    return period


ID_WORD = Word("an id", "F008", _id, ID)
PERIOD = Word("a duration", "F011", _period, DURATION)
DURATION_WORD = Word("a duration", "F011", _elapsed, DURATION)
DAY_WORD = Word("a day", "F016", _day, r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
ZONE = Word("a time zone", "F015", _zone)
EMAIL = Word("an e-mail address", "F013", _email, r"[^@\s]+@[^@\s]+")
PHONE = Word("a phone number", "F014", _phone, r"\+[1-9][0-9]{6,14}")
URL = Word("a web address", "F026", _url, r"https?://\S+")
SOME_TIME = Word("a duration", "F011", _some_time, DURATION)
