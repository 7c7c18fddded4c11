## Uptime

uptime-of-all = <b>Uptime, { $days ->
    [1] last 24 hours
   *[7] last 7 days
 }</b>, { $count ->
    [one] one account
   *[other] { $count } accounts
 }
uptime-title = Uptime, { $days ->
    [1] last 24 hours
   *[7] last 7 days
 }
uptime-of-one = <b>{ $account }</b>, { $days ->
    [1] last 24 hours
   *[7] last 7 days
 }
uptime-share = Connected: { $share } of the time
uptime-percent = { $share } %
uptime-unknown = –
uptime-worst = Worst: { $account }, { $share }
uptime-lost = All accounts together were retrying for { $retrying } and down for { $down }.
uptime-lost-one = It was retrying for { $retrying } and down for { $down }.
uptime-reconnects = Reconnects: { $count }; the most in one hour: { $most }, from { $at } ({ $zone })
uptime-no-reconnects = No reconnects
uptime-latency = Slowest proxy: { $proxy }, { $latency } ms on average
uptime-silent = { $count ->
    [one] One proxy answered no check.
   *[other] { $count } proxies answered no check.
 }
uptime-off = Not known: { $age }, in which Mooring did not run. That time is not counted.
uptime-cut = The picture shows the { $shown } worst; { $count ->
    [one] one other account is
   *[other] { $count } other accounts are
 } not in it.
uptime-none = There is no account yet, so there is nothing to draw. /add_account
uptime-drawing = 🎨 Drawing …
uptime-late = The picture took too long to draw. Here is what it would say:
uptime-not-drawn = The picture could not be drawn; the log says why. Here is what it would say:
uptime-not-sent = Telegram did not take the picture now. Here is what it would say:
uptime-usage = I don’t know { $word }. For example <code>/uptime</code>, <code>/uptime 17</code>, <code>/uptime 7d</code> or <code>/uptime 17 7d</code>.
uptime-no-account = There is no account { $word }. /accounts lists them.
uptime-per-hour = Reconnects per hour
uptime-per-proxy = Latency per proxy, the slowest first
uptime-no-answer = no answer
uptime-bar = { $latency } ms{ $failed }
uptime-bar-failed = {" "}· { $share } failed
uptime-over = Latency over { $proxy }
uptime-button-day = 24 h
uptime-button-week = 7 d
uptime-button-all = 📈 All accounts
phase-connected = connected
phase-retrying = retrying
phase-down = down
phase-stopped = stopped
phase-unknown = not known

## Events

events = <b>Events</b>{ $account }, { $group }
    The newest first; times in { $zone }
events-of = {" "}of { $account }
events-line = { $at } { $account }{ $what }{ $cause }{ $by }
events-account = <b>{ $account }</b>:{" "}
events-none = There are none.
events-usage = I don’t know { $word }. For example <code>/events</code>, <code>/events 17</code>, <code>/events proxies</code> or <code>/events 17 login</code>. The groups: all, connection, login, proxies, sending, operators, storage.
events-no-account = There is no account { $word }. /accounts lists them.
events-group-all = everything
events-group-line = connection
events-group-login = login
events-group-proxy = proxies
events-group-send = sending
events-group-people = operators
events-group-store = storage
events-button-older = Older ›
events-button-newer = ‹ Newer
events-button-newest = ⏮ Newest
events-button-everyone = 👤 All accounts
event-by-stranger = , by a stranger: { $who }
event-by-program = , by the program “{ $who }”
event-by-command-line = , on the command line
event-delivery = delivery { $number }:{" "}
event-proxy-route = {" "}({ $before } → { $after })
event-purged = deleted for good, 30 days after it was forgotten
event-login-left = login given up
event-proxy-added = proxy added
event-proxy-removed = proxy removed: no new account gets it
event-proxy-changed = proxy changed
event-proxy-settled = the protocol of a proxy was found out
event-proxy-cost = the price of a proxy was set
event-proxy-country = the country of a proxy was set
event-proxy-kind = a proxy was called static or rotating
event-proxy-kept = a proxy is kept after all
event-proxy-bought = proxy leased
event-proxy-lost = the provider no longer has a proxy
event-proxy-reactivated = the provider still had its proxy: used again
event-proxy-reused = a leased proxy is used again
event-proxy-replaced = got another proxy in the same country
event-proxy-fallback = got another proxy, in another country
event-proxy-release-ordered = a proxy is to be given back
event-proxy-releasing = a proxy that nobody needs will be given back
event-proxy-released = proxy given back
event-delivery-drafted = written
event-delivery-approved = approved
event-delivery-discarded = discarded
event-delivery-waits = waits for its account
event-delivery-settled = settled
event-delivery-edited = edited
event-delivery-deleted = deleted for everyone
event-sending-paused = sending paused
event-sending-resumed = sending goes on
event-sending-fallback = the rule for accounts that can’t send was changed
event-operator-invited = somebody was invited
event-operator-came = came in by an invitation
event-operator-role = somebody got another role
event-operator-put-out = somebody was put out
event-account-frozen = frozen by Telegram: it reads and can’t write
event-account-thawed = no longer frozen
event-account-set = a setting was changed
event-muted = its alerts were muted
event-unmuted = its alerts are told again
event-tagged = accounts were tagged
event-alerts-on = a kind of alerts was switched on
event-alerts-off = a kind of alerts was switched off
event-stranger = somebody who is no operator wrote to the bot
event-backup-made = backed up
event-backup-failed = a backup failed
event-restored = the database was restored from a backup
event-storage-busy = the database could not be written for a while
event-started = Mooring started
event-recovery-empty = nothing to bring back
event-recovered = recovery over: { $back } of { $total } back
event-kind = { $kind }
