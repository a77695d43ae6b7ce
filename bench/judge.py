"""How close a judge's latency and the number of connections let its time come to the ideal.

    python bench/judge.py

1,000 predictions, each with an answer of its own, are judged by a local server in its own process
that takes 200 ms for each reply, over 16 connections: at best that takes 1,000 / 16 * 0.2 s. Ours
is ``physprior.eval.judge.run.judge`` whole, with a replies file and a cache on disk, from when the
predictions are read. The plain loop is what one writes who only wants the replies: openai's client
in 16 threads, one request a question, replies parsed and kept in memory; it sends the same prompts.
The two are taken in turn, each with a server of its own, and the best of each is compared.

Ours takes at most 1.3 times the ideal time, asks each question once and scores them all. The plain
loop stands beside, without a limit.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from physprior import fingerprint
from physprior.endpoint.endpoint import Endpoint
from physprior.endpoint.prompt import Prompt
from physprior.eval.explanations.items import Item, items_of, sentences_of
from physprior.eval.judge.profiles import PROFILES, Rubric, load_rubric
from physprior.eval.judge.replies import read_judged
from physprior.eval.judge.run import JudgeOptions, judge
from physprior.eval.predictions import Header, Prediction, Predictions, read_predictions
from physprior.knowledge.load import KnowledgeBase, load_knowledge
from physprior.paths import kb_folder, templates_folder

SERVER = Path(__file__).parent.parent / "tests" / "endpoint" / "judge_server.py"
LATENCY = 0.2
CONNECTIONS = 16
SLOWER = 1.3
"""How many times the ideal time ours takes at most."""
PROFILE = PROFILES["llm-score"]


def main() -> int:
    """Print the figures; exit 1 where ours takes too long."""
    chosen = _arguments()
    knowledge = load_knowledge(kb_folder())
    with tempfile.TemporaryDirectory() as place:
        predictions = _predictions(Path(place), knowledge, chosen.questions)
        items = items_of(predictions, sentences_of(knowledge))
        rubric = load_rubric(PROFILE, templates_folder())
        arms = {"plain": _plain(items, rubric), "ours": _ours(predictions, items, rubric)}
        taken: dict[str, list[float]] = {name: [] for name in arms}
        for _ in range(chosen.rounds):
            for name, arm in arms.items():
                taken[name].append(_time(arm))
    return _report(chosen.questions, taken)


def _arguments() -> argparse.Namespace:
    reads = argparse.ArgumentParser(description="Judging, measured.")
    reads.add_argument("--questions", type=int, default=1000)
    reads.add_argument("--rounds", type=int, default=5, help="the best of so many counts")
    return reads.parse_args()


def _predictions(place: Path, knowledge: KnowledgeBase, count: int) -> Predictions:
    """Predictions over all categories and classes, no two with the same answer."""
    classes = [
        (name, class_id)
        for name, category in sorted(knowledge.categories.items())
        for class_id, _ in category.classes()
    ]
    header = Header(
        fingerprint=fingerprint.of_text("bench"),
        model="simulated",
        base_fingerprint=None,
        run_fingerprint=None,
        dataset="",
        dataset_hash="",
        split_hash="",
        split="test",
        mode=None,
        sampling=None,
        max_new_tokens=None,
        total=count,
        provenance={},
    )
    lines = [header.model_dump_json()]
    for number in range(count):
        category, class_id = classes[number % len(classes)]
        line = Prediction(
            id=f"{category}/{number:05}",
            video=f"{category}/{number:05}.mp4",
            category=category,
            class_id=class_id,
            label=int(class_id != "normal"),
            instance="",
            score=0.0,
            text=f"Verdict: Anomalous. Reason: the part stops after {number} turns and stays.",
        )
        lines.append(line.model_dump_json())
    path = place / "predictions.jsonl"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return read_predictions(path)


def _plain(items: Sequence[Item], rubric: Rubric) -> Callable[[str], None]:
    def arm(url: str) -> None:
        import openai

        client = openai.OpenAI(base_url=url, api_key="none")

        def ask(prompt: Prompt) -> dict[str, object]:
            schema = {"name": prompt.name, "schema": prompt.schema, "strict": True}
            done = client.chat.completions.create(
                model="judge",
                messages=[
                    {"role": "system", "content": prompt.system},
                    {"role": "user", "content": prompt.user},
                ],
                response_format={"type": "json_schema", "json_schema": schema},  # type: ignore[arg-type]
                temperature=0,
            )
            return json.loads(done.choices[0].message.content or "")

        questions = [each for item in items for each in PROFILE.questions(item, rubric)]
        with client, ThreadPoolExecutor(CONNECTIONS) as pool:
            marks = list(pool.map(ask, (question.prompt for question in questions)))
        assert len(marks) == len(items)

    return arm


def _ours(predictions: Predictions, items: Sequence[Item], rubric: Rubric) -> Callable[[str], None]:
    def arm(url: str) -> None:
        with tempfile.TemporaryDirectory() as place:
            out, cache = Path(place) / "replies.jsonl", Path(place) / "judge.sqlite"
            endpoint = Endpoint(url, "judge", connections=CONNECTIONS)
            options = JudgeOptions(cache=cache)
            report = judge(
                predictions, items, PROFILE, rubric, endpoint, out, options, lambda standing: None
            )
            assert report.usage.replies == len(items)
            values = read_judged(out).values()
        assert len(values) == len(items)
        assert None not in values.values()

    return arm


def _time(arm: Callable[[str], None]) -> float:
    with _server() as url:
        began = time.perf_counter()
        arm(url)
        return time.perf_counter() - began


@contextmanager
def _server() -> Iterator[str]:
    """A judge in a process of its own: in ours, it would take time from what is measured."""
    command = [sys.executable, str(SERVER), "--latency", str(LATENCY)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.communicate()


def _report(questions: int, taken: dict[str, list[float]]) -> int:
    ideal = questions / CONNECTIONS * LATENCY
    rounds = len(taken["ours"])
    print(f"{questions} judgements, {CONNECTIONS} connections, {LATENCY * 1000:.0f} ms latency;")
    print(f"ideal {ideal:.2f} s; best of {rounds}, and all of them:")
    ratio = 0.0
    for name, seconds in taken.items():
        ratio = min(seconds) / ideal
        every = " ".join(f"{second:.2f}" for second in seconds)
        print(f"  {name:<6} {min(seconds):6.2f} s  {ratio:.3f} times the ideal  ({every})")
    held = ratio <= SLOWER
    print(f"ours: {'within' if held else 'NOT within'} {SLOWER} times the ideal")
    return int(not held)


if __name__ == "__main__":
    raise SystemExit(main())
