"""Draw pictures as files: sheets of many images, answers on a photo. May import core."""
