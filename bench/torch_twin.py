"""A network of Keras in PyTorch, trained for speed alone: what a user would write by hand.

The same layers, shapes and batch size; channels_last, AdamW, float32, one batch that stays in
memory. No augmentation, no moving average, no feeding: it does less than our step. It has a process
of its own, since two libraries in one share their threads badly: JSON comes in, seconds go out.
"""

import json
import sys
import time

import torch
from torch import nn
from torch.nn import functional

FUNCTIONS = {  # layers without weights; pictures are (batch, channels, side, side)
    "Rescaling": lambda x, config: x * config["scale"],
    # Each image to mean 0 and variance 1.
    "LayerNormalization": lambda x, _: functional.layer_norm(x, x.shape[1:], eps=1e-4),
    "Activation": lambda x, _: functional.relu(x),
    "UpSampling2D": lambda x, _: functional.interpolate(x, scale_factor=2),
    "GlobalAveragePooling2D": lambda x, _: x.mean((2, 3)),
    "Dropout": lambda x, config: functional.dropout(x, config["rate"]),
    "Reshape": lambda x, config: x.permute(0, 2, 3, 1).reshape(len(x), *config["target_shape"]),
    "Permute": lambda x, _: x.transpose(1, 2),
    "Softmax": lambda x, _: x.softmax(-1),
}


def layer(kind: str, config: dict, kernel: list[int], width: int, **_) -> nn.Module | None:
    """Make a layer with weights, given as `training.plan` lists it; None if it has none."""
    if kind == "Conv2D":  # it keeps the size of a picture, or halves it
        size, _, inputs, filters = kernel
        options = {"stride": config["strides"], "padding": size // 2, "bias": config["use_bias"]}
        return nn.Conv2d(inputs, filters, size, **options)
    if kind == "Dense":
        return nn.Linear(*kernel, bias=config["use_bias"]).requires_grad_(config["trainable"])
    return nn.BatchNorm2d(width) if kind == "BatchNormalization" else None


class Network(nn.Module):
    """All layers of a plan, of which the first is what goes in."""

    def __init__(self, plan: list[dict]):
        super().__init__()
        self.first, *self.plan = plan
        self.layers = nn.ModuleList(layer(**each) or nn.Identity() for each in self.plan)

    def forward(self, pixels):
        """Give what the last layer says of pixels (batch, channels, side, side)."""
        found = {self.first["output"]: pixels}
        for each, made in zip(self.plan, self.layers, strict=True):
            x = sum(found[number] for number in each["inputs"])  # more than one: layer `Add`
            function = FUNCTIONS.get(each["kind"])
            found[each["output"]] = function(x, each["config"]) if function else made(x)
        return found[self.plan[-1]["output"]]


def train(plan: list[dict], batch: int, steps: int, threads: int, device: str) -> float:
    """Train on one batch of noise: the seconds of so many steps."""
    torch.set_num_threads(threads)
    placed = {"device": device, "memory_format": torch.channels_last}
    model = Network(plan).to(**placed).train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.001, weight_decay=0.05)
    _, side, _, channels = plan[0]["config"]["batch_shape"]
    pixels = (torch.rand(batch, channels, side, side) * 255).to(**placed)
    for step in range(1 + steps):
        if step == 1:
            started = time.perf_counter()
        optimizer.zero_grad(set_to_none=True)
        loss = model(pixels).square().mean()  # what is wanted does not change the time
        loss.backward()
        optimizer.step()
        loss.item()  # waits for a GPU
    return time.perf_counter() - started


if __name__ == "__main__":
    print(train(**json.load(sys.stdin)))
