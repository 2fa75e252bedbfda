// A WebSocket that comes back: exponential waits with full jitter, at once when the network or the reader returns.

const FIRST_WAIT = 500;
const LONGEST_WAIT = 30_000;
const STEADY_AFTER = 5_000; // open for so long, the next failure starts again from the first wait
const BEAT = 45_000; // API Gateway closes after ten idle minutes; a dead network is found sooner
const SILENCE = 15_000; // no word at all after a beat: the connection is dead

export class LiveSocket {
  /** `address()` gives {url, protocols} for each attempt (a ticket is used once); it may throw, and is tried again. */
  constructor({ address, frame, state }) {
    this.address = address;
    this.frame = frame;
    this.state = state;
    this.socket = null;
    this.failures = 0;
    this.timer = null;
    this.beat = null;
    this.wanted = false;
    this.wake = () => { if (this.wanted && !this.socket && document.visibilityState === "visible") this.#connect(); };
    this.lost = () => this.#drop();
  }

  get open() { return this.socket?.readyState === WebSocket.OPEN; }

  start() {
    if (this.wanted) return;
    this.wanted = true;
    addEventListener("online", this.wake);
    addEventListener("offline", this.lost);
    document.addEventListener("visibilitychange", this.wake);
    this.#connect();
  }

  stop() {
    this.wanted = false;
    removeEventListener("online", this.wake);
    removeEventListener("offline", this.lost);
    document.removeEventListener("visibilitychange", this.wake);
    clearTimeout(this.timer);
    this.#drop();
  }

  /** Send if the line is open; the caller keeps what must not be lost. */
  send(frame) {
    if (!this.open) return false;
    this.socket.send(JSON.stringify(frame));
    return true;
  }

  /** The server does not know this connection any more: make another. */
  again() { this.#drop(); }

  async #connect() {
    clearTimeout(this.timer);
    const attempt = {};
    this.socket = attempt; // marks "connecting" while the address is fetched
    this.state("connecting");
    let socket;
    try {
      const { url, protocols } = await this.address();
      if (this.socket !== attempt) return;
      socket = new WebSocket(url, protocols);
    } catch (error) {
      if (this.socket === attempt) this.#closed(attempt, error?.final === true);
      return;
    }
    this.socket = socket;
    let opened = 0;
    socket.addEventListener("open", () => {
      opened = Date.now();
      this.#listen(socket);
      this.state("open");
    });
    socket.addEventListener("message", (event) => {
      this.heard = Date.now();
      let frame = null;
      try { frame = JSON.parse(event.data); } catch { return; }
      if (frame && typeof frame === "object") this.frame(frame);
    });
    socket.addEventListener("close", () => {
      if (opened && Date.now() - opened > STEADY_AFTER) this.failures = 0;
      this.#closed(socket, false);
    });
  }

  #listen(socket) {
    clearInterval(this.beat);
    this.heard = Date.now();
    this.beat = setInterval(() => {
      const asked = Date.now();
      if (!this.send({ type: "ping" })) return;
      setTimeout(() => { if (this.socket === socket && this.heard < asked) this.#drop(); }, SILENCE);
    }, BEAT);
  }

  #drop() {
    const socket = this.socket;
    if (!socket) return;
    if (socket instanceof WebSocket) socket.close();
    this.#closed(socket, false); // a dead network never says "close"
  }

  #closed(socket, final) {
    if (this.socket !== socket) return;
    this.socket = null;
    clearInterval(this.beat);
    if (final) this.wanted = false;
    this.state(this.wanted ? "closed" : "stopped");
    if (!this.wanted) return;
    const longest = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.failures);
    this.failures += 1;
    this.timer = setTimeout(() => this.#connect(), 100 + Math.random() * longest);
  }
}
