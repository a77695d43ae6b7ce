// Ties the cards to the page: controls, address, keys, clicks.

function startVideos() {
  if (!document.getElementById("deck")) return;
  const app = {
    deck: readDeck(),
    state: { ...EVERYTHING },
    bar: document.getElementById("videos-bar"),
    count: document.getElementById("videos-count"),
    list: document.getElementById("videos-list"),
    end: document.getElementById("videos-end"),
    aloneBar: document.querySelector("#videos-app .alone"),
    zoom: document.getElementById("videos-zoom"),
    help: document.getElementById("videos-help"),
    printed: document.getElementById("videos-printed"),
    typing: false,
    keys: true,
  };
  document.getElementById("videos-note").textContent = app.deck.strips ? app.deck.strips.note : "";
  document.getElementById("videos-app").hidden = false;
  listenToBar(app);
  listenToClicks(app);
  listenToKeys(app);
  addEventListener("hashchange", () => follow(app));
  addEventListener("DOMContentLoaded", () => app.deck.awaited && draw(app));
  addEventListener("beforeprint", () => unfoldForPrint(app));
  addEventListener("afterprint", () => foldAfterPrint(app));
  app.state = readHash(app.deck, location.hash, app.state) || app.state;
  draw(app);
  if (location.hash.includes("=")) document.getElementById("videos").scrollIntoView();
}

/** Do as the address says: after a link, back, forward. */
function follow(app) {
  const state = readHash(app.deck, location.hash, app.state);
  if (!state) return;
  const same = hashOf(state) === hashOf(app.state);
  app.typing = false;
  app.bar.elements.q.value = state.q;
  app.state = state;
  if (!same) draw(app);
  if (state.video) toCard(app, app.list.querySelector(".video"));
}

/** Change the choice; ``typed`` changes that follow each other are one step back. */
function change(app, changes, typed = false) {
  app.state = possible(app.deck, { ...app.state, ...changes });
  const { video } = app.state;
  const hash = hashOf(video ? { ...EVERYTHING, video } : app.state);
  const write = typed && app.typing ? "replaceState" : "pushState";
  if (hash !== location.hash) history[write](null, "", hash);
  app.typing = typed;
  draw(app);
}

function listenToBar(app) {
  let waiting = 0;
  app.bar.addEventListener("submit", (event) => event.preventDefault());
  app.bar.addEventListener("input", (event) => {
    if (event.target.name !== "q") return;
    clearTimeout(waiting);
    waiting = setTimeout(() => change(app, { q: event.target.value.trim(), video: "" }, true), 120);
  });
  app.bar.addEventListener("change", (event) => {
    const { name, value } = event.target;
    if (name && name !== "q") change(app, { [name]: value, video: "" });
  });
  app.bar.addEventListener("reset", (event) => {
    event.preventDefault();
    clearFilter(app);
  });
  document.getElementById("videos-keys").addEventListener("click", () => app.help.showModal());
  app.help.addEventListener("change", (event) => (app.keys = event.target.checked));
}

function clearFilter(app) {
  app.bar.elements.q.value = "";
  change(app, { ...EVERYTHING });
}

const DEEDS = {
  zoom: (app, button) => enlarge(app, button.closest(".video")),
  copy: (app, button) => copy(app, button),
  clear: (app) => {
    clearFilter(app);
    app.bar.elements.q.focus();
  },
  more: (app) => {
    const before = app.goal;
    drawRest(app);
    drawMore(app, CARDS_A_PAGE);
    toCard(app, app.list.children[before].firstElementChild);
  },
  all: (app) => backToAll(app),
  next: (app) => step(app, 1),
  previous: (app) => step(app, -1),
};

function listenToClicks(app) {
  document.getElementById("videos").addEventListener("click", (event) => {
    const button = event.target.closest("[data-do]");
    if (button) DEEDS[button.dataset.do](app, button);
    // A click beside a dialog closes it.
    if (event.target === app.zoom || event.target === app.help) event.target.close();
  });
}

/** The frames as large as the window has room for. */
function enlarge(app, card) {
  const index = Number(card.dataset.index);
  const strip = stripOf(app.deck, index);
  if (!strip) return;
  document.getElementById("videos-zoom-title").textContent = app.deck.videos[index].id;
  app.zoom.querySelector(".frames").replaceChildren(...framePictures(app.deck, index, strip));
  app.zoom.showModal();
}

/** Copy a file and line; where the browser gives no clipboard, mark it to be copied by hand. */
async function copy(app, button) {
  try {
    await navigator.clipboard.writeText(button.textContent);
    button.classList.add("copied");
    setTimeout(() => button.classList.remove("copied"), 1500);
    say(app, `${button.textContent} copied`);
  } catch {
    getSelection().selectAllChildren(button);
  }
}

function say(app, text) {
  document.getElementById("videos-said").textContent = text;
}

function toCard(app, card) {
  if (!card) return;
  card.focus({ preventScroll: true });
  // A card alone has its way back above it.
  (app.alone ? app.aloneBar : card).scrollIntoView({ block: "start" });
}

/** The card that has the focus, or null. */
function current(app) {
  const focused = document.activeElement;
  return focused && app.list.contains(focused) ? focused.closest(".video") : null;
}

/** To the next card (1) or the one before (-1). */
function step(app, by) {
  if (app.alone) return stepAlone(app, by);
  drawRest(app);
  const card = current(app);
  const cards = [...app.list.querySelectorAll(".video")];
  const inView = (one) => one.getBoundingClientRect().bottom > 60;
  const at = card ? cards.indexOf(card) + by : cards.findIndex(inView);
  if (at >= cards.length && !app.end.hidden) drawMore(app, CARDS_A_PAGE);
  toCard(app, app.list.querySelectorAll(".video")[at]);
}

function stepAlone(app, by) {
  const { shown } = app.chosen;
  const at = shown.indexOf(app.deck.place.get(app.state.video)) + by;
  if (at < 0 || at >= shown.length) return;
  change(app, { video: app.deck.videos[shown[at]].id });
  toCard(app, app.list.querySelector(".video"));
}

/** From one card alone to all, and there to the same card where it is among the drawn. */
function backToAll(app) {
  const index = app.deck.place.get(app.state.video);
  change(app, { video: "" });
  drawRest(app);
  const card = app.list.querySelector(`[data-index="${index}"]`);
  toCard(app, card || app.list.querySelector(".video"));
}

const KEYS = {
  j: (app) => step(app, 1),
  k: (app) => step(app, -1),
  o: (app) => unfold(current(app)),
  e: (app) => current(app) && enlarge(app, current(app)),
  l: (app) => current(app) && alone(app, current(app)),
  "/": (app) => {
    app.bar.elements.q.focus();
    app.bar.elements.q.select();
    app.bar.scrollIntoView({ block: "start" });
  },
  "?": (app) => app.help.showModal(),
};

function listenToKeys(app) {
  addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (document.querySelector("dialog[open]")) return;
    if (event.key === "Escape") return escaped(app, event.target);
    if (event.target.closest("input, select, textarea, [contenteditable]")) return;
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (by && !current(app)) return;
    const deed = by ? () => step(app, by) : app.keys && KEYS[event.key];
    if (!deed) return;
    event.preventDefault();
    deed(app);
  });
}

function escaped(app, target) {
  if (target === app.bar.elements.q) {
    target.value = "";
    if (app.state.q) change(app, { q: "" });
    target.blur();
  } else if (app.alone) backToAll(app);
}

function alone(app, card) {
  change(app, { video: app.deck.videos[Number(card.dataset.index)].id });
  toCard(app, app.list.querySelector(".video"));
}

/** Unfold all of a card, or fold all where all is unfolded. */
function unfold(card) {
  const parts = card ? [...card.querySelectorAll("details")] : [];
  const open = parts.some((part) => !part.open);
  for (const part of parts) part.open = open;
}

startVideos();
