// What script adds to the page of runs: the pictures follow the sliders. Without it a button shows
// the run that was chosen; the address is the same.

import { parse, say, swap } from './app.js'

const PAUSE_MS = 500 // so that a slider on its way is not spoken at every value
const PARTS = ['summary', 'first', 'further']
const form = document.getElementById('knobs')
let asked = null
let speaking = 0

/** Write the values that the sliders stand at beside them, before the server has answered. */
function tellValues() {
  for (const slider of form.querySelectorAll('input[type=range]')) {
    const word = slider.parentElement.querySelectorAll('.marks li')[slider.value].textContent
    slider.setAttribute('aria-valuetext', word)
    document.getElementById(`${slider.id}-now`).textContent = word
  }
}

/** Return the knobs as they stand, as the query of an address. */
function readKnobs() {
  return new URLSearchParams(new FormData(form)).toString()
}

/** Let what is sent from the closing questions come back to the knobs as they stand just then. */
function carry({ target }) {
  if (!target.closest('#closing')) return
  const [path] = target.getAttribute('action').split('?')
  if (path.startsWith(location.pathname)) target.setAttribute('action', `${path}?${readKnobs()}`)
}

/** Name the knobs of now in the address again: the reply that was shown knows those of before. */
function readdress({ detail: reply }) {
  queueMicrotask(() => {
    const isShown = location.href.split('#')[0] === reply.url
    if (isShown && !reply.url.includes(readKnobs())) history.replaceState(null, '', `?${readKnobs()}`)
  })
}

/** Ask for the run; undefined where a newer wish has taken the place of this one. */
async function fetchRun(address) {
  asked?.abort()
  asked = new AbortController()
  try {
    const response = await fetch(address, {
      headers: { 'X-Fragment': 'run' }, credentials: 'same-origin', signal: asked.signal,
    })
    return response.ok ? await response.text() : null
  } catch (error) {
    return error.name === 'AbortError' ? undefined : null
  }
}

function announce() {
  clearTimeout(speaking)
  speaking = setTimeout(() => say(document.getElementById('summary').textContent), PAUSE_MS)
}

async function follow() {
  tellValues()
  const query = readKnobs()
  const text = await fetchRun(`${location.pathname}?${query}`)
  if (text === undefined) return
  if (text === null) { say('This run could not be loaded. Move the slider again in a moment.'); return }
  swap(PARTS, parse(text))
  history.replaceState(null, '', `?${query}`)
  announce()
}

/** A link to a setting of this page turns the knobs in place. */
function turn(event) {
  const link = event.target.closest?.('.looks a[href], .stem a[href]')
  if (link?.pathname !== location.pathname || event.ctrlKey || event.metaKey || event.shiftKey) return
  event.preventDefault()
  for (const [name, value] of new URL(link.href).searchParams) form.elements[name].value = value
  document.getElementById('first').scrollIntoView({ block: 'nearest' })
  follow()
}

form.addEventListener('input', follow)
document.addEventListener('submit', carry, { capture: true }) // before it is sent
document.addEventListener('quizzer:sent', readdress)
form.addEventListener('submit', (event) => { event.preventDefault(); follow() })
document.addEventListener('click', turn)
