"""How do promises that were kept elsewhere come in? As a CSV file: first a look at what would happen, then for good.

The file travels with the page between the two, packed: no web process keeps it, any of them can go on.
"""

import base64
import csv
import zlib
from collections import Counter
from contextlib import closing
from io import StringIO

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from tracker.exchange import COLUMNS, Fate, Row, take_each
from tracker.model import Role
from tracker.policy.checks import Refused
from web.auth import my_watch, only
from web.context import house
from web.forms import Line, Typed, complain
from web.i18n import _, ngettext

pages = Blueprint("importing", __name__, url_prefix="/import")
MOST_ROWS = 2_000
"""More would hold up everybody else who writes; the command takes files of any length."""
LARGEST = 1024 * 1024
"""Bytes of a file."""


class FileForm(Typed):
    """The file, as it came or as it was packed into the page before."""

    packed = Line()
    file = Line()


@pages.url_value_preprocessor
def _make_room(_endpoint: str | None, _values: object) -> None:
    """A file is larger than any other form."""
    request.max_content_length = 3 * LARGEST
    request.max_form_memory_size = 2 * LARGEST


@pages.get("")
@only(Role.ADMIN)
def blank() -> ResponseReturnValue:
    """What a file must look like, and where to choose it."""
    return _page(FileForm())


@pages.post("")
@only(Role.ADMIN)
def run() -> ResponseReturnValue:
    """A file that comes in is tried out; the same one, packed, is taken in."""
    form = FileForm(request.form)
    try:
        content = _unpacked(form.packed.data) if form.packed.data else _uploaded()
        rows = _take(_text(content), for_good=bool(form.packed.data))
    except Refused as problem:
        problem.field = "file"
        complain(form, problem)
        return _page(form), 422
    fates = Counter(row.fate for row in rows)
    if not form.packed.data:
        return _page(FileForm(), rows, fates, base64.b64encode(zlib.compress(content)).decode())
    made = fates[Fate.MADE]
    flash(ngettext("1 promise was taken in.", "%(num)s promises were taken in.", made), "success")
    if fates[Fate.REFUSED]:
        return _page(FileForm(), [row for row in rows if row.fate is Fate.REFUSED], fates)
    return redirect(url_for("setup.importing.blank"))


@pages.errorhandler(413)
def _far_too_large(_error: HTTPException) -> ResponseReturnValue:
    """A file that is not even read; what is said elsewhere about typing less helps nobody here."""
    form = FileForm()
    complain(form, _too_large())
    return _page(form), 413


def _uploaded() -> bytes:
    file = request.files.get("file")
    if file is None:
        raise Refused(_("Choose a file that has something in it."))
    with closing(file):
        content = file.read(LARGEST + 1)
    if not content:
        raise Refused(_("Choose a file that has something in it."))
    return _small_enough(content)


def _unpacked(packed: str) -> bytes:
    try:
        return _small_enough(zlib.decompressobj().decompress(base64.b64decode(packed), LARGEST + 1))
    except (ValueError, zlib.error):
        raise Refused(_("The file was lost on its way: choose it again.")) from None


def _small_enough(content: bytes) -> bytes:
    if len(content) > LARGEST:
        raise _too_large()
    return content


def _too_large() -> Refused:
    return Refused(
        _("That file is larger than 1 MB: cut it in two, or use the command `tracker import`."), "file"
    )


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refused(_("That file is no UTF-8 text: save it as CSV in UTF-8.")) from None


def _few_enough(text: str) -> None:
    """Asked before any row is taken in: it is no use to keep others waiting for what is refused."""
    rows = sum(1 for row in csv.reader(StringIO(text, newline="")) if row)
    if rows > MOST_ROWS + 1:  # with the header
        raise Refused(
            _(
                "That file has more than %(most)s rows: cut it in two, or use the command `tracker "
                "import`, which takes any number.",
                most=MOST_ROWS,
            )
        )


def _take(text: str, *, for_good: bool) -> list[Row]:
    """Every row and what became of it. Without `for_good` all is taken back."""
    try:
        _few_enough(text)
        with house().sessions() as session:
            rows = list(take_each(session, StringIO(text, newline=""), now=my_watch().now))
            if for_good:
                session.commit()
    except csv.Error as error:
        raise Refused(_("That file is not CSV: %(why)s.", why=error)) from None
    return rows


def _page(
    form: FileForm, rows: list[Row] | None = None, fates: Counter[Fate] | None = None, packed: str = ""
) -> str:
    return render_template(
        "setup/import.html",
        form=form,
        rows=rows,
        fates=fates or Counter(),
        Fate=Fate,
        packed=packed,
        columns=COLUMNS,
        most=MOST_ROWS,
    )
