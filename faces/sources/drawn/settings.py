"""Name the classes that drawn photos may have, by `sample.label` of params.yaml."""

CLASSES = {
    "gender": ("Female", "Male"),
    "glasses": ("glasses", "none"),
    "expression": ("neutral", "smile", "surprise"),
}
