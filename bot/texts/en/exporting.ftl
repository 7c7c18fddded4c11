## Taking a session out

button-export = 📤 Export…
export-in-private = A session is taken out in our private chat only.
export-stops = ⚠️ { $account } is stopped first: two live copies kill a session for good.
export-ask = <b>Take the session of { $account } out</b>
    You get a file, sealed with a passphrase, and I delete its message after a minute. <code>mooring account import</code> opens it. Here the account stays stopped: don’t start it while the file is used elsewhere.

    Send me a passphrase of at least { $shortest } characters. I delete your message, and keep the passphrase nowhere.
export-passphrase-kept = I could not delete your message: please delete it yourself.
export-passphrase-short = That is too short: at least { $shortest } characters. Send another one, or /cancel.
export-working = Stopping it, and sealing its session …
export-not-stopped = it could not be stopped; look at its card
export-not-stopped-yet = it has not stopped yet; try again in a minute
export-why-needs-login = { $account } needs a login, so it has no session that is worth taking out
export-why-banned = { $account } is banned or deleted by Telegram, so it has no session that is worth taking out
export-why-new = the login of { $account } was not finished, so it has no session yet
export-refused = Not exported: { $why }.
export-file = 📤 { $account }, sealed. I delete this after { $shown }.
export-done = { $account } is exported and stopped. Don’t start it here while the file is used elsewhere.
