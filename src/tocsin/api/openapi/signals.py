"""/in/<source> described by hand: it stands before the framework, and what it takes depends on the source's format."""

from typing import Any

from tocsin.api.intake import Receipt

RECEIPT = Receipt

_REFUSED = (400, 401, 405, 413, 415, 503)

INTAKE: dict[str, Any] = {
    "operationId": "signals.take",
    "tags": ["signals"],
    "summary": "Signals in. Answers once they are committed; what cannot be parsed opens an incident too.",
    "security": [{"source": []}],
    "parameters": [
        {"name": "source", "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}},
        {
            "name": "key",
            "in": "query",
            "required": False,
            "schema": {"type": "string"},
            "description": "The source's key, for senders that cannot set a header.",
        },
        {
            "name": "Idempotency-Key",
            "in": "header",
            "required": False,
            "schema": {"type": "string", "maxLength": 200},
            "description": "The same key gets the first answer again, for 7 days.",
        },
    ],
    "requestBody": {
        "description": "What the source sends: the webhook of Alertmanager, or any JSON, form or text for the generic "
        "format.",
        "content": {
            "application/json": {
                "schema": {},
                "examples": {
                    "generic": {
                        "value": {
                            "title": "Orders fail",
                            "severity": "critical",
                            "key": "orders",
                            "labels": {"service": "order-database"},
                        }
                    },
                    "resolved": {"value": {"title": "Orders fail", "key": "orders", "status": "resolved"}},
                },
            },
            "application/x-www-form-urlencoded": {"schema": {"type": "object"}},
            "text/plain": {"schema": {"type": "string"}},
        },
    },
    "responses": {
        "202": {
            "description": "Accepted",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Receipt"}}},
        },
        **{str(status): {"$ref": f"#/components/responses/{status}"} for status in _REFUSED},
    },
}
"""The one operation of the door for signals."""
