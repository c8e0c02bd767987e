"""`make kernel`: the pipeline on a GPU that Kaggle lends, and its outputs brought home.

A program, no stage: no stage imports it. `pack` writes what is sent, `bootstrap` and `there` run at
Kaggle with what its image has, `parcel` packs the outputs there and unpacks them here, `run` sends
and waits, `home` brings home.
"""
