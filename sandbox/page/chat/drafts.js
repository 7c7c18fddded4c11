// What was being typed in each chat when one left it, by the chat's path.

const drafts = new Map();

export const draftOf = (path) => drafts.get(path) ?? "";
export const keepDraft = (path, text) => drafts.set(path, text);

// Texts that belong together, one below the other.
export const joined = (...texts) => texts.filter(Boolean).join("\n");
