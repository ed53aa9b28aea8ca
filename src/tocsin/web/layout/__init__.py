"""What every page is set in: the template environment, times and words as people read them."""
