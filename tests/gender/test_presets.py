from faces.gender.model import network


def test_the_blogs_network_has_its_size_and_its_training():
    settings = network.with_preset({"model": "blog", "lr": 0.5, "epochs": 1, "augment": {}})
    assert (settings["epochs"], settings["batch_size"], settings["optimizer"]) == (30, 32, "sgd")
    model = network.build(settings, (60, 60, 3), 2)
    assert 9.3e6 < model.count_params() < 9.5e6


def test_our_own_network_keeps_its_settings():
    assert network.with_preset({"model": "residual", "lr": 0.5}) == {"model": "residual", "lr": 0.5}
