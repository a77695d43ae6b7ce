"""How a question is put: the parameters that some endpoints know, and others refuse.

Models differ in what they take. What an endpoint refuses by name is put the next milder way, for
this question and all that follow; what it was in the end is told.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from physprior.endpoint.endpoint import Endpoint
    from physprior.endpoint.prompt import Prompt

Shape = Literal["schema", "object", "none"]
_MILDER: dict[Shape, Shape] = {"schema": "object", "object": "none"}
_SHAPE = re.compile(
    r"response.?format|json.?(schema|object)|structured|guided|grammar|\bschema\b", re.IGNORECASE
)
_REFUSED = re.compile(
    r"unsupported|not support|does not allow|only the default|unknown|unrecognized|unexpected|"
    r"not permitted|extra (inputs|fields)|deprecated",
    re.IGNORECASE,
)
TOLD: dict[Shape, str] = {
    "schema": "by JSON schema",
    "object": "as a JSON object, without a schema",
    "none": "in the words of the question alone",
}
"""How the form of a reply is asked for, in words."""


@dataclass(frozen=True)
class Form:
    """What goes along with a question."""

    shape: Shape
    """How the form of the reply is asked for."""
    adaptable: bool
    """Whether a milder shape may be taken."""
    limit: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    """The name of the limit on the reply's length."""
    tempered: bool = True
    """Whether a temperature is given."""

    def request(self, prompt: Prompt, endpoint: Endpoint) -> dict[str, Any]:
        """The arguments of a chat completion that asks ``prompt``."""
        fields: dict[str, Any] = {
            "model": endpoint.model,
            "messages": [
                {"role": "system", "content": whole(prompt.system)},
                {"role": "user", "content": _content(prompt)},
            ],
            self.limit: endpoint.max_tokens,
        }
        if self.tempered:
            fields["temperature"] = endpoint.temperature
        if self.shape == "schema":
            schema = {"name": prompt.name, "schema": prompt.schema, "strict": True}
            fields["response_format"] = {"type": "json_schema", "json_schema": schema}
        elif self.shape == "object":
            fields["response_format"] = {"type": "json_object"}
        return fields

    def milder(self, param: str, message: str) -> Form | None:
        """The form without what an endpoint's error names; None where it names none of it."""
        refused = _REFUSED.search(message) is not None
        if self.limit == "max_tokens" and (
            "max_completion_tokens" in message or (param == "max_tokens" and refused)
        ):
            return replace(self, limit="max_completion_tokens")
        if self.tempered and refused and "temperature" in (param, *re.findall("[a-z]+", message)):
            return replace(self, tempered=False)
        shape = _MILDER.get(self.shape)
        if self.adaptable and shape and (_SHAPE.search(param) or _SHAPE.search(message)):
            return replace(self, shape=shape)
        return None

    def told(self, before: Form, role: str) -> str:
        """What has become milder since ``before`` for the model in this role, in words."""
        if self.limit != before.limit:
            return f"the {role} takes its limit as max_completion_tokens"
        if self.tempered != before.tempered:
            return f"the {role} refuses a temperature and keeps its own: replies may differ"
        return f"the {role} refuses this form; replies are asked for {TOLD[self.shape]}"


def first_form(endpoint: Endpoint) -> Form:
    """The form that an endpoint is asked in first."""
    asked = endpoint.structured
    return Form("schema" if asked == "auto" else asked, adaptable=asked == "auto")


def _content(prompt: Prompt) -> str | list[dict[str, Any]]:
    """What the user says: text alone, or pictures and then the text."""
    text = whole(prompt.user)
    if not prompt.images:
        return text
    pictures = [{"type": "image_url", "image_url": {"url": image}} for image in prompt.images]
    return [*pictures, {"type": "text", "text": text}]


def whole(text: str) -> str:
    """``text`` with each half of a surrogate pair replaced: no UTF-8 and no file holds one."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
