"""Plans many car parks and says how many that are per minute: ``python -m examples.fleet``."""

import argparse
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
import json
from multiprocessing import get_context
import sys
import time

from .plan import plan_fleet, plan_site
from .sites import make_site


@contextmanager
def _executor(options: argparse.Namespace) -> Iterator[Executor | None]:
    """Give what spreads the sites; a pool has imported the solver before it is measured."""
    if options.dask:
        from distributed import Client  # noqa: PLC0415 - only who spreads by Dask has it

        client = Client(options.dask)  # type: ignore[no-untyped-call]
        with client, client.get_executor(pure=False) as spread:  # type: ignore[no-untyped-call]
            yield spread
    elif options.processes:
        with ProcessPoolExecutor(options.processes, mp_context=get_context("spawn")) as pool:
            warm = [pool.submit(plan_site, make_site(0, 1)) for _ in range(options.processes)]
            for future in warm:
                future.result()
            yield pool
    else:
        plan_site(make_site(0, 1))
        yield None


def main() -> int:
    """Run the command line; return the exit code: 1 where a site has no plan."""
    parser = argparse.ArgumentParser(prog="examples.fleet", description=__doc__)
    parser.add_argument("--sites", type=int, default=60)
    parser.add_argument("--cars", type=int, default=20, help="per site")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--processes", type=int, help="in a pool of so many, instead of in this one")
    where.add_argument("--dask", metavar="ADDRESS", help="of a scheduler: by its workers")
    parser.add_argument("--quiet", action="store_true", help="no line for each site")
    options = parser.parse_args()
    sites = {f"site {number}": make_site(number, options.cars) for number in range(options.sites)}
    failed, cpu_s = 0, 0.0
    with _executor(options) as executor:
        begin = time.monotonic()
        for name, planned in plan_fleet(sites, executor):
            failed += planned.schedule is None
            cpu_s += planned.cpu_s
            line = {"site": name, "planner": planned.planner, "error": planned.error}
            if planned.schedule is not None:
                line["cost"] = round(planned.schedule.cost, 4)
                line["status"] = planned.schedule.status
            if not options.quiet:
                print(json.dumps(line), flush=True)
        seconds = time.monotonic() - begin
    rate = len(sites) / seconds * 60
    summary = f"{len(sites)} sites of {options.cars} cars in {seconds:.1f} s: {rate:.0f} per minute"
    each = f"{1000 * cpu_s / len(sites):.0f} ms of processor time each"
    print(f"{summary}, {each}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
