## Menu commands

command-start = Menu
command-status = How everything is
command-accounts = Your accounts
command-proxies = Your proxies
command-send = Send a message
command-sent = What was sent, waits or failed
command-pause = Pause all sending
command-add_account = Log an account in
command-help = What I can do

## Home

home = <b>Mooring</b>
    Keeps your accounts connected, each behind its own proxy.

    { $summary }
help = <b>What I can do</b>
    /status – how everything is
    /accounts – your accounts: reconnect, send, log in; any text that I did not ask for searches them
    /a17, /account bob – one account
    /reconnect – all that are down, or <code>/reconnect 17</code>
    /proxies – your proxies: how they fare, change, move
    /add_proxy – add some: a line each, or a text file
    /costs – what they cost
    /add_account – log an account in: phone number, code, password
    /send – send a message as one of your accounts, or in one line: <code>/send @robert at 18:30 hello</code>
    /draft – the same, but its card goes to the admin chat
    /sent – what was sent, waits or failed: <code>/sent failed</code>, <code>/sent @bob</code>, <code>/sent #7</code>
    /uptime – a picture of who was connected when: <code>/uptime 17</code>, <code>/uptime 7d</code>
    /events – what happened, the newest first: <code>/events 17</code>, <code>/events proxies</code>
    /pause, /resume – pause all sending, and let it go on
    /fallback – what happens when an account can’t send
    /why 17 – why it is as it is, and what comes next
    /alerts – what I tell you of by myself
    /settings, /operators – what is set, and who may use me
    /instances – the processes that share the accounts
    /cancel – leave what I asked you

    { legend }
cancelled = OK, left.
nothing-to-cancel = There is nothing to leave. /start shows the menu.
not-understood = I don’t know what to do with that. Here is the menu:
text-expected = I need a text message here. /cancel to leave.
press-again-later = No answer within 2½ minutes. The order stands and may still be carried out. Look again in a minute before you repeat it.
stale = That has changed meanwhile; here is how it is now.
fault = Something went wrong on my side. It is in the log; please try again.
fault-storage = My database is busy or out of reach, so nothing was done. Please try again in a minute. The accounts stay connected meanwhile.

## Status

legend = <b>The lights</b>
    🟢 connected
    🟡 connecting, or trying again
    ⏳ Telegram asks to wait
    🔴 needs you, or gave up for now
    ⚪ stopped, or its login is not finished
    Connected means that the line to Telegram stands. Others do not see the account as online because of it.
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
status-button-legend = 🚦 Legend
status-button-uptime = 📈 Uptime
status-button-events = 📜 Events
status-live = 🔁 Refreshes itself until { $at }.
status-as-of = 🕒 As of { $at }; it does not refresh itself any more.
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
status-monitor-late = ⚠️ Monitoring has not looked for { $age }. Is it running? On the server: <code>mooring status</code>
status-silent = ⚠️ The process that runs the accounts fell silent { $age } ago. What is shown is from then. Is it running? On the server: <code>mooring status</code>
status-backup = 💾 Last backup: { $age } ago.
status-no-backup = 💾 No backup yet.
status-backups-unread = ⚠️ How old the last backup is can’t be told: { $why }.
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

## The database

alert-storage = ⚠️ <b>The database can't be written</b> since { $at }: { $cause }.
    The accounts stay connected, and what is to be written waits. I try again every 5 s.
alert-storage-over = ✅ The database could not be written from { $at } for { $age }. It can again, and nothing was lost.
