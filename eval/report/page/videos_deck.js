// The deck as the page holds it, and what can be asked about one of its videos.

/** The deck, with an id's place in it and the reach of the scores; strips are read when shown. */
function readDeck() {
  const deck = JSON.parse(document.getElementById("deck").textContent);
  deck.place = new Map(deck.videos.map((video, index) => [video.id, index]));
  deck.reach = deck.runs.map((_, run) => scoreReach(deck, run));
  deck.blocks = [];
  deck.awaited = false;
  return deck;
}

/** The least and the greatest score of a run by category: the ends of its cards' axes. */
function scoreReach(deck, run) {
  const reach = new Map();
  for (const video of deck.videos) {
    const answer = video.answers[run];
    for (const value of answer ? [answer.score, answer.threshold] : []) {
      if (!Number.isFinite(value)) continue;
      const ends = reach.get(video.category);
      if (!ends) reach.set(video.category, [value, value]);
      else if (value < ends[0]) ends[0] = value;
      else if (value > ends[1]) ends[1] = value;
    }
  }
  return reach;
}

/** The base64 of a video's strip, "" where there is none. */
function stripOf(deck, index) {
  if (!deck.strips || deck.videos[index].strip !== true) return "";
  const block = Math.floor(index / deck.strips.block);
  if (!deck.blocks[block]) {
    const element = document.querySelectorAll("script.strips")[block];
    if (!element && document.readyState === "loading") {
      deck.awaited = true; // It stands further down in the page, which is still being read.
      return "";
    }
    deck.blocks[block] = element ? element.textContent.split("\n") : [];
  }
  const line = deck.blocks[block][index % deck.strips.block] || "";
  return /^[A-Za-z0-9+/=]+$/.test(line) ? line : "";
}

/** What an object holds under a name of its own, null where it holds none: ids may be any words. */
function held(object, name) {
  return object && Object.hasOwn(object, name) ? object[name] : null;
}

/** The texts of a video's category and of its class; null where the KB does not know them. */
function textsOf(deck, video) {
  const category = held(deck.categories, video.category);
  return [category, held(category && category.classes, video.class)];
}

/** What a person calls the category and the class of a video. */
function namesOf(deck, video) {
  const [category, found] = textsOf(deck, video);
  return [category ? category.name : video.category, found ? found.name : video.class];
}

/** "skipped", "absent", "undecided", "unparsed", "missed", "alarm", "found" or "passed". */
function outcomeOf(video, run) {
  if (video.skipped) return "skipped";
  const answer = video.answers[run];
  if (!answer) return "absent";
  if (answer.threshold === null && answer.words === "unparsed") return "unparsed";
  if (answer.right === null) return "undecided";
  if (answer.right) return video.label ? "found" : "passed";
  return video.label ? "missed" : "alarm";
}

/** Whether the words say something else than the score at its threshold. */
function disagrees(answer) {
  if (!answer || answer.above === null) return false;
  if (!answer.words || answer.words === "unparsed") return false;
  return answer.above !== (answer.words === "anomalous");
}

/** The value of an answer's mark whose name begins so, null where it has none. */
function markOf(answer, name) {
  const mark = answer && answer.marks.find((one) => one[0].startsWith(name));
  return mark ? mark[1] : null;
}

/** A score as it is read: two decimals, fewer digits where it is huge or tiny. */
function number(value) {
  const size = Math.abs(value);
  const odd = size >= 10000 || (size > 0 && size < 0.01);
  const text = odd ? value.toExponential(1) : value.toFixed(2);
  return text.replace(/-/g, "−");
}

function count(amount, noun) {
  return `${amount.toLocaleString("en")} ${noun}${amount === 1 ? "" : "s"}`;
}
