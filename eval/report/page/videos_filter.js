// Which videos are shown, in which order; and this choice as the address's hash.

const OUTCOMES = {
  wrong: ["wrong", (video, answer) => answer?.right === false],
  missed: ["missed anomalies", (video, answer, outcome) => outcome === "missed"],
  alarm: ["false alarms", (video, answer, outcome) => outcome === "alarm"],
  unparsed: ["no readable verdict", (video, answer) => answer?.words === "unparsed"],
  disagree: ["words and score disagree", (video, answer) => disagrees(answer)],
  right: ["right", (video, answer) => answer?.right === true],
  undecided: ["not decided", (video, answer, outcome) => outcome === "undecided"],
  absent: ["no answer of this run", (video, answer, outcome) => outcome === "absent"],
  skipped: ["not seen by the model", (video, answer, outcome) => outcome === "skipped"],
};

const SORTS = {
  trouble: ["wrong and confident first", (video, answer) => answer?.trouble, -1],
  sure: ["right and confident first", (video, answer) => answer?.right && answer.trouble, 1],
  high: ["highest score first", (video, answer) => answer?.score, -1],
  low: ["lowest score first", (video, answer) => answer?.score, 1],
  category: ["category, class and id", null, 1],
  severity: ["mildest anomaly first", (video) => video.severity, 1],
  sbert: ["explanation: lowest SBERT first", (video, answer) => markOf(answer, "SBERT"), 1],
};

const EVERYTHING = {
  q: "", category: "", class: "", run: "0", outcome: "", sort: "trouble", video: "",
};

/** Upper and lower case, accents and width are one. */
function fold(text) {
  if (/^[\x00-\x7f]*$/.test(text)) return text.toLowerCase();
  return text.normalize("NFKD").replace(/\p{M}+/gu, "").toLowerCase();
}

/** Every text once, folded; made at the first search. */
function searchIndex(deck) {
  if (deck.index) return deck.index;
  const texts = deck.texts.map(fold);
  const names = deck.videos.map((video) =>
    fold([video.id, video.video, ...namesOf(deck, video), video.instance, video.skipped].join("\n"))
  );
  const saidOf = deck.videos.map((video) => {
    const said = new Set();
    for (const answer of video.answers) {
      if (!answer) continue;
      const { text, explanation, description, turns } = answer;
      for (const at of [text, explanation, description, ...turns]) said.add(at);
      for (const mark of answer.marks) said.add(mark[2]);
    }
    said.delete(null);
    return [...said];
  });
  deck.index = { texts, names, saidOf };
  return deck.index;
}

/** Whether each video holds every word of the query; "words in quotes" are one. */
function searchTest(deck, query) {
  const terms = (fold(query).match(/"[^"]+"|\S+/g) || []).map((term) => term.replace(/"/g, ""));
  if (!terms.some(Boolean)) return () => true;
  const { texts, names, saidOf } = searchIndex(deck);
  const hits = terms.map((term) => texts.map((text) => text.includes(term)));
  const said = (index, at) => saidOf[index].some((text) => hits[at][text]);
  return (index) => terms.every((term, at) => names[index].includes(term) || said(index, at));
}

/** Whether a video has an outcome; "only-1": run 1 alone is right. */
function outcomeTest(deck, outcome, run) {
  if (outcome.startsWith("only-")) {
    const own = Number(outcome.slice(5));
    return (video) =>
      video.answers.every((answer, at) => answer && answer.right === (at === own));
  }
  const test = OUTCOMES[outcome];
  return (video) => !test || test[1](video, video.answers[run], outcomeOf(video, run));
}

/** The videos that the choice leaves, in its order, and how many each outcome would leave. */
function choose(deck, state) {
  const run = Number(state.run);
  const found = searchTest(deck, state.q);
  const fits = (video) =>
    (!state.category || video.category === state.category) &&
    (!state.class || `${video.category}/${video.class}` === state.class);
  const base = [...deck.videos.keys()].filter((index) => fits(deck.videos[index]) && found(index));
  const amount = {};
  for (const outcome of outcomeNames(deck)) {
    const test = outcomeTest(deck, outcome, run);
    amount[outcome] = base.filter((index) => test(deck.videos[index])).length;
  }
  const wanted = outcomeTest(deck, state.outcome, run);
  const left = base.filter((index) => wanted(deck.videos[index]));
  return { shown: sorted(deck, left, state.sort, run), amount, all: base.length };
}

function outcomeNames(deck) {
  const several = deck.runs.length > 1;
  const names = Object.keys(OUTCOMES).filter((name) => several || name !== "absent");
  return several ? [...names, ...deck.runs.map((_, run) => `only-${run}`)] : names;
}

/** In the order of a sort; what it says nothing of comes last, ties as they lie in the deck. */
function sorted(deck, indices, sort, run) {
  const [, key, sign] = SORTS[sort];
  if (!key) return byName(deck, indices);
  const value = new Map();
  for (const index of indices) {
    const video = deck.videos[index];
    value.set(index, key(video, video.answers[run]));
  }
  return indices.sort((a, b) => {
    const [x, y] = [value.get(a), value.get(b)];
    const [no, none] = [!Number.isFinite(x), !Number.isFinite(y)];
    if (no || none) return no - none || a - b;
    return sign * (x - y) || a - b;
  });
}

function byName(deck, indices) {
  const order = new Intl.Collator("en", { numeric: true }).compare;
  const name = (index) => deck.videos[index];
  return indices.sort(
    (a, b) =>
      order(name(a).category, name(b).category) ||
      order(name(a).class, name(b).class) ||
      order(name(a).id, name(b).id) ||
      a - b
  );
}

/** The choice that a hash stands for; null for a hash that is another part's. */
function readHash(deck, hash, before) {
  const text = hash.replace(/^#/, "");
  if (text && !text.includes("=")) return null;
  const given = new URLSearchParams(text.replace(/\+/g, "%2B"));
  const state = { ...EVERYTHING };
  // A link to one video leaves the filter as it is, so that one can go back to it.
  if ([...given.keys()].join() === "video") Object.assign(state, before);
  for (const name of Object.keys(EVERYTHING)) if (given.has(name)) state[name] = given.get(name);
  return possible(deck, state);
}

/** A hash may be of another report, or typed by hand: what does not exist here is left out. */
function possible(deck, state) {
  const good = { ...state };
  if (!Object.hasOwn(SORTS, good.sort)) good.sort = EVERYTHING.sort;
  if (!deck.runs.some((_, at) => String(at) === good.run)) good.run = EVERYTHING.run;
  if (!outcomeNames(deck).includes(good.outcome)) good.outcome = "";
  if (!deck.videos.some((video) => video.category === good.category)) good.category = "";
  const classes = deck.videos.filter((video) => !good.category || video.category === good.category);
  if (!classes.some((video) => `${video.category}/${video.class}` === good.class)) good.class = "";
  return good;
}

/** The hash of a choice: what differs from the default; the default's own has a name too. */
function hashOf(state) {
  const parts = Object.keys(EVERYTHING)
    .filter((name) => state[name] !== EVERYTHING[name])
    .map((name) => `${name}=${encodeURIComponent(state[name])}`);
  return `#${parts.join("&") || "sort=trouble"}`;
}
