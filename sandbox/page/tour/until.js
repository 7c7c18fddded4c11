// What ticks a step: something that has really happened, after what ticked the step before.

const ms = (time) => Date.parse(time);
const timeOf = (message) => message.edited_at ?? message.date;

// From when on things count for a tour that begins now, by the sandbox's own clock.
export function beginning(events, messages) {
  const times = [...events.map(({ at }) => at), ...messages.map(timeOf)];
  times.sort((one, other) => ms(one) - ms(other));
  return { event: events.at(-1)?.id ?? 0, at: times.at(-1) ?? "1970-01-01T00:00:00Z" };
}

// When it happened, as the beginning of what comes next; null while it has not.
export function met(until, since, events, messages) {
  return until.event ? byEvent(until, since, events) : byMessage(until, since, messages);
}

function byEvent({ event: kind, user, words }, since, events) {
  const found = events.find((event) =>
    event.id > since.event && ms(event.at) >= ms(since.at) && event.kind === kind
    && (!user || event.users.includes(user)) && (!words || event.words.startsWith(words)));
  return found ? { event: found.id, at: found.at } : null;
}

function byMessage({ message: words, key }, since, messages) {
  const found = messages.find((message) =>
    !message.out && ms(timeOf(message)) >= ms(since.at) && message.text.includes(words)
    && (!key || message.buttons.flat().some(({ text }) => text.includes(key))));
  return found ? { ...since, at: timeOf(found) } : null;
}
