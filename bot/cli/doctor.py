"""`mooring doctor`: whether everything is there that Mooring needs, and how to mend what is not."""

import argparse
import math
from typing import Any

from bot.cli.common import OK, UNWELL
from bot.cli.output import show, show_json
from bot.cli.tables import printable
from bot.doctor import checkup
from bot.doctor.findings import Finding, Verdict
from bot.logs import set_up
from bot.settings import Settings, load

_SIGNS = {Verdict.OK: "✓", Verdict.WARN: "!", Verdict.BAD: "✗"}
_CHECK_WIDTH = 16


def add_to(commands: Any) -> None:  # noqa: ANN401 - argparse names its subparsers privately
    parser = commands.add_parser(
        "doctor",
        help="check everything that Mooring needs, and say how to mend it",
        description="Checks settings, database, secret key, backups, disk, open files, the Bot "
        "API, the clock, and the way to each data centre, directly and through each proxy; beside "
        "a running Mooring or without one. It changes nothing and uses no account. The exit code "
        f"is 0 where nothing is bad, and {UNWELL} where something is.",
    )
    parser.add_argument("--json", action="store_true", help="as JSON")
    parser.add_argument(
        "--limit",
        type=_seconds,
        default=checkup.LIMIT_S,
        metavar="SECONDS",
        help=f"how long the network's checks may take in all ({checkup.LIMIT_S:g})",
    )
    parser.set_defaults(act_without_settings=_doctor)


def _seconds(text: str) -> float:
    try:
        limit_s = float(text)
    except ValueError:
        limit_s = math.nan
    if not 0 < limit_s <= 3600:
        raise argparse.ArgumentTypeError("a number of seconds up to 3600 is wanted")
    return limit_s


async def _doctor(arguments: argparse.Namespace) -> int:
    found: list[Finding] = []

    def tell(finding: Finding) -> None:
        found.append(finding)
        if not arguments.json:
            show(as_text(finding))

    await checkup.examine(_load, tell, limit_s=arguments.limit)
    if arguments.json:
        show_json(as_json(found))
    else:
        show("\n" + summary(found) + "\n")
    return UNWELL if any(f.verdict is Verdict.BAD for f in found) else OK


def _load() -> Settings:
    settings = load()
    set_up("ERROR", settings.secrets)  # what goes wrong is in the report
    return settings


def as_text(finding: Finding) -> str:
    """A line with sign and word, and one that says how to mend it."""
    sign, verdict = _SIGNS[finding.verdict], str(finding.verdict)
    check = finding.check.ljust(_CHECK_WIDTH)
    line = f"{sign} {verdict:<4}  {check}  {finding.words}  ({_took(finding.took_s)})"
    mend = f"\n         {' ' * _CHECK_WIDTH}→ {finding.mend}" if finding.mend else ""
    return "\n".join(printable(part) for part in (line + mend).split("\n")) + "\n"


def summary(found: list[Finding]) -> str:
    counts = {verdict: sum(f.verdict is verdict for f in found) for verdict in Verdict}
    if not counts[Verdict.WARN] and not counts[Verdict.BAD]:
        return f"All {len(found)} checks are well."
    return ", ".join(f"{count} {verdict}" for verdict, count in counts.items()) + "."


def as_json(found: list[Finding]) -> dict[str, Any]:
    return {
        "is_well": all(f.verdict is not Verdict.BAD for f in found),
        "checks": [
            {
                "check": finding.check,
                "verdict": finding.verdict,
                "words": finding.words,
                "mend": finding.mend or None,
                "took_ms": round(finding.took_s * 1000),
            }
            for finding in found
        ],
    }


def _took(took_s: float) -> str:
    return f"{took_s * 1000:.0f} ms" if took_s < 1 else f"{took_s:.1f} s"
