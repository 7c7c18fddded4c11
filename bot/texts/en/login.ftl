## Logging in

login-in-private = Logging in needs a code and maybe a password. Let us do that in our private chat.
login-account-in-private = Logging { $account } in needs a code and maybe a password: go on in our private chat.
login-ask-phone = <b>Add an account</b>
    Which number? Send it with the country code, for example <code>+44 20 7946 0000</code>.
    A phone that is logged in can scan a QR code instead, and then no code is sent. A session that another program made can be taken over.
    I only log in to accounts that exist; I never register one.
login-button-qr = 📷 QR code
login-button-import = 📥 Import a session
login-bad-phone = That is no phone number: { $reason }.
    /cancel to leave.
login-no-such-phone = Telegram knows no such number. Send it again, with the country code, or /cancel.
login-connecting = Connecting to Telegram through { $proxy } …{ $full }
login-proxy-full = {""}
    ⚠️ That proxy carries { $accounts } accounts with this one; { $capacity } is what it should. /add_proxy for more.
login-connecting-plain = Connecting to Telegram …

## The code

login-code = <b>Login code for { $phone }</b>
    { $via }
login-keys = Type it here, on the keys: Telegram makes a code worthless that is sent in a chat.

    <code>{ $typed }</code>
login-via-app = Telegram sent it to the account’s other devices.
login-via-sms = Telegram sent it by SMS.
login-via-call = Telegram calls the number and says it.
login-via-flash_call = Telegram calls the number and hangs up. The code is all digits of the number that called: { $where }.
login-via-missed_call = Telegram calls the number and hangs up. The code is the last { $length } digits of the number that called; it begins with { $where }.
login-via-email = Telegram sent it by e-mail to { $where }.
login-via-fragment = It is on Fragment, where the number was bought.
login-via-word = Telegram sent a word by SMS, and I can only take digits. Have the code sent another way, or log in by QR code.
login-via-phrase = Telegram sent some words by SMS, and I can only take digits. Have the code sent another way, or log in by QR code.
login-via-other = Telegram sent it.
login-email-reset = Nobody can read that mailbox any more? In Telegram’s own app the address can be reset; that takes { $age }.
login-button-fragment = Open Fragment
login-button-end = ✅ That is all
login-resend-sms = 📨 Send it by SMS
login-resend-call = 📞 Say it by a call
login-resend-flash_call = 📞 Call and hang up
login-resend-missed_call = 📞 Call and hang up
login-resend-fragment = Put it on Fragment
login-resend-later = { $label } (in { $age })
login-resend-wait = Telegram allows that in { $age }.
login-button-qr-instead = 📷 QR code instead
login-checking = Checking with Telegram …

## The picture

login-picture = <b>Scan this with the account’s phone</b>
    In Telegram there: Settings → Devices → Link Desktop Device. The account that scans it is the one that I add.
    The picture changes by itself every half a minute, for five minutes. If it stopped changing, ask for a new one.
login-picture-waits = I wait for the picture above to be scanned. /cancel to leave.
login-button-anew = 🔄 New picture
login-button-go-on = ▶️ Go on with the login
login-button-discard = ✖️ End the new login
login-discarded = Ended. The account that was here before is as it was.

## The password

login-the-account = The account
login-password = <b>Two-step verification</b>
    { $phone } has a password. Send it to me; I use it once, keep it nowhere, and delete your message.
login-hint = Hint: { $hint }
login-password-reset = Somebody asked Telegram to reset this password. It is off in { $age }; you can log in without it then.
login-password-kept = I could not delete your message; delete it yourself, it holds the password.

## How it ended

login-done = { $account } is logged in and stays on its own proxy from now on{ $proxy }.{ $full }
login-proxy = {": "}{ $proxy }
login-cancelled = Left. { $forgotten ->
    [yes] Nothing is kept of it.
   *[no] What was begun is kept; “Log in” on the account goes on with it.
 }
login-error-already_enrolled = { $account } is here already.
login-error-no_proxy = No proxy works and has room for one more account. Add one first: an account keeps its proxy for good.
login-error-no_connection = There was no connection to Telegram through the account’s proxy. Check the proxy, then try again.
login-error-flood = Telegram asks to wait { $age } before the next try with this number. Nobody can shorten that. Come back then: “Log in” on its card, or add it again.
login-error-code_invalid = That was not the code. Type it again.
login-error-code_expired = That code has expired. Ask for a new one.
login-error-password_invalid = That was not the password. Send it again, or /cancel.
login-error-password_changed = The password was changed just now. Send the new one, or /cancel.
login-error-password_protected = Telegram wants the password before it sends a code to this number. Log in by QR code from a phone that is logged in.
login-error-phone_invalid = Telegram says that the number of { $account } is none. If it has another one by now, a phone that is logged in can scan a QR code instead.
login-error-phone_banned = Telegram has banned this number.
login-error-phone_flood = Telegram refuses more codes for this number for now. Try again in a day, or use a phone that is logged in.
login-error-deleted = Telegram has deleted this account.
login-error-no_account = There is no Telegram account with this number. Register it in Telegram’s own app first.
login-error-api_id = Telegram rejects API_ID or API_HASH. Check them at my.telegram.org and start me again.
login-error-no_other_way = Telegram has no other way to send the code.
login-error-sms_failed = Telegram could not send an SMS to this number.
login-error-email_setup = Telegram wants an e-mail address for logins of this account first. Set it up in Telegram’s own app, or log in by QR code from a phone that is logged in.
login-error-payment_required = Telegram wants to be paid for a code to this number. Log in in its own app once; after that a QR code will do here.
login-error-update_app = Telegram does not let this version log in with a code. Try a QR code from a phone that is logged in, or a newer version of me.
login-error-restart = Telegram had a fault of its own and wants the login begun anew.
login-error-interrupted = This login was interrupted. Ask for a new code to go on.
login-error-same_user = That is the same Telegram account as { $account }, which stays as it was. The new login stands in its list of devices until it is ended.
login-error-number_taken = That account’s number is written to { $account }, which never logged in. Forget that one here first, then go on: the login is kept.
login-error-other_user = Another account scanned the picture than { $account }, which stays as it was. End that new login on the phone: Settings → Devices.
login-error-qr_timeout = Nobody scanned the picture within five minutes.
login-error-qr_expired = The picture was scanned too late. Ask for a new one.
login-error-gone = That login is over.
login-error-refused = Telegram refuses: { $words }.
login-error-internal = Something went wrong on my side. It is in the log; please try again.

## Taking over a session

import-ask-phone = <b>Import a session</b>
    Which number does it belong to? Send it with the country code, for example <code>+44 20 7946 0000</code>.
import-ask-session = Now send the session: Telethon’s <code>.session</code> file, or a StringSession as text. I delete your message as soon as I have read it.
    ⚠️ A session that runs in two places at once is killed by Telegram for good. Stop the other program first.
    The account will present itself as this program. If it must go on as the other one, take it over on the server: <code>mooring account import</code>.
import-expected = I need a <code>.session</code> file or a StringSession here. /cancel to leave.
import-refused = Not imported: { $reason }.
    /cancel to leave.
import-too-big = That file is larger than 20 MB, more than a bot may fetch. Take it over on the server: <code>mooring account import</code>.
import-not-fetched = I could not fetch that file, or it is empty. Send it again, or /cancel.
import-message-kept = I could not delete your message; delete it yourself. Whoever has that session is logged in.
import-done = { $account } is imported behind { $proxy }, and stopped.
    Does the session still run anywhere else? Two live copies kill it for good.
import-button-start = ▶️ It runs nowhere else: start it
import-button-keep = ⏹ Keep it stopped
import-kept = { $account } stays stopped. Start it once nothing else uses its session.
