"""Build hook: exports absent models and puts models and resources into the wheel."""

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

MODEL_FILES = ("spec.toml", "model.json", "model.onnx", "projection.npy")


class CustomBuildHook(BuildHookInterface[Any]):
    """Adds what the program reads at run time; an editable install reads it from the checkout."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Extend the wheel that is about to be built."""
        if self.target_name != "wheel" or version == "editable":
            return
        root = Path(self.root)
        sys.path.insert(0, str(root))
        try:
            from models.export import export_all, model_folders
        finally:
            sys.path.remove(str(root))
        export_all(root / "models")
        included: dict[str, str] = build_data["force_include"]
        for folder in model_folders(root / "models"):
            for name in MODEL_FILES:
                included[str(folder / name)] = f"twinlens/_models/{folder.name}/{name}"
        for name in ("imagenet_classes.tsv", "imagenet_kinds.toml"):
            included[str(root / "models" / name)] = f"twinlens/_models/{name}"
        for part in (root / "resources").iterdir():
            if part.name != "screenshots":
                included[str(part)] = f"twinlens/_resources/{part.name}"
