/**
 * Makes and changes elements of the page. Text only ever becomes text nodes, never markup, so nothing that a process is
 * called can become part of the page.
 */

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
 * @param {string} label
 * @param {() => void} act called at a click
 * @param {Record<string, string | boolean>} [attributes] besides its type and its usual class
 */
export function button(label, act, attributes = {}) {
  const made = element("button", { type: "button", class: "pw-button", ...attributes }, label);
  made.addEventListener("click", act);
  return made;
}

/**
 * @param {string} tag of SVG
 * @param {Record<string, string>} attributes
 */
export function svg(tag, attributes) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) {
    made.setAttribute(name, value);
  }
  return made;
}

let ids = 0;

/**
 * An id that no other element of ours on the page has.
 * @param {string} name what it is an id of
 */
export function uniqueId(name) {
  return `pw-${name}-${++ids}`;
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
 * Disable a control in a cell, or enable it. A control with the focus would lose it to nowhere when it is disabled, so
 * the focus moves to the cell first.
 * @param {HTMLButtonElement | HTMLInputElement} control
 * @param {boolean} disabled
 */
export function setDisabled(control, disabled) {
  if (control.disabled !== disabled) {
    if (disabled && control === document.activeElement) {
      control.parentElement?.focus();
    }
    control.disabled = disabled;
  }
}

/**
 * Whether an event happened on something that has a use of its own for keys.
 * @param {EventTarget | null} target
 */
export function isControl(target) {
  return target instanceof Element && target.closest("button, input, a") !== null;
}

/**
 * Whether the focus moved out of an element.
 * @param {HTMLElement} element
 * @param {EventTarget | null} to what has the focus now, null when nothing has
 */
export function isOutside(element, to) {
  return !(to instanceof Node && element.contains(to));
}

/**
 * Hide or show an element unless it is so already; `hidden` written anyway would have the browser look at its style.
 * @param {HTMLElement} target
 * @param {boolean} hidden
 */
export function setHidden(target, hidden) {
  setAttribute(target, "hidden", hidden ? "" : null);
}

/** Whether this page was opened to look only: the server takes nothing else from it. */
export function looksOnly() {
  return document.body.dataset["lookOnly"] === "true";
}
