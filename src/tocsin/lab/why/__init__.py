"""WHY: what reached somebody and what kept others out, and why the next step is what it is."""
