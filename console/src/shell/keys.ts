import { useEffect } from 'react'

/** What a key does, wherever nobody types. Two keys after another are written `g m`. */
export type KeyMap = Readonly<Record<string, () => void>>

const SEQUENCE_MS = 1_200

export function useKeys(map: KeyMap): void {
  useEffect(() => {
    let before = ''
    let beforeAt = 0
    const onKey = (event: KeyboardEvent) => {
      if (event.altKey || isTyping(event.target) || document.querySelector('dialog[open]') !== null) return
      const key = `${event.ctrlKey || event.metaKey ? 'ctrl+' : ''}${event.key}`
      const pair = event.timeStamp - beforeAt < SEQUENCE_MS ? `${before} ${key}` : ''
      const act = map[pair] ?? map[key]
      before = key
      beforeAt = event.timeStamp
      if (act === undefined) return
      event.preventDefault()
      act()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [map])
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && target.closest('input, textarea, select, [contenteditable]') !== null
  )
}
