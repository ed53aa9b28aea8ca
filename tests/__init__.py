"""The tests: house first, then core, laws, contracts, stories, engine, doors."""
