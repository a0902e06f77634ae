import jax
import jax.numpy as jnp


def loss(parameters, x, noise):
    (b0, w0), (b1, w1), (b2, w2), (b3, w3) = parameters
    mean, log_variance = jnp.split(jax.nn.relu(x @ w0 + b0) @ w1 + b1, 2, axis=1)
    z = mean + jnp.exp(0.5 * log_variance) * noise
    logits = jax.nn.relu(z @ w2 + b2) @ w3 + b3
    likelihood = jnp.sum(jax.nn.softplus(logits) - x * logits)
    divergence = -0.5 * jnp.sum(1 + log_variance - mean**2 - jnp.exp(log_variance))
    return (likelihood + divergence) / x.shape[0]


def prepare(arrays, options):
    x, noise = jnp.asarray(arrays["x"]), jnp.asarray(arrays["noise"][0])
    parameters = [(jnp.asarray(arrays[f"b{i}"]), jnp.asarray(arrays[f"w{i}"])) for i in range(4)]
    rate = options["learningRate"]

    @jax.jit
    def step(parameters):
        slopes = jax.grad(loss)(parameters, x, noise)
        return jax.tree.map(lambda value, slope: value - rate * slope, parameters, slopes)

    def run():
        nonlocal parameters
        parameters = step(parameters)
        return parameters

    return run
