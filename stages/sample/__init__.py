"""The embedded default: drawn faces, written as the same two archives that Kaggle gives."""
