"""The web pages: one folder a page, each with its path, its query and its template."""
