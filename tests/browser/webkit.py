"""WebKit, as on iPads: WebKitGTK's small browser on a screen that is not there, driven by WebDriver over HTTP.

https://www.w3.org/TR/webdriver2/; the commands a test needs are few, so they stand here instead of a library.
"""

import json
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

SCREEN = "820x1180x24"


class WebKit:
    """One window: `with WebKit() as window`. Selectors are CSS; what is waited for has 40 seconds."""

    def __init__(self):
        self.processes: list[subprocess.Popen] = []

    def __enter__(self):
        try:
            screen = self._run("Xvfb", "-displayfd", "1", "-screen", "0", SCREEN, "-nolisten", "tcp")
            display = f":{screen.stdout.readline().strip()}"
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                port = probe.getsockname()[1]
            self._run("WebKitWebDriver", f"--port={port}", DISPLAY=display, GDK_BACKEND="x11", NO_AT_BRIDGE="1")
            self.session = f"http://127.0.0.1:{port}/session"
            browser = next(Path("/usr/lib").glob("*/webkit2gtk-4.*/MiniBrowser"))
            options = {"binary": str(browser), "args": ["--automation"]}
            wanted = {"capabilities": {"alwaysMatch": {"webkitgtk:browserOptions": options}}}
            self.session += "/" + self._until(lambda: self._ask("POST", "", wanted), OSError)["sessionId"]
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, *_error):
        try:
            self._ask("DELETE", "")
        finally:
            self._end()

    def _run(self, *command: str, **environ: str) -> subprocess.Popen:
        made = subprocess.Popen(command, env={**os.environ, **environ}, text=True, stdout=subprocess.PIPE,
                                stderr=subprocess.DEVNULL)  # fmt: skip
        self.processes.append(made)
        return made

    def _end(self) -> None:
        for process in reversed(self.processes):
            process.terminate()
            process.wait(timeout=20)
            process.stdout.close()

    def _ask(self, method: str, path: str, body: dict | None = None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.session + path, data, {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            with error:
                raise AssertionError(error.read().decode()) from None

    @staticmethod
    def _until(look, *patiently):
        end = time.monotonic() + 40
        while True:
            try:
                if (found := look()) or time.monotonic() > end:
                    return found
            except patiently:
                if time.monotonic() > end:
                    raise
            time.sleep(0.1)

    def open(self, url: str) -> None:
        self._ask("POST", "/url", {"url": url})

    def run(self, function: str, *arguments):
        """What an async JavaScript function of the page gives."""
        script = f"const given = [...arguments], done = given.pop(); ({function})(...given).then(done, done)"
        return self._ask("POST", "/execute/async", {"script": script, "args": list(arguments)})

    def text(self, selector: str) -> str:
        """What is read there; empty when it is not in sight."""
        there = "[...document.querySelectorAll(one)].find((it) => it.checkVisibility())"
        return self.run(f"async (one) => {there}?.innerText ?? ''", selector)

    def wait_for(self, selector: str, text: str) -> None:
        seen = self._until(
            lambda: text in self.text(selector), AssertionError
        )  # which comes of asking between two pages
        assert seen, f"{selector} says {self.text(selector)!r}, not {text!r}"

    def click(self, selector: str) -> None:
        self._ask("POST", f"/element/{self._find(selector)}/click", {})

    def type(self, selector: str, text: str) -> None:
        self._ask("POST", f"/element/{self._find(selector)}/value", {"text": text})

    def _find(self, selector: str) -> str:
        asked = {"using": "css selector", "value": selector}
        [element] = self._until(lambda: self._ask("POST", "/element", asked), AssertionError).values()
        return element
