/** Names, attributes and children enter, elements leave. Text only ever becomes text nodes, never markup. */

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, string | boolean>} [attributes] false leaves one out
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false) {
      made.setAttribute(name, value === true ? "" : value);
    }
  }
  made.append(...children);
  return made;
}

/**
 * Set an element's text unless it is that already; writing it anyway would cost a layout.
 * @param {HTMLElement} target
 * @param {string} text
 */
export function setText(target, text) {
  if (target.textContent !== text) {
    target.textContent = text;
  }
}

/**
 * Set or, with null, remove an attribute unless it is so already.
 * @param {Element} target
 * @param {string} name
 * @param {string | null} value
 */
export function setAttribute(target, name, value) {
  if (target.getAttribute(name) === value) {
    return;
  }
  if (value === null) {
    target.removeAttribute(name);
  } else {
    target.setAttribute(name, value);
  }
}

/**
 * Hide or show an element unless it is so already; `hidden` written anyway would have the browser look at its style.
 * @param {HTMLElement} target
 * @param {boolean} hidden
 */
export function setHidden(target, hidden) {
  setAttribute(target, "hidden", hidden ? "" : null);
}
