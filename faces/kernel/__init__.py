"""Run the pipeline on a GPU that Kaggle lends, and bring its outputs home: `make kernel`.

A program, no stage. `pack` writes what is sent, `bootstrap` and `there` run at Kaggle with what its
image has, `parcel` packs the outputs there and unpacks them here, `run` sends and waits, `home`
brings home. May import sources and below, and summary.
"""
