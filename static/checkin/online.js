// The check-in screen of an officer who is logged in: the server decides each check-in.
import { Api } from "./api.js";
import { byId, root, start, words } from "./screen.js";

const api = new Api(root.dataset);

api.onConnection = (yes) => {
  const pill = byId("net");
  pill.className = yes ? "net net--online" : "net net--offline";
  pill.querySelector("span").textContent = yes ? words.connected : words.disconnected;
};

byId("tablet-name").addEventListener("submit", async (event) => {
  event.preventDefault();
  const field = byId("device-name");
  try {
    field.value = (await api.nameDevice(field.value)).name;
    byId("device-saved").textContent = words.saved;
  } catch (error) {
    byId("device-saved").textContent = error.sentence || words.noAnswer;
  }
});

start(api);
