"""What a draft may hold and no model may learn to say."""

from __future__ import annotations

import pytest

from physprior.check import refuse_unfinished
from physprior.errors import KnowledgeError
from physprior.knowledge.load import KnowledgeBase
from physprior.knowledge.schema import Category


def with_name(category: Category, name: str) -> Category:
    return category.model_copy(update={"name": name, "status": "draft"})


def test_a_finished_draft_may_be_taught(kb: KnowledgeBase) -> None:
    refuse_unfinished(with_name(kb.category("clip"), "clip"))


def test_an_unfinished_one_is_named_with_an_open_text(kb: KnowledgeBase) -> None:
    with pytest.raises(KnowledgeError) as caught:
        refuse_unfinished(with_name(kb.category("clip"), "TODO name"))
    assert "clip is unfinished: 1 text is still to be written, such as 'TODO name'" in str(
        caught.value
    )


def test_every_text_that_can_be_taught_is_looked_at(kb: KnowledgeBase) -> None:
    clip = kb.category("clip")
    explanations = (*clip.normal.explanations[:-1], "The spring TODO.")
    normal = clip.normal.model_copy(update={"explanations": explanations})
    with pytest.raises(KnowledgeError, match=r"1 text is .*'The spring TODO\.'"):
        refuse_unfinished(clip.model_copy(update={"normal": normal}))


def test_an_id_that_is_still_open_counts_as_the_check_counts_it(kb: KnowledgeBase) -> None:
    clip = kb.category("clip")
    interaction = clip.interaction.model_copy(update={"actuator": "todo"})
    with pytest.raises(KnowledgeError, match="1 text is"):
        refuse_unfinished(clip.model_copy(update={"interaction": interaction}))
