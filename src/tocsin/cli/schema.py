"""`tocsin schema`: the JSON Schema of the rulebook, so that an editor completes and underlines while one types."""

from tocsin.cli.options import Format, introduce
from tocsin.cli.output import say_json
from tocsin.config.schema import schema as language

app = introduce(
    "schema",
    """
tocsin schema > tocsin.schema.json
# and as the first line of the rulebook:
# # yaml-language-server: $schema=tocsin.schema.json
""",
    "It speaks of one file (JSON Schema 2020-12); `tocsin check` knows more, for it sees all of them.",
)


@app.default
def schema(*, form: Format = "json") -> None:  # noqa: ARG001  every command has --format; a schema is JSON in either
    """Print the schema."""
    say_json(language())
