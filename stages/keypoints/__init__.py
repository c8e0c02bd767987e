"""Facial keypoints: what is special to the task, from Kaggle's archive to scores."""
