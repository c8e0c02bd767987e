"""predict with stand-ins for the networks, as a program: `python -m tests.stub_predict WORD...`

STUB_BATCH: photos of a batch. STUB_SECONDS: how long each batch takes. STUB_LIMIT: bytes that a
file may have, as if the disk were full then.
"""

import os
import resource
import time

from stages import errors, predict
from stages.faces import answer
from tests.faces.conftest import Boxes, stand_ins

predict.load_models = lambda _: stand_ins()
answer.detectors = lambda: Boxes((80, 62, 60))
predict.BATCH = int(os.environ.get("STUB_BATCH", predict.BATCH))
answer_batch = predict.answer_batch


def slowly(*args):
    time.sleep(float(os.environ.get("STUB_SECONDS", "0")))
    return answer_batch(*args)


predict.answer_batch = slowly
if "STUB_LIMIT" in os.environ:
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(os.environ["STUB_LIMIT"]),) * 2)

if __name__ == "__main__":
    errors.run(predict.main)
