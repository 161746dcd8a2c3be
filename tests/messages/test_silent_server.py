"""A mail server that takes calls and never says a word keeps no other work waiting."""

import socket
import time

import pytest

from halal import jobs
from halal.extensions import db as database
from halal.messages import services
from tests.conftest import make_app
from tests.real_site import Site

pytestmark = pytest.mark.once


def test_silent_mail_server_delays_no_other_job(tmp_path, new_database):
    url = new_database("sqlite")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        site = Site(tmp_path, url, HALAL_SMTP_URL=f"smtp+plain://127.0.0.1:{silent.getsockname()[1]}")
        try:
            site.wait_until(200)
            app = make_app(tmp_path / "maker", url)
            with app.app_context():
                for number in range(6):
                    services.queue_mail(f"uji:{number}", "siti@uji.example", "Uji", "isi")
                database.session.commit()
                silent.settimeout(60)
                silent.accept()[0].detach()  # the first mail waits for a greeting from now on
                other = jobs.start("no such work").id
                database.session.commit()
                begun = time.monotonic()
                while database.session.get(jobs.Job, other, populate_existing=True).status != jobs.JobStatus.FAILED:
                    database.session.rollback()
                    assert time.monotonic() - begun < 15
                    time.sleep(0.3)
                mails = database.session.query(jobs.Job.status).filter_by(kind=services.SEND_MAIL).all()
                assert {status for (status,) in mails} == {jobs.JobStatus.RUNNING, jobs.JobStatus.QUEUED}
                database.session.remove()
                database.engine.dispose()
        finally:
            site.stop()
