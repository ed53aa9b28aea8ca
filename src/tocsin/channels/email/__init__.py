"""E-mail: a page that reads well on a phone at night, with one button that acts."""
