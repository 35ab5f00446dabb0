/**
 * Connects the page to the kernel before Jupyter's own client is loaded, which takes seconds on a slow machine. Sends
 * and receives widget messages over a WebSocket. The page opens it before this script is there; when it breaks, a new
 * one is opened.
 */

const PROTOCOL = "v1.kernel.websocket.jupyter.org";

const FIRST_WAIT = 500;
const LONGEST_WAIT = 10000;

/** Milliseconds without a word, while one is awaited, after which another WebSocket is tried. */
const LONGEST_SILENCE = 30000;

/** Messages kept for a WebSocket that is not open yet. */
const MOST_KEPT = 50;

/** A name that no other page has. `randomUUID` is missing where a page is not served securely. */
export function randomName() {
  const parts = crypto.getRandomValues(new Uint32Array(4));
  return Array.from(parts, (part) => part.toString(16).padStart(8, "0")).join("");
}

/** One message as Jupyter's protocol packs it: how many offsets, the offsets, then the parts that lie between them. */
function pack(parts) {
  const encoder = new TextEncoder();
  const bytes = parts.map((part) => encoder.encode(part));
  const head = 8 * (bytes.length + 2);
  const packed = new Uint8Array(bytes.reduce((sum, part) => sum + part.length, head));
  const table = new DataView(packed.buffer);
  table.setBigUint64(0, BigInt(bytes.length + 1), true);
  let at = head;
  bytes.forEach((part, place) => {
    table.setBigUint64(8 * (place + 1), BigInt(at), true);
    packed.set(part, at);
    at += part.length;
  });
  table.setBigUint64(8 * (bytes.length + 1), BigInt(at), true);
  return packed;
}

/** The header, the content and the buffers of a packed message. */
function unpack(packed) {
  const table = new DataView(packed);
  const count = Number(table.getBigUint64(0, true));
  const offset = (place) => Number(table.getBigUint64(8 * (place + 1), true));
  const part = (place) => new DataView(packed, offset(place), offset(place + 1) - offset(place));
  const text = (place) => JSON.parse(new TextDecoder().decode(part(place)));
  const buffers = [];
  for (let place = 5; place < count - 1; place++) buffers.push(part(place));
  return { header: text(1), content: text(4), buffers };
}

export class PageSocket {
  /**
   * @param {{ heard: (id: string, comm: string, data: any, buffers: DataView[]) => void,
   *   opened: (again: boolean) => void }} on
   */
  constructor(on) {
    this.on = on;
    // The page opened the first WebSocket before this script was there.
    const { session, socket, url } = window.procwidgetEarly;
    this.session = session;
    this.address = url;
    this.wait = FIRST_WAIT;
    this.kept = [];
    this.closed = false;
    /** Whether a WebSocket was ever open, whether one is, and whether one was refused. */
    this.wasOpen = this.isOpen = this.failed = false;
    /** Milliseconds since when a word is awaited. */
    this.awaited = performance.now();
    this.timer = 0;
    this.watch = window.setInterval(() => this.#hurry(), 1000);
    this.#use(socket);
  }

  #open() {
    const socket = new WebSocket(this.address, [PROTOCOL]);
    socket.binaryType = "arraybuffer";
    this.#use(socket);
  }

  /** @param {WebSocket} socket */
  #use(socket) {
    this.awaited = performance.now();
    this.socket = socket;
    const opened = () => {
      const again = this.wasOpen;
      this.isOpen = this.wasOpen = true;
      this.failed = false;
      this.kept.splice(0).forEach(({ comm, data }) => this.send(comm, data));
      this.on.opened(again);
    };
    socket.onmessage = ({ data }) => {
      if (!(data instanceof ArrayBuffer)) return;
      const { header, content, buffers } = unpack(data);
      if (header.msg_type !== "comm_msg") return;
      this.awaited = performance.now();
      this.wait = FIRST_WAIT;
      this.on.heard(header.msg_id, content.comm_id, content.data, buffers);
    };
    socket.onclose = () => this.#again();
    // What happened to one that was opened earlier is not told again; whoever made this object is to have it first.
    if (socket.readyState === WebSocket.OPEN) queueMicrotask(opened);
    else if (socket.readyState === WebSocket.CLOSED) queueMicrotask(socket.onclose);
    else socket.onopen = opened;
  }

  #again() {
    this.failed ||= !this.isOpen;
    this.isOpen = false;
    if (this.closed || this.timer) return;
    this.timer = window.setTimeout(() => {
      this.timer = 0;
      this.#open();
    }, this.wait);
    this.wait = Math.min(2 * this.wait, LONGEST_WAIT);
  }

  /** Try another WebSocket when nothing comes on this one; of a hidden page nothing is awaited. */
  #hurry() {
    if (document.hidden) this.awaited = performance.now();
    if (this.timer || performance.now() - this.awaited < LONGEST_SILENCE) return;
    this.awaited = performance.now();
    this.socket.onclose = this.socket.onmessage = null;
    this.socket.close();
    this.#again();
  }

  /**
   * @param {string} comm whom it is for
   * @param {object} data
   */
  send(comm, data) {
    if (!this.isOpen) {
      if (this.kept.length < MOST_KEPT) this.kept.push({ comm, data });
      return;
    }
    const header = {
      msg_id: randomName(),
      msg_type: "comm_msg",
      session: this.session,
      username: "",
      date: new Date().toISOString(),
      version: "5.4",
    };
    const parts = [header, {}, {}, { comm_id: comm, data }].map((part) => JSON.stringify(part));
    this.socket.send(pack(["shell", ...parts]));
  }

  /** Close it and return what was not sent. */
  close() {
    this.closed = true;
    window.clearTimeout(this.timer);
    window.clearInterval(this.watch);
    this.socket.onclose = this.socket.onmessage = null;
    this.socket.close();
    return this.kept.splice(0);
  }
}
