## Buttons

button-status = 📊 Status
button-accounts = 👤 Accounts
button-proxies = 🌐 Proxies
button-send = ✉️ Send
button-proxy = 🌐 Proxy
button-add-proxy = ➕ Add proxy
button-check-all = 🔄 Check all
button-all-proxies = 🌐 All proxies
button-sick-proxies = 🔴 Only trouble ({ $count })
button-costs = 💶 Costs
button-to-proxy = ‹ Proxy
button-to-proxies = ‹ Proxies
button-check = 🔄 Check
button-change = ✏️ Change address
button-force = ⚠️ Change all the same
button-another-line = ✏️ Send another line
button-move = 🚚 Move to another…
button-move-all = 🚚 Move { $count ->
    [one] its account…
   *[other] all { $count } accounts…
 }
button-least-loaded = ⚖️ The least loaded of them
button-least-loaded-each = ⚖️ Each to the least loaded of them
button-move-now = 🚚 Move
button-price = 💶 Price
button-kind = Kind
button-country = 🌍 Country
button-static = Static
button-rotating = Rotating
button-is-socks5 = It is SOCKS5
button-is-http = It is HTTP
button-remove = ✖️ Remove…
button-remove-now = ✖️ Remove it
button-use = ↩️ Use it again
button-lease = 🛒 Lease one
button-lease-now = 🛒 Lease one in { $country }
button-lease-elsewhere = 🛒 Take one elsewhere
button-other-country = Another country
button-release = Give it back…
button-release-now = Give it back
button-keep = ↩️ Keep it
button-add-account = ➕ Add account
button-refresh = 🔄 Refresh
button-reconnect = 🔌 Reconnect
button-connect = 🔌 Connect now
button-start = ▶️ Start
button-stop = ⏹ Stop (stays logged in)
button-more = More…
button-why = ❔ Why
button-forget = Forget here…
button-log-out = Log out…
button-stop-now = ⏹ Stop it
button-forget-now = Forget it here
button-log-out-now = Log it out
button-restore = ↩️ Take it back
button-account = ‹ Account
button-log-in = 🔑 Log in
button-show-phone = Show number
button-back = ‹ Back
button-previous = ‹ Previous
button-next = Next ›
button-cancel = ✖️ Cancel
button-as-account = ✅ Send as account
button-as-bot = 🤖 Send as bot
button-discard = 🗑 Discard
button-automatic = ⚖️ Automatic
button-split = ✉️ Send as { $count } messages
button-caption-after = ✉️ Send the text right after
button-edit-draft = ✏️ Edit
button-silent = 🔕 Silent
button-loud = 🔔 With sound
button-reply = ↩️ Reply to…
button-no-reply = ↩️ No reply
button-at = 🕒 Send at…
button-now = 🕒 At once
button-by-bot = 🤖 If it can’t: the bot
button-ask = ❓ If it can’t: ask
button-wait = ⏳ If it can’t: wait
button-pause = ⏸ Pause sending
button-resume = ▶️ Let sending go on
button-cancel-sending = ✖️ Don’t send
button-retry = 🔁 Retry as account
button-arrived = It arrived
button-send-again = Send again
button-send-another = ✉️ Send another
button-wait-for-account = ⏳ Wait for the account
button-details = 🔎 Details
button-less = 🔎 Less
button-edit = ✏️ Edit
button-edit-part = ✏️ Edit { $number } of { $total }
button-delete = 🗑 Delete for everyone
button-delete-now = 🗑 Delete it for everyone
button-keep-message = ↩️ Keep it
button-open = 🔗 Open
button-last = 💬 Last messages
button-card = ‹ Card
button-to-sent = ‹ Deliveries
button-resend-code = Send the code another way
button-new-code = Send a new code
button-open-private = Open the private chat
button-erase = ⌫

## Menu commands

command-start = Menu
command-status = How everything is
command-accounts = Your accounts
command-proxies = Your proxies
command-costs = What your proxies cost
command-send = Send a message
command-sent = What was sent, waits or failed
command-draft = Write a draft for the admin chat
command-pause = Hold all sending
command-resume = Let sending go on
command-fallback = What happens when an account can’t send
command-add_account = Log an account in
command-help = What I can do
command-cancel = Leave what I asked you

## Home

home = <b>Mooring</b>
    Keeps your accounts connected, each behind its own proxy.

    { $summary }
help = <b>What I can do</b>
    /status – how everything is
    /accounts – your accounts: reconnect, send, log in
    /proxies – your proxies: how they fare, change, move, add
    /costs – what they cost
    /add_account – log an account in: phone number, code, password
    /send – send a message as one of your accounts, or in one line: <code>/send @robert at 18:30 hello</code>
    /draft – the same, but its card goes to the admin chat
    /sent – what was sent, waits or failed: <code>/sent failed</code>, <code>/sent @bob</code>, <code>/sent #7</code>
    /pause, /resume – hold all sending, and let it go on
    /fallback – what happens when an account can’t send
    /cancel – leave what I asked you

    <b>The lights</b>
    🟢 connected · 🟡 connecting or trying again · ⏳ Telegram asks to wait · 🔴 needs you · ⚪ stopped or not finished
    Connected means that the line to Telegram stands. Others do not see the account as online because of it.
cancelled = OK, left.
nothing-to-cancel = There is nothing to leave. /start shows the menu.
not-understood = I don’t know what to do with that. Here is the menu:
text-expected = I need a text message here. /cancel to leave.
press-again-later = That took too long. Nothing is lost; look at /status.
stale = That has changed meanwhile; here is how it is now.
fault = Something went wrong on my side. It is in the log; please try again.
fault-storage = My database is busy or out of reach, so nothing was done. Please try again in a minute. The accounts stay connected meanwhile.

## Status

summary-none = No account yet.
summary = { $online } of { $total } connected
recovering = 🟡 Recovering after the start: { $back } of { $total }
recovering-press = Mooring has just started and is bringing accounts back: { $back } of { $total } so far.
status = <b>Status</b>
    { $summary }
    { $proxies ->
        [0] No proxy yet.
        [one] One proxy.
       *[other] { $proxies } proxies.
    }
status-well = All is well.
status-trouble = <b>Trouble</b>
status-sick-proxies = 🔴 { $count ->
    [one] One proxy is in trouble.
   *[other] { $count } proxies are in trouble.
 }
status-line = { $light } { $account } – { $state }
status-more = … and { $count } more: /accounts
status-monitor = 👁 Monitoring looked { $age } ago.
status-monitor-new = 👁 Monitoring runs; it looks within a minute.
status-monitor-late = ⚠️ Monitoring has not looked for { $age }.
status-silent = ⚠️ The process that runs the accounts fell silent { $age } ago. What is shown is from then.
status-backup = 💾 Last backup: { $age } ago.
status-no-backup = 💾 No backup yet.
status-backup-failed = ⚠️ The last one failed: { $why } I try again every 10 minutes.

state-NEW = login not finished
state-CONNECTING = connecting
state-ONLINE = connected for { $age }
state-RETRYING = trying again{ $attempt ->
    [0] {" "}at once
   *[other] {" "}{ $due } (attempt { $attempt } of { $attempts })
 }
state-WAITING = Telegram asks to wait, { $due }
state-NEEDS_LOGIN = needs a login
state-BANNED = banned or deleted by Telegram
state-FAILED = gave up for now, tries again { $due }
state-FAILED-for-good = down for { $age }, waiting for you
state-STOPPED = stopped, stays logged in
state-frozen = {", "}frozen by Telegram: it stays connected and can’t write

due-now = now
due-in = in { $age }

## Accounts

accounts = <b>Accounts</b>
accounts-none = <b>Accounts</b>
    None yet. An account is logged in by its phone number and the code that Telegram sends to it.
account-line = { $light } { $account } – { $state }
account = { $light } <b>{ $account }</b>
    { $state }{ $reason }{ $line }
    Proxy: { $proxy }{ $tally }
    { $phone }
account-reason = {""}
    Because { $reason }.
account-answered = {""}
    Last answer { $age } ago.
account-answered-in = {""}
    Last answer { $age } ago; the last ping took { $latency } ms.
account-stale = {""}
    ⚠️ What runs it fell silent { $age } ago; this is from then.
account-tally = {""}
    In 24 h: connected { $reconnects ->
        [one] once
       *[other] { $reconnects } times
     }, failed { $failures ->
        [one] once
       *[other] { $failures } times
     }
account-no-proxy = none – it never connects without one
account-phone-hidden = Number: { $phone }
account-unknown = That account is not there any more.
account-reconnecting = { $light } <b>{ $account }</b>
    Reconnecting …
reconnect-flood = Telegram asks this account to wait { $age } more. Nobody can shorten that; it connects by itself then.
start-unconfirmed = Not started: its session may be in use elsewhere, and two live copies kill it for good. When nothing else uses it, start it on the server: <code>mooring account start NUMBER --nothing-else-uses-it</code>
start-forgotten = It was forgotten here. To take it back: <code>mooring account restore NUMBER</code>
reconnect-parked = Reconnecting does not help here: { $state }.

more = <b>{ $account }</b>
    Why: what happened to it, and what comes next.
    Forget here: it leaves every list, and stays logged in at Telegram.
    Log out: ends its session at Telegram.

## Stopping, forgetting, logging out

stop-ask = ⏹ <b>Stop { $account }?</b>
    Its connection is closed and it does not come back by itself; it stays logged in, and Start brings it back.{ $warning }
forget-ask = <b>Forget { $account } here?</b>
    It stops and leaves every list; at Telegram it stays logged in. For 30 days its session is kept here, sealed, and it can be taken back; after that it is deleted for good.{ $warning }
log-out-ask = <b>Log { $account } out?</b>
    Its session ends at Telegram at once, and nobody can undo that; here the account is forgotten. It comes back only by a new login.{ $warning }
warning-one-time = {""}

    ⚠️ This number may never be able to log in again: a session that ends is lost for good.
leaving = { $light } <b>{ $account }</b>
    Closing its connection …
forgotten = { $account } is forgotten here. It is still logged in at Telegram. For 30 days you can take it back, or log the number in again: it keeps its proxy.
logged-out = { $account } is logged out, and forgotten here. A new login with this number within 30 days keeps its proxy.
restored = { $account } is back.
log-out-owner = Only the owner may log an account out. That is the first user in ADMIN_IDS.
leaving-gone = It is gone already.
leaving-not-online = Nothing was done. An account is logged out over its own connection, and it is not connected: { $state }.
leaving-needs-force = Nothing was done: this number may never log in again, so it wants the second press.
leaving-not-closed = Its connection did not close in time; the order stands. Look again in a minute.
leaving-unknown = I can’t tell whether Telegram did it: the connection broke. If it did, the account will ask for a login.
leaving-refused = Telegram refuses: { $words }.

## Why

why-usage = Which account? For example <code>/why 7</code> or <code>/why +442079460000</code>.
why-unknown = There is no such account. /accounts lists them.
why = { $light } <b>{ $account }</b>
    { $state }{ $reason }{ $line }
    Proxy: { $proxy }
    <b>Next:</b> { $next }

    <b>What happened</b> (UTC, the newest first)
why-nothing = Nothing yet.
why-line = { $at } { $what }{ $cause }{ $by }
why-cause = : { $cause }
why-via = {" "}({ $via })
why-by = , by { $who }
why-online = connected
why-dropped = the line dropped
why-attempt-failed = an attempt failed
why-again = a new attempt was ordered
why-waiting = Telegram asked to wait
why-needs-login = the session is over, a login is needed
why-banned = Telegram banned it
why-failed = gave up for now
why-stopped = stopped
why-ordered-start = start ordered
why-ordered-stop = stop ordered
why-ordered-reconnect = reconnect ordered
why-forgotten = forgotten here
why-restored = taken back
why-logged-out = logged out
why-log-out = log-out ordered
why-imported = taken over from elsewhere
why-exported = session taken out
why-login-begun = login begun
why-login-done = logged in
why-proxy-moved = moved to another proxy
why-mended = the monitor stepped in
next-NEW = finish the login.
next-CONNECTING = attempt { $attempt } of { $attempts } runs; it ends within minutes.
next-ONLINE = nothing to do; the line is proven every 15 s.
next-RETRYING = attempt { $attempt } of { $attempts }, { $due }.
next-WAITING = it connects by itself { $due }; nobody can shorten that.
next-NEEDS_LOGIN = log it in; account and proxy are kept.
next-BANNED = nothing helps here; only Telegram can lift a ban.
next-FAILED = one more attempt { $due }, or press Reconnect.
next-FAILED-for-good = it waits for you: press Connect now.
next-STOPPED = it stays stopped until somebody presses Start.

## Proxies

proxies = <b>Proxies</b>: { $count }{ $sick ->
    [0] {""}
   *[other] , { $sick } in trouble
 }
proxies-sick = <b>Proxies in trouble</b>: { $count ->
    [0] none, every one that was checked works
   *[other] { $count }
 }
proxies-none = <b>Proxies</b>
    None yet. Each account keeps one proxy for good, so add one first.
proxies-checking = Checked { $done } of { $total } …
proxies-checked = Checked all { $total }: { $sick ->
    [0] every one works
   *[other] { $sick } in trouble
 }.
proxies-still-checking = Checked { $done } of { $total }; I am still checking the others. Look again in a minute.
proxy-line = { $light } { $proxy } – { $kind }{ $country }, { $load }, { $health }
proxy-line-removed = { $light } { $proxy } – no new accounts; { $kind }{ $country }, { $load }, { $health }
proxy-line-country = {" "}{ $country }
proxy-kind-static = static
proxy-kind-leased = leased
proxy-kind-rotating = rotating
proxy-load = { $accounts }/{ $capacity } accounts
proxy-load-full = ⚠️ { $accounts }/{ $capacity } accounts
proxy-short-new = not checked yet
proxy-short-well = { $latency } ms
proxy-short-sick = { $fault }
proxy-short-twin = the same as another entry
proxy-short-releasing = goes back to its provider
proxy-short-gone = the provider has it back
scheme-socks5 = SOCKS5
scheme-socks4 = SOCKS4
scheme-http = HTTP
scheme-mtproto = MTProto

proxy = { $light } <b>{ $proxy }</b>
proxy-what = { $scheme }, { $kind }{ $moving }{ $login }
proxy-scheme-unknown = kind not known yet
proxy-login = {", "}login { $login }
proxy-rotating = {": "}the exit address may change
proxy-check-new = Not checked yet; that happens by itself.
proxy-check-well = It works: { $latency } ms, checked { $age } ago.
proxy-check-sick = It does not work: { $fault }. Checked { $age } ago.
proxy-kept = It is kept, and checked every now and then; no new account gets it while it does not work.
proxy-guess = Neither as SOCKS5 nor as HTTP did it answer. If you know what it is, press it below.
proxy-twin = It works, and is the same proxy as another entry. Remove this one.
proxy-retired = No new account gets it; those that have it keep it.
proxy-releasing = It goes back to its provider { $due }.
proxy-gone = The provider has it back: nothing connects through it any more.
proxy-uptime = Checks that went well: { $day } in 24 h, { $week } in 7 days{ $mean }
proxy-mean = ; { $latency } ms on average
proxy-where = Country: { $country }{ $exit }
proxy-country-unknown = not given
proxy-exit = {", "}Telegram sees it in { $country }
proxy-drifted = {". "}⚠️ Telegram sees it in { $country } now, at first it was { $first }
proxy-no-accounts = Accounts: none
proxy-accounts = { $load }: { $accounts }{ $more }
proxy-accounts-more = {" "}and { $count } more
proxy-traffic = Traffic: { $up } up, { $down } down
proxy-no-price = Price: not given
proxy-price = Price: { $price } a month{ $until }
proxy-paid-until = , paid until { $date }
proxy-since = Here since { $date }
proxy-checking = 🟡 Checking …
proxy-check-late = I am still checking. Look again in a minute.
proxy-unknown = That proxy is not there any more.
proxy-in-private = A proxy’s line may hold a password. Let us do that in our private chat.

proxy-ask = <b>Send me proxies</b>, one to a line, or a .txt file with up to 10,000 lines.
    <code>ip:port</code>
    <code>ip:port:user:password</code>
    <code>user:password@host:port</code>
    <code>socks5://…</code>, <code>socks4://…</code>, <code>http://…</code>
    or a Telegram proxy link. Without a scheme I find out what it is.
proxy-bad = That is no proxy I can use: { $reason }.
    For example <code>203.0.113.7:1080</code> or <code>203.0.113.7:1080:user:password</code>. Send it again, or /cancel.
proxy-none-good = None of these lines is a proxy I can use. Send them again, or /cancel.
proxy-empty = There is no proxy in that. Send a line or a .txt file, or /cancel.
proxy-text-or-file = I can take text or a .txt file here. Send it again, or /cancel.
proxy-file-kind = I can take a .txt file with one proxy to a line. Send it again, or /cancel.
proxy-file-large = That file is larger than 2 MB. Split it and send the parts, or /cancel.
proxy-file-text = That file is no text in UTF-8. Save it as plain text and send it again, or /cancel.
proxy-file-lost = I could not fetch that file from Telegram. Send it again, or /cancel.
proxy-many-lines = That has { $lines } lines; I read up to 10,000 at once. Split it and send the parts, or /cancel.
proxy-adding = Reading { $count ->
    [one] one proxy
   *[other] { $count } proxies
 } …
proxy-added = Added { $proxy }.
proxies-added = Added { $count } proxies.
proxies-nothing-new = Nothing new was added.
proxy-known = Line { $line }: { $proxy } is there already; nothing was changed.
proxy-message-kept = I could not delete your message; delete it yourself, it may hold a password.
line-bad = Line { $line }: { $reason }.
line-double = Line { $line } names the proxy of line { $first } again.
and-more = … and { $count } more.
check = Checking it …
check-late = I am still checking it. Its card tells what comes out.
check-well = It works: { $latency } ms. New accounts may get it.
check-sick = 🔴 It does not work: { $fault }.
check-line = { $light } { $proxy } – { $health }
checks = Checked { $done } of { $total }: { $well } { $well ->
    [one] works
   *[other] work
 }
checks-done = Checked all { $total }: { $well } { $well ->
    [one] works
   *[other] work
 }
checks-late = Checked { $done } of { $total }: { $well } { $well ->
    [one] works
   *[other] work
 }. I am still checking the others; /proxies shows what comes out.

change-ask = <b>Change { $proxy }</b>
    Send its new line, with the login: <code>ip:port:user:password</code>, or any form that I add proxies by. I try it out first. Its accounts stay on it.
change-trying = Trying { $proxy } …
change-does-not-work = 🔴 { $proxy } does not work: { $why }.
    Nothing was changed. { $accounts ->
    [0] No account has it.
    [one] Its account stays where it is; changed all the same, it is down until the new address works.
   *[other] Its { $accounts } accounts stay where they are; changed all the same, they are down until the new address works.
 }
change-lost = I no longer have that line: I keep none that may hold a password. Send it again; this time I take it even if it does not work.
change-done = ✅ Changed: { $before } is { $after } now.
change-done-login = ✅ Changed the login of { $proxy }.
change-known-already = Another entry has that address and user name already. Nothing was changed.
change-bad-line = That is no proxy I can use: { $reason }.
    Send the line again, or press Cancel.
change-one-line = Send one line: a proxy has one address.
change-failed = Nothing was changed: something went wrong on my side. It is in the log.

returning = { $back } of { $total } connected
returning-others = { $count ->
    [one] One more does not connect by itself now: it is stopped, banned or needs a login.
   *[other] { $count } more do not connect by themselves now: stopped, banned or in need of a login.
 }
returning-late = The others go on trying; /status tells why they are not back.

move-choose = <b>Move { $count ->
    [one] the account
   *[other] all { $count } accounts
 } of { $proxy }</b>
    Where to?
move-choose-one = <b>Move { $account }</b>
    Where to?
move-line = { $light } { $proxy } –{ $country } { $load }, { $health }
move-ask = <b>Move { $count ->
    [one] the account
   *[other] all { $count } accounts
 } of { $proxy } to { $to }?</b>
move-ask-one = <b>Move { $account } to { $to }?</b>
move-least-loaded = the least loaded of the others
move-identity = An account’s address is part of what Telegram knows it by. One that seems to travel may have to log in again, or be banned. Move only what has to move.
move-country = ⚠️ It leaves { $has } and comes from { $gets } then.
move-sick = ⚠️ That one is in trouble: { $health }.
move-full = ⚠️ That one carries { $accounts } then; { $capacity } is what it should.
move-nowhere = There is no other proxy that works. Add one first; nothing was moved.
move-doing = Moving …
move-done = ✅ Moved { $count ->
    [one] one account
   *[other] { $count } accounts
 } to { $to }.
move-done-one = ✅ Moved { $account } to { $to }.
move-none = Nothing was moved: { $name } is there already, or gone.

remove-ask = <b>Remove { $proxy }?</b>
    No new account gets it. { $accounts ->
    [0] No account has it, so it leaves the list.
    [one] One account has it and keeps it; it stays in the list until that one is moved.
   *[other] { $accounts } accounts have it and keep it; it stays in the list until they are moved.
 }
proxy-removed = Removed { $proxy }: no new account gets it. Accounts that have it keep it. Send the same line again to take it back.
proxy-used = New accounts may get it again.
kind-ask = <b>What is { $proxy }?</b>
    Static: its traffic leaves from one address.
    Rotating: a gateway whose exit address changes by itself; I do not warn when it does.
lease-ask = In which country? Send its two letters, for example BE.
lease-confirm = <b>Lease one proxy in { $country }?</b>
    It is bought at once, within today's limit, and waits for the next account.
lease-confirm-replace = <b>Lease one in { $country } for its accounts?</b>
    They connect over it from then on. Telegram sees them come from { $country }.
lease-buying = Buying …
lease-bought = Bought. New accounts get it when it is their turn.
lease-replaced = { $count ->
        [one] One account has
       *[other] { $count } accounts have
    } another proxy now, and connect over it.
lease-no-provider = No provider is set up: see BRIGHT_DATA_… in the settings.
lease-out-of-stock = The provider has none there now.
lease-unknown = The answer was lost: it may have been bought. I find that out within a few minutes and buy nothing twice.
lease-not-lost = Its provider still has it: nothing was changed.
lease-none-found = There is none to be had there now, or nothing may be bought: its card and the alert say which.
lease-failed = Nothing was bought: { $why }.
release-ask = <b>Give { $proxy } back to its provider?</b>
    It goes in an hour; until then “Keep it” takes that back. After that the address is lost: nobody can promise the same one again.
release-needed = <b>{ $proxy } is needed</b>
    { $accounts ->
        [one] One account connects through it and would lose its address. Move it first.
       *[other] { $accounts } accounts connect through it and would lose their address. Move them first.
    }
release-late = It is too late for that: the provider has it back.
release-ordered = It goes back in an hour.
release-kept = It stays.
settled = From now on I take it for { $scheme }.
settled-not = Another entry is that very proxy. Remove one of them.

price-ask = <b>What does { $proxy } cost a month?</b>
    <code>12.50</code>, or with the day until which it is paid <code>12.50 2026-12-31</code>: then I remind you three days before. <code>-</code> forgets both.
price-bad-form = Send an amount, and the day if you like: <code>12.50 2026-12-31</code>. Or <code>-</code>.
price-bad-amount = That amount I can’t read: up to a million, with at most two decimals, such as <code>12.50</code>.
price-bad-date = That date I can’t read: it is written <code>2026-12-31</code>.
price-bad-past = That day is over. Send the day until which it is paid now.
country-ask = <b>Where is { $proxy }?</b>
    Two letters, such as <code>de</code> or <code>us</code>; <code>-</code> forgets it.
country-bad = That is no country’s code. Send two letters such as <code>de</code> or <code>us</code>, or <code>-</code>.
saved = Saved.

## Costs

costs = <b>Costs</b> of { $total ->
    [one] one proxy
   *[other] { $total } proxies
 }
costs-month = A month: { $price }{ $missing }
costs-unpriced = , without the { $count } of which I know no price
costs-use = With accounts: { $active } · idle: { $idle } · going back: { $releasing }
costs-by-country = <b>By country</b>
costs-by-provider = <b>By provider</b>
costs-no-country = not given
costs-no-provider = your own
costs-line = { $name } – { $count }, { $price } a month
costs-bought = Bought this month: { $count } for { $price }
costs-today = Spent today: { $price }. DAILY_SPEND_LIMIT is not set, so nothing is bought.
costs-recovered = Starts this month: { $back } of { $total } accounts back, on average in { $seconds } s
costs-leased = Leased proxies: used again { $again }, in another country { $abroad }; { $each } for each account that came back, { $saved } saved by using them again
costs-today-limit = Spent today: { $price } of { $limit }

## Logging in

login-in-private = Logging in needs a code and maybe a password. Let us do that in our private chat.
login-ask-phone = Which number? Send it with the country code, for example <code>+44 20 7946 0000</code>.
    I only log in to accounts that exist; I never register one.
login-bad-phone = That is no phone number: { $reason }.
    /cancel to leave.
login-connecting = Connecting through { $proxy } and asking Telegram for a code …{ $full }
login-proxy-full = {""}
    ⚠️ That proxy carries { $accounts } accounts with this one; { $capacity } is what it should. /add_proxy for more.
login-connecting-plain = Connecting and asking Telegram for a code …
login-code = <b>Login code for { $phone }</b>
    { $via }
    Type it here, on the keys: Telegram makes a code worthless that is sent in a chat.

    <code>{ $typed }</code>
login-via-app = Telegram sent it to the account’s other devices.
login-via-sms = Telegram sent it by SMS.
login-via-call = Telegram calls the number.
login-via-email = Telegram sent it by e-mail.
login-via-fragment = It is on Fragment.
login-via-other = Telegram sent it.
login-checking = Checking with Telegram …
login-password = <b>Two-step verification</b>
    { $phone } has a password. Send it to me; I use it once, keep it nowhere, and delete your message.{ $hint }
login-hint = {""}
    Hint: { $hint }
login-password-kept = I could not delete your message; delete it yourself, it holds the password.
login-done = { $account } is logged in and stays on its own proxy from now on{ $proxy }.{ $full }
login-proxy = {": "}{ $proxy }
login-cancelled = Left. { $forgotten ->
    [yes] Nothing is kept of it.
   *[no] What was begun is kept; “Log in” on the account goes on with it.
 }
login-error-already_enrolled = { $account } is enrolled already.
login-error-no_proxy = No proxy works and has room for one more account. Add one first: an account keeps its proxy for good.
login-error-no_connection = There was no connection to Telegram through the account’s proxy. Check the proxy, then try again.
login-error-flood = Telegram asks to wait { $age } before the next try with this number. Nobody can shorten that.
login-error-code_invalid = That was not the code. Type it again.
login-error-code_expired = That code has expired. Ask for a new one.
login-error-password_invalid = That was not the password. Send it again, or /cancel.
login-error-phone_invalid = Telegram says that this is not a phone number.
login-error-phone_banned = Telegram has banned this number.
login-error-phone_flood = Telegram refuses more codes for this number for now. Try again in a day.
login-error-no_account = There is no Telegram account with this number. Register it in Telegram’s own app first.
login-error-api_id = Telegram rejects API_ID or API_HASH. Check them at my.telegram.org and start me again.
login-error-no_other_way = Telegram has no other way to send the code.
login-error-interrupted = This login was interrupted. Ask for a new code to go on.
login-error-same_user = That number belongs to the same Telegram account as { $account }.
login-error-refused = Telegram refuses: { $words }.
login-error-internal = Something went wrong on my side. It is in the log; please try again.

## Sending

send-choose = Send as which account?
    Automatic takes the one that suits best: connected, known there, least used.
send-no-account = There is no account to send as. Log one in first.
send-ask-target = Send as { $account } to whom?
    A @username, a t.me link, a phone number with +, an id, or <code>me</code>. Or forward me a message of theirs, or share their contact.
send-ask-target-automatic = Send as the account that suits best, to whom?
    A @username, a t.me link, a phone number with +, an id, or <code>me</code>. Or forward me a message of theirs, or share their contact.
send-bad-target = That is nobody I can write to: { $reason }.
    Send it again, or /cancel.
send-hidden-author = Whoever wrote that hides who they are in forwards, so I can’t tell whom to write to. Send me their @username or number instead, or share their contact.
send-usage = In one line: <code>/send @robert hello</code>, <code>/send @robert at 18:30 hello</code>, or from a certain account: <code>/send #7 @robert hello</code>.
send-unknown-account = There is no account #{ $number } that has logged in.
send-nobody = No account can take that by itself now: { $why }. Choose one all the same: what can’t go out now waits, or falls back.
send-nobody-offline = { $count } not connected
send-nobody-frozen = { $count } frozen by Telegram
send-nobody-waiting = { $count } made to wait by Telegram
send-nobody-refused = { $count } refused there last time
send-nobody-none = there is none
send-ask-text = To { $target }. What is the text?
send-ask-media = A photo, a file, a voice message or an album is fine too, up to 20 MB each.
send-from = From { $account }, which suits best.
send-at = It goes out at { $at }.
send-empty = There is nothing in that to send. Send a text, a photo, a file, a voice message or an album, or /cancel.
send-cant = I can’t send that. A text, a photo, a file, a voice message, or an album of photos or of files: these I can. A video or music goes when you attach it as a file. Send it again, or /cancel.
send-mixed = An album has photos only, or files only. Send it again, or /cancel.
send-many = An album holds up to { $most } files, and those are { $count }. Send fewer of them, or /cancel.
send-too-large = { $name } has { $size } MB, and I can take files of up to 20 MB. Send a smaller one, or /cancel.
send-fetching = ⏳ Fetching the { $count ->
    [one] file
   *[other] { $count } files
 } from Telegram …
send-not-fetched = Telegram did not give me the file, so nothing was written. Send it again, or /cancel.
send-not-fetched-left = The file came too late: you have gone on meanwhile. Nothing was written.
send-long = That makes { $count } messages, as one holds up to 4,096 characters. Send them one after the other?
send-long-caption = That is too long for a caption: { $length } characters, and 1,024 fit. Send the text as a message right after?
send-parts-gone = I don’t have that text any more. Send it again, please.
send-in-admin-chat = The draft is in the admin chat now.
send-gone = That account is not there any more. /send begins anew.
draft-late = That is no draft any more, so it stays as it is.
draft-ask-text = Send me the new text. It takes the place of the old one.
draft-ask-time = When? For example <code>18:30</code>, <code>tomorrow 9:00</code> or <code>2026-11-23 09:00</code>. My clock says { $now }.
draft-ask-link = Which message should it answer? Send me its link: in the group, press or right-click it and choose Copy Link.
in-group = In a group I see your answer only as a reply to this message.
draft-only-text = I need a text message here. To change the file, discard the draft and write a new one. /cancel to leave.
draft-edited = ✏️ The draft is changed. Nothing is sent yet.
draft-at = 🕒 Once you press Send it goes out at { $at }.
draft-answers = ↩️ It answers that message now. Nothing is sent yet.
time-form = I don’t understand that time. For example <code>18:30</code>, <code>tomorrow 9:00</code> or <code>2026-11-23 09:00</code>.
time-none = There is no such day or hour.
time-past = That is past. My clock says { $now }.
time-far = That is more than a year ahead.
link-form = That is no link to a message. It looks like <code>https://t.me/name/123</code> or <code>https://t.me/c/123456/789</code>; messages between two people have none. Send it again, or /cancel.
link-elsewhere = That message is in another chat: this draft goes to { $target }, and what it answers has to be there. Send another link, or /cancel.
paused = ⏸ Sending is paused since { $at } by { $who }. /resume
paused-now = ⏸ Sending is paused: nothing goes out, approved or not, until /resume. The accounts stay connected.
paused-already = It is paused already.
resumed = ▶️ Sending goes on. What was approved meanwhile goes out now.
resumed-already = Sending is not paused.
fallback-ask = When an account can’t send: what shall new drafts do? Now: { $now }. Each draft’s card can say otherwise.
fallback-automatic = the bot sends it
fallback-ask-operator = you are asked
fallback-never = it waits for the account
fallback-set = New drafts, when their account can’t send: { $now }.
card = ✉️ <b>From</b> { $account }
    <b>To</b> { $target }
card-file-photo = 🖼 Photo { $name }, { $size }
card-file-document = 📎 { $name }, { $size }
card-file-voice = 🎤 Voice message { $length }, { $size }
card-reply = ↩️ Answers message { $message }
card-silent = 🔕 Without a sound
card-due = 🕒 Goes out at { $at }
card-origin = 📟 Written by the program “{ $origin }”
card-author = ✍️ Written by { $name }
card-act = 👉 { $name } pressed “{ $act }”
card-parts = { $marks } { $gone } of { $total } messages have gone out.
card-DRAFT = Not sent yet.
card-PENDING = ⏳ Waiting to go out as the account …
card-PENDING-waits = ⏳ Waiting to go out as the account: { $error }.{ $again }
card-PENDING-asks = ❓ It can’t go out as the account now: { $detour }. Shall the bot send it? Until you say so, it waits for the account.
card-SENDING = ⏳ Sending as the account …
card-SENDING-waits = ⏳ Sending as the account. For now: { $error }.{ $again } It is not sent twice.
card-SENDING-again = ⏳ The line dropped while sending. I settle it as soon as the account is back; it is not sent twice.
card-BOT_PENDING = ⏳ Goes out as the bot …
card-BOT_PENDING-waits = ⏳ Goes out as the bot: { $error }.{ $again }
card-BOT_SENDING = ⏳ Sending as the bot …
card-BOT_SENDING-waits = ⏳ Sending as the bot …
card-again = {" "}I try again at { $at }.
card-SENT = ✅ Sent as the account, { $took }.
card-SENT_BY_BOT = 🤖 Sent as the bot.
card-SENT_BY_BOT-detour = 🤖 Sent as the bot, because { $detour }.
card-UNKNOWN = ❓ I can’t tell whether it arrived: { $error }. Please look.
card-FAILED = ❌ Not sent: { $error }.
card-FAILED-detour = ❌ Not sent. As the account: { $detour }. As the bot: { $error }.
card-FAILED-open = ⚠️ I gave up: { $error }. It may have gone out. Retry is safe: the same message is never taken twice.
card-CANCELLED = 🗑 Discarded.
card-paused = ⏸ Sending is paused: /resume
remind-asks = ❓ The message to { $target } can’t go out as the account now. Shall the bot send it?
remind-unknown = ❓ I can’t tell whether the message to { $target } arrived. Please look.
remind-failed = ❌ The message to { $target } was not sent.
card-no-reply = ↩️ It does not answer message { $message } there: for the bot that has another number, or is gone.
card-edited = ✏️ Edited at { $at }
card-deleted = 🗑 Deleted for everyone at { $at }
reason-flood = { $account } waits out a flood for { $age }{ $rest }
reason-plain = { $words }
act-account = Send as account
act-bot = Send as bot
act-discard = Discard
act-cancel = Don’t send
act-wait = Wait for the account
act-arrived = It arrived
act-again = Send again
act-edit = Edit
act-delete = Delete for everyone
steps = <i>{ $steps }</i>
step-registry = registry { $took }
step-connection = connection { $took }
step-entity = recipient { $took }
step-chat = chat { $took }
step-send = sent { $took }
step-no-reply = without the answer { $took }
details = <b>Delivery { $number }</b> ({ $zone })
details-part = <b>Message { $number } of { $total }</b>
details-other = Message { $number } of { $total }: { $at } { $message }
details-more = … and { $count } more
details-written = Written { $at }
details-approved = Approved { $at }
details-finished = Finished { $at }
details-attempts = Attempts as the account: { $attempts }; faults on the way: { $faults }
details-detour = As the account: { $words }
details-error = Last error: { $words }
details-message = Message { $message } at Telegram
press-first = { $name } pressed “{ $act }” { $age } ago.
press-first-once = { $name } pressed “{ $act }” first.
press-first-own = You have pressed “{ $act }” already.
delete-ask = 🗑 <b>Delete it for everyone?</b>
    { $count ->
        [one] The message
       *[other] All { $count } messages
    } to { $target } will be gone there too. Nobody can undo that.
deleting = 🗑 Deleting …
not-deleted = 🗑 Not deleted: { $why }.
edit-ask = ✏️ Send me the new text. It replaces what was sent to { $target }.
edit-too-long = That is { $length } characters, and { $most } fit. Send a shorter text, or /cancel.
edit-text-only = I need a text message here; a file can’t be changed. Send the text, or /cancel.
edit-under-way = ✏️ Editing …
edited = ✏️ Edited.
not-edited = ✏️ Not edited: { $why }.
why-not-carried-out = something went wrong on my side; it is in the log
why-no-answer = nobody carried it out in time; the order stands and may be done yet
last = <b>Latest messages with { $target }</b>
last-line = { $who } <i>{ $at }</i>: { $text }
last-me = you
last-fetching = ⏳ Reading the chat …
last-none = There are no messages yet.
last-failed = I can’t read that chat now: { $why }.
sent = 📜 <b>Deliveries</b>: { $which }{ $account }{ $target }
sent-which-all = all
sent-which-drafts = drafts
sent-which-waiting = on their way
sent-which-sent = sent
sent-which-failed = failed
sent-which-unknown = unknown
sent-which-cancelled = discarded
sent-of = , as { $account }
sent-to = , to { $target }
sent-line = { $number }. { $mark } { $at } { $account } → { $target }: { $text }
sent-media = <i>a file</i>
sent-none = There are none.
sent-nothing-to = Nothing was ever written to { $target }.
sent-usage = I can’t tell what { $word } means here. For example <code>/sent</code>, <code>/sent failed</code>, <code>/sent @bob</code>, <code>/sent #7</code>, or several at once. The states: all, drafts, waiting, sent, failed, unknown, cancelled.
sent-which-account = Deliveries of which account?
sent-which-target = Deliveries to whom? For another one type <code>/sent @name</code>.
sent-button-all = All
sent-button-drafts = 📝 Drafts
sent-button-waiting = ⏳ Waiting
sent-button-sent = ✅ Sent
sent-button-failed = ❌ Failed
sent-button-unknown = ❓ Unknown
sent-button-cancelled = 🗑 Discarded
sent-by-account = 👤 Account…
sent-by-target = 👥 To…
sent-all-accounts = 👤 All accounts
sent-all-targets = 👥 To anybody
delivery-gone = That delivery is not there any more.
bot-error-not-started = the bot can’t reach { $target }: they have not started it
bot-error-blocked = the bot can’t reach { $target }: they have blocked it
bot-error-deleted = the bot can’t reach { $target }: that user’s account was deleted
bot-error-to-bot = { $target } is a bot, and bots can’t write to each other
bot-error-not-in-group = the bot is not in that group
bot-error-removed = the bot was removed from that group
bot-error-new-group = that group has got a new id since; write to it by its link or its new id
bot-error-no-right = the bot may not write there
bot-error-unknown-chat = the bot does not know { $target }; it can write only to people who have started it, and in groups that it is in
bot-error-too-big = the file is too big for the bot
bot-error-no-file = what was attached is not kept any more; send it anew
bot-error-unreachable = the Bot API can’t be reached
bot-error-throttled = Telegram asks the bot to wait
bot-error-lost = the connection broke while it was sent
bot-error-refused = { $words }
bot-change-gone = it is not there any more
bot-change-too-old = Telegram lets the bot do that only for 48 hours
bot-change-throttled = Telegram asks the bot to wait { $seconds } s
bot-change-lost = the connection broke, so it may be done or not; it is safe to try again

## Alerts

alert-offline = 🔴 <b>{ $account }</b> is down since { $at }: { $cause }.
    I keep trying.
alert-failed = 🔴 <b>{ $account }</b> is down since { $at }: { $cause }.
    I tried { $attempts } times and go on every 30 minutes.
alert-for-good = 🔴 <b>{ $account }</b> is down since { $at }: { $cause }.
    AUTO_RECONNECT is off: nothing dials until you say so.
alert-needs_login = 🔑 <b>{ $account }</b> needs a login since { $at }: { $cause }.
    The stored session is kept.
alert-banned = ⛔ <b>{ $account }</b>, { $at }: { $cause }.
alert-over = 🟢 <b>{ $account }</b> is back: down { $from }, back { $to }, { $age }.
    It was: { $cause }.

alert-stopped = ⚪ <b>{ $account }</b> was down from { $from }; stopped by an operator at { $to }.
    It was: { $cause }.
alert-forgotten = ⚪ <b>{ $account }</b> was down from { $from }; forgotten by an operator at { $to }.
    It was: { $cause }.
alert-logged-out = ⚪ <b>{ $account }</b> was down from { $from }; logged out by an operator at { $to }.
    It was: { $cause }.

about-proxy_country = ⚠️ <b>{ $subject }</b> leaves in another country now: { $cause }.
    Nothing was changed. Telegram may ask its accounts to log in again if they seem to travel.
over-proxy_country = ✅ <b>{ $subject }</b> leaves in the country that it always did. It was: { $cause }.
about-proxy_paid = ⏳ <b>{ $subject }</b> is paid until { $cause }.
    Pay it, then tell me the new date: “Price” on its card.
over-proxy_paid = ✅ <b>{ $subject }</b>: nothing is to be paid now. It was paid until { $cause }.
about-lease_lost = 🔴 The provider no longer has <b>{ $subject }</b>: { $cause }.
over-lease_lost = ✅ <b>{ $subject }</b> was replaced. It was: { $cause }.
about-spending = 💶 Today's spending: { $cause }.
over-spending = ✅ A new day: the spending limit is free again. It was: { $cause }.
about-provider = ⚠️ The proxy provider refuses us: { $cause }.
    Nothing is bought until that is mended. Accounts keep their proxies.
over-provider = ✅ The proxy provider answers again. It was: { $cause }.

## Durations

age = { $days ->
    [0] { $hours ->
        [0] { $minutes ->
            [0] { $seconds } s
           *[other] { $minutes } min { $seconds } s
         }
       *[other] { $hours } h { $minutes } min
     }
   *[other] { $days } d { $hours } h
 }

## Recovery

recovery = { $light } <b>{ $back } of { $total }</b> back in { $took } { $after ->
    [crash] after a crash
   *[graceful] after a restart
 }{ $rest }
recovery-rest = ; { $outcome ->
    [needs_login] { $count ->
        [one] 1 needs login
       *[other] { $count } need login
     }
    [banned] { $count } banned
    [stopped] { $count } stopped meanwhile
   *[not_yet] { $count } not yet back
 }
recovery-line = { $account } – { $reason }
recovery-why = { $outcome ->
    [needs_login] needs a login
    [banned] banned or deleted by Telegram
    [stopped] an operator stopped it
   *[not_yet] not connected yet; I keep trying
 }
recovery-more = and { $count } more
recovery-took = { $seconds } s

## The database

alert-storage = ⚠️ <b>The database can't be written</b> since { $at }: { $cause }.
    The accounts stay connected, and what is to be written waits. I try again every 5 s.
alert-storage-over = ✅ The database could not be written from { $at } for { $age }. It can again, and nothing was lost.
