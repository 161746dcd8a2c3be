"""flask worker and flask serve: the two kinds of process of an installation."""

import os
import signal
import subprocess
import sys
import threading

import click
from flask import current_app
from flask.cli import with_appcontext

from halal.config import ROOT


@click.command()
@click.option("--threads", default=2, show_default=True, help="Jobs done at the same time.")
@with_appcontext
def worker(threads: int) -> None:
    """Do the jobs: imports, certificates, mail. Run as many workers as you like."""
    queue, sweep = current_app.extensions["huey"], current_app.extensions["sweep_jobs"]
    queue.create_tables() if hasattr(queue, "create_tables") else None
    stop = threading.Event()

    def watch() -> None:
        while not stop.wait(15):
            sweep()

    sweep()  # what a worker that died has left behind
    threading.Thread(target=watch, daemon=True).start()
    queue.create_consumer(workers=threads, periodic=False, check_worker_health=True).run()
    stop.set()


@click.command()
@with_appcontext
def serve() -> None:
    """Serve the site (gunicorn) with one worker beside it; both end together."""
    settings = current_app.config["HALAL"]
    command = [sys.executable, "-m", "flask", "--app", "app", "worker"]
    helper = subprocess.Popen(command, cwd=ROOT)
    web = subprocess.Popen(
        [
            sys.executable, "-m", "gunicorn", "app:app", "--workers", str(settings.workers), "--threads", "4",
            "--bind", f"{os.environ.get('HALAL_BIND', '127.0.0.1')}:{settings.port}", "--access-logfile", "/dev/null",
        ],
        cwd=ROOT,
    )  # fmt: skip

    def end(*_signal) -> None:
        for process in (web, helper):
            process.poll() is None and process.terminate()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    code = web.wait()
    end()
    helper.wait(timeout=30)
    sys.exit(max(code, 0))
