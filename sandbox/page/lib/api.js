// Asking the sandbox, and listening to it.

const FIRST_RETRY_MS = 300;
const LONGEST_RETRY_MS = 5000;

// The answer's JSON. Throws an Error whose message is the server's sentence.
export async function ask(path, body, method = body ? "POST" : "GET") {
  const options = { method };
  if (body) {
    options.headers = { "Content-Type": "application/json" };
    options.body = JSON.stringify(body);
  }
  const response = await fetch(path, options).catch(() => {
    throw new Error("The sandbox does not answer.");
  });
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(answer.error ?? `The sandbox answered ${response.status}.`);
  return answer;
}

// A WebSocket that comes back by itself. `onMessage` gets parsed JSON; `onState(true)` follows each
// connect, `onState(false)` each loss. After `close()` nothing is called any more.
export function live(path, { onMessage, onState = () => {} }) {
  let socket;
  let timer;
  let retryMs = FIRST_RETRY_MS;
  let isClosed = false;

  function connect() {
    socket = new WebSocket(path);
    socket.onopen = () => {
      retryMs = FIRST_RETRY_MS;
      if (!isClosed) onState(true);
    };
    socket.onmessage = (event) => {
      if (!isClosed) onMessage(JSON.parse(event.data));
    };
    socket.onclose = () => {
      if (isClosed) return;
      onState(false);
      timer = setTimeout(connect, retryMs);
      retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS);
    };
  }

  connect();
  return {
    close() {
      isClosed = true;
      clearTimeout(timer);
      socket.close();
    },
  };
}
