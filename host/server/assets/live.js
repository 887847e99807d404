// What makes a page live: panels are fetched again when the host says that
// something changed, and the choice of light or dark is kept in a cookie.
//
// Without it every page shows what it showed when it was loaded.

const light = document.getElementById("live");
const said = document.getElementById("said");

/** Shows whether the page follows the host. */
function show(state, words) {
  if (!light) return;
  light.dataset.state = state;
  light.querySelector("[data-words]").textContent = words;
}

/** The panels of this page by the address they come from. */
function byAddress(panels) {
  const found = new Map();
  for (const panel of panels) {
    const address = panel.dataset.panel;
    found.set(address, [...(found.get(address) ?? []), panel.id]);
  }
  return found;
}

const fetching = new Map();

/** What was shown last, by panel, as it came: a chart may be drawn in it since. */
const came = new Map();
for (const panel of document.querySelectorAll("[data-panel]")) came.set(panel.id, panel.outerHTML);

/** Fetches one address and swaps the panels that come from it. Whoever asks
 * while that is under way has it done once more afterwards. */
async function refresh(address, ids) {
  if (fetching.has(address)) {
    fetching.set(address, true);
    return;
  }
  fetching.set(address, false);
  try {
    // The browser asks with what it has: an unchanged panel is not sent again.
    const answer = await fetch(address, { headers: { accept: "text/html" }, cache: "no-cache" });
    if (answer.redirected || answer.status === 401) {
      location.reload();
      return;
    }
    if (answer.headers.get("content-type")?.startsWith("text/html")) {
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const id of ids) swap(id, page.getElementById(id));
    }
  } catch {
    show("lost", "Connection lost");
  } finally {
    const again = fetching.get(address);
    fetching.delete(address);
    if (again) refresh(address, ids);
  }
}

/** Puts a panel in the place of the one that is there, with what was open left
 * open and what had the focus having it. */
function swap(id, next) {
  const now = document.getElementById(id);
  if (!now || !next || came.get(id) === next.outerHTML) return;
  came.set(id, next.outerHTML);
  const stops = "a, button, input, summary, [tabindex]";
  const focused = [...now.querySelectorAll(stops)].indexOf(document.activeElement);
  const open = [...now.querySelectorAll("details")].map((one) => one.open);
  const scrolled = [...now.querySelectorAll(".scroll")].map((one) => one.scrollLeft);
  const put = document.importNode(next, true);
  put.querySelectorAll("details").forEach((one, at) => (one.open = open[at] ?? false));
  now.replaceWith(put);
  put.querySelectorAll(".scroll").forEach((one, at) => (one.scrollLeft = scrolled[at] ?? 0));
  if (focused >= 0) put.querySelectorAll(stops)[focused]?.focus({ preventScroll: true });
  document.dispatchEvent(new CustomEvent("lombard:shown", { detail: put }));
  if (said && !put.closest("[data-every]")) {
    said.textContent = `${put.querySelector("h2")?.textContent ?? "A panel"} updated`;
  }
}

function refreshAll(panels) {
  for (const [address, ids] of byAddress(panels)) refresh(address, ids);
}

const changing = () => document.querySelectorAll("[data-panel]:not([data-every] *)");

let events = null;
let wasLost = false;

/** Follows the host's events; the browser connects again by itself. */
function follow() {
  events = new EventSource("/api/v1/events");
  events.addEventListener("hello", (event) => {
    show("on", "Live");
    const { version, plans } = JSON.parse(event.data);
    // What changed since this was shown was told to nobody here.
    if (wasLost || document.body.dataset.asOf !== `${version}.${plans}`) refreshAll(changing());
    wasLost = false;
  });
  events.addEventListener("change", () => {
    show("on", "Live");
    refreshAll(changing());
  });
  events.addEventListener("lagged", () => refreshAll(changing()));
  events.addEventListener("error", () => {
    wasLost = true;
    const closed = events.readyState === EventSource.CLOSED;
    show("lost", closed ? "Not live" : "Connecting");
  });
}

/** Stops to follow. What is missed meanwhile is fetched afterwards. */
function rest() {
  events?.close();
  events = null;
  wasLost = true;
}

/** A browser has few connections to one host, and one that follows keeps its
 * own: pages that nobody looks at must not keep the others from loading. */
function followWhileSeen() {
  if (!document.hidden) follow();
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) rest();
    else if (!events) follow();
  });
  addEventListener("pagehide", rest);
  // Who comes back to a page sees what there is now, if they still may.
  addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });
}

/** Light or dark, by hand. */
function theme() {
  const button = document.getElementById("theme");
  if (!button) return;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const root = document.documentElement;
  const isDark = () => (root.dataset.theme ?? (dark.matches ? "dark" : "light")) === "dark";
  const label = () => {
    button.textContent = isDark() ? "Light" : "Dark";
    button.title = isDark() ? "Use light colours" : "Use dark colours";
  };
  button.hidden = false;
  button.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    document.cookie = `theme=${root.dataset.theme}; path=/; max-age=31536000; samesite=strict`;
    label();
    document.dispatchEvent(new CustomEvent("lombard:theme"));
  });
  dark.addEventListener("change", () => {
    label();
    document.dispatchEvent(new CustomEvent("lombard:theme"));
  });
  label();
}

/** The host's own figures change with time and not with data. */
function often() {
  for (const group of document.querySelectorAll("[data-every]")) {
    const every = Number(group.dataset.every) * 1000;
    setInterval(() => {
      if (!document.hidden) refreshAll(group.querySelectorAll("[data-panel]"));
    }, every);
  }
}

theme();
if (light) {
  followWhileSeen();
  often();
  refreshAll(document.querySelectorAll('[data-panel][data-state="loading"]'));
}
