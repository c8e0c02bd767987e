"""The `sample:` section of params.yaml, checked."""

from dataclasses import dataclass

CLASSES = {
    "gender": ("Female", "Male"),
    "glasses": ("glasses", "none"),
    "expression": ("neutral", "smile", "surprise"),
}
RANGES = {"train_rows": (20, 100_000), "test_images": (4, 100_000), "photos": (10, 100_000)}


@dataclass(frozen=True)
class Settings:
    """Rows of training.csv, images of test.csv, photos in all, and what their folders name."""

    train_rows: int
    test_images: int
    photos: int
    label: str


def check(settings: dict) -> Settings:
    """Settings from a mapping; ValueError with a remedy where one is missing or out of range."""
    if not isinstance(settings, dict):
        raise ValueError(
            f"Expected the sample settings as a mapping. Received: {settings!r}. "
            "Give the `sample:` section of params.yaml."
        )
    keys = {*RANGES, "label"}
    if set(settings) != keys:
        raise ValueError(
            f"Expected the sample settings {sorted(keys)}. Received: "
            f"{sorted(map(str, settings))}. Correct the `sample:` section "
            "of params.yaml."
        )
    for key, (low, high) in RANGES.items():
        value = settings[key]
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise ValueError(
                f"Expected a whole number from {low} to {high} as sample.{key}. "
                f"Received: {value!r}. Change it in params.yaml."
            )
    if settings["label"] not in CLASSES:
        raise ValueError(
            f"Expected one of {', '.join(CLASSES)} as sample.label. Received: "
            f"{settings['label']!r}. Change it in params.yaml."
        )
    return Settings(**settings)


def check_seed(seed: int) -> int:
    """The seed itself; ValueError unless it is a whole number from 0 on."""
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise ValueError(
            f"Expected a whole number from 0 on as seed. Received: {seed!r}. "
            "Change it in params.yaml."
        )
    return seed
