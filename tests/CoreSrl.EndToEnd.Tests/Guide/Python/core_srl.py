"""The two functions that the guide's Python imports, over a directory that Core SRL has written: all they need is metadata.json."""

import json
import os
from datetime import datetime

DIRECTORY = "./checkpoints/multimodel"


def load_checkpoint_metadata(checkpoint_id, checkpoint_dir=DIRECTORY):
    """The metadata of a checkpoint; None where there is none."""
    try:
        with open(os.path.join(checkpoint_dir, checkpoint_id, "metadata.json"), encoding="utf-8") as file:
            return json.load(file)
    except FileNotFoundError:
        return None


def list_available_checkpoints(checkpoint_dir=DIRECTORY):
    """The ids, newest first."""
    found = [(name, load_checkpoint_metadata(name, checkpoint_dir)) for name in os.listdir(checkpoint_dir)
             if os.path.isdir(os.path.join(checkpoint_dir, name))]
    found = [(taken(metadata), metadata["episode"], name) for name, metadata in found if metadata is not None]
    return [name for _, _, name in sorted(found, reverse=True)]


def taken(metadata):
    """When it was taken; Python knows microseconds, metadata has a digit more."""
    date, _, rest = metadata["timestamp"].partition(".")
    fraction = "".join(character for character in rest[:7] if character.isdigit())
    return datetime.fromisoformat(date), int(fraction.ljust(7, "0") or 0)
