/** Names for views and requests. */

/** A name that no other page has. `randomUUID` is missing where a page is not served securely. */
export function randomName() {
  return Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(36)).join("");
}
