"""What the forms ask about an office and the services take."""

from dataclasses import dataclass


@dataclass
class Identity:
    """The letterhead, and the place that zone and regions follow."""

    name: str
    region_code: str
    short_name: str = ""
    parent_name: str = ""
    address: str = ""
    phone: str = ""
    email: str = ""
    website: str = ""


@dataclass
class SignatoryDetails:
    """Somebody who signs; `id` names the row that is being changed."""

    name: str
    title: str
    nip: str = ""
    active: bool = True
    id: int | None = None
