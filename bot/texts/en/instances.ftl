## The processes that share the accounts

instances = <b>Instances</b>: { $count ->
    [one] one process
   *[other] { $count } processes
 }{ $words }
instances-line =
    { $light } <b>{ $id }</b> { $state ->
        [draining] draining
        [silent] silent
       *[well] well
    }: { $role ->
        [worker] userbots
        [control] the bot
       *[run] userbots and the bot
    }{ $seats }
instances-seat = , { $seat ->
    [bot] talks with you now
    [house] looks after proxies and backups
   *[other] { $seat }
 }
instances-where = host { $host }, process { $pid }, version { $version }, started { $started } ago, heard { $heard } ago
instances-accounts = { $count ->
    [0] no accounts
    [one] one account
   *[other] { $count } accounts
 }
instances-recovering = bringing accounts back: { $back } of { $total }
instances-legend = 🟢 well · 🟡 draining: hands over its accounts and ends · 🔴 silent: not heard for 15 s; 30 s later others take its accounts over
instances-alone = <b>Instances</b>
    One process runs everything: on SQLite there can’t be several. For several, on one machine or many, Mooring needs PostgreSQL: set DATABASE_URL, take your data there (<code>mooring backup</code>, then <code>restore</code>), and start <code>mooring run --workers 4</code>, or <code>mooring control</code> and any number of <code>mooring worker</code>.
instances-gone = That instance is gone, or is ending already.
instances-drained = { $id } hands over and ends now.
instances-ask = Let <b>{ $id }</b> (process { $pid } on { $host }) hand over and end?
instances-sure = ⚠️ <b>Are you sure?</b>
instances-then-accounts = Its { $count ->
        [one] one account goes
       *[other] { $count } accounts go
    } to { $heirs ->
        [one] the other instance
       *[other] { $heirs } others
    }. Each is offline for a moment, and no alert is sent for it.
instances-then-offline = ⚠️ No other instance can take its accounts over: { $count ->
        [0] what it runs is
        [one] its one account goes
       *[other] its { $count } accounts go
    } <b>offline until another instance starts</b>.
instances-then-silent = ⚠️ No other instance can talk with you: after that <b>nobody answers here</b>, and no alert is sent, until one starts.
instances-then-seats = What it alone does, another one takes over within seconds.
instances-then-end = It finishes what it is sending, and its process ends. It comes back only if something starts it again.
instances-button-drain = 🚪 Drain { $id }…
instances-button-drain-now = 🚪 Drain it
instances-button-drain-all-the-same = ⚠️ Drain it all the same
button-instances = 🖥 Instances
status-processes = 🖥 { $count } processes{ $words }
status-some = , { $count } { $state ->
    [draining] draining
   *[silent] silent
 }

## One that died

instance-place = { $host } (process { $pid })
instance-died = 🔴 The instance on <b>{ $host }</b> (process { $pid }) died: silent since { $at }.
instance-died-then = { $role ->
    [bot] It ran the bot only: no account is concerned.
   *[userbots] { $count ->
        [0] It had no accounts.
       *[other] { $heirs ->
            [0] No other instance can take over its { $count ->
                [one] one account, which is
               *[other] { $count } accounts, which are
             } offline until one starts.
           *[other] Its { $count ->
                [one] one account is
               *[other] { $count } accounts are
             } taken over by { $heirs ->
                [one] another one
               *[other] { $heirs } others
             }.
         }
     }
 }
instance-died-over = { $light } The instance on <b>{ $host }</b> (process { $pid }) died: silent since { $at }.
instance-died-back = { $role ->
    [bot] It ran the bot only: no account is concerned.
   *[userbots] { $count ->
        [0] It had no accounts.
       *[other] { $left ->
            [0] { $count ->
                [one] Its account is back with another one
               *[other] All of its { $count } accounts are back with others
             } after { $age }.
           *[other] { $back } of its { $count } accounts are back with others after { $age }; of the rest I tell by themselves.
         }
     }
 }
about-instance_died = 🔴 An instance died: { $cause }.
over-instance_died = ⚪ An instance died: { $cause }.
about-bot_conflict = ⚠️ Some of what you write and press does not reach me. { $cause ->
        [webhook] A webhook is set for this bot, so Telegram sends everything there: another program uses the same BOT_TOKEN. Take the webhook out, or give one of the two a bot of its own.
       *[poller] Another program fetches it with the same BOT_TOKEN. Of my own processes only one does so at a time, so it is something else: an old copy of Mooring, a test, another bot’s program. Stop it, or give it a bot of its own.
    }
over-bot_conflict = ✅ Everything that you write and press reaches me again. { $cause ->
        [webhook] A webhook was in the way.
       *[poller] Another program with the same BOT_TOKEN was in the way.
    }
status-conflict = ⚠️ Another program takes a part of what you write and press: it uses the same BOT_TOKEN.
alerts-kind-instance_died = Instance died
alerts-kind-bot_conflict = Bot used elsewhere

## One that reaches nothing

outage-network-of = 🔴 The instance on { $places } reaches the database and not Telegram: nothing that it dials answers, while others are connected. Its network is down, as it seems; { $waiting }.
outage-network-everywhere = 🔴 No proxy can be reached by any instance ({ $places }): the network is down, as it seems; { $waiting }.
outage-short-network-of = The trouble with the network of { $places }

## What happened

event-instance-died = an instance died, others take over
event-instance-drain-ordered = an instance was told to hand over and end
event-instance-drained = an instance handed over and ended
