"""A model's file whose bytes depend on the model alone."""

import json
import zipfile
from pathlib import Path

import keras

from faces.core import files

# What is written into every layer by versions of Keras after 3.12, the first that requirements.txt
# allows, and refused by that: left out where it has the value that does what 3.12 does.
LATER = {"input_axes": None, "output_axes": None, "quantization_config": None}
LATER |= {"renorm": False, "renorm_clipping": None, "renorm_momentum": 0.99}


def save(model: keras.Model, path: Path) -> None:
    """Write a `.keras` file; equal models give equal bytes."""
    with files.replacing(path) as unfinished:
        model.save(unfinished)
        settle(unfinished)


def settle(path: Path) -> None:
    """Take out of a `.keras` file what differs each time it is written.

    That is the date in metadata.json, the times of the zip's members, and the ids of objects
    that are used twice, which are memory addresses. Also what only later versions of Keras know.
    """
    with zipfile.ZipFile(path) as archive:
        content = {name: archive.read(name) for name in sorted(archive.namelist())}
    metadata = json.loads(content["metadata.json"])
    # A date stays: Keras' own KerasFileEditor asks for one.
    metadata["date_saved"] = "{}-{:02}-{:02}@{:02}:{:02}:{:02}".format(*files.LONG_AGO)
    content["metadata.json"] = json.dumps(metadata).encode()
    config = json.loads(content["config.json"])
    content["config.json"] = json.dumps(without_news(with_plain_ids(config, {}))).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in content.items():
            archive.writestr(zipfile.ZipInfo(name, files.LONG_AGO), data)


def with_plain_ids(config, seen: dict[int, int]):
    """The same configuration, with its shared objects numbered as they come.

    >>> with_plain_ids([{"shared_object_id": 98}, {"shared_object_id": 7}], {})
    [{'shared_object_id': 1}, {'shared_object_id': 2}]
    """
    if isinstance(config, list):
        return [with_plain_ids(item, seen) for item in config]
    if not isinstance(config, dict):
        return config
    return {
        key: seen.setdefault(value, len(seen) + 1)
        if key == "shared_object_id"
        else with_plain_ids(value, seen)
        for key, value in config.items()
    }


def without_news(config):
    """The same configuration, without what earlier versions of Keras do not know.

    >>> without_news([{"momentum": 0.95, "renorm": False, "input_axes": None}, {"renorm": True}])
    [{'momentum': 0.95}, {'renorm': True}]
    """
    if isinstance(config, list):
        return [without_news(item) for item in config]
    if not isinstance(config, dict):
        return config
    kept = (key for key, value in config.items() if key not in LATER or value != LATER[key])
    return {key: without_news(config[key]) for key in kept}
