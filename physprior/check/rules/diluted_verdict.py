"""A verdict that drowns in the words of a single-turn answer.

In the mode `single_turn` one answer holds the three statements of the prior and then the verdict
with its reason. Every word weighs the same in the loss, and the statements are the same for every
video: the smaller the verdict's share, the more the loss is about text that tells nothing (the
paper's gradient dilution, section 3.3). `physprior kb list` prints the share of each category.

Fails:

    prior:
      component:
        statement: >-
          The clip has a torsion spring of tempered wire that sits around the pin of its hinge
          between the two halves and that is elastic and stores the work of pressing as energy.
      subject:
        statement: >-
          The handles of both halves, the jaws in front of the hinge, and the torsion spring
          between them should yield as the gripper presses and go back as it releases them.
      motion:
        statement: >-
          Therefore, the jaws should open wider and wider as the pressed handles approach each
          other, stay open as long as the gripper holds the handles, and then close fully again
          without delay when the gripper releases the handles.

Passes:

    prior:
      component:
        statement: The clip has a torsion spring, which is elastic and stores the work of pressing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from physprior import verdict
from physprior.check.entry import CheckedEntry, Sentence, SentenceKind
from physprior.check.prose import words
from physprior.check.rule import Finding, Rule
from physprior.knowledge.schema import NORMAL

_STATEMENTS: tuple[SentenceKind, ...] = ("component", "subject", "motion")
LEAST = 0.2
"""The least share of a single-turn answer's words that the verdict is to have."""


def verdict_share(sentences: Iterable[Sentence]) -> float:
    """The verdict's share of the words of a single-turn answer, from 0 to 1.

    The mean over the taught explanations of all classes, each of which makes one answer.
    """
    told = list(sentences)
    prior = sum(len(sentence.words) for sentence in told if sentence.kind in _STATEMENTS)
    frame = {anomalous: len(words(verdict.render(anomalous, ""))) for anomalous in (False, True)}
    shares = []
    for sentence in (sentence for sentence in told if sentence.kind == "explanation"):
        said = frame[sentence.class_id != NORMAL] + len(sentence.words)
        shares.append(said / (prior + said))
    return sum(shares) / len(shares)


def percent(share: float) -> str:
    """A share in percent; with a decimal where it would else read as the least, being below it."""
    if share < LEAST and f"{share:.0%}" == f"{LEAST:.0%}":
        return f"{min(round(share, 3), LEAST - 0.001):.1%}"
    return f"{share:.0%}"


def check(checked: CheckedEntry) -> Iterator[Finding]:
    """At most one finding, at the longest statement."""
    share = verdict_share(checked.sentences)
    if share < LEAST:
        statements = checked.of(*_STATEMENTS)
        longest = max(statements, key=lambda sentence: len(sentence.words))
        yield Finding(
            longest.path,
            f"the verdict has {percent(share)} of the words of a single-turn answer; {LEAST:.0%} is"
            " the least",
            f"shorten the prior's statements; this one is the longest, {len(longest.words)} words",
        )


RULE = Rule("D001", "diluted-verdict", __doc__, severity="warning", drafts=False, entry=check)
