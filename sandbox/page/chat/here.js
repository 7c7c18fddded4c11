// Whose chat is open, and with whom. `chat.js` alone changes it.

export const here = { user: null, peer: null };

// A path of the control API about the open chat.
export const chatPath = (rest = "") => `/control/users/${here.user.id}/chats/${here.peer.id}${rest}`;

// Whether bots and people talk there in private.
export const isPrivate = () => here.peer.id > 0;
