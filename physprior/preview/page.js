// The page's manners: one dialogue at a time, lines and sentences that find each other, videos that
// run together, and, while it is served, what is saved is shown.

const shown = { mode: "", name: "", index: 0, file: "0" };
const find = (selector, within = document) => within.querySelector(selector);
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const checked = (name) => find(`input[name="${name}"]:checked`);

/** The places of an element: [{file, first, last}] of its data-at. */
function places(element) {
  return (element.dataset.at || "").split(" ").filter(Boolean).map((word) => {
    const [file, lines] = word.split(":");
    const [first, last] = lines.split("-").map(Number);
    return { file, first, last };
  });
}

const holds = (place, file, line) => place.file === file && place.first <= line && line <= place.last;

function linesOf(place) {
  const found = [];
  for (let line = place.first; line <= place.last; line += 1) {
    const element = document.getElementById(`f${place.file}-${line}`);
    if (element) found.push(element);
  }
  return found;
}

/** The article that is shown, if there is one. */
const currentTalk = () => find(".talk:not([hidden])");

function talkOf(mode, name, index) {
  return all(".talk").find((talk) => talk.dataset.mode === mode && talk.dataset.class === name
    && Number(talk.dataset.index) === index);
}

/** Takes what is asked for from the radio buttons and shows it. */
function showTalk() {
  const mode = checked("mode");
  const choice = checked("class");
  shown.mode = mode ? mode.value : "";
  shown.name = choice ? choice.value : "";
  const count = choice ? Number(choice.dataset.count) : 1;
  shown.index = ((shown.index % count) + count) % count;
  const wanted = talkOf(shown.mode, shown.name, shown.index);
  for (const talk of all(".talk")) talk.hidden = talk !== wanted;
  for (const banner of all(".banner[data-mode]")) banner.hidden = banner.dataset.mode !== shown.mode;
  const stepper = find(".stepper");
  if (stepper) {
    stepper.hidden = !wanted;
    find("#which").textContent = `${shown.index + 1} of ${count}`;
  }
  for (const part of all("figure, .class")) part.classList.toggle("current", part.dataset.class === shown.name);
  markLines();
}

/** Lines that the shown dialogue says carry the colour of the part that says them. */
function markLines() {
  for (const line of all(".line[class*='says-']")) {
    line.className = line.className.replace(/ says-[a-z]+/g, "");
  }
  const talk = currentTalk();
  if (!talk) return;
  for (const part of all(".part", talk)) {
    const kind = part.classList[1];
    for (const piece of all("a.piece", part)) {
      for (const place of places(piece)) linesOf(place).forEach((line) => line.classList.add(`says-${kind}`));
    }
  }
}

function showFile(number) {
  shown.file = number;
  for (const file of all(".file")) file.hidden = file.dataset.file !== number;
  const tab = find(`input[name="file"][value="${number}"]`);
  if (tab) tab.checked = true;
}

function unlight() {
  for (const element of all(".lit")) element.classList.remove("lit");
}

/** Scrolls an element into the middle of its pane, where it is not in view. */
function reveal(element) {
  const pane = element.closest(".scroll").getBoundingClientRect();
  const box = element.getBoundingClientRect();
  const top = Math.max(pane.top, find("header").getBoundingClientRect().bottom);
  if (box.top < top || box.bottom > Math.min(pane.bottom, innerHeight)) {
    element.scrollIntoView({ block: "center" });
  }
}

/** Lights the lines that an element comes from, and all of the dialogue that comes from them. */
function lightFrom(element) {
  unlight();
  const found = places(element);
  if (!found.length) return;
  element.classList.add("lit");
  const here = found.find((place) => place.file === shown.file) || found[0];
  // The entry goes first: a template's file is opened for words of its own alone.
  const first = element.classList.contains("piece") ? found[0] : here;
  showFile(first.file);
  for (const place of found) linesOf(place).forEach((line) => line.classList.add("lit"));
  const [line] = linesOf(first);
  if (line) reveal(line);
}

/** Lights a line and what the dialogue makes of it; brings up the dialogue that says it. */
function lightLine(file, line) {
  unlight();
  const says = (talk) => all("a.piece", talk).filter((piece) => places(piece).some((place) => holds(place, file, line)));
  let talk = currentTalk();
  let found = talk ? says(talk) : [];
  if (talk && !found.length) {
    const other = all(".talk").filter((one) => one.dataset.mode === shown.mode).find((one) => says(one).length)
      || all(".talk").find((one) => says(one).length);
    if (other) {
      choose(other.dataset.mode, other.dataset.class, Number(other.dataset.index));
      talk = other;
      found = says(other);
    }
  }
  document.getElementById(`f${file}-${line}`).classList.add("lit");
  for (const piece of found) {
    piece.classList.add("lit");
    for (const place of places(piece)) {
      if (holds(place, file, line)) linesOf(place).forEach((one) => one.classList.add("lit"));
    }
  }
  if (found.length) reveal(found[0]);
  else say(`no dialogue says line ${line}`);
}

function choose(mode, name, index) {
  for (const [key, value] of [["mode", mode], ["class", name]]) {
    const radio = all(`input[name="${key}"]`).find((one) => one.value === value);
    if (radio) radio.checked = true;
  }
  shown.index = index;
  showTalk();
}

/** Brings up the frames of the class that is shown, where their pane scrolls by itself. */
function revealVideos() {
  const pane = find("#samples-body");
  const group = find(".class.current");
  if (!group || getComputedStyle(pane).overflowY !== "auto") return;
  const stage = find(".stage");
  const hidden = stage ? stage.getBoundingClientRect().height : 0;
  const top = group.getBoundingClientRect().top - pane.getBoundingClientRect().top;
  pane.scrollTop += top - hidden - 8;
}

/** Says something beside the chips, for a while. */
function say(words) {
  clearTimeout(say.waiting);
  find("#said").textContent = words;
  say.waiting = setTimeout(() => { find("#said").textContent = ""; }, 5000);
}

// Clicks and choices

document.addEventListener("click", (event) => {
  const linked = event.target.closest("a[data-at]");
  if (linked) {
    event.preventDefault();
    lightFrom(linked);
    return;
  }
  const line = event.target.closest(".line");
  if (line && !event.target.closest(".finding") && !String(getSelection())) {
    event.preventDefault();
    const [file, number] = line.id.slice(1).split("-");
    lightLine(file, Number(number));
    return;
  }
  const step = event.target.closest("#before, #after");
  if (step) {
    shown.index += step.id === "after" ? 1 : -1;
    unlight();
    showTalk();
  }
  const strip = event.target.closest(".strip");
  if (strip) showVideo(strip);
  if (event.target.closest("#play")) playAll();
  const player = event.target.closest("figure");
  if (player) choose(shown.mode, player.dataset.class, 0);
});

document.addEventListener("change", (event) => {
  if (event.target.name === "file") showFile(event.target.value);
  if (event.target.name === "mode" || event.target.name === "class") {
    if (event.target.name === "class") shown.index = 0;
    unlight();
    showTalk();
    revealVideos();
  }
  if (event.target.id === "speed") for (const video of videos()) video.playbackRate = Number(event.target.value);
});

document.addEventListener("input", (event) => {
  if (event.target.id === "scrub") scrubTo(Number(event.target.value) / 1000);
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") unlight();
});

// Videos that run together

const videos = () => all("figure video");
const playable = () => videos().filter((video) => Number.isFinite(video.duration));
const longest = () => Math.max(0, ...playable().map((video) => video.duration));
let running = false;

function showVideo(strip) {
  const group = strip.closest(".class");
  for (const other of all(".strip", group)) other.setAttribute("aria-pressed", String(other === strip));
  const video = all("figure").find((one) => one.dataset.class === group.dataset.class).querySelector("video");
  const at = Math.max(0, ...playable().map((one) => one.currentTime));
  video.src = strip.dataset.video;
  video.parentElement.querySelector(".cannot").hidden = true;
  video.hidden = false;
  video.addEventListener("loadedmetadata", () => {
    video.currentTime = Math.min(at, video.duration);
    video.playbackRate = Number(find("#speed").value);
    if (running) begin(video);
  }, { once: true });
}

function begin(video) {
  // A browser may refuse, or the video be replaced meanwhile: then it stands still.
  video.play().catch(() => {});
}

function scrubTo(part) {
  running = false;
  labelPlay();
  const at = part * longest();
  for (const video of playable()) {
    video.pause();
    video.currentTime = Math.min(at, Math.max(0, video.duration - 0.02));
  }
}

function labelPlay() {
  const button = find("#play");
  if (button) button.textContent = running ? "Pause" : "Play all";
}

function playAll() {
  running = !running;
  labelPlay();
  if (!running) {
    for (const video of videos()) video.pause();
    return;
  }
  const speed = Number(find("#speed").value);
  const over = playable().every((video) => video.ended || video.currentTime >= video.duration - 0.05);
  for (const video of playable()) {
    if (over) video.currentTime = 0;
    video.playbackRate = speed;
    if (over || !video.ended) begin(video);
  }
  requestAnimationFrame(follow);
}

/** While the videos run, the slider goes with them; when the last has ended, all begin again. */
function follow() {
  const bar = find("#scrub");
  if (!running || !bar) return;
  const own = playable();
  bar.value = String(Math.round(1000 * Math.max(0, ...own.map((video) => video.currentTime)) / (longest() || 1)));
  if (own.length && own.every((video) => video.ended)) {
    for (const video of own) {
      video.currentTime = 0;
      begin(video);
    }
  }
  requestAnimationFrame(follow);
}

document.addEventListener("error", (event) => {
  const failed = event.target;
  if (failed instanceof HTMLVideoElement) {
    failed.hidden = true;
    failed.parentElement.querySelector(".cannot").hidden = false;
  }
  if (failed instanceof HTMLImageElement) replaceByReason(failed);
}, true);

/** Where a strip cannot be drawn, the server says why. */
async function replaceByReason(image) {
  const words = document.createElement("p");
  words.className = "cannot";
  words.textContent = "its frames cannot be shown";
  try {
    const answer = await fetch(image.src);
    if (answer.headers.get("Content-Type").startsWith("text/plain")) words.textContent = await answer.text();
  } catch {
    // The server is gone; the chip above says so.
  }
  (image.closest("button") || image).replaceWith(words);
}

// What is saved is shown

const sources = new Map(all("[data-part]").map((part) => [part.id, part.outerHTML]));
const textOf = (element) => element.textContent.trim();
const texts = (selector) => new Set(all(selector).map(textOf));
let tag = "";

/** Puts the parts that differ into their places; choices and places of scrolling stay. */
function take(html) {
  const next = new DOMParser().parseFromString(html, "text/html");
  const changed = all("[data-part]", next).filter((part) => sources.get(part.id) !== part.outerHTML);
  if (!changed.length) return;
  const lines = texts(".line code");
  const pieces = texts(".talk .piece");
  const kept = { ...shown };
  const values = ["mode", "class"].map((name) => [name, (checked(name) || {}).value]);
  for (const part of changed) {
    sources.set(part.id, part.outerHTML);
    const place = document.getElementById(part.id);
    const top = place.scrollTop;
    if (part.id === "samples-body") running = false;
    place.replaceWith(document.adoptNode(part));
    document.getElementById(part.id).scrollTop = top;
  }
  document.title = next.title;
  for (const [name, value] of values) {
    const radio = all(`input[name="${name}"]`).find((one) => one.value === value);
    if (radio) radio.checked = true;
  }
  shown.index = (checked("class") || {}).value === kept.name ? kept.index : 0;
  showFile(find(`.file[data-file="${kept.file}"]`) ? kept.file : "0");
  showTalk();
  for (const code of all(".line code")) if (!lines.has(textOf(code))) code.classList.add("fresh");
  for (const piece of all(".talk .piece")) if (!pieces.has(textOf(piece))) piece.classList.add("fresh");
  say(`saved: ${textOf(find(".chips").lastElementChild)}`);
}

function connected(is) {
  const chip = find("#live");
  const words = is ? "live" : "the server has stopped";
  if (chip.textContent !== words) chip.textContent = words;
  chip.classList.toggle("gone", !is);
}

let waiting = 0;
let looking = false;

/** Asks whether there is something newer: its text; empty where there is not. */
async function newer() {
  const headers = tag ? { "If-None-Match": tag } : {};
  const answer = await fetch("/", { headers, cache: "no-store", signal: AbortSignal.timeout(20000) });
  if (answer.status !== 200) return "";
  const html = await answer.text();
  tag = answer.headers.get("ETag") || "";
  return html;
}

async function look() {
  if (looking) return;
  looking = true;
  clearTimeout(waiting);
  const html = await newer().catch(() => null);
  connected(html !== null);
  if (html) take(html);
  looking = false;
  waiting = setTimeout(look, document.hidden ? 3000 : html === null ? 1500 : 400);
}

const which = find("#which");
shown.index = which ? Number(which.dataset.start) : 0;
showTalk();
if ("live" in document.body.dataset) {
  look();
  document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });
}
