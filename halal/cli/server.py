"""flask worker and flask serve: the processes of an installation."""

import multiprocessing
import os
import signal
import sys

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from flask_migrate import upgrade
from gunicorn.app.base import BaseApplication

from halal import database_limits, jobs
from halal.cli.problems import require_schema
from halal.config import SPARE_THREADS, THREADS, start_warnings
from halal.extensions import db

fork = multiprocessing.get_context("fork")  # the children inherit the loaded application: no second import


@click.command()
@click.option("--threads", default=2, show_default=True, help="Jobs done at the same time.")
@with_appcontext
def worker(threads: int) -> None:
    """Do the jobs: imports, certificates, mail. Run as many workers as you like."""
    require_schema()
    jobs.work(current_app._get_current_object(), threads)


@click.command()
@with_appcontext
def serve() -> None:
    """Migrate, load the demo if asked to and empty, serve the site with a worker beside it; both end together."""
    app = current_app._get_current_object()
    settings = app.config["HALAL"]
    upgrade()
    db.session.remove()
    db.engine.dispose()  # no connection may be shared over a fork
    if settings.demo and not _done(_offer_demo):
        raise click.ClickException("The demo could not be loaded; what went wrong is said above.")
    for warning in start_warnings(settings):
        click.echo(f"Warning: {warning}", err=True)
    click.echo(f"Serambi Halal: {settings.base_url}  (staff: {settings.base_url}/masuk)  Stop with Ctrl+C.")
    _supervise(
        {"web": lambda: _serve_web(app), "worker": lambda: jobs.work(app, threads=2)},
    )


def _serve_web(app: Flask) -> None:
    database_limits.set_limits(database_limits.REQUESTS)
    WebServer(app).run()


def _offer_demo() -> None:
    from halal.cli import demo

    demo.seed_if_empty()
    for line in demo.describe_logins():
        click.echo(line)


class WebServer(BaseApplication):
    """gunicorn with the application that is loaded already."""

    def __init__(self, app: Flask):
        self.application = app
        super().__init__()

    def load_config(self) -> None:
        settings = self.application.config["HALAL"]
        values = {
            "bind": f"{settings.bind}:{settings.port}",
            "workers": settings.workers,
            "worker_class": "gthread",
            "threads": THREADS + SPARE_THREADS,
            "preload_app": True,
            "max_requests": 20_000,
            "max_requests_jitter": 2_000,
            "timeout": 60,
            "graceful_timeout": 10,
            "proc_name": "serambi-halal",
            "loglevel": "warning",
            "control_socket_disable": True,
        }
        for name, value in values.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        return self.application


def _supervise(parts: dict) -> None:
    """Run each part in a process. A worker that dies is started again; when the web server ends, all ends."""
    processes = {name: _start(target) for name, target in parts.items()}
    stopping = False

    def end(*_signal) -> None:
        nonlocal stopping
        stopping = True
        for process in processes.values():
            process.terminate()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    while processes["web"].is_alive():
        processes["web"].join(timeout=2)
        if not stopping and processes["web"].is_alive() and not processes["worker"].is_alive():
            processes["worker"] = _start(parts["worker"])
    end()
    processes["worker"].join(timeout=20)
    processes["worker"].kill()  # a job that was cut off is taken up again by the next worker
    sys.exit(max(processes["web"].exitcode or 0, 0))


def _done(target) -> bool:
    """Do this in a process of its own, as the threads that store files would not survive a fork of this one."""
    process = _start(target)
    process.join()
    return process.exitcode == 0


def _start(target):
    parent = os.getpid()

    def run() -> None:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        _die_with(parent)
        target()

    process = fork.Process(target=run)
    process.start()
    return process


def _die_with(parent: int) -> None:
    """Linux: when the parent is killed, this process is told to end, so that nothing is left on the port."""
    try:
        import ctypes

        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)
    except (OSError, AttributeError):
        return
    if os.getppid() != parent:
        os._exit(0)
