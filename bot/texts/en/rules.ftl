## Settings

settings = <b>Settings</b>
    When an account can’t send: { $fallback ->
        [automatic] the bot sends instead
        [ask] I ask you
       *[never] it waits
    }
    Sending is held: { $paused ->
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
