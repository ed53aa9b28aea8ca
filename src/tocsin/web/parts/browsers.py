"""What a browser calls itself, as people call it: `Firefox, Linux`. Only for showing; nothing is decided by it."""

_NAMES = (("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("Firefox/", "Firefox"))
_NAMES += (("FxiOS", "Firefox"), ("CriOS", "Chrome"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
_SYSTEMS = (("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"))
_SYSTEMS += (("CrOS", "ChromeOS"), ("Mac OS X", "Mac"), ("Linux", "Linux"))


def called(agent: str) -> str:
    """Browser and system, as far as they are said; else the first of what it says, '' for nothing."""
    found = [_first(agent, table) for table in (_NAMES, _SYSTEMS)]
    return ", ".join(one for one in found if one) or agent[:60]


def _first(agent: str, table: tuple[tuple[str, str], ...]) -> str:
    return next((name for mark, name in table if mark in agent), "")
