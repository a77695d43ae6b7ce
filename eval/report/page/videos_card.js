// One card: the frames, what was decided and said, and what would have been right.
// Every text goes into the page as a text node, never as markup.

const VERDICTS = {
  found: ["✓", "anomaly found"],
  passed: ["✓", "passed as normal"],
  missed: ["✕", "missed anomaly"],
  alarm: ["✕", "false alarm"],
  unparsed: ["?", "no readable verdict"],
  undecided: ["–", "not decided"],
  absent: ["–", "no answer"],
  skipped: ["–", "not seen by the model"],
};

/** An element; ``attributes``: text, class, and so on. Children that are null fall out. */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "text") element.textContent = value;
    else element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** A person's or a model's words, which may run from right to left. */
function words(tag, kind, text) {
  return make(tag, { class: kind, dir: "auto", text });
}

function labelled(label, ...rest) {
  return make("li", { dir: "auto" }, make("span", { text: label }), " ", ...rest);
}

function verdict(outcome) {
  const [sign, said] = VERDICTS[outcome];
  const mark = make("span", { class: "sign", "aria-hidden": "true", text: sign });
  return make("span", { class: "outcome" }, mark, said);
}

/** The card of the deck's video at ``index``, judged by a run. */
function makeCard(deck, index, run) {
  const video = deck.videos[index];
  const id = `video-${index}`;
  const outcome = outcomeOf(video, run);
  return make(
    "article",
    { class: `video ${outcome}`, tabindex: "-1", "aria-labelledby": id, "data-index": index },
    cardHead(deck, video, id, outcome, run),
    cardFrames(deck, index),
    decisions(deck, video, run),
    ...(video.skipped ? [] : reasons(deck, video, run)),
    dialogue(deck, video, run),
    facts(deck, video)
  );
}

function cardHead(deck, video, id, outcome, run) {
  const what = words("span", "what", namesOf(deck, video).join(", "));
  const href = `#video=${encodeURIComponent(video.id)}`;
  const flag = make("p", { class: "flag", text: "its words and its score disagree" });
  return make(
    "header",
    {},
    make("h3", { id }, verdict(outcome), what),
    make("a", { class: "id", href, text: video.id }),
    disagrees(video.answers[run]) ? flag : null
  );
}

/** The frames as buttons are read: one picture, each frame a window on it. */
function cardFrames(deck, index) {
  const strip = stripOf(deck, index);
  if (!strip) return noFrames(deck, deck.videos[index]);
  const does = { type: "button", class: "strip", "data-do": "zoom", title: "enlarge" };
  return make("button", does, ...framePictures(deck, index, strip));
}

function noFrames(deck, video) {
  const why = typeof video.strip === "string" ? video.strip : "";
  if (video.skipped || (!deck.strips && !why)) return null;
  const said = why || "not among those that the page has room for";
  return words("p", "no-frames", `No frames: ${said}`);
}

function framePictures(deck, index, strip) {
  const { frames: amount, width, height } = deck.strips;
  const source = `data:image/webp;base64,${strip}`;
  const alt = `${amount} frames of ${deck.videos[index].id}, in order of time`;
  return Array.from({ length: amount }, (_, at) => {
    const picture = make("img", { src: source, alt: at ? "" : alt, decoding: "async" });
    picture.style.setProperty("aspect-ratio", `${width} / ${height}`);
    const along = amount > 1 ? (100 * at) / (amount - 1) : 0;
    picture.style.setProperty("object-position", `${along}% 0`);
    const place = make("span", { class: "at", "aria-hidden": "true", text: at + 1 });
    return make("span", { class: "frame" }, picture, place);
  });
}

/** A line a run: what it decided, by which score, and what its words say. */
function decisions(deck, video, run) {
  const label = make("b", { text: video.label ? "anomalous" : "normal" });
  const truth = make("p", {}, "It is ", label, ".");
  if (video.skipped) {
    const why = words("p", "", `Not seen by the model: ${video.skipped}`);
    return make("div", { class: "decisions" }, truth, why);
  }
  const order = [run, ...deck.runs.keys()].filter((one, at) => at === 0 || one !== run);
  const lines = order.map((one) => decision(deck, video, one));
  return make("div", { class: "decisions" }, truth, ...lines);
}

function decision(deck, video, run) {
  const answer = video.answers[run];
  const outcome = outcomeOf(video, run);
  const line = make("div", { class: `decision ${outcome}` });
  if (deck.runs.length > 1) line.append(words("b", "run", deck.runs[run]), verdict(outcome));
  if (!answer) return line;
  if (Number.isFinite(answer.score)) {
    line.append(axis(deck, video, run), make("span", { text: scoreWords(answer) }));
  } else if (Number.isFinite(answer.threshold)) {
    line.append(make("span", { text: "no score, which is wrong at any threshold" }));
  }
  if (answer.words) line.append(make("span", { class: "says", text: wordsOf(answer) }));
  return line;
}

function scoreWords(answer) {
  if (!Number.isFinite(answer.threshold)) return `score ${number(answer.score)}`;
  const side = answer.above ? "above" : answer.score < answer.threshold ? "below" : "at";
  return `score ${number(answer.score)}, ${side} the threshold ${number(answer.threshold)}`;
}

function wordsOf(answer) {
  if (answer.words === "unparsed") return "its words hold no readable verdict";
  return `its words say ${answer.words}${answer.truncated ? " (cut at the length limit)" : ""}`;
}

/** Where the score lies between the category's least and greatest; a picture of scoreWords. */
function axis(deck, video, run) {
  const answer = video.answers[run];
  const [low, high] = deck.reach[run].get(video.category);
  const at = (value) => `${high > low ? (100 * (value - low)) / (high - low) : 50}%`;
  const line = make("span", { class: "axis", "aria-hidden": "true" });
  if (Number.isFinite(answer.threshold)) {
    const cut = make("span", { class: "cut-at" });
    cut.style.setProperty("left", at(answer.threshold));
    line.append(cut);
  }
  const dot = make("span", { class: "dot-at" });
  dot.style.setProperty("left", at(answer.score));
  line.append(dot);
  return line;
}

/** What was said beside what would have been right; other runs' answers folded below. */
function reasons(deck, video, run) {
  const right = rightReasons(deck, video);
  const own = said(deck, video.answers[run]);
  const left = own.length ? make("div", {}, ...own) : null;
  const both = make("div", { class: "reasons" }, left, right);
  const others = [...deck.runs.keys()].filter((one) => one !== run && video.answers[one]);
  const answers = others.map((one) => {
    const answer = said(deck, video.answers[one]);
    return answer.length ? folded(`What ${deck.runs[one]} says`, () => answer) : null;
  });
  return [both, ...answers].filter((part) => part && part.childNodes.length);
}

function said(deck, answer) {
  if (!answer || (answer.text === null && answer.explanation === null)) return [];
  const text = answer.text === null ? "" : deck.texts[answer.text];
  const reason = answer.explanation === null ? "" : deck.texts[answer.explanation];
  const parts = [title("It says"), quote(text || reason)];
  if (text && reason && !text.includes(reason)) parts.push(title("Its reason"), quote(reason));
  if (answer.copied) parts.push(words("p", "small", "word for word a sentence that it was taught"));
  if (answer.description !== null) {
    parts.push(title("It sees"), quote(deck.texts[answer.description]));
  }
  if (answer.marks.length) parts.push(marks(deck, answer));
  return parts;
}

function title(text) {
  return make("h4", { text });
}

function quote(text) {
  return words("blockquote", "", text || "(nothing)");
}

function marks(deck, answer) {
  const list = make("ul", { class: "marks" });
  for (const [name, value, note] of answer.marks) {
    const item = make("li", {}, make("b", { text: name }), " ");
    item.append(value === null ? "not scored" : number(value));
    if (note !== null) {
      const of = value !== null && name.startsWith("SBERT") ? "nearest reference: " : "";
      item.append(words("span", "note", of + deck.texts[note]));
    }
    list.append(item);
  }
  return list;
}

function rightReasons(deck, video) {
  const [, own] = textsOf(deck, video);
  if (!own) return null;
  const parts = [];
  if (own.references.length) {
    parts.push(title("Right would be (references)"), sentences(deck, own.references));
  }
  if (own.violates.length) {
    const phases = own.violates.length > 1 ? "phases, as they" : "phase, as it";
    parts.push(title(`Violated ${phases} should be`), sentences(deck, own.violates));
  }
  return parts.length ? make("div", {}, ...parts) : null;
}

function sentences(deck, list) {
  const items = list.map((sentence) => make("li", {}, ...sentenceParts(deck, sentence)));
  return make("ul", { class: "sentences" }, ...items);
}

/** A sentence with where it stands: a button that copies file and line. */
function sentenceParts(deck, [text, places]) {
  const shown = places.map((at) => place(deck, at));
  return [make("span", { dir: "auto", text }), ...shown.flatMap((one) => [" ", one])];
}

function place(deck, at) {
  const [path, line, name] = deck.places[at];
  const where = `${path}:${line}`;
  const title = name ? `${name}: copy` : "copy";
  return make("button", { type: "button", class: "place", "data-do": "copy", title, text: where });
}

/** What stands before the verdict: the record's dialogue, or what the model itself said. */
function dialogue(deck, video, run) {
  const [category] = textsOf(deck, video);
  const answer = video.answers[run];
  const turns = answer ? answer.turns : [];
  const { dialogue: taught, changed } = category || { dialogue: [], changed: [] };
  if (!taught.length && !turns.length && !changed.length) return null;
  return folded("Dialogue before the verdict", () => [
    ...changed.map((text) => words("p", "small", text)),
    turnList(deck, taught, turns),
  ]);
}

/** The turns; what the model itself said stands in the place of the record's answers. */
function turnList(deck, dialogue, generated) {
  const own = (at, kind) => turn("assistant", kind, [quote(deck.texts[at])]);
  let next = 0;
  const items = dialogue.map((one) => {
    if (one.role === "assistant" && next < generated.length) {
      return own(generated[next++], `${one.kind}, in its own words`);
    }
    const said = one.sentences.map((sentence) => make("p", {}, ...sentenceParts(deck, sentence)));
    return turn(one.role, one.kind, said, "told");
  });
  const rest = generated.slice(next).map((at) => own(at, "in its own words"));
  return make("ol", { class: "turns" }, ...items, ...rest);
}

/** What stands in the record in the place of an answer is what the model was told. */
function turn(role, kind, content, otherwise = "answered") {
  const who = role === "user" ? "asked" : otherwise;
  const label = words("span", "who", kind && kind !== "prompt" ? `${who}: ${kind}` : who);
  const side = role === "user" ? "user" : "assistant";
  return make("li", { class: side }, label, make("div", {}, ...content));
}

/** A folded part whose content is made when it is first unfolded. */
function folded(title, content) {
  const details = make("details", {}, make("summary", { dir: "auto", text: title }));
  const fill = () => {
    if (details.open && details.childNodes.length === 1) details.append(...content());
  };
  details.addEventListener("toggle", fill);
  details.fill = fill;
  return details;
}

function facts(deck, video) {
  const [, own] = textsOf(deck, video);
  const pairs = [["video", video.video]];
  if (video.instance) pairs.push(["instance", video.instance]);
  if (Number.isFinite(video.severity)) pairs.push(["severity", `${number(video.severity)} of 1`]);
  const list = make("ul", { class: "card-facts" });
  for (const [name, value] of pairs) list.append(labelled(name, value));
  if (own && own.place !== null) list.append(labelled("class in the KB", place(deck, own.place)));
  return list;
}
