"use strict";

// Waits for the next event, fetches the page anew and replaces only the cards that changed:
// what is open stays open, what is selected stays selected, nothing flickers.

const PATIENCE = 20;
const parser = new DOMParser();

function replaceWhole(fresh) {
  for (const part of fresh.querySelectorAll("[data-whole]")) {
    const shown = document.getElementById(part.id);
    if (shown.innerHTML !== part.innerHTML) shown.innerHTML = part.innerHTML;
  }
}

function keepOpen(shown, card) {
  for (const details of shown.querySelectorAll("details[open]")) {
    const same = card.querySelector(`#${details.id}`);
    if (same) same.open = true;
  }
}

function replaceCards(fresh) {
  for (const list of fresh.querySelectorAll("ul.cards")) {
    const shownList = document.getElementById(list.id);
    const cards = [...list.children].map((card) => {
      const shown = document.getElementById(card.id);
      if (!shown) return card;
      if (shown.dataset.version === card.dataset.version) return shown;
      keepOpen(shown, card);
      return card;
    });
    const wanted = new Set(cards);
    for (const shown of [...shownList.children]) if (!wanted.has(shown)) shown.remove();
    cards.forEach((card, index) => {
      if (shownList.children[index] !== card) shownList.insertBefore(card, shownList.children[index] ?? null);
    });
  }
}

async function refresh() {
  const answer = await fetch("/");
  const fresh = parser.parseFromString(await answer.text(), "text/html");
  document.title = fresh.title;
  replaceWhole(fresh);
  replaceCards(fresh);
  return Number(fresh.querySelector("main").dataset.last);
}

async function follow() {
  let last = Number(document.querySelector("main").dataset.last);
  for (;;) {
    try {
      const answer = await fetch(`/events.json?after=${last}&wait=${PATIENCE}&limit=1`);
      if (!answer.ok) throw new Error(answer.statusText);
      await answer.json();
      last = await refresh();
      document.body.classList.remove("away");
    } catch {
      document.body.classList.add("away");
      document.getElementById("state").textContent = "The inbox does not answer; trying again.";
      await new Promise((resolve) => setTimeout(resolve, 1000));
      last = -1;
    }
  }
}

follow();
