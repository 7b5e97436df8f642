"use strict";

const byId = (id) => document.getElementById(id);
const player = byId("player");
const SCENE_SECONDS = 4;
const REASONS = { 1: "aborted", 2: "network", 3: "decode", 4: "unsupported" };

// --- beacons -------------------------------------------------------------------------------------------------------

const MOST_EVENTS = 50;
const waiting = [];

function flush() {
  while (waiting.length) {
    const body = JSON.stringify({ events: waiting.splice(0, MOST_EVENTS) });
    navigator.sendBeacon("/beacons", new Blob([body], { type: "application/json" }));
  }
}

function tell(event) {
  waiting.push(event);
  clearTimeout(tell.timer);
  tell.timer = setTimeout(flush, 1000);
}

// --- the show: each product for some seconds, drawn as it is played ---------------------------------------------------

function draw(canvas, product, share) {
  const pen = canvas.getContext("2d");
  const hue = (product.id * 47) % 360;
  pen.fillStyle = `hsl(${hue} 45% 22%)`;
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.fillStyle = `hsl(${hue} 70% 60%)`;
  pen.beginPath();
  pen.arc(canvas.width / 2, canvas.height * 0.42, 90 + 30 * Math.sin(share * 2 * Math.PI), 0, 2 * Math.PI);
  pen.fill();
  pen.fillStyle = "#fff";
  pen.font = "600 44px system-ui, sans-serif";
  pen.textAlign = "center";
  pen.fillText(product.name, canvas.width / 2, canvas.height * 0.78);
  pen.fillRect(0, canvas.height - 8, canvas.width * share, 8);
}

function show(products) {
  const canvas = Object.assign(document.createElement("canvas"), { width: 1280, height: 720 });
  const begun = performance.now();
  const frame = () => {
    const at = (performance.now() - begun) / 1000 / SCENE_SECONDS;
    const product = products[Math.floor(at) % products.length];
    draw(canvas, product, at % 1);
    offer(product);
    requestAnimationFrame(frame);
  };
  frame();
  return canvas.captureStream(25);
}

// --- overlay and cart ------------------------------------------------------------------------------------------------

const cart = [];
let offered = null;

function offer(product) {
  if (product === offered) return;
  offered = product;
  byId("product-name").textContent = product.name;
  byId("product-price").textContent = `$${(product.price / 100).toFixed(2)}`;
  byId("overlay").hidden = false;
}

byId("add").addEventListener("click", () => {
  cart.push(offered);
  const total = cart.reduce((sum, product) => sum + product.price, 0) / 100;
  byId("cart").textContent = `${cart.length} in the cart, $${total.toFixed(2)}`;
  tell({ type: "cart", product_id: offered.id });
});

// --- playback --------------------------------------------------------------------------------------------------------

let state = "idle"; // then asked, playing, over
let since = 0;
let stoodStill = 0;
let stillSince = 0;

function failed(reason) {
  state = "over";
  byId("play").hidden = false;
  byId("message").textContent = "The video cannot be played.";
  tell({ type: "failure", reason });
}

async function play() {
  byId("play").hidden = true;
  byId("message").textContent = "";
  state = "asked";
  since = performance.now();
  tell({ type: "start" });
  if (!HTMLCanvasElement.prototype.captureStream) return failed("unsupported");
  try {
    const answer = await fetch("/products");
    if (!answer.ok) throw new TypeError(`status ${answer.status}`);
    player.srcObject = show(await answer.json());
  } catch {
    return failed("network");
  }
  try {
    await player.play();
  } catch (problem) {
    failed(problem.name === "NotSupportedError" ? "unsupported" : "aborted");
  }
}

byId("play").addEventListener("click", play);
player.addEventListener("error", () => failed(REASONS[player.error?.code] ?? "aborted"));
player.addEventListener("waiting", () => { if (state === "playing") stillSince = performance.now(); });
player.addEventListener("playing", () => {
  const now = performance.now();
  if (state === "asked") {
    state = "playing";
    tell({ type: "first_frame", seconds: Math.min((now - since) / 1000, 600) });
    since = now;
  } else if (stillSince) {
    stoodStill += now - stillSince;
  }
  stillSince = 0;
});

function ended() {
  if (state !== "playing") return;
  const now = performance.now();
  const still = stoodStill + (stillSince ? now - stillSince : 0);
  tell({ type: "rebuffer", ratio: Math.min(1, still / Math.max(1, now - since)) });
  state = "over";
}

// --- Web Vitals, as web.dev defines them --------------------------------------------------------------------------------

const vitals = { lcp: null, cls: 0, session: 0, first: 0, last: 0 };
const interactions = new Map();

function watch(type, options, each) {
  try {
    new PerformanceObserver((list) => list.getEntries().forEach(each)).observe({ type, buffered: true, ...options });
  } catch {
    // A browser without this kind of entry has nothing to tell.
  }
}

watch("largest-contentful-paint", {}, (entry) => { vitals.lcp = entry.startTime / 1000; });
watch("layout-shift", {}, (entry) => {
  if (entry.hadRecentInput) return;
  const joins = entry.startTime - vitals.last < 1000 && entry.startTime - vitals.first < 5000;
  vitals.session = joins ? vitals.session + entry.value : entry.value;
  if (!joins) vitals.first = entry.startTime;
  vitals.last = entry.startTime;
  vitals.cls = Math.max(vitals.cls, vitals.session);
});
function interacted(entry) {
  if (!entry.interactionId) return;
  interactions.set(entry.interactionId, Math.max(interactions.get(entry.interactionId) ?? 0, entry.duration));
}

watch("event", { durationThreshold: 16 }, interacted);
watch("first-input", {}, interacted); // however short it was

function tellVitals() {
  if (vitals.lcp !== null) tell({ type: "lcp", seconds: Math.min(vitals.lcp, 600) });
  const slowest = [...interactions.values()].sort((a, b) => b - a);
  if (slowest.length) {
    // One slow interaction in fifty is forgiven.
    const worst = slowest[Math.min(slowest.length - 1, Math.floor(slowest.length / 50))];
    tell({ type: "inp", seconds: Math.min(worst / 1000, 600) });
  }
  tell({ type: "cls", score: Math.min(vitals.cls, 100) });
}

let told = false;
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState !== "hidden" || told) return;
  told = true;
  ended();
  tellVitals();
  flush();
});
