"""Every complaint the language can make: its code, how bad it is, what it means, and what usually helps."""

from typing import Literal

from msgspec import Struct

Severity = Literal["error", "warning", "info"]
"""An error leaves no rulebook; a warning is worth reading; info says what is kept but not yet active."""


class Code(Struct, frozen=True):
    """One row of the table in the reference; `hint` is what a complaint says that has nothing better to say."""

    code: str
    severity: Severity
    meaning: str
    hint: str = ""


_ROWS = (
    Code("Y001", "error", "the file is not well-formed YAML", "look at the end of the line before, too"),
    Code("Y002", "error", "an expression without quotes breaks the YAML around it", "quote the whole expression"),
    Code("Y003", "error", "a tab where YAML wants spaces", "indent with spaces"),
    Code("Y004", "error", "a key stands twice in one mapping", "keep one of them"),
    Code("Y005", "error", "a merge key (<<)", "write the fields out, or let both places name one definition"),
    Code("Y006", "error", "a tag (!...)", "leave it out: the field decides the type; quote a text that starts with !"),
    Code("Y007", "error", "more than one document in a file", "use one file for each, in one folder"),
    Code("Y008", "error", "the file is empty", 'it starts with "tocsin: 1"'),
    Code("Y009", "error", "the top level is not a mapping", 'it starts with "tocsin: 1"'),
    Code("Y010", "error", "the file is not UTF-8 text", "save it as UTF-8"),
    Code("Y011", "error", "a control character", "remove it"),
    Code("Y012", "error", "the file is larger than 4 MiB", "split it into several files in one folder"),
    Code("Y013", "error", "nested deeper than 64 levels", "nothing in the language is that deep"),
    Code("Y014", "error", "aliases that grow beyond 100,000 nodes", "write it out"),
    Code("Y015", "error", "an alias without an anchor before it", "define it above with &name"),
    Code("Y016", "error", "a key that is not a plain text", 'write "key: value"'),
    Code("Y018", "warning", "the file starts with a byte order mark", "save it without; it is ignored"),
    Code("Y019", "warning", "lines end with CR LF", "save it with LF; both are read"),
    Code("Y020", "error", "a YAML directive (%)", "leave it out: it is always YAML 1.2"),
    Code("Y021", "error", "the file cannot be read"),
    Code("Y022", "error", "the folder holds no rulebook", "put at least one *.yaml into it"),
    Code("F001", "error", "an unknown field"),
    Code("F002", "error", "a field is missing"),
    Code("F003", "error", "the wrong shape: a text, a list or a mapping is wanted"),
    Code("F004", "error", "no value", "give one, or leave the field out"),
    Code("F005", "error", "not one of the words that the field knows"),
    Code("F006", "error", "not a whole number, or out of range"),
    Code("F007", "error", "neither true nor false", "write true or false"),
    Code("F008", "error", "not an id", "use letters, digits, - _ . and start and end with a letter or digit"),
    Code("F009", "error", "an id equal to a word of the language", "choose another id"),
    Code("F010", "error", "defined twice", "keep one of them"),
    Code("F011", "error", "not a duration", "write 30s, 5m, 2h, 1d or a sum such as 1h30m"),
    Code("F012", "error", "an empty or overlong text"),
    Code("F013", "error", "not an e-mail address", "write name@domain"),
    Code("F014", "error", "not a phone number in E.164", 'write it with plus and country, in quotes: "+442071230003"'),
    Code("F015", "error", "not a time zone", "use a name of the IANA database, such as Europe/London"),
    Code("F016", "error", "not a day", "write YYYY-MM-DD"),
    Code("F017", "error", "not an opening", 'write "08:00-18:00"; 24:00 only as an end'),
    Code("F018", "error", "openings that overlap", "join them into one"),
    Code("F019", "error", "not a weekday", "write mon, mon-fri, sat-sun or mon,wed"),
    Code("F020", "error", "not a hand-off", 'weekly "mon 09:00", daily and hourly "09:00", monthly "1 09:00"'),
    Code("F021", "error", "not a percentage", "write 75%"),
    Code(
        "F022", "error", "not a target", "write person:ana, team:x, schedule:x, role:x, manager:1, team, team.lead ..."
    ),
    Code("F023", "error", "not a priority", "write P1 to P5"),
    Code("F024", "error", "a ${...} where none is read", "only the key of a source comes from the environment"),
    Code("F025", "error", "a secret in the file", 'name a variable: "${TOCSIN_KEY_NAME}"'),
    Code("F026", "error", "not a web address", "write https://..."),
    Code("F027", "error", "an unknown version of the language", "this tocsin reads version 1"),
    Code("F028", "error", "listed twice", "keep one of them"),
    Code("F029", "error", "no such holidays", "write a country or region such as DE, GB-ENG, US-CA, or days"),
    Code("F030", "error", "the matrix does not fit", "one priority for each urgency, in each row"),
    Code("F031", "error", "severities without else", "add else: P2, for what no tool said"),
    Code("F032", "error", "not a way of contact", "write email, or sms after 1m"),
    Code("F033", "error", "a step is not one thing", "name exactly one of its verbs"),
    Code("F034", "warning", "a way of contact that is spelled like another"),
    Code("F035", "warning", "an intake that is spelled like another: nothing comes in by it"),
    Code("R001", "error", "a name that nothing defines"),
    Code("R002", "error", "managers in a circle", "somebody at the top has no manager"),
    Code("R003", "error", "schedules that follow each other in a circle", "one of them has rotations"),
    Code("R004", "error", "roles that hold each other in a circle", "a role ends at persons or schedules"),
    Code("R005", "error", "services that depend on each other in a circle", "a dependency points one way"),
    Code("R006", "error", "a team of nobody", "name members, or a schedule as on_call"),
    Code("R007", "error", "a schedule with nobody on it", "give it rotations with people, or follows"),
    Code("R008", "warning", "a team with a schedule and no members", "team.all reaches its members"),
    Code(
        "R009",
        "error",
        "a target that only means something within an incident",
        "name a person, schedule, team or role",
    ),
    Code("P001", "error", "a policy that calls nobody", "its functional ladder needs a step that pages responders"),
    Code("P002", "warning", "steps out of order", "sort them by after; they fire by their time all the same"),
    Code("P003", "error", "a decision needs at least two options"),
    Code("P004", "error", "the default is not one of the options"),
    Code("P005", "error", "a service whose policy never pages anybody", "give the policy functional steps"),
    Code("P006", "error", "levels of a target that the SLA does not have"),
    Code(
        "P007", "warning", "a target that some priorities do not have", "add else, or accept that they have no promise"
    ),
    Code("P008", "error", "a criterion that raises nothing", "say what then: priority, policy, major, ..."),
    Code("P009", "warning", "a source without a key", 'nobody can send with it; add key: "${TOCSIN_KEY_NAME}"'),
    Code("P010", "warning", "an expectation that expects nothing", "say whom it reaches, or what priority it gets"),
    Code(
        "C001", "error", "an expression that does not compile", "it is CEL: ==, !=, <, &&, ||, !, in, texts in quotes"
    ),
    Code("C002", "error", "an expression that is not true or false"),
    Code("C003", "error", "priorities compared by < or >", "write at_least(P2)"),
    Code("C004", "error", "an expression without quotes", "quote it: YAML would cut it at # and at brackets"),
    Code("C005", "error", "an expression that could cost too much"),
    Code("N001", "info", "SLA clocks: parsed and checked, not yet active"),
    Code("N002", "info", "update cadences: parsed and checked, not yet active"),
    Code("N004", "info", "an intake that has no engine yet: parsed and checked, not yet active"),
    Code("N005", "info", "a channel as a target: its address lives in the store, not in this file"),
)

CODES: dict[str, Code] = {row.code: row for row in _ROWS}
"""By code. Y: the file as YAML; F: one field; R: names of others; P: sense; C: expressions; N: kept, not yet active."""
