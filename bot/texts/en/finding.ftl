## The list of accounts

list = <b>Accounts</b> – { $words }: { $total }{ $page }
list-page = , page { $page } of { $pages }
list-line = { $light } /a{ $number } { $account } – { $state }{ $tags }
list-tags = {" "}· 🏷 { $tags }
list-nobody = There are none.
list-which-all = all
list-which-on = connected
list-which-bad = in trouble
list-which-off = stopped
list-by-p = , on { $name }
list-by-c = , in { $name }
list-by-t = , tagged { $name }
list-by-s = , found for “{ $name }”
list-button-all = 👥 All { $count }
list-button-on = 🟢 Connected { $count }
list-button-bad = 🔴 Trouble { $count }
list-button-off = ⚪ Stopped { $count }
list-button-proxy = 🌐 By proxy
list-button-country = 🌍 By country
list-button-tag = 🏷 By tag
list-button-everybody = ✖️ Not only these
list-button-act = ⚙️ Act on { $count ->
    [one] this one
   *[other] these { $count }
 }
list-button-group = { $name } ({ $count })
list-button-to-list = ‹ Accounts
list-narrow-p = Accounts on which proxy?
list-narrow-c = Accounts in which country?
list-narrow-t = Accounts with which tag?
list-no-proxies = No account has a proxy yet.
list-no-countries = I know the country of no account: neither it nor its proxy has one. A proxy’s card sets it.
list-no-tags = No account has a tag yet. Open the list, press “Act on these”, then “Tag”.
list-gone = What that list was narrowed by is not there any more; here are all.
card-names = Also: { $names }
card-tags = 🏷 { $tags }

## Searching

search-none = I found no account for “{ $text }”. I look at labels, @usernames, names and the last digits of numbers.
send-called = Send as which of those called “{ $text }”?
account-usage = Which account? For example <code>/account 17</code>, <code>/account @ann</code>, a label, a name, a number with + or its last digits. Without the command works too: just send it.
account-none-numbered = There is no account #{ $number }.
account-forgotten = { $account } was forgotten here. For 30 days it can be taken back.
reconnect-usage = <code>/reconnect</code> for all that are down, <code>/reconnect 17</code> for one.

## Acts on many

group-choose = <b>Accounts – { $words }: { $total }</b>
    What shall they do? I ask before anything happens.
group-none = { $total ->
    [0] There are no such accounts now.
    [one] For that one account this would change nothing.
   *[other] For none of these { $total } accounts this would change anything.
 }
reconnect-none-down = { $connecting ->
    [0] All accounts that should be connected are.
    [one] No account is down; one is just connecting.
   *[other] No account is down; { $connecting } are just connecting.
 }
reconnect-none-fits = { $total ->
    [one] Reconnecting does not help the one that is down: it needs a login, is banned, or Telegram makes it wait. The list says which.
   *[other] Reconnecting helps none of these { $total }: they need a login, are banned, or Telegram makes them wait. The list says which.
 }
group-changed = That list is another one now. Look again, please:
group-redo = 🔌 Reconnect { $count }
group-run = ▶️ Start { $count }
group-stop = ⏹ Stop { $count }
group-tag = 🏷 Tag { $count }
group-move = 🚚 Move { $count }
group-now-redo = 🔌 Reconnect { $count ->
    [one] it
   *[other] them
 }
group-now-run = ▶️ Start { $count ->
    [one] it
   *[other] them
 }
group-now-sure = ▶️ Nothing else uses { $count ->
    [one] it, start it
   *[other] them, start all
 }
group-now-others = ▶️ Start only the other { $count }
group-now-stop = ⏹ Stop { $count ->
    [one] it
   *[other] them
 }
group-now-tag = 🏷 Tag { $count ->
    [one] it
   *[other] them
 }
group-now-move = 🚚 Move { $count ->
    [one] it
   *[other] them
 }
group-ask-redo = 🔌 <b>Reconnect { $count ->
    [one] one account
   *[other] { $count } accounts
 }?</b>
    { $count ->
    [one] It drops
   *[other] Each drops
 } its line and dials anew over its own proxy.
group-ask-run = ▶️ <b>Start { $count ->
    [one] one account
   *[other] { $count } accounts
 }?</b>
    { $count ->
    [one] It connects, and stays connected from now on.
   *[other] They connect, and stay connected from now on.
 }
group-ask-stop = ⏹ <b>Stop { $count ->
    [one] one account
   *[other] { $count } accounts
 }?</b>
    { $count ->
    [one] Its connection is closed, and it does not come back by itself. It stays logged in, and Start brings it back.
   *[other] Their connections are closed, all at once, and they do not come back by themselves. They stay logged in, and Start brings them back.
 }
group-ask-tag = 🏷 <b>Tag { $count ->
    [one] one account
   *[other] { $count } accounts
 }?</b>
    At once; Telegram sees nothing of it.
group-tags-get = They get: { $tags }
group-tags-lose = They lose: { $tags }
group-ask-move = 🚚 <b>Move { $count ->
    [one] one account
   *[other] { $count } accounts
 } to { $to }?</b>
    { $count ->
    [one] Then it dials anew over it.
   *[other] All of them or none; then they dial anew over it.
 }
group-pace = At most { $rate } a second dial, and only a few at a time over one proxy: that takes { $age } or more.
group-elsewhere = ⚠️ { $count ->
    [one] The session of one of them
   *[other] The sessions of { $count } of them
 } may be in use elsewhere: by the Mooring that a backup was made of, or by another program. Two live copies kill a session for good. Start them only where you know that nothing else does, nor will.
group-one-time = ⚠️ { $count } of them have a number that may never be able to log in again. Stopping does not end a session, but if Telegram ends it meanwhile, it is lost for good.
group-left-out = For { $count } more of this list it would change nothing; they stay as they are.
group-who = In the list: { $words }.
group-tag-which = 🏷 <b>Which tag for { $count ->
    [one] this account
   *[other] these { $count } accounts
 }?</b>
    Send one or several, with spaces between: letters, digits, - and _, such as <code>shop</code>. A minus before one takes it off: <code>-shop</code>.
group-tags-known = There are: { $tags }
group-tag-empty = There is no tag in that. Send one such as <code>shop</code>, or /cancel.
group-tag-long = A tag has up to 32 characters, and “{ $tag }” has more. Send a shorter one, or /cancel.
group-tag-form = A tag has only letters, digits, - and _, so “{ $tag }” is none. Send another one, or /cancel.
group-tag-many = That is more than { $most } tags at once. Send fewer, or /cancel.
group-tag-lost = That was done already, or left since. To tag these, press “Act on these” again.
group-tagged = 🏷 <b>{ $tag }</b>: given to { $count }
group-untagged = 🏷 <b>{ $tag }</b>: taken off { $count }
group-tag-same = {"; "}{ $count } had it already
group-untag-same = {"; "}{ $count } did not have it
group-tag-full = {"; "}{ $count } bear { $most } already, and more do not fit: { $who }
group-move-where = 🚚 <b>Move { $count ->
    [one] one account
   *[other] { $count } accounts
 }</b>
    Where to?
group-moved = ✅ Moved { $count ->
    [one] one account
   *[other] { $count } accounts
 } to { $to }.
group-move-none = Nothing was moved: they are there already, or gone.

## How far an order for many is

round-reconnect = 🔌 <b>Reconnecting</b>: { $done } of { $total } done
round-start = ▶️ <b>Starting</b>: { $done } of { $total } done
round-stop = ⏹ <b>Stopping</b>: { $done } of { $total } done
round-over-reconnect = 🔌 <b>Reconnected { $well } of { $total }</b>
round-over-start = ▶️ <b>Started { $well } of { $total }</b>. They connect in turns now.
round-over-stop = ⏹ <b>Stopped { $well } of { $total }</b>
round-failed = ❌ { $count }: { $reason } – { $who }
round-who-more = and { $count } more
round-more = … and { $count } more for other reasons
round-late = I stop watching here; the order stands and goes on.
round-gone = That order is not there any more; here are the accounts.
round-why-flood = Telegram asks them to wait; they connect by themselves then
round-why-parked = that does not help them as they are now
round-why-unconfirmed = their session may be in use elsewhere; press Start for this list again, it asks
round-why-gone = forgotten meanwhile
round-why-not_closed = the connection did not close in time; the order stands
round-why-interrupted = a restart of Mooring came between; order it again
round-why-overtaken = another order came after it
round-why-needs_force = their numbers may never log in again; press “Stop” on their cards: I ask there
round-why-later = not connected yet; they go on by themselves
round-why-internal = something went wrong on my side; it is in the log
round-why-down = not connected: { $reason }
