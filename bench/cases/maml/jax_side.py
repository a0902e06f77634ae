import jax
import jax.numpy as jnp


def loss(parameters, x, y):
    (b0, w0), (b1, w1), (b2, w2) = parameters
    h = jax.nn.relu(x @ w0 + b0)
    h = jax.nn.relu(h @ w1 + b1)
    return jnp.mean((h @ w2 + b2 - y) ** 2)


def prepare(arrays, options):
    parameters = [(jnp.asarray(arrays[f"b{i}"]), jnp.asarray(arrays[f"w{i}"])) for i in range(3)]
    tasks = [jnp.asarray(arrays[name]) for name in ("supportX", "supportY", "queryX", "queryY")]
    rate = options["innerLearningRate"]

    def after_a_step(parameters, x, y, query_x, query_y):
        slopes = jax.grad(loss)(parameters, x, y)
        moved = jax.tree.map(lambda value, slope: value - rate * slope, parameters, slopes)
        return loss(moved, query_x, query_y)

    def mean_loss(parameters, *tasks):
        return jax.vmap(after_a_step, (None, 0, 0, 0, 0))(parameters, *tasks).mean()

    gradient = jax.jit(jax.grad(mean_loss))
    return lambda: gradient(parameters, *tasks)
