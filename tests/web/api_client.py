"""A program that calls the API for somebody."""

from dataclasses import dataclass
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from tracker.model import Person
from web.api.access import token_for


@dataclass
class Program:
    """It sends JSON with a bearer token. Answers are test responses, `Any` because of what their JSON may be."""

    client: FlaskClient
    token: str = ""

    @classmethod
    def of(cls, app: Flask, person: Person) -> "Program":
        """One that acts for that person, and keeps no cookies."""
        key = app.extensions["tracker"].settings.signing_key
        return cls(app.test_client(use_cookies=False), token_for(person, key))

    def get(self, path: str, **asked: Any) -> Any:
        """Ask for something below /api/v1."""
        return self.send("GET", path, query_string=asked)

    def post(self, path: str, **fields: Any) -> Any:
        """Send an object there."""
        return self.send("POST", path, json=fields)

    def send(self, method: str, path: str, headers: dict[str, str] | None = None, **more: Any) -> Any:
        """Send whatever it is."""
        sent = {"Authorization": f"Bearer {self.token}", **(headers or {})}
        return self.client.open(f"/api/v1{path}", method=method, headers=sent, **more)
