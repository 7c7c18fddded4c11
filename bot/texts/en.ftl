## Buttons

button-status = 📊 Status
button-accounts = 👤 Accounts
button-proxies = 🌐 Proxies
button-send = ✉️ Send
button-proxy = 🌐 Proxy
button-add-proxy = ➕ Add proxy
button-remove-proxy = ✖️ { $proxy }
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
button-cancel-sending = ✖️ Don’t send
button-retry = 🔁 Retry as account
button-arrived = It arrived
button-send-again = Send again
button-send-another = ✉️ Send another
button-resend-code = Send the code another way
button-new-code = Send a new code
button-open-private = Open the private chat
button-erase = ⌫

## Menu commands

command-start = Menu
command-status = How everything is
command-accounts = Your accounts
command-proxies = Your proxies
command-send = Send a message
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
    /proxies – your proxies, and how many accounts each carries
    /add_account – log an account in: phone number, code, password
    /send – send a message as one of your accounts
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

proxies = <b>Proxies</b>
proxies-more = … and { $count } more.
proxies-none = <b>Proxies</b>
    None yet. Each account keeps one proxy for good, so add one first.
proxy-line = { $proxy } – { $accounts ->
    [0] no account
    [one] one account
   *[other] { $accounts } accounts
 }
proxy-line-removed = { $proxy } – no new accounts; kept by { $accounts ->
    [one] one account
   *[other] { $accounts } accounts
 }
proxy-removed = Removed { $proxy }: no new account gets it. Accounts that have it keep it. Send the same line again to take it back.
proxy-ask = Send me a SOCKS5 proxy:
    <code>ip:port</code> or <code>ip:port:user:password</code>
proxy-bad = That is no proxy I can use: { $reason }.
    I need <code>ip:port</code> or <code>ip:port:user:password</code>, for example <code>203.0.113.7:1080</code>. /cancel to leave.
proxy-added = Added { $proxy }. New accounts may get it.
proxy-known = { $proxy } is there already; nothing was changed.
proxy-message-kept = I could not delete your message; delete it yourself, it holds a password.

## Logging in

login-in-private = Logging in needs a code and maybe a password. Let us do that in our private chat.
login-ask-phone = Which number? Send it with the country code, for example <code>+44 20 7946 0000</code>.
    I only log in to accounts that exist; I never register one.
login-bad-phone = That is no phone number: { $reason }.
    /cancel to leave.
login-connecting = Connecting through { $proxy } and asking Telegram for a code …
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
login-done = { $account } is logged in and stays on its own proxy from now on.
login-cancelled = Left. { $forgotten ->
    [yes] Nothing is kept of it.
   *[no] What was begun is kept; “Log in” on the account goes on with it.
 }
login-error-already_enrolled = { $account } is enrolled already.
login-error-no_proxy = There is no proxy to put the account behind. Add one first: an account keeps its proxy for good.
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
send-no-account = There is no account to send as. Log one in first.
send-ask-target = Send as { $account } to whom?
    A @username, a t.me link, a phone number with +, an id, or <code>me</code>.
send-bad-target = That is nobody I can write to: { $reason }.
    /cancel to leave.
send-ask-text = To { $target }. What is the text?
send-too-long = That is { $length } characters; a message has at most 4096. Send a shorter one, or /cancel.
send-only-text = I can send text only, for now. Send the text, or /cancel.
card = ✉️ <b>From</b> { $account }
    <b>To</b> { $target }
card-DRAFT = Not sent yet.
card-PENDING = ⏳ Waiting to go out as the account …
card-SENDING = ⏳ Sending as the account …
card-SENDING-again = ⏳ The line dropped while sending. I settle it as soon as the account is back; it is not sent twice.
card-BOT_PENDING = ⏳ Goes out as the bot …
card-BOT_SENDING = ⏳ Sending as the bot …
card-SENT = ✅ Sent as the account, { $took }.
card-SENT_BY_BOT = 🤖 Sent as the bot.
card-SENT_BY_BOT-detour = 🤖 Sent as the bot, because the account could not: { $detour }.
card-UNKNOWN = ❓ I can’t tell whether it arrived: { $error }. Please look.
card-FAILED = ❌ Not sent: { $error }.
card-FAILED-detour = ❌ Not sent. As the account: { $detour }. As the bot: { $error }.
card-FAILED-open = ⚠️ I gave up: { $error }. It may have gone out. Retry is safe: the same message is never taken twice.
card-CANCELLED = 🗑 Discarded.
steps = <i>{ $steps }</i>
step-registry = registry { $took }
step-connection = connection { $took }
step-entity = recipient { $took }
step-send = sent { $took }
bot-error-not-started = the bot can’t write first to somebody who has not started it
bot-error-blocked = that user has blocked the bot
bot-error-unknown-chat = the bot does not know { $target }; it can write only to people who have written to it
bot-error-unreachable = the Bot API can’t be reached
bot-error-lost = the connection broke while it was sent
bot-error-refused = { $words }

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
    Pay it, then tell me the new date.
over-proxy_paid = ✅ <b>{ $subject }</b> has a new date. It was paid until { $cause }.
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
