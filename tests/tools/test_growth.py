import pytest

from tools import growth


@pytest.mark.parametrize("kind", growth.MODULES)
def test_the_index_is_measured_beside_comparing_all(kind):
    share, ours, theirs = growth.measured(kind, 120)
    assert share.startswith("100.00% of ") and int(share.split()[-1]) >= 10
    assert ours.endswith(" MiB") and theirs.endswith(" MiB")


def test_of_too_many_rows_only_the_index_is_measured(monkeypatch):
    monkeypatch.setitem(growth.EXACT, "images", 50)
    assert growth.measured("images", 120)[0] == growth.measured("images", 120)[2] == ""
