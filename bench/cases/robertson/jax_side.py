import diffrax
import jax
import jax.numpy as jnp


def field(t, y, k):
    a, b, c = y
    first, second, third = k[0] * a, k[1] * b**2, k[2] * b * c
    return jnp.stack([third - first, first - second - third, second])


def prepare(arrays, options):
    start, rates = jnp.asarray(arrays["start"]), jnp.asarray(arrays["rates"])
    controller = diffrax.PIDController(options["rtol"], options["atol"])

    def remaining(logs):
        found = diffrax.diffeqsolve(
            diffrax.ODETerm(field),
            diffrax.Kvaerno5(),
            0.0,
            float(options["end"]),
            None,
            start,
            jnp.exp(logs) * rates,
            stepsize_controller=controller,
        )
        return found.ys[-1, 0]

    f = jax.jit(jax.value_and_grad(remaining))
    logs = jnp.zeros(3)
    return lambda: f(logs)
