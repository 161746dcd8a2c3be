"""Draws one document in a process of its own; halal.pdf starts it.

A page that somebody wrote may take more time and memory than there is, so it is drawn where both are limited and where
a crash takes nobody along. In: JSON on stdin, {"html", "css", "assets": {name: [base64, MIME type]}, "options"}, limits
as arguments. Out: the PDF on stdout; or exit code REFUSED, and on stdout which address was refused.
"""

import json
import resource
import sys
from base64 import b64decode
from pathlib import Path
from types import ModuleType

REFUSED = 3


def _write() -> int:
    # the package without what halal/__init__.py puts together: that takes longer than most documents
    package = sys.modules["halal"] = ModuleType("halal")
    package.__path__ = [str(Path(__file__).parent)]
    from halal import pdf

    asked = json.load(sys.stdin.buffer)
    assets = {name: (b64decode(content), mime) for name, (content, mime) in asked["assets"].items()}
    try:
        document = pdf.render(asked["html"], asked["css"], assets, **asked["options"])
    except pdf.AssetRefused as error:
        sys.stdout.write(str(error))
        return REFUSED
    sys.stdout.buffer.write(document)
    return 0


if __name__ == "__main__":
    memory, seconds = (int(argument) for argument in sys.argv[1:])
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.exit(_write())
