"""How the stages of a facilitation are called in the interface."""

from flask_babel import lazy_gettext as _l

from halal.facilitation.models import Stage

STAGES = {
    Stage.REGISTERED: _l("On the register"),
    Stage.NIB_READY: _l("NIB ready"),
    Stage.SUBMITTED: _l("Submitted"),
    Stage.CERTIFIED: _l("Halal-certified"),
    Stage.STUCK: _l("Stuck"),
}
_TONES = {Stage.CERTIFIED: "gold", Stage.STUCK: "bad", Stage.SUBMITTED: "info", Stage.NIB_READY: "info"}


def badge(stage: Stage) -> tuple[str, str]:
    """Words and tone of a stage's badge."""
    return str(STAGES[stage]), _TONES.get(stage, "neutral")
