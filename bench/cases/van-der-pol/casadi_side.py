import casadi as ca


def stated(arrays, options):
    intervals, steps = options["intervals"], options["steps"]
    h = options["horizon"] / intervals / steps
    x, u = ca.MX.sym("x", 2), ca.MX.sym("u")
    rate = ca.vertcat((1 - x[1] ** 2) * x[0] - x[1] + u, x[0])
    field = ca.Function("field", [x, u], [rate, ca.sumsqr(x) + u**2])
    start, control = ca.MX.sym("start", 2), ca.MX.sym("control")
    state, cost = start, 0
    for _ in range(steps):
        k1, q1 = field(state, control)
        k2, q2 = field(state + h / 2 * k1, control)
        k3, q3 = field(state + h / 2 * k2, control)
        k4, q4 = field(state + h * k3, control)
        state = state + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        cost = cost + h / 6 * (q1 + 2 * q2 + 2 * q3 + q4)
    advance = ca.Function("advance", [start, control], [state, cost])

    initial, below = arrays["initial"], [options["least"], -ca.inf]
    states = [ca.MX.sym(f"x{k}", 2) for k in range(intervals + 1)]
    controls = [ca.MX.sym(f"u{k}") for k in range(intervals)]
    ends = [advance(at, u) for at, u in zip(states, controls)]
    defects = [end - after for (end, _), after in zip(ends, states[1:])]
    unknowns = ca.vertcat(*controls, *states)
    problem = {"x": unknowns, "f": sum(cost for _, cost in ends), "g": ca.vertcat(*defects)}
    quiet = {"print_time": False, "ipopt.print_level": 0, "ipopt.sb": "yes"}
    solver = ca.nlpsol("solver", "ipopt", problem, {**quiet, "expand": True})
    lower = [-1] * intervals + [*initial] + below * intervals
    upper = [1] * intervals + [*initial] + [ca.inf] * (2 * intervals)
    guess = [0] * intervals + [*initial] * (intervals + 1)

    def solve():
        found = solver(x0=guess, lbx=lower, ubx=upper, lbg=0, ubg=0)
        return found["f"], found["x"]

    return solve


def prepare(arrays, options):
    if options["anew"]:
        return lambda: stated(arrays, options)()
    return stated(arrays, options)
