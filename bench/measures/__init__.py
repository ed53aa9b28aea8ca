"""One module for each measure: what is done, to whom, and what is counted."""
