"""The model card: what the models are, on whom they were measured, for whom they fail."""

from pathlib import Path
from string import Template

TEMPLATE = Path(__file__).with_name("model-card.md")
READS = (
    "keypoints",
    "gender",
    "train-keypoints",
    "train-gender",
    "clean-gender",
    "label-errors-gender",
)
READS += ("crossval-keypoints", "crossval-gender")

GENDERS = {"male", "female", "man", "woman", "men", "women"}
SOURCES = {
    "sample": "Faces that the pipeline draws itself. **No real face is in these data, so the "
    "figures below say nothing of real photos.**",
    "kaggle": "Kaggle's photos: the competition facial-keypoints-detection, and the data set "
    "named in `kaggle.dataset`. Who is on them, and who sorted them, is not documented.",
}
FOLDER = "Archives of the user's. Who is on the photos, and who sorted them, is not known."
BINARY = """\
The classes are folder names, chosen by whoever sorted the photos by their looks. **Two labels are
a limit of the data, not a fact about people**: the model says which of two heaps a photo resembles.
It does not know how somebody identifies, and everybody who is neither is given a wrong answer."""
ANY = """\
The classes are folder names, chosen by whoever sorted the photos. What lies between two of them, or
in none, is not in the data."""
CROSS_KEYPOINTS = (
    "In {folds} folds of {of} {n_images:,} images: keypoints, RMSE {rmse:.2f} px "
    "({rmse_interval[0]:.2f} to {rmse_interval[1]:.2f})."
)
CROSS_GENDER = (
    "In {folds} folds of {of} {n_images:,} photos: {task}, accuracy {accuracy:.1%} "
    "({accuracy_interval[0]:.1%} to {accuracy_interval[1]:.1%}), log loss {log_loss:.3f}, "
    "calibration error {calibration_error:.3f}."
)
OF = {"all": "all", "rest": "the other"}
NO_CROSS = "No cross-validation was run: `gender.crossval.folds: 5` measures on all photos."


def written(read: dict, source: str) -> str:
    """The card in Markdown.

    Args:
        read: the metrics named in READS. source: as in params.yaml.
    """
    values = figures(read) | words(read, source)
    return Template(TEMPLATE.read_text("utf-8")).substitute(values)


def figures(read: dict) -> dict[str, str]:
    """The numbers of the card, as text, by their names in the template."""
    keypoints, gender, counts = read["keypoints"], read["gender"], read["clean-gender"]
    trained, before = read["train-gender"], gender["before_temperature"]
    low, high = gender["accuracy_interval"]
    values = {
        "keypoints_parameters": f"{read['train-keypoints']['parameters']:,}",
        "gender_parameters": f"{trained['parameters']:,}",
        "keypoints_test": f"{keypoints['n_images']:,}",
        "gender_test": f"{gender['n_images']:,}",
        "read": f"{counts['files']:,}",
        "dropped": f"{counts['dropped']:,}",
        "double": f"{counts['under_two_labels']:,}",
        "alike": f"{counts['photos_with_a_copy']:,}",
        "rmse": f"{keypoints['rmse']:.2f}",
        "rmse_interval": "{:.2f} to {:.2f}".format(*keypoints["rmse_interval"]),
        "mean_face": f"{keypoints['rmse_mean_face']:.2f}",
        "accuracy": f"{gender['accuracy']:.1%}",
        "accuracy_interval": f"{low:.1%} to {high:.1%}",
        "right": f"{gender['n_right']:,}",
        "log_loss": f"{gender['log_loss']:.3f}",
        "log_loss_before": f"{before['log_loss']:.3f}",
        "calibration": f"{gender['calibration_error']:.3f}",
        "calibration_before": f"{before['calibration_error']:.3f}",
        "temperature": f"{trained['temperature']:.2f}",
    }
    for task in ("keypoints", "gender"):
        for side in ("train", "validation"):
            values[f"{task}_{side}"] = f"{read[f'train-{task}'][f'{side}_images']:,}"
    return values


def words(read: dict, source: str) -> dict[str, str]:
    """The lines of the card that depend on what was measured, by their names in the template."""
    gender, classes = read["gender"], list(read["gender"]["confusion"])
    binary = {name.casefold() for name in classes} <= GENDERS
    task = "gender" if binary else "classes"
    return {
        "task": task,
        "classes": ", ".join(classes),
        "source": SOURCES.get(source, FOLDER),
        "checked": checked(read["label-errors-gender"]),
        "pseudo_labels": pseudo_labels(read["train-gender"]["pseudo_labels"]),
        "recalls": "\n".join(recall_line(task, name, gender) for name in classes),
        "confusion": confusion_table(gender["confusion"]),
        "crossval": cross_validation(read["crossval-keypoints"], read["crossval-gender"], task),
        "worst": worst_class(gender),
        "labels": BINARY if binary else ANY,
    }


def checked(counts: dict) -> str:
    """Say how many label errors were found, in a sentence."""
    if not counts["folds"]:
        return "The labels were not checked by other networks (`gender.label_errors.folds: 0`)."
    doubted = f"networks trained on other photos doubt {counts['label_errors']}"
    return f"Of {counts['rows']:,} labels in training and validation, {doubted}."


def pseudo_labels(count: int) -> str:
    """Say how many faces with pseudo-labels were learned from, as the end of a table's cell."""
    return f", {count:,} keypoint images as a first network sees them" if count else ""


def recall_line(task: str, name: str, gender: dict) -> str:
    """A row of the table of figures: of the photos of a class, how many are recognised."""
    right, n = gender["confusion"][name][name], gender["n_by_class"][name]
    if not n:
        return f"| {task}, recall of {name} | | | 0 photos |"
    low, high = gender["recall_interval_by_class"][name]
    recall, interval = f"{gender['recall_by_class'][name]:.1%}", f"{low:.1%} to {high:.1%}"
    return f"| {task}, recall of {name} | {recall} | {interval} | {right} of {n} photos |"


def confusion_table(confusion: dict) -> str:
    """The confusion matrix in Markdown."""
    names = list(confusion)
    lines = [["", *names], ["---"] * (len(names) + 1)]
    lines += [[true, *(str(confusion[true][said]) for said in names)] for true in names]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def cross_validation(keypoints: dict, gender: dict, task: str) -> str:
    """The figures of stage `crossval`, or how to have them."""
    lines = [
        line.format(**found, of=OF[found["rows"]], task=task)
        for line, found in ((CROSS_KEYPOINTS, keypoints), (CROSS_GENDER, gender))
        if found["folds"]
    ]
    return "\n\n".join(lines) or NO_CROSS


def worst_class(gender: dict) -> str:
    """Which class is recognised least, and whether the counts can tell."""
    recalls = {name: r for name, r in gender["recall_by_class"].items() if r is not None}
    intervals = gender["recall_interval_by_class"]
    worst, best = min(recalls, key=recalls.get), max(recalls, key=recalls.get)
    if recalls[worst] == recalls[best]:
        return "- **By class**: the recall is the same for all classes in the test split."
    apart = intervals[worst][1] < intervals[best][0]
    sure = (
        "the intervals do not overlap"
        if apart
        else "the intervals overlap, so that the difference may be chance"
    )
    return (
        f"- **By class**: {worst} is recognised least ({recalls[worst]:.1%}), {best} most "
        f"({recalls[best]:.1%}); {sure}."
    )
