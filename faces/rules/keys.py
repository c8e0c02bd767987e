"""The keys of params.yaml, each with what its value may be; and where keys went that had others."""

from faces.rules.kinds import (
    class_names,
    engine,
    integer,
    no_folds_or_several,
    number,
    one_of,
    text,
)

SHARE = number(0, 1)
TRAIN = {
    "label_errors": one_of("drop", "keep"),
    "members": integer(1, 100),
    "width": integer(4, 512),
    "depth": integer(1, 8),
    "epochs": integer(1, 10_000),
    "batch_size": integer(1, 4096),
    "patience": integer(1, 10_000),
    "optimizer": one_of("muon", "adamw", "adam", "sgd"),
    "warmup_epochs": number(0, 100),
    "weight_decay": SHARE,
    "ema": number(0, 0.99999),
}
PREDICT = {"flip": one_of(True, False), "shifts": integer(1, 5)}
CROSSVAL = {"folds": no_folds_or_several, "rows": one_of("all", "rest")}
LABEL_ERRORS = {
    "folds": no_folds_or_several,
    "width": integer(4, 512),
    "epochs": integer(1, 10_000),
    "lr": number(1e-8, 10),
}
AUGMENT = {
    "flip": SHARE,
    "degrees": number(0, 180),
    "scale": SHARE,
    "stretch": SHARE,
    "shear": SHARE,
    "shift": number(0, 48),
    "tilt": number(0, 0.5),
    "small": SHARE,
    "blur": SHARE,
    "gamma": number(0, 2),
    "noise": number(0, 128),
    "cutout": SHARE,
}
KEYPOINTS = {
    "clean": {"incomplete": one_of("mask", "drop")},
    "split": {
        "validation": number(0.01, 0.5),
        "test": number(0.01, 0.5),
        "alike": number(0.5, 1),
        "same_face": number(0.3, 1),
    },
    "label_errors": {**LABEL_ERRORS, "limit": number(0, 96)},
    "train": {
        "model": one_of("heatmaps", "report-1", "report-2", "report-3", "report-4"),
        **TRAIN,
    },
    "augment": AUGMENT,
    "predict": PREDICT,
    "crossval": CROSSVAL,
    "refit": {"members": integer(0, 100)},
}
GENDER = {
    "labels": text(empty=True),
    "clean": {
        "classes": class_names,
        "alike_bits": integer(0, 32),
        "min_side": integer(2, 1000),
    },
    "split": {
        "size": integer(16, 512),
        "test_per_class": integer(1, 1_000_000),
        "validation": number(0.01, 0.5),
    },
    "label_errors": {**LABEL_ERRORS, "limit": SHARE},
    "pseudo_labels": {"align": one_of(True, False), "epochs": integer(0, 10_000)},
    "train": {"model": one_of("residual", "blog"), **TRAIN},
    "augment": {**AUGMENT, "colour": number(0, 2), "gray": SHARE, "mixup": number(0, 5)},
    "predict": PREDICT,
    "crossval": CROSSVAL,
}
RULES = {
    "source": text(),
    "seed": integer(0, 2**31 - 1),
    "lr": number(1e-8, 10),
    "device": one_of("auto", "cpu", "gpu"),
    "precision": one_of("auto", "float32", "bfloat16", "float16"),
    "deterministic": one_of(True, False),
    "engine": engine,
    "kaggle": {"competition": text(), "dataset": text()},
    "sample": {
        "train_rows": integer(20, 100_000),
        "test_images": integer(4, 100_000),
        "photos": integer(10, 100_000),
        "label": one_of("gender", "glasses", "expression"),
    },
    "keypoints": KEYPOINTS,
    "gender": GENDER,
}
# What keys of a task were called before, and where they are now.
MOVED = {
    **{name: f"train.{name}" for name in ("model", *TRAIN)},
    "incomplete": "clean.incomplete",
    "check": "label_errors",
    "suspects": "train.label_errors",
    "flip_average": "predict.flip",
    "views": "predict.shifts",
    "folds": "crossval.folds",
    "folds_of": "crossval.rows",
    "teach": "pseudo_labels",
    "reframe": "align",
}
del MOVED["label_errors"]
