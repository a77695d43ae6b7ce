"""Writing the record files of a dataset, and taking over those that are what would be written."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from physprior import fingerprint
from physprior.dataset.balance import record_counts
from physprior.dataset.depend import category_key, split_hash, videos_hash
from physprior.dataset.index import Video
from physprior.dataset.lines import Lines
from physprior.dataset.manifest import CategoryManifest
from physprior.dataset.records import SPLITS, SplitName
from physprior.dataset.render import Rendered, render_category
from physprior.dataset.request import Request
from physprior.dataset.split import Split


class Writer:
    """Fills a new dataset folder, category by category."""

    def __init__(self, folder: Path, request: Request, split: Split) -> None:
        self._folder = folder
        self._request = request
        self._split = split
        self._held = request.held
        self.categories: dict[str, CategoryManifest] = {}
        """What each category was made from."""
        self.files: dict[str, str] = {}
        """Name to hash of each file so far."""
        self.made: list[str] = []
        """The categories that were rendered and written, and not taken over."""

    def add(self, category: str) -> None:
        """Write the records of one category, or take over the files that hold them already."""
        hashes = self._hashes(category)
        key = category_key(hashes, self._told())
        kept = self._held.categories.get(category) if self._held else None
        if kept is not None and kept.key == key and self._take_over(category):
            grouping = self._split.grouping.get(category, "video")
            self.categories[category] = kept.model_copy(update={"grouping": grouping})
            if self._held is not None and self._held.references != self._request.withheld.hash:
                # A reference of any category may be a sentence that is taught here.
                self._render(category)
            return
        self.made.append(category)
        rendered = self._render(category)
        counts = self._record_counts(category)
        self._write(category, rendered, counts)
        self.categories[category] = CategoryManifest(
            **hashes,
            status=self._request.knowledge.category(category).status,
            prompt=rendered.prompt_hash,
            key=key,
            grouping=self._split.grouping.get(category, "video"),
            counts=self._video_counts(category),
            records=self._training_records(category, counts),
        )

    def add_text(self, name: str, text: str) -> None:
        """Write another file of the dataset."""
        self._write_bytes(name, text.encode("utf-8"))

    def _hashes(self, category: str) -> dict[str, str]:
        videos = self._videos(category)
        return {
            "entry": self._request.entries[category],
            "template": self._request.template,
            "videos": videos_hash(videos),
            "split": split_hash(videos, self._split),
        }

    def _told(self) -> dict[str, object]:
        return {
            "mode": self._request.mode,
            "seed": self._split.seed,
            "variants": self._request.variants,
            "balance": self._request.balance,
        }

    def _videos(self, category: str) -> list[Video]:
        # A published split may leave videos of this collection out.
        assignment = self._split.assignment
        return [video for video in self._request.videos[category] if video.path in assignment]

    def _render(self, category: str) -> Rendered:
        request = self._request
        return render_category(
            request.knowledge, request.templates, category, request.mode, request.withheld
        )

    def _record_counts(self, category: str) -> dict[str, int]:
        texts = self._request.knowledge.category(category).classes()
        return record_counts(
            [v for v in self._videos(category) if self._split.assignment[v.path] == "train"],
            variants=self._request.variants,
            balance=self._request.balance,
            explanations={class_id: len(own.explanations) for class_id, own in texts},
        )

    def _write(self, category: str, rendered: Rendered, counts: dict[str, int]) -> None:
        lines = Lines(rendered, self._split.seed, self._request.withheld)
        texts: dict[SplitName, list[str]] = {}
        for video in self._videos(category):
            split = self._split.assignment[video.path]
            texts.setdefault(split, []).append(
                lines.of_video(video, split, counts.get(video.path, 1))
            )
        for split in SPLITS:
            if split in texts:
                self.add_text(_name(split, category), "".join(texts.pop(split)))

    def _video_counts(self, category: str) -> dict[str, dict[SplitName, int]]:
        counts = {class_id: dict.fromkeys(SPLITS, 0) for class_id in self._classes(category)}
        for video in self._videos(category):
            counts[video.class_id][self._split.assignment[video.path]] += 1
        return counts

    def _training_records(self, category: str, counts: dict[str, int]) -> dict[str, int]:
        records = dict.fromkeys(self._classes(category), 0)
        for video in self._videos(category):
            records[video.class_id] += counts.get(video.path, 0)
        return records

    def _classes(self, category: str) -> list[str]:
        return [class_id for class_id, _ in self._request.knowledge.category(category).classes()]

    def _take_over(self, category: str) -> bool:
        """Link the category's files of the old dataset into the new one; False where they changed.

        The linked files are looked at, not the old ones: another build may just replace those.
        """
        assert self._held is not None
        names = [_name(split, category) for split in SPLITS]
        taken: dict[str, str] = {}
        for name in (name for name in names if name in self._held.files):
            target = self._folder / name
            target.parent.mkdir(exist_ok=True)
            if not _link(self._request.out.resolve() / name, target):
                return False
            taken[name] = self._held.files[name]
            if fingerprint.of_file(target) != taken[name]:
                return False
        self.files.update(taken)
        return True

    def _write_bytes(self, name: str, data: bytes) -> None:
        path = self._folder / name
        path.parent.mkdir(exist_ok=True)
        # What was linked here before it was found to have changed is another's file.
        path.unlink(missing_ok=True)
        path.write_bytes(data)
        self.files[name] = fingerprint.of_bytes(data)


def _link(source: Path, target: Path) -> bool:
    try:
        os.link(source, target)
    except FileNotFoundError:
        return False
    except OSError:
        # A file system without links: a copy is still faster than rendering.
        shutil.copyfile(source, target)
    return True


def _name(split: SplitName, category: str) -> str:
    return f"{split}/{category}.jsonl"
