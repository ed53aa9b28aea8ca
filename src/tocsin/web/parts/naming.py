"""Everybody's name as a page says it: out of the directory, with the language of whoever reads."""

from sqlalchemy import Connection

from tocsin.web.here import Here
from tocsin.web.layout.directory import Directory
from tocsin.web.layout.frame import Frame
from tocsin.web.parts.words import Names


def naming(connection: Connection, at: Here, frame: Frame) -> Names:
    """The names for that reader; read again only where what is known is too old."""
    return Names(at.kept(Directory).names(connection, at.site.clock.steady()), frame.reader.language)
