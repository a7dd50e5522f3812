// The code editor: CodeMirror 6 in a shadow root, so that its style sheets need no exception in the
// Content-Security-Policy. Colours are the page's custom properties, which cross the shadow border.
// Built with `npm ci --ignore-scripts && npm run build`; the result is committed.
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands'
import { python } from '@codemirror/lang-python'
import {
  bracketMatching, HighlightStyle, indentOnInput, indentUnit, syntaxHighlighting,
} from '@codemirror/language'
import { EditorState } from '@codemirror/state'
import {
  drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers,
} from '@codemirror/view'
import { tags } from '@lezer/highlight'

const highlighting = HighlightStyle.define([
  {
    tag: [tags.keyword, tags.operatorKeyword, tags.controlKeyword, tags.definitionKeyword, tags.moduleKeyword],
    color: 'var(--code-keyword)',
  },
  { tag: [tags.string, tags.special(tags.string)], color: 'var(--code-string)' },
  { tag: [tags.number, tags.bool, tags.null, tags.meta], color: 'var(--code-number)' },
  { tag: tags.comment, color: 'var(--code-comment)', fontStyle: 'italic' },
  {
    tag: [tags.function(tags.definition(tags.variableName)), tags.definition(tags.className), tags.className],
    color: 'var(--code-name)',
  },
  { tag: tags.invalid, color: 'var(--code-error)' },
])

const theme = EditorView.theme({
  '&': { color: 'var(--ink)', backgroundColor: 'var(--field)' },
  '.cm-scroller': { lineHeight: '1.55', minHeight: '14rem', maxHeight: 'max(14rem, 70vh)' },
  '.cm-content': { caretColor: 'var(--ink)', fontFamily: 'var(--mono)', padding: '0.75rem 0', minHeight: '14rem' },
  // As high as the box, not as the text: the editor's own 100 % is of a height that is not fixed.
  '.cm-gutters': {
    height: 'auto', alignSelf: 'stretch',
    backgroundColor: 'var(--sunken)', color: 'var(--soft)', border: 'none', fontFamily: 'var(--mono)',
  },
  '.cm-activeLine': { backgroundColor: 'color-mix(in srgb, var(--accent) 7%, transparent)' },
  '&.cm-focused': { outline: '3px solid var(--accent)', outlineOffset: '1px' },
  '.cm-cursor': { borderLeftColor: 'var(--ink)', borderLeftWidth: '2px' },
  '.cm-selectionBackground, &.cm-focused .cm-selectionBackground': {
    background: 'color-mix(in srgb, var(--accent) 28%, transparent) !important',
  },
  '&.cm-focused .cm-matchingBracket': { outline: '1px solid var(--accent)', backgroundColor: 'transparent' },
})

/**
 * Type over a selection ourselves: the browser would carry its style along in a style attribute,
 * which the page's policy refuses.
 */
function typeOver(event, view) {
  const isPlain = event.inputType === 'insertText' && event.data !== null && event.cancelable
  if (!isPlain || view.composing || view.state.selection.main.empty) return false
  event.preventDefault()
  view.dispatch(view.state.replaceSelection(event.data), { userEvent: 'input.type', scrollIntoView: true })
  return true
}

/**
 * Put an editor in place of a textarea, which stays in the form and carries the text.
 *
 * @param {HTMLTextAreaElement} area what was typed so far is taken over, focus included
 * @param {{onRun: () => void, onSave: () => void, label: string}} options
 * @returns {EditorView}
 */
export function attach(area, { onRun, onSave, label }) {
  const host = document.createElement('div')
  host.className = 'editor'
  area.after(host)
  const root = host.attachShadow({ mode: 'open' })
  const carry = (update) => {
    if (!update.docChanged) return
    area.value = update.state.doc.toString()
    area.dispatchEvent(new Event('input', { bubbles: true }))
  }
  const keys = [
    { key: 'Mod-Enter', run: () => { onRun(); return true } },
    { key: 'Mod-s', run: () => { onSave(); return true } },
    ...defaultKeymap, ...historyKeymap, indentWithTab,
  ]
  const state = EditorState.create({
    doc: area.value,
    extensions: [
      lineNumbers(), history(), drawSelection(), highlightActiveLine(), indentOnInput(), bracketMatching(),
      indentUnit.of('    '), EditorState.tabSize.of(4), syntaxHighlighting(highlighting), theme, python(),
      EditorView.lineWrapping, keymap.of(keys), EditorView.updateListener.of(carry),
      EditorView.domEventHandlers({ beforeinput: typeOver }),
      EditorView.contentAttributes.of({
        'aria-label': label,
        'aria-description': 'Escape, then Tab, leaves the editor. Control Enter grades.',
        tabindex: '0',
      }),
    ],
  })
  const hadFocus = document.activeElement === area
  const view = new EditorView({ root, parent: root, state })
  area.hidden = true
  if (hadFocus) view.focus()
  return view
}
