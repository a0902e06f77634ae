import numpy as np
from scipy.integrate import solve_ivp


def prepare(arrays, options):
    k1, k2, k3 = arrays["rates"]
    start = np.concatenate([arrays["start"], np.zeros(9)])

    def parts(z):
        a, b, c = z[:3]
        jacobian = np.array([[-k1, k3 * c, k3 * b], [k1, -2 * k2 * b - k3 * c, -k3 * b], [0, 2 * k2 * b, 0]])
        return k1 * a, k2 * b**2, k3 * b * c, jacobian

    def field(t, z):
        first, second, third, jacobian = parts(z)
        # One column for the logarithm of each rate.
        moved = jacobian @ z[3:].reshape(3, 3)
        moved += [[-first, 0, third], [first, -second, -third], [0, second, 0]]
        return np.concatenate([[third - first, first - second - third, second], moved.ravel()])

    # How sensitivities depend on the state is left out, as the iteration converges without it.
    def jacobian(t, z):
        own = parts(z)[3]
        whole = np.zeros((12, 12))
        whole[:3, :3] = own
        whole[3:, 3:] = np.kron(own, np.eye(3))
        return whole

    def value_and_gradient():
        found = solve_ivp(
            field,
            (0, options["end"]),
            start,
            method="LSODA",
            jac=jacobian,
            rtol=options["rtol"],
            atol=options["atol"],
        )
        last = found.y[:, -1]
        return last[:1], last[3:6]

    return value_and_gradient
