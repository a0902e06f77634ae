import jax
import jax.numpy as jnp

NAMES = ("inputs", "hidden", "bias", "hiddenBias")


def run_gru(parameters, x, reverse):
    wx, wh, b, hb = parameters

    def step(h, now):
        ours = h @ wh + hb
        (r, z, n), (hr, hz, hn) = jnp.split(now, 3, axis=1), jnp.split(ours, 3, axis=1)
        reset, update = jax.nn.sigmoid(r + hr), jax.nn.sigmoid(z + hz)
        new = jnp.tanh(n + reset * hn)
        h = new + update * (h - new)
        return h, h

    start = jnp.zeros((x.shape[1], wh.shape[0]), x.dtype)
    return jax.lax.scan(step, start, x @ wx + b, reverse=reverse)


def loss(parameters, x, labels):
    forward, backward, weight, bias = parameters
    last, out = run_gru(forward, x, False)
    first, back = run_gru(backward, x, True)
    middle = x.shape[0] // 2
    features = jnp.concatenate([out[middle - 1], back[middle], last, first], axis=1)
    logs = jax.nn.log_softmax(features @ weight + bias)
    return -jnp.take_along_axis(logs, labels[:, None], axis=1).mean()


def prepare(arrays, options):
    x, labels = jnp.asarray(arrays["x"]), jnp.asarray(arrays["labels"])
    of = lambda direction: [jnp.asarray(arrays[f"{direction}.{name}"]) for name in NAMES]
    parameters = [of("forward"), of("backward"), jnp.asarray(arrays["weight"]), jnp.asarray(arrays["bias"])]
    rate = options["learningRate"]

    @jax.jit
    def step(parameters):
        slopes = jax.grad(loss)(parameters, x, labels)
        return jax.tree.map(lambda value, slope: value - rate * slope, parameters, slopes)

    def run():
        nonlocal parameters
        parameters = step(parameters)
        return [*parameters[0], *parameters[1], parameters[2], parameters[3]]

    return run
