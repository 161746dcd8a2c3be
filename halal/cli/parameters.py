"""Kinds of values that several commands take, with the sentence for what is none of them."""

import click
from email_validator import EmailNotValidError, validate_email

from halal import regions
from halal.text import clean_line, email_key, slugify


class Slug(click.ParamType):
    """A short name for addresses: small letters, digits and hyphens."""

    name = "slug"

    def convert(self, value, param, ctx) -> str:
        if value != slugify(value):
            raise click.ClickException(
                f"{value!r} is not a short name for addresses: small letters, digits and hyphens, "
                "for example 'dinas-pangan-banten'."
            )
        return value


class Email(click.ParamType):
    """An e-mail address, as accounts are stored and looked up by it."""

    name = "e-mail"

    def convert(self, value, param, ctx) -> str:
        address = email_key(value)
        try:
            validate_email(address, check_deliverability=False, test_environment=True)
        except EmailNotValidError:
            raise click.ClickException(f"{value!r} is not an e-mail address. Write it like nama@dinas.go.id.") from None
        return address


class Name(click.ParamType):
    """A name: one line with at least one letter."""

    name = "name"

    def convert(self, value, param, ctx) -> str:
        line = clean_line(value)
        if not any(letter.isalpha() for letter in line):
            raise click.ClickException(f"{value!r} is not a name. Write it out, between quotation marks.")
        return line


class RegionCode(click.ParamType):
    """A province, regency or city, by its code or its name; gives the code."""

    name = "region"

    def convert(self, value, param, ctx) -> str:
        if regions.find(value.strip()):
            return value.strip()
        found = regions.named(value)
        if len(found) == 1:
            return found[0].code
        if found:
            choices = ", ".join(f"{region.code} ({region.name})" for region in found)
            raise click.ClickException(f"{value!r} may be one of several regions. Write its code: {choices}.")
        near = ", ".join(f"{region.code} ({region.name})" for region in regions.similar(value))
        hint = f" Did you mean {near}?" if near else ""
        raise click.ClickException(
            f"There is no region with the code or name {value!r}; see halal/data/regions.csv.{hint}"
        )
