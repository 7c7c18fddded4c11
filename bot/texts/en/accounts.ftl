## Accounts

accounts-none = <b>Accounts</b>
    None yet. An account is logged in by its phone number and the code that Telegram sends to it.
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
card-uptime = Connected { $day } of the last 24 h, { $week } of 7 days
card-frozen = ❄️ Frozen by Telegram{ $since }{ $until }.{ $appeal }
card-frozen-since = {" "}since { $at } ({ $age } ago)
card-frozen-until = ; it deletes the account on { $at } ({ $due }) unless an appeal is granted
card-frozen-appeal = {""}
    To appeal, open this in the account’s own app: { $url }
card-lately = <b>Lately</b>
card-event = { $age } ago: { $what }{ $because }
account-no-proxy = none – it never connects without one
account-phone-hidden = Number: { $phone }
account-unknown = That account is not there any more.
account-reconnecting = { $light } <b>{ $account }</b>
    Reconnecting …
reconnect-flood = Telegram asks this account to wait { $age } more. Nobody can shorten that; it connects by itself then.
start-unconfirmed = Not started: its session may be in use elsewhere (by another program, or by the Mooring that a backup was made of), and two live copies kill it for good. Is nothing else using it? Then start it with the first button.
start-forgotten = It was forgotten here. To take it back: <code>mooring account restore NUMBER</code>
reconnect-parked = Reconnecting does not help here: { $state }.

more = <b>{ $account }</b>
    Export: takes its session out, for an owner.
    Forget here: it leaves every list, and stays logged in at Telegram.
    Log out: ends its session at Telegram.

state-asleep = asleep: connects by itself when something is to be sent

## Last messages

messages = 💬 <b>Last messages of { $account }</b>
messages-reading = ⏳ Reading …
messages-none = There are none.
messages-in = ⬅️ <b>{ $chat }</b>{ $sender } <i>{ $at }</i>
    { $holds }
messages-out = ➡️ <b>{ $chat }</b>{ $sender } <i>{ $at }</i>
    { $holds }
messages-sender = , { $who }
messages-somebody = somebody
messages-text = { $media }{ $text }
messages-no-text = (no text)
messages-in-private = What people wrote to it I show in our private chat only.
messages-not-connected = Nothing could be read: they are read over its own connection, and it is not connected ({ $state }).
messages-flood = Telegram makes this account wait { $age } before its chats can be read. Nobody can shorten that.
messages-lost = The connection broke before everything was read. Press Refresh to try again.
messages-refused = Telegram refuses: { $words }.
holds-service = (a notice of the chat)
holds-photo = 🖼 photo
holds-video = 🎬 video
holds-round = 🎬 video message
holds-voice = 🎤 voice message
holds-audio = 🎵 audio
holds-gif = GIF
holds-sticker = sticker
holds-file = 📎 file
holds-contact = 👤 contact
holds-place = 📍 place
holds-poll = 📊 poll
holds-other = (something an app shows)

## Stopping, forgetting, logging out

stop-ask = ⏹ <b>Stop { $account }?</b>
    Its connection is closed and it does not come back by itself; it stays logged in, and Start brings it back.{ $warning }
forget-ask = <b>Forget { $account } here?</b>
    It stops and leaves every list; at Telegram it stays logged in. For 30 days its session is kept here, sealed, and it can be taken back; after that it is deleted for good.{ $warning }
forget-type-label = To forget it, send me its label, as it stands above. /cancel to leave.
forget-type-number = It has no label. To forget it, send me its number as it stands above, with the #. /cancel to leave.
forget-wrong = That is not it, so nothing was forgotten. I need the label of { $account }, letter by letter, or its number with the # where it has no label. Send it again, or /cancel.
log-out-ask = <b>Log { $account } out?</b>
    Its session ends at Telegram at once, and nobody can undo that; here the account is forgotten. It comes back only by a new login.{ $warning }
warning-one-time = {""}

    ⚠️ This number may never be able to log in again: a session that ends is lost for good.
warning-one-time-stop = {""}

    ⚠️ This number may never be able to log in again. Stopping does not end its session, but if Telegram ends it meanwhile, it is lost for good.
leaving = { $light } <b>{ $account }</b>
    Closing its connection …
forgotten = { $account } is forgotten here. It is still logged in at Telegram. For 30 days you can take it back, or log the number in again: it keeps its proxy.
logged-out = { $account } is logged out, and forgotten here. A new login with this number within 30 days keeps its proxy.
restored = { $account } is back.
leaving-gone = It is gone already.
leaving-not-online = Nothing was done: it must be connected for that ({ $state }). Start or reconnect it first, or end the session in Telegram: Settings → Devices.
leaving-no-session = Nothing was done: there is no session here that could be ended ({ $state }). “Forget here” takes the account out of every list.
leaving-needs-force = Nothing was done: this number may never log in again, so I ask first: by “Stop” or “More…” on its card.
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

    <b>What happened</b> ({ $zone }, the newest first)
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
why-read = its last messages were looked at
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
next-asleep = nothing to do; it connects when something is to be sent.
