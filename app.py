"""What servers and commands load: the application, once in each process, and before a server forks."""

import gc

from halal import create_app, private_files

app = create_app()
private_files.keep_private(app.config["HALAL"])

# What is loaded by now stays for good. Frozen, no collection looks through it again and no fork copies its pages. And a
# request that makes some thousand objects (a tablet's queue) does not start several collections of what it still needs.
gc.collect()
gc.freeze()
gc.set_threshold(10_000, 10, 10)
