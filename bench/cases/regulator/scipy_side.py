import numpy as np
from scipy.linalg import cho_factor, cho_solve, solve_discrete_are, solve_discrete_lyapunov


def prepare(arrays, options):
    a, b = arrays["A"], arrays["B"]
    q, r = np.eye(a.shape[0]), np.eye(b.shape[1])

    def cost_and_gradient():
        p = solve_discrete_are(a, b, q, r)
        gain = cho_solve(cho_factor(r + b.T @ p @ b), b.T @ p @ a)
        closed = a - b @ gain
        costate = solve_discrete_lyapunov(closed, np.ones_like(a))
        return p.sum(), 2 * p @ closed @ costate

    return cost_and_gradient
