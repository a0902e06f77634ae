import jax
import jax.numpy as jnp


def joint_rotations(angles):
    cx, cz, cy = jnp.cos(angles).T
    sx, sz, sy = jnp.sin(angles).T
    o, one = jnp.zeros_like(cx), jnp.ones_like(cx)

    def matrix(rows):
        return jnp.moveaxis(jnp.array(rows), 2, 0)

    about_x = matrix([[one, o, o, o], [o, cx, -sx, o], [o, sx, cx, o], [o, o, o, one]])
    about_y = matrix([[cy, o, sy, o], [o, one, o, o], [-sy, o, cy, o], [o, o, o, one]])
    about_z = matrix([[cz, -sz, o, o], [sz, cz, o, o], [o, o, one, o], [o, o, o, one]])
    return about_z @ about_y @ about_x


def rotation_about(axis):
    angle = jnp.sqrt((axis**2).sum())
    v = axis / angle
    x, y, z = v
    outer = jnp.outer(v, v)
    cross = jnp.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    turned = outer + (jnp.eye(3) - outer) * jnp.cos(angle) + cross * jnp.sin(angle)
    return jnp.where(angle < 1e-4, jnp.eye(3), turned)


def prepare(arrays, options):
    parents = [int(p) for p in arrays["parents"]]
    model = {name: jnp.asarray(arrays[name]) for name in ("base_relatives", "inverse_base_absolutes", "base_positions", "weights")}
    points, theta = jnp.asarray(arrays["points"]), jnp.asarray(arrays["theta"])
    chosen = arrays["correspondences"]
    corners = jnp.asarray(arrays["triangles"][chosen] if options["complicated"] else chosen)

    def pose(theta, model):
        fingers = theta[6:].reshape(5, 4)
        o = jnp.zeros(5)
        joints = jnp.array([[fingers[:, 0], fingers[:, 1], o], [fingers[:, 2], o, o], [fingers[:, 3], o, o], [o, o, o]])
        joints = jnp.moveaxis(joints, 2, 0).reshape(20, 3)
        angles = jnp.concatenate([jnp.zeros((2, 3)), joints, jnp.zeros((len(parents) - 22, 3))])
        local = model["base_relatives"] @ joint_rotations(angles)
        absolute = []
        for i, parent in enumerate(parents):
            absolute.append(local[i] if parent < 0 else absolute[parent] @ local[i])
        transforms = (jnp.stack(absolute) @ model["inverse_base_absolutes"])[:, :3]
        blended = jnp.einsum("vb,bij->vij", model["weights"], transforms)
        skin = jnp.einsum("vij,vj->vi", blended, model["base_positions"])
        return skin @ rotation_about(theta[:3]).T + theta[3:6]

    def residuals(shift, theta, model, points, corners, places):
        vertices = pose(theta, model)
        if places is None:
            return points - vertices[corners]
        moved = places + shift
        u, v = moved[:, :1], moved[:, 1:]
        a, b, c = vertices[corners[:, 0]], vertices[corners[:, 1]], vertices[corners[:, 2]]
        return points - (a * u + b * v + c * (1 - u - v))

    @jax.jit
    def jacobian(theta, model, points, corners, places):
        if places is None:
            return jax.jacfwd(residuals, 1)(jnp.zeros(2), theta, model, points, corners, None)
        both = jax.jacfwd(residuals, (0, 1))(jnp.zeros(2), theta, model, points, corners, places)
        return jnp.concatenate(both, 2)

    places = jnp.asarray(arrays["us"]) if options["complicated"] else None
    return lambda: jacobian(theta, model, points, corners, places)
