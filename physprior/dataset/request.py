"""What a build is asked for, and the hashes by which it knows what of it is there already."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from physprior import __version__, fingerprint
from physprior.dataset.depend import RECORD_VERSION, index_hash, template_hash
from physprior.dataset.index import Index, Skipped, Video
from physprior.dataset.index_file import is_index
from physprior.dataset.leaks import LeakReport, Waiver, check_leaks
from physprior.dataset.manifest import CategoryManifest, Manifest, read_manifest
from physprior.dataset.replace import SPLIT_FILE
from physprior.dataset.split import Split, SplitOptions, make_split
from physprior.dataset.split_file import read_split
from physprior.dataset.withheld import Withheld
from physprior.dialogue.templates import Templates
from physprior.errors import DatasetError
from physprior.knowledge.load import KnowledgeBase


@dataclass(frozen=True)
class Request:
    """Everything that decides what a build makes."""

    place: Path
    """The folder, list or index that the videos were found in."""
    out: Path
    """The dataset's folder."""
    opened: Callable[[], Index]
    """Gives the videos, which are not looked at before they are needed."""
    knowledge: KnowledgeBase
    templates: Templates
    mode: str
    """The template's name."""
    options: SplitOptions
    """How to split."""
    waivers: tuple[Waiver, ...] = ()
    """Leaks that are allowed by name."""
    variants: int = 1
    """Records of a training video."""
    balance: bool = False
    """Whether normal and anomalous training records are made as many."""
    not_at_hand: bool = False
    """The videos cannot be looked at, and are taken to be what the manifest says."""

    @cached_property
    def index(self) -> Index:
        """The videos."""
        return self.opened()

    @cached_property
    def held(self) -> Manifest | None:
        """The manifest of the dataset that ``out`` is now; None where it is none of this format."""
        try:
            return read_manifest(self.out)
        except DatasetError:
            return None

    @cached_property
    def source_hash(self) -> str:
        """Hash of the index file that was named; empty for a folder or a list of videos.

        A list may stay what it is while the videos that it names change; an index holds their
        hashes.
        """
        return fingerprint.of_file(self.place) if is_index(self.place) else ""

    @cached_property
    def known(self) -> Manifest | None:
        """The dataset's manifest where it was built from this very index file.

        Then it says what the index holds, which need not be read once more.
        """
        held = self.held
        if held is None or self.not_at_hand:
            return held
        if not held.source_hash or held.source_hash != self.source_hash:
            return None
        same_place = held.source == self._relative(self.place)
        has_all = held.categories.keys() <= self.knowledge.categories.keys()
        return held if same_place and has_all else None

    @cached_property
    def skipped(self) -> tuple[Skipped, ...]:
        """Files that cannot be used."""
        return self.known.skipped if self.known else self.index.skipped

    @cached_property
    def videos_root(self) -> str:
        """The videos' folder, relative to the dataset's."""
        return self.known.videos_root if self.known else self._relative(self.index.root)

    @cached_property
    def videos(self) -> dict[str, list[Video]]:
        """The videos by category, in the order of the categories' ids."""
        found: dict[str, list[Video]] = defaultdict(list)
        for video in self.index.videos:
            found[video.category].append(video)
        return dict(sorted(found.items()))

    @cached_property
    def withheld(self) -> Withheld:
        """The references of the KB."""
        return Withheld.of(self.knowledge)

    @cached_property
    def template(self) -> str:
        """Hash of the template."""
        return template_hash(self.templates, self.mode)

    @cached_property
    def entries(self) -> dict[str, str]:
        """Category to the hash of its entry."""
        categories = self.known.categories if self.known else self.videos
        return {category: self.knowledge.fingerprint(category) for category in categories}

    @cached_property
    def index_hash(self) -> str:
        """Hash over all that is known of the videos."""
        return self.known.videos if self.known else index_hash(self.index)

    @cached_property
    def told(self) -> dict[str, Any]:
        """The options of the split as the manifest has them."""
        if self.options.split_file is None:
            return self.options.model_dump(mode="json", exclude={"split_file", "allow_missing"})
        # A published split brings the rest, and refuses what was said against it.
        said = self.options.model_dump(mode="json", exclude_unset=True)
        said["split_file"] = self._relative(self.options.split_file)
        return said

    @cached_property
    def split_hash(self) -> str:
        """Hash over all that decides the split and what leaks across it."""
        published = self.options.split_file
        return fingerprint.of_json(
            {
                "version": RECORD_VERSION,
                "options": self.told,
                "published": fingerprint.of_file(published) if published else "",
                "waivers": [[waiver.path, waiver.reason] for waiver in self.waivers],
                "videos": self.index_hash,
            }
        )

    @cached_property
    def hash(self) -> str:
        """Hash over the whole request."""
        return fingerprint.of_json(
            {
                "split": self.split_hash,
                "mode": self.mode,
                "variants": self.variants,
                "balance": self.balance,
                "entries": self.entries,
                "template": self.template,
                "references": self.withheld.hash,
                "places": [self._relative(self.place), self.videos_root],
            }
        )

    def split(self) -> tuple[Split, LeakReport]:
        """The split, and what leaks across it: made, or as the last build with these left it.

        Raises DatasetError for videos that do not fit the options, and for a split that leaks.
        """
        held = self.held
        if held is not None and held.split_request == self.split_hash and self.holds(SPLIT_FILE):
            return read_split(self.out / SPLIT_FILE), held.leaks
        split = make_split(self.index.videos, self.options)
        return split, check_leaks(self.index.videos, split, self.waivers)

    def is_done(self) -> bool:
        """Whether the dataset that is there is what is asked for, with every file as written."""
        held = self.held
        if held is None or held.request != self.hash:
            return False
        return all(self.holds(name) for name in held.files)

    def holds(self, name: str) -> bool:
        """Whether a file of the dataset that is there is as its manifest says."""
        expected = self.held.files.get(name) if self.held else None
        try:
            return expected is not None and fingerprint.of_file(self.out / name) == expected
        except OSError:
            return False

    def manifest(
        self,
        split: Split,
        leaks: LeakReport,
        categories: dict[str, CategoryManifest],
        files: dict[str, str],
    ) -> Manifest:
        """The manifest of what was made."""
        return Manifest(
            physprior_version=__version__,
            request=self.hash,
            split_request=self.split_hash,
            mode=self.mode,
            seed=split.seed,
            protocol=split.protocol,
            note=split.note,
            fractions=split.fractions,
            options=self.told,
            variants=self.variants,
            balance=self.balance,
            split=split.hash,
            source=self._relative(self.place),
            source_hash=self.source_hash,
            videos_root=self.videos_root,
            videos=self.index_hash,
            references=self.withheld.hash,
            categories=categories,
            skipped=self.index.skipped,
            ignored=self.index.ignored,
            duplicates=self.index.duplicates,
            notes=self.index.notes,
            missing=split.missing,
            leaks=leaks,
            files=files,
        )

    def _relative(self, path: Path) -> str:
        return Path(os.path.relpath(path.resolve(), self.out.resolve())).as_posix()


def check_numbers(variants: int) -> None:
    """Raise DatasetError for options that no dataset can be built with."""
    if variants < 1:
        raise DatasetError(
            f"{variants} variants of a video leave nothing to train on",
            remedy="give 1, or more to teach several explanations of a training video",
        )
