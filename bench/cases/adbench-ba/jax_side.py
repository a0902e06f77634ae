import jax
import jax.numpy as jnp


def rotate(axis, x):
    squared = axis @ axis
    angle = jnp.sqrt(jnp.where(squared > 0, squared, 1))
    v = axis / angle
    turned = x * jnp.cos(angle) + jnp.cross(v, x) * jnp.sin(angle) + v * (v @ x) * (1 - jnp.cos(angle))
    return jnp.where(squared > 0, turned, x + jnp.cross(axis, x))


def error(camera, point, weight, feature):
    seen = rotate(camera[:3], point - camera[3:6])
    flat = seen[:2] / seen[2]
    r2 = flat @ flat
    picture = flat * (1 + r2 * (camera[9] + r2 * camera[10])) * camera[6] + camera[7:9]
    return weight * (picture - feature)


def prepare(arrays, options):
    n, m, p = (int(count) for count in arrays["counts"])
    cameras = jnp.tile(arrays["cam"], (n, 1))
    points = jnp.tile(arrays["x"], (m, 1))
    weights = jnp.tile(arrays["w"], p)
    features = jnp.tile(arrays["feat"], (p, 1))
    camera, point = jnp.arange(p) % n, jnp.arange(p) % m

    @jax.jit
    def jacobian(cameras, points, weights, features, camera, point):
        blocks = jax.vmap(jax.jacrev(error, (0, 1, 2)))(
            cameras[camera], points[point], weights, features
        )
        values = jnp.concatenate([blocks[0], blocks[1], blocks[2][:, :, None]], 2)
        own = jnp.arange(p) + 11 * n + 3 * m
        columns = jnp.concatenate(
            [
                camera[:, None] * 11 + jnp.arange(11),
                point[:, None] * 3 + jnp.arange(3) + 11 * n,
                own[:, None],
            ],
            1,
        )
        rows = jnp.concatenate([jnp.arange(2 * p) * 15, jnp.arange(p + 1) + 30 * p])
        columns = jnp.concatenate([jnp.tile(columns, (1, 2)).ravel(), own])
        return rows, columns, jnp.concatenate([values.ravel(), -2 * weights])

    def ends(result):
        return [jnp.concatenate([part[:30], part[-1:]]) for part in result]

    return lambda: jacobian(cameras, points, weights, features, camera, point), ends
