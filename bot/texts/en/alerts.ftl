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
    Only Telegram can lift that. What waits to be sent as it: <code>/sent waiting #{ $number }</code>
alert-over = 🟢 <b>{ $account }</b> is back: down { $from } → back { $to }, { $age }.
    It was: { $cause }.
alert-is-back = 🟢 <b>{ $account }</b> is back after { $age }.
remind-needs_login = 🔑 <b>{ $account }</b> needs a login, since { $at }: { $cause }.
    Nothing brings it back but that. I say this every day until it is done.
remind-banned = ⛔ <b>{ $account }</b> is lost since { $at }: { $cause }.
    Only Telegram can lift that. What waits to be sent as it: <code>/sent waiting #{ $number }</code>

alert-stopped = ⚪ <b>{ $account }</b> was down from { $from }; stopped by an operator at { $to }.
    It was: { $cause }.
alert-forgotten = ⚪ <b>{ $account }</b> was down from { $from }; forgotten by an operator at { $to }.
    It was: { $cause }.
alert-logged-out = ⚪ <b>{ $account }</b> was down from { $from }; logged out by an operator at { $to }.
    It was: { $cause }.

about-proxy_country = ⚠️ <b>{ $subject }</b>: its traffic comes out in another country now: { $cause }.
    Nothing was changed. Telegram may ask its accounts to log in again if they seem to travel.
over-proxy_country = ✅ <b>{ $subject }</b>: its traffic comes out in the same country as at first again. It was: { $cause }.
about-proxy_paid = ⏳ <b>{ $subject }</b> is paid until { $cause }.
    Pay it, then tell me the new date: “Price” on its card.
over-proxy_paid = ✅ <b>{ $subject }</b>: nothing is to be paid now. It was paid until { $cause }.
about-lease_lost = 🔴 The provider took <b>{ $subject }</b> away: { $cause }.
    Press “🌐 Proxy”, then “🛒 Take one elsewhere”, or “🚚 Move …” to a proxy that you have.
over-lease_lost = ✅ <b>{ $subject }</b> was replaced. It was: { $cause }.
about-spending = 💶 Today's spending: { $cause }. The limit is the setting DAILY_SPEND_LIMIT.
over-spending = ✅ A new day: the spending limit is free again. It was: { $cause }.
about-provider = ⚠️ The proxy provider refuses us: { $cause }.
    Nothing is bought until that is mended. Accounts keep their proxies.
over-provider = ✅ The proxy provider answers again. It was: { $cause }.

## Backups

backup-failed = ⚠️ No backup can be made{ $host }: { $why ->
    [disk_full] the disk is full. Make room there, or keep fewer: BACKUP_KEEP.
    [not_writable] its folder can’t be written to. See that it is there, that it is a folder, and that Mooring’s user may write in it.
    [damaged] <b>the database is damaged</b>, so a copy would be worth nothing. Look with <code>mooring doctor</code>; if it says so too, stop Mooring, put the database’s file aside (and those beside it that end with -wal and -shm), then <code>mooring restore FILE</code> with the last good backup.
   *[other] { $why }.
 }
    Folder: <code>{ $folder }</code>
backup-host = {" "}on { $host }
backup-none = There is no good backup in it.
backup-newest = The last good one is from { $at }, { $age } ago.
backup-again = I try again every 10 minutes. At once, and elsewhere: <code>mooring backup FILE</code>
backup-over = ✅ The trouble with backups is over: { $from } → { $to }, { $age }. It was: { $why ->
    [disk_full] the disk was full
    [not_writable] their folder could not be written to
    [damaged] the database was damaged
   *[other] { $why }
 }.
about-backup_failed = ⚠️ No backup can be made: { $cause }.
over-backup_failed = ✅ The trouble with backups is over. It was: { $cause }.
alerts-kind-backup_failed = Backup failed

## Frozen accounts

frozen = ❄️ Telegram has frozen <b>{ $account }</b> since { $at }.
    It stays connected and can read, but it can’t write: what you send as it goes out as the bot, or waits, as “If it can’t” on the message’s card says.
frozen-until = Telegram deletes it on { $at } ({ $due }) unless an appeal is granted before.
frozen-appeal = Only Telegram can lift that. Appeal in Telegram’s own app, logged in as this account.
frozen-appeal-at = Only Telegram can lift that. Appeal in Telegram’s own app, logged in as this account: { $url }
frozen-over = ✅ <b>{ $account }</b> is no longer frozen: { $from } → { $to }, { $age }. It can write again.
frozen-forgotten = ⚪ <b>{ $account }</b> was frozen since { $from }; forgotten by an operator at { $to }, after { $age }.
frozen-logged-out = ⚪ <b>{ $account }</b> was frozen since { $from }; logged out by an operator at { $to }, after { $age }.
frozen-banned = 🔴 <b>{ $account }</b> was frozen since { $from }; Telegram banned or deleted it at { $to }, after { $age }.
about-account_frozen = ❄️ Telegram has frozen { $subject }.
over-account_frozen = ✅ { $subject } is no longer frozen.
alerts-kind-account_frozen = Account frozen

## Many accounts with one cause

outage-proxy = 🔴 Proxy <b>{ $proxy }</b> { $fault ->
    [login_rejected] rejects its password
    [secret_refused] rejects its secret
    [refused] refuses connections
    [unreachable] can’t be reached from here
    [timed_out] does not answer
    [name_not_found] can’t be found: its host name has no address
    [closed] closes every connection
    [not_a_proxy] is no proxy of its kind any more
    [dc_blocked] does not let us through to Telegram
    [no_mtproto] leads to something that is not Telegram
   *[other] carries no connection: { $cause }
 }; { $waiting }.
outage-network = 🔴 No proxy can be reached from here: this machine’s network is down, as it seems; { $waiting }.
outage-telegram = 🔴 Telegram can’t be reached: { $cause }; { $waiting }.
outage-waiting = { $count ->
    [one] 1 account waits
   *[other] { $count } accounts wait
 } since { $at }
outage-names = { $names }
outage-more = {" "}and { $count } more
outage-back = { $back } of { $total } are back
outage-rest = ; { $ending ->
    [stopped] { $count } stopped by an operator
    [forgotten] { $count } forgotten by an operator
    [logged_out] { $count } logged out by an operator
   *[turned] { $count ->
        [one] 1 needs an operator now, see its own alert
       *[other] { $count } need an operator now, see their own alerts
     }
 }
outage-over = { $light } { $what } is over: down { $from } → back { $to }, { $age }.
outage-short-proxy = The trouble with proxy <b>{ $proxy }</b>
outage-short-network = The network’s trouble
outage-short-telegram = Telegram’s trouble
outage-was = It was: { $cause }.
outage-is-over = 🟢 It is over after { $age }: { $back } of { $total } accounts are back.

## Which alerts are told

alerts = <b>Alerts</b>
    What I tell by myself:
alerts-line = { $state ->
    [fixed] 🔒
    [on] 🔔
   *[off] 🔕
 } { $kind }: { $state ->
    [fixed] always, because nobody but you can mend it
    [on] on
   *[off] off
 }
alerts-kind-offline = Connection lost
alerts-kind-outage = Many accounts at once
alerts-kind-needs_login = Login needed
alerts-kind-banned = Account banned
alerts-kind-lease_lost = Proxy lost
alerts-kind-proxy_country = Proxy in another country
alerts-kind-proxy_paid = Proxy to be paid
alerts-kind-spending = Spending limit
alerts-kind-provider = Proxy provider
alerts-kind-storage = Database
alerts-kind-recovery = Summary after a start
alerts-muting = One account alone is muted by the button on its alert.
alerts-set = { $kind }: { $state ->
    [on] on again.
   *[off] off.
 }
alerts-set-already = That is so already.
alerts-set-fixed = That can’t be switched off: nobody but you can mend it.
mute-not = <b>{ $account }</b> is not muted.
mute-until = 🔕 <b>{ $account }</b> is muted until { $at }.
mute-forever = 🔕 <b>{ $account }</b> is muted until you end it.
mute-what = While it is muted I don’t say when it is down. That it needs a login or is banned I say all the same.
mute-important = ⚠️ It is an important account: its alerts come all the same.
below = 👇
reconnect-all-none = None of them waits any more.
reconnect-all = { $count ->
    [one] 1 account dials anew.
   *[other] { $count } accounts dial anew.
 }
button-card-of = 👤 Account
button-mute-for = 🔕 Mute { $hours ->
    [168] 7 days
   *[other] { $hours } h
 }
button-mute-forever = 🔕 Mute until I end it
button-unmute = 🔔 Unmute
button-alerts = 🔔 Alerts
button-alerts-off = 🔕 { $kind }
button-alerts-on = 🔔 { $kind }
button-password = ✏️ Change password
button-reconnect-all = 🔌 Reconnect { $count ->
    [one] it
   *[other] all { $count }
 }

## Recovery

recovery = { $light } <b>{ $back } of { $total }</b> back in { $took } { $after ->
    [crash] after a crash
    [beside] by a process that joined the others
   *[graceful] after a restart
 }{ $rest }
recovery-off = Mooring was off { $from } → { $to }, { $age }. { $incidents ->
    [0] No incident was open.
    [one] 1 incident was open, its alert goes on.
   *[other] { $incidents } incidents were open, their alerts go on.
 }
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
button-mute = 🔕 Mute…
