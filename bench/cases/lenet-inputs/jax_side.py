import jax
import jax.numpy as jnp
import numpy as np


def lenet(p, h):
    for i in range(2):
        h = jax.lax.conv(h, p[f"k{i}"], (1, 1), "VALID") + p[f"c{i}"][:, None, None]
        h = jax.nn.relu(h)
        h = jax.lax.reduce_window(h, -jnp.inf, jax.lax.max, (1, 1, 2, 2), (1, 1, 2, 2), "VALID")
    h = h.reshape(h.shape[0], -1)
    for i in range(3):
        h = h @ p[f"w{i}"] + p[f"b{i}"]
        if i < 2:
            h = jax.nn.relu(h)
    return h


def prepare(arrays, options):
    x, y = jnp.asarray(arrays["x"]), jnp.asarray(arrays["y"])
    p = {name: jnp.asarray(value) for name, value in arrays.items() if name not in ("x", "y")}
    nodes, weights = np.polynomial.legendre.leggauss(options["nodes"])
    path = jnp.asarray((nodes + 1) / 2, x.dtype), jnp.asarray(weights / 2, x.dtype)
    eps, length = (np.float32(options[name]) for name in ("eps", "stepSize"))

    def chosen(values, y):
        return jnp.take_along_axis(values, y[:, None], 1).sum()

    @jax.jit
    def integrated_gradients(p, x, y):
        slope = jax.grad(lambda z: chosen(lenet(p, z), y))

        def add(mean, part):
            node, weight = part
            return mean + weight * slope(node * x), None

        return x * jax.lax.scan(add, jnp.zeros_like(x), path)[0]

    @jax.jit
    def pgd(p, x, y):
        slope = jax.grad(lambda z: -chosen(jax.nn.log_softmax(lenet(p, z)), y))

        def step(_, at):
            moved = at + length * jnp.sign(slope(at))
            return jnp.clip(x + jnp.clip(moved - x, -eps, eps), 0, 1)

        return jax.lax.fori_loop(0, options["steps"], step, x)

    f = pgd if options["method"] == "pgd" else integrated_gradients
    return lambda: f(p, x, y)
