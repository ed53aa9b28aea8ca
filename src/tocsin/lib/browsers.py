"""What a browser calls itself, as people call it: `Firefox, Linux`. Only for showing; nothing is decided by it."""

Marks = tuple[tuple[str, str], ...]

_NAMES: Marks = (
    ("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser", "Samsung"), ("Firefox/", "Firefox"), ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"), ("Chrome/", "Chrome"), ("Safari/", "Safari"),
)  # fmt: skip
_SYSTEMS: Marks = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("CrOS", "ChromeOS"),
    ("Macintosh", "Mac"), ("Linux", "Linux"),
)  # fmt: skip


def called(agent: str) -> str:
    """Browser and system, as far as they are said; else the first of what it says, '' for nothing."""
    found = [_first(agent, table) for table in (_NAMES, _SYSTEMS)]
    return ", ".join(one for one in found if one) or agent[:60]


def _first(agent: str, table: Marks) -> str:
    return next((name for mark, name in table if mark in agent), "")
