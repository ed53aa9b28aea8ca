"""One file for each change of the tables, never edited after a release; pre_ widens, post_ narrows."""
