"""Do what is special to facial keypoints. May import training and below, nothing of gender."""
