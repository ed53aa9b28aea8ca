"""WHO MAY DO WHAT: tokens, signed links, the keys of sources, and one pure table of permissions."""
