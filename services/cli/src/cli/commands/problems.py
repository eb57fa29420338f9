"""photo-factory problems: what needs a person, grouped by cause."""

import json
from collections.abc import Mapping, Sequence
from typing import Annotated

import typer
from photo_factory.overview import Problem, ProblemGroup, read_problem_groups, read_problems
from photo_factory.problems import IMPORT_SCOPE
from photo_factory.settings import Settings

from cli.commands.scope import HELP, check_scope
from cli.commands.session import FINDINGS, database, fail, load_settings
from cli.commands.wording import count, printable
from cli.dates.unsure import show_unsure

Cause = tuple[str, str]


def problems(
    *,
    stage: Annotated[str | None, typer.Option(help=HELP)] = None,
    examples: Annotated[int, typer.Option(min=1, max=1000, help="Files shown per cause.")] = 10,
    is_dates: Annotated[
        bool, typer.Option("--dates", help="Show the dates that are not sure instead.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for other programs.")] = False,
) -> None:
    """Show what failed and needs you, by cause. Ends with 1 if there is anything."""
    settings = load_settings()
    scope = check_scope(stage)
    if is_dates:
        _review_dates(settings, examples, scope, as_json=as_json)
        return
    with database(settings) as connection:
        groups = read_problem_groups(connection, scope)
        found = {
            (group.scope, group.code): read_problems(connection, group.scope, examples, group.code)
            for group in groups
        }
    if as_json:
        typer.echo(json.dumps(as_document(groups, found), indent=2))
    else:
        typer.echo("\n".join(as_lines(groups, found)))
    if groups:
        raise typer.Exit(FINDINGS)


def _review_dates(settings: Settings, examples: int, scope: str | None, *, as_json: bool) -> None:
    if scope is not None:
        fail("Dates belong to no stage. Give --dates without --stage.")
    with database(settings) as connection:
        has_any = show_unsure(connection, examples, as_json=as_json)
    if has_any:
        raise typer.Exit(FINDINGS)


def as_document(
    groups: Sequence[ProblemGroup], found: Mapping[Cause, Sequence[Problem]]
) -> dict[str, object]:
    """The problems under the keys of `problems --json`."""
    return {
        "total": sum(group.count for group in groups),
        "groups": [
            {
                "scope": group.scope,
                "code": group.code,
                "count": group.count,
                "message": group.message,
                "first_since": group.first_since.isoformat(),
                "last_since": group.last_since.isoformat(),
                "examples": [
                    {
                        "id": problem.id,
                        "path": problem.path,
                        "message": problem.message,
                        "since": problem.since.isoformat(),
                        "attempts": problem.attempts,
                    }
                    for problem in found[group.scope, group.code]
                ],
            }
            for group in groups
        ],
    }


def as_lines(groups: Sequence[ProblemGroup], found: Mapping[Cause, Sequence[Problem]]) -> list[str]:
    """The problems for people: a paragraph per cause."""
    if not groups:
        return ["No problems."]
    total = sum(group.count for group in groups)
    lines = [f"{count(total, 'problem')}, {count(len(groups), 'cause')}"]
    for group in groups:
        shown = found[group.scope, group.code]
        lines += ["", f"{group.scope}: {printable(group.code)}, {count(group.count, 'file')}"]
        lines += [f"  {printable(group.message)}"] if group.message else []
        lines += [_line(problem) for problem in shown]
        if group.count > len(shown):
            lines.append(f"  … and {group.count - len(shown):,} more")
    scopes = {group.scope for group in groups}
    lines.append("")
    if scopes != {IMPORT_SCOPE}:
        lines.append("Try again with: photo-factory retry --stage … --code … (or numbers, --all)")
    if IMPORT_SCOPE in scopes:
        lines.append("Files of an import: run the same import again.")
    return lines


def _line(problem: Problem) -> str:
    since = problem.since.astimezone().strftime("%Y-%m-%d %H:%M")
    return f"  {problem.id:>6}  {since}  {printable(problem.path)}"
