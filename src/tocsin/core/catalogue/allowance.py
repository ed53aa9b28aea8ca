"""An allowance: a finding of the verifier that somebody has accepted, with a reason and an end."""

from msgspec import Struct


class Allowance(Struct, frozen=True):
    """`finding` is the name of a check, `at` the dotted path of the place and all below it.

    `until` is the first local day, `YYYY-MM-DD` in the organisation's zone, on which it holds no longer.
    """

    finding: str
    at: str
    reason: str
    until: str
