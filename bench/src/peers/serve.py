"""The process of a peer that runs in Python: `python serve.py scipy|torch|jax`. See `../process.ts`."""

import importlib.util
import json
import os
import resource
import sys
import time

if hasattr(os, "sched_setaffinity"):
    # One processor: thread pools are as large as there are processors.
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})

import numpy as np  # noqa: E402

sys.path.insert(0, os.path.dirname(__file__))
name = sys.argv[1]
library = __import__(f"start_{name}")
replies = os.fdopen(3, "w")


def read(layout):
    raw = open(layout["file"], "rb").read()
    arrays = {}
    for a in layout["arrays"]:
        count = int(np.prod(a["shape"], dtype=int))
        flat = np.frombuffer(raw, a["dtype"], count, a["offset"])
        arrays[a["name"]] = flat.reshape(a["shape"])
    return arrays


def sample_of(output):
    output = np.concatenate([np.asarray(part, np.float64).ravel() for part in output])
    stride = max(1, output.size // 200)
    return {
        "size": int(output.size),
        "norm": float(np.sqrt((output**2).sum())),
        "values": [float(v) for v in output[::stride]],
    }


class Server:
    work = None
    batch = 1

    def prepare(self, request):
        spec = importlib.util.spec_from_file_location("side", request["prepare"])
        side = importlib.util.module_from_spec(spec)
        sys.path.insert(0, os.path.dirname(request["prepare"]))
        spec.loader.exec_module(side)
        self.work, self.batch = None, 1
        run = side.prepare(read(request["layout"]), request["options"])
        if run is None:
            return {"absent": "has no such operation in this precision"}
        # With a function of what is to be compared, where that is not all of the result.
        run, compared = run if isinstance(run, tuple) else (run, lambda result: result)
        self.work = library.work(run)
        return {"version": library.version, "sample": sample_of(library.values(compared(self.work())))}

    def slice(self, request):
        clock = time.perf_counter if request["clock"] == "wall" else time.process_time
        start = now = clock()
        runs = 0
        while (now - start) * 1000 < request["slice"]:
            for _ in range(self.batch):
                self.work()
            runs += self.batch
            now = clock()
        taken = (now - start) * 1000
        self.batch = max(1, int(runs / taken * 0.1))
        return {"runs": runs, "milliseconds": taken}

    def answer(self, request):
        if "slice" in request:
            return self.slice(request)
        if "memory" in request:
            return {"bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}
        return self.prepare(request)


server = Server()
for line in sys.stdin:
    try:
        reply = server.answer(json.loads(line))
    except Exception as error:
        import traceback

        traceback.print_exc()
        reply = {"error": f"{type(error).__name__}: {error}"}
    replies.write(json.dumps(reply) + "\n")
    replies.flush()
