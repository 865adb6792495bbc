"""What does an administrator set up in the browser? Teams, their people and words, and what was kept elsewhere."""

from flask import Blueprint

from web.setup import importing, staff, teams, texts

pages = Blueprint("setup", __name__, url_prefix="/setup")
for part in (teams, staff, texts, importing):
    pages.register_blueprint(part.pages)
