"""Where the stages' outputs lie, from the repository's folder on. They are named here alone."""

from pathlib import Path

PARAMS_CHECKED = Path("data/params.checked")
LINKS = Path("data/source")  # made by stage download for the files of a folder source
RAW = Path("data/raw")
CLEAN = Path("data/clean")
SPLIT = Path("data/split")
LABEL_ERRORS = Path("data/label_errors")
PSEUDO_LABELS = Path("data/pseudo_labels")
MODELS = Path("data/models")
ALIGNMENT = MODELS / "alignment.json"
SUBMISSION_MODEL = MODELS / "submission.keras"
ANSWERS = Path("data/answers")
SUBMISSION = Path("data/submission.csv")
METRICS = Path("metrics")
PLOTS = METRICS / "plots"
PICTURES = METRICS / "pictures"
REPORT = METRICS / "report.html"
TIMES = METRICS / "times.js"
CARD = Path("docs/model-card.md")
# No outputs, only time saved: finished networks, and those that a kill stopped.
MEMBERS = Path(".cache/members")
FOLDS = Path(".cache/folds")
COMPILED = Path(".cache/compiled")  # by JAX, for a GPU
