"""A program that calls the API for somebody."""

from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tracker.model import Person
from web.api.access import token_for


@dataclass
class Program:
    """It sends JSON with a bearer token, and keeps no cookies."""

    client: FlaskClient
    token: str = ""
    answers: list[TestResponse] = field(default_factory=list)

    @classmethod
    def of(cls, app: Flask, person: Person) -> "Program":
        """One that acts for that person."""
        key = app.extensions["tracker"].settings.signing_key
        return cls(app.test_client(use_cookies=False), token_for(person, key))

    def get(self, path: str, **asked: Any) -> TestResponse:
        """Ask for something below /api/v1."""
        return self.send("GET", path, query_string=asked)

    def post(self, path: str, headers: dict[str, str] | None = None, **fields: Any) -> TestResponse:
        """Send an object there."""
        return self.send("POST", path, json=fields, headers=headers)

    def send(
        self, method: str, path: str, headers: dict[str, str] | None = None, **more: Any
    ) -> TestResponse:
        """Send whatever it is."""
        sent = {"Authorization": f"Bearer {self.token}", **(headers or {})}
        answer = self.client.open(f"/api/v1{path}", method=method, headers=sent, **more)
        self.answers.append(answer)
        return answer
