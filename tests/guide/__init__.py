"""The guides: their pictures, their links and the commands that they name."""
