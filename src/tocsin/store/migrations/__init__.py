"""How a database becomes the next version's: pre_ runs before the new code, post_ when no old code is left."""
