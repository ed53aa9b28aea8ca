"""One person's pages in a storm: the first at once, the rest in bundles that grow calmer, and none lost."""
