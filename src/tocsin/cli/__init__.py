"""HOW YOU START IT. One module for each command; the web layer is imported only by those that serve."""
