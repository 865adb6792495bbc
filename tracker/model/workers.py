"""The processes that do the work by themselves."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from tracker.model.base import Base


class Heartbeat(Base):
    """When a worker last said that it is there. One that falls silent is noticed by its last beat."""

    __tablename__ = "heartbeat"
    worker: Mapped[str] = mapped_column(String(120), unique=True)
    """Host and process."""
    at: Mapped[datetime]
