## Who may use the bot

people = <b>Who may use me</b>
people-line = { $name } – { $role }
people-roles = A viewer looks. An operator acts on accounts, proxies and messages. An owner also lets people in, takes sessions out and ends them for good.
person = <b>{ $name }</b>
    { $role ->
        [owner] Owner
        [operator] Operator
       *[viewer] Viewer
    }, Telegram id { $id }
person-named = ADMIN_IDS in the settings lets them in; the chat can give them more, not less.
person-ask = Put { $name } out? They can’t look or act any more from their next press on.
person-set = Done.
person-not = { $why ->
        [last_owner] They are the last owner: make somebody else one first.
        [named] ADMIN_IDS in the settings lets them in: change it there and restart.
       *[gone] They are gone already.
    }
invitation = This link makes the first person who opens it within { $minutes } minutes { $role ->
        [owner] an <b>owner</b>
        [operator] an <b>operator</b>
       *[viewer] a <b>viewer</b>
    }. Send it to nobody else.
    { $link }
role-needed = { $needed ->
        [owner] Only an owner may do that.
       *[operator] You may look, not act: ask an owner for more.
    }
not-for-you = These buttons are for the operators of this bot.
too-fast = That was too much at once; I left some of it out. Wait a few seconds.
button-invite = Invite { $role ->
        [owner] an owner
        [operator] an operator
       *[viewer] a viewer
    }
button-role = Make { $role ->
        [owner] an owner
        [operator] an operator
       *[viewer] a viewer
    }
button-put-out = Put out
button-people = 👥 Who may use me
