import pytest

from tests.helpers.colours import contrast, palettes


def test_contrast_is_that_of_wcag():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#ffffff", "#ffffff") == 1
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.005)  # a known border case


def test_what_the_dark_does_not_change_is_that_of_the_light():
    style = ":root { --ink: #000000; --tag: #123456; } @media dark { :root { --ink: #ffffff; } }"
    assert palettes(style)["dark"] == {"ink": "#ffffff", "tag": "#123456"}
