"""predict with stand-ins for networks, a program: `python -m tests.helpers.stub_predict WORD...`

STUB_SECONDS: how much longer each photo takes. STUB_LIMIT: bytes that a file may have, as if the
disk were full then.
"""

import os
import resource
import time

from faces.core import running
from faces.predict import __main__ as predict
from faces.predict import batch
from tests.detection.conftest import Boxes, stand_ins

predict.load_models = lambda _: stand_ins(Boxes((80, 62, 60)))
answer = batch.WAYS["face"]


def slowly(*given):
    time.sleep(float(os.environ.get("STUB_SECONDS", "0")))
    return answer(*given)


batch.WAYS["face"] = slowly
if "STUB_LIMIT" in os.environ:
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(os.environ["STUB_LIMIT"]),) * 2)

if __name__ == "__main__":
    running.run(predict.main)
