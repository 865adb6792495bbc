"""Is the engine still fast enough? Ratios, not times: what they compare is measured on the same machine, in turns."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.schema import CreateSchema, DropSchema

from tracker.bench.measuring import Measured, measure
from tracker.bench.rows import Scale
from tracker.policy.checks import Refused
from tracker.wiring import make_engine

__all__ = ["FEW", "SCALES", "Measured", "Scale", "bench"]

FEW = 10_000
"""Rows of the small database that an idle look is compared with."""
SCALES: dict[str, Scale] = {
    "small": Scale(rows=50_000, due=2_000, rounds=3),
    "full": Scale(rows=1_000_000, due=10_000, rounds=5),
}
SCHEMAS = ("tracker_bench_few", "tracker_bench_many")


def bench(postgresql: str | None, scale: Scale) -> Iterator[tuple[str, Measured]]:
    """Measure on SQLite and, given its URL, on that PostgreSQL: each figure with its name, as it is found.

    Nothing that is there already is read or written. SQLite files are temporary; in the PostgreSQL database two
    schemas are made and dropped again. Raises Refused when they are there already.
    """
    with TemporaryDirectory(prefix="tracker-bench-") as folder:
        small, large = (make_engine(f"sqlite:///{Path(folder) / name}.sqlite3") for name in ("few", "many"))
        try:
            yield from measure(small, large, scale, few=FEW)
        finally:
            small.dispose()
            large.dispose()
    if postgresql is not None:
        with _schemas(postgresql) as (small, large):
            yield from measure(small, large, scale, few=FEW)


@contextmanager
def _schemas(url: str) -> Iterator[tuple[Engine, Engine]]:
    """Engines that see a schema of their own and no other."""
    house = make_engine(url)
    try:
        with house.begin() as connection:
            for name in SCHEMAS:
                connection.execute(CreateSchema(name))
    except ProgrammingError as error:
        house.dispose()
        raise Refused(
            f"The schemas {' and '.join(SCHEMAS)} cannot be made. If a run that was ended has left them, drop them. "
            f"The database said: {error.orig}"
        ) from error
    engines = [make_engine(_seeing(url, name)) for name in SCHEMAS]
    try:
        yield engines[0], engines[1]
    finally:
        for engine in engines:
            engine.dispose()
        with house.begin() as connection:
            for name in SCHEMAS:
                connection.execute(DropSchema(name, cascade=True))
        house.dispose()


def _seeing(url: str, schema: str) -> str:
    parsed = make_url(url).update_query_dict({"options": f"-csearch_path={schema}"})
    return parsed.render_as_string(hide_password=False)
