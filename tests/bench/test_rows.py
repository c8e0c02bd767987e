"""What is compared is the same on both sides."""

import subprocess

import numpy as np
import pytest

from bench import data, ingest, start


def test_notebooks_read_the_same_pixels(tmp_path, monkeypatch):
    monkeypatch.setattr(data, "CACHE", tmp_path)
    path = data.keypoints(60)
    images = ingest.ours(path)
    assert images.shape == (60, 96, 96) and len(np.unique(images[:, 40], axis=0)) > 50
    assert (ingest.apply_split(path) == images).all() and (ingest.fromstring(path) == images).all()


def test_photos_may_come_several_times(tmp_path, monkeypatch):
    monkeypatch.setattr(data, "CACHE", tmp_path)
    monkeypatch.setattr(data, "PHOTOS", 2)
    first, second, third = data.photos(3)
    assert first == third != second and first.startswith(b"\xff\xd8")


@pytest.mark.slow
def test_the_copy_of_the_pipeline_has_nothing_to_do(tmp_path):
    start.stand_in(tmp_path)
    words = [*start.DVC, "repro"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "up to date" in done.stdout and "Running stage" not in done.stdout
