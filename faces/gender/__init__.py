"""Do what is special to photos in classes. May import training and below, no keypoints."""
