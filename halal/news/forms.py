"""The shape of an article."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import BooleanField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length

from halal import formats
from halal.events.models import Event
from halal.fields import Marked

BODY_MAX = 60_000


class ArticleForm(Marked, FlaskForm):
    """`cover_file` carries the key of a picture that is already stored."""

    title = StringField(
        _l("Title"),
        [InputRequired(_l("Write a title.")), Length(max=200, message=_l("At most %(max)d characters."))],
    )
    summary = TextAreaField(
        _l("Summary"),
        [Length(max=300, message=_l("At most %(max)d characters."))],
        description=_l("One or two sentences for lists and WhatsApp previews. Empty: the text's beginning."),
        render_kw={"rows": 2},
    )
    body = TextAreaField(
        _l("Text"),
        [Length(max=BODY_MAX, message=_l("At most %(max)d characters."))],
        render_kw={"rows": 18},
    )
    event_id = SelectField(_l("About the event"), coerce=lambda value: int(value) if value else None)
    cover = FileField(
        _l("Cover picture"),
        description=_l("JPEG, PNG or WebP up to 10 MB. The place and time that phones hide in pictures are removed."),
        render_kw={"accept": "image/jpeg,image/png,image/webp,image/gif"},
    )
    cover_alt = StringField(
        _l("What the picture shows"),
        [Length(max=200, message=_l("At most %(max)d characters."))],
        description=_l("For people who cannot see it, for example: Participants fill in the form together."),
    )
    remove_cover = BooleanField(_l("Remove the picture"))
    cover_file = HiddenField()

    def offer(self, events: list[Event]) -> None:
        """The events that the article may be about."""
        labels = [
            (event.id, f"{event.title} ({formats.date_only(event.starts_at, event.timezone)})") for event in events
        ]
        self.event_id.choices = [SelectChoice("", _l("No event")), *(SelectChoice(*label) for label in labels)]
