"""THE DOORS FOR PROGRAMS: signals in at /in, and everything that can be asked or done under /api/v1."""
