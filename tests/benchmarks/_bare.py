"""The least that a check-in can cost: a bare Flask application that inserts one row and commits.

No log-in, no CSRF, no ORM, no rules; one connection a thread. It runs under the same gunicorn with the same workers
and on the same kind of database as the product, in the same minute; commits reach the disk before they are answered.
"""

import os
import threading
import time
import uuid

from flask import Flask, request

URL = os.environ["BARE_DATABASE_URL"]
app = Flask(__name__)
local = threading.local()


def connection():
    if not hasattr(local, "connection"):
        if URL.startswith("sqlite"):
            import sqlite3

            local.connection = sqlite3.connect(URL.removeprefix("sqlite:///"), isolation_level=None, timeout=15)
            local.connection.execute("PRAGMA synchronous=FULL")
        else:
            import psycopg

            local.connection = psycopg.connect(URL.replace("+psycopg", ""), autocommit=True)
    return local.connection


@app.post("/row")
def row():
    mark = "?" if URL.startswith("sqlite") else "%s"
    body = request.get_json()
    values = (str(uuid.uuid4()), body["person"], time.time())
    connection().execute(f"INSERT INTO bare_rows (id, person, at) VALUES ({mark}, {mark}, {mark})", values)
    return {"status": "ok"}
