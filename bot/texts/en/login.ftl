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
