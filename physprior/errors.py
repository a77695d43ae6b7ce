"""The errors that physprior raises on purpose; each says what, where, and what to do.

PhyspriorError              anything a user can mend; the command line exits with 2
├── KnowledgeError          a KB entry that cannot be read or is not there
├── TemplateError           a dialogue template that cannot be rendered
├── DatasetError            videos, splits or dataset folders that do not fit together
├── VideoError              one video file that cannot be used
├── ProjectError            a project file that cannot be followed, or a folder that is no project
├── RecipeError             a training recipe that cannot be followed
├── CheckpointError         a model folder that is not what it should be
├── TrainingError           a training run that must not go on
├── PredictionError         predictions that cannot be made or read
├── StudyError              a study that cannot be planned, or must not go on
├── JudgeError              a model behind an endpoint that cannot be asked
└── OutputError             an output place that cannot be written
"""

from __future__ import annotations


class PhyspriorError(Exception):
    """What went wrong, where, and the remedy, in words for the person who can mend it.

    ``message`` says what is wrong and names the thing; ``remedy`` says what to do about it.
    """

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message}\n  remedy: {self.remedy}" if self.remedy else self.message

    def __reduce__(self) -> tuple[object, ...]:
        # Worker processes send errors home by pickle, which forgets keyword arguments.
        return (_rebuild, (type(self), self.message, self.remedy))


def _rebuild(kind: type[PhyspriorError], message: str, remedy: str) -> PhyspriorError:
    return kind(message, remedy=remedy)


class KnowledgeError(PhyspriorError):
    """A KB entry that cannot be read, or a category or anomaly that the KB does not hold."""


class TemplateError(PhyspriorError):
    """A dialogue template that is missing, does not compile, or cannot be rendered."""


class DatasetError(PhyspriorError):
    """A video collection, split or dataset folder that cannot be used as it is."""


class VideoError(PhyspriorError):
    """One video file that is missing, empty, broken, too short, or no video at all."""


class ProjectError(PhyspriorError):
    """A project file that cannot be followed, or a folder that is none, or is one already."""


class RecipeError(PhyspriorError):
    """A training recipe with an unknown field, a wrong value, or one that cannot be met here."""


class CheckpointError(PhyspriorError):
    """A model folder or hub id that is no Video-LLaVA, is incomplete, or does not fit its base."""


class TrainingError(PhyspriorError):
    """A training run that must stop: a batch without video, a weight that should be frozen."""


class PredictionError(PhyspriorError):
    """Predictions that cannot be made with this model, or a predictions file that is damaged."""


class StudyError(PhyspriorError):
    """A study whose arms cannot be compared, or whose test split was opened for other runs."""


class JudgeError(PhyspriorError):
    """A judge that cannot be asked, a rubric that cannot be used, or a damaged replies file."""


class OutputError(PhyspriorError):
    """An output path that cannot be written: read-only, full, or in the way of something."""
