// What script adds to pages that already work without it: answers in place, keys, a live grading
// report, the editor with its drafts, a ticking clock. One module, no build, no library.

const page = document.documentElement
const policy = globalThis.trustedTypes?.createPolicy('fragment', { createHTML: (text) => text })

/** Turn a page that our own server sent into a document, without running anything in it. */
export function parse(text) {
  return new DOMParser().parseFromString(policy ? policy.createHTML(text) : text, 'text/html')
}

/** Speak through the page's one status line; the pause makes a repeated sentence heard again. */
export function say(sentence) {
  const line = document.getElementById('live')
  line.textContent = ''
  setTimeout(() => { line.textContent = sentence }, 60)
}

// ── Fragments: <form data-fragment="question trail"> sends in the background ──────────────────
// The server answers as ever, with a redirect to a page; of that page the named elements are taken.

function isOpen(element) {
  return element.id && element.open
}

/** Carry over what was chosen or typed while the answer was on its way. */
function keepTyped(old, next) {
  for (const field of old.querySelectorAll('input[id], textarea[id], select[id]')) {
    const twin = next.querySelector(`#${CSS.escape(field.id)}`)
    if (!twin || twin.closest(':disabled')) continue
    if (field.type === 'radio' || field.type === 'checkbox') twin.checked = field.checked
    else if (field.type !== 'file') twin.value = field.value
  }
}

/**
 * Replace the elements of these ids by those of another document; false if one is missing there.
 * What is equal stays: the browser need not draw it again.
 */
export function swap(ids, fresh) {
  const pairs = ids.map((id) => [document.getElementById(id), fresh.getElementById(id)])
  if (pairs.some(([old, next]) => !old || !next)) return false
  for (const [old, next] of pairs) {
    for (const details of [...old.querySelectorAll('details')].filter(isOpen)) {
      next.querySelector(`#${CSS.escape(details.id)}`)?.setAttribute('open', '')
    }
    if (old.isEqualNode(next)) continue
    keepTyped(old, next)
    old.replaceWith(document.adoptNode(next))
    enhance(next)
  }
  return true
}

/** Take over the form token of a newer page: it changes at a log-in, and each form needs the last. */
function renewTokens(fresh) {
  const { value } = fresh.querySelector('[name=csrf_token]') ?? {}
  if (value) for (const field of document.querySelectorAll('[name=csrf_token]')) field.value = value
}

function focusAfter(form, last) {
  const wanted = form.dataset.focus && document.getElementById(form.dataset.focus)
  const told = document.querySelector('[data-focus-here]')
  const same = last.id ? document.getElementById(last.id) : null
  const target = wanted || told || same
  target?.focus({ preventScroll: true })
  target?.scrollIntoView({ block: 'nearest' })
}

function show(text, address, form) {
  const last = { id: document.activeElement?.id }
  const fresh = parse(text)
  renewTokens(fresh)
  if (!swap(['account', 'flash', ...form.dataset.fragment.split(' ')], fresh)) { location.assign(address); return }
  document.title = fresh.title
  if (address !== location.href.split('#')[0]) history.replaceState(null, '', address)
  focusAfter(form, last)
  const spoken = document.querySelector('[data-say="first"]') ?? document.querySelector('[data-say]')
  if (spoken) say(spoken.textContent.trim().replace(/\s+/g, ' '))
}

/** Say beside the form's buttons what went wrong; what was typed stays where it is. */
function complain(form, sentence) {
  const note = document.createElement('p')
  note.className = 'complaint verdict wrong'
  note.textContent = sentence
  const buttons = form.querySelector('.actions')
  if (buttons) buttons.after(note)
  else form.append(note)
  note.scrollIntoView({ block: 'nearest' })
  say(sentence)
}

/** Take the words of the page with which the server refused. */
function describeRefusal(refusal) {
  const words = [...refusal.querySelectorAll('main h1:not([data-alone]), main .lead')]
  return words.map((word) => word.textContent.trim().replace(/([^.?!])$/, '$1.')).join(' ')
}

/** Whether a file was handed in: then the editor has to show something else than it does. */
function hasFile(form) {
  return [...form.elements].some((field) => field.files?.length)
}

function refuse(form, refusal) {
  renewTokens(refusal)
  complain(form, describeRefusal(refusal))
}

async function send(form, submitter) {
  form.querySelector('.complaint')?.remove()
  const address = submitter?.getAttribute('formaction') || form.getAttribute('action')
  const response = await fetch(address, {
    method: 'post', body: new FormData(form, submitter), credentials: 'same-origin',
  })
  const text = await response.text()
  form.dispatchEvent(new CustomEvent('quizzer:sent', { bubbles: true, detail: response }))
  const isHere = new URL(response.url).pathname === location.pathname
  if (!response.ok) refuse(form, parse(text))
  else if (isHere && form.dataset.fragment && !hasFile(form)) show(text, response.url, form)
  else location.assign(response.url)
}

const OFFLINE = 'The server could not be reached. Nothing is lost: send it again in a moment.'

addEventListener('submit', async (event) => {
  const form = event.target
  // An answer that leads to another page too: without a connection it must not leave this one.
  const { choice, fragment, answer } = form.dataset
  if (!(choice || fragment || answer !== undefined) || event.defaultPrevented) return
  event.preventDefault()
  if (form.getAttribute('aria-busy') === 'true') return // a double click is one click
  form.setAttribute('aria-busy', 'true')
  try {
    await (choice ? sendChoice : send)(form, event.submitter)
  } catch (error) {
    if (!(error instanceof TypeError)) throw error // fetch's way of saying: no connection
    complain(form, OFFLINE)
  } finally {
    form.removeAttribute('aria-busy')
  }
})

// ── Choices: <form data-choice="theme"> is sent in the background and applied at once ───────────

const choices = {
  theme(value, form) {
    if (value === 'auto') delete page.dataset.theme
    else page.dataset.theme = value
    document.querySelector('meta[name=color-scheme]').content = value === 'auto' ? 'light dark' : value
    for (const button of form.querySelectorAll('[name=theme]')) button.setAttribute('aria-pressed', button.value === value)
    return `Colours: ${form.querySelector(`[value=${value}]`).textContent}.`
  },

  keys(value, form) {
    const isOff = value === 'off'
    if (isOff) page.dataset.keys = 'off'
    else delete page.dataset.keys
    const button = form.querySelector('[name=keys]')
    button.value = isOff ? 'on' : 'off'
    button.textContent = `Turn key commands ${button.value}`
    setShown('keys-off', isOff)
    return `Key commands are turned ${value}.`
  },
}

/** The page stays as it is, with what is typed in it and the clock that runs; the server remembers. */
async function sendChoice(form, submitter) {
  form.querySelector('.complaint')?.remove()
  const { value } = submitter
  const response = await fetch(form.action, {
    method: 'post', body: new FormData(form, submitter), credentials: 'same-origin', redirect: 'manual',
  })
  if (response.type === 'opaqueredirect') say(choices[form.dataset.choice](value, form))
  else refuse(form, parse(await response.text()))
}

// ── Polling: <section id="run" data-poll="/submissions/7"> until it comes back without ─────────

// A small exercise is judged in less than a tenth of a second. To ask sooner than that would only
// take the processor from the grading; to ask once more costs next to nothing while nothing is new.
const FIRST_WAIT_MS = 60
const NEXT_WAIT_MS = 20
const EAGER_ROUNDS = 8 // from then on the waits grow: it takes longer anyway
const LONGEST_WAIT_MS = 2000

/** Resolve after a pause, and not before the page can be seen. */
async function pause(milliseconds) {
  await new Promise((resolve) => setTimeout(resolve, milliseconds))
  while (document.hidden) {
    await new Promise((resolve) => document.addEventListener('visibilitychange', resolve, { once: true }))
  }
}

async function poll(section) {
  const { id } = section
  const address = section.dataset.poll
  await pause(FIRST_WAIT_MS - NEXT_WAIT_MS)
  for (let wait = NEXT_WAIT_MS, round = 1; ; round += 1) {
    await pause(wait)
    if (round >= EAGER_ROUNDS) wait = Math.min(wait * 1.4, LONGEST_WAIT_MS)
    if (document.getElementById(id)?.dataset.poll !== address) return
    const text = await fetchFragment(address, document.getElementById(id).dataset.progress)
    if (text === undefined) return
    if (text === null) continue
    const fresh = parse(text)
    const isLast = !fresh.getElementById(id)?.dataset.poll
    showProgress(id, fresh, isLast)
    if (isLast) return
  }
}

/** Return the fragment; null to ask again, undefined where there is nothing to ask for. */
async function fetchFragment(address, progress) {
  try {
    const headers = { 'X-Fragment': 'run', 'If-None-Match': `W/"${progress}"` }
    const response = await fetch(address, { headers, credentials: 'same-origin' })
    if (response.status >= 400 && response.status < 500) return undefined
    return response.ok ? await response.text() : null
  } catch {
    return null // no connection: the next round asks again
  }
}

function showProgress(id, fresh, isLast) {
  const section = document.getElementById(id)
  const checks = fresh.getElementById(id)
  if (!checks) return
  const focused = section.contains(document.activeElement) && document.activeElement.id
  const isStale = 'stale' in section.dataset
  if (isLast) {
    const parts = [id, 'history', 'solution', 'hints']
    swap(parts.filter((name) => fresh.getElementById(name) && document.getElementById(name)), fresh)
  } else {
    section.dataset.progress = checks.dataset.progress
    section.replaceChildren(...document.adoptNode(checks).childNodes)
  }
  document.getElementById(id).toggleAttribute('data-stale', isStale)
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true })
  if (isLast) say(document.querySelector(`#${id} [data-say]`)?.textContent.trim().replace(/\s+/g, ' ') ?? '')
}

// ── Keys: digits and letters choose, n next, h hint, ? help; the footer switches them off ──────

const LETTERS = 'abcdef'

function isTyping(target) {
  return target.closest?.('input:not([type=radio],[type=checkbox]), textarea, select, .editor, [contenteditable]')
}

function choose(question, index) {
  const options = [...question?.querySelectorAll('[data-option]') ?? []]
  const named = options.find((each) => each.dataset.option === String(index + 1)) // lines move about
  const option = named ?? options[index]
  if (!option || option.matches(':disabled')) return false
  option.click()
  if (!option.dataset.move) option.focus() // of a line that moved, Enter must not take it out again
  return true
}

function press(key) {
  const target = document.querySelector(`[data-key="${key}"]`)
  target?.click()
  return Boolean(target)
}

/** The button that sends a form; not one that is itself an answer, or that moves a line. */
function findSend(form) {
  return form?.querySelector('button:not([type=button], [data-option])') ?? null
}

function sendFrom(target, question) {
  if (target.closest?.('a, button, summary')) return false
  const form = question?.querySelector('form[data-answer]')
  const button = findSend(form)
  if (!button) return false
  form.requestSubmit(button)
  return true
}

function act(event, question) {
  const key = event.key.toLowerCase()
  if ('123456789'.includes(key)) return choose(question, Number(key) - 1)
  if (LETTERS.includes(key)) return choose(question, LETTERS.indexOf(key))
  if (key === 'enter') return sendFrom(event.target, question)
  if (key === 'n' || key === 'h') return press(key)
  if (key === '?') { document.getElementById('help')?.showModal(); return true }
  return false
}

/** Control and Enter send what is being typed; the editor sees to its own keys. */
function sendTyped(event) {
  if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return
  const form = event.target.closest?.('form[data-answer], form:has([data-grade])')
  if (!form || event.defaultPrevented) return
  event.preventDefault()
  const button = form.querySelector('[data-grade]') ?? findSend(form)
  if (button) form.requestSubmit(button)
}

addEventListener('keydown', (event) => {
  sendTyped(event)
  if (page.dataset.keys === 'off' || event.ctrlKey || event.metaKey || event.altKey) return
  if (event.key.length > 1 && event.key !== 'Enter') return
  if (isTyping(event.target) || document.querySelector('dialog[open]')) return
  const question = event.target.closest?.('.question') ?? document.querySelector('.question:has([data-answer] button)')
  if (act(event, question)) event.preventDefault()
})

addEventListener('click', (event) => {
  const opener = event.target.closest?.('[data-opens]')
  if (opener) document.getElementById(opener.dataset.opens)?.showModal()
})

// ── Lines to put in order: <fieldset data-lines> with the lists .used and .unused ───────────────
// The form sends the select of each line, which without script is all there is.

class Lines {
  constructor(set) {
    this.word = set.dataset.lines
    this.used = set.querySelector('.used')
    this.unused = set.querySelector('.unused')
    this.rows = [...set.querySelectorAll('.line')].sort((one, other) => one.dataset.name - other.dataset.name)
    this.arrange()
    set.addEventListener('click', (event) => this.onClick(event))
    set.addEventListener('keydown', (event) => this.onKey(event))
    for (const list of [this.used, this.unused]) this.takeDrops(list)
    for (const row of this.rows) row.draggable = true
    set.addEventListener('dragstart', (event) => this.onDragStart(event))
    set.addEventListener('dragend', () => this.onDragEnd())
  }

  static placeOf(row) {
    return row.querySelector('select')
  }

  /** Sort the rows into the lists as their selects say: they may hold what was chosen before. */
  arrange() {
    const place = (row) => Number(Lines.placeOf(row).value)
    const used = this.rows.filter(place).sort((one, other) => place(one) - place(other))
    this.used.append(...used)
    this.unused.append(...this.rows.filter((row) => !used.includes(row)))
    this.number()
  }

  /** Write the places into the selects, and on each button what it does. */
  number() {
    const used = [...this.used.children]
    for (const row of this.rows) {
      const place = used.indexOf(row) + 1
      Lines.placeOf(row).value = place ? String(place) : ''
      const button = row.querySelector('[data-option]')
      button.dataset.move = place ? 'out' : 'in'
      button.querySelector('span').textContent = place ? 'Take out' : 'Add'
    }
  }

  onClick(event) {
    const row = event.target.closest('.line')
    const button = event.target.closest('[data-move]')
    if (row && button) this.move(row, button.dataset.move)
    else if (row?.parentElement === this.unused && event.target.closest('.text')) this.move(row, 'in')
  }

  onKey(event) {
    const way = { ArrowUp: 'up', ArrowDown: 'down' }[event.key]
    const row = event.target.closest('.used > .line')
    if (!way || !row || event.target.matches('select')) return
    event.preventDefault()
    this.move(row, way)
  }

  /** Put a line back where it was shown, so that the keys of what is unused stay in order. */
  putBack(row) {
    const isAfter = (other) => this.rows.indexOf(other) > this.rows.indexOf(row)
    this.unused.insertBefore(row, [...this.unused.children].find(isAfter) ?? null)
  }

  move(row, way) {
    const focused = row.contains(document.activeElement) ? document.activeElement : null
    const next = way === 'in' ? row.nextElementSibling ?? row.previousElementSibling : null
    if (way === 'in') this.used.append(row)
    else if (way === 'out') this.putBack(row)
    else if (way === 'up') row.previousElementSibling?.before(row)
    else row.nextElementSibling?.after(row)
    this.number()
    // Adding goes on with the next line, and when all are in, with the button that sends.
    if (focused) (next?.querySelector('[data-option]') ?? (way === 'in' ? findSend(row.closest('form')) : focused))?.focus()
    this.tell(row)
  }

  tell(row) {
    const text = row.querySelector('.text').textContent.trim().replace(/\s+/g, ' ').slice(0, 60)
    const place = [...this.used.children].indexOf(row) + 1
    say(`${text}: ${place ? `${this.word} ${place} of ${this.used.children.length}` : 'not used'}.`)
  }

  onDragStart(event) {
    this.dragged = event.target.closest?.('.line') ?? null
    this.dragged?.classList.add('is-dragged')
    event.dataTransfer.effectAllowed = 'move'
    event.dataTransfer.setData('text/plain', '')
  }

  onDragEnd() {
    if (!this.dragged) return
    this.dragged.classList.remove('is-dragged')
    this.number()
    this.tell(this.dragged)
    this.dragged = null
  }

  takeDrops(list) {
    list.addEventListener('drop', (event) => event.preventDefault())
    list.addEventListener('dragover', (event) => {
      if (!this.dragged) return
      event.preventDefault()
      const isAbove = (row) => event.clientY < row.getBoundingClientRect().y + row.offsetHeight / 2
      const below = [...list.children].find((row) => row !== this.dragged && isAbove(row))
      if (below) below.before(this.dragged)
      else list.append(this.dragged)
    })
  }
}

// ── Blanks that values are offered for: <fieldset data-blanks>, typed into or filled by a click ──

class Blanks {
  constructor(set) {
    this.fields = [...set.querySelectorAll('input')]
    this.waiting = new Set(this.fields.filter((field) => !field.value || field.matches('.is-wrong')))
    for (const field of this.fields) field.removeAttribute('list') // the buttons offer the same
    this.aim(this.findWaiting(0) ?? this.fields[0])
    set.addEventListener('focusin', (event) => { if (this.fields.includes(event.target)) this.aim(event.target) })
    set.addEventListener('input', (event) => this.waiting.delete(event.target))
    set.addEventListener('click', (event) => this.onClick(event))
  }

  /** The first blank that waits, from a place on and then from the beginning. */
  findWaiting(from) {
    const around = [...this.fields.slice(from), ...this.fields.slice(0, from)]
    return around.find((field) => this.waiting.has(field))
  }

  /** Make a blank the one that the next click fills. */
  aim(field) {
    this.next = field
    for (const each of this.fields) each.toggleAttribute('data-next', each === field)
  }

  onClick(event) {
    const button = event.target.closest('[data-fills]')
    if (!button) return
    const field = this.next
    field.value = button.textContent
    this.waiting.delete(field)
    const waiting = this.findWaiting(this.fields.indexOf(field))
    this.aim(waiting ?? field)
    say(`Blank ${field.name.replace('blank.', '')}: ${field.value}.`)
    // A finger would only bring up the keyboard of the screen by it.
    if (event.pointerType !== 'touch') (waiting ?? findSend(field.form))?.focus()
  }
}

// ── Drafts: <textarea data-draft="lesson/exercise"> is kept on this device until it is sent ────

/** A browser may refuse its storage; then drafts live as long as the page. */
const shelf = {
  get(key) { try { return localStorage.getItem(key) } catch { return null } },
  set(key, value) { try { localStorage.setItem(key, value) } catch { /* nothing kept */ } },
  drop(key) { try { localStorage.removeItem(key) } catch { /* nothing kept */ } },
  list() { try { return Object.keys(localStorage) } catch { return [] } },
}

const [reader, ...aside] = document.body.dataset.drafts?.split(' ') ?? ['']

/** Make another one's draft the reader's; where there are two, it is one that the other replaced. */
function takeOver(key, own) {
  const text = shelf.get(key)
  if (shelf.get(own) === null) shelf.set(own, text)
  else if (own.startsWith('earlier:')) JSON.parse(text).forEach((each) => drawer.add(own, each))
  else if (shelf.get(own) !== text) drawer.add(own.replace('draft:', 'earlier:'), text)
}

/**
 * Drafts lie as `draft:reader:exercise`, and others use this browser too: take over what the reader
 * wrote before they were who they are, and remove what is of anybody else.
 */
function tidyDrafts() {
  const taken = document.body.dataset.takes.split(' ')
  for (const key of shelf.list().filter((name) => /^(draft|earlier):/.test(name))) {
    const [kind, owner, ...exercise] = key.split(':')
    const own = [kind, reader, ...exercise].join(':')
    if (taken.includes(owner)) takeOver(key, own)
    if (![reader, ...aside].includes(owner)) shelf.drop(key)
  }
}

/**
 * Whose page was fetched last is written down. Going back to a page of somebody who has logged out
 * since asks for it anew: the browser had kept what it showed.
 */
function watchReader() {
  const isOver = () => reader !== 'visitor' && ![null, reader].includes(shelf.get('reader'))
  const isBack = performance.getEntriesByType('navigation')[0]?.type === 'back_forward'
  if (isBack && isOver()) location.reload()
  else shelf.set('reader', reader)
  addEventListener('pageshow', (event) => { if (event.persisted && isOver()) location.reload() })
}

/** Drafts that other code took the place of, the newest last; no more than a handful are kept. */
const drawer = {
  list(key) { return JSON.parse(shelf.get(key) ?? '[]') },
  last(key) { return this.list(key).at(-1) ?? null },
  add(key, text) { shelf.set(key, JSON.stringify([...this.list(key), text].slice(-5))) },
  drop(key) { shelf.set(key, JSON.stringify(this.list(key).slice(0, -1))) },
}

function setShown(id, isShown) {
  const note = document.getElementById(id)
  if (note) note.hidden = !isShown
}

/** The address of this page without the attempt that it was asked to load. */
function forgetAttempt(address) {
  const plain = new URL(address, location.href)
  plain.searchParams.delete('attempt')
  return plain.href
}

/**
 * The working copy: what is in the textarea, what was sent last, and what is kept of it.
 * A page that was asked for the starter or an old attempt is `loaded`: it shows that, not the draft,
 * until something is typed; then what was typed is the draft, and the one from before goes into the
 * drawer.
 */
class Workbench {
  constructor(area) {
    this.area = area
    this.key = `draft:${reader}:${area.dataset.draft}`
    this.drawer = `earlier:${reader}:${area.dataset.draft}`
    this.served = area.value
    this.sent = area.value
    this.isLoaded = 'loaded' in area.dataset
    this.timer = 0
    this.view = null
    area.addEventListener('input', () => this.onInput())
    area.form.addEventListener('submit', () => { this.sending = area.value })
    area.form.addEventListener('quizzer:sent', (event) => this.onSent(event.detail))
    addEventListener('pagehide', () => this.flush())
    document.addEventListener('visibilitychange', () => this.flush())
    this.listen('draft-discard', () => this.discard())
    this.listen('earlier-take', () => this.takeEarlier())
    this.listen('earlier-drop', () => this.dropEarlier())
  }

  listen(id, act) {
    document.getElementById(id)?.addEventListener('click', act)
  }

  restore() {
    const kept = shelf.get(this.key)
    if (kept !== null && kept !== this.served && !this.isLoaded) {
      this.area.value = kept
      setShown('draft-note', true)
      say('Your draft was restored.')
      this.markStale()
    }
    this.offerEarlier()
  }

  /** The draft that is kept, but not in the editor; null if there is none. */
  findEarlier() {
    const kept = this.isLoaded ? shelf.get(this.key) : null
    return kept !== null && kept !== this.served ? kept : drawer.last(this.drawer)
  }

  offerEarlier() {
    setShown('earlier-note', this.findEarlier() !== null)
  }

  takeEarlier() {
    const [earlier, current] = [this.findEarlier(), this.area.value]
    this.dropEarlier()
    this.write(earlier)
    this.onInput()
    if (current !== this.served && current !== this.sent) drawer.add(this.drawer, current)
    this.offerEarlier()
    say('Your earlier draft is in the editor.')
  }

  dropEarlier() {
    if (this.isLoaded && shelf.get(this.key) === this.findEarlier()) shelf.drop(this.key)
    else drawer.drop(this.drawer)
    this.offerEarlier()
  }

  onInput() {
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.save(), 400)
    if (this.isLoaded) this.own()
    this.markStale()
  }

  /** From now on the page's code is the draft: a reload must find it, not what was loaded. */
  own() {
    const kept = shelf.get(this.key)
    if (kept !== null && kept !== this.served) drawer.add(this.drawer, kept)
    this.isLoaded = false
    setShown('loaded-note', false)
    history.replaceState(null, '', forgetAttempt(location.href))
    for (const field of document.querySelectorAll('[data-names-code]')) field.value = ''
  }

  save() {
    clearTimeout(this.timer)
    this.timer = 0
    shelf.set(this.key, this.area.value)
  }

  /** Save now what a pause in typing would have saved. */
  flush() {
    if (this.timer) this.save()
  }

  /** Keep nothing of what is in the editor. */
  drop() {
    clearTimeout(this.timer)
    this.timer = 0
    if (!this.isLoaded) shelf.drop(this.key)
  }

  markStale() {
    document.querySelector('#run[data-submission]')?.toggleAttribute('data-stale', this.area.value !== this.sent)
  }

  onSent(response) {
    if (!response.ok) return
    // A file was graded: what is in the editor was not, and the page that comes shows the file.
    if (hasFile(this.area.form) && this.area.value !== this.sent) drawer.add(this.drawer, this.area.value)
    this.sent = this.sending
    setShown('draft-note', false)
    setShown('loaded-note', false)
    if (this.area.value === this.sent) this.drop()
  }

  discard() {
    this.write(this.served)
    this.drop()
    setShown('draft-note', false)
    say('The draft was discarded.')
  }

  write(text) {
    if (this.view) this.view.dispatch({ changes: { from: 0, to: this.view.state.doc.length, insert: text } })
    else this.area.value = text
    this.markStale()
  }

  async edit() {
    const { attach } = await import('./editor.js')
    const button = this.area.form.querySelector('button[data-grade]')
    this.view = attach(this.area, {
      onRun: () => this.area.form.requestSubmit(button),
      onSave: () => { this.save(); say('Draft kept on this device.') },
      label: this.area.labels[0]?.textContent ?? 'Python code',
    })
    // The label's own target is hidden now; a click on it should still lead into the code.
    this.area.labels[0]?.addEventListener('click', () => this.view.focus())
  }
}

// ── Clock: <span data-seconds="1043"> counts down; the server decides, the page only shows ─────

const GRACE_S = 2 // so that the page does not ask before the server has closed the attempt

/** Send at the last moment what was chosen or typed; the server takes it for a little longer. */
function sendLast(question) {
  const form = document.querySelector(`#${CSS.escape(question)} form[data-answer]`)
  if (form?.checkValidity() && findSend(form)) form.requestSubmit(findSend(form))
}

function tick(clock) {
  const whole = Number(clock.dataset.seconds)
  const end = performance.now() + whole * 1000
  let isSent = whole <= 0
  const draw = () => {
    if (!clock.isConnected) return
    const left = Math.ceil((end - performance.now()) / 1000)
    const shown = Math.max(0, left)
    clock.textContent = `${Math.floor(shown / 60)}:${String(shown % 60).padStart(2, '0')}`
    if (left === 60 && whole > 60) say('One minute left.')
    if (left === 10 && whole > 10) say('Ten seconds left.')
    if (left <= 0 && !isSent) { // a busy page may skip a second
      isSent = true
      if (clock.dataset.sends) sendLast(clock.dataset.sends)
    }
    if (left <= -GRACE_S) location.reload()
    else setTimeout(draw, 1000)
  }
  draw()
}

/** Write a moment of the day as a clock on the reader's wall shows it; without script it is in UTC. */
function localise(moment) {
  const parts = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }
  moment.textContent = new Intl.DateTimeFormat([], parts).format(new Date(moment.dateTime))
}

// ── What is too wide scrolls sideways in its frame, and then the keyboard must get to it ─────────

/** Measure all before anything is changed: the page is laid out once, not once for each. */
function reach(frames) {
  const wide = frames.filter((frame) => frame.scrollWidth > frame.clientWidth)
  for (const frame of frames) {
    if (wide.includes(frame)) frame.tabIndex = 0
    else frame.removeAttribute('tabindex')
  }
}

const widths = new ResizeObserver((entries) => reach(entries.map(({ target }) => target)))

function watchWidths(frames) {
  reach(frames) // the observer reports a little later
  frames.forEach((frame) => widths.observe(frame))
}

// ── Start ──────────────────────────────────────────────────────────────────────────────────────

function enhance(root) {
  const find = (selector) => [...(root.matches?.(selector) ? [root] : []), ...root.querySelectorAll(selector)]
  find('[data-poll]').forEach(poll)
  find('[data-seconds]').forEach(tick)
  find('time[data-local]').forEach(localise)
  find('fieldset[data-lines]:enabled').forEach((set) => new Lines(set))
  find('fieldset[data-blanks]:enabled').forEach((set) => new Blanks(set))
  watchWidths(find('pre, .scroll, math[display="block"]'))
  return find('textarea[data-draft]').map((area) => {
    const bench = new Workbench(area)
    bench.restore()
    return bench.edit()
  })
}

if (reader) { // the author's own page has none
  watchReader()
  tidyDrafts()
}
try {
  await Promise.all(enhance(document))
} finally {
  page.dataset.ready = '' // without the editor the textarea is still there
}
