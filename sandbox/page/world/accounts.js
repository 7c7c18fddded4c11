// The accounts: people, with their lights as the data centre sees them.

import { ask } from "../lib/api.js";
import { element } from "../lib/dom.js";
import { account } from "./account.js";
import { keyed } from "./keyed.js";
import { none, section } from "./section.js";

const MANY = 8;

export function accounts() {
  const find = element("input", { type: "search", placeholder: "Name or phone number", ariaLabel: "Find an account" });
  const list = element("ul", { className: "accounts" });
  const empty = none("There is nobody.");
  const more = none("");
  const part = section("accounts", "Accounts", {}, find, list, empty, more);
  const follow = keyed(list, ({ id }) => id, account);
  let world = null;
  let found = null;

  const render = () => {
    const wanted = find.value.trim().toLowerCase();
    const isWhole = world.accounts.length >= world.account_count;
    const known = wanted && !isWhole && found?.wanted === wanted ? found.accounts : world.accounts;
    const chosen = known.filter((each) => matches(each, wanted));
    find.hidden = world.account_count <= MANY && !wanted;
    empty.hidden = chosen.length > 0;
    empty.textContent = wanted ? "Nobody is called that." : "There is nobody.";
    more.hidden = isWhole || Boolean(wanted);
    more.textContent = `${world.account_count - world.accounts.length} more: find them by name.`;
    follow(chosen.map((each) => ({ ...each, faults: world.faults.filter(({ user }) => user === each.id) })));
    if (wanted && !isWhole) lookFor(wanted);
  };
  // The list is bounded: who is not in it is asked for.
  const lookFor = async (wanted) => {
    if (found?.wanted === wanted && Date.now() - found.at < 1000) return;
    found = { wanted, at: Date.now(), accounts: found?.wanted === wanted ? found.accounts : [] };
    const answer = await ask(`/control/world?${new URLSearchParams({ find: wanted })}`).catch(() => null);
    if (!answer || found.wanted !== wanted) return;
    found.accounts = answer.accounts;
    render();
  };
  find.oninput = () => world && render();

  return {
    node: part.node,
    show(snapshot) {
      world = snapshot;
      const { on, held, off } = world.lights;
      part.tell(`${on + held} connected${off ? `, ${off} not` : ""}`, off ? "bad" : "");
      render();
    },
  };
}

function matches({ name, username, phone }, wanted) {
  const bare = wanted.replace(/^[@+]/, "");
  return [name, username, phone].some((each) => each?.toLowerCase().includes(bare));
}
