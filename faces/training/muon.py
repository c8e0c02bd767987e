"""Muon, for the kernels of convolutions as well."""

import keras
from keras import ops

FEWEST = 32  # inputs of a kernel; with fewer there is little to make orthogonal


class Muon(keras.optimizers.Muon):
    """Steps of orthogonal matrices for the kernels of convolutions, AdamW for all else.

    Jordan et al. 2024, "Muon: An optimizer for hidden layers in neural networks",
    https://kellerjordan.github.io/posts/muon/: the momentum of a kernel, as a matrix of inputs
    times filters, is replaced by the nearest matrix whose directions are equally long. Steps are
    as large as AdamW's usually are (Liu et al. 2025, arXiv:2502.16982), so that learning rate and
    weight decay carry over. Keras' own class does this for dense layers only.
    """

    def _should_use_adamw(self, variable) -> bool:
        *inputs, _ = variable.shape if len(variable.shape) == 4 else (0, 0)
        few = len(inputs) < 3 or inputs[0] * inputs[1] * inputs[2] < FEWEST
        return few or any(name in variable.path for name in self.exclude_layers)

    def _muon_update_step(self, gradient, variable, lr, m) -> None:
        self.assign_add(m, ops.add(gradient, m * (self.momentum - 1)))
        ahead = ops.add(gradient, self.momentum * m) if self.nesterov else m
        matrix = ops.reshape(ahead, (-1, variable.shape[-1]))
        step = self.zeropower_via_newtonschulz5(matrix, self.ns_steps)
        size = lr * self.rms_rate * max(matrix.shape) ** 0.5
        self.assign_sub(variable, ops.reshape(size * step, variable.shape))

    def zeropower_via_newtonschulz5(self, x, steps: int):
        """The matrix x (n, m) with singular values near 1, as Keras' method of this name.

        Each step multiplies by a polynomial of the Gram matrix of what it has, and these all
        commute. So the steps are taken on the small Gram matrix alone, and x is multiplied once.
        """
        wide = x.shape[0] < x.shape[1]
        x = x / (ops.norm(x) + 1e-7)
        gram = ops.matmul(x, ops.transpose(x)) if wide else ops.matmul(ops.transpose(x), x)
        identity = ops.eye(gram.shape[0], dtype=x.dtype)
        product = identity
        for _ in range(steps):
            square = ops.matmul(gram, gram)
            step = self.muon_a * identity + self.muon_b * gram + self.muon_c * square
            product = ops.matmul(product, step)
            gram = ops.matmul(ops.matmul(step, gram), step)
        return ops.matmul(product, x) if wide else ops.matmul(x, product)
