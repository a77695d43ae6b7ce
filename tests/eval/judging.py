"""Judging a small predictions file by a server of one's own, as the tests of the run need it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from physprior.endpoint.endpoint import Endpoint
from physprior.endpoint.reply import Reply
from physprior.endpoint.secret import Secret
from physprior.eval.explanations.items import Item, items_of, sentences_of
from physprior.eval.judge.lines import ReplyLine
from physprior.eval.judge.plan import header_of, plan
from physprior.eval.judge.profiles import PROFILES, Rubric, load_rubric
from physprior.eval.judge.replies import Judged, read_judged
from physprior.eval.judge.run import Forecast, JudgeOptions, JudgeReport, Standing, forecast, judge
from physprior.eval.judge.writing import ReplyWriter
from physprior.eval.predictions import Predictions, read_predictions
from physprior.knowledge.load import KnowledgeBase
from physprior.paths import templates_folder

KEY = "sk-tests-only-0123456789abcdef"


@dataclass
class Judging:
    """A predictions file, and all that it takes to judge it."""

    predictions: Predictions
    items: list[Item]
    out: Path
    rubric: Rubric
    profile: str = "llm-score"
    endpoint: dict[str, Any] = field(default_factory=dict)
    seen: list[Standing] = field(default_factory=list)
    after_each: Callable[[], None] = lambda: None

    def run(self, url: str, **options: Any) -> JudgeReport:
        def progress(standing: Standing) -> None:
            self.seen.append(standing)
            self.after_each()

        return judge(*self._what(url), JudgeOptions(**options), progress=progress)

    def forecast(self, url: str, **options: Any) -> Forecast:
        return forecast(*self._what(url), JudgeOptions(**options))

    def read(self) -> Judged:
        return read_judged(self.out)

    def lines(self, kind: str = "") -> list[dict[str, Any]]:
        """The lines of the replies file, or those of one kind."""
        said = [json.loads(line) for line in self.out.read_bytes().splitlines()]
        return [line for line in said if kind in ("", line["kind"])]

    def with_out(self, name: str) -> Judging:
        """The same, into another file."""
        return replace(self, out=self.out.with_name(name), seen=[])

    def keys(self, url: str) -> dict[str, str]:
        """What is said to the judge in each question, and the question's key."""
        _, items, profile, rubric, endpoint, _ = self._what(url)
        due = plan(items, profile, rubric, endpoint).due(1, None)
        return {wanted.question.prompt.user: key for key, _, wanted in due}

    def begin(self, *texts: str, url: str = "http://localhost:1/v1") -> None:
        """Write a file by hand, in which the judge has replied ``texts`` to the first questions."""
        predictions, items, profile, rubric, endpoint, out = self._what(url)
        planned = plan(items, profile, rubric, endpoint)
        header = header_of(predictions, items, profile, rubric, endpoint, planned, 1)
        with ReplyWriter(out, header, planned.unasked) as writer:
            for (key, repeat, wanted), text in zip(planned.due(1, None), texts, strict=False):
                writer.append(
                    ReplyLine(
                        ids=wanted.ids,
                        task=wanted.question.task,
                        repeat=repeat,
                        asking=1,
                        key=key,
                        form=wanted.question.prompt.schema,
                        source="judge",
                        reply=reply(text),
                    )
                )

    def _what(self, url: str) -> tuple[Any, ...]:
        asked = {"attempts": 2, "connections": 4, "backoff": 0.01, "timeout": 10.0, **self.endpoint}
        endpoint = Endpoint(url, "the-judge", Secret(KEY), **asked)
        profile = PROFILES[self.profile]
        return self.predictions, self.items, profile, self.rubric, endpoint, self.out


def reply(text: str | None) -> Reply:
    """A reply of the judge that says ``text``."""
    return Reply(
        text=text,
        refusal=None,
        finish="stop",
        model="the-judge",
        prompt_tokens=100,
        completion_tokens=10,
        seconds=0.5,
        attempts=1,
    )


def marked(anomaly_type: int, logic: int) -> str:
    """What a judge says that gives these marks, 0 to 4."""
    said = {"reasoning": "It fits.", "anomaly_type": anomaly_type, "logic": logic}
    return json.dumps(said)


def judging(
    path: Path, knowledge: KnowledgeBase, profile: str = "llm-score", **endpoint: Any
) -> Judging:
    """Judges the predictions at ``path`` by a KB's references and the shipped rubric."""
    predictions = read_predictions(path)
    items = items_of(predictions, sentences_of(knowledge))
    rubric = load_rubric(PROFILES[profile], templates_folder())
    out = path.with_name(f"{path.stem}.judge-{profile}.jsonl")
    return Judging(predictions, items, out, rubric, profile, endpoint)


def rows(count: int) -> list[tuple[str, str, float, str]]:
    """Clips with an answer of their own each, so that no two questions are equal."""
    return [
        ("clip", "normal", 0.5, f"Verdict: Normal. Reason: the arm comes back, try {number}.")
        for number in range(count)
    ]


Make = Callable[..., Judging]
