"""Find more to learn gender from: photos as predict crops them, faces that nobody labelled.

May import detection and what is below it.
"""
