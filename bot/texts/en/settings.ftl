## What is set of an account

traits = <b>Settings of { $account }</b>
    Label: { $label }
    Tags: { $tags }
    Country: { $country }
    Importance: { $importance }
traits-none = none
traits-button-label = ✏️ Label
traits-button-tags = 🏷 Tags
traits-button-country = 🌍 Country
traits-button-importance = ⭐ Importance
traits-button-none = None
traits-button-always = Always online: { $on ->
    [yes] yes
   *[no] only when needed
 }
traits-button-one-time = Can log in again with this number: { $on ->
    [yes] no
   *[no] yes
 }
traits-ask-label = What shall { $account } be called? Up to 64 characters, in one line.
traits-ask-tags = Which tags shall { $account } have? Send them all, with spaces between them: letters, digits, - and _. Those it has now and that you leave out go.
traits-ask-country = In which country shall the proxies of { $account } be? Choose one, or send its two letters, for example <code>de</code>.
traits-ask-importance = How important is { $account }? The higher, the sooner it is back after a restart, and the sooner you hear of trouble.
traits-importance-0 = ordinary
traits-importance-1 = important
traits-importance-2 = very important
traits-importance-other = { $importance }
traits-bad-label = That label has { $length } characters, and { $most } fit. Send a shorter one, or /cancel.
traits-bad-tag-empty = There is no tag in that. Send one word or several, or /cancel.
traits-bad-tag-long = A tag has at most { $most } characters. Send them all again, or /cancel.
traits-bad-tag-form = A tag has only letters, digits, - and _. Send them all again, or /cancel.
traits-too-many-tags = An account has at most { $most } tags. Send fewer, or /cancel.
