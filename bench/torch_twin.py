"""The default networks in PyTorch, trained for speed alone: what a user would write by hand.

The same layers, shapes, batch size and loss; channels_last, AdamW, float32, one batch that stays in
memory. No augmentation, no moving average, no feeding: it does less than our step. It runs in a
process of its own, since two libraries in one process share their threads badly, and takes a turn
whenever it is told to: a line in, the seconds out.
"""

import argparse
import time

import torch
from torch import nn
from torch.nn import functional


class ConvNorm(nn.Sequential):
    """A convolution without bias, padded to keep the size (or halve it), and normalisation."""

    def __init__(self, inputs: int, filters: int, size: int = 3, stride: int = 1):
        conv = nn.Conv2d(inputs, filters, size, stride, padding=size // 2, bias=False)
        super().__init__(conv, nn.BatchNorm2d(filters))


class Residual(nn.Module):
    def __init__(self, inputs: int, filters: int):
        super().__init__()
        same = inputs == filters
        self.shortcut = nn.Identity() if same else ConvNorm(inputs, filters, 1)
        self.first, self.second = ConvNorm(inputs, filters), ConvNorm(filters, filters)

    def forward(self, x):
        return functional.relu(self.shortcut(x) + self.second(functional.relu(self.first(x))))


def normal(pixels):
    """Each image to mean 0 and variance 1."""
    return functional.layer_norm(pixels / 255, pixels.shape[1:], eps=1e-4)


class Keypoints(nn.Module):
    """Heatmaps and their mean positions: (batch, 1, 96, 96) to (batch, outputs, 2), pixels."""

    def __init__(self, width: int, depth: int, outputs: int):
        super().__init__()
        self.stem = nn.ModuleList(
            [ConvNorm(1, width // 2, 5, 2), ConvNorm(width // 2, width, 3, 2)]
        )
        sizes = [width, 2 * width, 4 * width]
        self.blocks = nn.ModuleList(
            nn.Sequential(*(Residual(filters, filters) for _ in range(depth))) for filters in sizes
        )
        self.down = nn.ModuleList(ConvNorm(f, 2 * f, 3, 2) for f in sizes[:2])
        self.up = nn.ModuleList(ConvNorm(2 * f, f, 1) for f in reversed(sizes[:2]))
        self.merged = nn.ModuleList(Residual(f, f) for f in reversed(sizes[:2]))
        self.heatmaps = nn.Conv2d(width, outputs, 1)
        line = torch.arange(24) * 4 + 1.5
        y, x = torch.meshgrid(line, line, indexing="ij")
        self.register_buffer("cells", torch.stack([x.ravel(), y.ravel()], 1))

    def forward(self, pixels):
        x, skips = normal(pixels), []
        for layer in self.stem:
            x = functional.relu(layer(x))
        for block, down in zip(self.blocks, self.down, strict=False):
            x = block(x)
            skips.append(x)
            x = functional.relu(down(x))
        x = self.blocks[2](x)
        for up, merged, skip in zip(self.up, self.merged, reversed(skips), strict=True):
            x = merged(functional.relu(functional.interpolate(up(x), scale_factor=2) + skip))
        return self.heatmaps(x).flatten(2).softmax(-1) @ self.cells


class Gender(nn.Module):
    """Photos in classes: (batch, 3, size, size) to logits (batch, classes)."""

    def __init__(self, width: int, depth: int, outputs: int):
        super().__init__()
        layers, inputs = [], 3
        for stage, times in enumerate((1, 2, 4, 4)):
            filters = width * times
            layers += [ConvNorm(inputs, filters, 3 if stage else 5, 2), nn.ReLU()]
            layers += [Residual(filters, filters) for _ in range(depth)]
            inputs = filters
        self.trunk = nn.Sequential(*layers)
        self.logits = nn.Sequential(nn.Dropout(0.3), nn.Linear(inputs, outputs))

    def forward(self, pixels):
        return self.logits(self.trunk(normal(pixels)).mean((2, 3)))


NETWORKS = {"keypoints": Keypoints, "gender": Gender}


def loss_of(task: str, answer):
    """Of targets that are all the same: what they are does not change the time."""
    if task == "gender":
        return functional.cross_entropy(answer, answer.new_zeros(len(answer), dtype=torch.long))
    return functional.huber_loss(answer, torch.full_like(answer, 48), delta=2.0)


def step_of(task: str, network: nn.Module, pixels):
    """A function that trains on these pixels once."""
    optimizer = torch.optim.AdamW(network.parameters(), lr=0.001, weight_decay=0.05)

    def step() -> float:
        optimizer.zero_grad(set_to_none=True)
        loss = loss_of(task, network(pixels))
        loss.backward()
        optimizer.step()
        return loss.item()  # waits for a GPU

    return step


def main() -> None:
    arguments = parse()
    torch.set_num_threads(arguments.threads)
    network = NETWORKS[arguments.task](arguments.width, arguments.depth, arguments.outputs)
    channels = 1 if arguments.task == "keypoints" else 3
    pixels = torch.rand(arguments.batch, channels, arguments.side, arguments.side) * 255
    network = network.to(arguments.device, memory_format=torch.channels_last).train()
    pixels = pixels.to(arguments.device, memory_format=torch.channels_last)
    step = step_of(arguments.task, network, pixels)
    step()
    print("ready", flush=True)
    while input():
        started = time.perf_counter()
        for _ in range(arguments.steps):
            step()
        print(time.perf_counter() - started, flush=True)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.torch_twin", description=__doc__)
    parser.add_argument("task", choices=NETWORKS)
    for name in ("width", "depth", "outputs", "side", "batch", "steps", "threads"):
        parser.add_argument(f"--{name}", type=int, required=True)
    parser.add_argument("--device", default="cpu")
    return parser.parse_args()


if __name__ == "__main__":
    main()
