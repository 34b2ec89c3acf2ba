const textInputs = new Set(['text', 'search', 'number', 'email', 'url', 'password', 'tel']);

/** @returns whether keys pressed in `element` write text or choose from a list, so that single letters belong to it */
export function takesText(element: Element): boolean {
  if (element instanceof HTMLInputElement) return textInputs.has(element.type);
  if (element instanceof HTMLTextAreaElement || element instanceof HTMLSelectElement) return true;
  return element instanceof HTMLElement && element.isContentEditable;
}

const pressed = ['Space', 'Enter'];
const arrows = ['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown', 'Home', 'End', 'PageUp', 'PageDown'];

/** Keys that a control of a role uses itself (ARIA Authoring Practices). */
const keysByRole: Readonly<Record<string, readonly string[]>> = {
  button: pressed,
  switch: pressed,
  checkbox: pressed,
  link: ['Enter'],
  radio: [...pressed, ...arrows],
  slider: arrows,
  scrollbar: arrows,
};

const rolesByTag: Readonly<Record<string, string>> = { BUTTON: 'button', A: 'link', SUMMARY: 'button' };

/**
 * Whether the key belongs to the focused control and not to a command. Buttons do not take focus by mouse in this window
 * (see `ui/Button.svelte`), so a focused one was reached by keyboard and its user expects Space to press it.
 * @param code       `KeyboardEvent.code`
 * @param modified   Ctrl, Cmd or Alt is held: such keys are commands everywhere
 */
export function keepsKey(element: Element | null, code: string, modified: boolean): boolean {
  // The waveforms are a slider to a screen reader, but it is the commands that move it.
  if (!element || modified || element.hasAttribute('data-commands')) return false;
  if (takesText(element)) return code !== 'Escape' && !code.startsWith('F');
  const role = element.getAttribute('role') ?? rolesByTag[element.tagName];
  return role !== undefined && (keysByRole[role]?.includes(code) ?? false);
}
