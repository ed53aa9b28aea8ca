"""The open conformance kit: plain cases with what must come of them, for tocsin and for any other product."""
