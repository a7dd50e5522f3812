"""What went wrong, in one line; a traceback is for our own faults."""

from __future__ import annotations

import logging
import sqlite3
from typing import Any

import click
from sqlalchemy.exc import ProgrammingError

from quizzer.config import SettingsError
from quizzer.errors import QuizzerError
from quizzer.services.submitting import GraderError
from quizzer.store.patience import AWAY, name_reason

_LOG_FORMAT = "%(levelname)s %(name)s: %(message)s"


class OneLineErrors(click.Group):
    """Commands whose known errors end them with one line."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - click's signature
        """Run the command that was asked for."""
        logging.basicConfig(level=logging.WARNING, format=_LOG_FORMAT)
        try:
            return super().invoke(ctx)
        except (QuizzerError, GraderError, SettingsError) as error:
            raise click.ClickException(" ".join(str(error).split())) from error
        except sqlite3.Error as error:
            raise click.ClickException(f"The queue does not work ({error}).") from error
        except (*AWAY, ProgrammingError) as error:  # the last one where PostgreSQL has no tables
            message = (
                f"The database does not work ({name_reason(error)}). "
                "Has `quizzer upgrade` been run?"
            )
            raise click.ClickException(message) from error
        except OSError as error:
            raise click.ClickException(str(error)) from error
