import jax
import jax.numpy as jnp
import numpy as np


def diffusion(edges, nodes):
    """Ends and coefficients of D^(-1/2) (A + I) D^(-1/2), in the order of their rows."""
    loops = np.arange(nodes)
    rows = np.concatenate([edges[:, 0], edges[:, 1], loops])
    columns = np.concatenate([edges[:, 1], edges[:, 0], loops])
    order = np.argsort(rows, kind="stable")
    rows, columns = rows[order], columns[order]
    scale = (1 / np.sqrt(np.bincount(rows))).astype(np.float32)
    return jnp.asarray(rows), jnp.asarray(columns), jnp.asarray(scale[rows] * scale[columns])


def prepare(arrays, options):
    columns = arrays["columns"]
    nodes = len(columns)
    parameters = [jnp.asarray(arrays[name]) for name in ("b0", "w0", "b1", "w1")]
    values = jnp.asarray(arrays["values"]).reshape(columns.shape + (1,))
    columns = jnp.asarray(columns)
    to, source, weight = diffusion(arrays["edges"], nodes)
    labels = jnp.asarray(arrays["labels"])
    rate = options["learningRate"]

    def spread(h):
        along = h[source] * weight[:, None]
        return jax.ops.segment_sum(along, to, nodes, indices_are_sorted=True)

    def loss(parameters):
        b0, w0, b1, w1 = parameters
        # Faster here than a dense product, or sums by rows of all entries.
        h = jax.nn.relu(spread((values * w0[columns]).sum(1)) + b0)
        logits = spread(h @ w1) + b1
        logs = jax.nn.log_softmax(logits[: len(labels)])
        return -jnp.take_along_axis(logs, labels[:, None], 1).mean()

    @jax.jit
    def step(parameters):
        slopes = jax.grad(loss)(parameters)
        return [value - rate * slope for value, slope in zip(parameters, slopes)]

    def run():
        nonlocal parameters
        parameters = step(parameters)
        return parameters

    return run
