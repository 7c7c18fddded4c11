"""The people who may use the bot, and what each may do."""

from collections.abc import Sequence

from bot.callbacks import Go, Invite, OnPerson, PersonAct, Room
from bot.people import Person
from bot.texts import Html, Texts
from bot.views.view import Button, View, back, in_columns, lines, rows
from storage.operators import Role


def listing(t: Texts, people: Sequence[Person]) -> View:
    """Everybody, and links for more."""
    shown = [t("people-line", name=_name(p), role=str(p.role)) for p in people]
    opening = [(_name(p), OnPerson(act=PersonAct.SHOW, id=p.user_id)) for p in people]
    inviting: list[Button] = [
        (t("button-invite", role=str(role)), Invite(role=role)) for role in Role
    ]
    text = lines([t("people"), *shown, "", t("people-roles")])
    return View(text, rows(*in_columns(opening, 2), inviting, [_back(t)]))


def card(t: Texts, person: Person, *, said: Html | str = "") -> View:
    """One person, and what an owner can do about them; `said` is what a press led to."""
    text = t("person", name=_name(person), role=str(person.role), id=str(person.user_id))
    parts = [text]
    if person.is_named:
        parts.append(t("person-named"))
    if said:
        parts.append(Html(said))
    others: list[Button] = [
        (
            t("button-role", role=str(role)),
            OnPerson(act=PersonAct.ROLE, id=person.user_id, role=role),
        )
        for role in Role
        if role is not person.role
    ]
    out: Button = (t("button-put-out"), OnPerson(act=PersonAct.PUT_OUT, id=person.user_id))
    return View(lines(parts), rows(others, [out], [_to_all(t)]))


def ask(t: Texts, person: Person) -> View:
    """Whether somebody is really to be put out."""
    out: Button = (t("button-put-out"), OnPerson(act=PersonAct.PUT_OUT_NOW, id=person.user_id))
    return View(t("person-ask", name=_name(person)), rows([out], [_to_all(t)]))


def invited(t: Texts, role: Role, link: str, minutes: int) -> View:
    """The link that lets one person in."""
    words = t("invitation", role=str(role), link=link, minutes=minutes)
    return View(words, rows([_to_all(t)]))


def _to_all(t: Texts) -> Button:
    return (t("button-back"), Go(room=Room.PEOPLE))


def _back(t: Texts) -> Button:
    return back(t, Room.SETTINGS)


def _name(person: Person) -> str:
    return person.name or str(person.user_id)
