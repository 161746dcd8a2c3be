// The officer's hand and eye: scans, taps and reads what fills the screen, and says on the console what was green.
// Whatever the tablet answers, the operation it stands for must be on the disk by then: its id is read from there.
(() => {
  const pause = (ms) => new Promise((done) => setTimeout(done, ms));
  const say = (what, more) => {
    // a message that is on its way while the page is opened anew is lost: what was green is written down as well
    if (what === "answer") localStorage.soak = `${localStorage.soak ?? ""}${JSON.stringify(more)}\n`;
    console.log(`soak ${JSON.stringify({ what, ...more })}`);
  };
  const press = (key) => document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  const shown = () => document.getElementById("overlay").firstElementChild;

  async function until(look, ms = 15_000) {
    for (const end = performance.now() + ms; performance.now() < end; await pause(4)) {
      const found = look();
      if (found) return found;
    }
    throw new Error(`nothing came of ${look}`);
  }

  const answered = (request) => new Promise((done, fail) => { request.onsuccess = () => done(request.result); request.onerror = () => fail(request.error); });

  /** What a look into the tablet's operations finds, by a handle of our own. */
  async function inStore(look) {
    const db = await answered(indexedDB.open(`serambi-checkin-${location.pathname.split("/").pop()}`));
    const found = await answered(look(db.transaction("ops").objectStore("ops")));
    db.close();
    return found;
  }

  /** The operation that was written last. */
  const latest = async () => (await inStore((ops) => ops.openCursor(null, "prev")))?.value.said ?? null;

  const hands = {
    scan({ text }) {
      for (const key of [...text, "Enter"]) press(key);
    },
    async search({ name }) {
      document.querySelector("[data-mode=search]").click();
      const field = document.getElementById("query");
      field.value = name;
      field.dispatchEvent(new Event("input", { bubbles: true }));
      const row = await until(() => [...document.querySelectorAll("#found .person")].find((one) => one.textContent.includes(name)));
      row.click();
      await until(shown);
      document.querySelector("[data-mode=scan]").click();
    },
    async walkin({ name }) {
      document.querySelector("[data-mode=walkin]").click();
      document.getElementById("walk-in-name").value = name;
      document.getElementById("walk-in-contact").value = "0812 3456 7890";
      document.getElementById("walk-in").requestSubmit();
      const other = document.getElementById("walk-in-other"); // guests of this hall are called nearly alike, and asked about
      await until(() => shown() || !other.hidden, 3_000).catch(() => null);
      if (!shown() && !other.hidden) other.click();
    },
  };

  /** Jobs one after the other; each answered one is said. @param {object[]} jobs @param {number} hurry ms between them */
  globalThis.soakWork = async (jobs, hurry) => {
    try {
      for (const job of jobs) {
        await pause(Math.random() * hurry);
        await hands[job.hand](job);
        let box = await until(shown, 3_000).catch(() => null);
        for (let again = 0; !box && again < 5; again++) { // a code that nothing comes of is held before the reader once more
          say("again", { job: job.number });
          await hands[job.hand](job);
          box = await until(shown, 3_000).catch(() => null);
        }
        if (!box) throw new Error(`nothing came of ${JSON.stringify(job)}`);
        const kind = box.dataset.kind;
        const op = kind === "present" || kind === "error" ? null : await latest();
        say("answer", { job: job.number, kind, name: box.querySelector(".feedback__name").textContent, op: op?.id });
        const undo = job.undo && box.querySelector("[data-action=undo]");
        if (undo) {
          const [told, before] = [document.querySelector("#last span"), document.querySelector("#last span").textContent];
          undo.click();
          let taken = null;
          await until(() => told.textContent !== before);
          for (const end = performance.now() + 15_000; taken?.kind !== "undo" && performance.now() < end; await pause(10)) taken = await latest();
          say("answer", { job: job.number, kind: "undo", name: job.name ?? "", op: taken.id });
        } else press("Escape");
        await until(() => !shown());
        if (job.hand === "walkin") document.querySelector("[data-mode=scan]").click();
        say("done", { job: job.number });
      }
      say("finished", {});
    } catch (error) {
      say("stuck", { why: String(error) });
    }
  };

  /** All that the tablet keeps of its own operations, and what its screen counts. */
  globalThis.soakState = async () => {
    const ops = await inStore((kept) => kept.getAll());
    const count = (id) => Number(document.getElementById(`count-${id}`).textContent.replace(/\D/g, ""));
    return {
      ops: ops.map(({ id, seq, open, problem }) => ({ id, seq, open: Boolean(open), problem: problem ?? null })),
      here: count("here"), registered: count("registered"), walk_ins: count("walk-ins"), unknown: count("unknown"),
      unsent: Number(document.querySelector("#net span").textContent.match(/\d+/)?.[0] ?? -1),
    };
  };
})();
