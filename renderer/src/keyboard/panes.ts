/**
 * F6: moves the focus to the next part of the window, as desktop programs do. It also leads out of the waveforms, where Tab has another
 * meaning. Parts are the elements with `data-pane`, in document order; the first thing in them that can be focused gets the focus.
 * @returns false when there is nowhere to go
 */
export function focusPane(step: 1 | -1): boolean {
  const panes = [...document.querySelectorAll<HTMLElement>('[data-pane]')].filter(
    (pane) => firstFocusable(pane) !== null,
  );
  if (panes.length === 0) return false;
  const current = panes.findIndex((pane) => pane.contains(document.activeElement));
  const start = current === -1 && step === -1 ? 0 : current;
  const next = panes[(start + step + panes.length) % panes.length];
  if (next) firstFocusable(next)?.focus();
  return true;
}

function firstFocusable(pane: HTMLElement): HTMLElement | null {
  if (pane.matches('[tabindex="0"]')) return pane;
  const anything =
    'button:not(:disabled):not([tabindex="-1"]), select:not(:disabled), summary, [tabindex="0"]';
  // In a list one wants to be where one was.
  return (
    pane.querySelector<HTMLElement>('[aria-current="true"]') ?? pane.querySelector<HTMLElement>(anything)
  );
}
