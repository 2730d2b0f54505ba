"""A bare page: aiohttp, one read from an encrypted database in a thread, and nothing else.

python -m tests.bench.bare_page FOLDER       prints its port, then serves until killed
"""

from __future__ import annotations

import asyncio
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import sqlcipher3.dbapi2 as sqlcipher
from aiohttp import web

ROWS = 100_000
PAGE = "<!doctype html><html lang=en><title>Bare</title><h1>{}</h1><p>{}</p></html>"


def filled(path: Path) -> sqlcipher.Connection:
    """Return an encrypted database with as many rows as a large home has cases."""
    database = sqlcipher.connect(str(path), isolation_level=None, check_same_thread=False)
    database.execute(f"PRAGMA key = \"x'{'11' * 32}'\"")
    database.execute("CREATE TABLE cases (id INTEGER PRIMARY KEY, body TEXT)")
    database.execute("BEGIN")
    rows = ((number, f"Invented words {number}. " * 20) for number in range(ROWS))
    database.executemany("INSERT INTO cases VALUES (?, ?)", rows)
    database.execute("COMMIT")
    return database


async def serve(folder: Path) -> None:
    """Serve one page until killed."""
    database, threads, asked = filled(folder / "bare-page.db"), ThreadPoolExecutor(1), 0

    async def show(_: web.Request) -> web.Response:
        nonlocal asked
        asked += 7919

        def read() -> tuple[int, str]:
            values = [asked % ROWS]
            row = database.execute("SELECT id, body FROM cases WHERE id = ?", values).fetchone()
            return int(row[0]), str(row[1])

        text = PAGE.format(*await asyncio.get_running_loop().run_in_executor(threads, read))
        response = web.Response(text=text, content_type="text/html")
        response.enable_compression()
        return response

    app = web.Application()
    app.router.add_get("/", show)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1])))
