"""Share what the stages share: a library of packages, each of which imports those below it alone.

core < rules, drawing, data < training < keypoints, gender < sources, detection < pseudo_labels,
predict, reporting < app, kernel, and the commands device, export, submit and summary.
"""

import sys

from faces.core import environment  # before anything else is imported

main = sys.modules["__main__"].__dict__.get("__spec__")
if sys.argv[:1] == ["-m"] or (main and main.name.startswith("stages.")):
    from faces.core import running

    running.begin()
__all__ = ["environment"]
