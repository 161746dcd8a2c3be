"""Named slots in texts that people write: {{recipient}}. Nothing is evaluated: a known name is replaced by its text,
once, and what stands in that text stays as it is."""

import re
from collections.abc import Collection, Mapping

from flask_babel import lazy_gettext as _l

from halal.errors import DomainError

_SLOT = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")


def names(template: str) -> list[str]:
    """The names of the slots, in order."""
    return _SLOT.findall(template)


def check(template: str, known: Collection[str], field: str | None = None) -> None:
    """Raises DomainError for a slot that does not exist, or brackets that do not belong together."""
    for name in names(template):
        if name not in known:
            raise DomainError(
                _l(
                    "The slot %(name)s does not exist. There are: %(known)s.",
                    name="{{" + name[:60] + "}}",
                    known=", ".join("{{" + one + "}}" for one in known),
                ),
                field,
            )
    rest = _SLOT.sub("", template)
    if "{{" in rest or "}}" in rest or "{%" in rest:
        raise DomainError(_l("Curly brackets have no partner. Write slots like %(name)s.", name="{{recipient}}"), field)


def fill(template: str, values: Mapping[str, str]) -> str:
    """The template with each slot replaced by its text; a name without a text stays as typed."""
    return _SLOT.sub(lambda match: str(values.get(match[1], match[0])), template)
