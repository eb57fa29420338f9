"""The typer application that every command registers with."""

import typer

app = typer.Typer(
    name="photo-factory",
    help="A safe, dated, searchable, backed-up photo library on a home server.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
