// What script adds to the preview: the page loads itself anew when the file was saved. It asks with
// the mark of what it shows, so a file that stays broken is shown once and not again and again.

const { mark, state } = document.body.dataset
const UNFOLDED = 'preview-unfolded'
const SAVED = 'preview-saved'
const QUICK_MS = 500
const PAUSE_MS = 1000

const kept = {
  get(key) { try { return sessionStorage.getItem(key) } catch { return null } },
  set(key, value) { try { sessionStorage.setItem(key, value) } catch { /* nothing kept */ } },
}

function listDetails() {
  return [...document.querySelectorAll('main details[id]')]
}

/** Unfold what was unfolded before the page was loaded anew, and note what is from now on. */
function restoreDetails() {
  const ids = JSON.parse(kept.get(UNFOLDED) ?? '[]')
  for (const id of ids) document.getElementById(id)?.setAttribute('open', '')
  document.addEventListener('toggle', () => {
    kept.set(UNFOLDED, JSON.stringify(listDetails().filter((one) => one.open).map((one) => one.id)))
  }, true)
}

function unfoldAll() {
  const keys = listDetails().filter((one) => one.matches('.key'))
  const isOpen = keys.every((one) => one.open)
  for (const one of keys) one.open = !isOpen
}

function tellNews() {
  if (kept.get(SAVED) !== 'yes') return
  kept.set(SAVED, 'no')
  setTimeout(() => { document.getElementById('live').textContent = `Read anew: ${state}.` }, 100)
}

/** Return the file's mark now; null where nobody answers. */
async function ask() {
  try {
    const response = await fetch(`/mark?seen=${encodeURIComponent(mark)}`)
    return response.ok ? (await response.json()).mark : null
  } catch {
    return null // the server is gone; it may come back
  }
}

async function watch() {
  for (;;) {
    const askedAt = performance.now()
    const now = await ask()
    document.getElementById('away').hidden = now !== null
    if (now !== null && now !== mark) { kept.set(SAVED, 'yes'); location.reload(); return }
    if (performance.now() - askedAt < QUICK_MS) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
  }
}

restoreDetails()
tellNews()
document.getElementById('unfold')?.addEventListener('click', unfoldAll)
watch()
