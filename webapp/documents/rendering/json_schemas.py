"""The form of a submission as JSON Schema, made from the same declarations that check it.

`python -m webapp.documents.rendering.json_schemas` prints it; the published copy is
`webapp/documents/submission.schema.json`.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from marshmallow import Schema, fields, validate

from webapp.documents.rendering.submission_schemas import FORMAT, SubmissionSchema

_TYPES: dict[type[fields.Field[Any]], dict[str, Any]] = {
    fields.String: {"type": "string"},
    fields.Integer: {"type": "integer"},
    fields.Float: {"type": "number"},
    fields.Boolean: {"type": "boolean"},
    fields.Date: {"type": "string", "format": "date"},
}


def submission_json_schema() -> dict[str, Any]:
    """JSON Schema, draft 2020-12, of a submission."""
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": FORMAT}
    return {**head, **_object(SubmissionSchema())}


def _object(schema: Schema) -> dict[str, Any]:
    return {
        "type": "object",
        "title": (type(schema).__doc__ or "").strip(),
        "properties": {name: _field(field) for name, field in schema.fields.items()},
        "required": [name for name, field in schema.fields.items() if field.required],
        "additionalProperties": False,
    }


def _field(field: fields.Field[Any]) -> dict[str, Any]:
    described = {"description": field.metadata["description"]} if "description" in field.metadata else {}
    return {**described, **_type(field), **_limits(field)}


def _type(field: fields.Field[Any]) -> dict[str, Any]:
    if isinstance(field, fields.Nested):
        return _object(field.schema)
    if isinstance(field, fields.List):
        return {"type": "array", "items": _field(field.inner)}
    if isinstance(field, fields.Enum):
        return {"type": "string", "enum": [member.value for member in field.enum]}
    kind = _TYPES[type(field)]
    return {**kind, "type": [kind["type"], "null"]} if field.allow_none else kind


def _limits(field: fields.Field[Any]) -> dict[str, Any]:
    limits: dict[str, Any] = {}
    for validator in field.validators:
        if isinstance(validator, validate.Length):
            limits["minLength"] = validator.min
        elif isinstance(validator, validate.Regexp):
            limits["pattern"] = validator.regex.pattern
        elif isinstance(validator, validate.OneOf):
            choices = [str(choice) for choice in validator.choices]
            limits |= {"enum": choices} if len(choices) > 1 else {"const": choices[0]}
    return limits


if __name__ == "__main__":
    sys.stdout.write(json.dumps(submission_json_schema(), ensure_ascii=False, indent=2) + "\n")
