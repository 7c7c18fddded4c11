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
