## Settings

settings = <b>Settings</b>
    When an account can’t send: { $fallback ->
        [automatic] the bot sends instead
        [ask] I ask you
       *[never] it waits
    }
    Sending is paused: { $paused ->
        [yes] yes
       *[no] no
    }

    Set in the environment or <code>.env</code>, and read at the start:
settings-line = <code>{ $name }={ $value }</code>
button-fallback = When an account can’t send
command-settings = What is set
command-uptime = A picture of who was connected when
command-events = What happened lately
button-settings = ⚙️ Settings
button-sent = 📜 Sent
button-help = ❔ Help
button-draft = 📝 Draft for the admin chat

## The time zone of each operator

button-zone = 🕒 My time zone
zone = <b>My time zone</b>
    It is { $clock } for you{ $own }.
    In this chat I show times so, and understand times so that you type. Alerts keep the one of the settings.
    Choose another one, or send me its name: <code>Europe/Berlin</code>, <code>Berlin</code> or <code>UTC+3</code>.
zone-own = , as you have set
zone-usual = , as in the settings
zone-button-usual = ↩️ As in the settings: { $zone }
zone-bad = I know no time zone of that name. Send one like <code>Europe/Berlin</code>, <code>Berlin</code> or <code>UTC+3</code>, or /cancel.
event-operator-zone = somebody set their own time zone
