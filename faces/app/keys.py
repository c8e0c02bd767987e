"""Which keys of the keyboard stand for which class."""

SKIP, UNDO = "s", "u"
DIGITS = "123456789"
LETTERS = [c for c in "abcdefghijklmnopqrstuvwxyz" if c not in (SKIP, UNDO)]


def keys_for(classes: list[str]) -> list[list[str]]:
    """The keys of each class: a digit, beyond nine a letter; its first letter too, where it can.

    First letters are for classes that all differ in them, and for nine at most. A class for
    which no key is left is chosen by its button.

    >>> keys_for(["Male", "Female"])
    [['1', 'm'], ['2', 'f']]
    >>> keys_for(["smile", "neutral", "surprise"])
    [['1'], ['2'], ['3']]
    """
    own = [*DIGITS, *LETTERS]
    keys = [[own[i]] if i < len(own) else [] for i in range(len(classes))]
    first = [name.strip()[:1].lower() for name in classes]
    if len(set(first)) == len(first) <= len(DIGITS) and set(first) <= set(LETTERS):
        keys = [[*key, letter] for key, letter in zip(keys, first, strict=True)]
    return keys
