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
proxy-scheme-unknown = protocol not known yet
proxy-login = {", "}login { $login }
proxy-rotating = {": "}the exit address may change
proxy-check-new = Not checked yet; that happens by itself.
proxy-check-well = It works: { $latency } ms, checked { $age } ago.
proxy-check-sick = It does not work: { $fault }. Checked { $age } ago.
proxy-kept = It is kept, and checked every now and then; no new account gets it while it does not work.
proxy-guess = Neither as SOCKS5 nor as HTTP did it answer. If you know what it is, press it below.
proxy-twin = It is the same proxy as another entry. Remove this one.
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
check-twin = It works, and is the same proxy as another entry. Remove this one.
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
lease-late = No answer yet: it may have been bought, or still be. Look at the proxies before you lease another.
lease-country-bad = That is no country’s code. Send two letters such as <code>de</code>, or press Cancel.
lease-no-such-country = That is no country’s code. Nothing was bought.
lease-unknown = The answer was lost: it may have been bought. I find that out within a few minutes and buy nothing twice. Look at the proxies before you lease another.
lease-not-lost = Its provider still has it: nothing was changed.
lease-none-found = Its accounts have no other one yet; the alert says why. If it says that a purchase may have been made, wait until that is found out.
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
price-bad-form = Send an amount, and the day if you like: <code>12.50 2026-12-31</code>. Or <code>-</code>, or /cancel.
price-bad-amount = That amount I can’t read: up to a million, with at most two decimals, such as <code>12.50</code>. Send it again, or /cancel.
price-bad-date = That date I can’t read: it is written <code>2026-12-31</code>. Send it again, or /cancel.
price-bad-past = That day is over. Send the day until which it is paid now, or /cancel.
country-ask = <b>Where is { $proxy }?</b>
    Two letters, such as <code>de</code> or <code>us</code>; <code>-</code> forgets it.
country-bad = That is no country’s code. Send two letters such as <code>de</code> or <code>us</code>, or <code>-</code>. /cancel to leave.
saved = Saved.

## Costs

costs = <b>Costs</b> of { $total ->
    [one] one proxy
   *[other] { $total } proxies
 }
costs-month = A month: { $price }{ $missing }
costs-unpriced = {"; "}{ $count ->
    [one] one has
   *[other] { $count } have
 } no price
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
